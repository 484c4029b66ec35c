"""How long attempts may take: one timer for all that are in flight."""

import asyncio
import math
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, cast

from zohocrm_async._clock import Clock, Timer
from zohocrm_async.options import Timeouts


class HostSilent(TimeoutError):
    """Nothing came for `Timeouts.read` seconds."""


class PoolClosed(ConnectionError):
    """The session pool was closed meanwhile."""


class Deadlines:
    """Ends attempts that take longer than `Timeouts.total` or fall silent.

    It stands in for aiohttp's own timers: those are set and cancelled anew for every
    call and every piece, which costs an eighth of a call's CPU time. Here an attempt
    only notes the time, and the one timer looks at the notes when the first deadline
    may have come.

    Args:
        timeouts: the seconds allowed.
        clock: the time.
    """

    def __init__(self, timeouts: Timeouts, clock: Clock) -> None:
        self.clock = clock
        self._timeouts = timeouts
        # No attempt can be late sooner after its start than this.
        self._shortest = min(timeouts.read, timeouts.total)
        self._in_flight: set[Attempt] = set()
        self._timer: Timer | None = None

    def close(self) -> None:
        """Forget the timer, and end who is in flight."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        # aiohttp wakes nobody who reads from a connection that it closes itself.
        for attempt in self._in_flight:
            attempt.end(PoolClosed)
        self._in_flight.clear()

    def add(self, attempt: "Attempt") -> None:
        """Watch *attempt* from now on."""
        self._in_flight.add(attempt)
        # A timer that is set already fires soon enough for whoever comes later.
        if self._timer is None:
            self._timer = self.clock.call_later(self._shortest, self._check)

    def remove(self, attempt: "Attempt") -> None:
        """Watch *attempt* no more; the timer stays for those to come."""
        self._in_flight.discard(attempt)

    def _check(self) -> None:
        """End whoever is late, and look again when the next one may be."""
        now = self.clock.monotonic()
        again = now + self._shortest
        for attempt in tuple(self._in_flight):
            lateness, due = self._due(attempt)
            if due > now:
                again = min(again, due)
            else:
                self._in_flight.discard(attempt)
                attempt.end(lateness)
        waiting = again - now
        self._timer = self.clock.call_later(waiting, self._check) if self._in_flight else None

    def _due(self, attempt: "Attempt") -> tuple[type[TimeoutError], float]:
        if not attempt.timed:
            return TimeoutError, math.inf
        total = attempt.begun + self._timeouts.total
        silent = attempt.heard + self._timeouts.read
        return (HostSilent, silent) if attempt.sent and silent < total else (TimeoutError, total)


class Attempt:
    """One attempt: what may have left of it, and when it was last heard of.

    As a context manager it is watched, and ends in a TimeoutError when it is late,
    unless it is not *timed*, and in `PoolClosed` with its pool.
    """

    __slots__ = (
        "_cancelling",
        "_deadlines",
        "_ended_by",
        "_may_leave",
        "_on_sent",
        "_task",
        "begun",
        "heard",
        "sent",
        "timed",
    )

    def __init__(
        self,
        deadlines: Deadlines,
        on_sent: Callable[[], None] | None,
        may_leave: Callable[[], None] | None = None,
    ) -> None:
        self._deadlines = deadlines
        self._on_sent, self._may_leave = on_sent, may_leave
        self._ended_by: type[OSError] | None = None
        self.sent = False
        self.timed = True
        self.begun = self.heard = deadlines.clock.monotonic()

    def mark_sent(self) -> None:
        """Note that something may leave from now on."""
        self.ask()
        self.sent = True
        self.hear()
        if self._on_sent is not None:
            self._on_sent()

    def ask(self) -> None:
        """Raise what keeps the attempt from leaving, if anything does."""
        if self._may_leave is not None:
            self._may_leave()

    def hear(self) -> None:
        """Note that a piece of the answer is here."""
        self.heard = self._deadlines.clock.monotonic()

    def end(self, reason: type[OSError]) -> None:
        """Interrupt the task that makes the attempt; it gets *reason* as an error."""
        self._ended_by = reason
        if not self._task.get_loop().is_closed():  # whose tasks go nowhere any more
            self._task.cancel()

    def __enter__(self) -> Self:
        # Coroutines run in tasks.
        self._task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._cancelling = self._task.cancelling()
        self._deadlines.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._deadlines.remove(self)
        # As in asyncio.timeout: our own cancellation becomes the error, unless somebody
        # else has asked the task to stop, too.
        if (
            self._ended_by is not None
            and self._task.uncancel() <= self._cancelling
            and kind is asyncio.CancelledError
        ):
            raise self._ended_by
