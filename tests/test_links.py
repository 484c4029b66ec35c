"""Links of the documentation lead to a page that is there, and to a heading on it."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?://)([^)\s#]*)#?([^)\s]*)\)")
CODE = re.compile(r"^ *```.*?^ *```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def text_of(page: Path) -> str:
    """Return a page without its examples."""
    return CODE.sub("", page.read_text(encoding="utf-8"))


@cache
def headings(page: Path) -> frozenset[str]:
    """Return what leads to the headings of a page, as pages on GitHub name them."""
    text = re.sub(
        r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    return frozenset(anchor(heading) for heading in HEADING.findall(text))


def anchor(heading: str) -> str:
    """Return what leads to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def broken(page: Path) -> Iterator[str]:
    """Yield the links of a page that lead nowhere."""
    for path, heading in LINK.findall(text_of(page)):
        target = (page.parent / path).resolve() if path else page
        leads = target.exists() and (not heading or heading in headings(target))
        if not leads:
            yield f"{path}#{heading}" if heading else path


@pytest.mark.parametrize("folder", sorted({page.parent for page in PAGES}), ids=lambda f: f.name)
def test_links_lead_somewhere(folder: Path) -> None:
    """Within the project."""
    found = {page.name: list(broken(page)) for page in PAGES if page.parent == folder}
    assert {name: links for name, links in found.items() if links} == {}


def test_a_broken_link_is_seen(tmp_path: Path) -> None:
    """To a page, and to a heading; examples hold none."""
    page = tmp_path / "page.md"
    page.write_text(
        "# One thing: `code`\n"
        "[good](#one-thing-code) [gone](gone.md) [bad](page.md#two) [away](https://example.com)\n"
        "`[no](link.md)`\n```text\n[no](link.md)\n# no heading\n```\n"
    )
    assert list(broken(page)) == ["gone.md", "page.md#two"]
