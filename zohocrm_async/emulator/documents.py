"""A text as a document: HTML, PDF or DOCX, plain but real."""

import html
import re
from collections.abc import Callable, Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

_BREAKS = re.compile(r"<br\s*/?>|</p>|</div>|</h\d>", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]+>")
_ESCAPED = re.compile(rb"([()\\])")
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package'
    '.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_LINKS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="word/document.xml" Type="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships/officeDocument"/></Relationships>'
)
_WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def document(content: str, kind: str) -> bytes:
    """Return *content*, which is HTML, as a document of *kind*: html, pdf or docx."""
    return _MAKERS[kind](content)


def _lines(content: str) -> list[str]:
    return html.unescape(_TAGS.sub("", _BREAKS.sub("\n", content))).strip().split("\n")


def _html(content: str) -> bytes:
    return f"<!DOCTYPE html><html><body>{content}</body></html>".encode()


def _docx(content: str) -> bytes:
    body = "".join(
        f"<w:p><w:r><w:t>{html.escape(line, quote=False)}</w:t></w:r></w:p>"
        for line in _lines(content)
    )
    text = f'<w:document xmlns:w="{_WORDS}"><w:body>{body}</w:body></w:document>'
    archive = BytesIO()
    with ZipFile(archive, "w", ZIP_DEFLATED) as opened:
        opened.writestr("[Content_Types].xml", _TYPES)
        opened.writestr("_rels/.rels", _LINKS)
        opened.writestr("word/document.xml", text)
    return archive.getvalue()


def _pdf(content: str) -> bytes:
    """Write one page, and the table of where its objects begin."""
    lines = [_ESCAPED.sub(rb"\\\1", line.encode("cp1252", "replace")) for line in _lines(content)]
    page = b"BT /F1 11 Tf 14 TL 56 780 Td " + b" ".join(b"(%s) '" % line for line in lines) + b" ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources 6 0 R>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(page), page),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Font<</F1 5 0 R>>>>",
    )
    written, begins = b"%PDF-1.4\n", list[int]()
    for number, each in enumerate(objects, 1):
        begins.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % begin for begin in begins)
    size = len(objects) + 1
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
        % (size, table, size, len(written))
    )


_MAKERS: Mapping[str, Callable[[str], bytes]] = {"html": _html, "pdf": _pdf, "docx": _docx}
