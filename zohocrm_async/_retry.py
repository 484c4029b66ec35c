"""Which failures are tried again, and when; which of them leave the outcome unknown."""

from collections.abc import Callable
from datetime import timedelta

from zohocrm_async import exceptions as errors
from zohocrm_async._clock import Clock
from zohocrm_async._endpoint import Call
from zohocrm_async.options import Retry

_REFUSED = 400
_FAILED = 500
_COST = 5
# Doublings after which any ceiling is reached, long before a float ends.
_ENOUGH = 64


def not_acted(error: errors.ZohoCRMError) -> bool:
    """Whether it is certain that the service did nothing."""
    if isinstance(error, errors.TransportError):
        refused = error.status is not None and _REFUSED <= error.status < _FAILED
        return refused or not error.sent
    return not isinstance(error, errors.ServerError)


def passing(error: errors.ZohoCRMError) -> bool:
    """Whether the failure may be over the next time."""
    if isinstance(error, errors.TransportError):
        return error.status is None or error.status >= _FAILED or error.status < _REFUSED
    return isinstance(error, errors.ConcurrencyExceeded | errors.ServerError)


def pause(
    retry: Retry,
    error: errors.ZohoCRMError,
    *,
    attempt: int,
    repeatable: bool,
    random: Callable[[], float],
) -> float | None:
    """Return the seconds before the next attempt, or None if there is none.

    Full jitter: anything from nothing to the backoff, which doubles up to the ceiling;
    never less than the service asks for. Where that is more than the ceiling, nobody waits.
    """
    if attempt >= retry.attempts or not passing(error):
        return None
    if not (repeatable or not_acted(error)):
        return None
    asked = 0.0
    if isinstance(error, errors.APIError | errors.TransportError):
        asked = error.retry_after or 0.0
    if asked > retry.ceiling:
        return None
    backoff = min(retry.ceiling, retry.base * 2.0 ** min(attempt - 1, _ENOUGH))
    return max(backoff * random(), asked)


def too_late(pause: float, deadline: float | None, clock: Clock) -> errors.DeadlineExceeded | None:
    """Return what to raise if a *pause* from now ends after *deadline*, or None."""
    if deadline is None:
        return None
    left = deadline - clock.monotonic()
    if pause <= left:
        return None
    now = clock.now()
    return errors.DeadlineExceeded(
        deadline=now + timedelta(seconds=left), resumes_at=now + timedelta(seconds=pause)
    )


class RetryBudget:
    """Units for retries that all calls of a client share.

    While the service fails for everybody, retries only add to its load: they stop when
    the units are spent, and come back as calls succeed.
    """

    __slots__ = ("full", "units")

    def __init__(self, units: int) -> None:
        self.full = units
        self.units = units

    def draw(self) -> bool:
        """Take what a retry costs, if it is there."""
        if self.units < _COST:
            return False
        self.units -= _COST
        return True

    def succeed(self) -> None:
        """Give a unit back for a call that was served."""
        if self.units < self.full:
            self.units += 1


def final(call: Call, error: errors.ZohoCRMError) -> errors.ZohoCRMError:
    """Return what the caller shall see of *error*, now that no attempt follows."""
    if call.operation.repeatable or not_acted(error):
        return error
    return errors.OutcomeUnknown(
        f"{call.operation.name}: the answer was lost, and the service may have acted.",
        look_at=call.operation.look_at or "Look at what the call would have changed.",
        path=call.path,
        operation=call.operation.name,
    )
