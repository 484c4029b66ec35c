"""A scheduler whose clock stands still, and calls that are held open at will."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from zohocrm_async._clock import ManualClock
from zohocrm_async._events import SchedulerEvent
from zohocrm_async.options import Limits, Priority
from zohocrm_async.scheduler import Budget, Permit, Quote, Scheduler, current_budget

# A minute leaves the window as a whole, so what is spent at its start counts longest.
DAY = 86_460.0
INTERACTIVE, BULK = Priority.INTERACTIVE, Priority.BULK


def quote(price: int, maximum: int | None = None) -> Quote:
    """Return an exact price, or one within a range whose maximum is reserved."""
    top = price if maximum is None else maximum
    return Quote(min(price, 1), top, price, exact=maximum is None, basis="test")


async def turns() -> None:
    """Let every task go on until all of them wait."""
    for _ in range(8):
        await asyncio.sleep(0)


class Attempt:
    """One call: waits for its turn, then holds its permit until told how it ends."""

    def __init__(
        self,
        desk: "Desk",
        name: str,
        price: Quote,
        budget: Budget | None,
        *,
        heavy: int,
        windows: tuple[str, ...],
        slots: int,
    ) -> None:
        self.desk, self.name, self.price, self.budget = desk, name, price, budget
        self.heavy, self.windows, self.slots = heavy, windows, slots
        self.again = True
        self.end: asyncio.Future[Callable[[Permit], None]] = asyncio.Future()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        async with AsyncExitStack() as stack:
            if self.budget is not None:
                outer = current_budget.set(self.budget)
                stack.callback(current_budget.reset, outer)
            admit = self.desk.scheduler.admit
            self.permit = admit(
                self.price,
                heavy=self.heavy,
                operation=self.name,
                windows=self.windows,
                slots=self.slots,
            )
            while self.again:
                async with self.permit as permit:
                    self.desk.went += self.name
                    self.desk.order.append(self.name)
                    end = await self.end
                    self.end = asyncio.Future()
                    end(permit)
                    self.again = permit.turned_away

    async def ends(self, how: Callable[[Permit], None] | None = None) -> None:
        """End the attempt; settled at its price unless *how* says otherwise."""
        self.end.set_result(how or (lambda permit: permit.settle(self.price.expected)))
        await turns()
        if not self.again:
            await self.task

    async def cancelled(self) -> None:
        self.task.cancel()
        await turns()
        assert self.task.cancelled()

    @property
    def refusal(self) -> BaseException | None:
        return self.task.exception() if self.task.done() else None


class Desk:
    """A scheduler with a clock that stands still, and calls held open at will."""

    def __init__(
        self, *, tell: Callable[[SchedulerEvent], None] | None = None, **limits: Any
    ) -> None:
        self.clock = ManualClock()
        given = {"credits": 100, "concurrency": 2, "heavy_concurrency": 1, **limits}
        self.scheduler = Scheduler(Limits(**given), clock=self.clock, tell=tell)
        self.attempts: dict[str, Attempt] = {}
        self.went = ""
        self.order: list[str] = []
        """Who went, in order."""
        self.ended: list[str] = []
        self._budgets: dict[str, Budget] = {}

    def start(
        self,
        name: str,
        price: int | Quote = 1,
        *,
        heavy: int = 0,
        slots: int = 1,
        priority: Priority | None = None,
        budget: Budget | None = None,
        windows: tuple[str, ...] = (),
    ) -> Attempt:
        """Start a call in a task of its own."""
        if priority is not None:
            budget = Budget("class", priority=priority)
        priced = quote(price) if isinstance(price, int) else price
        self.attempts[name] = Attempt(
            self, name, priced, budget, heavy=heavy, windows=windows, slots=slots
        )
        return self.attempts[name]

    async def begin(self, name: str, price: int | Quote = 1, **how: Any) -> Attempt:
        """Start a call and let it come as far as it can."""
        attempt = self.start(name, price, **how)
        await turns()
        return attempt

    async def end(self, name: str, how: Callable[[Permit], None] | None = None) -> None:
        await self.attempts[name].ends(how)

    def budget_of(self, name: str) -> Budget:
        """Return the budget of this name; there is one."""
        return self._budgets.setdefault(name, Budget(name, clock=self.clock))

    async def spend(self, amount: int) -> None:
        """Spend credits with a call that is over at once."""
        async with self.scheduler.admit(quote(amount), heavy=False, operation="spend") as permit:
            permit.settle(amount)

    async def passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await turns()

    @property
    def idle(self) -> bool:
        """Whether nothing is held, nobody waits, and no timer runs."""
        report = self.scheduler.report()
        return (
            report.slots.in_flight == report.heavy_slots.in_flight == 0
            and report.reserved == report.waiting == 0
            and all(rank.queued == rank.wanted == 0 for rank in self.scheduler._queue.ranks)
            and not self.scheduler._queue.aside
            and (self.clock.next_timer() is None)
        )


MakeDesk = Callable[..., Desk]


@asynccontextmanager
async def desks() -> AsyncIterator[MakeDesk]:
    """Make desks; calls still going on at the end are cancelled and leave nothing."""
    made: list[Desk] = []

    def make(**limits: Any) -> Desk:
        made.append(Desk(**limits))
        return made[-1]

    yield make
    for desk in made:
        tasks = [attempt.task for attempt in desk.attempts.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert desk.idle
