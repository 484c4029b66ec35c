"""Waiting for jobs that the service runs by itself."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar

from zohocrm_async._clock import Clock
from zohocrm_async.exceptions import InvalidRequest, JobFailed, JobTimedOut
from zohocrm_async.models.jobs import JobState

T = TypeVar("T")


def bulk_seconds(records: int | None) -> float:
    """Return when to look first at a bulk job of so many records, for looks cost.

    That is when it is assumed to have ended, or soon where their number is unknown.
    """
    return _BULK_FIRST if records is None else _TURN + records / _RECORDS_A_SECOND


class Job(Protocol):
    """What the service says of a job, in the shape that suits it."""

    @property
    def status(self) -> str | None:
        """The service's word."""
        ...

    @property
    def state(self) -> JobState:
        """Where the job stands."""
        ...


J = TypeVar("J", bound=Job)

FIRST, CEILING, GROWTH = 2.0, 60.0, 1.6
"""Seconds of the first pause and of the longest one, and how pauses grow."""
# No bulk job has ended sooner. One is assumed to wait its turn, and then to go through so
# many records a second; the service promises nothing.
_BULK_FIRST, _TURN, _RECORDS_A_SECOND = 5.0, 20.0, 2_000
_ENDS = frozenset({JobState.COMPLETED, JobState.FAILED})


async def poll(
    ask: Callable[[], Awaitable[T]],
    *,
    done: Callable[[T], bool],
    clock: Clock,
    first: float = FIRST,
    ceiling: float = CEILING,
    deadline: float | datetime | None = None,
    job_id: str = "",
    operation: str = "",
) -> T:
    """Ask again and again, with growing pauses, until an answer is *done*; return it.

    The first question comes after *first* seconds, the last one at the *deadline*: seconds
    from now, or an aware moment. None waits for ever. *job_id* and *operation* are told by
    the errors.

    Raises:
        JobTimedOut: no answer was *done* by the deadline; it carries the last one.
        InvalidRequest: the deadline is no moment in the time to come.
    """
    left = seconds_until(deadline, clock, operation)
    ends = None if left is None else clock.monotonic() + left
    pause = first
    while True:
        left = None if ends is None else max(0.0, ends - clock.monotonic())
        await clock.sleep(pause if left is None else min(pause, left))
        answer = await ask()
        if done(answer):
            return answer
        if ends is not None and clock.monotonic() >= ends:
            raise JobTimedOut(job_id=job_id, status=answer, operation=operation)
        pause = min(pause * GROWTH, ceiling)


def seconds_until(deadline: float | datetime | None, clock: Clock, operation: str) -> float | None:
    """Return the seconds from now to a deadline, which is one already or an aware moment.

    Raises:
        InvalidRequest: it is no moment in the time to come.
    """
    if deadline is None:
        return None
    if isinstance(deadline, datetime):
        if deadline.tzinfo is None:
            raise InvalidRequest(
                "the deadline has no time zone: give an aware datetime or seconds",
                operation=operation,
            )
        deadline = (deadline - clock.now()).total_seconds()
    # Written so that NaN fails it, too.
    if not 0 < deadline < float("inf"):
        raise InvalidRequest(
            f"the deadline is {deadline:g} seconds from now: give more than 0, or None",
            operation=operation,
        )
    return deadline


async def job_end(
    ask: Callable[[], Awaitable[J]],
    *,
    clock: Clock,
    job_id: str,
    operation: str,
    first: float = FIRST,
    deadline: float | datetime | None = None,
) -> J:
    """Return what the service says of a job once it is completed.

    Raises:
        JobFailed: it ended in failure; carries what was said last.
        JobTimedOut: it did not end by the *deadline*; carries what was said last.
    """
    status = await poll(
        ask,
        done=lambda status: status.state in _ENDS,
        clock=clock,
        first=first,
        deadline=deadline,
        job_id=job_id,
        operation=operation,
    )
    if status.state == JobState.FAILED:
        raise JobFailed(
            f"{operation}: job {job_id} ended as {status.status}; "
            "look at what it did (JobFailed.status) before another try",
            job_id=job_id,
            state=status.status or "",
            status=status,
            operation=operation,
        )
    return status
