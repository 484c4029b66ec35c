"""Arguments of a method become a `Call`; this module loads with the first family."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from zohocrm_async._converter import text, unstructure
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async._into import fit, is_open
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.files import Download

# What would make a segment name another path, encoded or not.
_FORBIDDEN = frozenset("/\\?#%\r\n\x00")


def place(operation: Operation, given: Mapping[str, Any], version: str, returns: Any) -> Call:
    """Put the *given* arguments where the operation says they go.

    Those named in the path go into it, ``body`` is the body, ``into`` the class of the
    result, the rest is the query; what is not given is not sent.

    Raises:
        InvalidRequest: an argument cannot go there, or *version* lacks the operation.
    """
    if int(version[1:]) < operation.since:
        raise InvalidRequest(
            f"{operation.name} exists from API version v{operation.since} on and the client uses "
            f"{version}: make the client with a later version",
            operation=operation.name,
        )
    if is_open(returns):
        given, returns = fit(operation, given, returns)
    if operation.counts:
        _check_counts(operation, given)
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
            wire = operation.headers.get(name) or operation.renamed.get(name, name)
            target[wire] = text(value)
    if beside:
        given_beside = {key: value for key, value in beside.items() if value is not None}
        body = {**cast("dict[str, Any]", body or {}), **given_beside}
    return Call(operation, path, query, headers, body, returns, to)


def _check_counts(operation: Operation, given: Mapping[str, Any]) -> None:
    problems: list[str] = []
    for name, (least, most) in operation.counts.items():
        value = given.get(name)
        count = _count(name, value, operation.name)
        if count > most:
            problems.append(f"{name} lists {count} and may list {most}: ask in parts")
        elif count < least or (value is not None and not count):
            wrong = "missing" if value is None else "empty"
            problems.append(f"{name} is {wrong}: list 1 to {most}")
    if problems:
        raise InvalidRequest(tuple(problems), operation=operation.name)


def _count(name: str, value: Any, operation: str) -> int:
    if isinstance(value, str):  # names as they stand in the query
        return len([part for part in value.split(",") if part])
    if value is None or hasattr(value, "__len__"):
        return len(value or ())
    raise InvalidRequest(f"{name} is {value!r}: give a list", operation=operation)


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
        path=known.path if known else "",
        key=known.key if known else None,
        price=known.price if known else 1,
        heavy=heavy if heavy is not None else (known.heavy if known else False),
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
