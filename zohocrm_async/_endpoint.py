"""How endpoints are declared: a typed signature becomes a `Call`."""

import functools
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar, cast, get_args, get_type_hints

from attrs import define, evolve, field, frozen

from zohocrm_async._clock import Clock
from zohocrm_async._pages import Page, Pager

F = TypeVar("F", bound=Callable[..., Any])
_NOTHING: Mapping[str, Any] = {}


@frozen
class Operation:
    """One documented operation: what is known of it before any call is made."""

    method: str
    path: str  # below /crm/{version} unless it says so itself, with places such as {module}
    key: str | None = None  # where the items stand in the request's body and in the answer
    price: "int | Callable[[Call], int]" = 1  # published credits, or an exact function of the call
    slots: int = 1  # how many calls in flight the service counts it for
    heavy: "int | Callable[[Call], int]" = 0  # heavy slots that it takes: True for one
    repeatable: bool = False  # whether sending it twice leaves the same end state
    windows: tuple[str, ...] = ()  # what it takes of beside credits, such as mails of the day
    host: str = "api"  # or content, or link: its path is a link of an earlier answer
    since: int = 2  # the first API version that has it
    page: str = "page"  # what leads to the next page: page (then page_token), token or index
    look_at: str = ""  # what tells whether it acted, when its answer was lost
    name: str = ""  # family and method, such as mail.send
    beside: frozenset[str] = frozenset()  # arguments that go into the body beside the items
    headers: Mapping[str, str] = field(default=_NOTHING, hash=False)  # arguments sent as headers
    renamed: Mapping[str, str] = field(default=_NOTHING, hash=False)  # in the query, to what
    written: "Mapping[str, Callable[[Any, str], Any]]" = field(
        default=_NOTHING, hash=False
    )  # how values of the query or beside the items are, which are not as all others
    places: frozenset[str] = frozenset()  # arguments that go into the path
    counts: Mapping[str, tuple[int, int]] = field(default=_NOTHING, hash=False)  # least and most
    apart: tuple[tuple[str, str], ...] = ()  # pairs of arguments of which a call has one at most
    either: tuple[str, ...] = ()  # arguments of which a call has one at least
    cut: str = ""  # the argument that is cut into calls where it has more than its count


@define(eq=False)
class Call:
    """One call: an operation with its arguments in place."""

    operation: Operation
    path: str
    query: Mapping[str, str] = _NOTHING
    headers: Mapping[str, str] = _NOTHING
    body: Any = None  # a JSON value, a Form for multipart, or None
    returns: Any = None  # the declared result; None for the decoded body as it came
    to: Path | None = None  # where a download goes; None for into memory

    @property
    def rows(self) -> int:
        """Items in the body, on which many prices depend."""
        body = cast("dict[str, Any]", self.body) if isinstance(self.body, dict) else {}
        items: Any = body.get(self.operation.key or "data")
        return len(items) if hasattr(items, "__len__") else 1

    @property
    def heavy(self) -> int:
        """How many heavy slots this call takes."""
        heavy = self.operation.heavy
        return heavy(self) if callable(heavy) else heavy


class Caller(Protocol):
    """Whoever carries calls through: the client."""

    version: str
    clock: Clock

    @property
    def api_url(self) -> str:
        """The host that calls go to."""
        ...

    async def call(self, call: Call) -> Any:
        """Carry *call* through and return its result as declared."""


class Resource:
    """A family of endpoints."""

    operations: ClassVar[Mapping[str, Operation]] = {}

    def __init__(self, client: Caller) -> None:
        self.client = client

    def __init_subclass__(cls, *, family: str) -> None:
        """Name the declared operations after *family* and collect them."""
        members = [member for base in cls.__mro__ for member in vars(base).items()]
        declared = {name: method for name, method in members if hasattr(method, "operation")}
        for name, method in declared.items():
            method.operation = evolve(method.operation, name=f"{family}.{name.lstrip('_')}")
        cls.operations = {name: method.operation for name, method in declared.items()}


def endpoint(
    route: str, *, beside: Sequence[str] = (), repeatable: bool | None = None, **facts: Any
) -> Callable[[F], F]:
    """Declare an endpoint; the decorated stub is its signature and is never run.

    Only GET is repeatable unless said; the other *facts* are those of `Operation`.
    """
    method, _, path = route.partition(" ")
    facts["repeatable"] = method == "GET" if repeatable is None else repeatable
    facts["places"] = frozenset(re.findall(r"{(\w+)}", path))
    operation = Operation(method=method, path=path, beside=frozenset(beside), **facts)
    return lambda stub: _bind(stub, operation)


def _check(name: str, signature: inspect.Signature, /, *args: Any, **kwargs: Any) -> None:
    """Raise as any function does that is given other arguments than it takes."""
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        raise TypeError(f"{name}() {error}") from None


def _bind(stub: Callable[..., Any], declared: Operation) -> Any:
    from zohocrm_async._arguments import place  # noqa: PLC0415  # it needs this module
    from zohocrm_async._batching.batches import in_calls  # noqa: PLC0415  # it loads with them

    signature = inspect.signature(stub)
    takes = [p for p in signature.parameters.values() if p.name != "self"]
    names = [p.name for p in takes if p.kind is not p.KEYWORD_ONLY]
    known = {p.name for p in takes}
    required = {p.name for p in takes if p.default is p.empty}
    returns = functools.cache(lambda: get_type_hints(stub)["return"])

    def prepare(self: Resource, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        given = dict(zip(names, args, strict=False), **kwargs)
        if len(given) != len(args) + len(kwargs) or not required <= given.keys() <= known:
            _check(method.operation.name, signature, self, *args, **kwargs)
        return place(method.operation, given, self.client.version, returns())

    async def once(self: Resource, *args: Any, **kwargs: Any) -> Any:
        return await self.client.call(prepare(self, args, kwargs))

    def pages(self: Resource, *args: Any, **kwargs: Any) -> Pager[Any]:
        client, first = self.client, prepare(self, args, kwargs)
        shape: Any = Page[get_args(first.returns)[0]]  # type: ignore[misc]  # known at run time only

        async def page(query: Mapping[str, str]) -> Page[Any]:
            call = Call(first.operation, first.path, query, first.headers, returns=shape)
            return cast("Page[Any]", await client.call(call))

        return Pager(page, first.query, first.operation.page)

    method: Any = once if inspect.iscoroutinefunction(stub) else pages
    if declared.cut:
        method = in_calls(method, declared, [*names, declared.cut].index(declared.cut))
    functools.update_wrapper(method, stub)
    method.operation = declared
    return method
