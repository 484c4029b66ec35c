"""The time, injected: the real one, and one that moves when told."""

import asyncio
import functools
import heapq
import itertools
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Timer(Protocol):
    """A call that was put off."""

    def cancel(self) -> None:
        """Forget the call."""


class Clock:
    """The machine's time and the running loop's timers."""

    # Itself, as each call asks for it a dozen times.
    monotonic = staticmethod(time.monotonic)
    """Seconds that never go back; only differences mean anything."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        return datetime.now(UTC)

    def boot(self) -> tuple[str, float]:
        """Which start of the machine this is, and the seconds since; all processes agree.

        "" where no start can be told from another. It may read a file.
        """
        if sys.platform == "linux":
            # Unlike the monotonic time, this one goes on while the machine sleeps.
            return _boot_id(), time.clock_gettime(time.CLOCK_BOOTTIME)
        return "", time.monotonic()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call *callback* once *seconds* have passed."""
        return asyncio.get_running_loop().call_later(seconds, callback)

    async def sleep(self, seconds: float) -> None:
        """Return once *seconds* have passed."""
        done = asyncio.get_running_loop().create_future()

        def wake() -> None:
            if not done.done():
                done.set_result(None)

        timer = self.call_later(seconds, wake)
        try:
            await done
        finally:
            timer.cancel()


@functools.cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""  # a container may hide it


class _ManualTimer:
    __slots__ = ("callback", "due")

    def __init__(self, due: float, callback: Callable[[], None]) -> None:
        self.due = due
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class ManualClock(Clock):
    """A clock that stands still until `advance` moves it.

    Timers fire in the order of their times while it moves, each at its own time.
    """

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._start = start
        self._boot = os.urandom(8).hex()
        self._elapsed = 0.0
        self._timers: list[tuple[float, int, _ManualTimer]] = []
        self._sequence = itertools.count()

    def monotonic(self) -> float:
        return self._elapsed

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._start.timestamp() + self._elapsed, UTC)

    def boot(self) -> tuple[str, float]:
        return self._boot, self._elapsed

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        timer = _ManualTimer(self._elapsed + max(seconds, 0.0), callback)
        heapq.heappush(self._timers, (timer.due, next(self._sequence), timer))
        return timer

    def advance(self, seconds: float) -> None:
        """Move on by *seconds* and fire what falls due on the way."""
        end = self._elapsed + seconds
        while self._timers and self._timers[0][0] <= end:
            due, _, timer = heapq.heappop(self._timers)
            self._elapsed = max(self._elapsed, due)
            if timer.callback is not None:
                timer.callback()
        self._elapsed = end

    def next_timer(self) -> float | None:
        """Seconds until the next timer falls due, or None if there is none."""
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        return self._timers[0][0] - self._elapsed if self._timers else None


class _OffsetTimer:
    """A timer of an `OffsetClock`: the loop's, and set anew after each jump."""

    __slots__ = ("_callback", "_clock", "due", "handle")

    def __init__(self, clock: "OffsetClock", due: float, callback: Callable[[], None]) -> None:
        self._clock = clock
        self._callback = callback
        self.due = due
        self.handle: asyncio.TimerHandle | None = None

    def set(self) -> None:
        if self.handle is not None:
            self.handle.cancel()
        seconds = self.due - self._clock.monotonic()
        self.handle = asyncio.get_running_loop().call_later(seconds, self.fire)

    def fire(self) -> None:
        self.cancel()
        self._callback()

    def cancel(self) -> None:
        self._clock.pending.discard(self)
        if self.handle is not None:
            self.handle.cancel()


class OffsetClock(Clock):
    """The machine's time, which `advance` moves on by a jump.

    Real time goes on between jumps, so it suits servers on real sockets whose
    24-hour window shall pass in no time.
    """

    def __init__(self) -> None:
        self._offset = 0.0
        self.pending: set[_OffsetTimer] = set()
        """Timers that have not fired yet."""

    def monotonic(self) -> float:
        return time.monotonic() + self._offset

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self._offset, UTC)

    def boot(self) -> tuple[str, float]:
        start, seconds = super().boot()
        return start, seconds + self._offset

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        timer = _OffsetTimer(self, self.monotonic() + seconds, callback)
        self.pending.add(timer)
        timer.set()
        return timer

    def advance(self, seconds: float) -> None:
        """Jump *seconds* ahead and fire what falls due by then."""
        self._offset += seconds
        now = self.monotonic()
        for timer in sorted(self.pending, key=lambda timer: timer.due):
            if timer not in self.pending:
                continue  # an earlier one cancelled it
            if timer.due <= now:
                timer.fire()
            else:
                timer.set()
