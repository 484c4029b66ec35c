"""Budgets: what the calls of a block may spend, and how they queue."""

from collections.abc import Callable, Iterator
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Self

from attrs import NOTHING, NothingType

from zohocrm_async.exceptions import BudgetExceeded, ConfigurationError, SchedulerClosed
from zohocrm_async.options import Priority

current_budget: ContextVar["Budget | None"] = ContextVar("current_budget", default=None)
"""The budget of the block that runs; child tasks inherit it."""


class Budget:
    """At most *credits* for the calls awaited inside an ``async with`` block.

    A budget inside another spends of both. What it is not given (priority, patience)
    it takes from its parent, and without one from the client.
    """

    def __init__(
        self,
        name: str,
        *,
        credits: int | None = None,  # noqa: A002  # the public name
        priority: Priority | None = None,
        max_wait: float | NothingType | None = NOTHING,
        parent: "Budget | None" = None,
        recall: "Callable[[Budget], None] | None" = None,
    ) -> None:
        if credits is not None and credits < 0:
            raise ConfigurationError(f"budget {name!r} has {credits} credits; give 0 or more")
        self.name = name
        self.credits = credits
        self.parent = parent
        self.spent = 0
        self.reserved = 0
        if priority is None:
            priority = Priority.NORMAL if parent is None else parent.priority
        self.priority: Priority = priority
        self.max_wait = max_wait
        self._entered: Token[Budget | None] | None = None
        self._recall = recall
        self.closed = False

    @property
    def remaining(self) -> int | None:
        """Credits that a call may still cost, here and in all parents; None: no limit."""
        return min(
            (left for budget in self._line() if (left := budget.left) is not None), default=None
        )

    @property
    def left(self) -> int | None:
        """Credits of this budget alone that are neither spent nor held; None: no limit."""
        if self.credits is None:
            return None
        # A call may cost more than was held for it; then nothing is left.
        return max(0, self.credits - self.spent - self.reserved)

    def patience(self, default: float | None) -> float | None:
        """Return the seconds a call may wait for credits; None: no end.

        *default* is what holds where neither this budget nor a parent says.
        """
        if self.max_wait is not NOTHING:
            return self.max_wait
        return default if self.parent is None else self.parent.patience(default)

    def reserve(self, amount: int) -> None:
        """Hold *amount* here and in all parents, or raise and hold nothing.

        Raises:
            BudgetExceeded: one of them has not as many left.
            SchedulerClosed: one of them is closed.
        """
        for budget in self._line():
            if budget.closed:
                raise SchedulerClosed(f"budget {budget.name!r} is closed")
            left = budget.left
            if left is not None and amount > left:
                raise BudgetExceeded(budget=budget.name, needed=amount, remaining=left)
        for budget in self._line():
            budget.reserved += amount

    def settle(self, reserved: int, actual: int) -> None:
        """Book what a call truly cost in place of what was held for it."""
        for budget in self._line():
            budget.reserved -= reserved
            budget.spent += actual

    def close(self) -> None:
        """Refuse the calls that wait in it and all that come; those in flight end as they would."""
        self.closed = True
        if self._recall is not None:
            self._recall(self)

    def holds(self, budget: "Budget | None") -> bool:
        """Whether *budget* is this one or inside it."""
        while budget is not None and budget is not self:
            budget = budget.parent
        return budget is self

    async def __aenter__(self) -> Self:
        if self._entered is not None:
            raise ConfigurationError(
                f"budget {self.name!r} is open already; start tasks inside its block to share it"
            )
        self._entered = current_budget.set(self)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._entered is not None:
            current_budget.reset(self._entered)
            self._entered = None

    def _line(self) -> "Iterator[Budget]":
        budget: Budget | None = self
        while budget is not None:
            yield budget
            budget = budget.parent
