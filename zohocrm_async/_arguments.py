"""Arguments of a method become a `Call`; this module loads with the first family."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from zohocrm_async._converter import text, unstructure
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.files import Download

# What would make a segment name another path, encoded or not.
_FORBIDDEN = frozenset("/\\?#%\r\n\x00")
_HEAVY_PATHS = frozenset({"/coql", "/__composite_requests"})


def place(operation: Operation, given: Mapping[str, Any], version: str, returns: Any) -> Call:
    """Put the *given* arguments where the operation says they go.

    Raises:
        InvalidRequest: an argument cannot go there, or *version* lacks the operation.
    """
    if int(version[1:]) < operation.since:
        raise InvalidRequest(
            f"{operation.name} exists from API version v{operation.since} on and the client uses "
            f"{version}: make the client with a later version",
            operation=operation.name,
        )
    path, body, to = operation.path.replace("{version}", version), None, None
    query: dict[str, str] = {}
    headers: dict[str, str] = {}
    beside: dict[str, Any] = {}
    for name, value in given.items():
        if operation.host == "link" and name in operation.places:
            path = str(value)
        elif name in operation.places:
            path = path.replace(f"{{{name}}}", segment(name, value, operation.name))
        elif name == "body":
            body = unstructure(value, operation.key)
        elif name == "to" and returns is Download:
            to = None if value is None else Path(value)
        elif name in operation.beside:
            beside[name] = unstructure(value)
        elif value is not None:
            target = headers if name in operation.headers else query
            target[operation.headers.get(name, name)] = text(value)
    if beside:
        given_beside = {key: value for key, value in beside.items() if value is not None}
        body = {**cast("dict[str, Any]", body or {}), **given_beside}
    return Call(operation, path, query, headers, body, returns, to)


def segment(name: str, value: object, operation: str = "") -> str:
    """Return *value* for a place in a path; refuse what would name another path."""
    value = str(value)
    if value.isascii() and value.replace("_", "").isalnum():
        return value
    if not value.strip() or value in {".", ".."} or not _FORBIDDEN.isdisjoint(value):
        raise InvalidRequest(
            f"{name} is {value!r}: give an id or an API name, without / \\ ? # %",
            operation=operation,
        )
    return quote(value, safe="")


def raw_call(
    method: str,
    path: str,
    *,
    query: Mapping[str, Any] | None,
    body: Any,
    headers: Mapping[str, str] | None,
    heavy: bool | None,
    repeatable: bool | None,
) -> Call:
    """Return the call of any path below ``/crm/{version}``, with what is known of it.

    Raises:
        InvalidRequest: the path is none, or holds a query.
    """
    from zohocrm_async.api import find_operation  # noqa: PLC0415  # it declares by this module

    method = method.upper()
    name = f"{method} {path}"
    if method not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
        raise InvalidRequest(f"{method!r} is no method of this API", operation=name)
    if not path.startswith("/") or path == "/":
        raise InvalidRequest(
            f"path is {path!r}: give one below the version, such as /settings/modules",
            operation=name,
        )
    clean = "/" + "/".join(segment("path", part, name) for part in path[1:].split("/"))
    known = find_operation(method, clean)
    operation = Operation(
        method=method,
        path=clean,
        key=known.key if known else None,
        price=known.price if known else 1,
        heavy=heavy if heavy is not None else (known.heavy if known else clean in _HEAVY_PATHS),
        repeatable=repeatable
        if repeatable is not None
        else (known.repeatable if known else method == "GET"),
        windows=known.windows if known else (),
        look_at=known.look_at if known else "",
        name=known.name if known else name,
    )
    return Call(
        operation,
        clean,
        {key: text(value) for key, value in (query or {}).items() if value is not None},
        headers or {},
        unstructure(body),
    )
