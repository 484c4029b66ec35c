"""Columns of COQL: what kind each is, how its value is had, and how it is compared."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from attrs import frozen

from zohocrm_async.emulator.coql_grammar import Criterion, Value
from zohocrm_async.emulator.errors import Refusal
from zohocrm_async.emulator.shapes import is_array, is_object
from zohocrm_async.emulator.state import Row, State

_MOST_RELATIONS = 2
_MOST_VALUES = 100
_NUMBERS = ("integer", "bigint", "currency", "double", "percent", "decimal", "formula")
_LOOKUPS = ("lookup", "ownerlookup", "userlookup")
_LONG = ("textarea", "rich_text")
_NOWHERE = ("subform", "fileupload", "imageupload", "multiselectlookup", "line_items")
_KINDS = {
    **dict.fromkeys(_NUMBERS, "number"),
    **dict.fromkeys(_LOOKUPS, "lookup"),
    **dict.fromkeys(_LONG, "long"),
    **dict.fromkeys(_NOWHERE, "none"),
    **{name: name for name in ("boolean", "date", "datetime")},
}
_EQUAL = frozenset({"=", "!=", "in", "not in", "is null", "is not null"})
_ORDERED = _EQUAL | {"<", ">", "<=", ">=", "between", "not between"}
_OPERATORS: Mapping[str, frozenset[str]] = {
    "text": _EQUAL | {"like", "not like"},
    "number": _ORDERED,
    "date": _ORDERED,
    "datetime": _ORDERED,
    "boolean": frozenset({"=", "!=", "is null", "is not null"}),
    "lookup": _EQUAL,
    "id": _ORDERED,
    "any": _ORDERED | {"like", "not like"},
}
Match = Callable[[Row], bool]


@frozen
class Column:
    """A column of a query."""

    name: str
    kind: str
    get: Callable[[Row], Any]
    """Takes the value as it is stored from a record."""

    def key(self, row: Row) -> tuple[bool, Any]:
        """Return by what a record is sorted; nothing comes first."""
        value = self.get(row)
        return (False, "") if value is None else (True, _comparable(self.kind, value))


def column_of(state: State, module: str, name: str) -> Column:
    """Return the column *name*, which may lead over lookups: ``Account_Name.Phone``.

    Raises:
        Refusal: the module, or the one that is looked up, has no such field.
    """
    *lookups, last = name.split(".")
    if len(lookups) > _MOST_RELATIONS:
        raise _unknown(name)
    get: Callable[[Row], Any] = _itself
    for lookup in lookups:
        module, get = _followed(state, module, lookup, get, name)
    kind = _kind(state, module, last, name)

    def value(row: Row) -> Any:
        holder = get(row)
        return None if holder is None else holder.get(last)

    return Column(name, kind, value)


def _itself(row: Row) -> Any:
    return row


def _followed(
    state: State, module: str, lookup: str, get: Callable[[Row], Any], name: str
) -> tuple[str, Callable[[Row], Any]]:
    """Return the module that *lookup* leads to, and what takes its record from a row."""
    field = _field(state, module, lookup)
    target: Any = (field or {}).get("lookup")
    leads_to: Any = target.get("module") if is_object(target) else None
    other = leads_to.get("api_name") if is_object(leads_to) else None
    if not isinstance(other, str) or other not in state.modules:
        raise _unknown(name)

    def record(row: Row) -> Any:
        holder = get(row)
        reference: Any = None if holder is None else holder.get(lookup)
        return state.find(other, str(reference["id"])) if is_object(reference) else None

    return other, record


def _field(state: State, module: str, name: str) -> Row | None:
    fields = state.settings.rows("/settings/fields", module).values()
    return next((field for field in fields if field.get("api_name") == name), None)


def _kind(state: State, module: str, name: str, whole: str) -> str:
    if name == "id":
        return "id"
    field = _field(state, module, name)
    if field is None:
        # Tests fill records with fields of their own.
        if any(name in row for row in state.records(module).values()):
            return "any"
        raise _unknown(whole)
    kind = _KINDS.get(str(field.get("data_type")), "text")
    if kind == "none":
        raise Refusal("INVALID_QUERY", "unsupported column", column_name=whole)
    return kind


def _unknown(name: str) -> Refusal:
    return Refusal("INVALID_QUERY", "column given seems to be invalid", column_name=name)


# --- comparisons ----------------------------------------------------------------------------


def criterion_of(column: Column, criterion: Criterion) -> Match:
    """Return what tells whether a record fulfils a criterion.

    Raises:
        Refusal: the column knows no such comparison, or no such value.
    """
    operator, get, kind = criterion.operator, column.get, column.kind
    _check(column, criterion)
    if operator == "is null":
        return lambda row: get(row) in (None, "")
    if operator == "is not null":
        return lambda row: get(row) not in (None, "")
    values = [_wanted(column, value) for value in criterion.values]
    compare = _COMPARE[operator.removeprefix("not ")](values)
    negated = operator.startswith("not ")

    def match(row: Row) -> bool:
        value = get(row)
        if value is None:
            return False
        try:
            return compare(_comparable(kind, value)) is not negated
        except TypeError:  # fields of tests may hold anything
            return negated

    return match


def _check(column: Column, criterion: Criterion) -> None:
    operator, kind = criterion.operator, column.kind
    if kind == "long":
        raise Refusal(
            "INVALID_QUERY", "unsupported column in criteria", cv_criteria=False,
            column_name=column.name, operator=operator,
        )  # fmt: skip
    if operator not in _OPERATORS[kind]:
        raise Refusal(
            "INVALID_QUERY", "Invalid query formed", reason="invalid operator found",
            column_name=column.name, operator=operator,
        )  # fmt: skip
    if len(criterion.values) > _MOST_VALUES:
        raise Refusal("LIMIT_EXCEEDED", "limit exceeded", by=operator, limit=_MOST_VALUES)


def _wanted(column: Column, value: Value) -> Any:
    """Return a value of the query in the form in which the column's are compared."""
    kind = column.kind
    try:
        if kind == "text" and not isinstance(value, str):
            raise TypeError(value)  # noqa: TRY301  # refused as any other
        if kind == "boolean" and value not in {True, False, "true", "false"}:
            raise TypeError(value)  # noqa: TRY301  # refused as any other
        if kind in {"date", "datetime"} and not isinstance(value, str):
            raise TypeError(value)  # noqa: TRY301  # refused as any other
        return _comparable(kind, value)
    except (TypeError, ValueError):
        raise Refusal(
            "INVALID_QUERY", "value given seems to be invalid for the column",
            column_name=column.name, expected_data_type=kind,
        ) from None  # fmt: skip


