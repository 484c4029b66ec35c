"""A scheduler that is watched, and its callers as the outside sees them."""

import asyncio
from collections.abc import Callable

import attrs

from zohocrm_async._clock import ManualClock
from zohocrm_async.options import Limits, Priority
from zohocrm_async.scheduler import Budget, Permit, Quote, Scheduler
from zohocrm_async.scheduler.queue import Waiter


@attrs.define(eq=False)
class Caller:
    """One call as the outside sees it."""

    arrival: int
    price: Quote
    heavy: bool
    priority: Priority
    budget: Budget
    end: "asyncio.Future[Callable[[Permit], None]]"
    state: str = "waiting"
    cost: int = 0
    task: "asyncio.Task[None] | None" = None
    permit: Permit | None = None

    @property
    def reserve(self) -> int:
        return self.price.reserve


class Witness(Scheduler):
    """A scheduler that is watched at the very moment of each grant and settling."""

    on_grant: Callable[[Permit], None]
    on_settle: Callable[[Permit, int, bool], None]

    def __init__(self, limits: Limits, *, clock: ManualClock) -> None:
        super().__init__(limits, clock=clock)
        self.arrivals: dict[Permit, int] = {}
        self.asking: Permit | None = None

    def enter(self, permit: Permit) -> Waiter[Permit] | None:
        self.arrivals[permit] = len(self.arrivals)
        return super().enter(permit)

    def _grant(self, permit: Permit) -> None:
        self.on_grant(permit)
        super()._grant(permit)
        if permit.probe:
            assert self.asking is None, "two calls went to find out at once"
            self.asking = permit

    def _settle(self, permit: Permit, actual: int, *, served: bool) -> None:
        self.on_settle(permit, actual, served)
        super()._settle(permit, actual, served=served)
        if self.asking is permit:
            self.asking = None
