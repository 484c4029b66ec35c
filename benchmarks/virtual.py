"""An event loop whose time is virtual: where every task waits, the clock jumps.

Nothing is slept through, so a month takes as long as its computing. What reads the
loop's time (its timers, asyncio.sleep, aiolimiter) lives in virtual time unchanged;
`LoopClock` brings the scheduler along.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from zohocrm_async._clock import Clock

T = TypeVar("T")

START = datetime(2026, 6, 1, tzinfo=UTC)
# A timer due now that sets itself again for now would stop the clock for ever: two
# floats that should be equal seldom are. So each turn of the loop takes a moment.
_TURN = 1e-8


class StandstillError(RuntimeError):
    """Every task waits, and nothing will ever wake one."""


class _Jump(selectors.SelectSelector):
    """A selector that never waits: it moves the time on instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StandstillError("every task waits and no timer runs")
        self.now += max(timeout, _TURN)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop for tasks and timers alone: no sockets, no threads, no waiting."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


class LoopClock(Clock):
    """The running loop's time as the scheduler's clock."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def monotonic(self) -> float:
        return self._loop.time()

    def now(self) -> datetime:
        return START + timedelta(seconds=self._loop.time())


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run *main* in virtual time, which begins at nought."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
