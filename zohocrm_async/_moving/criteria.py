"""One condition in the forms of the calls that can carry it: COQL, search, bulk read."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, cast

from zohocrm_async._converter import text
from zohocrm_async._coql import literal
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.criteria import EMPTY, Criteria, where

# 25, and one is left for a query that goes on from an id
# (https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/create-job.html).
_MOST_CONDITIONS = 24
_MOST_LISTED = 100
_OPERATORS = {
    "equal": "=",
    "not_equal": "!=",
    "less_than": "<",
    "less_equal": "<=",
    "greater_than": ">",
    "greater_equal": ">=",
    "in": "in",
    "not_in": "not in",
    "between": "between",
    "not_between": "not between",
    "contains": "like",
    "not_contains": "not like",
    "starts_with": "like",
    "ends_with": "like",
}
_PATTERNS: dict[str, Callable[[str], str]] = {
    "contains": lambda value: f"%{value}%",
    "not_contains": lambda value: f"%{value}%",
    "starts_with": lambda value: f"{value}%",
    "ends_with": lambda value: f"%{value}",
}
_PAIRED = frozenset({"between", "not_between"})
_SEARCHED = frozenset(_OPERATORS) - {
    *("not_in", "not_between", "contains", "not_contains", "ends_with"),
}


class CannotCarry(Exception):
    """A kind of call has no way to say this condition; the text is why."""


def conditions(criteria: Criteria) -> Iterator[Criteria]:
    """Yield the single conditions of *criteria*."""
    if criteria.group_operator:
        for each in criteria.group:
            yield from conditions(each)
    else:
        yield criteria


def explicit(criteria: Criteria) -> Criteria:
    """Return *criteria* with what the routes may take in different ways said.

    Whether a field without a value is unlike any other is one of them: it is not.
    """
    if criteria.group_operator:
        operator, group = criteria.group_operator.lower(), map(explicit, criteria.group)
        return Criteria(group_operator=operator, group=tuple(group))
    if (criteria.comparator or "").startswith("not_") and criteria.value != EMPTY:
        return criteria & where(field_of(criteria)).is_not_empty()
    return criteria


def condition_of(value: object, operation: str) -> Criteria:
    """Return *value*, which a caller gives as a condition.

    Raises:
        InvalidRequest: it is none.
    """
    if isinstance(value, Criteria):
        return value
    raise InvalidRequest(
        f"a condition is {value!r}: make one by where, such as where('City').equal('Bonn')",
        operation=operation,
    )


def check(criteria: Criteria, operation: str) -> None:
    """Refuse what no call can say.

    Raises:
        InvalidRequest: a condition lacks a part, or its comparator or value is none.
    """
    found = [problem for each in _nodes(criteria) if (problem := _problem(each))]
    count = sum(1 for _ in conditions(criteria))
    if count > _MOST_CONDITIONS:
        found.append(f"{count} conditions are given: {_MOST_CONDITIONS} at most")
    if found:
        raise InvalidRequest(tuple(found), operation=operation)


def _nodes(criteria: Criteria) -> Iterator[Criteria]:
    yield criteria
    for each in criteria.group:
        yield from _nodes(each)


def _problem(one: Criteria) -> str | None:
    if one.group_operator:
        if one.group_operator.lower() in {"and", "or"} and one.group:
            return None
        return f"a group of conditions is joined by {one.group_operator!r}: say and, or or"
    name = field_of(one)
    if not name or not name.replace(".", "").replace("_", "").replace("$", "").isalnum():
        return f"a condition is on {name!r}: give the API name of a field"
    if one.comparator not in _OPERATORS:
        return f"the comparator of {name} is {one.comparator!r}: say one of {', '.join(_OPERATORS)}"
    return _value_problem(name, one.comparator, one)


def _value_problem(name: str, comparator: str, one: Criteria) -> str | None:
    values = _values(one)
    several = isinstance(one.value, (list, tuple))
    unpaired = comparator in _PAIRED and len(values) != len(("least", "most"))
    if several is not comparator.endswith(("in", "between")) or not values or unpaired:
        return f"{name} is compared by {comparator} with {one.value!r}"
    for value in values:
        if not isinstance(value, (str, int, float, date)):
            return f"{name} is compared with {value!r}, which no field holds"
        if isinstance(value, datetime) and value.tzinfo is None:
            return f"{name} is compared with {value.isoformat()}: give an aware datetime"
    return None


def field_of(condition: Criteria) -> str:
    """Return the API name of the field that a condition is on, or ""."""
    return (condition.field.api_name if condition.field else None) or ""


def _values(condition: Criteria) -> Sequence[Any]:
    value = condition.value
    return cast("Sequence[Any]", value) if isinstance(value, (list, tuple)) else [value]


# --- COQL


def to_coql(criteria: Criteria) -> str:
    """Return *criteria* as they stand behind ``where``.

    Raises:
        CannotCarry: COQL cannot say it.
    """
    if not criteria.group_operator:
        return _comparison(criteria)
    joined, *rest = [to_coql(each) for each in criteria.group]
    # COQL takes conditions two at a time: ((a and b) and c).
    for each in rest:
        joined = f"({joined} {criteria.group_operator.lower()} {each})"
    return joined


def _comparison(one: Criteria) -> str:
    name, comparator = field_of(one), one.comparator or ""
    if one.value == EMPTY:
        return f"{name} is {'not ' if comparator == 'not_equal' else ''}null"
    operator = _OPERATORS[comparator]
    if comparator in _PATTERNS:
        value = str(one.value)
        if "%" in value:
            raise CannotCarry("COQL reads a percent sign in a text as any text")
        return f"{name} {operator} {literal(_PATTERNS[comparator](value))}"
    if comparator.endswith("between"):
        least, most = _values(one)
        return f"{name} {operator} {literal(least)} and {literal(most)}"
    if comparator.endswith("in"):
        if len(_values(one)) > _MOST_LISTED:
            raise CannotCarry(f"COQL compares with {_MOST_LISTED} values at most")
        return f"{name} {operator} {literal(_values(one))}"
    return f"{name} {operator} {literal(one.value)}"


def queried(criteria: object, operation: str) -> str:
    """Return *criteria* as they stand behind ``where``, once they are checked.

    Raises:
        InvalidRequest: they are none, or COQL cannot say them.
    """
    return _carried(to_coql, criteria, operation)


# --- search


def searched(criteria: object, operation: str) -> str:
    """Return *criteria* as a search takes them, once they are checked.

    Raises:
        InvalidRequest: they are none, or a search cannot say them.
    """
    return _carried(to_search, criteria, operation)


def _carried(write: Callable[[Criteria], str], criteria: object, operation: str) -> str:
    condition = condition_of(criteria, operation)
    check(condition, operation)
    try:
        return write(condition)
    except CannotCarry as reason:
        raise InvalidRequest(
            f"{reason}: crm.records.export takes the condition", operation=operation
        ) from None


def to_search(criteria: Criteria) -> str:
    """Return *criteria* as a search takes them.

    Raises:
        CannotCarry: a search cannot say it.
    """
    if criteria.group_operator:
        operator = criteria.group_operator.lower()
        return f"({operator.join(to_search(each) for each in criteria.group)})"
    word = criteria.comparator or ""
    if criteria.value == EMPTY:
        raise CannotCarry("a search does not tell empty fields from others")
    if word not in _SEARCHED:
        raise CannotCarry(f"a search does not compare by {word}")
    word = "equals" if word == "equal" else word
    values = ",".join(_escaped(text(value)) for value in _values(criteria))
    return f"({field_of(criteria)}:{word}:{values})"


def _escaped(value: str) -> str:
    for sign in "\\(),":
        value = value.replace(sign, f"\\{sign}")
    return value


# --- bulk read


def in_bulk(criteria: object, operation: str) -> Criteria:
    """Return *criteria* as a bulk read takes them, once they are checked.

    Raises:
        InvalidRequest: they are none.
    """
    condition = condition_of(criteria, operation)
    check(condition, operation)
    return to_bulk(condition)


def to_bulk(criteria: Criteria) -> Criteria:
    """Return *criteria* with the values that a bulk read takes."""
    if criteria.group_operator:
        return Criteria(
            group_operator=criteria.group_operator.lower(),
            group=tuple(to_bulk(each) for each in criteria.group),
        )
    several = isinstance(criteria.value, (list, tuple))
    values = [_plain(value) for value in _values(criteria)]
    return Criteria(
        comparator=criteria.comparator,
        field=criteria.field,
        value=values if several else values[0],
    )


def _plain(value: Any) -> Any:
    return text(value) if isinstance(value, date) else value
