"""A permit: what one attempt asks for, holds, and gives back."""

from types import TracebackType
from typing import Protocol, Self

from zohocrm_async.exceptions import ZohoCRMError
from zohocrm_async.options import Limits, Priority
from zohocrm_async.scheduler.budgets import current_budget
from zohocrm_async.scheduler.prices import Quote
from zohocrm_async.scheduler.queue import Waiter


class Admission(Protocol):
    """Whoever grants permits and takes them back: the scheduler."""

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        ...

    def enter(self, permit: "Permit") -> "Waiter[Permit] | None":
        """Grant *permit* now, or return the place where it waits."""
        ...

    def withdraw(self, permit: "Permit") -> None:
        """Undo `enter` for a call that will not be made, granted or not."""
        ...

    def settle(self, permit: "Permit", actual: int) -> None:
        """Book the true price of *permit*, once."""
        ...

    def leave(self, permit: "Permit") -> None:
        """Take back the slots of *permit*, and settle it if nobody did."""
        ...


class Permit:
    """The right to make one attempt; a context manager that takes it and gives it back."""

    __slots__ = (
        "_scheduler",
        "budget",
        "charged",
        "granted",
        "heavy",
        "lacking_since",
        "max_wait",
        "operation",
        "priority",
        "probe",
        "quote",
        "reserve",
        "sent",
        "settled",
        "spent",
        "waiter",
    )

    def __init__(self, scheduler: Admission, quote: Quote, *, heavy: bool, operation: str) -> None:
        self._scheduler = scheduler
        self.quote = quote
        self.reserve = quote.reserve
        self.heavy = heavy
        self.operation = operation
        self.budget = budget = current_budget.get()
        self.priority = Priority.NORMAL if budget is None else budget.priority
        patience = scheduler.limits.max_wait
        self.max_wait = patience if budget is None else budget.patience(patience)
        self.waiter: Waiter[Permit] | None = None
        self.lacking_since: float | None = None
        self.spent = 0
        self.charged = self.granted = self.sent = self.settled = self.probe = False

    def mark_sent(self) -> None:
        """Note that the request may have left: unsettled, it then costs its reserve."""
        self.sent = True

    def settle(self, actual: int) -> None:
        """Book what the call truly cost; only the first time counts.

        What it did not cost goes to others when the block ends, with the slot.
        """
        self._scheduler.settle(self, actual)

    async def __aenter__(self) -> Self:
        try:
            waiter = self._scheduler.enter(self)
            if waiter is not None and (refusal := await waiter.future) is not None:
                raise refusal  # noqa: TRY301  # one place undoes whatever was taken
        except BaseException as error:
            self._scheduler.withdraw(self)
            if isinstance(error, ZohoCRMError):
                error.operation = self.operation
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._scheduler.leave(self)
