"""What the service says no with."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from zohocrm_async.exceptions._base import ZohoCRMError

_NOTHING: Mapping[str, Any] = {}


_TOLD = (
    "api_name",
    "parent_api_name",
    "json_path",
    "param_name",
    "id",
    "expected_data_type",
    "maximum_length",
)


class APIError(ZohoCRMError):
    """The service refused the call or one of its items.

    Attributes:
        status: the HTTP status.
        code: the service's error word, such as ``INVALID_DATA``.
        message: the service's sentence.
        details: what the service adds, such as ``api_name`` or ``json_path``.
        advice: what to do next, or "".
        retry_after: seconds to wait before another try, where the service says so.
    """

    advice: str = ""
    retry_after: float | None = None

    def __init__(
        self,
        message: str = "",
        *,
        status: int = 0,
        code: str = "",
        details: Mapping[str, Any] = _NOTHING,
        operation: str = "",
    ) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.operation = operation
        super().__init__(message)

    def __str__(self) -> str:
        where = ", ".join(f"{key}={self.details[key]}" for key in _TOLD if key in self.details)
        said = self.code or ("" if self.message else _phrase(self.status))
        status = f"({self.status})" if self.status else ""
        parts = [f"{self.operation}: " if self.operation else ""]
        parts.append(f"{said} {status}".strip())
        parts.append(f": {self.message}" if self.message else "")
        parts.append(f" [{where}]" if where else "")
        parts.append(f". {self.advice}" if self.advice else "")
        return "".join(parts)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"


def _phrase(status: int) -> str:
    """Return what HTTP calls *status*, for answers that say nothing else."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "refused without a word"


class InvalidToken(APIError):
    """The access token is not valid, or not any more."""

    advice = "A refresh did not help: check that the credentials belong to this data centre."


class AuthenticationFailure(APIError):
    """The request carried no usable access token."""

    advice = "Check the access token and the data centre."


class ScopeMismatch(APIError):
    """The token lacks a scope that the call needs.

    Attributes:
        scopes: those that the call needs, all of them; none where its path is not known.
    """

    scopes: tuple[str, ...] = ()
    advice = (
        "Make a new token with the scope that the operation's page names; 'zohocrm apis --json' "
        "lists the scopes of all operations."
    )


class ConcurrencyExceeded(APIError):
    """Too many calls were in flight for the organisation.

    Attributes:
        heavy: whether the lower limit for heavy calls was the one.
    """

    heavy: bool = False
    advice = "Something else uses the organisation's slots: lower Limits.concurrency."


class CreditsRefused(APIError):
    """The service says that the credits of 24 hours are spent.

    A call by itself waits then, or raises `CreditsExhausted`: hooks see this one, and so
    does a request that is part of a composite one.
    """

    advice = "Make the call by itself: it waits for credits."


class InvalidData(APIError):
    """A value is not acceptable; *details* names the key."""


class RecordNotFound(InvalidData):
    """No record with this id can be seen in this module."""

    advice = "Check the id and the module."


class SenderNotAllowed(InvalidData):
    """The sender is not one of the allowed from addresses."""

    advice = "Take one of crm.mail.from_addresses()."


class MandatoryNotFound(APIError):
    """A required key is missing; *details* names it."""


class DependentFieldMissing(APIError):
    """A key that another key asks for is missing."""


class DuplicateData(APIError):
    """A value, a record or a field was given before."""


class InvalidModule(APIError):
    """The module does not exist or does not know the operation."""

    advice = "Use the module's API name, such as Leads or Deals."


class InvalidQuery(APIError):
    """Criteria or a query cannot be read, or name a field that is not there."""

    advice = "Check the fields' API names and the operators."


class InvalidPageToken(APIError):
    """A page token belongs to another query or user, or has expired."""

    advice = "Begin with the first page: a token is good for 24 hours and for its own query."


class InvalidURL(APIError):
    """The service does not know the path."""

    advice = "Check the path, the API version and the module's API name (Leads, not leads)."


class InvalidMethod(APIError):
    """The path does not know the HTTP method."""


class NotAllowed(APIError):
    """The operation is refused for this item; *message* gives the reason."""


class ConsentMissing(NotAllowed):
    """The recipient has not consented to receive mails."""

    advice = "Ask for consent with a consent mail first."


class RecipientOptedOut(NotAllowed):
    """The recipient has opted out of mails."""

    advice = "Do not send again: the recipient has asked for that."


class RecipientBounced(NotAllowed):
    """Earlier mails bounced, and the address is blocked."""

    advice = "Correct the address, or have it unblocked."


class RecipientMissing(NotAllowed):
    """The record has no e-mail address."""

    advice = "Give the record an e-mail address."


class PermissionDenied(APIError):
    """The user, the account or the record does not permit it."""


class LimitExceeded(APIError):
    """A limit other than credits and slots is reached."""


class MailLimitExceeded(LimitExceeded):
    """The mails of the organisation's calendar day are spent."""

    advice = "Go on when the organisation's next day begins."


class FileTooLarge(APIError):
    """A file, or all files of a mail together, are too large."""


class FeatureNotSupported(APIError):
    """The edition, or its trial, lacks the feature."""


class RecordLocked(APIError):
    """The record is locked for now."""

    advice = "Try again later."


class RecordNotInProcess(APIError):
    """The record is in no blueprint."""

    advice = "Check that a blueprint of the module takes the record in."


class AlreadyConverted(APIError):
    """The record was converted before."""


class AlreadyModified(APIError):
    """The record was modified since the time given."""


class NotModified(APIError):
    """What was asked for has not changed since the time of ``if_modified_since``."""


class NotFound(APIError):
    """Nothing stands at this path."""


class NotSubscribed(APIError):
    """No channel of notifications has this id, or not any more."""

    advice = "A channel that has expired is gone: make it anew (crm.notifications.create)."


class MailServerError(APIError):
    """The configured SMTP server did not take the mail."""

    advice = "Check the e-mail configuration, or send with org_email=True."


class ServerError(APIError):
    """The service failed."""

    advice = "Try again later."
