"""The scheduler: one synchronous decision grants a call all it needs, or nothing."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from attrs import NOTHING, NothingType

from zohocrm_async._clock import Clock
from zohocrm_async._events import ForeignUse, SchedulerEvent
from zohocrm_async.options import Limits, Priority, WhenSpent
from zohocrm_async.scheduler.budgets import Budget, current_budget
from zohocrm_async.scheduler.gate import Gate
from zohocrm_async.scheduler.leased_gate import LeasedGate, LeasedPermit
from zohocrm_async.scheduler.leases import SlotLeases
from zohocrm_async.scheduler.ledger import Ledger, MemoryLedger
from zohocrm_async.scheduler.permit import Permit
from zohocrm_async.scheduler.prices import Quote
from zohocrm_async.scheduler.windows import DayWindow

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

    from zohocrm_async.models.credits import CreditReport, Forecast, SpentMinute


class Scheduler:
    """Grants permits: slots, credits, windows and budget in one decision.

    Args:
        limits: what the organisation grants; `set_limits` changes it while calls wait.
        clock: the time.
        ledger: the books of the 24-hour window; kept in this process if not given.
        leases: who lends slots, where several processes share them.
        mails: the count of the day's mails; kept in this process if not given.
        tell: called with what happens to limits and pauses.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        clock: Clock,
        ledger: Ledger | None = None,
        leases: SlotLeases | None = None,
        mails: DayWindow | None = None,
        tell: Callable[[SchedulerEvent], None] | None = None,
    ) -> None:
        books = MemoryLedger(limits.credits, clock=clock) if ledger is None else ledger
        self._clock = clock
        self._tell = tell or _keep_quiet
        self._ledger = books
        self._leases = leases
        self._gate = (
            Gate(limits, clock=clock, ledger=books, tell=self._tell, mails=mails)
            if leases is None
            else LeasedGate(
                limits, clock=clock, ledger=books, tell=self._tell, mails=mails, leases=leases
            )
        )
        self._means, self._queue = self._gate.means, self._gate.queue

    @property
    def limits(self) -> Limits:
        """The limits as configured."""
        return self._gate.limits

    @property
    def windows(self) -> Mapping[str, DayWindow]:
        """The limits of the calendar day, by the names by which calls ask for them."""
        return self._means.windows

    @property
    def closed(self) -> bool:
        """Whether no new call is taken any more."""
        return self._gate.draining

    @property
    def in_flight(self) -> int:
        """Slots that calls in flight hold."""
        return self._means.slots.in_flight

    def set_limits(self, limits: Limits) -> None:
        """Take *limits* from now on; calls in flight keep what they hold."""
        self._gate.configure(limits)
        self._stir()

    def admit(
        self,
        quote: Quote,
        *,
        heavy: int,
        operation: str,
        windows: tuple[str, ...] = (),
        slots: int = 1,
    ) -> Permit:
        """Return a context manager that waits for its turn and holds it for one attempt.

        It takes *slots* of all and *heavy* of the heavy ones at once, or as many as there
        are. Entered again, it does so for the next attempt, from its old place in the queue.
        Priority, patience, deadline and budget are those of `current_budget`; *windows*
        are the limits of the day or the minute that the call counts for.

        Raises:
            BudgetExceeded: a budget of the block has not enough left.
            CreditsExhausted: the credits come back later than the call may wait.
            WindowExhausted: the next day begins later than the call may wait.
            DeadlineExceeded: it cannot start by the deadline of its budget.
            QueueFull: it would have to wait, and too many wait already.
            SchedulerClosed: the scheduler is closed, or was while the call waited.
        """
        budget = current_budget.get()
        queue = self._queue
        flow = queue.common
        if budget is not None:
            flow = budget.flows.get(queue) or queue.flow(budget)
        rates: tuple[AsyncLimiter, ...] = ()
        if windows:
            windows, rates = self._means.split(windows)
        if self._leases is None:
            return Permit(self._gate, quote, operation, budget, flow, slots, heavy, windows, rates)
        permit = LeasedPermit(
            self._gate, quote, operation, budget, flow, slots, heavy, windows, rates
        )
        permit.leases = self._leases
        return permit

    def lack(self, permit: Permit) -> str | None:
        """Return what keeps *permit* from going now, but for the order of calls.

        ``slots``, ``credits``, ``windows`` or ``budget``; None: nothing does.
        """
        return self._means.lack(permit)

    def budget(
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
    ) -> Budget:
        """Return a budget inside that of the block that runs; the report shows it.

        The arguments are those of `ZohoCRM.budget`.
        """
        budget = Budget(
            name,
            credits=credits,
            priority=priority,
            max_wait=max_wait,
            weight=weight,
            concurrency=concurrency,
            rate=rate,
            deadline=deadline,
            when_spent=when_spent,
            pace=pace,
            parent=current_budget.get(),
            clock=self._clock,
            recall=self._recall,
        )
        self._gate.books.note_budget(budget)
        return budget

    def observe(self, remaining: int, *, sent_at: float) -> None:
        """Take in what the service says is left; settle the call that says so first.

        *sent_at* is when that call was sent, in the clock's seconds.
        """
        foreign = self._ledger.foreign
        self._ledger.observe(remaining, sent_at=sent_at)
        if (more := self._ledger.foreign - foreign) > 0:
            self._tell(ForeignUse(more))
        self._stir()

    def credits_refused(self) -> datetime:
        """Park calls that take credits, as the service refused one for want of them.

        Say so before the refused call is settled. Returns the end of the parking.
        """
        self._gate.park()
        return self._clock.now() + timedelta(seconds=self._means.parking.remaining)

    def window_spent(self, name: str) -> None:
        """Let no more calls of the window *name* go today, as the service refused one."""
        self._means.window(name).fill()
        self._stir()

    def report(self) -> "CreditReport":
        """Return the account of credits and slots."""
        from zohocrm_async.scheduler import reports  # noqa: PLC0415  # loads on first use

        return reports.report(self._gate, self._clock)

    def history(self) -> "tuple[SpentMinute, ...]":
        """Return the minutes of the window in which credits were spent, the oldest first."""
        from zohocrm_async.scheduler import reports  # noqa: PLC0415  # loads on first use

        return reports.history(self._ledger, self._clock)

    def forecast(
        self,
        calls: int,
        quote: Quote,
        *,
        heavy: int = 0,
        seconds_per_call: float | None = None,
        budget: Budget | None = None,
        windows: tuple[str, ...] = (),
        slots: int = 1,
    ) -> "Forecast":
        """Return what *calls* like this one cost, and when they can be done at the earliest.

        It reckons with what is spent and in flight now, with no calls but these from now
        on. Slots count where *seconds_per_call* says what a call takes.
        """
        from zohocrm_async.scheduler import forecasts  # noqa: PLC0415  # loads on first use

        plan = forecasts.Plan(
            calls=calls,
            quote=quote,
            slots=slots,
            heavy=heavy,
            seconds_per_call=seconds_per_call,
            budget=budget or current_budget.get(),
            windows=windows,
        )
        return forecasts.forecast(plan, self._means)

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call *callback* after each change of the account; return what ends that."""
        key = object()
        self._gate.subscribers[key] = callback

        def forget() -> None:
            self._gate.subscribers.pop(key, None)

        return forget

    async def drain(self) -> None:
        """Refuse new calls, and return when all that wait and are in flight are done.

        Calls between two attempts may still make the next one.
        """
        gate = self._gate
        gate.draining = True
        gate.changed()
        if not gate.is_idle:
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            gate.drained.append(done)
            await done

    def close(self, *, wait: bool = False) -> None:
        """Refuse all who come, and unless *wait* all who wait; calls in flight end as ever."""
        self._gate.draining = True
        if not wait:
            self._gate.closed = True
            self._gate.recall("the client was closed")
        self._gate.changed()

    def _recall(self, budget: Budget) -> None:
        self._gate.recall(f"budget {budget.name!r} was closed", budget)

    def _stir(self) -> None:
        self._gate.dispatch()
        self._gate.changed()


def _keep_quiet(event: SchedulerEvent) -> None:
    """Tell nobody."""
