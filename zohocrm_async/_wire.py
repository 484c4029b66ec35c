"""The rules of the wire, without I/O: call -> request, answer -> result or exception."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path
from typing import Any, TypeGuard, cast, get_origin
from urllib.parse import urlencode

import orjson
from attrs import field, frozen

from zohocrm_async import exceptions as errors
from zohocrm_async._endpoint import Call
from zohocrm_async._pages import Page
from zohocrm_async.models.files import Download
from zohocrm_async.options import DataCenter

_NO_TEXT: Mapping[str, str] = {}
_REFUSED, _FAILED = 400, 500
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
        text = self.headers.get(REMAINING_HEADER)
        return int(text) if text is not None and text.strip().isdigit() else None

    @property
    def retry_after(self) -> float | None:
        """Seconds to wait, where the answer says so."""
        text = self.headers.get("Retry-After", "")
        return float(text) if text.strip().isdigit() else None


class CreditsRefused(errors.APIError):
    """The service said that the credits are spent; the client turns it into a wait."""


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
        return orjson.dumps(value, _leaf, orjson.OPT_PASSTHROUGH_DATETIME)
    except TypeError as error:
        if isinstance(error.__cause__, errors.InvalidRequest):
            raise error.__cause__ from None
        raise errors.InvalidRequest(f"the body cannot be sent as JSON: {error}") from error


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
    headers = {"Authorization": f"Zoho-oauthtoken {access_token}", **call.headers}
    if isinstance(body, bytes):
        headers["Content-Type"] = "application/json"
    return Request(
        call.operation.method, url, headers, body, call.to, download=call.returns is Download
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
    in ``error`` where the result is a tuple with one outcome for each item.

    Raises:
        APIError: the service refused the call or its only item, or has nothing to return.
        UnexpectedAnswer: the body is not the JSON that the operation promises.
    """
    name = call.operation.name
    if answer.status in {204, 304}:
        if call.operation.method == "GET" and _expects_one(call):
            raise errors.RecordNotFound(
                "nothing is there", status=answer.status, code="NO_CONTENT", operation=name
            )
        return None
    if answer.download is not None:
        return answer.download
    body = _decode(answer, name)
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
            raise error
    elif failed and get_origin(call.returns) is not tuple and len(_items(call, body)) == 1:
        raise api_error(failed[0], status=answer.status, operation=name)
    for item in failed:
        item["error"] = api_error(item, status=answer.status, operation=name)
    return body


def _expects_one(call: Call) -> bool:
    return call.returns is not None and get_origin(call.returns) not in {tuple, Page}


def as_object(value: Any) -> dict[str, Any] | None:
    """Return *value* if it is a JSON object."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def is_array(value: Any) -> TypeGuard[list[Any]]:
    """Whether *value* is a JSON array."""
    return isinstance(value, list)


def _decode(answer: Answer, operation: str) -> dict[str, Any]:
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
    return errors.UnexpectedAnswer(
        f"{operation}: status {answer.status} came with {kind}: {_excerpt(answer.body)!r}",
        status=answer.status,
        operation=operation,
    )


def _excerpt(body: bytes) -> str:
    return body[:80].decode("utf-8", "replace")


def _items(call: Call, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the per-item answers: those at the key, or the body's only list."""
    key = call.operation.key
    found = body.get(key) if key is not None else None
    if found is None:
        arrays = [value for value in body.values() if is_array(value)]
        found = arrays[0] if len(arrays) == 1 else []
    items = found if is_array(found) else [found]
    return [item for item in map(as_object, items) if item is not None]


# --- error words -> classes ---------------------------------------------------------------

