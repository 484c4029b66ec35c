"""Pages of lists: by number, and by token."""

import base64
import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from zohocrm_async.emulator.errors import Refusal
from zohocrm_async.emulator.requests import Incoming

_NUMBERED = 2_000
_MOST_BY_TOKEN = 100_000
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
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Refusal("INVALID_DATA", "the number is out of range", param_name=name, maximum=most)
    return int(text)


_NOTHING_FOLLOWS = {"next_page_token": None, "page_token_expiry": None}


def page_of(rows: list[Row], incoming: Incoming, now: float) -> Found:
    """Return one page of *rows* by number or token, with what is said of it."""
    query = incoming.query
    check_exclusive(query, "page", "page_token")
    check_exclusive(query, "cvid", "sort_by")
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
        if number * per_page > _MOST_BY_TOKEN:
            raise Refusal(
                "PAGINATION_LIMIT_EXCEEDED", "pages end at 100,000 records",
                param_name="page_token",
            )  # fmt: skip
    else:
        number = _page_number(query, per_page)
        start = (number - 1) * per_page
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


def _page_number(query: Mapping[str, str], per_page: int) -> int:
    number = whole_number(query, "page", 1, 10**9)
    if number * per_page > _NUMBERED and number > 1:
        raise Refusal(
            "DISCRETE_PAGINATION_LIMIT_EXCEEDED",
            "pages by number end at 2,000 records: go on with the page token",
            param_name="page",
        )
    return number


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


def check_exclusive(query: Mapping[str, str], one: str, other: str) -> None:
    """Refuse a query with two parameters that exclude each other.

    Raises:
        Refusal: it has both.
    """
    if one in query and other in query:
        raise Refusal(
            "AMBIGUITY_DURING_PROCESSING",
            "the parameters exclude each other",
            ambiguity_due_to=[{"param_name": one}, {"param_name": other}],
        )


def _bound(incoming: Incoming, *aside: str) -> str:
    """Return what a token belongs to: the path and the query but for what is *aside*."""
    aside = (*aside, "page", "page_token")
    rest = sorted((k, v) for k, v in incoming.query.items() if k not in aside)
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


def tokened_page_of(rows: list[Row], incoming: Incoming, now: float) -> Found:
    """Return one page of *rows*, the first by its size and all others by token alone."""
    query = incoming.query
    check_exclusive(query, "per_page", "page_token")
    bound = _bound(incoming, "per_page")
    start, per_page, number = 0, whole_number(query, "per_page", _MOST_A_PAGE, _MOST_A_PAGE), 1
    if "page_token" in query:
        number, [start, per_page] = _read_token(query["page_token"], bound, now)
    page = rows[start : start + per_page]
    more = start + per_page < len(rows)
    info = {"per_page": per_page, "count": len(page), "page": number, "more_records": more}
    following = _following(bound, number, [start + per_page, per_page], now)
    return page, {**info, "next_page_token": following["next_page_token"] if more else None}
