"""Who asks for calls, and how long they wait: the loads of the benchmarks."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager

from benchmarks.policies import Policy
from benchmarks.service import Ask


class Watch:
    """Makes calls by a policy and notes how long each waited until it was sent."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.waits: defaultdict[str, list[float]] = defaultdict(list)
        self._open: dict[object, tuple[str, float]] = {}

    async def call(self, ask: Ask) -> None:
        asked, ticket = _now(), object()
        self._open[ticket] = (ask.name, asked)
        sent = await self.policy.call(ask)
        del self._open[ticket]
        self.waits[ask.name].append(sent - asked)

    def all_waits(self, name: str) -> list[float]:
        """Return the waits of those asked for by *name*, of those not done so far, too."""
        now = _now()
        return self.waits[name] + [
            now - asked for other, asked in self._open.values() if other == name
        ]

    @property
    def waiting(self) -> int:
        """Calls that were asked for and are not done."""
        return len(self._open)

    @property
    def worst(self) -> float:
        """The longest wait of all, of those who still wait, too."""
        names = {*self.waits, *(name for name, _ in self._open.values())}
        return max(max(self.all_waits(name)) for name in names)


async def forever(watch: Watch, asks: Sequence[Ask], workers: int) -> None:
    """Keep *workers* calls waiting or in flight, taking *asks* in turn."""

    async def work(number: int) -> None:
        while True:
            await watch.call(asks[number % len(asks)])
            number += workers

    async with asyncio.TaskGroup() as group:
        for number in range(workers):
            group.create_task(work(number))


async def each(watch: Watch, asks: Iterable[Ask], workers: int) -> None:
    """Make each of *asks* once, at most *workers* waiting or in flight at a time."""
    waiting = iter(asks)

    async def work() -> None:
        for ask in waiting:
            await watch.call(ask)

    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(work())


async def trickle(
    watch: Watch, ask: Callable[[], Ask], per_second: Callable[[float], float], seed: int
) -> None:
    """Ask at random moments, *per_second* of the time on average, for ever."""
    source = random.Random(seed)
    async with asyncio.TaskGroup() as group:
        while True:
            await asyncio.sleep(source.expovariate(per_second(_now())))
            group.create_task(watch.call(ask()))


@asynccontextmanager
async def running(works: Iterable[Awaitable[None]]) -> AsyncIterator[None]:
    """Let *works* go on during the block; what they have not done by then is dropped."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()  # a load that failed is no load
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _now() -> float:
    return asyncio.get_running_loop().time()