_BY_CODE: Mapping[str, type[errors.APIError]] = {
    "INVALID_TOKEN": errors.InvalidToken,
    "INVALID_OAUTHTOKEN": errors.InvalidToken,
    "AUTHENTICATION_FAILURE": errors.AuthenticationFailure,
    "OAUTH_SCOPE_MISMATCH": errors.ScopeMismatch,
    "INVALID_DATA": errors.InvalidData,
    "MANDATORY_NOT_FOUND": errors.MandatoryNotFound,
    "REQUIRED_PARAM_MISSING": errors.MandatoryNotFound,
    "EXPECTED_FIELD_MISSING": errors.MandatoryNotFound,
    "MANDATORY_FIELDS_NOT_MAPPED": errors.MandatoryNotFound,
    "MISSING_REQUIRED_KEY": errors.MandatoryNotFound,
    "DEPENDENT_FIELD_MISSING": errors.DependentFieldMissing,
    "DUPLICATE_DATA": errors.DuplicateData,
    "INVALID_MODULE": errors.InvalidModule,
    "MODULE_NOT_AVAILABLE": errors.InvalidModule,
    "MODULE_NOT_SUPPORTED": errors.InvalidModule,
    "FIELD_NOT_AVAILABLE": errors.InvalidData,
    "FIELD_NOT_SUPPORTED": errors.InvalidData,
    "INVALID_FIELD": errors.InvalidData,
    "INVALID_FORMAT": errors.InvalidData,
    "FIELD_IN_CRITERIA_NOT_AVAILABLE": errors.InvalidQuery,
    "INVALID_QUERY": errors.InvalidQuery,
    "SYNTAX_ERROR": errors.InvalidQuery,
    "TOKEN_BOUND_DATA_MISMATCH": errors.InvalidPageToken,
    "EXPIRED_VALUE": errors.InvalidPageToken,
    "INVALID_URL_PATTERN": errors.InvalidURL,
    "INVALID_REQUEST_METHOD": errors.InvalidMethod,
    "NOT_ALLOWED": errors.NotAllowed,
    "DOWNLOAD_NOT_ALLOWED": errors.NotAllowed,
    "NO_PERMISSION": errors.PermissionDenied,
    "AUTHORIZATION_FAILED": errors.PermissionDenied,
    "LIMIT_EXCEEDED": errors.LimitExceeded,
    "LIMIT_REACHED": errors.LimitExceeded,
    "SHARE_LIMIT_EXCEEDED": errors.LimitExceeded,
    "PAGINATION_LIMIT_EXCEEDED": errors.LimitExceeded,
    "DISCRETE_PAGINATION_LIMIT_EXCEEDED": errors.LimitExceeded,
    "FILE_TOO_LARGE": errors.FileTooLarge,
    "FILE_SIZE_EXCEEDS": errors.FileTooLarge,
    "FILE_SIZE_MORE_THAN_ALLOWED_SIZE": errors.FileTooLarge,
    "FEATURE_NOT_SUPPORTED": errors.FeatureNotSupported,
    "FEATURE_NOT_ENABLED": errors.FeatureNotSupported,
    "RECORD_LOCKED": errors.RecordLocked,
    "RECORD_NOT_IN_PROCESS": errors.RecordNotInProcess,
    "ID_ALREADY_CONVERTED": errors.AlreadyConverted,
    "ALREADY_MODIFIED": errors.AlreadyModified,
    "CUSTOM_ERROR": errors.MailServerError,
    "RESOURCE_NOT_FOUND": errors.NotFound,
    "NOT_SUBSCRIBED": errors.NotSubscribed,
    "INTERNAL_ERROR": errors.ServerError,
    "INTERNAL_SERVER_ERROR": errors.ServerError,
    "REQUEST_TIMEOUT": errors.ServerError,
    "SERVICE_UNAVAILABLE": errors.ServerError,
}
_BY_STATUS: Mapping[int, type[errors.APIError]] = {
    401: errors.AuthenticationFailure,
    404: errors.NotFound,
    412: errors.AlreadyModified,
    413: errors.FileTooLarge,
    500: errors.ServerError,
    502: errors.ServerError,
    503: errors.ServerError,
    504: errors.ServerError,
}
# One word covers several causes; only the sentence tells them apart
# (https://www.zoho.com/crm/developer/docs/api/v7/send-mail.html#possible-errors).
_BY_MESSAGE: tuple[tuple[str, re.Pattern[str], type[errors.APIError]], ...] = tuple(
    (code, re.compile(words, re.IGNORECASE), kind)
    for code, words, kind in (
        ("NOT_ALLOWED", r"consent", errors.ConsentMissing),
        ("NOT_ALLOWED", r"opted|opt[- ]?out", errors.RecipientOptedOut),
        ("NOT_ALLOWED", r"bounced|blocked", errors.RecipientBounced),
        ("NOT_ALLOWED", r"(does not|no) .*e-?mail address", errors.RecipientMissing),
        ("NOT_ALLOWED", r"edition", errors.FeatureNotSupported),
        ("NO_PERMISSION", r"opt[- ]?out", errors.RecipientOptedOut),
        ("INVALID_DATA", r"record[ _]?id|id given|id is|not available", errors.RecordNotFound),
        ("INVALID_DATA", r"send mails? from|from address", errors.SenderNotAllowed),
        ("LIMIT_EXCEEDED", r"e-?mails?\b", errors.MailLimitExceeded),
    )
)


def api_error(item: Mapping[str, Any], *, status: int, operation: str) -> errors.APIError:
    """Return the exception for an error object of the service."""
    code = _first(item, "code", "error", "x-error", "ERROR_CODE")
    message = _first(item, "message", "error_info", "x-info", "info", "ERROR_MESSAGE")
    details = as_object(item.get("details")) or {}
    if status == 429 or code in {"TOO_MANY_REQUESTS", "429"}:
        return _throttled(code, message, details, status, operation)
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status) or errors.APIError
    for word, pattern, refined in _BY_MESSAGE:
        if word == code and pattern.search(message):
            kind = refined
            break
    return kind(message, status=status, code=code, details=details, operation=operation)


def _first(item: Mapping[str, Any], *keys: str) -> str:
    """Return what stands under the first of *keys*; hosts of files have keys of their own."""
    return str(next((item[key] for key in keys if item.get(key)), ""))


def _throttled(
    code: str, message: str, details: Mapping[str, Any], status: int, operation: str
) -> errors.APIError:
    """Tell spent credits from too many calls in flight by the sentence alone.

    The service gives both the same status and word.
    """
    words = message.lower()
    credits_spent = "24 hour" in words or "24-hour" in words or "credit" in words
    if credits_spent and "concurren" not in words and status == 429:
        return CreditsRefused(message, status=429, code=code, details=details, operation=operation)
    error = errors.ConcurrencyExceeded(
        message, status=status, code=code, details=details, operation=operation
    )
    error.heavy = "sub-concurren" in words or "sub concurren" in words
    return error


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
    return isinstance(api_error(body or {}, status=429, operation=""), CreditsRefused)
