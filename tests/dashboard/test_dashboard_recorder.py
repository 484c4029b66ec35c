"""zohocrm_async.dashboard._recorder: what is remembered of calls."""

import pytest

from zohocrm_async import AttemptFinished, Parked
from zohocrm_async._clock import ManualClock
from zohocrm_async.dashboard import Recorder
from zohocrm_async.exceptions import ConcurrencyExceeded, TimedOut, ZohoCRMError


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def recorder(clock: ManualClock) -> Recorder:
    return Recorder(clock=clock, attempts=3)


def finished(
    seconds: float = 0.1, *, status: int | None = 200, error: ZohoCRMError | None = None
) -> AttemptFinished:
    return AttemptFinished(
        operation="records.get",
        method="GET",
        path="/Leads/4876876000000511001",
        attempt=1,
        status=status,
        credits=2,
        seconds=seconds,
        waited=0.5,
        error=error,
    )


def test_it_begins_with_nothing(recorder: Recorder, clock: ManualClock) -> None:
    recording = recorder.recording()
    assert (recording.since, recording.last, recording.errors) == (clock.now(), (), {})
    assert (recording.latency.p50, recording.latency.p95, recording.too_many) == (None, None, 0)


def test_the_latest_attempts_the_newest_first(recorder: Recorder, clock: ManualClock) -> None:
    """So many of them, with what they cost and how long they took and waited."""
    for seconds in range(5):
        clock.advance(1)
        recorder(finished(seconds))
    last = recorder.recording().last
    assert [attempt.seconds for attempt in last] == [4, 3, 2]
    assert (last[0].at, last[0].operation, last[0].status) == (clock.now(), "records.get", 200)
    assert (last[0].credits, last[0].waited, last[0].error) == (2, 0.5, None)


def test_how_long_the_answers_of_a_minute_took(recorder: Recorder, clock: ManualClock) -> None:
    """What got no answer took no time; what is older than a minute counts no more."""
    recorder(finished(99))
    clock.advance(60.5)
    for hundredths in range(1, 101):
        recorder(finished(hundredths / 100))
    recorder(finished(0, status=None, error=TimedOut("no answer")))
    latency = recorder.recording().latency
    assert (latency.calls, latency.p50, latency.p95) == (100, 0.5, 0.95)
    clock.advance(61)
    assert recorder.recording().latency.calls == 0


def test_errors_by_their_kinds(recorder: Recorder, clock: ManualClock) -> None:
    """The latest kind first, each with how often and when last; 429 also of the last minute."""
    refused = ConcurrencyExceeded("too many", status=429, code="TOO_MANY_REQUESTS")
    recorder(finished(status=429, error=refused))
    recorder(finished(status=None, error=TimedOut("no answer")))
    clock.advance(30)
    recorder(finished(status=429, error=refused))
    recording = recorder.recording()
    assert list(recording.errors) == ["ConcurrencyExceeded", "TimedOut"]
    assert recording.errors["ConcurrencyExceeded"].count == 2
    assert recording.errors["ConcurrencyExceeded"].last_at == clock.now()
    assert recording.too_many == 2
    clock.advance(40)
    assert recorder.recording().too_many == 1
    assert recorder.recording().errors["ConcurrencyExceeded"].count == 2


def test_neither_path_nor_message_is_kept(recorder: Recorder) -> None:
    """Both may name people."""
    recorder(finished(status=400, error=ZohoCRMError("no e-mail to p.boyle@example.com")))
    told = repr(recorder.recording())
    assert "ZohoCRMError" in told
    assert "boyle" not in told
    assert "4876876000000511001" not in told


def test_other_events_are_of_no_interest(recorder: Recorder) -> None:
    recorder(Parked(seconds=5.0, reason="refused"))
    assert recorder.recording().last == ()


def test_its_size_does_not_grow_with_time(recorder: Recorder) -> None:
    for _ in range(20_000):
        recorder(finished())
    assert len(recorder._answers) == 6_000
    assert len(recorder._last) == 3
