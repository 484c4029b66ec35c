"""What a declaration says of its calls: the query, the keys that are needed, how many items."""

import inspect
import typing
from collections.abc import Sequence
from functools import cache
from typing import Any, get_args, get_origin

import attrs
from attrs import frozen

from zohocrm_async._endpoint import Operation
from zohocrm_async._pages import Pager
from zohocrm_async.api import declarations
from zohocrm_async.models.files import Download

# What the pages ask for where a body is declared as a mapping.
_NEEDED = {
    "portals.create": ("name",),
    "custom_views.sort": ("sort_by", "sort_order"),
    "tags.merge": ("conflict_id",),
}


@frozen
class Declared:
    """What is known of an operation's calls from its declaration."""

    query: frozenset[str]
    """Parameters of the query."""
    required: tuple[str, ...]
    """Those that no call goes without."""
    body: frozenset[str] | None
    """Keys of the body itself; None where any may be."""
    items: str | None
    """Where the items stand in the body, if there are any."""
    needed: tuple[str, ...]
    """Keys that every item of the body has."""
    many: bool
    """Whether the body may hold more than one item."""
    listing: bool
    """Whether the answer is a list."""
    paged: bool
    """Whether it comes in pages."""


@cache
def declared(name: str) -> Declared:
    """Return what the operation called *name* declares."""
    method: Any = declarations()[name]
    operation: Operation = method.operation
    parameters = list(inspect.signature(method).parameters.values())[1:]
    hints = typing.get_type_hints(inspect.unwrap(method))
    aside = {*operation.places, *operation.beside, *operation.headers, "body", "into"}
    if hints["return"] is Download:
        aside.add("to")
    query = [p for p in parameters if p.name not in aside]
    items = operation.key if operation.key in operation.beside else "body"
    kind = hints.get(items or "body")
    returns = get_origin(hints["return"])
    key = operation.key
    own = operation.beside | {key} if key and "body" in hints else operation.beside
    return Declared(
        frozenset(operation.renamed.get(p.name, p.name) for p in query),
        tuple(operation.renamed.get(p.name, p.name) for p in query if p.default is p.empty),
        own if key else None,
        key if "body" in hints else None,
        (*_needed_keys(kind), *_NEEDED.get(name, ())),
        get_origin(kind) is Sequence,
        returns in {tuple, Pager},
        "per_page" in {p.name for p in query},
    )


def _needed_keys(kind: Any) -> tuple[str, ...]:
    """Return the wire names of what a model cannot be made without."""
    model = get_args(kind)[0] if get_origin(kind) is Sequence else kind
    if not attrs.has(model):
        return ()
    return tuple(
        str(attribute.metadata.get("wire", attribute.name))
        for attribute in attrs.fields(model)
        if attribute.default is attrs.NOTHING
    )
