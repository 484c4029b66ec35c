"""Credits of the rolling 24-hour window: arithmetic alone, no tasks."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from zohocrm_async._clock import Clock
from zohocrm_async.exceptions import ZohoCRMError
from zohocrm_async.scheduler.minutes import MINUTE, RING, Minutes

WINDOW = 86_400
# No call lasts as long; what older answers say is heeded only where it is less.
_LONGEST_CALL = 10


class Minute(NamedTuple):
    """What is booked in one minute."""

    age: float
    """Seconds since it began."""
    leaves_in: float
    """Seconds until its credits come back."""
    credits: int
    inferred: int
    """The part of them that others must have spent."""


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
        """Credits held for calls in flight, those of other processes included."""
        ...

    @property
    def foreign(self) -> int:
        """The part of *used* that was inferred: what others must have spent."""
        ...

    @property
    def remaining(self) -> int:
        """Credits that are neither spent nor held by anyone, for the report."""
        ...

    @property
    def failure(self) -> ZohoCRMError | None:
        """Why no more credits can be had from the books, or None; anew at each asking."""
        ...

    def free(self, floor: int = 0) -> int:
        """Return what may be reserved now above *floor*; negative if overdrawn."""
        ...

    def reserve(self, amount: int) -> None:
        """Hold *amount* for a call that goes out now."""
        ...

    def settle(self, reserved: int, actual: int) -> None:
        """Book what a call truly cost in place of what was held for it."""
        ...

    def observe(self, remaining: int, *, sent_at: float) -> None:
        """Take in what the service says is left; settle the call that says so first.

        *sent_at* is the clock's time when that call was sent. The answer lowers what is
        free to what can be left. It raises it only by taking back what was inferred
        before the call was sent, as an older answer may know less than a newer one.
        """
        ...

    def when(self, amount: int, floor: int = 0) -> float | None:
        """Return the seconds until *amount* credits are free above *floor*.

        What is in flight counts as spent now. None if the allowance never holds as many.
        """
        ...

    def history(self) -> Sequence[Minute]:
        """Return the minutes of the window in which something is booked, the oldest first."""
        return ()

    def want(self, amount: int, floor: int = 0) -> None:
        """Take note that a call waits for *amount* credits above *floor*."""
        ...

    def listen(self, wake: Callable[[], None]) -> None:
        """Call *wake*, on the loop, when more may be free than before by another's doing."""
        ...

    async def open(self) -> int | None:
        """Make the books ready; return the allowance they remember, if any."""
        ...

    async def close(self) -> None:
        """Write what is to be written, and let go."""
        ...


class MemoryLedger(Ledger):
    """A ledger kept in this process, in minutes of which at most 1,441 are alive.

    A minute counts until its last instant is 24 hours old, so a credit is never
    thought free too early, and at most one minute too late. It heeds the clock's
    monotonic time alone: to set the wall clock changes nothing.
    """

    def __init__(self, allowance: int, *, clock: Clock) -> None:
        self.allowance = allowance
        self._time: Callable[[], float] = clock.monotonic
        self._minutes = Minutes(clock.monotonic())
        self._reserved = 0
        self._doubt = 0
        self._doubted_at = 0.0
        self._unexplained = 0

    @property
    def used(self) -> int:
        """Credits spent in the minutes that are alive."""
        self._turn()
        return self._minutes.used

    @property
    def reserved(self) -> int:
        """Credits held for calls in flight."""
        return self._reserved

    @property
    def foreign(self) -> int:
        """What the service says is spent beyond all that our calls can explain."""
        self._turn()
        return self._minutes.inferred

    @property
    def remaining(self) -> int:
        """What is free, and not below zero."""
        return max(0, MemoryLedger.free(self))

    @property
    def failure(self) -> ZohoCRMError | None:
        """Nothing fails in memory."""
        return None

    def free(self, floor: int = 0) -> int:
        """Return the allowance less all that is spent, held or in doubt."""
        minutes = self._minutes
        now = self._time()
        if now >= minutes.ends:
            minutes.turn(now)
        return self.allowance - floor - minutes.used - self._reserved - self._doubt

    def reserve(self, amount: int) -> None:
        """Hold *amount*."""
        self._reserved += amount

    def settle(self, reserved: int, actual: int) -> None:
        """Book *actual* in the minute that runs."""
        # Booked at the answer, not at the send: the service booked it in between, so
        # it leaves our window after it has left the service's.
        self._reserved -= reserved
        if self._doubt:
            self._clear_up(actual)
        if actual:
            minutes, now = self._minutes, self._time()
            if now >= minutes.ends:
                minutes.turn(now)
            minutes.book(actual)

    def observe(self, remaining: int, *, sent_at: float) -> None:
        """Book what only others can have spent, hold back what they may have spent."""
        # The service may have booked calls whose answers are still on their way. Only
        # what these cannot explain is others' for certain. The rest is held back until
        # they have settled, because it may be others' too.
        self._turn()
        spent = self.allowance - remaining
        unknown = spent - self._minutes.used
        if unknown > self._reserved:
            self._minutes.book(unknown - self._reserved, inferred=True)
        elif unknown < 0 and self._minutes.inferred:
            self._take_back(spent, sent_at)
        self._hold_back(unknown, sent_at)

    def when(self, amount: int, floor: int = 0) -> float | None:
        """Find the minute that must leave before *amount* credits are free."""
        if amount > self.allowance - floor:
            return None
        missing = amount - MemoryLedger.free(self, floor)
        return 0.0 if missing <= 0 else self._minutes.leaves_at(missing) - self._time()

    def history(self) -> Sequence[Minute]:
        """Return what is booked, by the minute."""
        self._turn()
        now = self._time()
        rows = [
            Minute(now - number * MINUTE, (number + RING) * MINUTE - now, spent, inferred)
            for number, spent, inferred in self._minutes.rows()
        ]
        return rows[::-1]

    def want(self, amount: int, floor: int = 0) -> None:
        """Do nothing: all that is free can be had at once."""

    def listen(self, wake: Callable[[], None]) -> None:
        """Nobody else changes these books."""

    async def open(self) -> int | None:
        """Remember nothing: there is nothing to open."""
        return None

    async def close(self) -> None:
        """There is nothing to close."""

    def _turn(self) -> None:
        now = self._time()
        if now >= self._minutes.ends:
            self._minutes.turn(now)

    def _take_back(self, spent: int, sent_at: float) -> None:
        """Take back what was inferred before the call left that says *spent* in all."""
        minutes, sent = self._minutes, int(sent_at // MINUTE)
        if minutes.number - sent <= _LONGEST_CALL:
            # What was booked since may be too late to be in the service's count.
            minutes.take_back(minutes.used - spent - minutes.since(sent), before=sent)

    def _hold_back(self, unknown: int, sent_at: float) -> None:
        doubt = min(max(0, unknown), self._reserved)
        # Less doubt is believed only if the call left after the last reason to doubt.
        if doubt >= self._doubt or sent_at > self._doubted_at:
            self._doubt = self._unexplained = doubt
            self._doubted_at = self._time()

    def _clear_up(self, actual: int) -> None:
        """Let a call that ended explain as much as it cost; what nobody can is others'."""
        self._unexplained -= actual
        others = self._unexplained - self._reserved
        if others > 0:
            self._turn()
            self._minutes.book(others, inferred=True)
            self._unexplained -= others
        self._doubt = min(self._doubt, self._reserved)
