"""Pauses of many tasks, which end together where nobody shall wait any more."""

import asyncio

from zohocrm_async._clock import Clock


class Pauses:
    """Lets tasks sleep until their time has come, or the end of all."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sleeping: set[asyncio.Future[None]] = set()

    async def sleep(self, seconds: float) -> None:
        """Return once *seconds* have passed, or when `end` is called."""
        over = asyncio.get_running_loop().create_future()
        self._sleeping.add(over)
        timer = self._clock.call_later(seconds, lambda: _wake(over))
        try:
            await over
        finally:
            timer.cancel()
            self._sleeping.discard(over)

    def end(self) -> None:
        """Let all go on who sleep now."""
        for over in self._sleeping:
            _wake(over)


def _wake(over: asyncio.Future[None]) -> None:
    if not over.done():
        over.set_result(None)
