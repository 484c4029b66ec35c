"""What arrives at the URL of a channel, checked and read.

See https://www.zoho.com/crm/developer/docs/api/v7/notifications/enable.html.
"""

import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from zohocrm_async._wire import as_object, is_array
from zohocrm_async.exceptions import InvalidNotification
from zohocrm_async.models.notifications import Notification, NotificationOperation

_TOKEN_BYTES = 32
# Compared with what names an unknown channel, so that it takes as long as any other.
_NOBODYS = secrets.token_urlsafe(_TOKEN_BYTES)


def new_token() -> str:
    """Return a token for a channel that nobody can guess: 43 characters."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def parse(body: bytes | str | Mapping[str, Any], *, tokens: Mapping[str, str]) -> Notification:
    """Return the notification in the *body* of a callback, once its token is checked.

    *tokens* are those of the channels, by channel id. They are compared in constant
    time. The service may tell the same twice and late: take it as news, not as a log.

    Raises:
        InvalidNotification: the body is none, the channel is not among *tokens*, or the
            token is another.
    """
    fields = _decoded(body)
    channel_id = _text(fields.get("channel_id"))
    expected, given = tokens.get(channel_id), fields.get("token")
    same = hmac.compare_digest(_encoded(given), _encoded(expected or _NOBODYS))
    if not (expected and same):
        raise InvalidNotification(
            "a callback carries no token of a channel of ours", channel_id=channel_id or None
        )
    try:
        return _notification(channel_id, fields)
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, OSError) as error:
        raise InvalidNotification(
            f"the callback of channel {channel_id} has another shape than documented: {error!r}",
            channel_id=channel_id,
        ) from error


def _decoded(body: bytes | str | Mapping[str, Any]) -> Mapping[str, Any]:
    if isinstance(body, Mapping):
        return body
    try:
        fields = as_object(orjson.loads(body))
    except orjson.JSONDecodeError:
        fields = None
    if fields is None:
        raise InvalidNotification("the body of the callback is no JSON object")
    return fields


def _encoded(token: Any) -> bytes:
    return token.encode("utf-8", "surrogatepass") if isinstance(token, str) else b""


def _text(value: Any) -> str:
    """Return an id, which comes as text or as a number."""
    return str(value) if isinstance(value, str | int) else ""


def _notification(channel_id: str, fields: Mapping[str, Any]) -> Notification:
    ids = tuple(_text(id_) for id_ in _array(fields["ids"]))
    uri, server_time = fields.get("resource_uri"), fields.get("server_time")
    return Notification(
        channel_id=channel_id,
        module=str(fields["module"]),
        operation=NotificationOperation(fields["operation"]),
        ids=ids,
        affected_fields=_names(fields.get("affected_fields") or [], ids),
        affected_values={
            _text(entry["record_id"]): dict(entry["values"])
            for entry in _array(fields.get("affected_values") or [])
        },
        query_params=_texts(fields.get("query_params") or {}),
        resource_uri=None if uri is None else str(uri),
        server_time=None if server_time is None else _time(server_time),
    )


def _texts(value: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(text) for name, text in value.items()}


def _array(value: Any) -> list[Any]:
    if not is_array(value):
        raise TypeError(f"expected a list, not {type(value).__name__}")
    return value


def _names(entries: Any, ids: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return the names of fields by record, which come so or as names for all records."""
    found: dict[str, tuple[str, ...]] = {}
    for entry in _array(entries):
        named = {id_: [entry] for id_ in ids} if isinstance(entry, str) else entry
        for id_, names in named.items():
            found[str(id_)] = (*found.get(str(id_), ()), *map(str, _array(names)))
    return found


def _time(milliseconds: Any) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
