"""Waiting of a whole job: for credits, or for the organisation's next day."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from zohocrm_async._client import ZohoCRM
from zohocrm_async._clock import Clock
from zohocrm_async.exceptions import ZohoCRMError

# The service's clock and ours need not agree to the second.
_PAST_MIDNIGHT = timedelta(minutes=1)
# A cap that is still met so early in a day says that the two clocks differ by more.
_EARLY = timedelta(hours=1)
_NEXT_TRY = timedelta(minutes=15)


class Gate:
    """What every item passes before its call; closed while the job waits."""

    def __init__(self, clock: Clock) -> None:
        self.until: datetime | None = None
        """When it opens again; None while it is open."""
        self.shut = False
        """Whether it never opens again."""
        self._clock = clock
        self._open = asyncio.Event()
        self._open.set()

    async def passed(self) -> bool:
        """Wait until the gate is open; False if it never will be."""
        if not self._open.is_set():
            await self._open.wait()
        return not self.shut

    def close(self, until: datetime) -> bool:
        """Close it until a time; whether it is news that it is closed so long."""
        if self.shut or (self.until is not None and self.until >= until):
            return False
        self.until = until
        self._open.clear()
        return True

    async def reopened(self) -> None:
        """Wait for the time, however often it is put off, and open the gate."""
        while self.until is not None and not self.shut:
            seconds = (self.until - self._clock.now()).total_seconds()
            if seconds <= 0:
                break
            await self._clock.sleep(seconds)
        self.until = None
        self._open.set()

    def shut_down(self) -> None:
        """Let nothing pass any more, and nobody wait."""
        self.shut = True
        self._open.set()


async def next_mail_day(crm: ZohoCRM) -> datetime | None:
    """Return when the organisation's next day of mails begins, or None if nobody knows.

    The mails of a day are counted by calendar days in the organisation's time zone.
    """
    try:
        details = await crm.organization.get()
    except ZohoCRMError:
        return None
    if not details.time_zone:
        return None
    with contextlib.suppress(ValueError, OSError):  # a zone that this machine does not know
        return _next_day(crm.clock.now(), ZoneInfo(details.time_zone))
    return None


def _next_day(now: datetime, zone: ZoneInfo) -> datetime:
    local = now.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if local - midnight < _EARLY:
        return now + _NEXT_TRY
    tomorrow = (midnight + timedelta(days=1)).replace(fold=0)
    return tomorrow.astimezone(UTC) + _PAST_MIDNIGHT
