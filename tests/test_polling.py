"""Jobs are asked for with growing pauses, until they end or a deadline is reached."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from zohocrm_async._clock import ManualClock
from zohocrm_async._polling import bulk_seconds, poll
from zohocrm_async.exceptions import InvalidRequest, JobTimedOut


class Job:
    """A job that says what it is told to, and notes when it is asked."""

    def __init__(self, clock: ManualClock, answers: Iterable[str]) -> None:
        self.clock = clock
        self.answers = iter(answers)
        self.asked: list[float] = []

    async def __call__(self) -> str:
        self.asked.append(round(self.clock.monotonic(), 2))
        return next(self.answers)


async def follow(job: Job, **settings: Any) -> str:
    """Poll until *job* is over, letting no real time pass."""
    clock = job.clock
    task = asyncio.create_task(
        poll(job, done=lambda answer: answer == "over", clock=clock, **settings)
    )
    while not task.done():
        await asyncio.sleep(0)
        pause = clock.next_timer()
        if pause is not None:
            clock.advance(pause)
    return await task


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


async def test_the_answer_that_is_done_is_returned(clock: ManualClock) -> None:
    """Nobody asks again after it."""
    job = Job(clock, ["running", "over", "never asked for"])
    assert await follow(job) == "over"
    assert len(job.asked) == 2


async def test_pauses_grow_up_to_the_ceiling(clock: ManualClock) -> None:
    """So that a short job is seen soon and a long one costs few credits."""
    job = Job(clock, [*["running"] * 5, "over"])
    await follow(job, first=1.0, ceiling=2.0)
    assert job.asked == [1.0, 2.6, 4.6, 6.6, 8.6, 10.6]


@pytest.mark.parametrize("moment", [False, True])
async def test_the_last_look_is_at_the_deadline(clock: ManualClock, *, moment: bool) -> None:
    """The error carries what was said then, and the job to ask for later."""
    job = Job(clock, ["running", "half way", "nearly"])
    clock.advance(100)
    deadline = clock.now() + timedelta(seconds=3) if moment else 3.0
    with pytest.raises(JobTimedOut, match=r"mass_updates\.run: job 7") as caught:
        await follow(
            job, first=2.0, ceiling=2.0, deadline=deadline, job_id="7", operation="mass_updates.run"
        )
    assert job.asked == [102.0, 103.0]
    assert (caught.value.job_id, caught.value.status) == ("7", "half way")


async def test_a_job_that_ends_at_the_deadline_is_done(clock: ManualClock) -> None:
    """A deadline before the first pause is over shortens it."""
    job = Job(clock, ["over"])
    assert await follow(job, first=60.0, deadline=0.5) == "over"
    assert job.asked == [0.5]


async def test_an_error_of_a_question_is_the_callers(clock: ManualClock) -> None:
    """It ends the wait as it is."""

    async def fail() -> str:
        raise LookupError("gone")

    task = asyncio.create_task(poll(fail, done=bool, clock=clock))
    await asyncio.sleep(0)
    clock.advance(2)
    with pytest.raises(LookupError, match="gone"):
        await task


async def test_a_cancelled_wait_leaves_no_timer(clock: ManualClock) -> None:
    """And asks no more."""
    job = Job(clock, ["running"])
    task = asyncio.create_task(poll(job, done=bool, clock=clock))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert clock.next_timer() is None
    assert job.asked == []


@pytest.mark.parametrize(
    "deadline",
    [0, -1.0, float("nan"), float("inf"), datetime(2026, 1, 1), datetime(2025, 1, 1, tzinfo=UTC)],  # noqa: DTZ001
)
async def test_a_deadline_lies_ahead(clock: ManualClock, deadline: Any) -> None:
    """Otherwise nothing is asked."""
    job = Job(clock, ["over"])
    with pytest.raises(InvalidRequest, match="deadline"):
        await poll(job, done=bool, clock=clock, deadline=deadline)
    assert job.asked == []


def test_larger_bulk_jobs_take_longer() -> None:
    """From a time that every job takes; of an unknown size one is looked at soon."""
    assert 0 < bulk_seconds(None) < bulk_seconds(0) < bulk_seconds(200_000)
