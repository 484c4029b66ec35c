"""The ring of minutes beside a plain dictionary of them."""

import sys

from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from soaking import examples

from zohocrm_async.scheduler.minutes import MINUTE, RING, Minutes

DAYS = st.sampled_from([0, 1, 1, 2, 59, 60, 61, 700, 1439, 1440, 1441, 1442, 5000])


class MinutesMachine(RuleBasedStateMachine):
    """Every credit is kept with its minute, and no minute is ever forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.number = 28_000_000
        self.ring = Minutes(self.number * MINUTE)
        self.seen: dict[int, int] = {}
        self.guessed: dict[int, int] = {}

    def alive(self, credits: dict[int, int]) -> dict[int, int]:
        return {n: c for n, c in sorted(credits.items()) if n > self.number - RING}

    @rule(minutes=DAYS, seconds=st.integers(0, 59))
    def time_passes(self, minutes: int, seconds: int) -> None:
        self.number += minutes
        self.ring.turn(self.number * MINUTE + seconds)

    @rule(credits=st.integers(1, 30), inferred=st.booleans())
    def book(self, credits: int, inferred: bool) -> None:
        self.ring.book(credits, inferred=inferred)
        of_kind = self.guessed if inferred else self.seen
        of_kind[self.number] = of_kind.get(self.number, 0) + credits

    @rule(most=st.integers(-5, 60), before=st.integers(-1500, 5))
    def take_back(self, most: int, before: int) -> None:
        """The oldest inferred credits go, and never one that was seen."""
        self.ring.take_back(most, before=self.number + before)
        for number, credit in self.alive(self.guessed).items():
            if number < self.number + before and most > 0:
                struck = min(most, credit)
                self.guessed[number] -= struck
                most -= struck

    @rule()
    def write_and_read(self) -> None:
        """What was loaded is as what was kept, whatever else the rows hold."""
        rows = [
            (n, self.seen.get(n, 0) + self.guessed.get(n, 0), self.guessed.get(n, 0))
            for n in {*self.seen, *self.guessed, self.number - RING}
        ]
        self.ring.load(rows)

    @rule(back=st.integers(0, 2000))
    def ask_since(self, back: int) -> None:
        first = self.number - back
        booked = [*self.alive(self.seen).items(), *self.alive(self.guessed).items()]
        assert self.ring.since(first) == sum(c for n, c in booked if n >= first)

    @rule(share=st.floats(0.0, 1.2))
    def ask_when_it_leaves(self, share: float) -> None:
        """The minute named is the first whose end suffices, found in full or by hours."""
        wanted = max(1, int(self.ring.used * share))
        left = 0
        for number in range(self.number - RING + 1, self.number + 1):
            left += self.seen.get(number, 0) + self.guessed.get(number, 0)
            if left >= wanted:
                break
        assert self.ring.leaves_at(wanted) == (number + RING) * MINUTE

    @invariant()
    def sums_are_those_of_the_day(self) -> None:
        seen, guessed = sum(self.alive(self.seen).values()), sum(self.alive(self.guessed).values())
        assert (self.ring.used, self.ring.inferred) == (seen + guessed, guessed)


MinutesMachine.TestCase.settings = settings(
    max_examples=examples(60), stateful_step_count=40, deadline=None
)
TestMinutesBesideADictionary = MinutesMachine.TestCase


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 10**12)), max_size=30))
def test_the_ring_is_of_one_size(steps: list[tuple[int, int]]) -> None:
    """Neither time nor credits make it grow; it takes less than 40 kB."""
    ring, number = Minutes(0.0), 0
    for minutes, amount in steps:
        number += minutes
        ring.turn(number * MINUTE)
        ring.book(amount)
        kept = (ring._credits, ring._inferred, ring._hours)
        assert sum(map(sys.getsizeof, kept)) < 40_000


def test_time_never_goes_back() -> None:
    """An earlier time changes nothing."""
    ring = Minutes(600.0)
    ring.book(5)
    ring.turn(0.0)
    assert (ring.used, ring.number, ring.ends) == (5, 10, 660.0)


def test_the_oldest_minute_of_the_window_is_in_it() -> None:
    """In its sums, and where all is replaced."""
    minutes = Minutes(0.0)
    minutes.book(5, inferred=True)
    minutes.turn((RING - 1) * MINUTE)
    assert minutes.since(0) == 5
    minutes.take_back(2, before=1)
    assert minutes.since(0) == 3
    minutes.load([], since=0)
    assert minutes.used == 0


def test_a_part_may_be_replaced() -> None:
    """From one minute on; what is older stays as it was."""
    minutes = Minutes(0.0)
    for number, amount in ((0, 5), (1, 7), (2, 9)):
        minutes.turn(number * 60.0)
        minutes.book(amount)
    minutes.load([(1, 70, 30)], since=1)
    assert (minutes.used, minutes.inferred) == (75, 30)
    assert list(minutes.rows()) == [(1, 70, 30), (0, 5, 0)]
