"""The one strict converter between JSON and the attrs classes of `models`."""

import enum
import math
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from functools import cache
from typing import Any, cast, get_args, get_origin

import attrs
import cattrs
import orjson
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from zohocrm_async._pages import Page
from zohocrm_async._plans import Structure, may_be_hollow, nullable, plan, wire_name, without_none
from zohocrm_async._wire import Form, as_object, dumps, is_array
from zohocrm_async.exceptions import InvalidRequest, UnexpectedAnswer, ZohoCRMError
from zohocrm_async.models.common import Word
from zohocrm_async.models.files import Download
from zohocrm_async.models.records import Record

# What cattrs lets through of a value of another shape.
_FAULTS = (TypeError, ValueError, KeyError, AttributeError)


def _text(value: Any, _: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, not {type(value).__name__}")
    return value


def _integer(value: Any, _: Any) -> int:
    # Sizes and counts come as numbers on some pages and as digits on others.
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"expected a whole number, not {value!r}")
    return value


def _boolean(value: Any, _: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"expected true or false, not {value!r}")
    return value


def _time(value: Any, _: Any) -> datetime:
    if not isinstance(value, str):
        raise TypeError(f"expected a time, not {value!r}")
    return datetime.fromisoformat(value)


def _date(value: Any, _: Any) -> date:
    if not isinstance(value, str):
        raise TypeError(f"expected a date, not {value!r}")
    return date.fromisoformat(value)


_OBJECT = frozenset({dict})


def _record(value: Any, _: Any = None) -> Record:
    fields = as_object(value)
    if fields is None:
        raise TypeError(f"a record is an object, not {type(value).__name__}")
    return Record(fields)


def _as_it_is(value: Any, _: Any) -> Any:
    return value


def _structure_factory(cls: type[Any], converter: cattrs.Converter) -> Structure:
    """Read fields by their wire names; null counts as missing; dots reach into objects.

    An optional object that is empty counts as missing, if it may not be.
    Where pages spell a name in two ways, the other one stands as ``also``.
    """
    names = {a.name: wire_name(a) for a in attrs.fields(attrs.resolve_types(cls))}
    inner = make_dict_structure_fn(
        cls,
        converter,
        **{name: override(rename=wire) for name, wire in names.items()},  # type: ignore[arg-type]  # keyword names are fields
    )
    empty = [wire_name(a) for a in attrs.fields(cls) if nullable(a)]
    deep = [(wire, *wire.split(".", 1)) for wire in names.values() if "." in wire]
    others = [(a.metadata["also"], wire_name(a)) for a in attrs.fields(cls) if "also" in a.metadata]
    hollow = [wire_name(a) for a in attrs.fields(cls) if may_be_hollow(a)]

    def structure(value: Any, _: Any = None) -> Any:
        given = as_object(value)
        if given is None:
            raise TypeError(f"expected an object, not {type(value).__name__}")
        flat = {key: item for key, item in given.items() if item is not None}
        for wire, outer, key in deep:
            holder = as_object(flat.get(outer))
            if holder is not None and (found := holder.get(key)) is not None:
                flat[wire] = found
        for wire in hollow:
            if flat.get(wire) == {}:
                del flat[wire]
        for wire in empty:
            flat.setdefault(wire, None)
        for other, wire in others:
            if other in flat:
                flat.setdefault(wire, flat[other])
        return inner(flat, cls)

    return structure


def _quick_factory(cls: type[Any], converter: cattrs.Converter) -> Structure:
    return plan(cls, converter) or _structure_factory(cls, converter)


def _unstructure_factory(cls: type[Any], converter: cattrs.Converter) -> Callable[[Any], Any]:
    """Write fields under their wire names; leave out what is not given: None and ()."""
    return make_dict_unstructure_fn(
        cls,
        converter,
        **{
            a.name: override(rename=wire_name(a), omit_if_default=a.default in (None, ()))
            for a in attrs.fields(attrs.resolve_types(cls))
        },  # type: ignore[arg-type]  # keyword names are fields
    )


def _aware(value: datetime) -> str:
    if value.tzinfo is None:
        raise InvalidRequest(
            f"{value.isoformat()} has no time zone: give an aware datetime, "
            "such as datetime(2026, 1, 31, 9, 0, tzinfo=UTC)"
        )
    return value.isoformat(timespec="seconds")


_LEAVES: Mapping[Any, Structure] = {
    str: _text,
    int: _integer,
    bool: _boolean,
    datetime: _time,
    date: _date,
}


@cache
def _converter(*, detailed: bool = False) -> cattrs.Converter:
    """Return the converter: the quick one, or the one whose errors name every place."""
    converter = cattrs.Converter(detailed_validation=detailed)
    for kind, hook in _LEAVES.items():
        converter.register_structure_hook(kind, hook)
    converter.register_structure_hook(Record, _record)
    converter.register_structure_hook(ZohoCRMError, _as_it_is)
    converter.register_unstructure_hook(datetime, _aware)
    converter.register_unstructure_hook(date, date.isoformat)
    converter.register_structure_hook(Word, lambda value, kind: kind(_text(value, str)))
    converter.register_unstructure_hook(Word, str)
    converter.register_structure_hook_factory(attrs.has)(
        _structure_factory if detailed else _quick_factory
    )
    converter.register_unstructure_hook_factory(attrs.has)(_unstructure_factory)
    return converter


