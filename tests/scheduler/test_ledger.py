"""The rolling window against an exact log of everything spent."""

import asyncio
import bisect
import tracemalloc
from itertools import accumulate

import pytest
from attrs import evolve, frozen
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from soaking import examples

from zohocrm_async._clock import ManualClock
from zohocrm_async.scheduler.ledger import WINDOW, MemoryLedger

ALLOWANCE = 60


def ledger(allowance: int = ALLOWANCE) -> tuple[MemoryLedger, ManualClock]:
    clock = ManualClock()
    return MemoryLedger(allowance, clock=clock), clock


def spend(books: MemoryLedger, amount: int) -> None:
    books.reserve(amount)
    books.settle(amount, amount)


class ExactLog:
    """Every credit with its moment, which no real ledger could keep."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.amounts: list[int] = []

    def book(self, now: float, amount: int) -> None:
        self.times.append(now)
        self.amounts.append(amount)

    def used(self, now: float, window: float = WINDOW) -> int:
        return sum(self.amounts[bisect.bisect_right(self.times, now - window) :])


def test_a_reservation_is_free_no_more_and_settles_to_the_truth() -> None:
    """What is held is not free; what the call did not cost is free again."""
    books, _ = ledger()
    books.reserve(20)
    assert (books.free(), books.used, books.reserved) == (40, 0, 20)
    books.settle(20, 3)
    assert (books.free(), books.used, books.reserved) == (57, 3, 0)


def test_a_call_that_cost_more_than_was_held_is_booked_in_full() -> None:
    """The truth is booked even where it overdraws the allowance."""
    books, _ = ledger()
    books.reserve(60)
    books.settle(60, 75)
    assert (books.used, books.free(), books.remaining) == (75, -15, 0)


def test_the_floor_is_not_free() -> None:
    """Credits below the floor do not count as free for those who respect it."""
    books, _ = ledger()
    assert (books.free(50), books.free(70)) == (10, -10)


def test_credits_come_back_after_a_day_and_at_most_a_minute() -> None:
    """A credit counts for 24 hours to the second, and is back a minute later."""
    books, clock = ledger()
    clock.advance(30)
    spend(books, 60)
    clock.advance(WINDOW)
    assert books.free() == 0
    clock.advance(30)
    assert books.free() == 60


def test_the_history_ends_with_the_window() -> None:
    """Even where nobody has looked at the books since."""
    books, clock = ledger()
    spend(books, 10)
    assert [minute.credits for minute in books.history()] == [10]
    clock.advance(WINDOW + 60)
    assert books.history() == []


def test_when_walks_to_the_minute_that_suffices() -> None:
    """The wait is that for the last minute needed, and not for all of them."""
    books, clock = ledger()
    for _ in range(3):
        spend(books, 20)
        clock.advance(600)
    assert books.when(0) == 0.0
    assert books.when(20) == WINDOW + 60 - 1800
    assert books.when(21) == WINDOW + 60 - 1200
    assert books.when(60) == WINDOW + 60 - 600


def test_when_knows_the_impossible() -> None:
    """More than the allowance above the floor is never free."""
    books, _ = ledger()
    assert books.when(61) is None
    assert books.when(60) == 0.0
    assert books.when(51, floor=10) is None


def test_when_counts_what_is_in_flight_as_spent_now() -> None:
    """Credits that calls hold come back a day from now at the earliest."""
    books, clock = ledger()
    clock.advance(90)
    books.reserve(50)
    assert books.when(10) == 0.0
    assert books.when(11) == WINDOW + 120 - 90


def test_the_answer_of_the_service_books_what_others_spent() -> None:
    """With nothing in flight, all that we did not spend was spent by others."""
    books, clock = ledger()
    spend(books, 20)
    books.observe(25, sent_at=clock.monotonic())
    assert (books.used, books.foreign, books.free()) == (35, 15, 25)
    clock.advance(WINDOW + 60)
    assert (books.used, books.foreign, books.free()) == (0, 0, 60)


def test_more_left_takes_back_what_was_inferred_and_nothing_else() -> None:
    """What others seemed to have spent is free again once the service counts it no more.

    What our own calls cost stays, whatever the service says.
    """
    books, clock = ledger()
    spend(books, 20)
    books.observe(25, sent_at=clock.monotonic())
    clock.advance(120)
    books.observe(33, sent_at=clock.monotonic())
    assert (books.used, books.foreign, books.free()) == (27, 7, 33)
    books.observe(60, sent_at=clock.monotonic())
    assert (books.used, books.foreign, books.free()) == (20, 0, 40)


def test_an_older_answer_takes_nothing_back() -> None:
    """A call that left before others were seen to spend may not know of it."""
    books, clock = ledger()
    clock.advance(120)
    books.observe(25, sent_at=110.0)
    clock.advance(120)
    books.observe(50, sent_at=119.0)
    assert (books.foreign, books.free()) == (35, 25)
    clock.advance(3_600)
    books.observe(50, sent_at=1_000.0)
    assert books.free() == 25, "no call takes an hour"
    books.observe(50, sent_at=clock.monotonic())
    assert books.free() == 50


def test_what_was_booked_since_is_not_taken_for_a_count_that_fell() -> None:
    """The service's count may be older than what was settled while the call was out."""
    books, clock = ledger()
    books.observe(40, sent_at=0.0)
    clock.advance(120)
    spend(books, 15)
    books.observe(50, sent_at=clock.monotonic())
    assert (books.used, books.foreign) == (25, 10)


