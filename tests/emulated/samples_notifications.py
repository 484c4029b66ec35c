"""Sample arguments of the notifications' operations."""

from collections.abc import Callable, Mapping
from typing import Any

from world import World

from zohocrm_async.models import NewChannel

CHANNEL = "1000000068001"


def channel(channel_id: str) -> NewChannel:
    """Return a channel that may be made."""
    return NewChannel(
        channel_id=channel_id,
        events=["Leads.create", "Deals.all"],
        notify_url="http://127.0.0.1:9/hook",
        token="t0ken",
    )


ARGUMENTS: Mapping[str, Callable[[World], Mapping[str, Any]]] = {
    "notifications.create": lambda _: {"channels": [channel("1000000068002")]},
    "notifications.replace": lambda _: {"channels": [channel(CHANNEL)]},
    "notifications.update": lambda _: {"channels": [channel(CHANNEL)]},
    "notifications.delete": lambda _: {"channel_ids": [CHANNEL]},
}
