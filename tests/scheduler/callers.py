"""Callers of a scheduler in virtual time, and what an exact log says of them."""

import asyncio

import attrs
from hypothesis.stateful import RuleBasedStateMachine

from zohocrm_async._clock import ManualClock
from zohocrm_async.exceptions import ZohoCRMError
from zohocrm_async.options import Limits, Priority
from zohocrm_async.scheduler import Budget, Permit, Quote, Scheduler, current_budget

WINDOW = 86_400.0
# A minute leaves the window as a whole.
GRAIN = 60.0
# About three calls' worth, so that it nearly always binds.
POT = 60
LIMITS = Limits(
    credits=POT, concurrency=3, heavy_concurrency=2, floor=8, max_wait=300.0, max_waiting=12
)
# The longest pause of a limit in force that is down to one, and of a parking.
CALM = 620.0


@attrs.define(eq=False)
class Caller:
    """One call as the outside sees it."""

    arrival: int
    price: Quote
    slots: int
    heavy: int
    budget: Budget
    deadline: float | None
    end: "asyncio.Future[str]"
    state: str = "new"
    asked: float = 0.0
    lined_up: int = 0
    """The epoch in which it last asked for its turn."""
    cost: int = 0
    held: tuple[int, int] = (0, 0)
    """What it holds of all slots and of the heavy ones."""
    task: "asyncio.Task[None] | None" = None
    failed: bool = False

    @property
    def reserve(self) -> int:
        return self.price.reserve

    @property
    def priority(self) -> Priority:
        return self.budget.priority

    @property
    def kind(self) -> tuple[int, int, bool]:
        return self.slots, self.heavy, bool(self.reserve)


class Callers(RuleBasedStateMachine):
    """Drives calls through a scheduler, turn by turn of a loop of its own."""

    scheduler: Scheduler

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = ManualClock()
        self.callers: list[Caller] = []
        self.log: list[tuple[float, int]] = []
        self.strangers: list[tuple[float, int]] = []
        self.epoch = 0
        self.calm_from = 0.0
        """From then on no pause is known that could hold calls back."""
        self.limits = LIMITS
        self.strict = True

    def check_grant(self, caller: Caller) -> None:
        """Look at each call at the moment at which it goes."""

    def new_caller(
        self, low: int, spread: int, *, slots: int = 1, heavy: int = 0, budget: Budget,
        deadline: float | None = None,
    ) -> Caller:  # fmt: skip
        price = Quote(low, low * 3 + spread, low + spread // 2, exact=not spread, basis="")
        caller = Caller(
            len(self.callers), price, slots, heavy, budget, deadline, self.loop.create_future()
        )
        caller.asked = self.clock.monotonic()
        self.callers.append(caller)
        caller.task = self.loop.create_task(self.live(caller))
        return caller

    async def live(self, caller: Caller) -> None:
        """Ask, hold the permit until told how the attempt ends, and ask again if refused."""
        current_budget.set(caller.budget)
        try:
            if caller.deadline is None:
                await self.attempts(caller)
            else:
                async with self.scheduler.budget("brief", deadline=caller.deadline):
                    await self.attempts(caller)
        finally:
            caller.state = "over"

    async def attempts(self, caller: Caller) -> None:
        permit = self.scheduler.admit(
            caller.price, heavy=caller.heavy, operation="x", slots=caller.slots
        )
        while True:
            caller.state, caller.lined_up = "waiting", self.epoch
            async with permit:
                caller.state = "flying"
                caller.held = (
                    min(caller.slots, self.limits.concurrency),
                    min(caller.heavy, self.limits.heavy_concurrency),
                )
                self.check_grant(caller)
                how = await caller.end
                self.settle(caller, permit, how)
            if how not in {"refused", "later"}:
                return
            caller.end = self.loop.create_future()

    def settle(self, caller: Caller, permit: Permit, how: str) -> None:
        price = caller.price
        if how in {"refused", "later"}:
            permit.mark_sent()
            permit.refused(5.0 if how == "later" else None)
            return
        cost = {"truth": price.expected, "reserve": price.reserve, "twice": price.minimum}.get(how)
        if cost is not None:
            permit.mark_sent()
            permit.settle(cost)
        if how == "nothing":
            permit.settle(0)
        if how == "twice":
            permit.settle(99)
        if how == "lost":
            permit.mark_sent()
            cost = price.reserve
        caller.cost = cost or 0
        if caller.cost:
            self.log.append((self.clock.monotonic(), caller.cost))

    def finish(self, caller: Caller, how: str) -> None:
        if caller.end.done() or (caller.task and caller.task.cancelling()):
            return
        caller.state = "over" if how not in {"refused", "later"} else "leaving"
        caller.end.set_result(how)

    def to_the_timer(self) -> None:
        # A hair further, as the sum of two floats may fall short of a third.
        self.clock.advance((self.clock.next_timer() or 0.0) + 1e-6)
        self.run_until_idle()

    def in_flight(self) -> tuple[int, int]:
        """Return the slots that calls in flight hold, all and heavy ones."""
        held = [caller.held for caller in self.some("flying")]
        return sum(slots for slots, _ in held), sum(heavy for _, heavy in held)

    def some(self, *states: str) -> list[Caller]:
        return [caller for caller in self.callers if caller.state in states]

    def spent(self, window: float = WINDOW, log: list[tuple[float, int]] | None = None) -> int:
        """Return what an exact log, our own if none is given, says of the window that ends now."""
        since = self.clock.monotonic() - window
        entries = self.log if log is None else log
        return sum(amount for moment, amount in entries if moment > since)

    def tick(self) -> None:
        """Run one turn of the loop."""
        self.loop.call_soon(self.loop.stop)
        self.loop.run_forever()

    def run_until_idle(self) -> None:
        self.epoch += 1
        for _ in range(8):
            self.tick()
        for caller in self.callers:
            if caller.task is not None and caller.task.done():
                caller.state = "over"
                error = None if caller.task.cancelled() else caller.task.exception()
                if error and not isinstance(error, ZohoCRMError) and not caller.failed:
                    caller.failed = True  # said once, or the clean-up would say it again
                    raise error
