"""The whole page: what stays, around the parts that change."""

from collections.abc import Mapping
from datetime import datetime

from zohocrm_async.dashboard._html import Html, join, moment, tag
from zohocrm_async.dashboard._parts import NAMES

_TABLES = {
    "hours": "Table of the credits that come back",
    "queue": "Table of priorities",
    "budgets": "Table of budgets",
    "errors": "Tables of refusals and errors",
    "calls": "Table of calls",
    "operations": "Table of operations",
    "organisations": "Table of organisations",
}


def organisation_page(
    title: str, at: datetime, parts: Mapping[str, Html], *, query: str, back: bool
) -> Html:
    """Return the page of one organisation; *back* links to the list of them."""
    notices = tag("div", parts.get("notices"), class_="notices", data_part="notices")
    sections = [_section(name, heading, parts) for name, heading in NAMES.items()]
    links = [tag("a", "All organisations", href="./")] if back else []
    links.append(tag("a", "As JSON", href=f"account.json{query}"))
    return _document(title, at, (notices, *sections), links)


def overview_page(at: datetime, parts: Mapping[str, Html]) -> Html:
    """Return the page that lists the organisations of a pool."""
    section = tag(
        "section", tag("h2", "Organisations"), _part("organisations", parts), class_="broad"
    )
    return _document("Zoho CRM", at, (section,), [tag("a", "As JSON", href="account.json")])


def _section(name: str, heading: str, parts: Mapping[str, Html]) -> Html:
    numbers = None
    if name == "allowance":
        numbers = tag("details", tag("summary", "In numbers"), _part("hours", parts))
    wide = "broad" if name in {"allowance", "budgets", "errors", "calls"} else None
    return tag(
        "section",
        tag("h2", heading, id=name),
        _part(name, parts),
        numbers,
        class_=wide,
        aria_labelledby=name,
    )


def _part(name: str, parts: Mapping[str, Html]) -> Html:
    part = tag("div", parts.get(name), data_part=name, class_="part")
    if name not in _TABLES:
        return part
    # Wider than a phone: it scrolls, and by keys only if it takes the focus.
    return tag("div", part, class_="wide", tabindex=0, role="region", aria_label=_TABLES[name])


def _document(title: str, at: datetime, body: tuple[Html, ...], links: list[Html]) -> Html:
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name_="color-scheme", content="light dark"),
        tag("title", f"{title}: credits and slots"),
        tag("link", rel="stylesheet", href="dashboard.css"),
        tag("script", src="dashboard.js", defer="defer"),
    )
    state = tag("p", tag("span", "Not live", id="state", role="status"), ", as of ",
                tag("span", moment(at), id="as-of"), class_="state")  # fmt: skip
    header = tag("header", tag("h1", title), state, tag("nav", *links))
    page = tag("html", head, tag("body", header, tag("main", *body)), lang="en")
    return join((Html("<!doctype html>"), page))
