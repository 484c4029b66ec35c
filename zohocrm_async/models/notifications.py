"""Channels of notifications, and what comes on them.

See https://www.zoho.com/crm/developer/docs/api/v7/notifications/enable.html.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from attrs import Factory, field, frozen

from zohocrm_async.models.common import ModuleReference, Word
from zohocrm_async.models.criteria import Criteria

_EVENT = re.compile(r"\w+\.(create|edit|delete|all)")
_LONGEST_TOKEN = 50
_LONGEST_URL = 255


class NotificationOperation(Word):
    """What was done to records."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


@frozen(kw_only=True)
class NotificationCondition:
    """Fields of a module whose change is told; changes of others are not."""

    module: ModuleReference
    field_selection: Criteria
    """Groups of fields joined by ``and`` or ``or``, up to 10 fields."""
    type: str = "field_selection"


@frozen(kw_only=True)
class Channel:
    """A channel that notifications come on."""

    channel_id: str
    events: tuple[str, ...] = ()
    """Such as ``Leads.create`` or ``Deals.all``."""
    notify_url: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    channel_expiry: datetime | None = None
    resource_name: str | None = None
    resource_id: str | None = None
    resource_uri: str | None = None
    notification_condition: tuple[NotificationCondition, ...] = ()
    return_affected_field_values: bool | None = None
    notify_on_related_action: bool | None = None


@frozen(kw_only=True)
class NewChannel:
    """A channel to make, to change, or to put in the place of one."""

    channel_id: str
    """A number of your own; it comes back with each notification."""
    events: Sequence[str]
    """``{module}.{what}`` of create, edit, delete and all, such as ``Leads.create``."""
    notify_url: str = field(repr=False)
    """Where notifications are posted; its query comes back with each of them."""
    token: str | None = field(default=None, repr=False)
    """Up to 50 characters that come back with each notification, to tell the genuine ones."""
    channel_expiry: datetime | None = None
    """When it ends: within a week (a day before v6). One hour unless given."""
    notification_condition: Sequence[NotificationCondition] = ()
    return_affected_field_values: bool | None = None
    """Whether notifications tell the new values, too."""
    notify_on_related_action: bool | None = None
    """Whether actions on related records are told; the service takes it as true."""

    def problems(self) -> Iterable[str]:
        """Say what the documentation rules out, a sentence for each."""
        yield from number_problems(self.channel_id)
        yield from event_problems(self.events)
        yield from _url_problems(self.notify_url)
        yield from _token_problems(self.token)


def number_problems(channel_id: str) -> Iterable[str]:
    """Say why a channel cannot have this number."""
    if not (channel_id.isascii() and channel_id.isdigit()):
        yield f"channel_id is {channel_id!r}: give a number, such as '1000000068001'"


def event_problems(events: Sequence[str]) -> Iterable[str]:
    """Say why these are no events of a channel."""
    if isinstance(events, str) or not events:
        yield "events is no list of events: give some such as ['Leads.create', 'Deals.all']"
        return
    for event in events:
        if not _EVENT.fullmatch(event):
            yield f"event {event!r} is none: give a module and create, edit, delete or all"


def _url_problems(url: str) -> Iterable[str]:
    # The URL may hold a secret and is not repeated.
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        yield "notify_url is no URL: give one that the service can post to, with https://"
    if len(url) > _LONGEST_URL:
        yield f"notify_url has {len(url)} characters: {_LONGEST_URL} is the most"


def _token_problems(token: str | None) -> Iterable[str]:
    if token is not None and not 1 <= len(token) <= _LONGEST_TOKEN:
        yield f"the token has {len(token)} characters: give 1 to {_LONGEST_TOKEN}"


@frozen(kw_only=True)
class Notification:
    """What the service tells of records that changed, its token checked."""

    channel_id: str
    module: str
    operation: NotificationOperation
    ids: tuple[str, ...]
    """The records' ids."""
    affected_fields: Mapping[str, tuple[str, ...]] = Factory(dict[str, tuple[str, ...]])
    """Names of the fields that changed, by record id; empty where it is not told."""
    affected_values: Mapping[str, Mapping[str, Any]] = Factory(dict[str, Mapping[str, Any]])
    """Their new values, by record id, where the channel asked for them."""
    query_params: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    """The query of the channel's ``notify_url``."""
    resource_uri: str | None = None
    server_time: datetime | None = None
    """When it was sent (UTC)."""
