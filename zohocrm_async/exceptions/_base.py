"""What any call may raise: settings, credentials, input, the wire, outcomes."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zohocrm_async.models.common import Outcome


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
        retry_after: seconds to wait before another try, where the answer says so.
    """

    retry_after: float | None = None

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
