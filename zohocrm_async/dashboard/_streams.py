"""Streams of a page's parts: so many at most, each ended when the process is told to end."""

import asyncio
import signal
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from math import inf
from types import FrameType
from typing import Any, Protocol

import orjson

from zohocrm_async._clock import Clock
from zohocrm_async.dashboard._html import Html, moment

# Seconds. The guard is asked again for the next stream, and a server that waits for its
# connections at the end, of which no signal tells, waits no longer.
_LIFE = 10.0
_BEAT = 5.0
# Milliseconds until a browser comes again: to the next stream, and where there were too many.
_RETRY, _AGAIN = 500, 10_000
# Part of a view's interval for which what was seen is still shown to others.
_FRESH = 0.9
_MOST = 20


class View(Protocol):
    """What a viewer looks at."""

    @property
    def clock(self) -> Clock:
        """Its time."""
        ...

    @property
    def interval(self) -> float:
        """Seconds between two looks."""
        ...

    def parts(self) -> Mapping[str, Html]:
        """Return what is to be seen now."""
        ...


class Streams:
    """The streams of a router."""

    def __init__(self) -> None:
        self._closing = False
        self._open: set[asyncio.Event] = set()
        self._seen: dict[View, tuple[float, Mapping[str, Html]]] = {}

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._open)

    @property
    def full(self) -> bool:
        """Whether no further one may be opened."""
        return len(self._open) >= _MOST

    @asynccontextmanager
    async def lifespan(self, _: Any) -> AsyncGenerator[None]:
        """Live as long as the application, and end all streams before it does.

        Servers close the application only after its connections, which streams would hold
        open; so they end at the signal that tells the server.
        """
        self._closing = False
        with _signalled(self.close):
            try:
                yield
            finally:
                self.close()

    def close(self) -> None:
        """End all streams."""
        self._closing = True
        for wake in self._open:
            wake.set()

    async def events(self, view: View) -> AsyncGenerator[bytes]:
        """Yield server-sent events: the parts that changed, and the time now and then.

        Waits and rates change while nothing happens, so each look comes by the clock.
        """
        clock, wake = view.clock, asyncio.Event()
        end, beat = clock.monotonic() + _LIFE, clock.monotonic()
        shown: Mapping[str, Html] = {}
        if self.full:
            # Others came between the look at `full` and this.
            yield f"retry: {_AGAIN}\n\n".encode()
            return
        self._open.add(wake)
        try:
            yield f"retry: {_RETRY}\n\n".encode()
            while not self._closing and (now := clock.monotonic()) < end:
                parts = self._look(view, now)
                changed = {name: part for name, part in parts.items() if shown.get(name) != part}
                shown = parts
                if changed:
                    yield _event("parts", changed)
                if now >= beat:
                    beat = now + _BEAT
                    yield _event("time", _time(clock.now()))
                await self._pause(clock, view.interval, wake)
        finally:
            self._open.discard(wake)
            self._seen.pop(view, None)

    def _look(self, view: View, now: float) -> Mapping[str, Html]:
        """Return the parts of *view*, which those who look at the same see at one cost."""
        at, parts = self._seen.get(view, (-inf, {}))
        if now >= at + _FRESH * view.interval:
            parts = view.parts()
            self._seen[view] = now, parts
        return parts

    async def _pause(self, clock: Clock, seconds: float, wake: asyncio.Event) -> None:
        if self._closing:
            return
        wake.clear()
        timer = clock.call_later(seconds, wake.set)
        try:
            await wake.wait()
        finally:
            timer.cancel()


def _event(name: str, value: object) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(value, default=str))


def _time(now: datetime) -> str:
    return str(moment(now))


@contextmanager
def _signalled(told: Callable[[], None]) -> Generator[None]:
    """Call *told*, on the loop, at a signal that whoever serves the application hears too."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals go to the main thread alone
        return
    loop = asyncio.get_running_loop()
    before: dict[int, Callable[[int, FrameType | None], Any]] = {}

    def hear(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(told)
        before[number](number, frame)

    for number in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(number)
        if callable(handler):
            before[number] = handler
            signal.signal(number, hear)
    try:
        yield
    finally:
        for heard, handler in before.items():
            if signal.getsignal(heard) is hear:
                signal.signal(heard, handler)
