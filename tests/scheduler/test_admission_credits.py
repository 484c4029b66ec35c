"""Credits: what is held and booked, who waits for them, and who is refused."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
from desk import BULK, DAY, INTERACTIVE, MakeDesk, desks, quote, turns

from zohocrm_async._clock import ManualClock, OffsetClock
from zohocrm_async.exceptions import CreditsExhausted
from zohocrm_async.options import Limits
from zohocrm_async.scheduler import Budget, MemoryLedger, Permit, Scheduler


@pytest.fixture
async def desk() -> AsyncIterator[MakeDesk]:
    """Make desks that are clean at the end."""
    async with desks() as make:
        yield make


class TestCredits:
    """Credits are held before a call goes, and the truth is booked after."""

    async def test_the_maximum_is_held_and_the_truth_booked(self, desk: MakeDesk) -> None:
        """A call that may cost 10 holds 10; what it did not cost is free again."""
        d = desk()
        await d.begin("a", quote(2, maximum=10))
        report = d.scheduler.report()
        assert (report.used, report.reserved, report.remaining) == (0, 10, 90)
        await d.end("a", lambda permit: permit.settle(3))
        report = d.scheduler.report()
        assert (report.used, report.reserved, report.remaining) == (3, 0, 97)

    @pytest.mark.parametrize(
        ("how", "cost"),
        [
            (lambda _: None, 0),
            (lambda permit: permit.mark_sent(), 10),
            (lambda permit: permit.settle(4), 4),
            (lambda permit: (permit.mark_sent(), permit.settle(4)), 4),
            (lambda permit: (permit.settle(4), permit.settle(9)), 4),
            (lambda permit: (permit.settle(0), permit.mark_sent()), 0),
            (lambda permit: permit.settle(15), 15),
        ],
        ids=["unsent", "lost", "settled", "sent", "twice", "refused", "dearer"],
    )
    async def test_every_end_has_its_price(
        self, desk: MakeDesk, how: Callable[[Permit], None], cost: int
    ) -> None:
        """Unsent costs nothing, unknown the reserve, settled the truth, and only once."""
        d = desk()
        async with Budget("job", credits=50) as budget:
            await d.begin("a", quote(2, maximum=10))
            await d.end("a", how)
        report = d.scheduler.report()
        assert (report.used, budget.spent, budget.reserved) == (cost, cost, 0)
        assert d.idle

    async def test_settling_after_the_end_changes_nothing(self, desk: MakeDesk) -> None:
        """Once the attempt is over its price stands."""
        d = desk()
        async with d.scheduler.admit(quote(5), heavy=False, operation="x") as permit:
            permit.mark_sent()
        permit.settle(1)
        assert d.scheduler.report().used == 5

    async def test_an_error_in_the_block_gives_the_slot_back(self, desk: MakeDesk) -> None:
        """Whatever is raised inside, nothing stays behind and the error goes on."""
        d = desk()
        with pytest.raises(ZeroDivisionError):
            async with d.scheduler.admit(quote(5), heavy=True, operation="x"):
                raise ZeroDivisionError
        assert (d.idle, d.scheduler.report().used) == (True, 0)

    async def test_credits_that_come_back_in_time_are_waited_for(self, desk: MakeDesk) -> None:
        """A call waits up to *max_wait* and goes when the minute has left the window."""
        d = desk(max_wait=30.0)
        await d.spend(90)
        await d.passes(DAY - 20)
        await d.begin("a", 15)
        assert d.went == ""
        await d.passes(19.9)
        assert d.went == ""
        await d.passes(0.2)
        assert d.went == "a"

    async def test_a_longer_wait_is_refused_at_once(self, desk: MakeDesk) -> None:
        """The refusal says what was needed, what is free, and when it is enough."""
        d = desk(max_wait=30.0)
        await d.spend(90)
        await d.passes(600)
        refusal = (await d.begin("a", 15)).refusal
        assert isinstance(refusal, CreditsExhausted)
        assert (refusal.needed, refusal.remaining, refusal.operation) == (15, 10, "a")
        assert refusal.resumes_at == d.clock.now() + timedelta(seconds=DAY - 600)
        assert d.idle

    async def test_the_impossible_is_refused_at_once(self, desk: MakeDesk) -> None:
        """What the allowance above the floor never holds is not waited for at all."""
        d = desk(max_wait=None, floor=10)
        refusal = (await d.begin("a", 91)).refusal
        assert isinstance(refusal, CreditsExhausted)
        assert refusal.resumes_at is None
        assert (await d.begin("b", 90)).refusal is None

    async def test_what_is_queued_ahead_counts(self, desk: MakeDesk) -> None:
        """A call that those ahead will leave nothing for is refused when it comes."""
        d = desk(concurrency=1, max_wait=30.0)
        await d.spend(10)
        for name in "abc":
            await d.begin(name, 30)
        refusal = (await d.begin("d", 31)).refusal
        assert isinstance(refusal, CreditsExhausted)
        assert refusal.resumes_at == d.clock.now() + timedelta(seconds=DAY)
        assert d.scheduler.report().waiting == 2

    async def test_many_days_of_work_ahead_are_told(self, desk: MakeDesk) -> None:
        """Where more is queued than one window holds, the end lies windows away."""
        d = desk(concurrency=1, max_wait=None)
        for name in "abcdef":
            await d.begin(name, 40)
        impatient = Budget("web", max_wait=5.0, priority=BULK)
        refusal = (await d.begin("x", 20, budget=impatient)).refusal
        assert isinstance(refusal, CreditsExhausted)
        assert refusal.resumes_at is not None
        # Two windows hold five calls of 40, the third one the sixth and this one.
        assert refusal.resumes_at >= d.clock.now() + timedelta(days=2)

    async def test_credits_held_by_calls_in_flight_are_waited_for(self, desk: MakeDesk) -> None:
        """They may come back at any moment, so a call waits for their settling."""
        d = desk(concurrency=3, max_wait=0.0)
        await d.begin("a", quote(1, maximum=90))
        await d.begin("b", 20)
        assert (d.went, d.attempts["b"].refusal) == ("a", None)
        d.attempts["a"].end.set_result(lambda permit: permit.settle(1))
        await turns()
        assert d.went == "ab"

    async def test_credits_that_prove_spent_are_refused_then(self, desk: MakeDesk) -> None:
        """Once the calls in flight have cost their maximum, the waiter is told."""
        d = desk(concurrency=3, max_wait=30.0)
        await d.begin("a", quote(1, maximum=90))
        waiting = await d.begin("b", 20)
        await d.end("a", lambda permit: permit.settle(90))
        assert isinstance(waiting.refusal, CreditsExhausted)
        assert waiting.refusal.resumes_at == d.clock.now() + timedelta(seconds=DAY)

    async def test_patience_is_counted_once(self, desk: MakeDesk) -> None:
        """A wait that is drawn out beyond *max_wait* ends in a refusal."""
        d = desk(max_wait=70.0)
        await d.spend(50)
        await d.passes(60)
        await d.spend(50)
        await d.passes(DAY - 60 - 20)
        waiting = await d.begin("a", 40)
        await d.begin("i", 30, priority=INTERACTIVE)
        await d.passes(21)
        assert (d.went, waiting.refusal) == ("i", None)
        # The rest is back in 59 s, which was near enough had it waited for nothing yet.
        await d.end("i")
        assert isinstance(waiting.refusal, CreditsExhausted)
        assert waiting.refusal.resumes_at == d.clock.now() + timedelta(seconds=59)

    async def test_only_interactive_calls_use_the_floor(self, desk: MakeDesk) -> None:
        """Other classes leave the floor alone."""
        d = desk(floor=30, concurrency=5)
        await d.begin("n", 70)
        refused = [await d.begin("m", 1), await d.begin("b", 1, priority=BULK)]
        await d.begin("i", 30, priority=INTERACTIVE)
        await d.end("n")
        assert d.went == "ni"
        assert all(isinstance(attempt.refusal, CreditsExhausted) for attempt in refused)

    async def test_a_dear_call_is_not_overtaken_by_cheaper_ones(self, desk: MakeDesk) -> None:
        """A head that lacks credits holds up its own class and lower ones."""
        d = desk(concurrency=9, max_wait=None)
        await d.spend(60)
        await d.begin("a", 50)
        await d.begin("b", 1)
        await d.begin("c", 1, heavy=True)
        await d.begin("d", 1, priority=BULK)
        assert d.went == ""
        await d.begin("i", 1, priority=INTERACTIVE)
        await d.begin("z", 0)
        await d.begin("Z", 0, priority=BULK)
        assert d.went == "izZ"
        await d.passes(DAY + 1)
        assert d.went == "izZabcd"

    async def test_the_timer_follows_the_head(self, desk: MakeDesk) -> None:
        """When the head goes away, the next one is woken at its own time."""
        d = desk(concurrency=9, max_wait=None)
        await d.spend(10)
        await d.passes(600)
        await d.spend(90)
        await d.begin("a", 50)
        await d.begin("b", 10)
        await d.attempts["a"].cancelled()
        await d.passes(DAY - 600 + 1)
        assert d.went == "b"

    async def test_the_timer_follows_what_is_given_back(self, desk: MakeDesk) -> None:
        """Credits given back that do not suffice yet bring the moment forward."""
        d = desk(concurrency=9, max_wait=None)
        await d.spend(10)
        await d.passes(600)
        await d.spend(80)
        await d.begin("a", quote(1, maximum=10))
        await d.begin("b", 20)
        await d.end("a", lambda permit: permit.settle(0))
        await d.passes(DAY - 600 + 1)
        assert d.went == "ab"

    async def test_what_others_spent_is_taken_in(self, desk: MakeDesk) -> None:
        """The service's own count lowers what is free, and the report says so."""
        d = desk()
        await d.spend(20)
        d.scheduler.observe(30, sent_at=d.clock.monotonic())
        report = d.scheduler.report()
        assert (report.used, report.foreign, report.remaining) == (70, 50, 30)
        assert isinstance((await d.begin("a", 31)).refusal, CreditsExhausted)

    async def test_the_running_loop_wakes_who_waits(self) -> None:
        """Under a clock that tells real time, the loop's own timer lets the call go."""
        clock = OffsetClock()
        scheduler = Scheduler(Limits(credits=10, max_wait=None), clock=clock)
        async with scheduler.admit(quote(10), heavy=False, operation="x") as permit:
            permit.settle(10)
        waiting = asyncio.create_task(
            scheduler.admit(quote(1), heavy=False, operation="x").__aenter__()
        )
        await turns()
        assert not waiting.done()
        clock.advance(DAY + 60)
        assert (await waiting).granted

    async def test_a_ledger_of_ones_own_is_used_and_given_the_allowance(self) -> None:
        """What an earlier process spent counts against this one."""
        clock = ManualClock()
        books = MemoryLedger(5, clock=clock)
        books.settle(0, 40)
        scheduler = Scheduler(Limits(credits=100), clock=clock, ledger=books)
        assert scheduler.report().remaining == 60


