"""Every error of this package, drawn once.

::

    ZohoCRMError
    ├── ConfigurationError          a setting or credential is missing or wrong
    │   └── UnknownOrganization     the store of a pool has no organisation of that name
    ├── InvalidRequest              refused before sending; lists every problem
    ├── AuthenticationError         no valid token could be had
    │   ├── InvalidCredentials      the accounts server refused the credentials
    │   └── TokenThrottled          too many tokens asked for; says when to go on
    ├── TransportError              no usable answer came
    │   ├── ConnectionFailed        the host was not reached or hung up
    │   ├── TimedOut                no answer within the time allowed
    │   └── UnexpectedAnswer        HTML, truncated, empty or of another shape
    ├── WriteInterrupted            a write of many rows was cancelled; holds what was done
    ├── OutcomeUnknown              the answer of a call that must not be repeated was lost
    ├── SchedulerError              the scheduler did not let the call go
    │   ├── BudgetExceeded          the budget of the calling block is spent
    │   ├── DeadlineExceeded        the call cannot start by its deadline
    │   ├── WindowExhausted         a daily limit is reached; says when the next day begins
    │   ├── QueueFull               too many calls wait already
    │   └── SchedulerClosed         the client was closed while the call waited
    ├── CreditsExhausted            the 24-hour allowance is spent; says when it frees
    ├── JobFailed                   a job of the service ended in failure
    │   └── MergeFailed             a scheduled merge ended in failure
    ├── JobTimedOut                 a job of the service did not end by the deadline
    ├── ArchiveUnreadable           a result's ZIP archive or the CSV file in it is damaged
    ├── InvalidNotification         a callback is not one that a channel of ours sends
    ├── JournalError                a job's journal cannot be made, read or written
    ├── LedgerError                 the file of a ledger cannot be made, read or written
    ├── FleetError                  what processes share in Redis cannot be read or written
    └── APIError                    the service said no
        ├── InvalidToken            the access token is not valid (any more)
        ├── AuthenticationFailure   the request carried no usable token
        ├── ScopeMismatch           the token lacks a scope
        ├── ConcurrencyExceeded     too many calls in flight
        ├── InvalidData             a value is not acceptable
        │   ├── RecordNotFound      no such record
        │   └── SenderNotAllowed    not one of the allowed from addresses
        ├── MandatoryNotFound       a required key is missing
        ├── DependentFieldMissing   a key that another key asks for is missing
        ├── DuplicateData           a value, record or field was given before
        ├── InvalidModule           no such module
        ├── InvalidQuery            criteria or a query cannot be read, or name no such field
        ├── InvalidPageToken        a page token of another query, or one that has expired
        ├── InvalidURL              no such path
        ├── InvalidMethod           the path does not know the method
        ├── NotAllowed              the operation is refused for this item
        │   ├── ConsentMissing      the recipient has not consented
        │   ├── RecipientOptedOut   the recipient has opted out
        │   ├── RecipientBounced    mails to the recipient bounced and are blocked
        │   └── RecipientMissing    the record has no e-mail address
        ├── PermissionDenied        the user or record does not permit it
        ├── LimitExceeded           a limit other than credits is reached
        │   └── MailLimitExceeded   the mails of the organisation's day are spent
        ├── FileTooLarge            a file or all files together are too large
        ├── FeatureNotSupported     the edition lacks the feature
        ├── RecordLocked            the record is locked for now
        ├── RecordNotInProcess      the record is in no blueprint
        ├── AlreadyConverted        the record was converted before
        ├── AlreadyModified         the record changed since the given time
        ├── NotFound                nothing stands at this path
        ├── NotSubscribed           no channel of notifications has this id (any more)
        ├── MailServerError         the configured SMTP server did not take the mail
        └── ServerError             the service failed

``APIError`` is also the class of every error word that has none of its own.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zohocrm_async.models.common import Outcome

_NOTHING: Mapping[str, Any] = {}


class ZohoCRMError(Exception):
    """Everything this package raises on purpose.

    Attributes:
        operation: the name of the call, such as ``mail.send``, or "".
    """

    operation: str = ""

    def __reduce__(self) -> tuple[Any, ...]:
        """Let errors cross processes whatever arguments their classes take."""
        return _restore, (type(self), self.args, self.__dict__)


def _restore(
    kind: type[ZohoCRMError], args: tuple[Any, ...], facts: dict[str, Any]
) -> ZohoCRMError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(facts)
    return error


class ConfigurationError(ZohoCRMError):
    """A setting or a credential is missing or wrong; the message names it."""


class UnknownOrganization(ConfigurationError):
    """The store of a `ClientPool` has no organisation of that name.

    Attributes:
        name: the name that was asked for.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"the store has no organisation {name!r}; check the name, or add it to the store"
        )


