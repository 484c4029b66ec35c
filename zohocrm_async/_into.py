"""Rows as objects of a class that the caller names: its type, and the fields it takes."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs

from zohocrm_async._converter import unreadable
from zohocrm_async._endpoint import Operation
from zohocrm_async._plans import wire_name
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.records import Record

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    R = TypeVar("R", default=Record)
else:
    from typing import TypeVar

    R = TypeVar("R")


def is_open(returns: Any) -> bool:
    """Whether a declared result is of a class that ``into`` names."""
    return returns is R or R in getattr(returns, "__parameters__", ())


def fit(
    operation: Operation, given: Mapping[str, Any], returns: Any
) -> tuple[Mapping[str, Any], Any]:
    """Return the arguments without ``into``, and the result with its class in place.

    Where the operation lists ``fields`` and none are named, they are those of the class.

    Raises:
        InvalidRequest: ``into`` is no attrs class.
    """
    kind = class_of(given.get("into"), operation.name)
    if kind is not Record and (reason := unreadable(kind)):
        raise InvalidRequest(
            f"into is {kind.__name__}, which cannot be read: {reason}", operation=operation.name
        )
    rest = {name: value for name, value in given.items() if name != "into"}
    if kind is not Record and "fields" in operation.counts and rest.get("fields") is None:
        least, most = operation.counts["fields"]
        names = asked_fields(kind)
        # Where no fields need be named, all of them come.
        if least or len(names) <= most:
            rest["fields"] = names
    return rest, kind if returns is R else returns[kind]


def class_of(into: Any, operation: str) -> Any:
    """Return the class that *into* names: `Record` if none.

    Raises:
        InvalidRequest: it is no attrs class.
    """
    kind = into or Record
    if kind is not Record and not (isinstance(kind, type) and attrs.has(kind)):
        raise InvalidRequest(
            f"into is {kind!r}: give an attrs class, or nothing for Record", operation=operation
        )
    return kind


@cache
def wire_names(kind: Any) -> tuple[str, ...]:
    """Return the names on the wire of what an attrs class holds, in its order."""
    return tuple(wire_name(attribute) for attribute in attrs.fields(kind) if attribute.init)


@cache
def asked_fields(kind: Any) -> tuple[str, ...]:
    """Return the fields to ask for; ``id`` comes unasked, and ``Owner.name`` is of Owner."""
    fields = dict.fromkeys(name.partition(".")[0] for name in wire_names(kind))
    return tuple(name for name in fields if name != "id") or ("id",)
