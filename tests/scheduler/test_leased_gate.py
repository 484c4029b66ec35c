"""What a process says it needs of slots that are lent, and what it does with its loan."""

import asyncio
from collections.abc import AsyncIterator, Callable
from math import inf
from typing import Any

import pytest
from desk import BULK, INTERACTIVE, Desk, quote

from zohocrm_async.exceptions import FleetError, ZohoCRMError
from zohocrm_async.options import Limits
from zohocrm_async.scheduler import Scheduler
from zohocrm_async.scheduler.leases import Borrower, LeaseLapsed, Need


class Lender:
    """Lends what it is told to, and counts what it hears."""

    borrower: Borrower

    def __init__(self) -> None:
        self.until = inf
        self.changes = self.lapses = 0
        self.limits: list[Limits] = []

    def join(self, borrower: Borrower) -> None:
        self.borrower = borrower
        self.lend(0)

    def lend(self, every: int, heavy: int = 0, *, lower: int | None = None) -> None:
        self.borrower.slots.lend(every, every if lower is None else lower)
        self.borrower.heavy.lend(heavy, heavy)

    def configure(self, limits: Limits) -> None:
        self.limits.append(limits)

    def changed(self) -> None:
        self.changes += 1

    def lapse(self) -> None:
        self.lapses += 1
        self.lend(0)

    async def open(self, limits: Limits | None) -> Limits | None: ...

    async def close(self) -> None: ...


class LeasedDesk(Desk):
    """Calls that are held open at will, on slots that are lent."""

    def __init__(self, **limits: Any) -> None:
        super().__init__()
        given = Limits(**{"concurrency": 8, "heavy_concurrency": 4, **limits})
        self.lender = Lender()
        self.scheduler = Scheduler(given, clock=self.clock, leases=self.lender)

    @property
    def need(self) -> Need:
        return self.lender.borrower.need()

    async def lends(self, every: int, heavy: int = 0, *, lower: int | None = None) -> None:
        """Lend so many from now on, and let calls go."""
        self.lender.lend(every, heavy, lower=lower)
        self.lender.borrower.dispatch()
        await self.passes(0)


MakeDesk = Callable[..., LeasedDesk]


