"""Composite requests: up to five calls in one, which refer to each other.

See https://www.zoho.com/crm/developer/docs/api/v7/composite-api.html.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import define, field

from zohocrm_async._batching.sub_requests import ALLOWED, MOST, MOST_LISTED, line
from zohocrm_async._coql import read
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async.emulator.composite_references import filled, referred
from zohocrm_async.emulator.declared import declared
from zohocrm_async.emulator.errors import (
    JSON,
    Refusal,
    Reply,
    error_item,
    refused,
    success_item,
)
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.scopes import check_scopes
from zohocrm_async.emulator.shapes import is_array, is_object
from zohocrm_async.emulator.state import State
from zohocrm_async.emulator.transactions import transaction
from zohocrm_async.exceptions import InvalidRequest

KEY = "__composite_requests"
_OPTIONS = ("rollback_on_fail", "parallel_execution")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_KEYS = frozenset({"sub_request_id", "method", "uri", "params", "headers", "body"})
_ID = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_]*")
_URI = re.compile(r"/crm(/.*)?/v([0-9]+)([.][0-9]+)?(/.*)")
_RESTRICTED = frozenset({"authorization", "x-crm-org"})
_REFUSED = 400

Find = Callable[[str, str], tuple[Operation, dict[str, str]] | None]
Carry = Callable[[Incoming], Reply]


@define(eq=False)
class _Sub:
    """One request on its way."""

    index: int
    given: Any
    id: str = ""
    item: JSON | None = None
    """Its answer, once there is one."""
    status: int = 0
    """The status of its response; 0 if it was not triggered."""
    refers_to: frozenset[str] = field(default=frozenset())

    def refuse(self, refusal: Refusal) -> None:
        """Answer it with an error, untriggered."""
        details = {"json_path": f"$.{KEY}[{self.index}]", **refusal.item["details"]}
        self.item = error_item(refusal.code, str(refusal.item["message"]), details)

    @property
    def failed(self) -> bool:
        return self.item is not None and not 0 < self.status < _REFUSED


class Composites:
    """Carries the requests of a composite request.

    Args:
        state: the organisation.
        find: returns the operation of a method and a path, and what is in its places.
        carry: answers a call.
    """

    def __init__(self, state: State, find: Find, carry: Carry) -> None:
        self._state = state
        self._find = find
        self._carry = carry

    def run(self, incoming: Incoming) -> Reply:
        """Answer a composite request."""
        rollback, parallel = _options(incoming)
        subs = [_Sub(index, given) for index, given in enumerate(_requests(incoming))]
        ids = set[str]()
        for sub in subs:
            try:
                _check(sub, ids)
            except Refusal as refusal:
                sub.refuse(refusal)
        if not rollback:
            for sub in _in_order(subs, parallel=parallel):
                self._trigger(sub, subs, incoming)
            return _reply(subs)
        with transaction(self._state) as block:
            for sub in subs:
                self._trigger(sub, subs, incoming)
                if sub.failed:
                    block.failed = True
                    return _rolled_back(subs, sub.index)
        return _reply(subs)

    def _trigger(self, sub: _Sub, subs: Iterable[_Sub], incoming: Incoming) -> None:
        """Carry one request, unless something is wrong with it."""
        if sub.item is not None:
            return
        answers = {
            other.id: other.item["details"]["response"]["body"]
            for other in subs
            if other.item is not None and not other.failed
        }
        try:
            call = self._incoming(filled(sub.given, answers), incoming)
        except Refusal as refusal:
            sub.refuse(refusal)
            return
        try:
            _limit(call)
            reply = self._carry(call)
        except Refusal as refusal:
            reply = refused(call.operation.key, refusal)
        sub.status = reply.status
        response: dict[str, Any] = {"headers": {}, "status_code": reply.status, "body": reply.body}
        sub.item = success_item("composite sub request executed successfully", response=response)

    def _incoming(self, given: Mapping[str, Any], outer: Incoming) -> Incoming:
        """Return the call of a request.

        Raises:
            Refusal: no composite request takes it.
        """
        uri = urlsplit(str(given["uri"]))
        match = _URI.fullmatch(uri.path)
        if match is None:
            raise _pattern("uri", _URI)
        version = int(match[2])
        if version > outer.version:
            raise Refusal(
                "NOT_ALLOWED", "the version is higher than that of the composite request",
                sub_request_version=version, composite_request_version=outer.version,
            )  # fmt: skip
        path = unquote(match[4]) if match[1] is None else unquote(uri.path)
        found = self._find(given["method"], path)
        if found is None or found[0].since > version or line(found[0]) not in ALLOWED:
            raise Refusal(
                "NOT_SUPPORTED", "the API is not supported in composite requests",
                allowed_services=sorted(ALLOWED),
            )  # fmt: skip
        operation, params = found
        check_scopes(outer.held, operation.method, operation.path, params.get("module", ""))
        query = {**dict(parse_qsl(uri.query)), **_texts(given.get("params"))}
        headers = _texts(given.get("headers"))
        call = Call(operation, path, query, headers, given.get("body"))
        return Incoming(call, params, version, outer.held)


def _options(incoming: Incoming) -> tuple[bool, bool]:
    """Return whether to roll back, and whether to run in parallel."""
    body: Any = incoming.call.body
    if not is_object(body):
        raise Refusal("INVALID_DATA", "the body is no object", expected_data_type="jsonobject")
    for name in body:
        if name not in {KEY, *_OPTIONS}:
            raise Refusal("INVALID_DATA", "the key is unknown", **_place(name))
    for name in _OPTIONS:
        if not isinstance(body.get(name, False), bool):
            raise Refusal(
                "INVALID_DATA", "invalid data", expected_data_type="boolean", **_place(name)
            )
    rollback = body.get("rollback_on_fail", False)
    parallel = body.get("parallel_execution", not rollback)
    if rollback and parallel:
        raise Refusal(
            "AMBIGUITY_DURING_PROCESSING", "the keys exclude each other",
            ambiguity_due_to=[_place(name) for name in _OPTIONS],
        )  # fmt: skip
    return rollback, parallel


def _requests(incoming: Incoming) -> list[Any]:
    requests: Any = incoming.call.body.get(KEY)
    if requests is None:
        raise Refusal("MANDATORY_NOT_FOUND", "mandatory key not found", **_place(KEY))
    if not is_array(requests) or not requests:
        raise Refusal("INVALID_DATA", "invalid data", expected_data_type="jsonarray", **_place(KEY))
    if len(requests) > MOST:
        raise Refusal("INVALID_DATA", "too many requests", maximum_length=MOST, **_place(KEY))
    return requests


def _place(name: str) -> dict[str, Any]:
    return {"api_name": name, "json_path": f"$.{name}"}


def _check(sub: _Sub, ids: set[str]) -> None:
    """Check a request's own keys, and note what it refers to.

    Raises:
        Refusal: one of them is not as documented.
    """
    given = sub.given
    if not is_object(given):
        raise Refusal("INVALID_DATA", "invalid data", expected_data_type="jsonobject")
    sub.id = str(given.get("sub_request_id", f"#{sub.index}"))
    for name in given:
        if name not in _KEYS:
            raise Refusal("INVALID_DATA", "the key is unknown", api_name=name)
    for name in ("method", "uri"):
        if not isinstance(given.get(name), str):
            raise Refusal("MANDATORY_NOT_FOUND", "mandatory key not found", api_name=name)
    if given["method"] not in _METHODS:
        raise Refusal(
            "INVALID_DATA", "invalid data", api_name="method", supported_values=list(_METHODS)
        )
    if "sub_request_id" in given and not _ID.fullmatch(sub.id):
        raise _pattern("sub_request_id", _ID)
    if sub.id in ids:
        raise Refusal("DUPLICATE_DATA", "duplicate data", api_name="sub_request_id")
    ids.add(sub.id)
    _check_objects(given)
    sub.refers_to = frozenset(referred(given))
    if sub.id in sub.refers_to:
        raise Refusal("INVALID_REFERENCE", "the request refers to itself", api_name="uri")


def _check_objects(given: Mapping[str, Any]) -> None:
    for name in ("params", "headers", "body"):
        if not is_object(given.get(name, {})):
            raise Refusal(
                "INVALID_DATA", "invalid data", api_name=name, expected_data_type="jsonobject"
            )
    restricted = sorted(_RESTRICTED.intersection(map(str.lower, given.get("headers", {}))))
    if restricted:
        raise Refusal(
            "INVALID_DATA", "the header is restricted", api_name="headers",
            restricted_headers=restricted,
        )  # fmt: skip


def _pattern(name: str, pattern: re.Pattern[str]) -> Refusal:
    return Refusal(
        "INVALID_DATA", "the value does not fit its pattern", api_name=name, regex=pattern.pattern
    )


def _texts(values: Mapping[str, Any] | None) -> dict[str, str]:
    """Return the values of a query or of headers as they would come by themselves."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in (values or {}).items()
    }


