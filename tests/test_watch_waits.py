"""What a call waited for: each second under its reason, in its attempt and in the whole."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from zohocrm_async import AttemptFinished, CallFinished, Event
from zohocrm_async._clock import ManualClock
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async._watch import CallWatch
from zohocrm_async.options import Limits
from zohocrm_async.scheduler import Budget, Quote, Scheduler, current_budget

CALL = Call(Operation("GET", "/x", name="x.get", repeatable=True), "/x")
DAY = 86_460.0


class Watched:
    """A call that is followed; each of its attempts lasts until it is ended."""

    def __init__(self, desk: "Desk", price: int, budget: Budget | None, **how: Any) -> None:
        self.desk, self.events = desk, list[Event]()
        outer = current_budget.set(budget)
        quote = Quote(0, price, price, exact=True, basis="test")
        settings = {"heavy": 0, "operation": "x.get", **how}
        self.permit = desk.scheduler.admit(quote, **settings)
        current_budget.reset(outer)
        self.watch = CallWatch(
            CALL,
            server="",
            template=None,
            scheduler=desk.scheduler,
            clock=desk.clock,
            tell=self.events.append,
        )
        self.price, self.attempts = price, 1
        self.end = asyncio.Event()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        with self.watch:
            self.watch.priced()
            while self.attempts:
                self.attempts -= 1
                await self._attempt()

    async def _attempt(self) -> None:
        self.watch.asks(self.permit)
        try:
            async with self.permit:
                self.watch.enters(self.permit)
                self.watch.leaves()
                await self.end.wait()
                self.permit.settle(self.price)
        finally:
            self.watch.ends(1, self.permit, None, None)

    @property
    def waits(self) -> Mapping[str, float]:
        """What the whole call waited for."""
        finished = self.events[-1]
        assert isinstance(finished, CallFinished)
        return finished.waits

    @property
    def waits_by_attempt(self) -> list[Mapping[str, float]]:
        return [event.waits for event in self.events if isinstance(event, AttemptFinished)]


class Desk:
    """A scheduler whose time stands still."""

    def __init__(self, **limits: Any) -> None:
        self.clock = ManualClock()
        given = {"credits": 100, "concurrency": 1, "max_wait": None, **limits}
        self.scheduler = Scheduler(Limits(**given), clock=self.clock)

    async def begin(self, price: int = 1, budget: Budget | None = None, **how: Any) -> Watched:
        call = Watched(self, price, budget, **how)
        await self.passes(0)
        return call

    async def end(self, call: Watched) -> None:
        call.end.set()
        await self.passes(0)

    async def passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        for _ in range(5):
            await asyncio.sleep(0)


async def test_who_goes_at_once_waits_for_nothing() -> None:
    d = Desk()
    call = await d.begin()
    await d.passes(5)
    await d.end(call)
    assert call.waits == {}


async def test_for_slots() -> None:
    d = Desk()
    first, second = await d.begin(), await d.begin()
    await d.passes(3)
    await d.end(first)
    await d.passes(5)
    await d.end(second)
    assert second.waits == {"slots": 3.0}


async def test_for_credits() -> None:
    d = Desk(credits=10)
    await d.end(await d.begin(10))
    call = await d.begin(10)
    await d.passes(DAY + 0.01)
    await d.end(call)
    assert call.waits == {"credits": pytest.approx(DAY, abs=1)}


async def test_for_slots_first_and_for_credits_from_when_these_were_known_to_lack() -> None:
    """A call in flight cost more than was held for it."""
    d = Desk(credits=10)
    first = await d.begin(5)
    second = await d.begin(5)
    await d.passes(5)
    first.price = 10
    await d.end(first)
    await d.passes(DAY)
    await d.end(second)
    assert second.waits == {"slots": 5.0, "credits": pytest.approx(DAY, abs=60)}


@pytest.mark.parametrize("price", [0, 1])
async def test_for_the_window_of_a_day(price: int) -> None:
    d = Desk(daily_mails=1)
    first = await d.begin(price, windows=("mails",))
    await d.passes(1)
    first.price = 1
    await d.end(first)
    call = await d.begin(price, windows=("mails",))
    await d.passes(2 * 86_400)
    await d.end(call)
    assert call.waits == {"windows": 2 * 86_400.0}


async def test_for_its_budget() -> None:
    d = Desk()
    job = d.scheduler.budget("job")
    job.pause()
    call = await d.begin(budget=job)
    await d.passes(4)
    job.resume()
    await d.passes(0)
    await d.end(call)
    assert call.waits == {"budget": 4.0}


async def test_for_the_pace_of_its_budget() -> None:
    """Before it lines up; here it gives up."""
    d = Desk(concurrency=5)
    job = d.scheduler.budget("job", rate=0.001)
    first = await d.begin(budget=job)
    call = await d.begin(budget=job)
    await d.passes(4)
    call.task.cancel()
    await d.passes(0)
    assert call.waits == {"pace": 4.0}
    await d.end(first)
    assert first.waits == {}


async def test_each_attempt_has_its_own_and_the_call_their_sum() -> None:
    """A second attempt that goes at once has not waited for what the first one did."""
    d = Desk()
    first, second = await d.begin(), await d.begin()
    second.attempts += 2
    await d.passes(3)
    await d.end(first)
    await d.end(second)
    assert second.waits_by_attempt == [{"slots": 3.0}, {}, {}]
    assert second.waits == {"slots": 3.0}


async def test_for_prices_tokens_and_pauses() -> None:
    """Which the client tells; what takes no time is left out."""
    d = Desk()
    events: list[Event] = []
    watch = CallWatch(
        CALL, server="", template=None, scheduler=d.scheduler, clock=d.clock, tell=events.append
    )
    quote = Quote(1, 1, 1, exact=True, basis="test")
    permit = d.scheduler.admit(quote, heavy=0, operation="x.get")
    with watch:
        d.clock.advance(1)
        watch.priced()
        for pause in (0.0, 2.0, 4.0):
            watch.asks(permit)
            async with permit:
                watch.enters(permit)
                d.clock.advance(0.5)
                watch.leaves()
            watch.ends(1, permit, None, None)
            watch.paused(pause)
    finished = events[-1]
    assert isinstance(finished, CallFinished)
    assert finished.waits == {"prices": 1.0, "token": 1.5, "retry": 6.0}
    assert (finished.seconds, finished.attempts) == (2.5, 0)
