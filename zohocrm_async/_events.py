"""What hooks receive: one frozen value for each thing that happens to a call or its queue."""

import logging
from collections.abc import Callable, Iterable

from attrs import frozen

from zohocrm_async.exceptions import ZohoCRMError

logger = logging.getLogger("zohocrm_async")


@frozen
class AttemptFinished:
    """One attempt on the wire is over, or did not come to be."""

    operation: str
    method: str
    path: str
    attempt: int
    status: int | None
    credits: int
    """Credits booked for it: for a lost answer, all that it may have cost."""
    seconds: float
    """From the first byte of the request to the last of the answer."""
    waited: float
    """For a slot, credits and a token before that."""
    error: ZohoCRMError | None = None


@frozen
class RetryPlanned:
    """A call will be tried again."""

    operation: str
    attempt: int
    """The attempt that failed."""
    pause: float
    """Seconds until the next."""
    error: ZohoCRMError


@frozen
class RetryRefused:
    """A call might be tried again, but the client's retry budget is spent."""

    operation: str
    attempt: int
    """The attempt that failed."""
    error: ZohoCRMError


@frozen
class LimitChanged:
    """A pool of slots grants another number of calls at once than before."""

    pool: str
    """``slots`` for all calls, ``heavy slots`` for heavy ones."""
    in_force: int
    limit: int
    """The configured limit, above which it never goes."""
    reason: str


@frozen
class Parked:
    """Calls are held back for a while."""

    seconds: float
    reason: str


@frozen
class Resumed:
    """Calls go again after they were parked."""


@frozen
class PriceCorrected:
    """The service's count shows that calls of a kind cost something else than thought."""

    operation: str
    path: str
    """The path of the call that made it certain."""
    expected: int
    seen: int


@frozen
class ForeignUse:
    """The service's count shows credits that others have spent."""

    credits: int


SchedulerEvent = LimitChanged | Parked | Resumed | ForeignUse
Event = AttemptFinished | RetryPlanned | RetryRefused | PriceCorrected | SchedulerEvent
Hook = Callable[[Event], None]


def log(event: Event) -> None:
    """Write the event to the log of the package; the hook that every client has."""
    level, text, *facts = _line(event)
    logger.log(level, text, *facts)


_Line = tuple[int, str, *tuple[object, ...]]


def _line(event: Event) -> _Line:
    match event:
        case AttemptFinished():
            text = "%s: status %s, %d credits, %.3f s"
            facts = (event.operation, event.status, event.credits, event.seconds)
            return logging.DEBUG, text, *facts
        case RetryPlanned():
            kind = type(event.error).__name__
            text = "%s: attempt %d failed (%s), the next in %.1f s"
            return logging.INFO, text, event.operation, event.attempt, kind, event.pause
        case RetryRefused():
            kind = type(event.error).__name__
            text = "%s: attempt %d failed (%s), and the retry budget is spent"
            return logging.WARNING, text, event.operation, event.attempt, kind
        case PriceCorrected():
            text = "%s: %s costs %d credits and not %d, going by the service's count"
            return logging.WARNING, text, event.operation, event.path, event.seen, event.expected
        case _:
            return _queue_line(event)


def _queue_line(event: SchedulerEvent) -> _Line:
    match event:
        case LimitChanged():
            text = "%s: %d of %d in force (%s)"
            return logging.INFO, text, event.pool, event.in_force, event.limit, event.reason
        case Parked():
            return logging.WARNING, "calls are parked for %.0f s: %s", event.seconds, event.reason
        case Resumed():
            return logging.INFO, "calls go again"
        case ForeignUse():
            return logging.DEBUG, "others have spent %d credits", event.credits


def tell(hooks: Iterable[Hook], event: Event) -> None:
    """Hand *event* to every hook; a hook that fails is logged and harms no call."""
    for hook in hooks:
        try:
            hook(event)
        except Exception:
            logger.exception("the hook %r failed", hook)
