"""The pause after the service refused a call for want of credits."""

from zohocrm_async.scheduler.parking import Parking


def test_nothing_is_parked_before_a_refusal() -> None:
    """Calls go, and none of them is the one that finds out."""
    parking = Parking()
    assert (parking.is_open(0.0), parking.remaining(0.0), parking.enter()) == (True, 0.0, False)


def test_refusals_in_a_row_double_the_pause_up_to_ten_minutes() -> None:
    """60 s, 120, 240, 480, then 600 and no more."""
    parking, now, pauses = Parking(), 1000.0, []
    for _ in range(6):
        until = parking.refused(now)
        pauses.append(until - now)
        now = until
    assert pauses == [60, 120, 240, 480, 600, 600]


def test_calls_refused_together_count_once() -> None:
    """A refusal while calls are parked neither doubles nor prolongs the pause."""
    parking = Parking()
    assert parking.refused(0.0) == 60
    assert parking.refused(59.0) == 60
    assert parking.refused(60.0) == 180


def test_one_call_goes_ahead_and_the_rest_wait_for_its_answer() -> None:
    """After the pause one call finds out, and the next may go when that has ended."""
    parking = Parking()
    parking.refused(0.0)
    assert (parking.is_open(59.9), parking.remaining(59.0)) == (False, 1.0)
    assert parking.is_open(60.0)
    assert parking.enter()
    assert not parking.is_open(61.0)
    parking.leave(served=False)
    assert parking.is_open(61.0)
    assert parking.enter()


def test_a_served_call_ends_the_parking() -> None:
    """After a success all go again, and the next refusal begins at 60 s."""
    parking = Parking()
    parking.refused(0.0)
    parking.refused(60.0)
    parking.enter()
    parking.leave(served=True)
    assert (parking.is_open(180.0), parking.enter()) == (True, False)
    assert parking.refused(200.0) == 260
