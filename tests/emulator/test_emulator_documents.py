"""Texts as documents that other programs open."""

import re
from io import BytesIO
from xml.etree import ElementTree as ET
from zipfile import ZipFile

from zohocrm_async.emulator.documents import document

CONTENT = "<h1>Offer (1)</h1><p>Jo &amp; Söhne<br>10 \\ 2</p>"
LINES = ["Offer (1)", "Jo & Söhne", "10 \\ 2"]


def test_html_is_a_page() -> None:
    """The content stands in its body as it is."""
    page = document(CONTENT, "html").decode()
    assert page.startswith("<!DOCTYPE html>")
    assert f"<body>{CONTENT}</body>" in page


def test_a_word_document_has_a_paragraph_a_line() -> None:
    """Every part of the archive is well-formed."""
    with ZipFile(BytesIO(document(CONTENT, "docx"))) as archive:
        assert archive.testzip() is None
        parts = {name: ET.fromstring(archive.read(name)) for name in archive.namelist()}
    texts = [each.text for each in parts["word/document.xml"].iter() if each.text]
    assert texts == LINES
    assert {"[Content_Types].xml", "_rels/.rels"} < parts.keys()


def test_the_table_of_a_pdf_leads_to_its_objects() -> None:
    """Each entry is the place where an object begins, and the end leads to the table."""
    content = document(CONTENT, "pdf")
    [place] = re.findall(rb"startxref\n(\d+)\n%%EOF$", content)
    table = content[int(place) :]
    assert table.startswith(b"xref\n0 7\n")
    begins = [int(entry) for entry in re.findall(rb"(\d{10}) 00000 n ", table)]
    assert [content[begin:].split(b" ")[0] for begin in begins] == [b"%d" % n for n in range(1, 7)]


def test_a_pdf_escapes_what_ends_a_text() -> None:
    """Parentheses and backslashes."""
    content = document(CONTENT, "pdf")
    assert b"(Offer \\(1\\)) '" in content
    assert b"(10 \\\\ 2) '" in content
    assert "(Jo & Söhne) '".encode("cp1252") in content
