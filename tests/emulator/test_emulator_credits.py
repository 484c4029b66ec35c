"""The window as the service sees it is exact."""

import pytest
from hypothesis import given, settings, strategies as st

from zohocrm_async._clock import ManualClock
from zohocrm_async.emulator.credits import CreditWindow, Slots
from zohocrm_async.emulator.errors import Refusal

DAY = 24 * 3600.0


PAUSES = st.sampled_from([0.0, 1.0, 3600.0, DAY / 2, DAY])
CALLS = st.tuples(st.integers(1, 60), st.integers(0, 60), PAUSES)


@settings(max_examples=150, deadline=None)
@given(st.lists(CALLS, max_size=30))
def test_what_is_used_is_what_the_last_day_cost(
    calls: list[tuple[int, int, float]],
) -> None:
    """A charge counts for exactly a day from its arrival, corrected or not."""
    clock, spent = ManualClock(), list[tuple[float, int]]()
    window = CreditWindow(100, clock)
    for price, cost, pause in calls:
        now = clock.monotonic()
        expected = sum(credits_ for at, credits_ in spent if now - at < DAY)
        assert window.used == expected
        if price > 100 - expected:
            with pytest.raises(Refusal, match="24 hours"):
                window.charge(price)
        else:
            charge = window.charge(price)
            if cost < price:
                window.correct(charge, cost)
            spent.append((now, min(price, cost)))
        clock.advance(pause)


def test_a_correction_that_comes_a_day_late_changes_nothing() -> None:
    """The charge is no longer in the window."""
    clock = ManualClock()
    window = CreditWindow(100, clock)
    late = window.charge(20)
    clock.advance(DAY)
    window.charge(5)
    window.correct(late, 0)
    assert window.used == 5


def test_what_others_spend_leaves_no_less_than_nothing() -> None:
    """As much as there is."""
    window = CreditWindow(100, ManualClock())
    window.spend(70)
    window.spend(70)
    assert window.remaining == 0


def test_slots_are_given_back_whatever_happens() -> None:
    """And the peaks are remembered."""
    slots = Slots(2, 1)
    with pytest.raises(ValueError, match="x"), slots.taken(1), slots.heavy_taken(1):
        raise ValueError("x")
    with slots.taken(1), slots.heavy_taken(0), slots.taken(1):
        with pytest.raises(Refusal, match="concurrency"), slots.taken(1):
            pass
        assert slots.in_flight == 2
    assert (slots.in_flight, slots.heavy, slots.peak_in_flight, slots.peak_heavy) == (0, 0, 2, 1)
