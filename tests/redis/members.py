"""Processes that share slots, as far as one process can play them."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Self

from zohocrm_async import Limits, Priority
from zohocrm_async.redis import RedisFleet
from zohocrm_async.scheduler import Permit, Quote, Scheduler
from zohocrm_async.scheduler.leases import LeaseLapsed

LEASE = 1.0
FREE = Quote(minimum=0, maximum=0, expected=0, exact=True, basis="free")


class Service:
    """What is in flight of all members together."""

    def __init__(self) -> None:
        self.in_flight = self.peak = 0
        self.served: list[str] = []

    def begin(self, slots: int = 1) -> None:
        self.in_flight += slots
        self.peak = max(self.peak, self.in_flight)

    def end(self, name: str, slots: int = 1) -> None:
        self.in_flight -= slots
        self.served.append(name)


class Member:
    """A scheduler of its own with slots of the fleet."""

    def __init__(self, fleet: RedisFleet, limits: Limits) -> None:
        self.fleet = fleet
        self.slots = fleet.slots("acme")
        self.scheduler = Scheduler(limits, clock=fleet.clock, leases=self.slots)
        self._limits = limits
        self._tasks: list[asyncio.Task[None]] = []
        self.dead = False

    async def open(self) -> Self:
        await self.slots.open(self._limits)
        return self

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.scheduler.close()
        if self.dead:
            await self.slots._part()
        await self.slots.close()

    def die(self) -> None:
        """Give no sign of life any more."""
        self.dead, self.slots._opened = True, False
        if self.slots._timer is not None:
            self.slots._timer.cancel()
        for task in self._tasks:
            task.cancel()

    def permit(self, *, heavy: int = 0, slots: int = 1) -> Permit:
        return self.scheduler.admit(FREE, heavy=heavy, operation="test", slots=slots)

    def keep_calling(
        self,
        service: Service,
        name: str = "",
        *,
        tasks: int = 10,
        seconds: float = 0.005,
        priority: Priority | None = None,
        heavy: int = 0,
        slots: int = 1,
        counted: int | None = None,
    ) -> list[asyncio.Task[None]]:
        """Make calls, one after the other in each task, until the end.

        The service counts each as *slots* calls, or as it is told.
        """
        counts = slots if counted is None else counted

        async def attempt() -> None:
            async with self.permit(heavy=heavy, slots=slots) as permit:
                permit.may_leave()
                permit.mark_sent()
                service.begin(counts)
                try:
                    await asyncio.sleep(seconds)
                finally:
                    service.end(name, counts)
                permit.settle(0)

        async def call() -> None:
            async with self.scheduler.budget(name or "calls", priority=priority):
                while True:
                    # As a client does: whose slot is lost before it leaves lines up again.
                    with contextlib.suppress(LeaseLapsed):
                        await attempt()

        made = [asyncio.create_task(call()) for _ in range(tasks)]
        self._tasks += made
        return made


async def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    """Wait until something holds that the server or time brings about."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)
