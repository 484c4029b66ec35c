"""A scheduler that is watched, and its callers as the outside sees them."""

import asyncio
from collections.abc import Callable

import attrs

from zohocrm_async._clock import ManualClock
from zohocrm_async.options import Limits, Priority
from zohocrm_async.scheduler import Budget, Permit, Quote, Scheduler
from zohocrm_async.scheduler.gate import Gate
from zohocrm_async.scheduler.slots import SlotPool


@attrs.define(eq=False)
class Caller:
    """One call as the outside sees it."""

    arrival: int
    price: Quote
    slots: int
    heavy: int
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


class WatchedGate(Gate):
    """A gate that is watched at the very moment of each grant and booking."""

    on_grant: Callable[[Permit], None]
    on_book: Callable[[Permit, int, bool], None]
    asking: Permit | None = None

    def _grant(self, permit: Permit) -> None:
        self.on_grant(permit)
        super()._grant(permit)
        if permit.probe:
            assert self.asking is None, "two calls went to find out at once"
            self.asking = permit

    def book(self, permit: Permit, actual: int, served: bool, acted: bool) -> None:
        self.on_book(permit, actual, served)
        super().book(permit, actual, served, acted)
        if self.asking is permit:
            self.asking = None


class Witness(Scheduler):
    """A scheduler whose gate is watched."""

    def __init__(
        self,
        limits: Limits,
        *,
        clock: ManualClock,
        on_grant: Callable[[Permit], None],
        on_book: Callable[[Permit, int, bool], None],
    ) -> None:
        super().__init__(limits, clock=clock)
        self._gate.__class__ = WatchedGate
        assert isinstance(self._gate, WatchedGate)
        self._gate.on_grant, self._gate.on_book = on_grant, on_book

    def tag(self, permit: Permit) -> tuple[float, int]:
        """Return what orders the flow of *permit* inside its class, then arrival."""
        flow = permit.flow
        return (flow.costs if flow.rank.by_costs else flow.turns), permit.arrival

    def heads(self, priority: Priority) -> list[Permit]:
        """Return the first of each lane of a class whom no own budget holds back, in order."""
        found = []
        for lane in self._queue.lanes():
            head = lane.head()
            if head is None or head.priority is not priority:
                continue
            if head.budget is None or head.budget.obstacle(head.reserve) is None:
                found.append(head)
        return sorted(found, key=self.tag)

    def has_slots(self, permit: Permit) -> bool:
        """Whether the slots that *permit* needs are free."""
        lower = permit.priority is not Priority.INTERACTIVE
        slots, heavy = self._means.slots, self._means.heavy
        return _holds(slots, permit.slots, lower) and (
            not permit.heavy or _holds(heavy, permit.heavy, lower)
        )

    def keeps(self, permit: Permit) -> bool:
        """Whether free slots may be kept for *permit*: it takes several, and lacks some."""
        several = permit.slots > 1 or permit.heavy > 1
        return several and permit.lane is not None and not self.has_slots(permit)


def _holds(pool: SlotPool, slots: int, lower: bool) -> bool:
    """Whether *pool* has *slots* free, or all it has where those are fewer."""
    slots = min(slots, pool.limit)
    if pool.in_flight + slots <= pool.caps[lower]:
        return True
    # The headroom goes to a call that has no room beside it, if it is alone.
    left = max(1, pool.limit - pool._headroom)
    return not pool.in_flight and left < slots <= pool.caps[0]
