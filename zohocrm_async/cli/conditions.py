"""The condition of ``--where``, in the words of a search: (City:equals:Bonn)and(...)."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, cast

from attrs import evolve

from zohocrm_async._moving.criteria import check, field_of
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models import Criteria, DataType, Field, FieldReference
from zohocrm_async.models.criteria import EMPTY

_TOKEN = re.compile(r"[()]|(?:\\.|[^()\\])+", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LISTED = re.compile(r"(?:\\.|[^,\\])+", re.DOTALL)
# A second condition in the value of the first.
_NO_BRACKETS = re.compile(r"\b(?:and|or)\s+[\w.$]+:\w+:", re.IGNORECASE)
_SEVERAL = frozenset({"in", "not_in", "between", "not_between"})
_EMPTY = {"is_empty": "equal", "is_not_empty": "not_equal"}
_EXAMPLE = "(City:equals:Bonn)and(No_of_Employees:greater_than:10)"


def condition(text: str) -> Criteria:
    """Read *text* as criteria; their values are texts yet.

    Raises:
        InvalidRequest: it cannot be read.
    """
    made = _Reader(text).read()
    check(made, "--where")
    return made


class _Reader:
    """Reads ``((City:equals:Bonn)and(Company:starts_with:Z))`` from left to right."""

    def __init__(self, text: str) -> None:
        self._left = [token.strip() for token in _TOKEN.findall(text) if token.strip()]

    def read(self) -> Criteria:
        # A single condition needs no brackets.
        made = self._single() if len(self._left) == 1 else self._joined()
        if self._left:
            raise _unreadable(f"{self._left[0]!r} is one bracket too many")
        return made

    def _joined(self) -> Criteria:
        made, first = self._group(), ""
        while self._left and self._left[0] != ")":
            word = self._left.pop(0).lower()
            if word not in {"and", "or"}:
                raise _unreadable(f"{word!r} stands where and, or or belongs")
            if first not in {"", word}:
                raise _unreadable("and stands beside or: put brackets around what belongs together")
            first, other = word, self._group()
            made = made & other if word == "and" else made | other
        return made

    def _group(self) -> Criteria:
        self._take("(")
        made = self._joined() if self._left[:1] == ["("] else self._single()
        self._take(")")
        return made

    def _take(self, bracket: str) -> None:
        if not self._left or self._left.pop(0) != bracket:
            raise _unreadable(f"a {bracket!r} is missing")

    def _single(self) -> Criteria:
        text = self._left.pop(0) if self._left else ""
        name, _, rest = (part.strip() for part in text.partition(":"))
        comparator, _, value = (part.strip() for part in rest.partition(":"))
        if comparator in _EMPTY and name and not value:
            comparator, value = _EMPTY[comparator], EMPTY
        if not (name and comparator and value):
            raise _unreadable(f"{text!r} is no condition")
        if _NO_BRACKETS.search(value):
            raise _unreadable(f"{text!r} is more than one condition: put brackets around each")
        listed = _LISTED.findall(value) if comparator in _SEVERAL else None
        return Criteria(
            comparator="equal" if comparator == "equals" else comparator,
            field=FieldReference(name),
            value=_plain(value) if listed is None else tuple(map(_plain, listed)),
        )


def _plain(value: str) -> str:
    return _ESCAPED.sub(r"\1", value.strip())


def _unreadable(reason: str) -> InvalidRequest:
    return InvalidRequest(f"--where: {reason}; write such as {_EXAMPLE}")


def of_kinds(criteria: Criteria, fields: Iterable[Field]) -> Criteria:
    """Return *criteria* with values as the *fields* of a module hold them.

    Raises:
        InvalidRequest: a value is none that its field holds.
    """
    return _of_kinds(criteria, {field.api_name or "": field.data_type or "" for field in fields})


def _of_kinds(criteria: Criteria, kinds: Mapping[str, str]) -> Criteria:
    if criteria.group_operator:
        return evolve(criteria, group=tuple(_of_kinds(each, kinds) for each in criteria.group))
    name, value = field_of(criteria), criteria.value
    kind = kinds.get(name, "")
    if isinstance(value, tuple):
        values = cast("tuple[str, ...]", value)
        return evolve(criteria, value=tuple(_of_kind(name, kind, each) for each in values))
    return evolve(criteria, value=_of_kind(name, kind, str(value)))


def _of_kind(name: str, kind: str, value: str) -> Any:
    if value == EMPTY or kind not in _KINDS:
        return value
    read, what = _KINDS[kind]
    try:
        return read(value)
    except (KeyError, ValueError):
        raise InvalidRequest(f"--where: {name} is compared with {value!r}: give {what}") from None


def _number(value: str) -> int | float:
    return int(value) if value.lstrip("+-").isdecimal() else float(value)


def _time(value: str) -> datetime:
    time = datetime.fromisoformat(value)
    if time.tzinfo is None:
        raise ValueError(value)
    return time


_KINDS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    **dict.fromkeys(
        (
            *(DataType.INTEGER, DataType.BIGINT, DataType.BIGDECIMAL),
            *(DataType.CURRENCY, DataType.DOUBLE, DataType.PERCENT),
        ),
        (_number, "a number"),
    ),
    DataType.BOOLEAN: (
        lambda value: {"true": True, "false": False}[value.lower()],
        "true or false",
    ),
    DataType.DATE: (date.fromisoformat, "a date such as 2026-01-31"),
    DataType.DATETIME: (_time, "a time and its zone, such as 2026-01-31T09:00:00+01:00"),
}
