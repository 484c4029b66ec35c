"""What hooks receive: one frozen value for each thing that happens to a call or its queue."""

import logging
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import attrs
from attrs import field, frozen

from zohocrm_async.exceptions import ZohoCRMError

if TYPE_CHECKING:
    from zohocrm_async._client import ZohoCRM

# What an application does not ask to see, it does not see.
logging.getLogger("zohocrm_async").addHandler(logging.NullHandler())
logger = logging.getLogger("zohocrm_async.client")
_scheduler_logger = logging.getLogger("zohocrm_async.scheduler")

_NOTHING: Mapping[str, float] = MappingProxyType({})


@frozen
class ClientOpened:
    """A client was opened by ``async with``; it can be asked for its account from now on."""

    client: "ZohoCRM" = field(repr=False)


@frozen
class ClientClosed:
    """A client was closed."""

    client: "ZohoCRM" = field(repr=False)


@frozen(kw_only=True)
class CallStarted:
    """A call begins.

    This and all that follows of the call is told in the task that makes it, so that a hook
    may set context variables here and reset them at `CallFinished`.
    """

    operation: str
    method: str
    server: str
    """The URL of the host that it goes to."""
    template: str | None
    """Its path with places instead of values; None: no declaration has it."""
    call: int
    """Its number, which no other call of the process has."""


@frozen(kw_only=True)
class CallFinished:
    """A call is over: it has its result, or raises *error*."""

    operation: str
    method: str
    status: int | None
    """Of the last answer; None: there was none."""
    attempts: int
    """How often it was sent."""
    credits: int
    """Credits booked for all its attempts."""
    seconds: float
    """From its beginning to its end."""
    waits: Mapping[str, float] = field(hash=False)
    """Seconds that it waited, by reason: those of `AttemptFinished.waits`, ``prices`` for the
    price list, ``retry`` for the pauses between attempts."""
    error: BaseException | None
    call: int


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
    """From the first byte of the request to the last of the answer, or until it was lost."""
    waited: float
    """For a slot, credits and a token before that."""
    error: ZohoCRMError | None = None
    waits: Mapping[str, float] = field(default=_NOTHING, hash=False)
    """The seconds of *waited* that were more than work, by reason: ``slots``, ``credits``,
    ``windows``, ``budget``, ``pace``, ``turn`` (those before it in the queue), ``token``."""
    call: int = 0
    """Which `CallStarted` it belongs to."""


@frozen
class RetryPlanned:
    """A call will be tried again."""

    operation: str
    attempt: int
    """The attempt that failed."""
    pause: float
    """Seconds until the next."""
    error: ZohoCRMError
    call: int = 0
    """Which `CallStarted` it belongs to; 0: nobody follows calls."""


@frozen
class RetryRefused:
    """A call might be tried again, but the client's retry budget is spent."""

    operation: str
    attempt: int
    """The attempt that failed."""
    error: ZohoCRMError
    call: int = 0
    """Which `CallStarted` it belongs to; 0: nobody follows calls."""


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
CallEvent = (
    CallStarted | AttemptFinished | RetryPlanned | RetryRefused | PriceCorrected | CallFinished
)
Event = ClientOpened | ClientClosed | CallEvent | SchedulerEvent
Hook = Callable[[Event], None]

_Line = tuple[int, str, *tuple[object, ...]]


def log(event: Event) -> None:
    """Write the event to the log of the package; the hook that every client has."""
    match event:
        case CallStarted() | ClientOpened() | ClientClosed():
            return
        case AttemptFinished() | CallFinished() if not logger.isEnabledFor(logging.DEBUG):
            return  # the usual end of each call
        case LimitChanged() | Parked() | Resumed() | ForeignUse():
            its, (level, text, *facts) = _scheduler_logger, _queue_line(event)
        case _:
            its, (level, text, *facts) = logger, _call_line(event)
    if its.isEnabledFor(level):
        its.log(level, text, *facts, extra=_fields(event))


def _fields(event: Event) -> dict[str, Any]:
    """Return what a structured record has beside its line; paths may name people."""
    found: dict[str, Any] = {"zohocrm.event": type(event).__name__}
    for name, value in attrs.asdict(event, recurse=False).items():
        if name == "waits":
            found |= {f"zohocrm.waited.{reason}": seconds for reason, seconds in value.items()}
        elif name == "error":
            found["zohocrm.error"] = None if value is None else type(value).__name__
        elif name != "path" and (name != "call" or value):
            found["zohocrm.waited.total" if name == "waited" else f"zohocrm.{name}"] = value
    return found


def _call_line(
    event: AttemptFinished | RetryPlanned | RetryRefused | PriceCorrected | CallFinished,
) -> _Line:
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
        case CallFinished():
            end = "done" if event.error is None else type(event.error).__name__
            text = "%s: %s after %d attempts, %d credits, %.3f s"
            counts = (event.attempts, event.credits, event.seconds)
            return logging.DEBUG, text, event.operation, end, *counts


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
