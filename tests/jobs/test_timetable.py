"""When the calls of a job can be made."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st

from zohocrm_async.jobs.timetable import Supply, timetable

NOW = datetime(2026, 5, 1, 15, 0, tzinfo=UTC)
DAY = timedelta(hours=24)


def supply(**settings: object) -> Supply:
    usual = {"price": 20, "slots": 10, "seconds_per_call": 1.0, "allowance": 1_000, "free": 1_000}
    return Supply(**{**usual, **settings})  # type: ignore[arg-type]  # as the test says


def test_what_the_window_holds_goes_at_once() -> None:
    """As fast as the slots let it."""
    (part,) = timetable(50, supply(), NOW)
    assert (part.starts_at, part.calls, part.waits_for) == (NOW, 50, None)
    assert part.ends_at == NOW + timedelta(seconds=5)


def test_what_it_does_not_hold_waits_for_the_next_window() -> None:
    """Part by part, a window apart."""
    parts = timetable(120, supply(), NOW)
    assert [part.calls for part in parts] == [50, 50, 20]
    assert [part.starts_at for part in parts] == [NOW, NOW + DAY, NOW + 2 * DAY]
    assert [part.waits_for for part in parts] == [None, "credits", "credits"]


def test_credits_that_others_have_spent_are_back_after_a_day() -> None:
    """Nobody tells when, so the latest time counts."""
    parts = timetable(60, supply(free=200), NOW)
    assert [(part.starts_at, part.calls) for part in parts] == [(NOW, 10), (NOW + DAY, 50)]
    (late,) = timetable(10, supply(free=0), NOW)
    assert (late.starts_at, late.waits_for) == (NOW + DAY, "credits")


def test_mails_of_a_day_end_at_the_organisation_s_midnight() -> None:
    """Not after 24 hours."""
    plenty = supply(allowance=10**6, free=10**6, mails_a_day=30, zone=ZoneInfo("Europe/Berlin"))
    parts = timetable(70, plenty, NOW)
    midnight = datetime(2026, 5, 1, 22, 0, tzinfo=UTC)
    assert [part.calls for part in parts] == [30, 30, 10]
    assert [part.starts_at for part in parts] == [NOW, midnight, midnight + DAY]
    assert parts[1].waits_for == "mails"


def test_slow_calls_over_days_are_one_part() -> None:
    """Where neither credits nor mails bind, nothing is waited for."""
    (part,) = timetable(10**6, supply(price=1, allowance=10**6, free=10**6), NOW)
    assert part.ends_at - NOW == timedelta(seconds=10**5)


def test_what_can_never_be_has_no_parts() -> None:
    """Neither a call dearer than the allowance, nor mails where none are granted."""
    assert timetable(1, supply(price=2_000), NOW) == ()
    assert timetable(1, supply(mails_a_day=0), NOW) == ()
    assert timetable(0, supply(), NOW) == ()


supplies = st.builds(
    Supply,
    price=st.integers(1, 60),
    slots=st.sampled_from([1, 5, 20]),
    seconds_per_call=st.sampled_from([0.5, 10.0, 1_000.0]),
    allowance=st.integers(60, 2_000),
    free=st.integers(0, 60),
    mails_a_day=st.none() | st.integers(1, 200),
    zone=st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"]).map(ZoneInfo),
)


@given(st.integers(0, 2_000), supplies)
def test_no_window_and_no_day_is_overdrawn(calls: int, given: Supply) -> None:
    """All calls are in it, in order, and no 24 hours hold more than the allowance."""
    made = timetable(calls, given, NOW)
    assert sum(part.calls for part in made) == calls
    assert all(one.ends_at <= two.starts_at for one, two in pairwise(made))
    times = [
        part.starts_at + timedelta(seconds=n // given.slots * given.seconds_per_call)
        for part in made
        for n in range(part.calls)
    ]
    held = 0  # the calls of the 24 hours that end with this one
    for last, at in enumerate(times):
        while times[held] <= at - DAY + timedelta(milliseconds=1):
            held += 1
        spent = (last - held + 1) * given.price
        assert spent <= (given.free if at < NOW + DAY else given.allowance)
    if given.mails_a_day is not None:
        days = Counter(at.astimezone(given.zone).date() for at in times)
        assert max(days.values(), default=0) <= given.mails_a_day
