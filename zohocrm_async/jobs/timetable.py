"""When the calls of a job can be made: slots, credits of 24 hours, mails of a day."""

import math
from collections import deque
from datetime import UTC, datetime, time, timedelta, tzinfo

from attrs import evolve, frozen

_DAY = timedelta(hours=24)


@frozen(kw_only=True)
class Supply:
    """What calls of one price can draw on."""

    price: int
    """Credits of a call."""
    slots: int
    """Calls in flight at once."""
    seconds_per_call: float
    allowance: int
    """Credits of any 24 hours."""
    free: int
    """Credits that are free now; the rest is back after 24 hours at the latest."""
    mails_a_day: int | None = None
    """Mails of a calendar day; None: no end."""
    zone: tzinfo = UTC
    """Where that day begins and ends."""


@frozen(kw_only=True)
class PlanPart:
    """Calls that follow each other without a wait for credits or for another day."""

    starts_at: datetime
    ends_at: datetime
    calls: int
    waits_for: str | None = None
    """What it begins with: ``credits`` or ``mails`` (of the next day); None: nothing."""


@frozen
class _Spent:
    at: datetime
    calls: int


def timetable(calls: int, supply: Supply, now: datetime) -> tuple[PlanPart, ...]:
    """Return the parts in which *calls* are made; none if they never all can be."""
    if supply.price > supply.allowance or supply.mails_a_day == 0:
        return ()
    table = _Table(supply, now)
    while calls > 0:
        calls -= table.advance(calls)
    return tuple(table.parts)


class _Table:
    """The time so far, and what was spent when."""

    def __init__(self, supply: Supply, now: datetime) -> None:
        self.parts: list[PlanPart] = []
        self._supply = supply
        self._others_back = now + _DAY
        self._at = now
        self._spent: deque[_Spent] = deque()
        self._sent_today = 0
        self._waited: str | None = None

    def advance(self, calls: int) -> int:
        """Make as many of *calls* as can be made now, or wait; return how many were."""
        credits_allow, mails_allow = self._credits_allow(), self._mails_allow()
        if not credits_allow:
            self._wait_for_credits()
            return 0
        if not mails_allow:
            self._wait_until(self._midnight(), "mails")
            return 0
        until = self._at + _DAY
        if self._supply.mails_a_day is not None:
            until = min(until, self._midnight())
        seconds = (until - self._at).total_seconds()
        slots_allow = math.ceil(seconds / self._supply.seconds_per_call) * self._supply.slots
        made = min(calls, credits_allow, mails_allow, slots_allow)
        self._make(made)
        return made

    def _make(self, calls: int) -> None:
        rounds = math.ceil(calls / self._supply.slots)
        end = self._at + timedelta(seconds=rounds * self._supply.seconds_per_call)
        last = self.parts[-1] if self.parts else None
        # A round that was not full was cut short by a limit, even if nothing had to wait
        # longer than the round itself.
        full = last is not None and last.calls % self._supply.slots == 0
        if last is not None and full and last.ends_at == self._at and self._waited is None:
            self.parts[-1] = evolve(last, ends_at=end, calls=last.calls + calls)
        else:
            self.parts.append(
                PlanPart(starts_at=self._at, ends_at=end, calls=calls, waits_for=self._waited)
            )
        # Spent at the beginning, and given back as it was spent: the part that waits for
        # it begins no earlier and spends no faster.
        self._spent.append(_Spent(self._at, calls))
        self._sent_today += calls
        self._waited = None
        self._move_to(end)

    def _credits_allow(self) -> int:
        while self._spent and self._spent[0].at + _DAY <= self._at:
            self._spent.popleft()
        ours = sum(spent.calls for spent in self._spent) * self._supply.price
        free = self._supply.free if self._at < self._others_back else self._supply.allowance
        return max(0, free - ours) // self._supply.price

    def _mails_allow(self) -> int:
        cap = self._supply.mails_a_day
        # Without a cap credits alone decide.
        return self._credits_allow() if cap is None else cap - self._sent_today

    def _wait_for_credits(self) -> None:
        times = [self._spent[0].at + _DAY] if self._spent else []
        if self._at < self._others_back:
            times.append(self._others_back)
        self._wait_until(min(times), "credits")

    def _wait_until(self, when: datetime, reason: str) -> None:
        self._waited = reason
        self._move_to(when)

    def _move_to(self, when: datetime) -> None:
        if when >= self._midnight():
            self._sent_today = 0
        self._at = when

    def _midnight(self) -> datetime:
        """Return when the organisation's next day begins."""
        local = self._at.astimezone(self._supply.zone)
        tomorrow = datetime.combine(local.date() + timedelta(days=1), time(), self._supply.zone)
        return tomorrow.astimezone(self._at.tzinfo)
