"""Fields of a module as exports carry them: one value, whichever route it comes by.

A list gives JSON with the names of what lookups lead to, a query gives their ids, and the
file of a bulk read gives text. What all of them can give is the row of an export.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, cast

from attrs import frozen

from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.fields import DataType, Field

_UNREADABLE = frozenset(
    {
        DataType.SUBFORM,
        DataType.FILEUPLOAD,
        DataType.IMAGEUPLOAD,
        DataType.PROFILEIMAGE,
        DataType.MULTISELECTLOOKUP,
        DataType.MULTIUSERLOOKUP,
    }
)
_REFERENCES = frozenset({DataType.LOOKUP, DataType.OWNERLOOKUP, DataType.USERLOOKUP})
_NUMBERS = frozenset(
    {
        DataType.INTEGER,
        DataType.CURRENCY,
        DataType.DOUBLE,
        DataType.PERCENT,
    }
)
# What formulas and summaries give, by the words that their fields use.
_NUMERIC_WORDS = frozenset({"integer", "double", "currency", "percent", "number"})
_WHOLE = re.compile(r"[+-]?\d+")
# Tags are a list of their own kind, which files and queries write in other ways.
_LISTED_ONLY = frozenset({"Tag"})

Read = Callable[[Any], Any]


@frozen
class Column:
    """A field, with what makes its value of a JSON value and of a cell of a file."""

    api_name: str
    of_json: Read
    of_text: Read
    listed_only: bool = False
    """Whether lists alone give it."""


def columns_of(
    known: Iterable[Field], names: Sequence[str], *, module: str, operation: str
) -> tuple[Column, ...]:
    """Return the columns called *names*, without ``id``, which every row has.

    Raises:
        InvalidRequest: the module has no such field, or none is named.
    """
    fields = {field.api_name: field for field in known}
    wanted = [name for name in dict.fromkeys(names) if name != "id"]
    problems = tuple(unknown_field(module, name, fields) for name in wanted if name not in fields)
    if problems or not names:
        raise InvalidRequest(problems or "no fields are named", operation=operation)
    return tuple(_column(fields[name]) for name in wanted)


def unknown_field(module: str, name: str, fields: Iterable[str]) -> str:
    close = get_close_matches(name, fields, n=3)
    advice = (
        f"did you mean {' or '.join(close)}?" if close else f"see crm.metadata.fields({module!r})"
    )
    return f"{module} has no field {name!r}: {advice}"


def _column(field: Field) -> Column:
    name, kind = field.api_name or "", field.data_type
    if kind in _UNREADABLE or name in _LISTED_ONLY or name.startswith("$"):
        return Column(name, _as_it_is, _as_it_is, listed_only=True)
    if kind in _REFERENCES:
        return Column(name, _reference, _reference_of_text)
    if kind in _NUMBERS or _gives_number(field):
        return Column(name, _number, _number)
    if kind == DataType.BOOLEAN or _result(field) == "boolean":
        return Column(name, _as_it_is, _boolean)
    if kind == DataType.MULTISELECTPICKLIST:
        return Column(name, _several, _several_of_text)
    return Column(name, _text, _text)


def _result(field: Field) -> str:
    """Return the word for what a formula or a summary gives."""
    computed = field.data_type in {DataType.FORMULA, DataType.ROLLUP_SUMMARY}
    word = (field.formula.return_type if field.formula else None) or field.json_type
    return (word or "").lower() if computed else ""


def _gives_number(field: Field) -> bool:
    return _result(field) in _NUMERIC_WORDS


def _as_it_is(value: Any) -> Any:
    return value


def _text(value: Any) -> Any:
    return None if value == "" else value


def _reference(value: Any) -> Any:
    if isinstance(value, Mapping):
        id_ = cast("Mapping[str, Any]", value).get("id")
        return None if id_ in (None, "") else {"id": str(id_)}
    return _reference_of_text(value)


def _reference_of_text(value: Any) -> Any:
    return {"id": str(value)} if value else None


def _number(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if not value:
        return None
    if _WHOLE.fullmatch(value):
        return int(value)
    try:
        return float(value)
    except ValueError:
        return value  # such as a formula that could not be worked out


def _boolean(value: str) -> Any:
    return {"true": True, "false": False}.get(value.lower()) if value else None


def _several(value: Any) -> Any:
    return value or []


def _several_of_text(value: str) -> list[str]:
    return value.split(";") if value else []
