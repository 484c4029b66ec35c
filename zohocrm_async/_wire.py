"""The rules of the wire, without I/O: call -> request, answer -> result or exception."""

from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, TypeGuard, cast, get_origin
from urllib.parse import urlencode

import orjson
from attrs import field, frozen

from zohocrm_async import exceptions as errors
from zohocrm_async._endpoint import Call
from zohocrm_async._error_words import api_error
from zohocrm_async._pages import Page
from zohocrm_async.models.files import Download
from zohocrm_async.options import DataCenter

_NO_TEXT: Mapping[str, str] = {}
_JSON: Mapping[str, str] = {"Content-Type": "application/json"}
_REFUSED, _FAILED = 400, 500
_EXCERPT = 80
_MOST_DIGITS = 15
# No limit of the service lasts longer.
_DAY = 86_400.0
REMAINING_HEADER = "X-API-CREDITS-REMAINING"


@frozen
class FormFile:
    """One file of a multipart body."""

    name: str
    content: bytes | Path | Callable[[], AsyncIterator[bytes]] = field(repr=False)
    """The bytes, a path to stream from, or a function that begins a new stream."""
    content_type: str = "application/octet-stream"


@frozen
class Form:
    """A multipart body that can be sent anew for each attempt."""

    files: tuple[FormFile, ...]
    fields: Mapping[str, str] = _NO_TEXT


@frozen
class Request:
    """What goes out: one attempt."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | Form | None = field(default=None, repr=False)
    to: Path | None = None
    """Where a download goes; None for into memory."""
    download: bool = False
    """Whether a good answer is a file and no JSON."""


@frozen
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    seconds: float = 0.0
    download: Download | None = None
    """The file, where one was asked for and came."""

    @property
    def credits_remaining(self) -> int | None:
        """Credits of the organisation that are left, where the answer says so."""
        return _number(self.headers.get(REMAINING_HEADER))

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, where the answer says so."""
        seconds = _number(self.headers.get("Retry-After"))
        return None if seconds is None else min(float(seconds), _DAY)


def _number(text: str | None) -> int | None:
    """Return the number that a header holds, if it can be meant."""
    digits = "" if text is None else text.strip()
    return int(digits) if digits.isdecimal() and len(digits) <= _MOST_DIGITS else None


def encode_body(call: Call) -> bytes | Form | None:
    """Return the body of *call* as it goes out; refuse what JSON cannot carry."""
    body = call.body
    if body is None or isinstance(body, Form):
        return body
    try:
        return dumps(body)
    except errors.InvalidRequest as error:
        error.operation = call.operation.name
        raise


def dumps(value: Any) -> bytes:
    """Return *value* as JSON.

    Raises:
        InvalidRequest: it holds what JSON cannot carry, such as a naive datetime.
    """
    try:
        made = orjson.dumps(value, _leaf, orjson.OPT_PASSTHROUGH_DATETIME)
    except TypeError as error:
        if isinstance(error.__cause__, errors.InvalidRequest):
            raise error.__cause__ from None
        raise errors.InvalidRequest(f"the body cannot be sent as JSON: {error}") from error
    if b"null" in made:  # in place of such a number, it would empty a field
        _refuse_odd_numbers(value)
    return made


def _refuse_odd_numbers(value: Any) -> None:
    from zohocrm_async._converter import odd_number  # noqa: PLC0415  # as below

    if place := odd_number(value):
        raise errors.InvalidRequest(
            f"{place} is no number that JSON has: give a finite one, or None for no value"
        )


def _leaf(value: Any) -> Any:
    """Return what orjson does not know as something that it does."""
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, Any]", value))
    # Here and not above: only odd bodies need it, and it takes its time to load.
    from zohocrm_async._converter import leaf  # noqa: PLC0415

    return leaf(value)


def build(
    call: Call,
    body: bytes | Form | None,
    *,
    api: str,
    data_center: DataCenter,
    version: str,
    access_token: str,
) -> Request:
    """Return the request of *call* with its encoded body and the token in place.

    Raises:
        InvalidRequest: a link leads to a host that must not get the token.
    """
    path, host = call.path, call.operation.host
    if host == "link":
        url = _link(call, api, data_center)
    else:
        base = data_center.content if host == "content" else api
        url = f"{base}{path}" if path.startswith("/crm/") else f"{base}/crm/{version}{path}"
    if call.query:
        url = f"{url}?{urlencode(call.query)}"
    return Request(
        call.operation.method,
        url,
        {
            **call.headers,
            **(_JSON if isinstance(body, bytes) else _NO_TEXT),
            "Authorization": f"Zoho-oauthtoken {access_token}",
        },
        body,
        call.to,
        download=call.returns is Download,
    )


def _link(call: Call, api: str, data_center: DataCenter) -> str:
    """Return the URL of a link that an earlier answer gave."""
    link = call.path
    if link.startswith("/") and not link.startswith("//"):
        return f"{api}{link}"
    if not data_center.owns(link):
        raise errors.InvalidRequest(
            f"the link leads to no host of the data centre {data_center.name!r}, whose token goes "
            "nowhere else: give it as an answer of the service has it",
            operation=call.operation.name,
        )
    return link


def spent(status: int, *, minimum: int, maximum: int) -> int:
    """Return the credits that an answer cost, of a price between two bounds.

    The service does not say what refusals cost: 401 and 429 come before any work,
    other refusals are taken to cost the least, and failures the most.
    """
    if status in {401, 429}:
        return 0
    return minimum if _REFUSED <= status < _FAILED else maximum


