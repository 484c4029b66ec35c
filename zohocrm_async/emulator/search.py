"""Searches of records: by criteria, e-mail address, phone number or word.

See https://www.zoho.com/crm/developer/docs/api/v7/search-records.html.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from attrs import frozen

from zohocrm_async.emulator.errors import Refusal
from zohocrm_async.emulator.shapes import is_object

Row = dict[str, Any]
Match = Callable[[Row], bool]

_WAYS = ("criteria", "email", "phone", "word")
_MOST_CRITERIA, _MOST_VALUES = 15, 100
_EMPTY = "${EMPTY}"
_TOKENS = re.compile(r"\(|\)|(?:\\.|[^()\\])+", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_COMMAS = re.compile(r"(?:\\.|[^,\\])+", re.DOTALL)

_NUMBERS = frozenset({"integer", "bigint", "currency", "double", "percent", "bigdecimal"})
_REFERENCES = frozenset({"lookup", "ownerlookup", "userlookup"})
_SAME = ("equals", "not_equal", "in")
_ORDERED = ("greater_equal", "greater_than", "less_equal", "less_than", "between")
_TEXTUAL = ("starts_with", "contains")
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": lambda value, wanted: value == wanted[0],
    "not_equal": lambda value, wanted: value != wanted[0],
    "in": lambda value, wanted: value in wanted,
    "greater_equal": lambda value, wanted: value >= wanted[0],
    "greater_than": lambda value, wanted: value > wanted[0],
    "less_equal": lambda value, wanted: value <= wanted[0],
    "less_than": lambda value, wanted: value < wanted[0],
    "between": lambda value, wanted: wanted[0] <= value <= wanted[1],
    "starts_with": lambda value, wanted: value.startswith(wanted[0]),
    "contains": lambda value, wanted: wanted[0] in value,
}


def is_search(query: Mapping[str, str]) -> bool:
    """Whether the query asks for some records only."""
    return any(way in query for way in _WAYS)


def search(rows: Iterable[Row], query: Mapping[str, str], fields: Mapping[str, Row]) -> list[Row]:
    """Return the rows found by the first way that *query* gives; *fields* are the module's.

    Raises:
        Refusal: it gives none, or criteria that cannot be read.
    """
    way = next((way for way in _WAYS if way in query), None)
    if way is None:
        raise Refusal("REQUIRED_PARAM_MISSING", "nothing to search for", param_name="criteria")
    found, text = list(rows), query[way]
    if way == "criteria":
        match = _Criteria(found, fields).read(text)
    elif way == "word":
        match = _any_value(("",), text.lower(), whole=False)
    else:
        match = _any_value(("Email",) if way == "email" else ("Phone", "Mobile"), text.lower())
    return [row for row in found if match(row)]


def _any_value(names: tuple[str, ...], wanted: str, *, whole: bool = True) -> Match:
    def match(row: Row) -> bool:
        return any(
            isinstance(value, str)
            and any(part in name for part in names)
            and (value.lower() == wanted if whole else wanted in value.lower())
            for name, value in row.items()
        )

    return match


@frozen
class _Criteria:
    """Reads ``((Last_Name:equals:Stone)and(City:starts_with:B))``."""

    rows: Sequence[Row]
    fields: Mapping[str, Row]

    def read(self, text: str) -> Match:
        tokens: list[str] = _TOKENS.findall(text.strip())
        if "".join(tokens) != text.strip():
            raise _unreadable("a backslash stands before nothing")
        if sum(":" in token for token in tokens) > _MOST_CRITERIA:
            raise Refusal(
                "LIMIT_EXCEEDED", "too many criteria", param_name="criteria",
                maximum_length=_MOST_CRITERIA,
            )  # fmt: skip
        match, rest = self._expression(tokens)
        if rest:
            raise _unreadable("more follows than can be read", near=rest[0])
        return match

    def _expression(self, tokens: list[str]) -> tuple[Match, list[str]]:
        match, tokens = self._group(tokens)
        while tokens and tokens[0] in {"and", "or"}:
            word = tokens[0]
            other, tokens = self._group(tokens[1:])
            match = _join(match, other, both=word == "and")
        return match, tokens

    def _group(self, tokens: list[str]) -> tuple[Match, list[str]]:
        if tokens[:1] != ["("]:
            if len(tokens) == 1:  # a single criterion needs no parentheses
                return self._criterion(tokens[0]), []
            raise _unreadable("a bracket is missing")
        if tokens[1:2] == ["("]:
            match, rest = self._expression(tokens[1:])
        elif len(tokens) > 1:
            match, rest = self._criterion(tokens[1]), tokens[2:]
        else:
            raise _unreadable("a criterion is missing")
        if rest[:1] != [")"]:
            raise _unreadable("a bracket is missing")
        return match, rest[1:]

    def _criterion(self, text: str) -> Match:
        name, _, rest = text.partition(":")
        comparator, colon, value = rest.partition(":")
        if not name or not colon:
            raise _unreadable("a criterion is field:operator:value", near=text)
        kind = self._kind(name)
        if comparator not in _comparators(kind):
            raise _unreadable(
                "the operator given seems to be invalid", api_name=name, operator=comparator
            )
        if value == _EMPTY and comparator in {"equals", "not_equal"}:
            return _emptiness(name, empty=comparator == "equals")
        wanted = self._wanted(name, kind, comparator, value)
        compare, some = _COMPARE[comparator], all if comparator == "not_equal" else any

        def match(row: Row) -> bool:
            values = _held(row, name, kind)
            return bool(values) and some(compare(each, wanted) for each in values)

        return match

    def _kind(self, name: str) -> str:
        """Return the data type of a field, text where it is not described.

        Raises:
            Refusal: there is no such field.
        """
        field, dot, _ = name.partition(".")
        known = self.fields.get(field)
        if known is None and field != "id" and not any(field in row for row in self.rows):
            raise _unreadable("the field given seems to be invalid", api_name=field)
        return str(known["data_type"]) if known and not dot else "text"

    def _wanted(self, name: str, kind: str, comparator: str, text: str) -> list[Any]:
        several = comparator in {"in", "between"}
        parts: list[str] = _COMMAS.findall(text) if several else [text]
        if len(parts) > _MOST_VALUES:
            raise Refusal(
                "LIMIT_EXCEEDED", "too many values", param_name="criteria",
                maximum_length=_MOST_VALUES,
            )  # fmt: skip
        read = _READ.get(kind, str.lower)
        try:
            wanted = [read(_ESCAPED.sub(r"\1", part)) for part in parts]
        except (KeyError, ValueError):
            wanted = []
        if not wanted or (comparator == "between" and len(wanted) != len(("least", "most"))):
            raise _unreadable("the value given seems to be invalid", api_name=name, value=text)
        return wanted


def _unreadable(reason: str, **details: Any) -> Refusal:
    return Refusal(
        "INVALID_QUERY", "Invalid query formed", reason=reason, param_name="criteria", **details
    )


def _join(one: Match, other: Match, *, both: bool) -> Match:
    if both:
        return lambda row: one(row) and other(row)
    return lambda row: one(row) or other(row)


def _comparators(kind: str) -> tuple[str, ...]:
    if kind in _NUMBERS or kind in {"date", "datetime"}:
        return (*_SAME, *_ORDERED)
    if kind == "boolean":
        return ("equals", "not_equal")
    return _SAME if kind in _REFERENCES else (*_SAME, *_TEXTUAL)


def _emptiness(name: str, *, empty: bool) -> Match:
    return lambda row: (row.get(name) in (None, "", [])) is empty


def _held(row: Row, name: str, kind: str) -> list[Any]:
    """Return what a row holds, in the forms in which it may be asked for."""
    field, _, inner = name.partition(".")
    value = row.get(field)
    if value is None:
        return []
    if is_object(value):
        names = (inner,) if inner else ("id", "name")
        return [str(value[key]).lower() for key in names if value.get(key) is not None]
    if isinstance(value, bool):
        return [value if kind == "boolean" else str(value).lower()]
    try:
        return [_READ.get(kind, str.lower)(str(value))]
    except (KeyError, ValueError):
        return []


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(text)
    return time


_READ: Mapping[str, Callable[[str], Any]] = {
    **dict.fromkeys(_NUMBERS, float),
    "date": date.fromisoformat,
    "datetime": _time,
    "boolean": lambda given: {"true": True, "false": False}[given.lower()],
}
