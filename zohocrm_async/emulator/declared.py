"""What a declaration says of its calls: the query, the keys that are needed, how many items."""

import inspect
import typing
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, get_args, get_origin

import attrs
from attrs import frozen

from zohocrm_async._endpoint import Operation
from zohocrm_async._pages import Pager
from zohocrm_async.api import declarations
from zohocrm_async.models.common import Word
from zohocrm_async.models.files import Download

# What the pages ask for where a body is declared as a mapping.
_NEEDED = {
    "portals.create": ("name",),
    "business_hours.create": ("type", "week_starts_on"),
    "custom_views.sort": ("sort_by", "sort_order"),
    "custom_views.sort_many": ("sort_by", "sort_order"),
    "tags.merge": ("conflict_id",),
    "territories.transfer_and_delete_many": ("id",),
    "users.transfer_and_delete_many": ("id",),
}
# What they list for parameters that are declared as text.
_WORDS = {
    "sort_order": ("asc", "desc"),
    "fields.list type": ("all", "unused", "used"),
    "fields.get type": ("all", "unused", "used"),
    "holidays.list type": ("business_holiday", "shift_holiday"),
    "layouts.list mode": ("all", "business_card", "quick_create"),
    "layouts.get mode": ("all", "business_card", "quick_create"),
    "profiles.list type": ("normal_profile", "private_profile"),
}


@frozen
class Declared:
    """What is known of an operation's calls from its declaration."""

    query: frozenset[str]
    """Parameters of the query."""
    required: tuple[str, ...]
    """Those that no call goes without."""
    words: Mapping[str, frozenset[str]]
    """What a parameter may be, where not any text may."""
    numbers: frozenset[str]
    """Parameters that are whole numbers."""
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
    kinds = {operation.renamed.get(p.name, p.name): hints[p.name] for p in query}
    words = {own: _words(f"{name} {own}", hint) for own, hint in kinds.items()}
    return Declared(
        frozenset(kinds),
        tuple(operation.renamed.get(p.name, p.name) for p in query if p.default is p.empty),
        {own: listed for own, listed in words.items() if listed},
        frozenset(own for own, hint in kinds.items() if int in {hint, *get_args(hint)}),
        own if key else None,
        key if "body" in hints else None,
        (*_needed_keys(kind), *_NEEDED.get(name, ())),
        get_origin(kind) is Sequence,
        returns in {tuple, Pager},
        "per_page" in {p.name for p in query},
    )


def _words(name: str, hint: Any) -> frozenset[str]:
    """Return the words that a parameter may be; none where any text may."""
    listed = set(_WORDS.get(name) or _WORDS.get(name.partition(" ")[2], ()))
    for kind in get_args(hint) or (hint,):
        if kind is bool:
            listed |= {"true", "false"}
        if inspect.isclass(kind) and issubclass(kind, Word):
            listed |= {str(word) for word in kind}
    return frozenset(listed)


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
