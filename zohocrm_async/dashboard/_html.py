"""Markup out of plain values; what is no markup already is escaped."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape


class Html(str):
    """Text that is markup."""

    __slots__ = ()


_VOID = frozenset({"link", "meta", "rect", "path", "line"})


def tag(name: str, *children: object, **attributes: object) -> Html:
    """Return an element; ``class_`` and ``aria_label`` are written as in HTML.

    Children that are None are left out, as are attributes.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{written}/>")
    return Html(f"<{name}{written}>{join(children)}</{name}>")


def join(children: Iterable[object]) -> Html:
    """Return *children* one after the other."""
    return Html(
        "".join(
            child if isinstance(child, Html) else escape(str(child))
            for child in children
            if child is not None
        )
    )


def moment(when: datetime | None) -> Html:
    """Return a time of day in UTC, which a browser may show in its own zone."""
    if when is None:
        return Html("-")
    return tag("time", f"{when:%Y-%m-%d %H:%M:%S} UTC", datetime=when.isoformat("T", "seconds"))


def figures(rows: Iterable[tuple[str, object]]) -> Html:
    """Return a list of names and what each amounts to."""
    items = (tag("div", tag("dt", name), tag("dd", value)) for name, value in rows)
    return tag("dl", *items, class_="figures")


def table(
    caption: str, headings: Sequence[str], rows: Sequence[Sequence[object]], *, texts: int = 1
) -> Html:
    """Return a table whose first *texts* columns hold words and the others numbers."""
    if not rows:
        return tag("p", "None.", class_="none")

    def kind(index: int) -> str | None:
        return None if index < texts else "number"

    head = tag("tr", *(tag("th", h, scope="col", class_=kind(i)) for i, h in enumerate(headings)))
    body = (
        tag(
            "tr",
            tag("th", row[0], scope="row"),
            *(tag("td", cell, class_=kind(i)) for i, cell in enumerate(row[1:], start=1)),
        )
        for row in rows
    )
    return tag("table", tag("caption", caption), tag("thead", head), tag("tbody", *body))
