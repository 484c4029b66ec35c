"""Arguments of a method become a `Call`; this module loads with the first family."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from attrs import evolve

from zohocrm_async._converter import row_problem, text, unstructure
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async._into import fit, is_open
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.files import Download

# What would make a segment name another path, encoded or not.
_FORBIDDEN = frozenset("/\\?#%\r\n\x00")
_HEADER = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_OWN_HEADERS = frozenset(
    {"authorization", "content-length", "content-type", "host", "transfer-encoding"}
)
_OLDEST_VERSION = 2
# Every call asks, and its declaration has the same answer each time.
_is_open = cache(is_open)


def place(operation: Operation, given: Mapping[str, Any], version: str, returns: Any) -> Call:
    """Put the *given* arguments where the operation says they go.

    Those named in the path go into it, ``body`` is the body, ``into`` the class of the
    result, the rest is the query; what is not given is not sent.

    Raises:
        InvalidRequest: an argument cannot go there, or *version* lacks the operation.
    """
    if operation.since > _OLDEST_VERSION and int(version[1:]) < operation.since:
        raise InvalidRequest(
            f"{operation.name} exists from API version v{operation.since} on and the client uses "
            f"{version}: make the client with a later version",
            operation=operation.name,
        )
    if _is_open(returns):
        given, returns = fit(operation, given, returns)
    if operation.counts or operation.apart or operation.either:
        _check_given(operation, given)
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
            _check_rows(operation, body)
        elif name == "to" and returns is Download:
            to = None if value is None else _target(value, operation.name)
        elif name in operation.beside:
            beside[name] = _beside(operation, name, value)
        elif name in operation.headers and value is not None:
            headers.update(_in_header(operation, name, value))
        elif value is not None:
            query[operation.renamed.get(name, name)] = _in_query(operation, name, value)
    body = _complete(body, beside) if beside else body
    return Call(operation, path, query, headers, body, returns, to)


def _target(value: Any, operation: str) -> Path:
    try:
        return Path(value)
    except TypeError:
        pass  # refused below, without the sentence of another library as its cause
    raise InvalidRequest(f"to is {value!r}: give the path of a file", operation=operation)


def _beside(operation: Operation, name: str, value: Any) -> Any:
    write = operation.written.get(name)
    return unstructure(write(value, operation.name) if write and value is not None else value)


def _complete(body: Any, beside: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in beside.items() if value is not None}
    return {**cast("dict[str, Any]", body or {}), **given}


def _check_given(operation: Operation, given: Mapping[str, Any]) -> None:
    problems = [
        f"{one} and {other} are given: they exclude each other"
        for one, other in operation.apart
        if given.get(one) is not None and given.get(other) is not None
    ]
    if operation.either and all(given.get(name) is None for name in operation.either):
        problems.append(f"give {' or '.join(operation.either)}")
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


def _check_rows(operation: Operation, body: Any) -> None:
    if operation.key is None or body.__class__ is not dict:
        return
    for number, row in enumerate(body.get(operation.key, ())):
        problem = row_problem(row)
        # There are bodies of plain values.
        if problem is not None and (operation.cut == "body" or isinstance(row, Mapping)):
            raise InvalidRequest(f"row {number} {problem}", operation=operation.name)


def _count(name: str, value: Any, operation: str) -> int:
    if isinstance(value, str):  # names as they stand in the query
        return len([part for part in value.split(",") if part])
    if value is None or hasattr(value, "__len__"):
        return len(value or ())
    raise InvalidRequest(f"{name} is {value!r}: give a list", operation=operation)


def segment(name: str, value: object, operation: str = "") -> str:
    """Return *value* for a place in a path; refuse what would name another path."""
    if value is None:
        raise InvalidRequest(f"{name} is None: give an id or an API name", operation=operation)
    value = str(value)
    if value.isascii() and (value.isalnum() or value.replace("_", "").isalnum()):
        return value
    if not value.strip() or value in {".", ".."} or not _FORBIDDEN.isdisjoint(value):
        raise InvalidRequest(
            f"{name} is {value!r}: give an id or an API name, without / \\ ? # %",
            operation=operation,
        )
    return quote(_encodable(name, value, operation), safe="")


def _in_query(operation: Operation, name: str, value: Any) -> str:
    write = operation.written.get(name)
    written = write(value, operation.name) if write else text(value)
    return _encodable(name, written, operation.name)


def _in_header(operation: Operation, name: str, value: Any) -> dict[str, str]:
    if name == "if_modified_since" and not _is_moment(value):
        problem = f"{name} is {value!r}: give an aware datetime"
        raise InvalidRequest(problem, operation=operation.name)
    return _headers({operation.headers[name]: value}, operation.name)


def _is_moment(value: object) -> bool:
    """Whether *value* is an aware datetime, or the text of one."""
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return False
    return moment.tzinfo is not None


def _encodable(name: str, written: str, operation: str) -> str:
    """Return what is *written* for an argument; refuse what is no Unicode text."""
    try:
        written.encode()
    except UnicodeEncodeError:
        pass  # refused below, without the bytes as the cause
    else:
        return written
    raise InvalidRequest(
        f"{name} is {written!r}, which holds half of a character: give whole Unicode text",
        operation=operation,
    )


def _headers(given: Mapping[str, Any], operation: str) -> dict[str, str]:
    """Return the headers of a call; refuse what is none, or is the client's own."""
    made: dict[str, str] = {}
    for name, value in given.items():
        if not _HEADER.fullmatch(str(name)) or name.lower() in _OWN_HEADERS:
            raise InvalidRequest(
                f"{name!r} is no header that a call may bring: give another, such as X-EXTERNAL; "
                f"{', '.join(sorted(_OWN_HEADERS))} are the client's",
                operation=operation,
            )
        made[name] = written = text(value)
        if not (written.isascii() and written.isprintable()):
            raise InvalidRequest(
                f"the header {name} is {written!r}: give printable ASCII text", operation=operation
            )
    return made


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

    method, path = str(method).upper(), str(path)
    # Reports count by names: one for each record would never end.
    name = f"{method} {re.sub('/[0-9]+(?=/|$)', '/{id}', path)}"
    if method not in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
        raise InvalidRequest(f"{method!r} is no method of this API", operation=name)
    if not path.startswith("/") or path == "/":
        raise InvalidRequest(
            f"path is {path!r}: give one below the version, such as /settings/modules",
            operation=name,
        )
    if "?" in path:
        bare, _, asked = path.partition("?")
        raise InvalidRequest(
            f"path holds the query {asked!r}: give {bare!r}, and a mapping as query", operation=name
        )
    clean = "/" + "/".join(segment("path", part, name) for part in path[1:].split("/"))
    known = find_operation(method, clean)
    if known is None:
        known = Operation(method, "", repeatable=method == "GET", name=name)
    operation = evolve(
        known,
        host="api",
        heavy=known.heavy if heavy is None else heavy,
        repeatable=known.repeatable if repeatable is None else repeatable,
    )
    return Call(
        operation,
        clean,
        {
            key: _encodable(key, text(value), name)
            for key, value in (query or {}).items()
            if value is not None
        },
        _headers(headers or {}, name),
        unstructure(body),
    )
