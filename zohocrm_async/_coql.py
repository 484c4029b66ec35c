"""COQL as the client reads it: the clauses of a query, its price, and its pages."""

import enum
import math
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, TypeVar, cast

from attrs import field, frozen

from zohocrm_async._converter import structure, text as _written
from zohocrm_async._endpoint import Call
from zohocrm_async._pages import Page, Pager
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.records import Record

T = TypeVar("T")
Kind = Literal["text", "number", "word", "mark", "odd"]

MOST_ROWS = 2_000
"""Rows of one call."""
MOST_BY_OFFSET = 100_000
"""Rows of a query that OFFSET leads to."""
MOST_COLUMNS = 500
USUAL_ROWS = 200
"""Rows of a call without a LIMIT."""

_PRICES = ((200, 1), (1_000, 2), (MOST_ROWS, 3))
_TOKEN = re.compile(
    r"""(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*")
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<word>[^\W\d][\w.$]*|\$\w[\w.$]*)
      | (?P<mark><=|>=|!=|<>|[=<>(),*])
      | (?P<odd>\S)""",
    re.VERBOSE,
)
_LIMIT = re.compile(
    r"\blimit\s+(?:(?P<skip>\d+)\s*,\s*)?(?P<limit>\d+)(?:\s+offset\s+(?P<offset>\d+))?\s*$",
    re.IGNORECASE,
)
_BY_ID = re.compile(r"order\s+by\s+id(\s+asc)?", re.IGNORECASE)
_CLAUSES = ("from", "where", "group", "order", "limit", "offset")
_NAME = "coql.query"
_EXAMPLE = "select Last_Name from Leads where id is not null"


@frozen
class Token:
    """A word, a quoted text, a number or a mark of a query."""

    kind: Kind
    text: str
    start: int

    def is_word(self, *words: str) -> bool:
        """Whether it is one of the keywords *words*, which are in lower case."""
        return self.kind == "word" and self.text.lower() in words


def tokens(text: str) -> tuple[Token, ...]:
    """Return what a query is made of; what belongs nowhere is ``odd``."""
    return tuple(
        Token(cast("Kind", found.lastgroup), found[0], found.start())
        for found in _TOKEN.finditer(text)
    )


def unquoted(text: str) -> str:
    """Return a quoted text without its quotation marks."""
    mark = text[0]
    return text[1:-1].replace(mark * 2, mark)