def _in_order(subs: list[_Sub], *, parallel: bool) -> Iterable[_Sub]:
    """Yield the requests as they run: in parallel, after those that they refer to."""
    waiting = [sub for sub in subs if sub.item is None]
    while waiting:
        open_ids = {sub.id for sub in waiting}
        ready = [sub for sub in waiting if not parallel or not sub.refers_to & open_ids]
        if not ready:
            for sub in waiting:
                sub.refuse(
                    Refusal(
                        "LOOPING_FOUND", "the requests refer to each other",
                        sub_request_indexes=[other.index for other in waiting],
                    )
                )  # fmt: skip
            return
        yield from ready
        waiting = [sub for sub in waiting if sub not in ready]


def _limit(incoming: Incoming) -> None:
    """Keep a request to the number of records that it may be of.

    Raises:
        Refusal: it is of more.
    """
    call, most = incoming.call, ALLOWED[line(incoming.operation)]
    if most is None:
        return
    if most == 1:
        if call.rows > 1:
            raise Refusal("LIMIT_EXCEEDED", "limit exceeded", limit=1, by=incoming.key)
        return
    if incoming.operation.name == "coql.query":
        _limit_query(call)
    elif "per_page" in declared(incoming.operation.name).query:
        asked = call.query.get("per_page", str(most))
        if asked.isdecimal() and int(asked) > most:
            raise Refusal("LIMIT_EXCEEDED", "limit exceeded", by="per_page", limit=most)
        call.query = {**call.query, "per_page": asked}


