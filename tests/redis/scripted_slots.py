"""A process with slots of a fleet, and a server that says what it is told to."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import orjson

from zohocrm_async import Limits, exceptions as errors
from zohocrm_async._clock import ManualClock
from zohocrm_async.redis import RedisFleet
from zohocrm_async.redis._fleet import Script
from zohocrm_async.redis._loans import described
from zohocrm_async.scheduler import Budget, Permit, Quote, Scheduler, current_budget

LIMITS = Limits(concurrency=4, heavy_concurrency=2)
LEASE = 6.0
FREE = Quote(minimum=0, maximum=0, expected=0, exact=True, basis="free")


def pools(every: int, heavy: int) -> dict[str, int]:
    return {"every": every, "heavy": heavy}


class Server(Script):
    """Lends the same until it is told to lend something else."""

    def __init__(self) -> None:
        self.orders: list[Mapping[str, Any]] = []
        self.version = 0
        self.lent = (0, 0)
        self.changes: dict[str, Any] = {}
        self.away = False
        self.pings = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    def says(self, **changes: Any) -> dict[str, Any]:
        self.version += 1
        lent = pools(*self.lent)
        known = {"known": False, "limits": described(LIMITS), "starved": False, "run": "1"}
        loan = {"held": lent, "limit": lent, "low": lent, "version": self.version}
        return {**known, **loan, **self.changes, **changes}

    async def run(self, keys: tuple[str, ...], order: Mapping[str, Any]) -> dict[str, Any]:
        self.orders.append(order)
        await self.may_answer.wait()
        if self.away:
            raise errors.FleetError("the server is away")
        return self.says()


class Fleet(RedisFleet):
    """A fleet that meets at such a server."""

    def __init__(self, server: Server, clock: ManualClock, away_share: float | None) -> None:
        self.server = server
        super().__init__("redis://127.0.0.1", lease=LEASE, away_share=away_share, clock=clock)

    def script(self, name: str) -> Script:
        return self.server

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def ask(self, *command: object) -> Any:
        assert command == ("PING",)
        self.server.pings += 1
        if self.server.away:
            raise errors.FleetError("the server is away")


class Desk:
    """A process with slots of the fleet; its calls are held open at will."""

    def __init__(self, away_share: float | None = None) -> None:
        self.clock = ManualClock()
        self.server = Server()
        self.fleet = Fleet(self.server, self.clock, away_share)
        self.slots = self.fleet.slots("acme")
        self.scheduler = Scheduler(LIMITS, clock=self.clock, leases=self.slots)
        self.tasks: list[asyncio.Task[None]] = []
        self.in_flight: list[Permit] = []
        self._ends = asyncio.Event()

    async def begin(self, heavy: int = 0, budget: Budget | None = None) -> asyncio.Task[None]:
        """Start a call and let it come as far as it can."""
        outer = current_budget.set(budget)
        self.tasks.append(asyncio.create_task(self._call(heavy)))
        current_budget.reset(outer)
        await self.passes(0)
        return self.tasks[-1]

    async def _call(self, heavy: int) -> None:
        async with self.scheduler.admit(FREE, heavy=heavy, operation="x") as permit:
            self.in_flight.append(permit)
            await self._ends.wait()
            self.in_flight.remove(permit)

    async def end(self, count: int) -> None:
        """End so many of the calls in flight."""
        for task in self.tasks[:count]:
            task.cancel()
        del self.tasks[:count]
        await self.passes(0)
        del self.in_flight[:count]

    async def passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        for _ in range(12):
            await asyncio.sleep(0)

    async def hears(self, lent: int, version: int, *, held: int = 0) -> None:
        """Let the order of another process bring slots, or ask for some of those *held*."""
        loan = {part: pools(lent, 0) for part in ("limit", "low")}
        word = {"name": "acme", "version": version, "held": pools(held or lent, 0), **loan}
        self.fleet._hand_on(orjson.dumps(word))
        await self.passes(0)

    async def orders_in(self, seconds: float) -> int:
        """Return how many orders are given in the next *seconds*."""
        before = len(self.server.orders)
        await self.passes(seconds)
        return len(self.server.orders) - before

    @property
    def order(self) -> Mapping[str, Any]:
        return self.server.orders[-1]


Join = Callable[..., Any]


@asynccontextmanager
async def desks() -> AsyncIterator[Join]:
    """Let processes join; they end at the end."""
    async with AsyncExitStack() as stack:

        async def make(**options: Any) -> Desk:
            desk = Desk(**options)
            await desk.slots.open(LIMITS)

            async def leave() -> None:
                await desk.end(len(desk.tasks))
                desk.server.away = False
                await desk.slots.close()
                assert desk.clock.next_timer() is None

            stack.push_async_callback(leave)
            return desk

        yield make
