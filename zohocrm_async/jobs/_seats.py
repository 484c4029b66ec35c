"""Seats: how many items of a job are in hand at once, and who has one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

# Items between two looks at the limits, which may change while the job runs.
_LOOK_AFTER = 100
# Items that are followed without a seat at once.
_MOST_FOLLOWED = 500

Start = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]


class Seats:
    """As many workers as there are seats, all on one stream.

    A worker whose item only waits for the service leaves its seat to another. Once the
    item goes on, it takes the next seat that falls free, before any new item does.
    """

    def __init__(self, count: Callable[[], int], start: Start) -> None:
        self._count = count
        self._start = start
        self._closed = False
        self._most = 0
        self._taken = 0
        self._claims = 0
        self._seated: set[asyncio.Task[None]] = set()
        self._following: set[asyncio.Task[None]] = set()
        self._reader: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()
        self._room = asyncio.Event()

    @property
    def followers(self) -> tuple["asyncio.Task[None]", ...]:
        """The tasks whose items are followed without a seat."""
        return tuple(self._following)

    async def each(self, things: AsyncIterator[T], work: Callable[[T], Awaitable[None]]) -> None:
        """Do *work* with each of *things*, and return once all of it is done."""
        self._most = self._count()
        ended = asyncio.Event()
        try:
            while True:
                self._room.clear()
                more = not (ended.is_set() or self._closed)
                while more and len(self._seated) < self._most and self._free():
                    self._seated.add(self._start(self._work(things, work, ended)))
                if not (more or self._seated or self._following):
                    return
                await self._room.wait()
        finally:
            # Cancelled, it hands back a stream that nobody reads any more.
            while self._reader is not None:
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([self._reader])

    async def take(self) -> None:
        """Give the current task a seat again, as soon as one is free."""
        task = _current()
        if task in self._seated:
            return
        self._claims += 1
        try:
            while len(self._seated) >= self._most:
                self._room.clear()
                await self._room.wait()
        finally:
            self._claims -= 1
        self._following.discard(task)
        self._seated.add(task)
        # Others may have made room for it as well, and what they left is for new items.
        self._room.set()

    def leave(self) -> None:
        """Let another item be in hand while the current task's is followed."""
        task = _current()
        self._seated.discard(task)
        self._following.add(task)
        self._room.set()

    def left(self, task: "asyncio.Task[None]") -> None:
        """Take note that *task* has ended."""
        self._seated.discard(task)
        self._following.discard(task)
        self._room.set()

    def close(self) -> None:
        """Take nothing more from any stream."""
        self._closed = True
        self._room.set()
        if self._reader is not None:
            self._reader.cancel()

    async def _work(
        self,
        things: AsyncIterator[T],
        work: Callable[[T], Awaitable[None]],
        ended: asyncio.Event,
    ) -> None:
        """Do *work* with one thing after the other, as long as there is a seat for it."""
        me = _current()
        while me in self._seated and len(self._seated) <= self._most and self._free():
            async with self._turn:
                if self._closed or ended.is_set():
                    return
                self._reader = me
                try:
                    thing = await anext(things)
                except StopAsyncIteration:
                    ended.set()
                    return
                finally:
                    self._reader = None
            self._taken += 1
            if self._taken % _LOOK_AFTER == 0:
                self._look()
            await work(thing)

    def _free(self) -> bool:
        """Whether a seat that is free is for a new item."""
        return not self._claims and len(self._following) < _MOST_FOLLOWED

    def _look(self) -> None:
        most = self._count()
        if most > self._most:
            self._room.set()
        self._most = most


def _current() -> "asyncio.Task[None]":
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  # only coroutines of the job come here
    return task
