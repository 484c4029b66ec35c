"""The criteria of bulk reads.

See https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/create-job.html.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from zohocrm_async.emulator.errors import Refusal
from zohocrm_async.emulator.shapes import is_array, is_array_of_objects, is_object

Row = dict[str, Any]
Match = Callable[[Row], bool]
_MOST, _MOST_VALUES, _PAIR = 25, 100, 2
_EMPTY = "${EMPTY}"
_NUMBERS = frozenset({"integer", "bigint", "currency", "double", "percent", "bigdecimal"})
_TIMES = frozenset({"date", "datetime"})
_REFERENCES = frozenset({"lookup", "ownerlookup", "userlookup"})
_SAME = ("equal", "not_equal", "in", "not_in")
_ORDERED = (
    "less_than", "less_equal", "greater_than", "greater_equal", "between", "not_between",
)  # fmt: skip
_TEXTUAL = ("contains", "not_contains", "starts_with", "ends_with")
_ALL = (*_SAME, *_ORDERED, *_TEXTUAL)
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "equal": lambda value, wanted: value == wanted,
    "in": lambda value, wanted: value in wanted,
    "less_than": lambda value, wanted: value < wanted,
    "less_equal": lambda value, wanted: value <= wanted,
    "greater_than": lambda value, wanted: value > wanted,
    "greater_equal": lambda value, wanted: value >= wanted,
    "between": lambda value, wanted: wanted[0] <= value <= wanted[1],
    "contains": lambda value, wanted: wanted in value,
    "starts_with": lambda value, wanted: value.startswith(wanted),
    "ends_with": lambda value, wanted: value.endswith(wanted),
}


def matcher(criteria: Any, fields: Mapping[str, Row]) -> Match:
    """Return what tells the rows that meet *criteria*; *fields* are the module's.

    Raises:
        Refusal: as the service would refuse them.
    """
    if _count(criteria) > _MOST:
        raise _refused("CRITERIA_LIMIT_EXCEEDED", "too many criteria", max_limit=_MOST)
    return _match(criteria, fields)


def _count(criteria: Any) -> int:
    if not is_object(criteria):
        return 1
    group = criteria.get("group")
    return sum(map(_count, group)) if is_array(group) else 1


def _match(criteria: Any, fields: Mapping[str, Row]) -> Match:
    if not is_object(criteria):
        raise _refused("INVALID_CRITERIA", "the criteria are no object")
    if ("group" in criteria) is ("field" in criteria):
        raise _refused("AMBIGUOUS_CRITERIA", "give one condition or a group of them")
    unknown = criteria.keys() - {"field", "comparator", "value", "type", "group", "group_operator"}
    if unknown:
        raise _refused("INVALID_CRITERIA", "the key is unknown", api_name=min(unknown))
    if "field" in criteria:
        return _one(criteria, fields)
    group, operator = criteria["group"], criteria.get("group_operator")
    if not is_array_of_objects(group) or not group:
        raise _refused("AMBIGUOUS_GROUP_IN_CRITERIA", "the group holds no criteria")
    if operator not in {"and", "or"}:
        raise _refused(
            "GROUP_OPERATOR_NOT_SUPPORTED", "the operator is unknown", supported=["and", "or"]
        )
    matches = [_match(each, fields) for each in group]
    join = all if operator == "and" else any
    return lambda row: join(match(row) for match in matches)


def _one(criterion: Row, fields: Mapping[str, Row]) -> Match:
    field = criterion["field"]
    name = field.get("api_name") if is_object(field) else None
    known = {"data_type": "bigint"} if name == "id" else fields.get(str(name))
    if known is None:
        raise _refused("FIELD_IN_CRITERIA_NOT_AVAILABLE", "no such field", api_name=name)
    kind, comparator = str(known["data_type"]), str(criterion.get("comparator"))
    if comparator not in _ALL:
        raise _refused(
            "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED", "the comparator is unknown",
            comparator=comparator, supported=list(_ALL),
        )  # fmt: skip
    if comparator not in _comparators(kind):
        raise _refused(
            "FIELD_AND_COMPARATOR_IN_CRITERIA_NOT_COMPATIBLE", "the field is not compared so",
            api_name=name, comparator=comparator, supported=list(_comparators(kind)),
        )  # fmt: skip
    wanted = criterion.get("value")
    if wanted == _EMPTY:
        return _empty(str(name), comparator)
    positive = comparator.replace("not_", "")
    compare: Callable[[Any, Any], bool] = _COMPARE[positive]
    value = _wanted(positive, wanted, kind, str(name))
    negative = positive != comparator

    def match(row: Row) -> bool:
        held = row.get(str(name))
        if held in (None, ""):
            return negative
        return bool(compare(_read(held, kind), value)) is not negative

    return match


def _comparators(kind: str) -> tuple[str, ...]:
    if kind in _NUMBERS or kind in _TIMES:
        return (*_SAME, *_ORDERED)
    if kind == "boolean":
        return ("equal", "not_equal")
    return _SAME if kind in _REFERENCES else (*_SAME, *_TEXTUAL)


def _empty(name: str, comparator: str) -> Match:
    if comparator not in {"equal", "not_equal"}:
        raise _refused(
            "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", "nothing is only equal or not",
            comparator=comparator,
        )  # fmt: skip
    wanted = comparator == "equal"
    return lambda row: (row.get(name) in (None, "", [])) is wanted


def _wanted(comparator: str, value: Any, kind: str, name: str) -> Any:
    several = comparator in {"in", "between"}
    unfit = is_array(value) and (not value or (comparator == "between" and len(value) != _PAIR))
    if several is not is_array(value) or unfit:
        raise _refused(
            "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", "the comparator takes other values",
            comparator=comparator,
        )  # fmt: skip
    values = value if is_array(value) else [value]
    if len(values) > _MOST_VALUES:
        raise _refused(
            "VALUE_LIMIT_EXCEEDED_IN_CRITERIA", "too many values", max_limit=_MOST_VALUES
        )
    try:
        read = [_read(each, kind) for each in values]
    except (KeyError, TypeError, ValueError):
        raise _refused(
            "FIELD_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE", "the field holds no such value",
            api_name=name,
        ) from None  # fmt: skip
    return read if several else read[0]


def _read(value: Any, kind: str) -> Any:
    """Return *value* as values of its kind are compared."""
    if is_array(value):
        value = ";".join(map(str, value))
    if is_object(value):
        value = value["id"]
    read: Callable[[Any], Any] = _READ.get(kind, _lower)
    return read(value)


def _lower(value: Any) -> str:
    return str(value).lower()


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    if time.tzinfo is None:
        raise ValueError(text)
    return time


_READ: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_NUMBERS, float),
    "bigint": int,
    "date": date.fromisoformat,
    "datetime": _time,
    "boolean": lambda given: {"true": True, "false": False}[str(given).lower()],
}


def _refused(code: str, message: str, **details: Any) -> Refusal:
    return Refusal(code, message, wrapped=True, **details)
