"""Follows one call for those who listen: what it waited for, what it cost, how it ended."""

import itertools
from collections.abc import Callable
from types import MappingProxyType, TracebackType
from typing import Self
from urllib.parse import urlsplit

from zohocrm_async._clock import Clock
from zohocrm_async._endpoint import Call
from zohocrm_async._events import AttemptFinished, CallFinished, CallStarted, Event
from zohocrm_async._wire import Answer
from zohocrm_async.exceptions import ZohoCRMError
from zohocrm_async.scheduler import Permit, Scheduler

_numbers = itertools.count(1)
# What takes less is no wait, but the work of getting there.
_LEAST = 0.001


class CallWatch:
    """A context manager around one call, which is told of its stations."""

    def __init__(
        self,
        call: Call,
        *,
        server: str,
        template: str | None,
        scheduler: Scheduler,
        clock: Clock,
        tell: Callable[[Event], None],
    ) -> None:
        self.number = next(_numbers)
        self._call, self._server, self._template = call, server, template
        self._scheduler, self._clock, self._tell = scheduler, clock, tell
        self._began = self._asked = self._entered = clock.monotonic()
        self._attempts = self._credits = 0
        self._status: int | None = None
        self._waits: dict[str, float] = {}
        self._now: dict[str, float] = {}
        self._lacks = "turn"
        self._inside = False

    def __enter__(self) -> Self:
        operation = self._call.operation
        started = CallStarted(
            operation=operation.name,
            method=operation.method,
            server=self._server,
            template=self._template,
            call=self.number,
        )
        self._tell(started)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        operation = self._call.operation
        finished = CallFinished(
            operation=operation.name,
            method=operation.method,
            status=self._status,
            attempts=self._attempts,
            credits=self._credits,
            seconds=self._clock.monotonic() - self._began,
            waits=MappingProxyType(self._waits),
            error=error,
            call=self.number,
        )
        self._tell(finished)

    def priced(self) -> None:
        """Note that the price list is there."""
        _add(self._waits, "prices", self._clock.monotonic() - self._began)

    def paused(self, seconds: float) -> None:
        """Note that a pause between two attempts is over."""
        _add(self._waits, "retry", seconds)

    def asks(self, permit: Permit) -> None:
        """Note that an attempt begins, which *permit* shall let go."""
        self._now, self._inside = {}, False
        self._lacks = self._scheduler.lack(permit) or "turn"
        self._asked = self._clock.monotonic()

    def enters(self, permit: Permit) -> None:
        """Note that *permit* lets the attempt go."""
        self._inside, self._entered = True, self._clock.monotonic()
        self._part(permit, self._entered)

    def leaves(self) -> None:
        """Note that there is a token to leave with."""
        _add(self._now, "token", self._clock.monotonic() - self._entered)

    def ends(
        self, attempt: int, permit: Permit, answer: Answer | None, error: ZohoCRMError | None
    ) -> None:
        """Tell what became of the attempt."""
        now, seconds, operation = self._clock.monotonic(), 0.0, self._call.operation
        sent = self._inside and permit.sent
        if not self._inside:
            self._part(permit, now)
        if answer is not None:
            seconds = answer.seconds
        elif sent:
            seconds = now - permit.sent_at
        self._attempts += sent
        self._credits += permit.spent
        self._status = None if answer is None else answer.status
        for reason, waited in self._now.items():
            self._waits[reason] = self._waits.get(reason, 0.0) + waited
        finished = AttemptFinished(
            operation=operation.name,
            method=operation.method,
            path=self._call.path,
            attempt=attempt,
            status=self._status,
            credits=permit.spent,
            seconds=seconds,
            waited=max(0.0, now - self._asked - seconds),
            error=error,
            waits=MappingProxyType(self._now),
            call=self.number,
        )
        self._tell(finished)

    def _part(self, permit: Permit, now: float) -> None:
        """Divide the wait for *permit* by reason, as far as its own notes tell them apart."""
        asked = self._asked
        waited = permit.lined_up and permit.since >= asked
        if permit.rates or (permit.budget is not None and permit.budget.paced):
            _add(self._now, "pace", (permit.since if waited else now) - asked)
        if not waited:
            return
        since, lacking = permit.since, permit.lacking_since
        if lacking is None:
            _add(self._now, self._lacks, now - since)
            return
        # Whatever kept it at first, from then on it was known to lack what comes back late.
        _add(self._now, self._lacks, lacking - since)
        late = "windows" if self._lacks == "windows" or not permit.reserve else "credits"
        _add(self._now, late, now - lacking)


def _add(waits: dict[str, float], reason: str, seconds: float) -> None:
    if seconds >= _LEAST:
        waits[reason] = waits.get(reason, 0.0) + seconds


def server_of(call: Call, *, api: str, content: str) -> str:
    """Return the URL of the host that *call* goes to."""
    if call.operation.host == "content":
        return content
    if call.operation.host == "link" and not call.path.startswith("/"):
        parts = urlsplit(call.path)
        return f"{parts.scheme}://{parts.netloc}"
    return api


def template_of(call: Call, version: str) -> str | None:
    """Return the whole path of *call* with places instead of values, if it is declared."""
    path = call.operation.path
    if not path.startswith("/") or call.operation.host == "link":
        return None
    if path.startswith("/crm/"):
        return path.replace("{version}", version)
    return f"/crm/{version}{path}"
