"""Whether what a call says is of the types that its declaration gives.

The signature tells what the query may hold and the models what an item may: nobody
writes that down for the emulator a second time.
"""

import inspect
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, get_args, get_origin

import attrs

from zohocrm_async._plans import wire_name
from zohocrm_async.api import declarations
from zohocrm_async.emulator.checks import (
    Check,
    anything,
    array,
    boolean,
    day,
    integer,
    json_object,
    missing,
    one_of,
    or_null,
    text,
    time,
    unknown,
)
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import JSON, Refusal
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.models.common import Outcome, Word

_LEAVES: Mapping[Any, Check] = {
    str: text, bool: boolean, int: integer, datetime: time, date: day,
}  # fmt: skip
_UNIONS = (types.UnionType, typing.Union)
# Their pages name more keys than the models do.
_OPEN = frozenset({"fields", "layouts", "modules", "users", "webforms"})


def item_problem(row: JSON, incoming: Incoming, known: Declared, index: int) -> JSON | None:
    """Return the error of an item that its declaration rules out, or None."""
    try:
        _check_item(row, f"$.{incoming.key}[{index}]", incoming, known)
    except Refusal as refusal:
        return refusal.item
    return None


def check_object(row: JSON, incoming: Incoming, known: Declared) -> None:
    """Refuse what stands in place of items if its declaration rules it out.

    Raises:
        Refusal: names the first key that is missing, unknown or of another type.
    """
    try:
        _check_item(row, f"$.{incoming.key}", incoming, known)
    except Refusal as refusal:
        raise Refusal(refusal.code, refusal.item["message"], **refusal.item["details"]) from None


def _check_item(row: JSON, path: str, incoming: Incoming, known: Declared) -> None:
    for name in known.needed:
        if name not in row or row[name] == "":
            raise missing(name, f"{path}.{name}")
    checks = _checks_of(incoming.operation.name)
    closed = bool(checks) and incoming.key not in _OPEN
    for name, value in row.items():
        if name in checks:
            checks[name](value, name, f"{path}.{name}")
        elif closed and name not in known.needed and name[:1] not in {"_", "$"}:
            raise unknown(name, f"{path}.{name}")


def check_query(incoming: Incoming, known: Declared) -> None:
    """Refuse a parameter of another type than declared.

    Raises:
        Refusal: names the first one.
    """
    for name, value in incoming.query.items():
        words = known.words.get(name)
        if words is not None and value not in words:
            raise Refusal(
                "INVALID_DATA", "the value is unknown", param_name=name,
                supported_values=sorted(words),
            )  # fmt: skip
        if name in known.numbers and not value.isdecimal():
            raise Refusal(
                "INVALID_DATA", "the value is no number", param_name=name,
                expected_data_type="integer",
            )  # fmt: skip


@cache
def _checks_of(name: str) -> Mapping[str, Check]:
    """Return the checks of the keys that an item of an operation may have; none: any key."""
    own, *others = _kinds(name)
    sent = _models(own)
    checks: dict[str, Check] = {}
    for model in [*sent, *(model for kind in others for model in _models(kind))]:
        for key, check in _keys(model, sent=model in sent).items():
            checks.setdefault(key, check)
    return {"id": text, **checks} if checks else {}


def _kinds(name: str) -> Iterator[Any]:
    """Yield what an operation's items are, then what is said of such items elsewhere."""
    methods: Mapping[str, Any] = declarations()
    family, key = name.partition(".")[0], methods[name].operation.key
    yield _body(name)
    for other, method in methods.items():
        operation = method.operation
        if other.partition(".")[0] == family and operation.key == key:
            read = operation.method == "GET"
            yield _hints(other)["return"] if read else _body(other)


def _hints(name: str) -> dict[str, Any]:
    return typing.get_type_hints(inspect.unwrap(declarations()[name]))


def _body(name: str) -> Any:
    method: Any = declarations()[name]
    hints, operation = _hints(name), method.operation
    return hints.get(operation.key if operation.key in operation.beside else "body")


def _models(kind: Any) -> list[Any]:
    """Return the models in a declared type."""
    if attrs.has(kind):
        return [] if kind is Outcome else [kind]
    return [model for part in get_args(kind) for model in _models(part)]


@cache
def _keys(model: Any, *, sent: bool) -> Mapping[str, Check]:
    fields = attrs.fields(attrs.resolve_types(model))
    return {
        wire_name(field): _check(field.type, sent=sent)
        for field in fields
        if "." not in wire_name(field)
    }


def _check(kind: Any, *, sent: bool) -> Check:
    """Return the check of what a declaration says is *kind*."""
    origin, parts = get_origin(kind), get_args(kind)
    if origin in _UNIONS:
        check = _check(_strictest(parts), sent=sent)
        return or_null(check) if types.NoneType in parts else check
    if origin in {tuple, Sequence}:
        return _items(_check(parts[0], sent=sent))
    if origin is Mapping:
        return json_object
    if attrs.has(kind):
        return _object(kind, sent=sent)
    if isinstance(kind, type) and issubclass(kind, Word):
        return one_of(*map(str, kind))
    return _LEAVES.get(kind, anything)


def _strictest(parts: Sequence[Any]) -> Any:
    """Return the one of several types that tells what a value may be; Any if none does."""
    given = [part for part in parts if part is not types.NoneType]
    words = [part for part in given if isinstance(part, type) and issubclass(part, Word)]
    objects = [part for part in given if get_origin(part) is Mapping]
    told = words or objects or given
    return told[0] if len(told) == 1 else Any


def _items(each: Check) -> Check:
    def check(value: Any, name: str, path: str) -> None:
        array(value, name, path)
        for index, item in enumerate(value):
            each(item, name, f"{path}[{index}]")

    return check


def _object(model: Any, *, sent: bool) -> Check:
    needed = [wire_name(a) for a in attrs.fields(model) if a.default is attrs.NOTHING]

    def check(value: Any, name: str, path: str) -> None:
        json_object(value, name, path)
        for key in needed if sent else ():
            if key not in value or value[key] == "":
                raise missing(key, f"{path}.{key}", name)
        checks = _keys(model, sent=sent)
        for key, item in value.items():
            if key in checks:
                checks[key](item, key, f"{path}.{key}")

    return check
