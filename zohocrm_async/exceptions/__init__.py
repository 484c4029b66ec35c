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
        ├── CreditsRefused          a request of a composite one: the credits are spent
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
        ├── NotModified             what was asked for has not changed since the given time
        ├── NotFound                nothing stands at this path
        ├── NotSubscribed           no channel of notifications has this id (any more)
        ├── MailServerError         the configured SMTP server did not take the mail
        └── ServerError             the service failed

``APIError`` is also the class of every error word that has none of its own.
"""

from zohocrm_async.exceptions._base import (
    AuthenticationError as AuthenticationError,
    ConfigurationError as ConfigurationError,
    ConnectionFailed as ConnectionFailed,
    InvalidCredentials as InvalidCredentials,
    InvalidRequest as InvalidRequest,
    OutcomeUnknown as OutcomeUnknown,
    TimedOut as TimedOut,
    TokenThrottled as TokenThrottled,
    TransportError as TransportError,
    UnexpectedAnswer as UnexpectedAnswer,
    UnknownOrganization as UnknownOrganization,
    WriteInterrupted as WriteInterrupted,
    ZohoCRMError as ZohoCRMError,
)
from zohocrm_async.exceptions._scheduling import (
    BudgetExceeded as BudgetExceeded,
    CreditsExhausted as CreditsExhausted,
    DeadlineExceeded as DeadlineExceeded,
    QueueFull as QueueFull,
    SchedulerClosed as SchedulerClosed,
    SchedulerError as SchedulerError,
    WindowExhausted as WindowExhausted,
)
from zohocrm_async.exceptions._service import (
    AlreadyConverted as AlreadyConverted,
    AlreadyModified as AlreadyModified,
    APIError as APIError,
    AuthenticationFailure as AuthenticationFailure,
    ConcurrencyExceeded as ConcurrencyExceeded,
    ConsentMissing as ConsentMissing,
    CreditsRefused as CreditsRefused,
    DependentFieldMissing as DependentFieldMissing,
    DuplicateData as DuplicateData,
    FeatureNotSupported as FeatureNotSupported,
    FileTooLarge as FileTooLarge,
    InvalidData as InvalidData,
    InvalidMethod as InvalidMethod,
    InvalidModule as InvalidModule,
    InvalidPageToken as InvalidPageToken,
    InvalidQuery as InvalidQuery,
    InvalidToken as InvalidToken,
    InvalidURL as InvalidURL,
    LimitExceeded as LimitExceeded,
    MailLimitExceeded as MailLimitExceeded,
    MailServerError as MailServerError,
    MandatoryNotFound as MandatoryNotFound,
    NotAllowed as NotAllowed,
    NotFound as NotFound,
    NotModified as NotModified,
    NotSubscribed as NotSubscribed,
    PermissionDenied as PermissionDenied,
    RecipientBounced as RecipientBounced,
    RecipientMissing as RecipientMissing,
    RecipientOptedOut as RecipientOptedOut,
    RecordLocked as RecordLocked,
    RecordNotFound as RecordNotFound,
    RecordNotInProcess as RecordNotInProcess,
    ScopeMismatch as ScopeMismatch,
    SenderNotAllowed as SenderNotAllowed,
    ServerError as ServerError,
)
from zohocrm_async.exceptions._work import (
    ArchiveUnreadable as ArchiveUnreadable,
    FleetError as FleetError,
    InvalidNotification as InvalidNotification,
    JobFailed as JobFailed,
    JobTimedOut as JobTimedOut,
    JournalError as JournalError,
    LedgerError as LedgerError,
    MergeFailed as MergeFailed,
)


def _name_by_import() -> None:
    """Let tracebacks name what people import."""
    for kind in tuple(globals().values()):
        if isinstance(kind, type) and issubclass(kind, ZohoCRMError):
            kind.__module__ = __name__


_name_by_import()
