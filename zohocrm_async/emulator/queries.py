"""Pages of lists, and searches."""

import base64
import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from zohocrm_async.emulator.errors import Refusal
from zohocrm_async.emulator.requests import Incoming

_NUMBERED = 2_000
_MOST_A_PAGE = 200
_TOKEN_SECONDS = 24 * 60 * 60.0
_SORTABLE = ("id", "Created_Time", "Modified_Time")

Row = dict[str, Any]
Found = tuple[list[Row], dict[str, Any]]


def whole_number(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    """Return a whole number of the query, from 1 to *most*.

    Raises:
        Refusal: it is none.
    """
    text = query.get(name)
    if text is None:
        return default
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise Refusal("INVALID_DATA", "the number is out of range", param_name=name, maximum=most)
    return int(text)


_NOTHING_FOLLOWS = {"next_page_token": None, "page_token_expiry": None}


def page_of(rows: list[Row], incoming: Incoming, now: float) -> Found:
    """Return one page of *rows* by number or token, with what is said of it."""
    query = incoming.query
    _check_exclusive(query, "page", "page_token")
    _check_exclusive(query, "cvid", "sort_by")
    per_page = whole_number(query, "per_page", _MOST_A_PAGE, _MOST_A_PAGE)
    key, name, order = _order(query)
    if name != "id" or "ids" in query:
        rows = sorted(rows, key=key)
    bound = _bound(incoming)
    if "page_token" in query:
        number, last = _read_token(query["page_token"], bound, now)
        start = (
            bisect_right(rows, last, key=key)
            if order == "asc"
            else len(rows) - bisect_left(rows, last, key=key)
        )
    else:
        number = whole_number(query, "page", 1, 10**9)
        start = (number - 1) * per_page
        if start + per_page > _NUMBERED and number > 1:
            raise Refusal(
                "DISCRETE_PAGINATION_LIMIT_EXCEEDED",
                "pages by number end at 2,000 records: go on with the page token",
                param_name="page",
            )
    if order == "desc":
        rows = rows[::-1]
    page = rows[start : start + per_page]
    more = start + per_page < len(rows)
    info = {
        "per_page": per_page,
        "count": len(page),
        "page": number,
        "sort_by": name,
        "sort_order": order,
        "more_records": more,
    }
    following = _following(bound, number, key(page[-1]), now) if more else _NOTHING_FOLLOWS
    return page, {**info, **following}


def _following(bound: str, number: int, last: list[Any], now: float) -> dict[str, Any]:
    """Return what leads to the page after *number*, whose last row has the key *last*."""
    expiry = now + _TOKEN_SECONDS
    expires = datetime.fromtimestamp(expiry, UTC).isoformat(timespec="seconds")
    token = _token({"b": bound, "n": number + 1, "k": last, "e": expiry})
    return {"next_page_token": token, "page_token_expiry": expires}


def _order(query: Mapping[str, str]) -> tuple[Callable[[Row], list[Any]], str, str]:
    name = query.get("sort_by", "id")
    order = query.get("sort_order", "desc")
    if name not in _SORTABLE:
        raise Refusal(
            "INVALID_DATA", "the list is not sorted by this", param_name="sort_by",
            supported_values=list(_SORTABLE),
        )  # fmt: skip
    if order not in {"asc", "desc"}:
        raise Refusal("INVALID_DATA", "the order is unknown", param_name="sort_order")
    return (lambda row: [row[name], row["id"]]), name, order


def _check_exclusive(query: Mapping[str, str], one: str, other: str) -> None:
    if one in query and other in query:
        raise Refusal(
            "AMBIGUITY_DURING_PROCESSING",
            "the parameters exclude each other",
            ambiguity_due_to=[{"param_name": one}, {"param_name": other}],
        )


def _bound(incoming: Incoming) -> str:
    """Return what a token belongs to: the path and the rest of the query."""
    rest = sorted((k, v) for k, v in incoming.query.items() if k not in {"page", "page_token"})
    return hashlib.sha256(orjson.dumps([incoming.call.path, rest])).hexdigest()[:16]


def _token(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(value)).decode()


def _read_token(token: str, bound: str, now: float) -> tuple[int, list[Any]]:
    """Return the page's number and the key of the last row before it."""
    try:
        value = orjson.loads(base64.urlsafe_b64decode(token))
        owner, number, last, expiry = value["b"], value["n"], value["k"], value["e"]
    except (ValueError, KeyError, TypeError):
        raise Refusal(
            "INVALID_DATA", "the page token came from no answer", param_name="page_token"
        ) from None
    if owner != bound:
        raise Refusal(
            "TOKEN_BOUND_DATA_MISMATCH", "the page token belongs to another query",
            param_name="page_token",
        )  # fmt: skip
    if expiry <= now:
        raise Refusal("EXPIRED_VALUE", "the page token has expired", param_name="page_token")
    return number, last


def numbered_page_of(rows: list[Row], incoming: Incoming, most: int = _MOST_A_PAGE) -> Found:
    """Return one page of what a search found, by number alone."""
    per_page = whole_number(incoming.query, "per_page", most, most)
    number = whole_number(incoming.query, "page", 1, 10**9)
    end = number * per_page
    if end > _NUMBERED and number > 1:
        raise Refusal("LIMIT_REACHED", "a search gives 2,000 records at most", param_name="page")
    page = rows[end - per_page : end]
    more = end < len(rows)
    return page, {"per_page": per_page, "count": len(page), "page": number, "more_records": more}


# --- search -------------------------------------------------------------------------------

_WAYS = ("criteria", "email", "phone", "word")
_MOST_CRITERIA = 15
_TOKENS = re.compile(r"\(|\)|[^()]+")
_COMPARE: Mapping[str, Callable[[str, str], bool]] = {
    "equals": lambda value, wanted: value == wanted,
    "not_equal": lambda value, wanted: value != wanted,
    "starts_with": lambda value, wanted: value.startswith(wanted),
    "contains": lambda value, wanted: wanted in value,
    "in": lambda value, wanted: value in wanted.split(","),
}
Match = Callable[[Row], bool]


def is_search(query: Mapping[str, str]) -> bool:
    """Whether the query asks for some records only."""
    return any(way in query for way in _WAYS)


def search(rows: Iterable[Row], query: Mapping[str, str]) -> list[Row]:
    """Return the rows found by the first way that *query* gives.

    Raises:
        Refusal: it gives none, or criteria that cannot be read.
    """
    way = next((way for way in _WAYS if way in query), None)
    if way is None:
        raise Refusal("REQUIRED_PARAM_MISSING", "nothing to search for", param_name="criteria")
    text = query[way]
    if way == "criteria":
        match = _criteria(text)
    elif way == "word":
        match = _any_value(("",), text.lower(), whole=False)
    else:
        match = _any_value(("Email",) if way == "email" else ("Phone", "Mobile"), text.lower())
    return [row for row in rows if match(row)]


def _any_value(names: tuple[str, ...], wanted: str, *, whole: bool = True) -> Match:
    def match(row: Row) -> bool:
        return any(
            isinstance(value, str)
            and any(part in name for part in names)
            and (value.lower() == wanted if whole else wanted in value.lower())
            for name, value in row.items()
        )

    return match


def _criteria(text: str) -> Match:
    """Read ``((Last_Name:equals:Stone)and(City:starts_with:B))``."""
    tokens = _TOKENS.findall(text.strip())
    if text.count(":") // 2 > _MOST_CRITERIA:
        raise Refusal("LIMIT_EXCEEDED", "too many criteria", param_name="criteria")
    match, rest = _expression(tokens)
    if rest:
        raise _unreadable()
    return match


def _unreadable() -> Refusal:
    return Refusal("INVALID_DATA", "the criteria cannot be read", param_name="criteria")


def _expression(tokens: list[str]) -> tuple[Match, list[str]]:
    match, tokens = _group(tokens)
    while tokens and tokens[0] in {"and", "or"}:
        word = tokens[0]
        other, tokens = _group(tokens[1:])
        match = _join(match, other, both=word == "and")
    return match, tokens


def _join(one: Match, other: Match, *, both: bool) -> Match:
    if both:
        return lambda row: one(row) and other(row)
    return lambda row: one(row) or other(row)


def _group(tokens: list[str]) -> tuple[Match, list[str]]:
    if tokens[:1] != ["("]:
        if len(tokens) == 1:  # a single criterion needs no parentheses
            return _criterion(tokens[0]), []
        raise _unreadable()
    if tokens[1:2] == ["("]:
        match, rest = _expression(tokens[1:])
    elif len(tokens) > 1:
        match, rest = _criterion(tokens[1]), tokens[2:]
    else:
        raise _unreadable()
    if rest[:1] != [")"]:
        raise _unreadable()
    return match, rest[1:]


def _criterion(text: str) -> Match:
    name, _, rest = text.partition(":")
    comparator, colon, wanted = rest.partition(":")
    compare = _COMPARE.get(comparator)
    if not name or compare is None or not colon:
        raise _unreadable()
    wanted = wanted.lower()

    def match(row: Row) -> bool:
        value = row.get(name)
        if isinstance(value, bool):
            value = str(value)
        return value is not None and compare(str(value).lower(), wanted)

    return match
