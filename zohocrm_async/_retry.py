"""Which failures are tried again, and when; which of them leave the outcome unknown."""

from collections.abc import Callable

from zohocrm_async import exceptions as errors
from zohocrm_async._endpoint import Call
from zohocrm_async.options import Retry

_REFUSED = 400
_FAILED = 500


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
    never less than the service asks for.
    """
    if attempt >= retry.attempts or not passing(error):
        return None
    if not (repeatable or not_acted(error)):
        return None
    backoff = min(retry.ceiling, retry.base * 2.0 ** (attempt - 1))
    asked = error.retry_after if isinstance(error, errors.APIError) else None
    return max(backoff * random(), asked or 0.0)


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