def test_doubt_is_lifted_by_a_newer_answer() -> None:
    """Calls always in flight do not keep credits back for good."""
    books, clock = ledger()
    books.reserve(20)
    books.observe(45, sent_at=0.0)
    assert books.free() == 25
    clock.advance(1)
    books.reserve(20)
    books.observe(60, sent_at=0.0)
    assert books.free() == 5, "as old as the doubt"
    books.observe(55, sent_at=0.5)
    assert books.free() == 15, "sent after it"


def test_calls_in_flight_are_not_taken_for_strangers() -> None:
    """What the service booked for our own calls in flight is not booked twice.

    It is held back until they have settled, as it may be others' just as well.
    """
    books, _ = ledger()
    books.reserve(20)
    books.reserve(20)
    books.observe(20, sent_at=0.0)
    assert (books.foreign, books.used) == (0, 0)
    assert books.free() == -20
    books.settle(20, 20)
    books.settle(20, 20)
    assert (books.foreign, books.used, books.free()) == (0, 40, 20)


def test_a_lowered_allowance_overdraws_and_ages_out() -> None:
    """Lowering the allowance takes nothing back; time does."""
    books, clock = ledger()
    spend(books, 50)
    books.allowance = 30
    assert books.free() == -20
    assert books.when(1) == WINDOW + 60
    clock.advance(WINDOW + 60)
    assert books.free() == 30


def test_memory_does_not_grow_with_calls() -> None:
    """A hundred thousand calls in two days take no more than one did: under 200 kB."""
    tracemalloc.start()
    try:
        books, clock = ledger(10**9)
        spend(books, 1)
        before, _ = tracemalloc.get_traced_memory()
        for _ in range(100_000):
            spend(books, 20)
            clock.advance(1.7)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after < 200_000
    assert after - before < 2_000
    assert books.used == pytest.approx(20 * WINDOW / 1.7, rel=0.001)


def test_a_ledger_in_memory_has_nothing_to_open() -> None:
    """It wants nothing, wakes nobody, fails never, and remembers no allowance."""
    books, _ = ledger()

    async def run() -> None:
        assert await books.open() is None
        books.listen(pytest.fail)
        books.want(10**6)
        await books.close()

    asyncio.run(run())
    assert books.failure is None
    assert books.remaining == ALLOWANCE


@frozen
class Flight:
    """A call on its way: held, its true cost, when it was sent, and when it was booked."""

    amount: int
    cost: int
    sent_at: float
    booked: bool
    answer: tuple[int, int] | None = None
    """What the service says is left, and what strangers had spent until then."""


