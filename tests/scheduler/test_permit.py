"""Permits: what a cancelled caller gives back, which is all it took."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from desk import MakeDesk, desks, turns

from zohocrm_async.exceptions import SchedulerClosed
from zohocrm_async.scheduler import Budget


@pytest.fixture
async def desk() -> AsyncIterator[MakeDesk]:
    """Make desks that are clean at the end."""
    async with desks() as make:
        yield make


class TestCancellation:
    """A cancelled caller leaves the state as if it had never asked."""

    async def test_a_waiter_that_is_cancelled_is_gone(self, desk: MakeDesk) -> None:
        """No slot, no credits, no budget and no place in the queue remain."""
        d = desk(concurrency=1)
        await d.begin("a")
        async with Budget("job", credits=50) as budget:
            await d.begin("b", 20)
        await d.begin("c")
        await d.attempts["b"].cancelled()
        assert (budget.reserved, d.scheduler.report().waiting) == (0, 1)
        await d.end("a")
        assert d.went == "ac"

    async def test_cancelled_in_the_tick_of_its_grant(self, desk: MakeDesk) -> None:
        """A grant that its caller never sees goes to the next."""
        d = desk(concurrency=1)
        async with Budget("job", credits=50) as budget:
            for name in "abc":
                await d.begin(name, 10)
        d.attempts["a"].end.set_result(lambda permit: permit.settle(10))
        await asyncio.sleep(0)
        assert d.scheduler.report().waiting == 1
        await d.attempts["b"].cancelled()
        assert d.went == "ac"
        assert (budget.reserved, budget.spent, d.scheduler.report().used) == (10, 10, 10)

    async def test_cancelled_before_the_grant_reaches_it(self, desk: MakeDesk) -> None:
        """A slot that comes back in the same tick passes the cancelled caller over."""
        d = desk(concurrency=1)
        for name in "abc":
            await d.begin(name, 10)
        d.attempts["b"].task.cancel()
        await d.end("a")
        assert d.went == "ac"

    async def test_cancelled_in_the_tick_of_its_refusal(self, desk: MakeDesk) -> None:
        """It is cancelled, not refused, and nothing is left."""
        d = desk(concurrency=1)
        await d.begin("a")
        waiting = await d.begin("b")
        d.scheduler.close()
        await waiting.cancelled()

    async def test_cancelled_in_flight(self, desk: MakeDesk) -> None:
        """Before the send it cost nothing; after it, nobody knows, so the reserve."""
        d = desk()
        for name, sent in [("a", False), ("b", True)]:
            async with Budget("job") as budget:
                attempt = await d.begin(name, 20)
            if sent:
                attempt.end.set_result(lambda permit: permit.mark_sent())
                await turns()
            else:
                await attempt.cancelled()
            assert (budget.spent, budget.reserved) == (20 if sent else 0, 0)
        assert (d.idle, d.scheduler.report().used) == (True, 20)

    async def test_a_cancelled_head_lets_the_next_go(self, desk: MakeDesk) -> None:
        """Those that only a dear head held up go when it is cancelled."""
        d = desk(concurrency=9, max_wait=None)
        await d.spend(60)
        await d.begin("a", 50)
        await d.begin("b", 40)
        await d.attempts["a"].cancelled()
        assert d.went == "b"


class TestSettled:
    """What a call cost is booked once."""

    async def test_a_refusal_after_that_says_nothing(self, desk: MakeDesk) -> None:
        d = desk()
        attempt = await d.begin("a", 20)
        attempt.permit.settle(5)
        await d.end("a", lambda permit: permit.refused())
        report = d.scheduler.report()
        assert (report.used, report.refused.concurrency, report.slots.in_force) == (5, 0, 2)


class TestClosedBudgets:
    """A budget that is closed lets those go who wait in it, and nobody else."""

    async def test_those_who_wait_are_refused_and_those_in_flight_end(self, desk: MakeDesk) -> None:
        """Others who wait keep their places, and everything held comes back."""
        d = desk(concurrency=1)
        budget = d.scheduler.budget("job", credits=100)
        async with budget:
            await d.begin("a", 20)
            await d.begin("b", 20)
        await d.begin("c")
        budget.close()
        await turns()
        with pytest.raises(SchedulerClosed, match="was closed while the call waited"):
            await d.attempts["b"].task
        assert (budget.reserved, d.scheduler.report().waiting) == (20, 1)
        await d.end("a")
        assert d.went == "ac"
        assert (budget.reserved, budget.spent) == (0, 20)