def _limit_query(call: Call) -> None:
    text = call.body.get("select_query") if is_object(call.body) else None
    try:
        limit = read(str(text)).limit
    except InvalidRequest:
        return  # which the query itself will be refused for
    if limit is None:
        call.body = {**call.body, "select_query": f"{text} limit {MOST_LISTED}"}
    elif limit > MOST_LISTED:
        raise Refusal("LIMIT_EXCEEDED", "limit exceeded", by="limit", limit=MOST_LISTED)


def _reply(subs: Iterable[_Sub]) -> Reply:
    """Return the answer: good if all were triggered, whatever became of them then."""
    triggered = [sub.status > 0 for sub in subs]
    status = 200 if all(triggered) else 207 if any(triggered) else _REFUSED
    return _told(subs, status)


def _rolled_back(subs: Iterable[_Sub], culprit: int) -> Reply:
    for sub in subs:
        if sub.index != culprit:
            code = "ROLLBACK_PERFORMED" if sub.index < culprit else "PROCESSING_STOPPED"
            details = {"rollbacked_by_sub_request_index": culprit}
            sub.item = error_item(code, "another request failed, and all were undone", details)
    return _told(subs, _REFUSED)


def _told(subs: Iterable[_Sub], status: int) -> Reply:
    items = [sub.item for sub in subs if sub.item is not None]
    first = next((item for item in items if item["status"] == "error"), items[0])
    return Reply({KEY: items}, status, str(first["code"]))
