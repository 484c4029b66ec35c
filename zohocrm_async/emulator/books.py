"""What happened, for tests to look at."""

from collections import Counter, deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen

_CALLS_KEPT = 200_000


@frozen
class RecordedCall:
    """One call of the API and what became of it."""

    at: datetime
    method: str
    path: str
    """Below ``/crm/{version}``."""
    version: str
    operation: str | None
    """The operation's name, such as ``mail.send``; None where none was found."""
    status: int | None
    """The answer's status, also where the answer was lost on its way; None if none was made."""
    code: str
    """The answer's word, or the first item's."""
    credits: int


@frozen(kw_only=True)
class RecordedMail:
    """One mail that was sent or waits for its time."""

    message_id: str
    module: str
    record_id: str
    from_: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    subject: str
    content: str
    scheduled_time: datetime | None
    sent: bool
    at: datetime
    """When the call came."""
    body: Mapping[str, Any] = field(repr=False)
    """The mail as the call gave it."""


@frozen(kw_only=True)
class RecordedMerge:
    """One merge that was done or is scheduled."""

    module: str
    master_id: str
    children: tuple[str, ...]
    scheduled: bool
    job_id: str | None
    state: str
    """SCHEDULED, RUNNING, COMPLETED or FAILURE."""
    at: datetime


@frozen(kw_only=True)
class RecordedNotification:
    """One notification that a channel was to be told."""

    at: datetime
    channel_id: str
    url: str = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)
    """What was posted, the channel's token included."""
    status: int | None
    """What the receiver answered; None if nothing was posted."""
    problem: str = ""
    """Why nothing was posted, or no answer came."""


@frozen(kw_only=True)
class RecordedCallback:
    """One callback by which a bulk job that ended was to be told."""

    at: datetime
    job_id: str
    url: str = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)
    """What was posted: the details of the job."""
    status: int | None
    """What the receiver answered; None if nothing was posted."""
    problem: str = ""
    """Why nothing was posted, or no answer came."""


class Books:
    """Every call that came: the latest one by one, all of them as counts."""

    def __init__(self) -> None:
        self._calls: deque[RecordedCall] = deque(maxlen=_CALLS_KEPT)
        self._counts: Counter[tuple[str, int | None, str]] = Counter()

    def record(self, call: RecordedCall) -> None:
        """Write *call* down."""
        self._calls.append(call)
        name = call.operation or f"{call.method} {call.path}"
        self._counts[name, call.status, call.code] += 1

    @property
    def calls(self) -> tuple[RecordedCall, ...]:
        """The latest calls, at most 200,000."""
        return tuple(self._calls)

    def totals(self) -> list[Mapping[str, Any]]:
        """Return the number of calls by operation, status and word."""
        return [
            {"operation": name, "status": status, "code": code, "calls": calls}
            for (name, status, code), calls in sorted(self._counts.items(), key=str)
        ]

    def clear(self) -> None:
        """Begin new books."""
        self._calls.clear()
        self._counts.clear()
