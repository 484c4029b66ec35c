"""What the scheduler costs in real time, beside `asyncio.Semaphore` in the same process.

Rounds of both take turns with the collector off; a figure is the median of the ratios
of the rounds. Absolute times move with the machine, ratios hardly.
"""

import asyncio
import gc
import random
import statistics
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from contextvars import Context, copy_context
from types import FunctionType, ModuleType
from typing import Any

from attrs import frozen

from zohocrm_async._clock import Clock, ManualClock
from zohocrm_async.options import Limits
from zohocrm_async.scheduler import MemoryLedger, Quote, Scheduler

SLOTS = 10
ROUNDS = 25
_DAY = 86_400.0
_LIGHT = Quote(minimum=1, maximum=1, expected=1, exact=True, basis="benchmark")

Lap = Callable[[], Awaitable[None]]
Call = Callable[[], Coroutine[Any, Any, None]]


@frozen
class Ratio:
    """Ours beside the semaphore's, of rounds that took turns."""

    ours: float
    theirs: float
    """Seconds, medians."""
    ratio: float
    low: float
    high: float


@contextmanager
def _undisturbed() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _ratio(ours: list[float], theirs: list[float]) -> Ratio:
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return Ratio(
        statistics.median(ours), statistics.median(theirs),
        statistics.median(ratios), min(ratios), max(ratios),
    )  # fmt: skip


def _scheduler() -> Scheduler:
    limits = Limits(
        credits=10**12, concurrency=SLOTS, heavy_concurrency=SLOTS, max_waiting=10**6, max_wait=None
    )
    return Scheduler(limits, clock=Clock())


async def uncontended(*, heavy: bool, budget: bool, calls: int = 4_000) -> Ratio:
    """Admit and settle where nobody waits / acquire and release."""
    scheduler, semaphore = _scheduler(), asyncio.Semaphore(SLOTS)

    async def ours() -> None:
        for _ in range(calls):
            async with scheduler.admit(_LIGHT, heavy=heavy, operation="x") as permit:
                permit.mark_sent()
                permit.settle(1)

    async def theirs() -> None:
        for _ in range(calls):
            async with semaphore:
                pass

    async def timed(lap: Lap) -> float:
        began = time.process_time()
        await lap()
        return (time.process_time() - began) / calls

    async with AsyncExitStack() as stack:
        if budget:
            await stack.enter_async_context(scheduler.budget("job", credits=10**12))
        await ours()
        await theirs()
        mine: list[float] = []
        others: list[float] = []
        with _undisturbed():
            for _ in range(ROUNDS):
                mine.append(await timed(ours))
                others.append(await timed(theirs))
        return _ratio(mine, others)


class _Line:
    """Callers lined up behind slots that are all held, until `start` lets them go."""

    def __init__(self, waiting: int) -> None:
        self._waiting = waiting
        self._gone = 0
        self._mark = min(waiting, 10_000)
        self._marked = 0.0
        self._gate = asyncio.Event()
        self._holders: list[asyncio.Task[None]] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def hold(self) -> None:
        """Stay until `start`; whoever comes later is gone at once."""
        if not self._gate.is_set():
            await self._gate.wait()
        self._gone += 1
        if self._gone == self._mark:
            self._marked = time.process_time()

    async def fill(self, call: Call, contexts: Sequence[Context]) -> None:
        def start(number: int) -> asyncio.Task[None]:
            return asyncio.create_task(call(), context=contexts[number % len(contexts)])

        self._holders = [start(number) for number in range(SLOTS)]
        await asyncio.sleep(0)
        self._tasks = [start(number) for number in range(self._waiting)]
        for _ in range(3):
            await asyncio.sleep(0)

    async def start(self) -> float:
        """Let all go; return the seconds of a handover, of the first ones."""
        began = time.process_time()
        self._gate.set()
        await asyncio.gather(*self._holders, *self._tasks, return_exceptions=True)
        return (self._marked - began) / self._mark

    async def cancel(self, count: int) -> float:
        """Cancel *count* anywhere in the line; return the seconds of one."""
        victims = random.Random(1).sample(self._tasks, count)
        began = time.process_time()
        for victim in victims:
            victim.cancel()
        await asyncio.wait(victims)
        return (time.process_time() - began) / count


