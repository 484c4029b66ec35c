"""What hooks receive: one frozen value for each thing that happens to a call."""

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


Event = AttemptFinished | RetryPlanned
Hook = Callable[[Event], None]


def log(event: Event) -> None:
    """Write the event to the log of the package; the hook that every client has."""
    if isinstance(event, RetryPlanned):
        logger.info(
            "%s: attempt %d failed (%s), the next in %.1f s",
            event.operation,
            event.attempt,
            type(event.error).__name__,
            event.pause,
        )
    else:
        logger.debug(
            "%s: status %s, %d credits, %.3f s",
            event.operation,
            event.status,
            event.credits,
            event.seconds,
        )


def tell(hooks: Iterable[Hook], event: Event) -> None:
    """Hand *event* to every hook; a hook that fails is logged and harms no call."""
    for hook in hooks:
        try:
            hook(event)
        except Exception:
            logger.exception("the hook %r failed", hook)