class LedgerMachine(RuleBasedStateMachine):
    """Our calls and strangers' beside a service that logs every credit exactly.

    Answers are made and received in any order, each with what the service has left.
    """

    def __init__(self) -> None:
        super().__init__()
        self.books, self.clock = ledger()
        self.ours = ExactLog()
        self.service = ExactLog()
        self.foreigners = ExactLog()
        self.strangers = 0
        self.known = 0
        self.flights: list[Flight] = []

    @property
    def now(self) -> float:
        return self.clock.monotonic()

    @rule(amount=st.integers(1, 20), cost=st.integers(0, 20), booked=st.booleans())
    def send(self, amount: int, cost: int, booked: bool) -> None:
        """A call leaves if it fits; the service books it at once or at its answer."""
        if self.books.free() < amount:
            return
        flight = Flight(amount, min(cost, amount), self.now, booked)
        self.books.reserve(amount)
        self.flights.append(flight)
        if booked:
            self.service.book(self.now, flight.cost)

    @precondition(lambda self: any(flight.answer is None for flight in self.flights))
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        """The service makes the answer of any call."""
        open_ones = [n for n, flight in enumerate(self.flights) if flight.answer is None]
        number = data.draw(st.sampled_from(open_ones))
        flight = self.flights[number]
        if not flight.booked:
            self.service.book(self.now, flight.cost)
        left = ALLOWANCE - self.service.used(self.now)
        self.flights[number] = evolve(flight, booked=True, answer=(left, self.strangers))

    @precondition(lambda self: any(flight.answer for flight in self.flights))
    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        """Any answer arrives."""
        answered = [flight for flight in self.flights if flight.answer]
        self.take(data.draw(st.sampled_from(answered)))

    def take(self, flight: Flight) -> None:
        assert flight.answer is not None
        left, strangers = flight.answer
        self.flights.remove(flight)
        self.books.settle(flight.amount, flight.cost)
        self.ours.book(self.now, flight.cost)
        before = self.books.free()
        # What the service counts no more, and we for up to a minute yet, hides as much.
        leaves_soon = self.books._minutes.leaves_at(1) <= self.now + 60
        self.books.observe(left, sent_at=flight.sent_at)
        assert self.books.free() <= max(before, left - self.books.reserved)
        self.known = 0 if leaves_soon else max(self.known, strangers)

    @rule(amount=st.integers(1, 10))
    def strange(self, amount: int) -> None:
        """Somebody else spends."""
        self.service.book(self.now, amount)
        self.foreigners.book(self.now, amount)
        self.strangers += amount

    @rule(seconds=st.sampled_from([0.0, 1.0, 29.5, 60.0, 61.0, 3600.0, 40_000.0, 86_400.0]))
    def wait(self, seconds: float) -> None:
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        """No answer that was made is on its way for long."""
        for flight in [flight for flight in self.flights if flight.answer]:
            self.take(flight)
        self.clock.advance(seconds)

    @rule(amount=st.integers(1, ALLOWANCE), floor=st.sampled_from([0, 10]))
    def ask_when(self, amount: int, floor: int) -> None:
        """At the moment that `when` names, and not before, the credits are free."""
        wait = self.books.when(amount, floor)
        if amount > ALLOWANCE - floor:
            assert wait is None
            return
        assert wait is not None
        assert (wait == 0) == (self.books.free(floor) >= amount)
        if wait == 0 or self.flights:
            return
        self.pass_time(wait - 0.5)
        assert self.books.free(floor) < amount
        self.clock.advance(0.5)
        assert self.books.free(floor) >= amount

    @invariant()
    def never_under_counts(self) -> None:
        """The window holds all that an exact one does, and at most a minute more."""
        own = self.books.used - self.books.foreign
        assert self.ours.used(self.now) <= own <= self.ours.used(self.now, WINDOW + 60)

    @invariant()
    def never_blames_strangers(self) -> None:
        """Never more is taken for others' than others have spent."""
        assert 0 <= self.books.foreign <= self.strangers

    @invariant()
    def knows_what_it_was_told(self) -> None:
        """All that strangers had spent when the newest answer was made is not free."""
        if self.foreigners.used(self.now) < self.strangers:
            return  # what others spent first counts from when it was told, and hides the rest
        left = ALLOWANCE - self.service.used(self.now) + self.strangers - self.known
        assert self.books.free() <= left - sum(f.cost for f in self.flights if not f.booked)

    @invariant()
    def holds_what_is_in_flight(self) -> None:
        """What is held is the sum over the calls in flight."""
        assert self.books.reserved == sum(flight.amount for flight in self.flights)


LedgerMachine.TestCase.settings = settings(
    max_examples=examples(75), stateful_step_count=30, deadline=None
)
TestLedgerAgainstExactLog = LedgerMachine.TestCase


@pytest.mark.parametrize("start", [0.0, 12.34, 59.999, 1_700_000_123.456])
def test_no_window_is_ever_overdrawn(start: float) -> None:
    """Greedy spending keeps every 24-hour window of an exact log within the allowance."""
    books, clock = ledger(100)
    clock.advance(start)
    log = ExactLog()
    for _ in range(3_000):
        amount = min(7, books.free())
        if amount > 0:
            spend(books, amount)
            log.book(clock.monotonic(), amount)
        clock.advance(97.3)
    totals = [0, *accumulate(log.amounts)]
    for index, moment in enumerate(log.times):
        first = bisect.bisect_right(log.times, moment - WINDOW)
        assert totals[index + 1] - totals[first] <= 100