def _semaphore_line(waiting: int) -> tuple[_Line, Call]:
    line, semaphore = _Line(waiting), asyncio.Semaphore(SLOTS)

    async def call() -> None:
        async with semaphore:
            await line.hold()

    return line, call


def _our_line(waiting: int, scheduler: Scheduler) -> tuple[_Line, Call]:
    line = _Line(waiting)

    async def call() -> None:
        async with scheduler.admit(_LIGHT, heavy=False, operation="x") as permit:
            permit.mark_sent()
            await line.hold()
            permit.settle(1)

    return line, call


async def _contexts(scheduler: Scheduler, flows: int) -> list[Context]:
    """Return a context for each of *flows* budgets; one flow needs no budget."""
    if flows == 1:
        return [copy_context()]
    found: list[Context] = []
    for number in range(flows):
        async with scheduler.budget(f"job {number}", weight=1.0):
            found.append(copy_context())
    return found


async def handover(waiting: int, *, flows: int = 1, rounds: int = 3) -> Ratio:
    """The processor time from the end of one call to the end of the next that waited."""
    mine: list[float] = []
    others: list[float] = []
    for _ in range(rounds):
        scheduler = _scheduler()
        line, call = _our_line(waiting, scheduler)
        contexts = await _contexts(scheduler, flows)
        with _undisturbed():
            await line.fill(call, contexts)
            mine.append(await line.start())
        line, call = _semaphore_line(waiting)
        with _undisturbed():
            await line.fill(call, [copy_context()])
            others.append(await line.start())
    return _ratio(mine, others)


async def cancelling(waiting: int, *, rounds: int = 3) -> Ratio:
    """The time to cancel one of those who wait."""
    mine: list[float] = []
    others: list[float] = []
    count = min(waiting // 2, 1_000)
    for _ in range(rounds):
        for line, call, found in (
            (*_our_line(waiting, _scheduler()), mine),
            (*_semaphore_line(waiting), others),
        ):
            with _undisturbed():
                await line.fill(call, [copy_context()])
                found.append(await line.cancel(count))
                await line.start()
    return _ratio(mine, others)


async def bytes_waiting(waiting: int = 10_000) -> tuple[float, float]:
    """Memory of one waiting call and of one that waits for a semaphore, tasks included."""
    found: list[float] = []
    for line, call in (_our_line(waiting, _scheduler()), _semaphore_line(waiting)):
        gc.collect()
        tracemalloc.start()
        await line.fill(call, [copy_context()])
        found.append(tracemalloc.get_traced_memory()[0] / waiting)
        tracemalloc.stop()
        await line.start()
    return found[0], found[1]


@frozen
class LedgerCost:
    """A ledger whose window is full of calls."""

    calls: int
    size: int
    """Bytes, of all that the ledger alone refers to."""
    early: float
    late: float
    """Seconds a call took when the window was new, and when it was full."""


def ledger(calls: int = 10_000_000) -> LedgerCost:
    """Book *calls* a day, evenly, a little into the second day, and see what that leaves."""
    clock = ManualClock()
    books = MemoryLedger(10**12, clock=clock)
    portions = 1_000
    each, seconds = calls // portions, _DAY / portions
    found: list[float] = []
    with _undisturbed():
        for _ in range(portions + portions // 20):
            began = time.process_time()
            for _ in range(each):
                books.reserve(1)
                books.settle(1, 1)
            found.append((time.process_time() - began) / each)
            clock.advance(seconds)
    size = _deep_size(books, {id(clock)})
    return LedgerCost(calls, size, statistics.median(found[:50]), statistics.median(found[-50:]))


def _deep_size(root: object, seen: set[int]) -> int:
    """Return the bytes of *root* and all that it refers to, classes and code left out."""
    total, ahead = 0, [root]
    while ahead:
        found = ahead.pop()
        if id(found) in seen or isinstance(found, type | ModuleType | FunctionType):
            continue
        seen.add(id(found))
        total += sys.getsizeof(found)
        ahead += gc.get_referents(found)
    return total
