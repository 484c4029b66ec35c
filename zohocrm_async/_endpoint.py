"""How endpoints are declared: a typed signature becomes a `Call`."""

import functools
import inspect
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Protocol, TypeVar, get_args

from attrs import define, evolve, field, frozen

from zohocrm_async._clock import Clock
from zohocrm_async._pages import Page, Pager
from zohocrm_async.exceptions import InvalidRequest

F = TypeVar("F", bound=Callable[..., Any])
_NO_TEXT: Mapping[str, str] = {}


@frozen
class Operation:
    """One documented operation: what is known of it before any call is made."""

    method: str
    path: str
    """Below ``/crm/{version}``, with places such as ``{module}``."""
    key: str | None = None
    """Where the items stand, in the request's body and in the answer."""
    price: "int | Callable[[Call], int]" = 1
    """Published credits: a number, or an exact function of the call."""
    heavy: "bool | Callable[[Call], bool]" = False
    """Whether it takes one of the few heavy slots."""
    repeatable: bool = False
    """Whether sending it twice leaves the same end state."""
    since: int = 2
    """The first API version that has it."""
    page: str = "page"
    """What leads to the next page: ``page`` (then ``page_token``) or ``index``."""
    look_at: str = ""
    """What tells whether it acted, when its answer was lost."""
    name: str = ""
    """Family and method, such as ``mail.send``."""
    beside: frozenset[str] = frozenset()
    """Arguments that go into the body beside the items."""
    headers: Mapping[str, str] = field(default=_NO_TEXT, hash=False)
    """Arguments that go out as headers, with the headers' names."""


@define(eq=False)
class Call:
    """One call: an operation with its arguments in place."""

    operation: Operation
    path: str
    query: Mapping[str, str] = _NO_TEXT
    headers: Mapping[str, str] = _NO_TEXT
    body: Any = None
    """JSON value to send, a `Form` for multipart, or None."""
    returns: Any = None
    """The declared result; None for the decoded body as it came."""

    @property
    def rows(self) -> int:
        """Items in the body, on which many prices depend."""
        body = self.body
        items = body.get(self.operation.key or "data") if isinstance(body, Mapping) else body
        return len(items) if isinstance(items, list | tuple) else 1

    @property
    def heavy(self) -> bool:
        """Whether this call takes a heavy slot."""
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
        ...


class Resource:
    """A family of endpoints."""

    operations: ClassVar[Mapping[str, Operation]] = {}

    def __init__(self, client: Caller) -> None:
        self._client = client

    def __init_subclass__(cls, *, family: str) -> None:
        """Name the declared operations after *family* and collect them."""
        declared = {n: m for n, m in vars(cls).items() if hasattr(m, "operation")}
        for name, method in declared.items():
            method.operation = evolve(method.operation, name=f"{family}.{name.lstrip('_')}")
        cls.operations = {name: method.operation for name, method in declared.items()}


def endpoint(
    route: str, *, beside: Sequence[str] = (), repeatable: bool | None = None, **facts: Any
) -> Callable[[F], F]:
    """Declare an endpoint; the decorated stub is its signature and is never run.

    Arguments named in the path go into it, ``body`` is the body, *beside* names those
    that go into the body beside the items, ``headers`` those sent as headers; the rest
    is the query. What is not given is not sent. Only GET is repeatable unless said.
    The other *facts* are those of `Operation`.
    """
    method, _, path = route.partition(" ")
    facts["repeatable"] = method == "GET" if repeatable is None else repeatable
    operation = Operation(method=method, path=path, beside=frozenset(beside), **facts)

    def declare(stub: F) -> F:
        return typing.cast("F", _bind(stub, operation))

    return declare


def _bind(stub: Callable[..., Any], declared: Operation) -> Callable[..., Any]:
    signature = inspect.signature(stub)
    returns = functools.cache(lambda: typing.get_type_hints(stub)["return"])

    def prepare(client: Caller, arguments: Mapping[str, Any]) -> Call:
        return _call(method.operation, arguments, client.version, returns())  # type: ignore[attr-defined]  # set below

    if inspect.iscoroutinefunction(stub):

        async def method(self: Resource, *args: Any, **kwargs: Any) -> Any:
            given = signature.bind(self, *args, **kwargs).arguments
            return await self._client.call(prepare(self._client, given))  # noqa: SLF001  # its own
    else:

        def method(self: Resource, *args: Any, **kwargs: Any) -> Any:
            client = self._client  # noqa: SLF001  # its own
            call = prepare(client, signature.bind(self, *args, **kwargs).arguments)
            item = get_args(call.returns)[0]

            async def page(query: Mapping[str, str]) -> Page[Any]:
                following = Call(call.operation, call.path, query, call.headers, returns=Page[item])
                return typing.cast("Page[Any]", await client.call(following))

            return Pager(page, call.query, call.operation.page)

    functools.update_wrapper(method, stub)
    method.operation = declared  # type: ignore[attr-defined]  # functions take attributes
    return method


def _call(operation: Operation, given: Mapping[str, Any], version: str, returns: Any) -> Call:
    """Put the *given* arguments where the operation says they go."""
    # These load on first use, which keeps the import of the package cheap.
    from zohocrm_async._converter import text, unstructure  # noqa: PLC0415
    from zohocrm_async._wire import segment  # noqa: PLC0415

    if int(version[1:]) < operation.since:
        raise InvalidRequest(
            f"{operation.name} exists from API version v{operation.since} on and the client uses "
            f"{version}: make the client with a later version",
            operation=operation.name,
        )
    path, query, headers, body, beside = operation.path, {}, {}, None, {}
    for name, value in given.items():
        place = f"{{{name}}}"
        if place in operation.path:
            path = path.replace(place, segment(name, value, operation.name))
        elif name == "body":
            body = unstructure(value, operation.key)
        elif name in operation.beside:
            beside[name] = unstructure(value)
        elif value is not None and name != "self":
            target = headers if name in operation.headers else query
            target[operation.headers.get(name, name)] = text(value)
    if beside:
        body = {**(body or {}), **{k: v for k, v in beside.items() if v is not None}}
    return Call(operation, path, query, headers, body, returns)
