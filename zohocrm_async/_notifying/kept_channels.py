"""Channels that are renewed before they end, for as long as a block lasts."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from attrs import evolve

from zohocrm_async._notifying.callbacks import new_token, parse
from zohocrm_async.exceptions import (
    OutcomeUnknown,
    SchedulerClosed,
    UnexpectedAnswer,
    ZohoCRMError,
)
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.notifications import NewChannel, Notification

logger = logging.getLogger("zohocrm_async.notifications")

if TYPE_CHECKING:
    from zohocrm_async.api.notifications import Notifications

_TAKEN, _GONE = "ALREADY_USED", "NOT_SUBSCRIBED"
_RENEWED_AT = 0.9
"""Part of its life after which a channel is renewed."""
_SHORTEST_WAIT = timedelta(minutes=1)
_LONGEST_SLEEP = 3600.0
_FIRST_PAUSE, _LONGEST_PAUSE = 30.0, 600.0

Way = Callable[[Sequence[NewChannel]], Awaitable[Sequence[Outcome]]]
OnFailure = Callable[[ZohoCRMError], None]


class KeptChannels:
    """Channels that live as long as an ``async with`` block; made by ``crm.notifications.kept``."""

    def __init__(
        self,
        family: "Notifications",
        channels: Sequence[NewChannel],
        *,
        lifetime: timedelta,
        delete: bool,
        on_failure: OnFailure | None,
    ) -> None:
        self.failure: ZohoCRMError | None = None
        """Why the latest renewal failed; None once one went well again."""
        self._family = family
        self._channels = tuple(
            channel if channel.token else evolve(channel, token=new_token()) for channel in channels
        )
        self._lifetime = lifetime
        self._deletes = delete
        self._on_failure = on_failure
        self._clock = family.client.clock
        self._ends: dict[str, datetime] = {}
        self._renewed_at = self._clock.now()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._open()
        except BaseException:  # also where it is cancelled: some may be made by then
            await self._delete()
            raise
        self._task = asyncio.create_task(
            self._renew_in_time(), name="zohocrm_async renewal of channels"
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        task = self._task
        if task is not None:
            task.cancel()
            await asyncio.wait((task,))
        await self._delete()
        if task is not None and not task.cancelled():
            task.result()

    @property
    def tokens(self) -> Mapping[str, str]:
        """The channels' tokens by channel id; those that had none were given one."""
        return {channel.channel_id: channel.token or "" for channel in self._channels}

    @property
    def ends_at(self) -> datetime:
        """When the first of them ends, unless it is renewed."""
        return min(self._ends.values())

    def parse(self, body: bytes | str | Mapping[str, Any]) -> Notification:
        """Return the notification in the body of a callback, once its token is checked.

        Raises:
            InvalidNotification: no channel of these sends such a callback.
        """
        return parse(body, tokens=self.tokens)

    async def _open(self) -> None:
        """Make the channels, or take over those that are there.

        Raises:
            ZohoCRMError: a channel is refused, or the service is not reached.
        """
        try:
            left = await self._set(self._family.create, self._channels, but=_TAKEN)
        except OutcomeUnknown:
            left = self._channels  # made or not, which the next call finds out
        if left:
            left = await self._set(self._family.replace, left, but=_GONE)
        if left:
            await self._set(self._family.create, left)

    async def _renew_in_time(self) -> None:
        """Renew the channels before they end, over and over."""
        pause = _FIRST_PAUSE
        while True:
            await self._near_the_end()
            try:
                await self._renew()
            except ZohoCRMError as error:
                self._tell(error)
                if isinstance(error, SchedulerClosed):
                    return  # the client is closed: there is nothing left to call with
                await self._clock.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                self.failure, pause = None, _FIRST_PAUSE

    async def _delete(self) -> None:
        """Delete the channels that were made, if so wished; one that stays ends by itself."""
        if not (self._deletes and self._ends):
            return
        try:
            outcomes = await self._family.delete([*self._ends])
        except ZohoCRMError as error:
            self._tell(error)
            return
        for outcome in outcomes:
            if outcome.error is not None and outcome.code != _GONE:
                self._tell(outcome.error)

    async def _near_the_end(self) -> None:
        life = self.ends_at - self._renewed_at
        due = self._renewed_at + max(_RENEWED_AT * life, _SHORTEST_WAIT)
        # In parts: timers stand still while the machine sleeps, and the end does not.
        while (rest := (due - self._clock.now()).total_seconds()) > 0:
            await self._clock.sleep(min(rest, _LONGEST_SLEEP))

    async def _renew(self) -> None:
        left = await self._set(self._family.replace, self._channels, but=_GONE)
        if left:
            await self._set(self._family.create, left)

    async def _set(
        self, way: Way, channels: Sequence[NewChannel], *, but: str = ""
    ) -> tuple[NewChannel, ...]:
        """Send *channels* in one way; return those that are refused with the word *but*.

        Raises:
            ZohoCRMError: the call fails, or a channel is refused with another word.
        """
        now = self._clock.now()
        end = now + self._lifetime
        outcomes = await way([evolve(channel, channel_expiry=end) for channel in channels])
        if len(outcomes) != len(channels):
            raise UnexpectedAnswer(
                f"{len(outcomes)} outcomes came for {len(channels)} channels",
                operation="notifications.kept",
            )
        left: list[NewChannel] = []
        failure: ZohoCRMError | None = None
        for channel, outcome in zip(channels, outcomes, strict=True):
            if outcome.error is None:
                self._ends[channel.channel_id] = _end_of(outcome) or end
            elif outcome.code == but:
                left.append(channel)
            else:
                failure = failure or outcome.error
        if failure is not None:
            raise failure
        self._renewed_at = now
        return tuple(left)

    def _tell(self, error: ZohoCRMError) -> None:
        self.failure = error
        logger.warning("channels %s: %s", ", ".join(self._ends), error)
        if self._on_failure is not None:
            # By the loop, which reports what it raises: no renewal fails for that.
            asyncio.get_running_loop().call_soon(self._on_failure, error)


def _end_of(outcome: Outcome) -> datetime | None:
    """Return when the service says that a channel ends, which may be sooner than asked."""
    events: Any = outcome.details.get("events")
    try:
        ends = [datetime.fromisoformat(event["channel_expiry"]) for event in events or ()]
    except (TypeError, KeyError, ValueError):
        return None
    return min((end for end in ends if end.tzinfo is not None), default=None)
