"""The scheduler: who goes when, whose budget is charged, and what the report says."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from desk import BULK, DAY, INTERACTIVE, MakeDesk, desks, quote, turns

from zohocrm_async.exceptions import BudgetExceeded, CreditsExhausted, QueueFull, SchedulerClosed
from zohocrm_async.models.credits import BudgetReport, OperationReport
from zohocrm_async.options import Limits
from zohocrm_async.scheduler import Budget


@pytest.fixture
async def desk() -> AsyncIterator[MakeDesk]:
    """Make desks that are clean at the end."""
    async with desks() as make:
        yield make


class TestSlots:
    """No more calls in flight than there are slots, and none idle."""

    async def test_a_call_that_fits_goes_at_once(self, desk: MakeDesk) -> None:
        """Where nothing is scarce, entering suspends nobody."""
        d = desk()
        permit = d.scheduler.admit(quote(3), heavy=True, operation="x")
        with pytest.raises(StopIteration):
            permit.__aenter__().send(None)
        report = d.scheduler.report()
        assert (report.reserved, report.slots.in_flight, report.heavy_slots.in_flight) == (3, 1, 1)
        await permit.__aexit__(None, None, None)
        assert d.idle

    async def test_no_more_go_than_there_are_slots(self, desk: MakeDesk) -> None:
        """The third call of two slots waits until one is back."""
        d = desk(concurrency=2)
        for name in "abc":
            await d.begin(name)
        assert (d.went, d.scheduler.report().waiting) == ("ab", 1)
        await d.end("a")
        assert d.went == "abc"
        assert d.scheduler.report().slots.peak == 2

    async def test_calls_of_a_class_go_in_the_order_of_arrival(self, desk: MakeDesk) -> None:
        """First come, first served, light and heavy alike."""
        d = desk(concurrency=1)
        for name in "abcdef":
            await d.begin(name, heavy=name in "bcf")
        for name in "abcdef":
            await d.end(name)
        assert d.went == "abcdef"

    async def test_higher_classes_overtake(self, desk: MakeDesk) -> None:
        """INTERACTIVE goes before NORMAL and NORMAL before BULK, whoever came first."""
        d = desk(concurrency=1)
        await d.begin("a")
        await d.begin("b", priority=BULK)
        await d.begin("n")
        await d.begin("i", priority=INTERACTIVE)
        for name in "ain":
            await d.end(name)
        assert d.went == "ainb"

    async def test_a_heavy_call_without_its_slot_holds_up_no_light_one(
        self, desk: MakeDesk
    ) -> None:
        """Light calls pass a heavy one that waits for its pool."""
        d = desk(concurrency=3, heavy_concurrency=1)
        await d.begin("h", heavy=True)
        await d.begin("H", heavy=True)
        await d.begin("l")
        assert d.went == "hl"
        await d.end("h")
        assert d.went == "hlH"

    async def test_a_freed_heavy_slot_is_used_at_once(self, desk: MakeDesk) -> None:
        """Light calls that wait behind do not keep a heavy call from its turn."""
        d = desk(concurrency=2, heavy_concurrency=1)
        for name in "hlHLM":
            await d.begin(name, heavy=name in "hH")
        await d.end("h")
        assert d.went == "hlH"

    async def test_limits_change_while_calls_wait(self, desk: MakeDesk) -> None:
        """A raised limit lets calls go at once; a lowered one takes nothing back."""
        d = desk(concurrency=1)
        for name in "abc":
            await d.begin(name)
        d.scheduler.set_limits(Limits(credits=100, concurrency=3))
        await turns()
        assert d.went == "abc"
        d.scheduler.set_limits(Limits(credits=100, concurrency=1))
        await d.begin("d")
        for name in "ab":
            await d.end(name)
        assert d.went == "abc"
        await d.end("c")
        assert d.went == "abcd"
        assert d.scheduler.limits.concurrency == 1

    async def test_the_queue_has_an_end(self, desk: MakeDesk) -> None:
        """One call more than may wait is refused, and leaves those who wait alone."""
        d = desk(concurrency=1, max_waiting=2)
        for name in "abc":
            await d.begin(name)
        refused = await d.begin("d")
        assert isinstance(refused.refusal, QueueFull)
        assert refused.refusal.operation == "d"
        assert d.scheduler.report().waiting == 2

    async def test_a_call_that_fits_at_once_never_counts_as_waiting(self, desk: MakeDesk) -> None:
        """With no room to wait at all, and with waiters of another kind, light calls go."""
        d = desk(concurrency=3, max_waiting=1)
        await d.begin("h", heavy=True)
        await d.begin("H", heavy=True)
        await d.begin("l")
        assert d.went == "hl"


class TestBudgets:
    """A budget is charged from the moment a call lines up."""

    async def test_a_spent_budget_refuses_at_once(self, desk: MakeDesk) -> None:
        """Calls that merely wait hold budget too, so the refusal does not wait."""
        d = desk(concurrency=1)
        async with Budget("mails", credits=45) as budget:
            for name in "ab":
                await d.begin(name, 20)
            refused = await d.begin("c", 20)
        assert isinstance(refused.refusal, BudgetExceeded)
        assert (refused.refusal.operation, refused.refusal.remaining) == ("c", 5)
        assert (d.went, budget.reserved) == ("a", 40)

    async def test_a_refused_call_gives_its_budget_back(self, desk: MakeDesk) -> None:
        """Whoever refuses it, a call that did not go costs its budget nothing."""
        d = desk(concurrency=1, max_waiting=0)
        await d.spend(90)
        async with Budget("mails", credits=45) as budget:
            exhausted = await d.begin("a", 20)
            await d.begin("b", 10)
            crowded = await d.begin("c", 0)
        assert isinstance(exhausted.refusal, CreditsExhausted)
        assert isinstance(crowded.refusal, QueueFull)
        assert (budget.spent, budget.reserved) == (0, 10)

    async def test_a_budget_may_wait_longer_than_others(self, desk: MakeDesk) -> None:
        """A job waits for credits as long as its budget says."""
        d = desk(max_wait=30.0)
        await d.spend(100)
        await d.begin("j", 20, budget=Budget("job", max_wait=None))
        await d.passes(DAY + 1)
        assert d.went == "j"

    async def test_a_budget_is_made_inside_the_one_around_it(self, desk: MakeDesk) -> None:
        """The scheduler's budgets nest, and the report shows them unasked."""
        d = desk()
        async with d.scheduler.budget("job", credits=50, priority=BULK):
            step = d.scheduler.budget("step", credits=30)
        assert (step.priority, step.parent and step.parent.name) == (BULK, "job")
        assert d.scheduler.report().by_budget["step"] == BudgetReport(30, 0, 0, 30)


