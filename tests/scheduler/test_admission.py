"""The scheduler: who goes when, who is refused, and what is given back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from zohocrm_async._clock import ManualClock
from zohocrm_async.exceptions import (
    BudgetExceeded,
    CreditsExhausted,
    QueueFull,
    SchedulerClosed,
)
from zohocrm_async.models.credits import BudgetReport, OperationReport
from zohocrm_async.options import Limits, Priority
from zohocrm_async.scheduler import Budget, MemoryLedger, Permit, Quote, Scheduler

DAY = 86_460.0


def quote(price: int, maximum: int | None = None) -> Quote:
    """Return an exact price, or a range whose maximum is reserved."""
    top = price if maximum is None else maximum
    return Quote(min(price, 1), top, price, exact=maximum is None, basis="test")


async def turns() -> None:
    """Let every task go on until all of them wait."""
    for _ in range(8):
        await asyncio.sleep(0)


class Desk:
    """A scheduler with a clock that stands still, and calls held open at will."""

    def __init__(self, stack: AsyncExitStack, **limits: Any) -> None:
        self.clock = ManualClock()
        given = {"credits": 100, "concurrency": 2, "heavy_concurrency": 1, **limits}
        self.scheduler = Scheduler(Limits(**given), clock=self.clock)
        self.went: list[str] = []
        self._stack = stack

    def start(self, name: str, price: int = 1, **how: Any) -> "Attempt":
        """Start a call in a task of its own."""
        return Attempt(self, name, how.pop("quoted", quote(price)), **how)

    async def begin(self, name: str, price: int = 1, **how: Any) -> "Attempt":
        """Start a call and let it come as far as it can."""
        attempt = self.start(name, price, **how)
        await turns()
        return attempt

    async def spend(self, amount: int) -> None:
        """Spend credits with a call that is over at once."""
        async with self.scheduler.admit(quote(amount), heavy=False, operation="x") as permit:
            permit.mark_sent()

    @property
    def idle(self) -> bool:
        """Whether nothing is held, nobody waits, and no timer runs."""
        report = self.scheduler.report()
        return (
            report.slots.in_flight == report.heavy_slots.in_flight == 0
            and report.reserved == report.waiting == 0
            and self.scheduler._queued == [0, 0, 0]
            and self.clock.next_timer() is None
        )


class Attempt:
    """One call: waits for its turn, then holds its permit until told how it ends."""

    def __init__(
        self,
        desk: Desk,
        name: str,
        price: Quote,
        *,
        heavy: bool = False,
        priority: Priority | None = None,
        budget: Budget | None = None,
    ) -> None:
        self.desk, self.name, self.price, self.heavy = desk, name, price, heavy
        self.budget = Budget(name, priority=priority) if priority is not None else budget
        self.permit: Permit | None = None
        self.end: asyncio.Future[Callable[[Permit], None]] = asyncio.Future()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        async with AsyncExitStack() as stack:
            if self.budget is not None:
                await stack.enter_async_context(self.budget)
            permit = self.desk.scheduler.admit(
                self.price, heavy=self.heavy, operation=f"test.{self.name}"
            )
            async with permit:
                self.permit = permit
                self.desk.went.append(self.name)
                (await self.end)(permit)

    async def ends(self, how: Callable[[Permit], None] | None = None) -> None:
        """End the attempt; settled at its price unless *how* says otherwise."""
        self.end.set_result(how or (lambda permit: permit.settle(self.price.expected)))
        await turns()

    async def cancelled(self) -> None:
        self.task.cancel()
        await turns()
        assert self.task.cancelled()

    @property
    def refusal(self) -> BaseException:
        error = self.task.exception()
        assert error is not None
        return error


@pytest.fixture
async def desk() -> AsyncIterator[Callable[..., Desk]]:
    """Make desks; whatever is still going on at the end is cancelled."""
    before = asyncio.all_tasks()
    async with AsyncExitStack() as stack:
        yield lambda **limits: Desk(stack, **limits)
    left = asyncio.all_tasks() - before
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


MakeDesk = Callable[..., Desk]


# Slots


async def test_a_call_that_fits_goes_at_once(desk: MakeDesk) -> None:
    """Where nothing is scarce, entering suspends nobody and leaves nothing behind."""
    d = desk()
    coroutine = d.scheduler.admit(quote(3), heavy=True, operation="x").__aenter__()
    with pytest.raises(StopIteration) as granted:
        coroutine.send(None)
    report = d.scheduler.report()
    assert (report.reserved, report.slots.in_flight, report.heavy_slots.in_flight) == (3, 1, 1)
    await granted.value.value.__aexit__(None, None, None)
    assert d.idle


async def test_no_more_go_than_there_are_slots(desk: MakeDesk) -> None:
    """The third call of two slots waits until one is back."""
    d = desk(concurrency=2)
    first, _, _ = [await d.begin(name) for name in "abc"]
    assert (d.went, d.scheduler.report().waiting) == (["a", "b"], 1)
    await first.ends()
    assert d.went == ["a", "b", "c"]
    assert d.scheduler.report().slots.peak == 2


async def test_calls_of_a_class_go_in_the_order_of_arrival(desk: MakeDesk) -> None:
    """First come, first served, light and heavy alike."""
    d = desk(concurrency=1)
    first = await d.begin("a")
    for name, heavy in [("b", True), ("c", False), ("d", True), ("e", False)]:
        await d.begin(name, heavy=heavy)
    attempts = {"a": first}
    for name in "abcd":
        await first.ends()
        assert d.went[-1] == chr(ord(name) + 1)
        first = next(a for a in _attempts(d) if a.name == d.went[-1])
        attempts[first.name] = first


def _attempts(d: Desk) -> list[Attempt]:
    """Return the attempts that are not over yet."""
    owners = (getattr(task.get_coro(), "cr_frame", None) for task in asyncio.all_tasks())
    found = (frame.f_locals.get("self") for frame in owners if frame is not None)
    return [a for a in found if isinstance(a, Attempt) and a.desk is d]
