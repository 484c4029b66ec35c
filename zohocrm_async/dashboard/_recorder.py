"""A hook that remembers the latest calls, so that somebody may look at them later."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from math import ceil
from types import MappingProxyType

from attrs import evolve, frozen

from zohocrm_async._clock import Clock
from zohocrm_async._events import AttemptFinished, Event

_MINUTE = 60.0
_TOO_MANY = 429
# A minute at more calls a second than any edition's slots allow.
_TIMES = 6_000


@frozen(kw_only=True)
class FinishedAttempt:
    """One attempt that is over. It holds neither path nor message: both may name people."""

    at: datetime
    """When it was over (aware)."""
    operation: str
    attempt: int
    status: int | None
    """None: nothing was sent, or no answer came."""
    credits: int
    seconds: float
    waited: float
    error: str | None
    """The kind of its error."""


@frozen(kw_only=True)
class ErrorCount:
    """How often attempts ended with a kind of error."""

    count: int
    last_at: datetime
    """When one last did (aware)."""


@frozen(kw_only=True)
class Latency:
    """How long the answers of the last minute took, in seconds."""

    calls: int
    """How many answers there were."""
    p50: float | None
    """Half of them took no longer; None without any."""
    p95: float | None


@frozen(kw_only=True)
class Recording:
    """What a `Recorder` remembers."""

    since: datetime
    """When it began (aware)."""
    latency: Latency
    too_many: int
    """Answers of the last minute with status 429."""
    errors: Mapping[str, ErrorCount]
    """By the names of their classes, the latest first."""
    last: tuple[FinishedAttempt, ...]
    """The latest attempts, the newest first."""


class Recorder:
    """A hook for one client: ``ZohoCRM(..., hooks=[Recorder()])``.

    It remembers the latest attempts, the times that the answers of a minute took, and how
    often each kind of error occurred; its size does not grow with time.

    Args:
        attempts: how many of the latest attempts it remembers.
        clock: the time, for tests.
    """

    def __init__(self, *, attempts: int = 50, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._since = self._clock.now()
        self._last: deque[FinishedAttempt] = deque(maxlen=attempts)
        self._answers: deque[tuple[float, float, int]] = deque(maxlen=_TIMES)
        self._errors: dict[str, ErrorCount] = {}

    def __call__(self, event: Event) -> None:
        """Take note of *event*, if it is the end of an attempt."""
        if not isinstance(event, AttemptFinished):
            return
        now = self._clock.now()
        error = None if event.error is None else type(event.error).__name__
        finished = FinishedAttempt(
            at=now,
            operation=event.operation,
            attempt=event.attempt,
            status=event.status,
            credits=event.credits,
            seconds=event.seconds,
            waited=event.waited,
            error=error,
        )
        self._last.appendleft(finished)
        if event.status is not None:
            self._answers.append((self._clock.monotonic(), event.seconds, event.status))
        if error is not None:
            # Popped, so that the latest kind stands last.
            known = self._errors.pop(error, ErrorCount(count=0, last_at=now))
            self._errors[error] = evolve(known, count=known.count + 1, last_at=now)

    def recording(self) -> Recording:
        """Return what is remembered now."""
        begin = self._clock.monotonic() - _MINUTE
        while self._answers and self._answers[0][0] < begin:
            self._answers.popleft()
        times = sorted(seconds for _, seconds, _ in self._answers)
        return Recording(
            since=self._since,
            latency=Latency(calls=len(times), p50=_at(times, 0.5), p95=_at(times, 0.95)),
            too_many=sum(status == _TOO_MANY for _, _, status in self._answers),
            errors=MappingProxyType(dict(reversed(self._errors.items()))),
            last=tuple(self._last),
        )


def _at(times: list[float], part: float) -> float | None:
    """Return the least of the sorted *times* that *part* of them do not exceed."""
    return times[ceil(part * len(times)) - 1] if times else None
