"""A permit: what one call asks for, holds while it is tried, and gives back."""

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from zohocrm_async.exceptions import ZohoCRMError
from zohocrm_async.options import Priority
from zohocrm_async.scheduler.budgets import Budget
from zohocrm_async.scheduler.flows import Flow, Lane
from zohocrm_async.scheduler.prices import Quote

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiolimiter import AsyncLimiter


class Admission(Protocol):
    """Whoever grants permits and takes them back: the gate."""

    time: "Callable[[], float]"

    def paced(self, permit: "Permit") -> "Awaitable[None]":
        """Wait until the budgets' rates let *permit* line up."""
        ...

    def enter(self, permit: "Permit") -> bool:
        """Grant *permit* now, or let it wait; return whether it waits."""
        ...

    def withdraw(self, permit: "Permit", error: BaseException) -> None:
        """Undo `enter` for a call that will not be made as of *error*, granted or not."""
        ...

    def book(self, permit: "Permit", actual: int, served: bool, acted: bool) -> None:
        """Book the true price of *permit*: *served* with an answer, or may have *acted*."""
        ...

    def refused(self, permit: "Permit", retry_after: float | None) -> None:
        """Take in that the service refused *permit* as too many calls were in flight."""
        ...

    def leave(self, permit: "Permit") -> None:
        """Take back the slots of *permit*, and settle it if nobody did."""
        ...


class Permit:
    """The right to make one attempt; a context manager that takes it and gives it back.

    It may be entered again when the attempt is over, for the next one: it keeps its
    place in the order of arrival. While it waits, it is itself what stands in the queue.
    """

    __slots__ = (
        "_gate",
        "arrival",
        "budget",
        "charged",
        "flow",
        "future",
        "gated",
        "granted",
        "heavy",
        "heavy_held",
        "held",
        "lacking_since",
        "lane",
        "lined_up",
        "operation",
        "priority",
        "probe",
        "quote",
        "rates",
        "refusal",
        "reserve",
        "sent",
        "sent_at",
        "settled",
        "since",
        "slots",
        "spent",
        "turned_away",
        "watched",
        "windows",
    )

    lane: Lane | None
    """Where it waits; this and what follows mean something once it has lined up."""
    future: "asyncio.Future[Exception | None] | None"
    """What its caller awaits: None in it is a grant, an error a refusal."""
    refusal: ZohoCRMError | None
    lacking_since: float | None
    heavy_held: int
    """What a heavy call that was granted holds of the heavy slots."""
    since: float
    watched: bool
    settled: bool
    sent: bool
    turned_away: bool

    def __init__(  # noqa: PLR0917  # keywords cost more, at each call
        self,
        gate: Admission,
        quote: Quote,
        operation: str,
        budget: Budget | None,
        flow: Flow,
        slots: int,
        heavy: int,
        windows: tuple[str, ...],
        rates: "tuple[AsyncLimiter, ...]" = (),
    ) -> None:
        self._gate = gate
        self.quote = quote
        self.reserve = quote.reserve
        self.slots = self.held = slots
        """What it asks of all slots, and what it holds of them once it is granted."""
        self.heavy = heavy
        self.operation = operation
        self.budget = budget
        self.flow = flow
        self.windows = windows
        self.rates = rates
        """What spaces such calls by the minute; waited for before the call lines up."""
        self.priority: Priority = flow.rank.priority
        self.arrival = self.spent = 0
        self.sent_at = 0.0
        """When the request left, by the clock that counts seconds."""
        self.charged = self.gated = self.granted = self.lined_up = self.probe = False

    @property
    def deadline(self) -> float | None:
        """When the call must have started, in the clock's seconds; None: no matter when."""
        return None if self.budget is None else self.budget.ends_by

    def may_leave(self) -> None:
        """Look whether the request may leave now: one that was granted may, for all we know.

        Raises:
            ZohoCRMError: what a budget's last look says against it.
        """
        if self.budget is not None:
            try:
                self.budget.look()
            except ZohoCRMError:
                self.sent = False
                raise

    def mark_sent(self) -> None:
        """Note that the request may have left: unsettled, it then costs its reserve."""
        self.sent = True
        self.sent_at = self._gate.time()

    def settle(self, actual: int, *, acted: bool = True) -> None:
        """Book what the call truly cost; only the first time counts.

        What it did not cost goes to others when the block ends, with the slot. A call
        that the service did not carry out counts for no daily limit: not *acted*.
        """
        if self.granted and not self.settled:
            self._gate.book(self, actual, actual > 0, acted)

    def refused(self, retry_after: float | None = None) -> None:
        """Note that the service refused the call, as too many were in flight.

        It costs nothing and keeps its place for the next attempt. *retry_after* are the
        seconds that the service asks to wait, if it does.
        """
        self._gate.refused(self, retry_after)

    def wake(self, refusal: Exception | None) -> None:
        """Tell the call that it may go, or why not."""
        future = self.future
        if future is not None and not future.done():
            future.set_result(refusal)

    async def __aenter__(self) -> Self:
        gate = self._gate
        try:
            if self.rates or (self.budget is not None and self.budget.paced):
                await gate.paced(self)
            if gate.enter(self):
                future = self.future = asyncio.get_running_loop().create_future()
                if (refusal := await future) is not None:
                    raise refusal  # noqa: TRY301  # one place undoes whatever was taken
        except BaseException as error:
            gate.withdraw(self, error)
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
        self._gate.leave(self)