def structure(body: Any, returns: Any, key: str | None, operation: str) -> Any:
    """Return the declared result of a decoded, good answer.

    A tuple takes every item at *key*, a `Page` the items with their ``info``,
    any other class the only item.

    Raises:
        UnexpectedAnswer: the answer does not have the documented shape.
    """
    if returns is None or returns is Download:
        return body
    shape = get_origin(returns)
    items = _at(body, key)
    try:
        if shape is Page:
            info = as_object((as_object(body) or {}).get("info"))
            return Page(_many(items, get_args(returns)[0]), info or {})
        if shape is tuple:
            return _many(items, get_args(returns)[0])
        if returns is type(None):
            return None
        if not items:
            raise UnexpectedAnswer(f"{operation}: the answer holds no item", operation=operation)
        return _one(items[0], returns)
    except (cattrs.BaseValidationError, *_FAULTS) as error:
        faults = "; ".join(cattrs.transform_error(error, format_exception=_fault))
        raise UnexpectedAnswer(
            f"{operation}: the answer has another shape than documented: {faults}",
            operation=operation,
        ) from error


def _fault(error: BaseException, _: Any) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    return str(error)


def _at(body: Any, key: str | None) -> list[Any]:
    found: Any = body if key is None or body is None else body.get(key)
    if found is None:
        # Some writes answer with their only item, and nothing around it.
        return [body] if body and "code" in body and "status" in body else []
    return found if is_array(found) else [found]


def _many(items: list[Any], kind: Any) -> tuple[Any, ...]:
    if kind is Record:  # the shape that comes most
        return tuple(map(Record if {*map(type, items)} <= _OBJECT else _record, items))
    read = _hook(kind)
    try:
        return tuple([read(item, kind) for item in items])
    except _FAULTS:
        return tuple([_one(item, kind) for item in items])


@cache
def _hook(kind: Any) -> Structure:
    return _converter().get_structure_hook(kind)


def _one(item: Any, kind: Any) -> Any:
    try:
        return _hook(kind)(item, kind)
    except _FAULTS:
        return _converter(detailed=True).structure(item, kind)  # fails too, and says where


@cache
def unreadable(kind: type[Any]) -> str:
    """Return why no object of an attrs class can be made of an answer, or ""."""
    try:
        for attribute in attrs.fields(attrs.resolve_types(kind)):
            _converter().get_structure_hook(without_none(attribute.type))
    except (NameError, cattrs.StructureHandlerNotFoundError) as error:
        return str(error)
    return ""


def unstructure(value: Any, key: str | None = None) -> Any:
    """Return *value* with its attrs objects as JSON values; mappings stay as they are.

    With *key*, a sequence goes under it and anything else as its only item.
    """
    if value.__class__ is dict:  # the usual case
        return value if key is None else {key: [value]}
    if value is None or isinstance(value, Form):
        return value
    if key is not None:
        if isinstance(value, (list, tuple)):
            return {key: [unstructure(item) for item in cast("Iterable[Any]", value)]}
        return {key: [unstructure(value)]}
    write = _writer(value.__class__)
    return value if write is None else write(value)


_NEVER_ODD = frozenset({str, int, bool, type(None), datetime, date})
# What stands in a row and is none itself; what it holds is looked at as the body is written.
_NO_FLOATS = _NEVER_ODD | {dict, list, tuple}


def row_problem(row: Any) -> str | None:
    """Return why *row*, which is to hold the values of fields, cannot be sent; None if it can."""
    if row.__class__ is not dict:  # the usual case, told without the cost of asking a protocol
        if isinstance(row, orjson.Fragment):  # it was looked at before it became one
            return None
        if not isinstance(row, Mapping):
            return f"is {row!r}: give a mapping of fields to values, or an attrs object"
    fields = cast("Mapping[str, Any]", row)
    if _NO_FLOATS.issuperset(map(type, fields.values())):
        return None
    for name, value in fields.items():
        # JSON has neither, and null in their place would empty the field.
        if isinstance(value, float) and not math.isfinite(value):
            return f"has {value} as {name}: give a number, or None for no value"
    return None


@cache
def _writer(kind: type[Any]) -> Callable[[Any], Any] | None:
    """Return what makes JSON values of an attrs object; None for any other *kind*."""
    return _converter().get_unstructure_hook(kind) if attrs.has(kind) else None


def leaf(value: Any) -> Any:
    """Return a value that stands in a mapping of the caller's as JSON values."""
    if attrs.has(value.__class__) or isinstance(value, datetime | date):
        return _converter().unstructure(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def odd_number(value: Any) -> str:
    """Return where in *value* NaN or an infinity stands, such as ``data[0].Amount``, or ""."""
    return _place_of_odd(value, "") if _may_be_odd((value,)) else ""


def _may_be_odd(values: Iterable[Any]) -> bool:
    """Whether NaN or an infinity may stand in *values*: a quick look, for the many without."""
    for value in values:
        kind = value.__class__
        if kind in _NEVER_ODD:
            continue
        if kind is float:
            odd = not math.isfinite(value)
        elif kind is dict:
            odd = _may_be_odd(value.values())
        else:
            odd = (kind is not list and kind is not tuple) or _may_be_odd(value)
        if odd:
            return True
    return False


def _place_of_odd(value: Any, place: str) -> str:
    if isinstance(value, float):
        return "" if math.isfinite(value) else place or "the body"
    if attrs.has(value.__class__):
        value = unstructure(value)
    if isinstance(value, Mapping):
        held = cast("Mapping[str, Any]", value).items()
        items = ((f"{place}.{key}" if place else str(key), item) for key, item in held)
    elif isinstance(value, list | tuple):
        listed = cast("Iterable[Any]", value)
        items = ((f"{place}[{number}]", item) for number, item in enumerate(listed))
    else:
        return ""
    return next(filter(None, (_place_of_odd(item, where) for where, item in items)), "")


def text(value: Any) -> str:
    """Return *value* as the service reads it in a query or a header."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(text(item) for item in cast("Iterable[Any]", value))
    if isinstance(value, datetime):
        return _aware(value)
    if isinstance(value, Mapping):
        return dumps(value).decode()
    return str(value)
