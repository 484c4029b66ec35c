"""The gate: refused calls, budgets' own limits, and the ends of a scheduler."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from desk import BULK, INTERACTIVE, MakeDesk, desks, quote, turns

from zohocrm_async._clock import ManualClock
from zohocrm_async._events import ForeignUse, LimitChanged, Parked, Resumed, SchedulerEvent
from zohocrm_async.exceptions import BudgetExceeded, SchedulerClosed, ZohoCRMError
from zohocrm_async.options import Limits
from zohocrm_async.scheduler import Budget, MemoryLedger, Permit, Scheduler


@pytest.fixture
async def desk() -> AsyncIterator[MakeDesk]:
    """Make desks that are clean at the end."""
    async with desks() as make:
        yield make


def away(permit: Permit) -> None:
    """Let the service refuse a call, as too many are in flight."""
    permit.mark_sent()
    permit.refused(None)


class TestTooManyInFlight:
    """A 429 for concurrency lowers the limit in force, and the call keeps its place."""

    async def test_the_refused_call_goes_before_all_who_came_later(self, desk: MakeDesk) -> None:
        """It costs nothing, and its flow loses no turn."""
        d = desk(concurrency=2)
        for name in "abcde":
            await d.begin(name, 5)
        await d.end("a", away)
        report = d.scheduler.report()
        assert (d.went, report.slots.in_force, report.waiting) == ("ab", 1, 4)
        assert (report.used, report.refused.concurrency) == (0, 1)
        await d.end("b")
        assert d.went == "aba"
        await d.passes(1.1)
        assert d.went == "abac"
        for name in "acde":
            await d.end(name)
        assert d.scheduler.report().used == 25

    async def test_a_heavy_refusal_lowers_the_heavy_limit_alone(self, desk: MakeDesk) -> None:
        """Light calls go on as before."""
        d = desk(concurrency=6, heavy_concurrency=3)
        for name in "abc":
            await d.begin(name, heavy=True)
        await d.end("a", away)
        report = d.scheduler.report()
        assert (report.heavy_slots.in_force, report.slots.in_force) == (2, 6)
        await d.begin("l")
        assert d.went == "abcl"

    async def test_a_heavy_call_that_is_taken_ends_the_pause_of_such_calls(
        self, desk: MakeDesk
    ) -> None:
        events: list[SchedulerEvent] = []
        d = desk(concurrency=6, heavy_concurrency=1, tell=events.append)
        await d.begin("a", heavy=True)
        await d.end("a", away)
        await d.passes(1.1)
        assert events == [Parked(1.0, "the service refuses even one call (heavy slots)")]
        d.attempts["a"].permit.mark_sent()
        await d.end("a")
        assert events[1:] == [Resumed()]

    async def test_a_lone_refused_call_waits_longer_and_longer(self, desk: MakeDesk) -> None:
        """And after a minute of that the credits are taken to be spent."""
        events: list[SchedulerEvent] = []
        d = desk(concurrency=1, tell=events.append, max_wait=None)
        await d.begin("a")
        for seconds in (1, 2, 4, 8):
            await d.end("a", away)
            went = d.went
            await d.passes(seconds - 0.1)
            assert d.went == went
            await d.passes(0.2)
            assert d.went == went + "a"
        assert [event.seconds for event in events if isinstance(event, Parked)] == [1, 2, 4, 8]
        for _ in range(7):
            await d.end("a", away)
            await d.passes(8.1)
        assert d.scheduler.report().parked_until is not None
        await d.passes(70)
        await d.end("a")
        assert [type(event) for event in events].count(Resumed) >= 1
        assert d.scheduler.report().parked_until is None

    async def test_the_pause_that_the_service_asks_for_is_everybodys(self, desk: MakeDesk) -> None:
        d = desk(concurrency=5)
        await d.begin("a")
        await d.end("a", lambda permit: permit.refused(30.0))
        await d.begin("i", priority=INTERACTIVE)
        await d.passes(29)
        assert d.went == "a"
        await d.passes(1.1)
        assert d.went == "ai"
        await d.end("i")

    async def test_a_refusal_for_want_of_credits_is_told(self, desk: MakeDesk) -> None:
        events: list[SchedulerEvent] = []
        desk(tell=events.append).scheduler.credits_refused()
        assert events == [Parked(60.0, "the service says that the credits are spent")]

    async def test_the_limit_comes_back_and_each_step_is_told(self, desk: MakeDesk) -> None:
        """One by one, while all are used and more are wanted."""
        events: list[SchedulerEvent] = []
        d = desk(concurrency=4, tell=events.append)
        for name in "abcdefgh":
            await d.begin(name)
        await d.end("a", away)
        await d.end("b", away)
        assert d.scheduler.report().slots.in_force == 2
        await d.passes(1.1)
        await d.passes(1.1)
        assert d.scheduler.report().slots.in_force == 4
        changes = [e.in_force for e in events if isinstance(e, LimitChanged)]
        assert changes == [3, 2, 3, 4]

    async def test_an_idle_pool_is_not_probed(self, desk: MakeDesk) -> None:
        d = desk(concurrency=4)
        await d.begin("a")
        await d.begin("b")
        await d.end("a", away)
        await d.attempts["a"].cancelled()
        await d.passes(100)
        assert (d.scheduler.report().slots.in_force, d.clock.next_timer()) == (1, None)


class TestOwnLimits:
    """A call that its own budget holds back holds up nobody else."""

    async def test_a_budgets_calls_in_flight(self, desk: MakeDesk) -> None:
        """The rest stands aside and keeps its order."""
        d = desk(concurrency=9)
        job = d.scheduler.budget("job", concurrency=2)
        for name in "abcde":
            await d.begin(name, budget=job)
        await d.begin("x")
        assert d.went == "abx"
        await d.end("a")
        assert d.went == "abxc"
        job.concurrency = 3
        await turns()
        assert d.went == "abxcd"
        job.concurrency = None
        await turns()
        assert d.went == "abxcde"

    async def test_a_paused_budget_goes_on_where_it_was(self, desk: MakeDesk) -> None:
        d = desk(concurrency=1)
        job = d.scheduler.budget("job")
        for name in "abc":
            await d.begin(name, budget=job)
        await d.begin("x", priority=BULK)
        job.pause()
        await d.end("a")
        assert d.went == "ax"
        assert d.scheduler.report().by_budget["job"].paused
        job.resume()
        await d.end("x")
        assert d.went == "axb"

    async def test_pausing_lets_those_go_whom_its_head_held_up(self, desk: MakeDesk) -> None:
        """A dear head that is paused is nobody's head."""
        d = desk(concurrency=9, max_wait=None)
        await d.spend(60)
        job = d.scheduler.budget("job")
        await d.begin("a", 50, budget=job)
        await d.begin("b", 10)
        assert d.went == ""
        job.pause()
        await turns()
        assert d.went == "b"

    async def test_a_spent_budget_may_wait_for_more(self, desk: MakeDesk) -> None:
        """For what its own calls did not cost, or for what it is given."""
        d = desk(concurrency=9)
        job = d.scheduler.budget("job", credits=20, when_spent="wait")
        await d.begin("a", quote(1, maximum=15), budget=job)
        await d.begin("b", 15, budget=job)
        assert (d.went, job.reserved) == ("a", 15)
        await d.end("a", lambda permit: permit.settle(1))
        assert d.went == "ab"
        await d.begin("c", 15, budget=job)
        assert d.went == "ab"
        job.credits = 40
        await turns()
        assert d.went == "abc"

    async def test_a_pace_spreads_the_credits_evenly(self, desk: MakeDesk) -> None:
        """Ten credits in a hundred seconds are one in ten."""
        d = desk(concurrency=20)
        job = d.scheduler.budget("job", credits=10, pace=100)
        for name in "abcdefghij":
            await d.begin(name, budget=job)
        for number in range(1, 11):
            assert len(d.went) == number
            await d.passes(10.01)
        await d.begin("x")
        assert d.went == "abcdefghijx"
        assert isinstance((await d.begin("k", budget=job)).refusal, BudgetExceeded)

    async def test_a_rate_is_kept_before_the_line(self, desk: MakeDesk) -> None:
        """The second call waits for its second; closing the budget ends the wait."""
        d = desk(concurrency=9)
        job = d.scheduler.budget("job", rate=0.001)
        for name in "abc":
            await d.begin(name, budget=job)
        assert (d.went, d.scheduler.report().waiting) == ("a", 2)
        await d.attempts["b"].cancelled()
        job.close()
        await turns()
        assert isinstance(d.attempts["c"].refusal, SchedulerClosed)
        assert d.scheduler.report().waiting == 0

    async def test_downloads_are_spaced_for_all_alike(self, desk: MakeDesk) -> None:
        """Two go at once; more would be too many for one minute that begins later."""
        d = desk(concurrency=9)
        for name in "abc":
            await d.begin(name, windows=("downloads",))
        await d.begin("x")
        assert (d.went, d.scheduler.report().waiting) == ("abx", 1)
        d.scheduler.close()
        await turns()
        assert isinstance(d.attempts["c"].refusal, SchedulerClosed)

    async def test_a_rate_and_a_deadline(self, desk: MakeDesk) -> None:
        """Who waits for its second is told when the deadline passes."""
        d = desk(max_waiting=1)
        job = Budget("job", rate=0.001, deadline=5, clock=d.clock)
        async with job:
            await d.begin("a", budget=job)
            late = await d.begin("b", budget=job)
            crowded = await d.begin("c", budget=job)
        await d.passes(6)
        for attempt, word in ((late, "to start by"), (crowded, "calls wait already")):
            with pytest.raises(ZohoCRMError, match=word):
                await attempt.task


