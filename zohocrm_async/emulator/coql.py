"""COQL: a query is read, checked against what is documented, and answered.

See https://www.zoho.com/crm/developer/docs/api/v7/COQL-Limitations.html.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from zohocrm_async.emulator.coql_columns import Column, Match, column_of, criterion_of
from zohocrm_async.emulator.coql_grammar import Both, Condition, Criterion, Select, parse
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import Refusal, Reply
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.scopes import check_scopes
from zohocrm_async.emulator.shapes import is_object
from zohocrm_async.emulator.state import Row, State

_MOST_ROWS, _MOST_BY_OFFSET = 2_000, 100_000
_MOST_COLUMNS, _MOST_CRITERIA, _MOST_ORDERS = 500, 25, 10


def query(state: State, incoming: Incoming, _: Declared) -> Reply:
    """Answer a query."""
    select = parse(_text(incoming.call.body))
    _check_maxima(select)
    if select.module not in state.modules:
        raise Refusal("INVALID_MODULE", "the given module is not supported in api")
    check_scopes(incoming.held, "GET", "/{module}", select.module)
    columns = [column_of(state, select.module, name) for name in select.columns]
    found = list(islice(_matching(state, select), select.offset, select.offset + select.limit + 1))
    rows = found[: select.limit]
    if not rows:
        return Reply(None, 204)
    info = {"count": len(rows), "more_records": len(found) > len(rows)}
    return Reply({"data": [_view(row, columns) for row in rows], "info": info})


def _text(body: Any) -> str:
    if not is_object(body):
        raise Refusal("INVALID_DATA", "the body is no object", expected_data_type="jsonobject")
    unknown = body.keys() - {"select_query"}
    if unknown:
        name = min(unknown)
        raise Refusal("INVALID_DATA", "the key is unknown", api_name=name, json_path=f"$.{name}")
    if body.get("select_query") is None:
        raise Refusal("MANDATORY_NOT_FOUND", "mandatory key not found", api_name="select_query")
    text = body["select_query"]
    if not isinstance(text, str):
        raise Refusal(
            "INVALID_DATA", "invalid data", api_name="select_query",
            json_path="$.select_query", expected_data_type="text",
        )  # fmt: skip
    return text


def _check_maxima(select: Select) -> None:
    if select.limit < 1:
        raise Refusal("INVALID_DATA", "limit should be greater than 0")
    counts = (
        ("select", len(select.columns), _MOST_COLUMNS),
        ("where", sum(1 for _ in _criteria(select.where)), _MOST_CRITERIA),
        ("order by", len(select.order), _MOST_ORDERS),
        ("limit", select.limit, _MOST_ROWS),
        ("offset", select.offset + select.limit if select.offset else 0, _MOST_BY_OFFSET),
    )
    for name, count, most in counts:
        if count > most:
            raise Refusal("LIMIT_EXCEEDED", "limit exceeded", by=name, limit=most)
    for names in (select.columns, [name for name, _ in select.order]):
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise Refusal("DUPLICATE_DATA", "duplicate column", column_name=twice)


def _criteria(where: Condition) -> Iterator[Criterion]:
    if isinstance(where, Criterion):
        yield where
    else:
        yield from _criteria(where.left)
        yield from _criteria(where.right)


def _matching(state: State, select: Select) -> Iterable[Row]:
    """Yield the records that fulfil the condition, in the order of the query."""
    records = state.records(select.module)
    match = _matcher(state, select.module, select.where)
    orders = [(column_of(state, select.module, name), down) for name, down in select.order]
    ids = list(records)
    start = bisect_right(ids, _least_id(select.where), key=int)
    found = filter(match, (records[id_] for id_ in islice(ids, start, None)))
    if not orders or [(order.name, down) for order, down in orders] == [("id", False)]:
        return found
    rows = list(found)
    for column, down in reversed(orders):
        rows.sort(key=column.key, reverse=down)
    return rows


def _least_id(where: Condition) -> int:
    """Return the id beyond which all matches lie, so that earlier records can be left out."""
    if isinstance(where, Both):
        if where.word == "or":
            return 0
        return max(_least_id(where.left), _least_id(where.right))
    beyond = where.column == "id" and where.operator == ">"
    value = str(where.values[0]) if beyond else ""
    return int(value) if value.isdecimal() else 0


def _matcher(state: State, module: str, where: Condition) -> Match:
    if isinstance(where, Criterion):
        return criterion_of(column_of(state, module, where.column), where)
    left, right = (_matcher(state, module, part) for part in (where.left, where.right))
    if where.word == "and":
        return lambda row: left(row) and right(row)
    return lambda row: left(row) or right(row)


def _view(row: Row, columns: Sequence[Column]) -> Mapping[str, Any]:
    return {**{column.name: column.get(row) for column in columns}, "id": row["id"]}


QUERIES: Mapping[str, Work] = {"coql.query": query}
