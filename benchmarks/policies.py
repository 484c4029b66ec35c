"""A way to make calls within limits, and ours."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from attrs import frozen

from benchmarks.service import Ask, Service
from benchmarks.virtual import LoopClock
from zohocrm_async.options import Limits, Priority
from zohocrm_async.scheduler import Quote, Scheduler

REFUSED = 429


@frozen
class Grant:
    """What the organisation grants, as its clients are told."""

    credits: int = 10**12
    concurrency: int = 10
    heavy_concurrency: int = 10
    floor: int = 0
    """Credits kept for interactive calls, where a policy can."""


class Policy(Protocol):
    """A way to make calls."""

    def job(
        self, name: str, priority: Priority, weight: float = 1.0
    ) -> AbstractAsyncContextManager[Any]:
        """Open a block whose calls belong together."""
        ...

    async def call(self, ask: Ask) -> float:
        """Make *ask* until it is served; return the time at which it was sent at last."""
        ...


class Ours:
    """The scheduler, driven as the client drives it."""

    def __init__(self, service: Service, grant: Grant) -> None:
        self._service = service
        limits = Limits(
            credits=grant.credits,
            concurrency=grant.concurrency,
            heavy_concurrency=grant.heavy_concurrency,
            floor=grant.floor,
            max_waiting=10**6,
            max_wait=None,
        )
        self.scheduler = Scheduler(limits, clock=LoopClock(asyncio.get_running_loop()))

    def job(
        self, name: str, priority: Priority, weight: float = 1.0
    ) -> AbstractAsyncContextManager[Any]:
        return self.scheduler.budget(name, priority=priority, weight=weight)

    async def call(self, ask: Ask) -> float:
        quote = Quote(
            minimum=min(1, ask.credits),
            maximum=ask.reserve,
            expected=ask.credits,
            exact=not ask.most,
            basis="benchmark",
        )
        permit = self.scheduler.admit(quote, heavy=ask.heavy, operation=ask.name)
        while True:
            async with permit:
                permit.mark_sent()
                sent = permit.sent_at
                answer = await self._service.send(ask)
                if answer.status != REFUSED:
                    permit.settle(ask.credits)
                elif answer.remaining is not None and answer.remaining < ask.reserve:
                    # The 429 gives no reason, but the header does.
                    self.scheduler.credits_refused()
                    permit.settle(0)
                else:
                    permit.refused(None)
                if answer.remaining is not None:
                    self.scheduler.observe(answer.remaining, sent_at=sent)
            if answer.status != REFUSED:
                return sent