def _comparable(kind: str, value: Any) -> Any:
    if is_object(value):
        value = value.get("id")
    if kind in {"number", "id"}:
        return int(value) if kind == "id" else float(value)
    if kind == "datetime":
        time = datetime.fromisoformat(str(value))
        return time if time.tzinfo else time.replace(tzinfo=UTC)
    if kind == "date":
        return date.fromisoformat(str(value)[:10])
    if kind == "boolean":
        return value in {True, "true"}
    if kind == "any" and not isinstance(value, str):
        return ",".join(map(str, value)).lower() if is_array(value) else value
    return str(value).lower()


def _like(values: list[Any]) -> Callable[[Any], bool]:
    pattern = ".*".join(map(re.escape, str(values[0]).split("%")))
    whole = re.compile(pattern, re.DOTALL)
    return lambda value: whole.fullmatch(str(value)) is not None


_COMPARE: Mapping[str, Callable[[list[Any]], Callable[[Any], bool]]] = {
    "=": lambda wanted: lambda value: value == wanted[0],
    "!=": lambda wanted: lambda value: value != wanted[0],
    "<": lambda wanted: lambda value: value < wanted[0],
    ">": lambda wanted: lambda value: value > wanted[0],
    "<=": lambda wanted: lambda value: value <= wanted[0],
    ">=": lambda wanted: lambda value: value >= wanted[0],
    "between": lambda wanted: lambda value: wanted[0] <= value <= wanted[1],
    "in": lambda wanted: lambda value: value in wanted,
    "like": _like,
}
