"""Events of a running job: for programs that watch it, by callback or by iterator."""

import asyncio
import inspect
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.report import JobReport

logger = logging.getLogger("zohocrm_async.jobs")

_MOST_UNREAD = 100


@frozen
class Begun:
    """The journal is open; these items are in it already."""

    counts: Mapping[ItemState, int]


@frozen
class ItemEnded:
    """The run has done with an item, and leaves it in this state."""

    item: Item


@frozen
class Waiting:
    """Nothing is sent until a time."""

    until: datetime
    why: str


@frozen
class Resumed:
    """The wait is over."""


@frozen
class Stopped:
    """No further row is taken; what is in flight comes to its end."""

    why: str


@frozen
class Finished:
    """The run is over. Of the iterator alone, its last event."""

    report: JobReport


Event = Begun | ItemEnded | Waiting | Resumed | Stopped | Finished
OnEvent = Callable[[Event], Awaitable[None] | None]
OnItem = Callable[[Item], None]


class Watchers:
    """Those who are told of a run; an error of theirs never ends it."""

    def __init__(self, on_item: OnItem | None, on_event: OnEvent | None) -> None:
        self._on_item = on_item
        self._on_event = on_event
        self.none = on_item is None and on_event is None

    async def ended(self, item: Item) -> None:
        """Tell that the run has done with *item*."""
        if self._on_item is not None:
            try:
                self._on_item(item)
            except Exception:
                logger.exception("on_item failed for item %s", item.key)
        if self._on_event is not None:
            await self.tell(ItemEnded(item))

    async def tell(self, event: Event) -> None:
        """Tell of *event*; an asynchronous callback may make the run wait."""
        if self._on_event is None:
            return
        try:
            told = self._on_event(event)
            if inspect.isawaitable(told):
                await told
        except Exception:
            logger.exception("on_event failed for %s", type(event).__name__)


async def events(
    run: Callable[[OnEvent], Coroutine[Any, Any, JobReport]],
) -> AsyncGenerator[Event, None]:
    """Yield the events of *run*, `Finished` at last.

    A slow reader slows the run. Closing the iterator ends the run in good order, as
    cancelling it would.
    """
    unread: asyncio.Queue[Event | None] = asyncio.Queue(_MOST_UNREAD)
    gone = asyncio.Event()

    async def put(event: Event | None) -> None:
        if not unread.full():
            unread.put_nowait(event)
            return
        leaving = asyncio.create_task(gone.wait())
        putting = asyncio.create_task(unread.put(event))
        try:
            await asyncio.wait({putting, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            putting.cancel()
            leaving.cancel()

    async def work() -> JobReport:
        try:
            return await run(put)
        finally:
            await put(None)

    running = asyncio.create_task(work())
    try:
        while (event := await unread.get()) is not None:
            yield event
        yield Finished(await running)
    finally:
        gone.set()
        await ended(running)


async def ended(running: asyncio.Task[Any]) -> None:
    """Cancel *running* and wait for its end; cancelled meanwhile, cancel it again."""
    cancelled: asyncio.CancelledError | None = None
    while not running.done():
        running.cancel()
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError as error:
            cancelled = error
    if not running.cancelled():
        running.exception()  # asked for, so that the loop does not report it as lost
    if cancelled is not None:
        raise cancelled