class TestClosing:
    """A closed scheduler lets nobody go."""

    async def test_closing_refuses_those_who_wait_and_those_who_come(self, desk: MakeDesk) -> None:
        """Calls in flight end as they would."""
        d = desk(concurrency=1)
        async with Budget("job") as budget:
            for name in "abc":
                await d.begin(name, 10, heavy=name == "c")
        d.scheduler.close()
        await turns()
        await d.begin("d")
        for name in "bcd":
            refusal = d.attempts[name].refusal
            assert isinstance(refusal, SchedulerClosed)
            assert refusal.operation == name
        assert budget.reserved == 10
        await d.end("a")
        assert (d.idle, d.scheduler.report().used) == (True, 10)

    async def test_closing_stops_the_timer(self, desk: MakeDesk) -> None:
        """Nothing of a closed scheduler runs on."""
        d = desk(max_wait=None)
        await d.spend(100)
        await d.begin("a")
        assert d.clock.next_timer() is not None
        d.scheduler.close()
        await turns()
        assert d.idle


class TestReport:
    """The account of credits and slots."""

    async def test_a_report_shows_all_at_one_moment(self, desk: MakeDesk) -> None:
        """What is spent, held, waiting, and when credits come back."""
        d = desk(floor=5, concurrency=2)
        await d.passes(30)
        async with d.scheduler.budget("job", credits=60):
            await d.begin("mail", 20, heavy=True)
            await d.end("mail")
            for name in ("mail", "merge", "poll"):
                await d.begin(name, 10, heavy=name == "mail")
        report = d.scheduler.report()
        assert (report.allowance, report.floor, report.foreign) == (100, 5, 0)
        assert (report.used, report.reserved, report.remaining) == (20, 20, 60)
        assert report.resumes_at == d.clock.now() + timedelta(seconds=DAY - 30)
        assert (report.slots.limit, report.slots.in_flight, report.slots.peak) == (2, 2, 2)
        assert (report.heavy_slots.limit, report.heavy_slots.in_flight) == (1, 1)
        assert report.waiting == 1
        shown = report.by_budget["job"]
        assert (shown.credits, shown.spent, shown.reserved, shown.remaining) == (60, 20, 30, 10)
        assert (shown.waiting, shown.in_flight, shown.weight) == (1, 2, 1.0)
        assert report.by_operation == {"mail": OperationReport(calls=1, credits=20)}

    async def test_an_unused_window_resumes_never(self, desk: MakeDesk) -> None:
        """Where nothing is spent, nothing comes back."""
        assert desk().scheduler.report().resumes_at is None

    async def test_calls_that_were_not_sent_are_not_counted(self, desk: MakeDesk) -> None:
        """Only what may have reached the service is a call."""
        d = desk()
        await d.begin("a")
        await d.end("a", lambda _: None)
        await d.begin("b")
        await d.end("b", lambda permit: permit.mark_sent())
        assert list(d.scheduler.report().by_operation) == ["b"]
