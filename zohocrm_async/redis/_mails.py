"""The mails of an organisation's day, counted in Redis for all processes of a fleet."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from attrs import frozen

from zohocrm_async._clock import Timer
from zohocrm_async.exceptions import ZohoCRMError
from zohocrm_async.redis._fleet import RedisFleet
from zohocrm_async.scheduler.windows import DayWindow

logger = logging.getLogger("zohocrm_async.redis")

_TICK: Final = 5.0
_SILENCE: Final = 60.0
_AGAIN: Final = 0.5
# What others hold may come back unused.
_POLL: Final = 1.0
# A block is this part of what a day allows.
_PART: Final = 200


@frozen
class _Count:
    """What a process says of one day."""

    day: date
    total: int
    spent: int
    keep: int
    wanted: int = 0


class RedisMails(DayWindow):
    """The count of the mails that an organisation may send in a day, for all processes.

    A process takes places in blocks before it sends, so that all together never send more
    than the limit. The day is that of the organisation's time zone, by the server's clock.

    One is made for each client; the client opens and closes it.

    Args:
        fleet: the server.
        organisation: whose mails; the same name in all processes.
    """

    def __init__(self, fleet: RedisFleet, organisation: str) -> None:
        self._offset = timedelta()
        super().__init__(None, "UTC", clock=fleet.clock)
        self._fleet, self._name = fleet, organisation
        self._script = fleet.script("mails.lua")
        self._day = self._today()
        self._quota = 0
        """Places of this process that no mail has used; those in flight hold some of them."""
        self._total = self._spent = 0
        """Mails of this process today, and those of them that the server does not know."""
        self._known = self._others = 0
        """Mails of all that the server knows, and places that others hold."""
        self._fills = self._busy = self._opened = self._away = False
        self._again_at = 0.0
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: Timer | None = None
        self._wake: Callable[[], None] | None = None

    @property
    def used(self) -> int:
        """Mails counted today, by all processes."""
        self._turn()
        return self._known + self._spent

    @property
    def left(self) -> int | None:
        """Mails that may go today still, of which others may hold places."""
        taken = self.used + self._others + self.reserved
        return None if self.limit is None else max(0, self.limit - taken)

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left today, whatever becomes of the calls in flight."""
        used = self.used
        return self._filled == self._day or (self.limit is not None and used >= self.limit)

    @property
    def has_room(self) -> bool:
        """Whether a call may go now; where places are lacking, some are asked for."""
        self._turn()
        if self._filled == self._day:
            return False
        if self.limit is None or self._quota > self.reserved:
            return True
        self._ask()
        return False

    def reserve(self) -> None:
        """Hold the place of a call that goes out now."""
        super().reserve()
        self._busy = True
        self._tick_later()

    def settle(self, *, counted: bool) -> None:
        """Count a call, or free its place."""
        self._turn()
        self.reserved -= 1
        if counted:
            self._total += 1
            self._spent += 1
            self._quota = max(0, self._quota - 1)
        if not self._quota and not self.reserved and self._opened and not self._tasks:
            # That nothing is left is what others wait to hear.
            self._begin(self._count(keep=0))

    def fill(self) -> None:
        """Let no process send more today, as the service says that the mails are spent."""
        self._turn()
        self._filled, self._fills = self._day, True
        self._ask()

    def listen(self, wake: Callable[[], None]) -> None:
        """Call *wake* whenever the server has answered."""
        self._wake = wake

    async def open(self) -> None:
        """Learn what was sent today.

        Raises:
            FleetError: the server cannot be reached.
        """
        await self._fleet.open()
        try:
            # The first answer tells the time, and with it the day that is asked for.
            for _ in range(2):
                self._day = self._today()
                await self._send(self._count(keep=0))
        except BaseException:
            await self._fleet.close()
            raise
        self._opened = True

    async def close(self) -> None:
        """Write what was sent, and give the other places back."""
        if not self._opened:
            return
        self._opened = False
        if self._timer is not None:
            self._timer.cancel()
        try:
            if self._tasks:
                await asyncio.wait(self._tasks)
            await self._send(self._count(keep=self.reserved))
        except ZohoCRMError as error:
            logger.warning("%s; places that were held count as sent", error)
        finally:
            await self._fleet.close()

    def _now(self) -> datetime:
        return self._clock.now() + self._offset

    def _turn(self) -> None:
        """Begin another day, if it is one."""
        today = self._today()
        if today == self._day:
            return
        if self._spent and self._opened:
            self._begin(self._count(keep=0))
        self._day = today
        self._fills = False  # that was said of the day before
        self._quota = self._total = self._spent = self._known = self._others = 0

    def _count(self, *, keep: int, wanted: int = 0) -> _Count:
        return _Count(self._day, self._total, self._spent, keep, wanted)

    def _ask(self) -> None:
        """Have places set aside, unless that was in vain a moment ago."""
        now = self._clock.monotonic()
        if not self._opened or self._tasks:
            return
        if now < self._again_at:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._clock.call_later(self._again_at - now, self._tick)
            return
        block = 1 + (self.limit or 0) // _PART
        lacking = max(0, self.reserved - self._quota)
        self._begin(self._count(keep=self._quota, wanted=block + lacking))

    def _begin(self, count: _Count) -> None:
        task = asyncio.create_task(self._carry(count), name="zohocrm_async mails")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._tick_later()
        if self._wake is not None and self._opened:
            self._wake()

    async def _carry(self, count: _Count) -> None:
        had = self._quota
        try:
            await self._send(count)
        except ZohoCRMError as error:
            self._again_at = self._clock.monotonic() + _AGAIN
            if not self._away:
                logger.warning("%s; no places for mails are had until it is back", error)
            self._away = True
        else:
            self._away = False
            if count.wanted and self._quota <= had:
                self._again_at = self._clock.monotonic() + _POLL

    async def _send(self, count: _Count) -> None:
        key = self._fleet.key(self._name, f"mails:{count.day.isoformat()}")
        answer: dict[str, Any] = await self._script.run(
            (key,),
            {
                "token": self._fleet.token,
                "ttl": _SILENCE,
                "total": count.total,
                "spent": count.spent,
                "known": self._known + count.spent if count.day == self._day else 0,
                "keep": count.keep,
                "wanted": count.wanted,
                "limit": self.limit,
                "fill": self._fills,
            },
        )
        self._offset = datetime.fromtimestamp(answer["now"], UTC) - self._clock.now()
        if count.day != self._day:
            return
        self._fills = False
        self._spent = self._total - count.total
        self._known, self._others = answer["used"], answer["held"]
        self._quota += answer["granted"]
        if answer["filled"]:
            self._filled = self._day

    def _tick_later(self) -> None:
        if self._timer is None and self._opened and (self._quota or self._spent or self.reserved):
            self._timer = self._clock.call_later(_TICK, self._tick)

    def _tick(self) -> None:
        """Write what was sent; after a time without calls, give back what is left."""
        self._timer = None
        self._turn()
        if not self._opened or self._tasks:
            return
        if not self._busy:
            self._quota = min(self._quota, self.reserved)
        self._busy = False
        self._begin(self._count(keep=self._quota))
