"""Arguments of the hand-written methods: of the class they are declared with, or refused."""

from collections.abc import Iterable, Mapping
from typing import TypeVar, cast

from zohocrm_async.exceptions import InvalidRequest

T = TypeVar("T")


def given(kind: type[T], value: object, name: str, operation: str) -> T:
    """Return *value*, which a caller gives as *name*.

    Raises:
        InvalidRequest: it is of another class than *kind*.
    """
    if isinstance(value, kind):
        return value
    home = kind.__module__.rpartition(".")[0]
    wanted = f"{kind.__name__} ({home})" if home else kind.__name__
    raise InvalidRequest(
        f"{name} is of type {value.__class__.__name__}: give a {wanted}", operation=operation
    )


def all_given(kind: type[T], values: object, name: str, operation: str) -> tuple[T, ...]:
    """Return *values*, each of which a caller gives as one of *name*.

    Raises:
        InvalidRequest: they are none, or one is of another class than *kind*.
    """
    listed = several(values, name, operation)
    return tuple(given(kind, one, f"{name}[{n}]", operation) for n, one in enumerate(listed))


def several(values: object, name: str, operation: str) -> tuple[object, ...]:
    """Return *values*, which a caller gives as *name*.

    Raises:
        InvalidRequest: they are a single one.
    """
    kind = values.__class__.__name__
    if isinstance(values, str | bytes | Mapping) or not isinstance(values, Iterable):
        raise InvalidRequest(f"{name} is of type {kind}: give a list", operation=operation)
    return tuple(cast("Iterable[object]", values))
