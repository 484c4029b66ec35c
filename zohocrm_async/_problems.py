"""Errors as problem details (RFC 9457): what a web application answers with."""

from collections.abc import Mapping
from datetime import datetime
from math import ceil
from typing import Any, Self

from attrs import field, frozen

from zohocrm_async import exceptions as errors

# The first that fits counts. `APIError` itself is any word of the service without a class.
_KINDS: Mapping[int, tuple[type[errors.ZohoCRMError], ...]] = {
    403: (errors.InvalidNotification, errors.PermissionDenied, errors.FeatureNotSupported),
    404: (
        errors.RecordNotFound, errors.NotFound, errors.NotSubscribed, errors.UnknownOrganization,
    ),
    412: (errors.AlreadyModified, errors.NotModified),
    422: (
        errors.InvalidRequest, errors.InvalidData, errors.MandatoryNotFound,
        errors.DependentFieldMissing, errors.DuplicateData, errors.InvalidModule,
        errors.InvalidQuery, errors.InvalidPageToken, errors.NotAllowed, errors.FileTooLarge,
        errors.RecordLocked, errors.RecordNotInProcess, errors.AlreadyConverted,
    ),
    429: (
        errors.CreditsExhausted, errors.BudgetExceeded, errors.WindowExhausted, errors.QueueFull,
        errors.ConcurrencyExceeded, errors.CreditsRefused, errors.LimitExceeded,
        errors.TokenThrottled,
    ),
    500: (
        errors.ConfigurationError, errors.LedgerError, errors.JournalError, errors.InvalidURL,
        errors.InvalidMethod,
    ),
    502: (
        errors.InvalidToken, errors.AuthenticationFailure, errors.ScopeMismatch,
        errors.MailServerError, errors.ServerError,
    ),
    503: (errors.SchedulerClosed, errors.FleetError),
    504: (errors.TimedOut, errors.DeadlineExceeded, errors.JobTimedOut),
}  # fmt: skip
_REFUSED, _OWN, _FAULT = 422, 500, 502
# A queue that is full is so for seconds.
_SOON = 1


@frozen(kw_only=True)
class Problem:
    """An error as an answer."""

    status: int
    is_own: bool
    """Whether it is about the application: its hosts, paths and settings are nobody else's."""
    body: Mapping[str, Any] = field(hash=False)
    retry_after: int | None
    """Seconds after which it may go, where that is known."""

    @classmethod
    def of(cls, error: errors.ZohoCRMError, *, now: datetime) -> Self:
        """Return *error*, raised at *now*, as an answer."""
        status, name = _status(error), type(error).__name__
        own = status == _OWN or isinstance(error, errors.FleetError)
        body: dict[str, Any] = {
            "type": f"urn:zohocrm-async:{name}",
            "title": (type(error).__doc__ or name).partition("\n")[0].rstrip(".").replace("`", ""),
            "status": status,
            "detail": "The log of this application says more." if own else str(error),
            "operation": error.operation,
        }
        if isinstance(error, errors.InvalidRequest):
            body["problems"] = list(error.problems)
        if isinstance(error, errors.APIError):
            body["code"] = error.code
        if isinstance(error, errors.OutcomeUnknown):
            body["look_at"] = error.look_at
        return cls(status=status, is_own=own, body=body, retry_after=_retry_after(error, now))


def _status(error: errors.ZohoCRMError) -> int:
    found = next((status for status, kinds in _KINDS.items() if isinstance(error, kinds)), None)
    if found is not None:
        return found
    refused = isinstance(error, errors.APIError) and 0 < error.status < _OWN
    return _REFUSED if refused else _FAULT


def _retry_after(error: errors.ZohoCRMError, now: datetime) -> int | None:
    if isinstance(error, errors.QueueFull | errors.FleetError):
        return _SOON
    seconds: float | None = getattr(error, "retry_after", None)
    back: datetime | None = getattr(error, "resumes_at", None)
    if back is not None:
        seconds = (back - now).total_seconds()
    return None if seconds is None else max(1, ceil(seconds))