class InvalidRequest(ZohoCRMError):
    """The call was refused before anything was sent.

    Attributes:
        problems: one sentence for each thing that is wrong.
    """

    def __init__(self, problems: str | tuple[str, ...], *, operation: str = "") -> None:
        self.problems = (problems,) if isinstance(problems, str) else problems
        self.operation = operation
        super().__init__("; ".join(self.problems))


class AuthenticationError(ZohoCRMError):
    """No valid access token could be had."""


class InvalidCredentials(AuthenticationError):
    """The accounts server refused the credentials.

    Attributes:
        code: the server's word, such as ``invalid_code`` or ``invalid_client``.
    """

    def __init__(self, message: str, *, code: str = "") -> None:
        self.code = code
        super().__init__(message)


class TokenThrottled(AuthenticationError):
    """Too many access tokens were asked for.

    Attributes:
        retry_after: seconds until another may be asked for.
    """

    def __init__(self, message: str, *, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(message)


class TransportError(ZohoCRMError):
    """No usable answer came.

    Attributes:
        sent: whether the request may have reached the service.
        status: the HTTP status, or None where no answer came.
    """

    def __init__(
        self, message: str, *, sent: bool = True, status: int | None = None, operation: str = ""
    ) -> None:
        self.sent = sent
        self.status = status
        self.operation = operation
        super().__init__(message)


class ConnectionFailed(TransportError):
    """The host was not reached, or hung up before it answered."""


class TimedOut(TransportError):
    """No answer came within the time allowed."""


class UnexpectedAnswer(TransportError):
    """The answer is HTML, cut short, empty, or of a shape that nothing documents."""


class WriteInterrupted(ZohoCRMError):
    """A write of more rows than one call takes was cancelled before it was done.

    It is the ``__cause__`` of the ``CancelledError``.

    Attributes:
        outcomes: one for each row in order; None for a row that was not sent. Rows of
            calls that were under way, or about to be, have an `OutcomeUnknown` as error.
    """

    def __init__(self, outcomes: "tuple[Outcome | None, ...]", *, operation: str = "") -> None:
        self.outcomes = outcomes
        self.operation = operation
        unsent = sum(outcome is None for outcome in outcomes)
        super().__init__(
            f"{operation} was cancelled when {unsent} of {len(outcomes)} rows were still to be sent"
        )


class OutcomeUnknown(ZohoCRMError):
    """The answer of a call that must not be repeated was lost.

    The service may have acted. Look before you repeat: *look_at* says where.
    The error that lost the answer is the ``__cause__``.

    Attributes:
        look_at: what tells whether the service acted.
        path: the path of the call.
    """

    def __init__(self, message: str, *, look_at: str, path: str, operation: str = "") -> None:
        self.look_at = look_at
        self.path = path
        self.operation = operation
        super().__init__(f"{message} {look_at}")


class SchedulerError(ZohoCRMError):
    """The scheduler did not let the call go. Nothing was sent."""


class BudgetExceeded(SchedulerError):
    """The call's price is more than its budget has left.

    Attributes:
        budget: the budget's name.
        needed: credits that the call may cost.
        remaining: credits that the budget has left.
    """

    def __init__(self, *, budget: str, needed: int, remaining: int) -> None:
        self.budget = budget
        self.needed = needed
        self.remaining = remaining
        super().__init__(
            f"the call may cost {needed} credits and the budget {budget!r} has {remaining} left; "
            "give the budget more credits or stop here"
        )


class DeadlineExceeded(SchedulerError):
    """The call cannot start by the deadline of its budget, or did not.

    Attributes:
        deadline: when it should have started by (aware).
        resumes_at: the earliest moment at which it could start (aware), or None if
            nobody knows because it waits for a slot or for its own budget.
    """

    def __init__(self, *, deadline: datetime, resumes_at: datetime | None) -> None:
        self.deadline = deadline
        self.resumes_at = resumes_at
        when = (
            "its turn did not come"
            if resumes_at is None
            else f"it could start at {resumes_at.isoformat(timespec='seconds')}"
        )
        super().__init__(
            f"the call was to start by {deadline.isoformat(timespec='seconds')}, and {when}; "
            "give the budget a later deadline or less to do"
        )


class WindowExhausted(SchedulerError):
    """A limit of the calendar day is reached, and the wait would be too long.

    Attributes:
        window: the limit's name, such as ``mails``.
        limit: how many calls a day it allows; None if only the service knows.
        resumes_at: when the organisation's next day begins (aware).
    """

    def __init__(self, *, window: str, limit: int | None, resumes_at: datetime) -> None:
        self.window = window
        self.limit = limit
        self.resumes_at = resumes_at
        size = "" if limit is None else f" ({limit})"
        super().__init__(
            f"the {window} of the organisation's day{size} are spent; "
            f"the next day begins at {resumes_at.isoformat(timespec='seconds')}"
        )


class QueueFull(SchedulerError):
    """As many calls wait as ``Limits.max_waiting`` allows."""


class SchedulerClosed(SchedulerError):
    """The client is closed, or was while the call waited."""


class CreditsExhausted(ZohoCRMError):
    """The allowance of the 24-hour window is spent, and the wait would be too long.

    Attributes:
        needed: credits that the call may cost.
        remaining: credits that are free now.
        resumes_at: when *needed* credits are free (aware), or None if they never will be.
    """

    def __init__(self, *, needed: int, remaining: int, resumes_at: datetime | None) -> None:
        self.needed = needed
        self.remaining = remaining
        self.resumes_at = resumes_at
        when = (
            "the allowance, less the floor, never holds that many"
            if resumes_at is None
            else f"as many are free at {resumes_at.isoformat(timespec='seconds')}"
        )
        super().__init__(f"the call may cost {needed} credits and {remaining} are free; {when}")


class JobFailed(ZohoCRMError):
    """A job that the service runs by itself ended in failure.

    Attributes:
        job_id: the job.
        state: the service's word for the end.
        status: what the service said of the job last: what was done is in it.
    """

    def __init__(
        self, message: str, *, job_id: str, state: str, status: Any = None, operation: str = ""
    ) -> None:
        self.job_id = job_id
        self.state = state
        self.status = status
        self.operation = operation
        super().__init__(message)


class MergeFailed(JobFailed):
    """A scheduled merge ended in failure; the service gives no reason.

    Attributes:
        module: the module's API name.
        master_id: the record that was to be kept.
        job_id: the merge job.
        state: the service's word for the end.
    """

    def __init__(self, *, module: str, master_id: str, job_id: str, state: str) -> None:
        self.module = module
        self.master_id = master_id
        super().__init__(
            f"merge job {job_id} of {module}/{master_id} ended as {state}; "
            "read the records before another try",
            job_id=job_id,
            state=state,
            operation="merge.run",
        )


class JobTimedOut(ZohoCRMError):
    """A job that the service runs by itself did not end by the deadline. It goes on.

    Attributes:
        job_id: the job, by which it can be asked for again.
        status: what the service said of the job last: what was done is in it.
    """

    def __init__(self, *, job_id: str, status: Any = None, operation: str = "") -> None:
        self.job_id = job_id
        self.status = status
        self.operation = operation
        super().__init__(
            f"{operation}: job {job_id} has not ended by the deadline and goes on; "
            "wait for it again, with a later deadline"
        )


class ArchiveUnreadable(ZohoCRMError):
    """A ZIP archive, or the CSV file in it, is damaged or not what it should be.

    Attributes:
        name: the archive.
        reason: what is wrong with it.
        rows: rows that were read before; they are good.
        job_id: the job whose result it is, or "".
    """

    def __init__(self, name: str, reason: str, *, rows: int = 0, job_id: str = "") -> None:
        self.name = name
        self.reason = reason
        self.rows = rows
        self.job_id = job_id
        super().__init__(
            f"{name} cannot be read beyond row {rows}: {reason}; download or make it again"
        )


class InvalidNotification(ZohoCRMError):
    """A callback is not one that a channel of ours sends; nothing in it is to be trusted.

    Answer it with 400 or 403, and do not act on it.

    Attributes:
        channel_id: the channel that it names, or None.
    """

    def __init__(self, message: str, *, channel_id: str | None = None) -> None:
        self.channel_id = channel_id
        super().__init__(message)


class JournalError(ZohoCRMError):
    """A job's journal cannot be made, read or written; the message names it."""


class LedgerError(ZohoCRMError):
    """The file of a ledger cannot be made, read or written; the message names it."""


class FleetError(ZohoCRMError):
    """What processes share in Redis cannot be read or written; the message names the server."""


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
        where = ", ".join(
            f"{key}={self.details[key]}"
            for key in ("api_name", "parent_api_name", "json_path", "param_name", "id")
            if key in self.details
        )
        parts = [f"{self.operation}: " if self.operation else "", self.code]
        parts.append(f" ({self.status})" if self.status else "")
        parts.append(f": {self.message}" if self.message else "")
        parts.append(f" [{where}]" if where else "")
        parts.append(f". {self.advice}" if self.advice else "")
        return "".join(parts)


class InvalidToken(APIError):
    """The access token is not valid, or not any more."""

    advice = "A refresh did not help: check that the credentials belong to this data centre."


class AuthenticationFailure(APIError):
    """The request carried no usable access token."""

    advice = "Check the access token and the data centre."


class ScopeMismatch(APIError):
    """The token lacks a scope that the call needs."""

    advice = "Make a new token with the scope that the operation's page names."


class ConcurrencyExceeded(APIError):
    """Too many calls were in flight for the organisation.

    Attributes:
        heavy: whether the lower limit for heavy calls was the one.
    """

    heavy: bool = False
    advice = "Something else uses the organisation's slots: lower Limits.concurrency."


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

    advice = "Check the path and the API version."


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