class TestEnds:
    """A scheduler ends at once, or when its calls have."""

    async def test_draining_lets_all_end_and_nobody_come(self, desk: MakeDesk) -> None:
        """A refused call is none that comes."""
        d = desk(concurrency=1)
        for name in "ab":
            await d.begin(name)
        draining = asyncio.create_task(d.scheduler.drain())
        await turns()
        assert isinstance((await d.begin("c")).refusal, SchedulerClosed)
        await d.end("a", away)
        await d.passes(9)
        for _ in range(2):
            assert not draining.done()
            await d.end(d.went[-1])
        await draining
        await d.scheduler.drain()

    async def test_a_cancelled_drain_leaves_the_rest_alone(self, desk: MakeDesk) -> None:
        d = desk(concurrency=1)
        await d.begin("a")
        draining = asyncio.create_task(d.scheduler.drain())
        await turns()
        draining.cancel()
        await turns()
        await d.end("a")
        assert d.idle

    async def test_closing_refuses_those_between_two_attempts(self, desk: MakeDesk) -> None:
        """Who waits at an old place, and who comes back afterwards."""
        d = desk(concurrency=2)
        for name in "abc":
            await d.begin(name)
        await d.end("a", away)
        d.scheduler.close()
        await turns()
        await d.end("b", away)
        for name in "abc":
            assert isinstance(d.attempts[name].refusal, SchedulerClosed)
        assert d.went == "ab"

    async def test_closing_may_wait(self, desk: MakeDesk) -> None:
        """Then those who wait have their turn, and only newcomers are refused."""
        d = desk(concurrency=1)
        for name in "ab":
            await d.begin(name)
        d.scheduler.close(wait=True)
        assert isinstance((await d.begin("c")).refusal, SchedulerClosed)
        await d.end("a")
        assert d.went == "ab"
        d.scheduler.close()
        assert d.scheduler.closed

    async def test_subscribers_hear_of_changes_until_they_forget(self, desk: MakeDesk) -> None:
        d = desk()
        seen: list[int] = []
        forget = d.scheduler.subscribe(lambda: seen.append(d.scheduler.report().used))
        await d.begin("a", 5)
        await d.end("a")
        assert seen[-1] == 5
        forget()
        forget()
        await d.spend(3)
        assert seen[-1] == 5

    async def test_subscribers_hear_of_what_no_call_brings_about(self, desk: MakeDesk) -> None:
        """Each may change the account, or end the stream of it."""
        d = desk()
        seen: list[bool] = []
        d.scheduler.subscribe(lambda: seen.append(d.scheduler.closed))
        d.scheduler.observe(70, sent_at=d.clock.monotonic())
        d.scheduler.window_spent("mails")
        d.scheduler.set_limits(Limits(credits=50))
        await d.scheduler.drain()
        d.scheduler.close(wait=True)
        assert seen == [False, False, False, True, True]

    async def test_what_others_spend_is_told(self, desk: MakeDesk) -> None:
        events: list[SchedulerEvent] = []
        d = desk(tell=events.append)
        for remaining in (70, 69, 69):
            d.scheduler.observe(remaining, sent_at=d.clock.monotonic())
        assert events == [ForeignUse(30), ForeignUse(1)]

    async def test_a_ledger_that_fails_refuses_those_who_lack_credits(self) -> None:
        """With its own error, and calls that cost nothing go on."""

        class Broken(MemoryLedger):
            @property
            def failure(self) -> ZohoCRMError | None:
                return ZohoCRMError("the disk is full")

            def free(self, floor: int = 0) -> int:
                return 0

        clock = ManualClock()
        scheduler = Scheduler(Limits(credits=5), clock=clock, ledger=Broken(5, clock=clock))
        scheduler._ledger.settle(0, 5)
        with pytest.raises(ZohoCRMError, match="disk is full"):
            await scheduler.admit(quote(1), heavy=False, operation="x").__aenter__()
        async with scheduler.admit(quote(0), heavy=False, operation="x"):
            pass


class TestRates:
    """The report tells what goes out."""

    async def test_rates_are_those_of_the_last_minute(self, desk: MakeDesk) -> None:
        d = desk(credits=10_000)
        for _ in range(60):
            await d.spend(2)
            await d.passes(1)
        rates = d.scheduler.report().rates
        assert rates.calls == pytest.approx(1, rel=0.05)
        assert rates.credits == pytest.approx(120, rel=0.05)
        await d.passes(61)
        assert d.scheduler.report().rates.calls == 0

    async def test_longest_waits_by_class_and_budget(self, desk: MakeDesk) -> None:
        d = desk(concurrency=1)
        job = d.scheduler.budget("job")
        await d.begin("a")
        await d.begin("b", budget=job)
        await d.passes(5)
        await d.begin("c", priority=BULK)
        report = d.scheduler.report()
        assert (report.by_priority["normal"].waiting, report.by_priority["bulk"].waiting) == (1, 1)
        assert report.by_priority["normal"].longest_wait == 5
        assert report.by_priority["bulk"].longest_wait == 0
        assert report.by_budget["job"].longest_wait == 5
