"""Notifications: the service posts to a URL of yours when records change."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from attrs import evolve

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._given import all_given
from zohocrm_async._pages import Pager
from zohocrm_async.exceptions import InvalidRequest, ZohoCRMError
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.notifications import (
    Channel,
    NewChannel,
    event_problems,
    number_problems,
)

if TYPE_CHECKING:
    from zohocrm_async._notifying.kept_channels import KeptChannels

_LOOK = "List the channels (crm.notifications.list)."
_MOST = 50
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_WEEK_SINCE = 6
_SHORTEST_KEPT = timedelta(minutes=5)
# The service's clock may be behind, and too late an end would become one in an hour.
_LEEWAY = timedelta(hours=1)


class Notifications(Resource, family="notifications"):
    """Channels on which the service tells of changes. Every call takes 1 credit.

    What arrives is checked and read by `zohocrm_async.notifications.parse`.
    """

    @endpoint("GET /actions/watch", key="watch")
    def list(
        self,
        *,
        channel_id: str | None = None,
        module: str | None = None,
        page: int = 1,
        per_page: int = 200,
    ) -> Pager[Channel]:
        """List the channels that have not expired, all or those of a module.

        See https://www.zoho.com/crm/developer/docs/api/v7/notifications/get-details.html.
        """
        ...

    @endpoint("POST /actions/watch", key="watch", counts={"body": (1, 50)}, look_at=_LOOK)
    async def _create(self, body: Sequence[NewChannel]) -> tuple[Outcome, ...]: ...

    async def create(self, channels: Sequence[NewChannel]) -> tuple[Outcome, ...]:
        """Make up to 50 channels; one outcome for each, whose ``details`` tell its end.

        A channel lives an hour unless it says when it ends. `kept` renews channels
        before they end. See
        https://www.zoho.com/crm/developer/docs/api/v7/notifications/enable.html.

        Raises:
            InvalidRequest: the documentation rules a channel out; lists every reason.
        """
        channels = all_given(NewChannel, channels, "channels", "notifications.create")
        self._check(channels, "create")
        return await self._create(channels)

    @endpoint("PUT /actions/watch", key="watch", repeatable=True, counts={"body": (1, 50)})
    async def _replace(self, body: Sequence[NewChannel]) -> tuple[Outcome, ...]: ...

    async def replace(self, channels: Sequence[NewChannel]) -> tuple[Outcome, ...]:
        """Put others in the place of channels with the same ids; one outcome for each.

        What a channel does not say is gone, its token too. See
        https://www.zoho.com/crm/developer/docs/api/v7/notifications/update-details.html.

        Raises:
            InvalidRequest: the documentation rules a channel out; lists every reason.
        """
        channels = all_given(NewChannel, channels, "channels", "notifications.replace")
        self._check(channels, "replace")
        return await self._replace(channels)

    @endpoint("PATCH /actions/watch", key="watch", repeatable=True)
    async def _update(
        self, body: Sequence[NewChannel | Mapping[str, Any]]
    ) -> tuple[Outcome, ...]: ...

    async def update(self, channels: Sequence[NewChannel]) -> tuple[Outcome, ...]:
        """Change channels with the same ids; one outcome for each.

        What a channel does not say stays as it is; its events and its URL are always said.
        See
        https://www.zoho.com/crm/developer/docs/api/v7/notifications/update-info.html.

        Raises:
            InvalidRequest: the documentation rules a channel out; lists every reason.
        """
        channels = all_given(NewChannel, channels, "channels", "notifications.update")
        self._check(channels, "update")
        return await self._update(channels)

    async def remove_events(self, channel_id: str, events: Sequence[str]) -> Outcome:
        """Stop some events of a channel, and leave it the others.

        See https://www.zoho.com/crm/developer/docs/api/v7/notifications/specific-disable.html.

        Raises:
            InvalidRequest: the events are none.
            NotSubscribed: no such channel, or it has not these events.
        """
        problems = (*number_problems(channel_id), *event_problems(events))
        if problems:
            raise InvalidRequest(problems, operation="notifications.remove_events")
        body = {"channel_id": channel_id, "events": [*events], "_delete_events": True}
        [outcome] = await self._update([body])
        if outcome.error is not None:
            raise outcome.error
        return outcome

    # Not repeatable: the repeat of a delete that was done is refused as unknown channel.
    @endpoint("DELETE /actions/watch", key="watch", look_at=_LOOK)
    async def delete(self, channel_ids: Sequence[str]) -> tuple[Outcome, ...]:
        """Delete channels; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/notifications/disable.html.
        """
        ...

    def kept(
        self,
        channels: Sequence[NewChannel],
        *,
        lifetime: timedelta = timedelta(hours=23),
        delete: bool = True,
        on_failure: Callable[[ZohoCRMError], None] | None = None,
    ) -> "KeptChannels":
        """Keep channels for an ``async with`` block: made, renewed, and deleted with it.

        What the channels say of their end makes way for *lifetime*. A renewal is one
        call for all of them and is made when a tenth of the lifetime is left; one that
        fails is logged, told to *on_failure*, and tried again. A channel that the service
        has dropped meanwhile is made anew. With ``delete=False`` they are left to end by
        themselves, so that a service that restarts misses nothing.

        Raises:
            InvalidRequest: the documentation rules a channel or the lifetime out.
            APIError: the service refuses a channel.
        """
        from zohocrm_async._notifying.kept_channels import KeptChannels  # noqa: PLC0415  # loads on first use

        longest = self._longest - _LEEWAY
        if not _SHORTEST_KEPT <= lifetime <= longest:
            raise InvalidRequest(
                f"lifetime is {lifetime}: give {_SHORTEST_KEPT} to {longest}",
                operation="notifications.kept",
            )
        channels = all_given(NewChannel, channels, "channels", "notifications.kept")
        self._check([evolve(channel, channel_expiry=None) for channel in channels], "kept")
        return KeptChannels(self, channels, lifetime=lifetime, delete=delete, on_failure=on_failure)

    @property
    def _longest(self) -> timedelta:
        """How long a channel may live."""
        return _WEEK if int(self.client.version[1:]) >= _WEEK_SINCE else _DAY

    def _check(self, channels: Sequence[NewChannel], name: str) -> None:
        problems = tuple(self._problems(channels))
        if problems:
            raise InvalidRequest(problems, operation=f"notifications.{name}")

    def _problems(self, channels: Sequence[NewChannel]) -> Iterable[str]:
        if not 1 <= len(channels) <= _MOST:
            yield f"{len(channels)} channels given: one call takes 1 to {_MOST}"
        ids = Counter(channel.channel_id for channel in channels)
        yield from (f"channel {id_} is given more than once" for id_, n in ids.items() if n > 1)
        for channel in channels:
            yield from channel.problems()
            if channel.channel_expiry is not None:
                yield from self._expiry_problems(channel.channel_expiry)

    def _expiry_problems(self, expiry: datetime) -> Iterable[str]:
        now = self.client.clock.now()
        if expiry.tzinfo is None:
            yield f"channel_expiry {expiry.isoformat()} has no time zone: give an aware datetime"
        elif not now < expiry <= now + self._longest:
            # Not refused by the service, which takes one hour for it.
            yield (
                f"channel_expiry {expiry.isoformat(timespec='seconds')} is not within "
                f"{self._longest} from now, which is the longest that a channel lives"
            )
