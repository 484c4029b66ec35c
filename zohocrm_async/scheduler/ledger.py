"""Credits of the rolling 24-hour window: arithmetic alone, no tasks."""

from collections import deque
from typing import Protocol

from attrs import define

from zohocrm_async._clock import Clock

WINDOW = 86_400
_MINUTE = 60
_LIFE = WINDOW // _MINUTE + 1


class Ledger(Protocol):
    """Who spent what in the last 24 hours, and what is promised to calls in flight.

    The scheduler asks and books; a ledger never waits and never refuses.
    """

    allowance: int
    """Credits of any 24-hour window; may be set at any time."""

    @property
    def used(self) -> int:
        """Credits spent in the window, by anyone known."""
        ...

    @property
    def reserved(self) -> int:
        """Credits held for calls in flight."""
        ...

    @property
    def foreign(self) -> int:
        """The part of *used* that others must have spent."""
        ...

    def free(self, floor: int = 0) -> int:
        """Return what may still be reserved above *floor*; negative if overdrawn."""
        ...

    def reserve(self, amount: int) -> None:
        """Hold *amount* for a call that goes out now."""
        ...

    def settle(self, reserved: int, actual: int) -> None:
        """Book what a call truly cost in place of what was held for it."""
        ...

    def observe(self, remaining: int) -> None:
        """Take in what the service says is left; it can only lower what is free."""
        ...

    def when(self, amount: int, floor: int = 0) -> float | None:
        """Return the seconds until *amount* credits are free above *floor*.

        What is in flight counts as spent now. None if the allowance never holds as many.
        """
        ...


@define
class _Minute:
    number: int
    credits: int = 0
    foreign: int = 0


class MemoryLedger(Ledger):
    """A ledger kept in this process, in minutes of which at most 1,441 are alive.

    A minute counts until its last instant is 24 hours old, so a credit is never
    thought free too early, and at most one minute too late.
    """

    def __init__(self, allowance: int, *, clock: Clock) -> None:
        self.allowance = allowance
        self._clock = clock
        self._minutes: deque[_Minute] = deque()
        self._used = 0
        self._foreign = 0
        self._reserved = 0
        self._doubt = 0

    @property
    def used(self) -> int:
        """Credits spent in the minutes that are alive."""
        self._forget(self._clock.monotonic())
        return self._used

    @property
    def reserved(self) -> int:
        """Credits held for calls in flight."""
        return self._reserved

    @property
    def foreign(self) -> int:
        """What the service says is spent beyond all that our calls can explain."""
        self._forget(self._clock.monotonic())
        return self._foreign

    def free(self, floor: int = 0) -> int:
        """Return the allowance less all that is spent, held or in doubt."""
        self._forget(self._clock.monotonic())
        return self.allowance - floor - self._used - self._reserved - self._doubt

    def reserve(self, amount: int) -> None:
        """Hold *amount*."""
        self._reserved += amount

    def settle(self, reserved: int, actual: int) -> None:
        """Book *actual* in the minute that runs."""
        # Booked at the answer, not at the send: the service booked it in between, so
        # it leaves our window after it has left the service's.
        self._reserved -= reserved
        self._doubt = min(self._doubt, self._reserved)
        if actual:
            self._book(actual)

    def observe(self, remaining: int) -> None:
        """Lower what is free to what the service can have left, in whatever order it says."""
        # The service may have booked calls whose answers are still on their way. Only
        # what these cannot explain is others' for certain. The rest is held back until
        # they have settled, because it may be others' too.
        unknown = self.allowance - remaining - self.used
        if unknown > self._reserved:
            self._book(unknown - self._reserved, foreign=True)
        self._doubt = min(max(self._doubt, unknown), self._reserved)

    def when(self, amount: int, floor: int = 0) -> float | None:
        """Walk the minutes from the oldest until *amount* credits are free."""
        if amount > self.allowance - floor:
            return None
        free = self.free(floor)
        now = self._clock.monotonic()
        if free >= amount:
            return 0.0
        for minute in self._minutes:
            free += minute.credits
            if free >= amount:
                return _end(minute.number) - now
        return _end(int(now // _MINUTE)) - now

    def _book(self, amount: int, *, foreign: bool = False) -> None:
        now = self._clock.monotonic()
        self._forget(now)
        number = int(now // _MINUTE)
        if not self._minutes or self._minutes[-1].number != number:
            self._minutes.append(_Minute(number))
        self._minutes[-1].credits += amount
        self._used += amount
        if foreign:
            self._minutes[-1].foreign += amount
            self._foreign += amount

    def _forget(self, now: float) -> None:
        while self._minutes and _end(self._minutes[0].number) <= now:
            minute = self._minutes.popleft()
            self._used -= minute.credits
            self._foreign -= minute.foreign


def _end(number: int) -> float:
    """Return the time at which minute *number* has wholly left the window."""
    return float((number + _LIFE) * _MINUTE)