def literal(value: object) -> str:
    """Return *value* as it stands in a query: texts and times quoted, lists in brackets.

    Raises:
        InvalidRequest: a query cannot hold it.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | enum.Enum | datetime | date):
        return "'" + _written(value).replace("'", "''") + "'"
    if isinstance(value, int | float | Decimal) and math.isfinite(value):
        return format(Decimal(str(value)), "f")
    if isinstance(value, list | tuple | set | frozenset) and value:
        return "(" + ", ".join(map(literal, cast("Iterable[object]", value))) + ")"
    raise InvalidRequest(
        f"{value!r} cannot stand in a query: give text, a number, a date, an aware datetime, "
        "true or false, or some of them; for no value write 'is null'",
        operation=_NAME,
    )


def limit_of(call: Call) -> int | None:
    """Return the LIMIT of a query; None: it has none."""
    found = _LIMIT.search(_text(call) or "")
    return int(found["limit"]) if found else None


def price(call: Call) -> int:
    """Price a query by its LIMIT; a call without a text by its rows."""
    rows = call.rows if _text(call) is None else limit_of(call) or USUAL_ROWS
    return next((cost for most, cost in _PRICES if rows <= most), _PRICES[-1][1])


def _text(call: Call) -> str | None:
    body = cast("dict[str, Any]", call.body) if isinstance(call.body, dict) else {}
    return str(body["select_query"]) if "select_query" in body else None


@frozen
class Query:
    """A query by its clauses."""

    columns: str
    module: str
    where: str
    rest: str = ""
    """GROUP BY and ORDER BY."""
    limit: int | None = None
    offset: int = 0
    by_id: bool = field(default=False)
    """Whether its rows come in the order of their ids, one for each record."""

    def page(self, rows: int, *, skip: int, after: str) -> str:
        """Return the query of *rows* rows after the first *skip*, or after the id *after*."""
        where, tail = self.where, [self.rest, "limit", str(rows)]
        if self.by_id:
            where = f"({where}) and id > {literal(after)}" if after else where
            tail[0] = "order by id asc"
        elif start := self.offset + skip:
            tail += ["offset", str(start)]
        parts = ("select", self.columns, "from", self.module, "where", where, *tail)
        return " ".join(part for part in parts if part)


def read(text: str) -> Query:
    """Return the clauses of a query.

    Raises:
        InvalidRequest: it is none that could be answered.
    """
    found = tokens(text)
    if not found or not found[0].is_word("select"):
        raise _refused(f"the query is {text[:60]!r}: begin it with select")
    if any(token.kind == "odd" and token.text in "'\"" for token in found):
        raise _refused("a quotation mark is never closed: double those inside of a text")
    clauses = _clauses(text, found)
    for name in ("from", "where"):
        if not clauses.get(name):
            raise _refused(f"the query has no {name}: write one such as {_EXAMPLE!r}")
    limit, offset = _bounds(text, clauses)
    rest = " ".join(f"{name} {clauses[name]}" for name in ("group", "order") if name in clauses)
    plain, columns = _columns(clauses["select"])
    by_id = (
        plain
        and len(tokens(clauses["from"])) == 1
        and not offset
        and (not rest or _BY_ID.fullmatch(rest) is not None)
    )
    if by_id and "id" not in {unquoted(c) if c[:1] in "'\"" else c for c in columns}:
        by_id = len(columns) < MOST_COLUMNS
        columns = (*columns, "id") if by_id else columns
    return Query(
        ", ".join(columns) if plain else clauses["select"],
        clauses["from"],
        clauses["where"],
        rest,
        limit,
        offset,
        by_id,
    )


def _clauses(text: str, found: tuple[Token, ...]) -> dict[str, str]:
    """Return what stands after each of the keywords that no bracket holds."""
    depth, starts = 0, [("select", found[0])]
    for token in found:
        depth += (token.text == "(") - (token.text == ")")
        if not depth and token.is_word(*_CLAUSES):
            starts.append((token.text.lower(), token))
    ends = [token.start for _, token in starts[1:]] + [len(text)]
    return {
        name: text[token.start + len(name) : end].strip()
        for (name, token), end in zip(starts, ends, strict=True)
    }


def _bounds(text: str, clauses: dict[str, str]) -> tuple[int | None, int]:
    if "limit" not in clauses and "offset" not in clauses:
        return None, 0
    found = _LIMIT.search(text)
    if found is None or not int(found["limit"]):
        raise _refused("the end of the query is no limit: write limit 200, or limit 200 offset 400")
    return int(found["limit"]), int(found["offset"] or found["skip"] or 0)


def _columns(select: str) -> tuple[bool, tuple[str, ...]]:
    """Return whether *select* names columns and nothing else, and which."""
    found = tokens(select)
    names = found[::2]
    plain = all(token.kind in {"word", "text"} for token in names) and all(
        token.text == "," for token in found[1::2]
    )
    return plain, tuple(token.text for token in names)


def _refused(problem: str) -> InvalidRequest:
    return InvalidRequest(problem, operation=_NAME)


Ask = Callable[[str], Awaitable[Page[Record]]]


class QueryPager(Pager[T]):
    """The rows of a query: ``await`` makes one call of it, ``async for`` gives every row."""

    __slots__ = ("_ask", "_into", "_per_page", "_text")

    def __init__(self, ask: Ask, text: str, *, per_page: int, into: type[T]) -> None:
        if not 1 <= per_page <= MOST_ROWS:
            raise _refused(f"per_page is {per_page}: give 1 to {MOST_ROWS:,}")
        self._ask = ask
        self._text = text
        self._per_page = per_page
        self._into = into

    def __await__(self) -> Generator[Any, None, Page[T]]:
        return self._once().__await__()

    async def _once(self) -> Page[T]:
        query = read(self._text)
        if (query.limit or 0) > MOST_ROWS:
            raise _refused(
                f"the limit is {query.limit} and a call gives {MOST_ROWS:,} rows at most: "
                "iterate over the query for more"
            )
        return self._shaped(await self._ask(self._text))

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Yield page after page, as many rows together as the query's LIMIT, or all.

        Raises:
            InvalidRequest: beyond 100,000 rows, for a query with another order than that
                of the ids, which is what leads further.
        """
        query = read(self._text)
        given, last, more = 0, "", True
        while more:
            rows = self._next(query, given)
            page = await self._ask(query.page(rows, skip=given, after=last))
            yield self._shaped(page)
            given += len(page)
            more = page.more and len(page) > 0 and given != query.limit
            if more and query.by_id:
                last = page[-1].id

    def _next(self, query: Query, given: int) -> int:
        """Return the rows of the call after *given* rows."""
        rows = self._per_page
        if query.limit is not None:
            rows = min(rows, query.limit - given)
        if not query.by_id:
            rows = min(rows, MOST_BY_OFFSET - query.offset - given)
        if rows <= 0:
            raise _refused(
                f"OFFSET leads to {MOST_BY_OFFSET:,} rows of a query, and {given:,} were given: "
                "leave out ORDER BY and OFFSET, or order by id, for all"
            )
        return rows

    def _shaped(self, page: Page[Record]) -> Page[T]:
        if self._into is Record:
            return cast("Page[T]", page)
        shape: Any = tuple[self._into, ...]  # type: ignore[name-defined]  # known at run time only
        rows = [dict(record) for record in page]
        return Page(structure(rows, shape, None, _NAME), page.info)
