"""The pause after the service refused a call for want of credits."""

from zohocrm_async._clock import ManualClock
from zohocrm_async.scheduler.parking import Parking


def parking() -> tuple[Parking, ManualClock]:
    clock = ManualClock()
    clock.advance(1000)
    return Parking(clock), clock


def test_nothing_is_parked_before_a_refusal() -> None:
    """Calls go, and none of them is the one that finds out."""
    lot, _ = parking()
    assert (lot.is_open, lot.remaining, lot.enter()) == (True, 0.0, False)


def test_refusals_in_a_row_double_the_pause_up_to_ten_minutes() -> None:
    """60 s, 120, 240, 480, then 600 and no more."""
    lot, clock = parking()
    pauses = []
    for _ in range(6):
        lot.refused()
        pauses.append(lot.remaining)
        clock.advance(lot.remaining)
    assert pauses == [60, 120, 240, 480, 600, 600]


def test_calls_refused_together_count_once() -> None:
    """A refusal while calls are parked neither doubles nor prolongs the pause."""
    lot, clock = parking()
    lot.refused()
    clock.advance(59)
    lot.refused()
    assert lot.remaining == 1
    clock.advance(1)
    lot.refused()
    assert lot.remaining == 120


def test_one_call_goes_ahead_and_the_rest_wait_for_its_answer() -> None:
    """After the pause one call finds out, and the next may go when that has ended."""
    lot, clock = parking()
    lot.refused()
    clock.advance(59.9)
    assert not lot.is_open
    clock.advance(0.2)
    assert lot.is_open
    assert lot.enter()
    assert not lot.is_open
    lot.leave(served=False)
    assert lot.is_open
    assert lot.enter()


def test_a_served_call_ends_the_parking() -> None:
    """After a success all go again, and the next refusal begins at 60 s."""
    lot, clock = parking()
    for _ in range(2):
        lot.refused()
        clock.advance(lot.remaining)
    lot.enter()
    lot.leave(served=True)
    assert (lot.is_open, lot.enter()) == (True, False)
    lot.refused()
    assert lot.remaining == 60