class TestParking:
    """After the service refused for want of credits, credit-taking calls pause."""

    async def test_parked_calls_wait_or_are_told_when(self, desk: MakeDesk) -> None:
        """A minute is too long for some; the others go when it is over."""
        d = desk(max_wait=30.0)
        until = d.scheduler.credits_refused()
        assert until == d.clock.now() + timedelta(seconds=60)
        assert d.scheduler.report().resumes_at == until
        refusal = (await d.begin("a")).refusal
        assert isinstance(refusal, CreditsExhausted)
        assert (refusal.resumes_at, refusal.remaining) == (until, 100)
        await d.begin("b", budget=Budget("patient", max_wait=60.0))
        await d.begin("z", 0)
        assert d.went == "z"
        await d.passes(59.9)
        assert d.went == "z"
        await d.passes(0.2)
        assert d.went == "zb"

    async def test_one_call_finds_out_for_all(self, desk: MakeDesk) -> None:
        """After the pause one goes; a success lets the others follow."""
        d = desk(max_wait=None, concurrency=9)
        d.scheduler.credits_refused()
        for name in "abc":
            await d.begin(name)
        await d.passes(61)
        assert d.went == "a"
        await d.end("a")
        assert d.went == "abc"

    async def test_a_second_refusal_doubles_the_pause(self, desk: MakeDesk) -> None:
        """The call that found out is refused as well, so nobody goes for two minutes."""
        d = desk(max_wait=None, concurrency=9)
        d.scheduler.credits_refused()
        for name in "ab":
            await d.begin(name)
        await d.passes(61)

        def refused(permit: Permit) -> None:
            d.scheduler.credits_refused()
            permit.settle(0)

        await d.end("a", refused)
        await d.passes(119)
        assert d.went == "a"
        await d.passes(2)
        assert d.went == "ab"

    async def test_calls_refused_together_pause_once(self, desk: MakeDesk) -> None:
        """Calls that were in flight at the refusal neither prolong nor end the pause."""
        d = desk(concurrency=3, max_wait=None)
        for name in "abc":
            await d.begin(name)
        until = d.scheduler.credits_refused()
        await d.end("a", lambda permit: permit.settle(0))
        assert d.scheduler.credits_refused() == until
        await d.end("b", lambda permit: permit.settle(0))
        await d.end("c")
        await d.begin("d")
        assert d.went == "abc"
        await d.passes(61)
        assert d.went == "abcd"

    async def test_a_lost_call_hands_over_the_search(self, desk: MakeDesk) -> None:
        """Where the call that finds out ends without an answer, the next one does."""
        d = desk(max_wait=None, concurrency=9)
        d.scheduler.credits_refused()
        for name in "abc":
            await d.begin(name)
        await d.passes(61)
        await d.end("a", lambda permit: permit.mark_sent())
        assert d.went == "ab"
        assert d.clock.next_timer() is None
