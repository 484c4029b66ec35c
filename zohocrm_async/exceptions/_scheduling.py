"""What the scheduler raises: nothing was sent."""

from datetime import datetime

from zohocrm_async.exceptions._base import ZohoCRMError


def _credits(count: int) -> str:
    return f"{count} credit{'' if count == 1 else 's'}"


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
            f"the call may cost {_credits(needed)} and the budget {budget!r} has {remaining} left; "
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
        refused: whether the service said so, though they seem free by what is counted here;
            *resumes_at* is then when it is asked again.
    """

    def __init__(
        self,
        *,
        needed: int,
        remaining: int,
        resumes_at: datetime | None,
        refused: bool = False,
    ) -> None:
        self.needed = needed
        self.remaining = remaining
        self.resumes_at = resumes_at
        self.refused = refused
        if refused and resumes_at is not None:
            super().__init__(
                f"the service refused a call as the organisation's credits are spent, though "
                f"{remaining} are free by what is counted here; calls go again at "
                f"{resumes_at.isoformat(timespec='seconds')}, which a longer max_wait waits for"
            )
            return
        when = (
            "the allowance, less the floor, never holds that many"
            if resumes_at is None
            else f"enough come back at {resumes_at.isoformat(timespec='seconds')}, which a "
            "longer max_wait waits for"
        )
        free = f"{remaining} of the 24-hour window's are free"
        super().__init__(f"the call may cost {_credits(needed)} and {free}; {when}")
