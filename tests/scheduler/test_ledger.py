"""The rolling window against an exact log of everything spent."""

import bisect
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

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
    assert (books.used, books.free()) == (75, -15)


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
    books.observe(25)
    assert (books.used, books.foreign, books.free()) == (35, 15, 25)
    clock.advance(WINDOW + 60)
    assert (books.used, books.foreign, books.free()) == (0, 0, 60)


def test_the_answer_of_the_service_never_raises_what_is_free() -> None:
    """More left than we think may be an old answer, so it changes nothing."""
    books, _ = ledger()
    spend(books, 40)
    books.observe(55)
    assert (books.used, books.free()) == (40, 20)


def test_calls_in_flight_are_not_taken_for_strangers() -> None:
    """What the service booked for our own calls in flight is not booked twice.

    It is held back until they have settled, as it may be others' just as well.
    """
    books, _ = ledger()
    books.reserve(20)
    books.reserve(20)
    books.observe(20)
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


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 9)), max_size=60))
def test_the_window_is_bounded(steps: list[tuple[int, int]]) -> None:
    """However long it runs, no more than 1,441 minutes are kept."""
    books, clock = ledger()
    for minutes, amount in steps:
        clock.advance(minutes * 60)
        spend(books, amount)
        assert len(books._minutes) <= 1441
        assert all(minute.credits for minute in books._minutes)


def test_a_busy_day_keeps_1441_minutes() -> None:
    """A day of calls in every minute, and another, stay within the bound."""
    books, clock = ledger(10**9)
    for _ in range(3000):
        spend(books, 2)
        clock.advance(60)
    assert len(books._minutes) <= 1441
    assert books.used == 2 * 1440


class LedgerMachine(RuleBasedStateMachine):
    """Our calls and strangers' beside a service that logs every credit exactly."""

    def __init__(self) -> None:
        super().__init__()
        self.books, self.clock = ledger()
        self.ours = ExactLog()
        self.service = ExactLog()
        self.strangers = 0
        self.flights: list[tuple[int, int, bool]] = []
        self.answers: list[int] = []

    @property
    def now(self) -> float:
        return self.clock.monotonic()

    @rule(amount=st.integers(1, 20), cost=st.integers(0, 20), booked=st.booleans())
    def send(self, amount: int, cost: int, booked: bool) -> None:
        """A call leaves if it fits; the service books it at once or at its answer."""
        if self.books.free() < amount:
            return
        cost = min(cost, amount)
        self.books.reserve(amount)
        self.flights.append((amount, cost, booked))
        if booked and cost:
            self.service.book(self.now, cost)

    @precondition(lambda self: self.flights)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        """Any call's answer comes, and its header may be read now or later."""
        index = data.draw(st.integers(0, len(self.flights) - 1))
        amount, cost, booked = self.flights.pop(index)
        if not booked and cost:
            self.service.book(self.now, cost)
        self.answers.append(ALLOWANCE - self.service.used(self.now))
        self.books.settle(amount, cost)
        if cost:
            self.ours.book(self.now, cost)

    @rule(amount=st.integers(1, 10))
    def strange(self, amount: int) -> None:
        """Somebody else spends."""
        self.service.book(self.now, amount)
        self.strangers += amount

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def read_header(self, data: st.DataObject) -> None:
        """A header is taken in, in any order."""
        before = self.books.free()
        self.books.observe(self.answers.pop(data.draw(st.integers(0, len(self.answers) - 1))))
        assert self.books.free() <= before

    @rule()
    def read_fresh_header(self) -> None:
        """After a header that is not stale, we think no more is left than truly is."""
        left = ALLOWANCE - self.service.used(self.now)
        self.books.observe(left)
        assert self.books.free() <= left - self.books.reserved

    @rule(seconds=st.sampled_from([1.0, 29.5, 60.0, 61.0, 3600.0, 40_000.0, 86_400.0]))
    def wait(self, seconds: float) -> None:
        self.pass_time(seconds)

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.answers.clear()  # no answer is on its way for as long

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
    def holds_what_is_in_flight(self) -> None:
        """What is held is the sum over the calls in flight."""
        assert self.books.reserved == sum(amount for amount, _, _ in self.flights)


LedgerMachine.TestCase.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
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
