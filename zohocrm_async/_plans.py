"""How objects of an attrs class are read from JSON: quickly, for they come by the hundred.

A plan has one line for each attribute. What already has the right type is taken as it is;
all else goes through the converter's hooks. A plan does not say what is wrong with a value:
where it fails, the converter reads again and says where.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import MemberDescriptorType, NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin

import attrs
import cattrs
from attrs import frozen

Structure = Callable[[Any, Any], Any]
Read = Callable[[Any], Any]

_AS_THEY_ARE = frozenset({str, int, bool, float})
_OBJECTS = (Mapping[str, Any], dict[str, Any])


_at_work: dict[type[Any], Structure] = {}


def wire_name(attribute: "attrs.Attribute[Any]") -> str:
    """Return what an attribute is called on the wire."""
    return str(attribute.metadata.get("wire", attribute.name))


def nullable(attribute: "attrs.Attribute[Any]") -> bool:
    """Whether None is a value of an attribute that has no default."""
    return attribute.default is attrs.NOTHING and NoneType in get_args(attribute.type)


def may_be_hollow(attribute: "attrs.Attribute[Any]") -> bool:
    """Whether ``{}`` stands for None: an object is optional, and cannot be made of nothing."""
    kind = without_none(attribute.type)
    if kind is attribute.type or not (isinstance(kind, type) and attrs.has(kind)):
        return False
    inner = attrs.fields(attrs.resolve_types(kind))
    return any(each.default is attrs.NOTHING and not nullable(each) for each in inner)


def plan(cls: type[Any], converter: cattrs.Converter) -> Structure | None:
    """Return what reads *cls*; None where it asks for more than a plan can."""
    attributes = attrs.fields(attrs.resolve_types(cls))
    if not (_only_stores(cls) and all(_is_plain(cls, each) for each in attributes)):
        return None
    if cls in _at_work:
        return _at_work[cls]
    made: list[Structure] = []

    # A class may hold objects of its own kind, which are read by what is not there yet.
    def later(value: Any, kind: Any = None) -> Any:
        return made[0](value, kind)

    _at_work[cls] = later
    try:
        made.append(_compiled(cls, [_entry(cls, each, converter) for each in attributes]))
    finally:
        del _at_work[cls]
    return made[0]


def _compiled(cls: type[Any], entries: Sequence["_Entry"]) -> Structure:
    """Return a function with a line for each attribute, which saves the time of a loop."""
    names: dict[str, Any] = {"new": cls.__new__, "cls": cls}
    lines = ["def structure(value, _=None):", "    get, made = value.get, new(cls)"]
    for number, entry in enumerate(entries):
        names |= {f"read{number}": entry.read, f"store{number}": entry.store}
        if entry.kind is None:
            as_it_is = "item is None" if entry.empty else "False"
        else:
            names[f"kind{number}"] = entry.kind
            as_it_is = f"item.__class__ is kind{number}" + " or item is None" * entry.empty
        lines.append(f"    item = get({entry.name!r})")
        outer, dot, inner = entry.name.partition(".")
        if dot:
            lines += [
                f"    if isinstance(outer := get({outer!r}), dict):",
                f"        item = item if (found := outer.get({inner!r})) is None else found",
            ]
        if entry.hollow:
            lines.append("    item = None if item == {} else item")
        lines.append(f"    store{number}(made, item if {as_it_is} else read{number}(item))")
    exec("\n".join([*lines, "    return made"]), names)  # noqa: S102  # a name's repr is all it takes
    return cast("Structure", names["structure"])


def _only_stores(cls: type[Any]) -> bool:
    """Whether making an object does nothing but store its attributes in slots.

    Storing them directly takes half the time of the ``__init__`` of a frozen class.
    """
    code = getattr(cls.__init__, "__code__", None)
    own = code is None or not code.co_filename.startswith("<attrs generated")
    hooks = ("__attrs_pre_init__", "__attrs_post_init__", "_attrs_cached_hash")
    return not own and not any(hasattr(cls, hook) for hook in hooks)


def _is_plain(cls: type[Any], attribute: "attrs.Attribute[Any]") -> bool:
    described: Any = attribute
    does_more = described.validator or described.converter or not described.init
    own = getattr(attribute.default, "takes_self", False)
    several = "also" in attribute.metadata
    slot = isinstance(getattr(cls, attribute.name, None), MemberDescriptorType)
    return slot and not (does_more or own or several)


@frozen
class _Entry:
    """How one attribute is read and stored."""

    name: str
    """On the wire; a dot reaches into an object."""
    kind: type[Any] | None
    """The type whose values are taken as they are."""
    empty: bool
    """Whether None is taken as it is."""
    hollow: bool
    """Whether an empty object counts as None."""
    read: Read
    """What makes the value of anything else."""
    store: Callable[[Any, Any], None]


def _entry(
    cls: type[Any], attribute: "attrs.Attribute[Any]", converter: cattrs.Converter
) -> _Entry:
    kind, default = without_none(attribute.type), _default(attribute)
    exact = kind if kind in _AS_THEY_ARE else dict if kind in _OBJECTS else None
    read = _reader(kind, converter)
    store = getattr(cls, attribute.name).__set__
    if default is None:
        hollow = may_be_hollow(attribute)
        return _Entry(wire_name(attribute), exact, True, hollow, read, store)

    def read_or_default(value: Any) -> Any:
        return default() if value is None else read(value)

    return _Entry(wire_name(attribute), exact, False, False, read_or_default, store)


def without_none(kind: Any) -> Any:
    """Return *kind* without the None of an optional one."""
    if get_origin(kind) not in {Union, UnionType}:
        return kind
    kinds = tuple(each for each in get_args(kind) if each is not NoneType)
    return kinds[0] if len(kinds) == 1 else kind


def _default(attribute: "attrs.Attribute[Any]") -> Callable[[], Any] | None:
    """Return what makes the value where nothing came; None where that is None."""
    default: Any = attribute.default
    if default is None or nullable(attribute):
        return None
    if default is attrs.NOTHING:
        return _missing
    return getattr(default, "factory", None) or (lambda: default)


def _missing() -> Any:
    raise KeyError


class _Members(dict[Any, Any]):
    """The members of an enumeration by their values; others are asked for."""

    def __init__(self, kind: type[enum.Enum]) -> None:
        super().__init__(kind._value2member_map_)
        self.kind = kind

    def __missing__(self, value: Any) -> Any:
        return self.kind(value)


def _reader(kind: Any, converter: cattrs.Converter) -> Read:
    if kind is datetime or kind is date:
        return cast("Read", kind.fromisoformat)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return _Members(kind).__getitem__
    hook: Any = converter.get_structure_hook(kind)
    if isinstance(kind, type) and attrs.has(kind):
        return cast("Read", hook)  # the class is known to it
    return lambda value: hook(value, kind)