@pytest.fixture
async def desk() -> AsyncIterator[MakeDesk]:
    """Make desks whose calls are over at the end."""
    made: list[LeasedDesk] = []

    def make(**limits: Any) -> LeasedDesk:
        made.append(LeasedDesk(**limits))
        return made[-1]

    yield make
    tasks = [attempt.task for d in made for attempt in d.attempts.values()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert all(d.need == Need(went=d.need.went) for d in made), "nothing is held or wanted"


class TestInUse:
    """What calls in flight hold, by class."""

    async def test_each_class_and_pool_is_counted_apart(self, desk: MakeDesk) -> None:
        d = desk()
        await d.lends(8, 4)
        await d.begin("a", priority=INTERACTIVE)
        await d.begin("b", slots=2)
        await d.begin("c", priority=BULK, heavy=3, slots=3)
        assert d.need == Need(in_flight=(1, 2, 3), heavy_in_flight=(0, 0, 3), went=2)
        await d.end("c")
        assert d.need.in_flight == (1, 2, 0)
        assert d.need.heavy_in_flight == (0, 0, 0)

    async def test_the_lender_hears_of_each_that_comes_and_goes(self, desk: MakeDesk) -> None:
        d = desk()
        await d.lends(1)
        heard = []
        for step in (d.begin("a"), d.begin("b"), d.end("a")):
            before = d.lender.changes
            await step
            heard.append(d.lender.changes > before)
        assert heard == [True, True, True]

    async def test_an_end_is_heard_of_where_nobody_waits(self, desk: MakeDesk) -> None:
        d = desk()
        await d.lends(1)
        await d.begin("a")
        before = d.lender.changes
        await d.end("a")
        assert d.lender.changes == before + 1


class TestWanted:
    """What waits for slots, and for nothing else."""

    async def test_light_and_heavy_calls_are_counted_apart(self, desk: MakeDesk) -> None:
        d = desk()
        for name in "ab":
            await d.begin(name)
        await d.begin("c", heavy=1)
        await d.begin("d", heavy=2, slots=3, priority=BULK)
        assert d.need == Need(
            waiting=(0, 2, 0),
            heavy_waiting=(0, 1, 2),
            beside=(0, 1, 3),
            at_once=(0, 0, 3),
            heavy_at_once=(0, 0, 2),
        )

    async def test_of_several_kinds_the_largest_must_be_had_at_once(self, desk: MakeDesk) -> None:
        d = desk()
        for name, slots in (("a", 2), ("b", 5), ("c", 3)):
            await d.begin(name, slots=slots)
        assert (d.need.waiting, d.need.at_once) == ((0, 10, 0), (0, 5, 0))

    async def test_no_more_than_there_are_is_wanted_at_once(self, desk: MakeDesk) -> None:
        d = desk(concurrency=4)
        await d.begin("a", slots=9)
        assert (d.need.waiting, d.need.at_once) == ((0, 4, 0), (0, 4, 0))

    async def test_who_lacks_credits_wants_none_of_what_is_free(self, desk: MakeDesk) -> None:
        """Were all on loan, it still would not go."""
        d = desk(credits=10, max_wait=None)
        await d.lends(8, 4)
        await d.spend(10)
        several: list[dict[str, int]] = [{"slots": 2}, {"heavy": 2}]
        for number, how in enumerate([{}, {"heavy": 1}, *several]):
            await d.begin(str(number), **how)
        assert d.need == Need()
        await d.lends(0)
        # Several slots that are kept for one call would lie idle.
        assert d.need == Need(waiting=(0, 1, 0), heavy_waiting=(0, 1, 0), beside=(0, 1, 0))

    async def test_who_may_not_use_what_is_free_wants_more(self, desk: MakeDesk) -> None:
        """Some are lent for INTERACTIVE calls alone; such a one that lacks credits has them."""
        d = desk(credits=10, max_wait=None)
        await d.lends(2, lower=1)
        await d.begin("a")
        await d.begin("b")
        assert d.need.waiting == (0, 1, 0)
        d.scheduler.observe(0, sent_at=d.clock.monotonic())
        await d.begin("c", priority=INTERACTIVE)
        assert d.need.waiting == (0, 1, 0)

    async def test_a_process_that_uses_all_there_are_wants_none(self, desk: MakeDesk) -> None:
        """Only for a call of several are they collected while others end."""
        d = desk(concurrency=3)
        await d.lends(3)
        for name in "abc":
            await d.begin(name)
        await d.begin("d")
        assert d.need == Need(in_flight=(0, 3, 0))
        await d.begin("e", slots=3)
        assert d.need == Need(in_flight=(0, 3, 0), waiting=(0, 3, 0), at_once=(0, 3, 0))

    async def test_who_is_paused_wants_none(self, desk: MakeDesk) -> None:
        """The lender hears when that is over, as there may be nothing on loan by then."""
        d = desk()
        await d.lends(1)
        await d.begin("a")
        job = d.budget_of("job")
        job.pause()
        await d.begin("b", budget=job)
        await d.end("a")
        assert d.need == Need()
        await d.lends(0)
        changes = d.lender.changes
        job.resume()
        assert d.lender.changes > changes
        assert d.need == Need(waiting=(0, 1, 0))
        await d.lends(1)
        assert d.went == "ab"

    async def test_who_has_both_but_heavy_slots_wants_these(self, desk: MakeDesk) -> None:
        d = desk()
        await d.lends(8)
        await d.begin("a", heavy=1)
        assert (d.need.heavy_waiting, d.need.beside) == ((0, 1, 0), (0, 1, 0))
        await d.lends(8, 1)
        assert d.went == "a"

    async def test_while_the_service_asks_to_wait_nobody_wants_any(self, desk: MakeDesk) -> None:
        d = desk()
        await d.lends(1)
        await d.begin("a")
        await d.begin("b")
        assert d.need.waiting == (0, 1, 0)
        await d.end("a", lambda permit: permit.refused(30.0))
        assert d.need.waiting == (0, 0, 0)


class TestTurns:
    """Calls of several slots that went, after which it is another process's turn."""

    @pytest.mark.parametrize(
        ("slots", "heavy", "went"), [(1, 0, 0), (1, 1, 0), (2, 0, 1), (1, 2, 1), (2, 2, 1)]
    )
    async def test_calls_of_one_do_not_count(
        self, desk: MakeDesk, slots: int, heavy: int, went: int
    ) -> None:
        d = desk()
        await d.lends(8, 4)
        await d.begin("a", slots=slots, heavy=heavy)
        assert d.need.went == went

    @pytest.mark.parametrize(
        ("larger", "counts"),
        [({"slots": 5}, 0), ({"slots": 2, "heavy": 3}, 0), ({"slots": 2, "heavy": 2}, 1)],
    )
    async def test_one_counts_unless_a_larger_one_waits(
        self, desk: MakeDesk, larger: dict[str, int], counts: int
    ) -> None:
        d = desk()
        await d.lends(2, 2)
        await d.begin("a", slots=2, heavy=2)
        went = d.need.went
        await d.begin("b", slots=2, heavy=2)
        await d.begin("c", **larger)
        await d.begin("d")
        await d.end("a")
        assert (d.went, d.need.went - went) == ("ab", counts)
        await d.end("b")
        await d.lends(8, 4)
        assert (sorted(d.went), d.need.went - went) == (list("abcd"), counts + 1)


class TestLapse:
    """Nothing goes on a loan whose time is over."""

    async def test_a_call_that_was_granted_costs_nothing_then(self, desk: MakeDesk) -> None:
        d = desk()
        await d.lends(1)
        d.lender.until = d.clock.monotonic() + 1
        async with d.scheduler.admit(quote(10), heavy=0, operation="x") as permit:
            permit.may_leave()
            permit.mark_sent()
            d.clock.advance(1)
            with pytest.raises(LeaseLapsed):
                permit.may_leave()
        assert d.scheduler.report().used == 0

    async def test_the_lender_is_told_and_the_call_waits(self, desk: MakeDesk) -> None:
        d = desk()
        await d.lends(1)
        d.lender.until = d.clock.monotonic()
        await d.begin("a")
        assert (d.went, d.need.waiting) == ("", (0, 1, 0))
        assert d.lender.lapses

    async def test_what_falls_free_later_is_granted_to_nobody(self, desk: MakeDesk) -> None:
        d = desk()
        await d.lends(1)
        await d.begin("a")
        await d.begin("b")
        d.lender.until = d.clock.monotonic()
        await d.end("a")
        assert (d.went, d.lender.lapses > 0) == ("a", True)

    async def test_new_limits_grant_nothing_either(self, desk: MakeDesk) -> None:
        """The lender is told of them."""
        d = desk()
        await d.begin("a")
        d.lender.lend(1)
        d.lender.until = d.clock.monotonic()
        limits = Limits(concurrency=9)
        d.scheduler.set_limits(limits)
        await d.passes(0)
        assert (d.went, d.lender.limits[-1]) == ("", limits)

    async def test_who_waits_can_be_refused(self, desk: MakeDesk) -> None:
        d = desk()
        waiting = await d.begin("a")
        error: ZohoCRMError = FleetError("no slots will come")
        told: list[int] = []
        d.scheduler.subscribe(lambda: told.append(d.scheduler.report().waiting))
        d.lender.borrower.refuse_all(error)
        await d.passes(0)
        assert told[-1] == 0
        assert waiting.refusal is error
        assert d.need == Need()