def judge(call: Call, answer: Answer) -> Any:
    """Return the decoded body of a good answer (None if empty), raise for any other.

    Items that failed raise where one result is expected, and carry their error
    in ``error`` where the result is a tuple with one outcome for each item. Where no
    result is declared, the body stays as it came.

    Raises:
        APIError: the service refused the call or its only item, or has nothing to return.
        UnexpectedAnswer: the body is not the JSON that the operation promises.
    """
    name = call.operation.name
    if answer.status in {204, 304}:
        if call.operation.method == "GET" and _expects_one(call):
            raise _nothing(answer, name)
        return None
    if answer.download is not None:
        return answer.download
    body = _decode(answer, name)
    if answer.status < 400 and call.returns is Download:
        raise _unexpected(answer, name, "no file")
    if answer.status < 300 and b"error" not in answer.body:
        return body  # the usual case: no item can have failed without that word
    failed = [item for item in _items(call, body) if item.get("status") == "error"]
    if answer.status >= 300 or body.get("status") == "error":
        many = get_origin(call.returns) is tuple
        told = failed or [item for item in _items(call, body) if item.get("status") == "success"]
        if not (told and many and answer.status < 401):
            source = failed[0] if failed else body
            error = api_error(source, status=answer.status, operation=name)
            error.retry_after = answer.retry_after
            if isinstance(error, errors.ScopeMismatch):
                _name_scopes(error, call)
            raise error
    elif failed and get_origin(call.returns) is not tuple and len(_items(call, body)) == 1:
        raise api_error(failed[0], status=answer.status, operation=name)
    if call.returns is not None:  # what nobody reads stays JSON
        for item in failed:
            item["error"] = api_error(item, status=answer.status, operation=name)
    return body


def _name_scopes(error: errors.ScopeMismatch, call: Call) -> None:
    """Say which scopes *call* needs, if its path is known."""
    from zohocrm_async._scope_words import needed_scopes  # noqa: PLC0415  # seldom needed

    operation, path = call.operation, call.operation.path
    if not path.startswith("/") or operation.host == "link":
        return
    module = call.path.split("/")[1] if path.startswith("/{module}") else ""
    error.scopes = needed_scopes(operation.method, path, module)
    error.advice = f"Make a new token that has {' and '.join(error.scopes)}, or wider ones."


def _nothing(answer: Answer, operation: str) -> errors.APIError:
    status = answer.status
    if status == 304:
        return errors.NotModified(
            "nothing has changed since then",
            status=status,
            code="NOT_MODIFIED",
            operation=operation,
        )
    return errors.RecordNotFound(
        "nothing is there", status=status, code="NO_CONTENT", operation=operation
    )


def _expects_one(call: Call) -> bool:
    return call.returns is not None and get_origin(call.returns) not in {tuple, Page}


def as_object(value: Any) -> dict[str, Any] | None:
    """Return *value* if it is a JSON object."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def is_array(value: Any) -> TypeGuard[list[Any]]:
    """Whether *value* is a JSON array."""
    return isinstance(value, list)


def _decode(answer: Answer, operation: str) -> dict[str, Any]:
    if 300 <= answer.status < _REFUSED:
        target = answer.headers.get("Location", "").partition("?")[0][:_EXCERPT]
        raise _unexpected(answer, operation, f"a redirect to {target!r}, which is not followed")
    try:
        body = as_object(orjson.loads(answer.body))
    except orjson.JSONDecodeError as error:
        if answer.status == 429:
            raise api_error(
                {"message": _excerpt(answer.body)}, status=429, operation=operation
            ) from error
        kind = "no JSON" if answer.body.strip() else "an empty body"
        raise _unexpected(answer, operation, kind) from error
    if body is None:
        raise _unexpected(answer, operation, "JSON that is no object")
    return body


def _unexpected(answer: Answer, operation: str, kind: str) -> errors.UnexpectedAnswer:
    error = errors.UnexpectedAnswer(
        f"{operation}: status {answer.status} came with {kind}: {_excerpt(answer.body)!r}",
        status=answer.status,
        operation=operation,
    )
    error.retry_after = answer.retry_after
    return error


def _excerpt(body: bytes) -> str:
    return body[:_EXCERPT].decode("utf-8", "replace")


def _items(call: Call, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the per-item answers: those at the key, or the body's only list."""
    key = call.operation.key
    found = body.get(key) if key is not None else None
    if found is None:
        arrays = [value for value in body.values() if is_array(value)]
        found = arrays[0] if len(arrays) == 1 else []
    items = found if is_array(found) else [found]
    return [item for item in map(as_object, items) if item is not None]


def token_refused(answer: Answer) -> bool:
    """Whether a 401 answer says that the access token is not valid (any more)."""
    return b"INVALID_TOKEN" in answer.body or b"INVALID_OAUTHTOKEN" in answer.body


def credits_refused(answer: Answer) -> bool:
    """Whether a 429 answer says that the credits are spent."""
    if answer.status != 429:
        return False
    try:
        body = as_object(orjson.loads(answer.body))
    except orjson.JSONDecodeError:
        return False
    return isinstance(api_error(body or {}, status=429, operation=""), errors.CreditsRefused)
