"""Budgets: what the calls of a block may spend, and how they queue."""

import contextlib
from collections.abc import Callable
from contextvars import ContextVar, Token
from datetime import datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

from attrs import NOTHING, NothingType

from zohocrm_async._clock import Clock
from zohocrm_async._limiters import limiter
from zohocrm_async.exceptions import BudgetExceeded, ConfigurationError, SchedulerClosed
from zohocrm_async.options import Priority, WhenSpent
from zohocrm_async.scheduler.flows import Flow

current_budget: ContextVar["Budget | None"] = ContextVar("current_budget", default=None)
"""The budget of the block that runs; child tasks inherit it."""

_CLOCK = Clock()


class Gatekeeper(Protocol):
    """Whoever lets calls of a budget through."""

    def dispatch(self) -> None:
        """Let all go that can."""
        ...


class Budget:
    """What the calls awaited inside an ``async with`` block may take, and how they queue.

    A budget inside another spends of both and keeps to the limits of both. What it is
    not given (priority, patience) it takes from its parent, and without one from the
    client. `ZohoCRM.budget` explains the arguments.
    """

    _credits: int | None
    _concurrency: int | None
    _began: float | None
    _entered: "Token[Budget | None] | None"

    def __init__(
        self,
        name: str,
        *,
        credits: int | None = None,  # noqa: A002  # the public name
        priority: Priority | None = None,
        max_wait: float | NothingType | None = NOTHING,
        weight: float | None = None,
        concurrency: int | None = None,
        rate: float | None = None,
        deadline: float | datetime | None = None,
        when_spent: WhenSpent | str = WhenSpent.REFUSE,
        pace: float | timedelta | None = None,
        parent: "Budget | None" = None,
        clock: Clock = _CLOCK,
        recall: "Callable[[Budget], None] | None" = None,
    ) -> None:
        self.name = name
        self.parent = parent
        self.line: tuple[Budget, ...] = (self, *(parent.line if parent else ()))
        """This budget and those around it."""
        inherited = Priority.NORMAL if parent is None else parent.priority
        self.priority: Priority = inherited if priority is None else priority
        self.max_wait = max_wait
        self.waits = _choice(name, when_spent) is WhenSpent.WAIT
        """Whether calls beyond its credits wait, rather than being refused."""
        self.weight = _positive(name, "weight", weight)
        self.rate = _positive(name, "rate", rate)
        """Its calls a second; None: as they come."""
        # One at a time, so that no second holds more than its share.
        self.limiter = None if self.rate is None else limiter(1, 1 / self.rate)
        """What spaces the calls by the second; waited for before they line up."""
        self.paced: bool = self.limiter is not None or (parent is not None and parent.paced)
        """Whether such a limiter is in the line."""
        self.ends_by: float | None = None if parent is None else parent.ends_by
        """When its calls must have started, in the clock's seconds; set when it is entered."""
        self._clock = clock
        self._recall = recall
        self._deadline = self._moment(deadline)
        self._pace = self._seconds(pace)
        self._start_at_nothing()
        self.concurrency = concurrency
        self.credits = credits

    @property
    def credits(self) -> int | None:
        """What it may spend; None: no end. May be set at any time."""
        return self._credits

    @credits.setter  # noqa: A003  # the public name
    def credits(self, credits: int | None) -> None:  # noqa: A002  # the public name
        if credits is not None and credits < 0:
            raise ConfigurationError(f"budget {self.name!r} has {credits} credits; give 0 or more")
        if self._pace is not None and not credits:
            raise ConfigurationError(
                f"budget {self.name!r} has a pace but no credits to spread; give it credits"
            )
        self._credits = credits
        self._gate()

    @property
    def concurrency(self) -> int | None:
        """Its calls in flight at once; None: no limit of its own. May be set at any time."""
        return self._concurrency

    @concurrency.setter
    def concurrency(self, concurrency: int | None) -> None:
        if concurrency is not None and concurrency < 1:
            raise ConfigurationError(
                f"budget {self.name!r} has a concurrency of {concurrency}; give 1 or more"
            )
        self._concurrency = concurrency
        self._gate()

    @property
    def is_open(self) -> bool:
        """Whether its block runs."""
        return self._entered is not None

    @property
    def in_flight(self) -> int:
        """Its calls in flight."""
        return self._present - self.waiting

    @property
    def remaining(self) -> int | None:
        """Credits that a call may still cost, here and in all parents; None: no limit."""
        return min(
            (left for budget in self.line if (left := budget.left) is not None), default=None
        )

    @property
    def left(self) -> int | None:
        """Credits of this budget alone that are neither spent nor held; None: no limit."""
        if self._credits is None:
            return None
        # A call may cost more than was held for it; then nothing is left.
        return max(0, self._credits - self.spent - self.reserved)

    def patience(self, default: float | None) -> float | None:
        """Return the seconds a call may wait for credits; None: no end.

        *default* is what holds where neither this budget nor a parent says.
        """
        if self.max_wait is not NOTHING:
            return self.max_wait
        return default if self.parent is None else self.parent.patience(default)

    def pause(self) -> None:
        """Let no further call go until `resume`; calls keep their places."""
        self.paused = True
        self._gate()

    def resume(self) -> None:
        """Let its calls go again."""
        self.paused = False
        self._gate()

    def close(self) -> None:
        """Refuse the calls that wait in it and all that come; those in flight end as they would."""
        self.closed = self.gated = True
        if self._recall is not None:
            self._recall(self)

    def reserve(self, amount: int) -> bool:
        """Hold *amount* here and in all parents, or raise and hold nothing.

        Returns whether one of them may be an `obstacle`. A budget that lets its calls
        wait when it is spent holds nothing until they go.

        Raises:
            BudgetExceeded: one of them has not as many left.
            SchedulerClosed: one of them is closed.
        """
        gated = False
        for budget in self.line:
            if budget.gated:
                gated = True
                if budget.closed:
                    self._let_fall(amount, before=budget)
                    raise SchedulerClosed(f"budget {budget.name!r} is closed")
                if budget.waits:
                    budget._present += 1  # noqa: SLF001  # its own kind
                    continue
            limit = budget._credits  # noqa: SLF001  # its own kind
            if limit is not None and amount > limit - budget.spent - budget.reserved and amount:
                self._let_fall(amount, before=budget)
                left = budget.left or 0
                raise BudgetExceeded(budget=budget.name, needed=amount, remaining=left)
            budget.reserved += amount
            budget._present += 1  # noqa: SLF001  # its own kind
        return gated

    def forgo(self, amount: int) -> None:
        """Give back what `reserve` held for a call that did not start."""
        for budget in self.line:
            budget._present -= 1  # noqa: SLF001  # its own kind
            if not budget.waits:
                budget.reserved -= amount
            if budget.listeners:
                budget.changed()

    def obstacle(self, amount: int) -> "Budget | None":
        """Return the budget of the line that holds back a call of *amount* now, if any."""
        for budget in self.line:
            if budget.gated and budget._holds_back(amount):  # noqa: SLF001  # its own kind
                return budget
        return None

    def pause_left(self, more: int = 0) -> float | None:
        """Seconds until its pace lets a call go after *more* credits; None: nobody knows."""
        if self.paused or self._pace is None or not self._credits:
            return None
        now = self._clock.monotonic()
        began = now if self._began is None else self._began
        return max(0.0, began + (self._started + more) * self._pace / self._credits - now)

    def start(self, amount: int) -> None:
        """Count a call that goes, where `reserve` said that there may be obstacles."""
        for budget in self.line:
            budget._let_go(amount)  # noqa: SLF001  # its own kind

    def settle(self, reserved: int, actual: int) -> None:
        """Book what a call truly cost in place of what was held for it; it is over."""
        for budget in self.line:
            budget._present -= 1  # noqa: SLF001  # its own kind
            budget.reserved -= reserved
            budget.spent += actual
            if actual != reserved:
                budget._started += actual - reserved  # noqa: SLF001  # its own kind
            if budget.listeners:
                budget.changed()

    def changed(self) -> None:
        """Tell whoever holds calls back for this budget to look again."""
        for listener in tuple(self.listeners):
            listener(self)

    def holds(self, budget: "Budget | None") -> bool:
        """Whether *budget* is this one or inside it."""
        return budget is not None and self in budget.line

    def look(self) -> None:
        """Raise what the last look of this budget, or of one around it, says against a request."""
        for budget in self.line:
            if budget.last_look is not None:
                budget.last_look()

    async def __aenter__(self) -> Self:
        if self._entered is not None:
            raise ConfigurationError(
                f"budget {self.name!r} is open already; start tasks inside its block to share it"
            )
        self._entered = current_budget.set(self)
        self._set_end()
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

    def _start_at_nothing(self) -> None:
        self.spent = self.reserved = self.waiting = 0
        self._present = 0
        self.closed = self.paused = False
        self.gated = False
        """Whether it is anything but a count with a limit, and must be asked."""
        self.gates: dict[Gatekeeper, None] = {}
        """Told to look again when what it lets through changes."""
        self.flows: dict[object, Flow] = {}
        """What queues remember of its turns."""
        self.listeners: dict[Callable[[Budget], None], None] = {}
        """Told when a call of it may go that could not before."""
        self.last_look: Callable[[], None] | None = None
        """Called as a request of it is about to leave; what it raises keeps it back."""
        self._started = 0
        self._began = self._entered = self._credits = self._concurrency = None

    def _gate(self) -> None:
        limited = self._concurrency is not None or self._pace is not None
        self.gated = self.paused or self.waits or self.closed or limited
        self.changed()
        for gate in tuple(self.gates):
            gate.dispatch()

    def _let_fall(self, amount: int, *, before: "Budget") -> None:
        for budget in self.line[: self.line.index(before)]:
            budget._present -= 1  # noqa: SLF001  # its own kind
            if not budget.waits:
                budget.reserved -= amount

    def _let_go(self, amount: int) -> None:
        if self.waits:
            self.reserved += amount
        if self._pace is not None:
            self._started += amount
            if self._began is None:
                self._began = self._clock.monotonic()

    def _holds_back(self, amount: int) -> bool:
        if self.paused or (self._concurrency is not None and self.in_flight >= self._concurrency):
            return True
        if self.waits:
            left = self.left
            if left is not None and amount > left:
                return True
        return bool(amount and self._pace is not None and self.pause_left())

    def _set_end(self) -> None:
        end = self._deadline
        if isinstance(end, timedelta):
            own: float | None = self._clock.monotonic() + end.total_seconds()
        elif end is None:
            own = None
        else:
            own = self._clock.monotonic() + (end - self._clock.now()).total_seconds()
        outer = None if self.parent is None else self.parent.ends_by
        self.ends_by = min((moment for moment in (own, outer) if moment is not None), default=None)

    def _moment(self, deadline: float | datetime | None) -> timedelta | datetime | None:
        if isinstance(deadline, datetime):
            if deadline.tzinfo is None:
                raise ConfigurationError(
                    f"budget {self.name!r} has a deadline without a time zone; "
                    "give an aware datetime or seconds"
                )
            return deadline
        if deadline is None:
            return None
        seconds = _positive(self.name, "deadline", deadline)
        return timedelta(seconds=seconds or 0.0)

    def _seconds(self, pace: float | timedelta | None) -> float | None:
        seconds = pace.total_seconds() if isinstance(pace, timedelta) else pace
        return _positive(self.name, "pace", seconds)


def _positive(name: str, what: str, value: float | None) -> float | None:
    # Written so that NaN fails it, too.
    if value is not None and not 0 < value < float("inf"):
        raise ConfigurationError(f"budget {name!r} has a {what} of {value}; give more than 0")
    return value


def _choice(name: str, when_spent: WhenSpent | str) -> WhenSpent:
    with contextlib.suppress(ValueError):
        return WhenSpent(when_spent)
    raise ConfigurationError(
        f"budget {name!r} has when_spent={when_spent!r}; give 'refuse' or 'wait'"
    )
