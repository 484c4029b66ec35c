"""The scheduler: one synchronous decision grants a call all it needs, or nothing."""

import asyncio
from datetime import datetime, timedelta

from attrs import NOTHING, NothingType

from zohocrm_async._clock import Clock, Timer
from zohocrm_async.exceptions import CreditsExhausted, QueueFull, SchedulerClosed
from zohocrm_async.models.credits import CreditReport, SlotReport
from zohocrm_async.options import Limits, Priority
from zohocrm_async.scheduler.books import Books
from zohocrm_async.scheduler.budgets import Budget, current_budget
from zohocrm_async.scheduler.ledger import WINDOW, Ledger, MemoryLedger
from zohocrm_async.scheduler.parking import Parking
from zohocrm_async.scheduler.permit import Permit
from zohocrm_async.scheduler.prices import Quote
from zohocrm_async.scheduler.queue import Queue, Waiter
from zohocrm_async.scheduler.slots import SlotPool

# A timer may fire a shade early, and a head that is woken too early would spin.
_GRACE = 0.001
_HEAVY, _NO_CREDITS = 1, 2


class Scheduler:
    """Grants permits: slots, credits and budget in one decision, by priority.

    Args:
        limits: what the organisation grants; `set_limits` changes it while calls wait.
        clock: the time.
        ledger: the books of the 24-hour window; kept in this process if not given.
    """

    def __init__(self, limits: Limits, *, clock: Clock, ledger: Ledger | None = None) -> None:
        self._limits = limits
        self._clock = clock
        self._ledger = MemoryLedger(limits.credits, clock=clock) if ledger is None else ledger
        self._ledger.allowance = limits.credits
        self._slots = SlotPool(limits.concurrency)
        self._heavy = SlotPool(limits.heavy_concurrency)
        self._queue: Queue[Permit] = Queue(classes=len(Priority), lanes=4)
        self._queued = [0] * len(Priority)
        self._parking = Parking(clock)
        self._books = Books()
        self._timer: Timer | None = None
        self._closed = False

    @property
    def limits(self) -> Limits:
        """The limits in force."""
        return self._limits

    def set_limits(self, limits: Limits) -> None:
        """Take *limits* from now on; calls in flight keep what they hold."""
        self._limits = limits
        self._ledger.allowance = limits.credits
        self._slots.limit = limits.concurrency
        self._heavy.limit = limits.heavy_concurrency
        self._dispatch()

    def admit(self, quote: Quote, *, heavy: bool, operation: str) -> Permit:
        """Return a context manager that waits for its turn and holds it for one attempt.

        Priority, patience and budget are those of `current_budget`.

        Raises:
            BudgetExceeded: a budget of the block has not enough left.
            CreditsExhausted: the credits come back later than the call may wait.
            QueueFull: it would have to wait, and too many wait already.
            SchedulerClosed: the scheduler is closed, or was while the call waited.
        """
        return Permit(self, quote, heavy=heavy, operation=operation)

    def budget(
        self,
        name: str,
        *,
        credits: int | None = None,  # noqa: A002  # the public name
        priority: Priority | None = None,
        max_wait: float | NothingType | None = NOTHING,
    ) -> Budget:
        """Return a budget inside that of the block that runs; the report shows it."""
        budget = Budget(
            name,
            credits=credits,
            priority=priority,
            max_wait=max_wait,
            parent=current_budget.get(),
            recall=self._recall,
        )
        self._books.note_budget(budget)
        return budget

    def observe(self, remaining: int) -> None:
        """Take in what the service says is left; settle the call that says so first."""
        self._ledger.observe(remaining)
        self._dispatch()

    def credits_refused(self) -> datetime:
        """Park calls that take credits, as the service refused one for want of them.

        Say so before the refused call is settled. Returns the end of the parking.
        """
        self._parking.refused()
        self._dispatch()
        return self._moment(self._parking.remaining)

    def report(self) -> CreditReport:
        """Return the account of credits and slots."""
        ledger = self._ledger
        return CreditReport(
            allowance=ledger.allowance,
            floor=self._limits.floor,
            used=ledger.used,
            reserved=ledger.reserved,
            foreign=ledger.foreign,
            remaining=max(0, ledger.free()),
            resumes_at=self._resumes_at(),
            slots=_slot_report(self._slots),
            heavy_slots=_slot_report(self._heavy),
            waiting=len(self._queue),
            by_budget=self._books.by_budget(),
            by_operation=self._books.by_operation(),
        )

    def close(self) -> None:
        """Refuse all who wait and all who come; calls in flight end as they would."""
        self._closed = True
        for waiter in list(self._queue):
            self._refuse(waiter, SchedulerClosed("the client was closed while the call waited"))
        self._dispatch()

    def enter(self, permit: Permit) -> Waiter[Permit] | None:
        """Grant *permit* now, or return the place where it waits."""
        if self._closed:
            raise SchedulerClosed("the client is closed; open it with 'async with'")
        if permit.budget is not None:
            permit.budget.reserve(permit.reserve)
            permit.charged = True
            self._books.note_budget(permit.budget)
        if not self._queue and self._fits(permit):
            self._grant(permit)
            return None
        return self._line_up(permit)

    def withdraw(self, permit: Permit) -> None:
        """Undo `enter` for a call that will not be made, granted or not."""
        if permit.granted:
            self.leave(permit)
            return
        if permit.charged and permit.budget is not None:
            permit.budget.settle(permit.reserve, 0)
        if permit.waiter is not None and self._unqueue(permit.waiter):
            self._dispatch()

    def settle(self, permit: Permit, actual: int) -> None:
        """Book the true price of *permit*, once."""
        if not permit.settled:
            self._settle(permit, actual, served=actual > 0)

    def leave(self, permit: Permit) -> None:
        """Take back the slots of *permit*, and settle it if nobody did."""
        if not permit.settled:
            # Nobody knows whether the service booked a call whose answer was lost:
            # unknown means spent.
            self._settle(permit, permit.reserve if permit.sent else 0, served=False)
        self._slots.release()
        if permit.heavy:
            self._heavy.release()
        if self._queue:
            self._dispatch()

    def _line_up(self, permit: Permit) -> Waiter[Permit]:
        """Put *permit* in the queue, from where it may go at once."""
        lane = _HEAVY * permit.heavy + _NO_CREDITS * (permit.reserve == 0)
        future: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        waiter = self._queue.push(permit, future, priority=permit.priority, lane=lane)
        permit.waiter = waiter
        ahead = sum(self._queued[: permit.priority + 1])
        self._queued[permit.priority] += permit.quote.expected
        # Behind another of its lane it cannot be next, and nothing else has changed.
        if self._queue.is_head(waiter):
            self._dispatch()
        if not waiter.waiting:
            return waiter
        if len(self._queue) > self._limits.max_waiting:
            raise QueueFull(
                f"{self._limits.max_waiting} calls wait already; start fewer at once "
                "or raise Limits.max_waiting"
            )
        if refusal := self._refusal(permit, ahead=ahead):
            raise refusal
        return waiter

    def _dispatch(self) -> None:
        """Grant all that can go, then set the timer for the head that lacks credits."""
        lacking: Waiter[Permit] | None = None
        while self._queue and self._slots.has_room:
            waiter, lacking = self._next()
            if waiter is not None:
                self._unqueue(waiter)
                self._grant(waiter.item)
                waiter.wake(None)
            elif lacking is not None and (refusal := self._refusal(lacking.item)):
                self._refuse(lacking, refusal)
            else:
                break
        else:
            lacking = None
        self._watch(None if lacking is None else lacking.item)

    def _next(self) -> tuple[Waiter[Permit] | None, Waiter[Permit] | None]:
        """Return who goes next, and the head whose lack of credits holds up others.

        No credit-taking call of its own or a lower class overtakes that head, or dear
        calls would starve.
        """
        lacking = None
        for priority in Priority:
            for waiter in self._queue.heads(priority):
                permit = waiter.item
                if permit.heavy and not self._heavy.has_room:
                    continue
                if permit.reserve == 0:
                    return waiter, lacking
                if lacking is not None:
                    continue
                if self._affords(permit):
                    return waiter, None
                lacking = waiter
        return None, lacking

    def _fits(self, permit: Permit) -> bool:
        return (
            self._slots.has_room
            and (not permit.heavy or self._heavy.has_room)
            and (permit.reserve == 0 or self._affords(permit))
        )

    def _affords(self, permit: Permit) -> bool:
        return self._parking.is_open and self._ledger.free(self._floor(permit)) >= permit.reserve

    def _floor(self, permit: Permit) -> int:
        return 0 if permit.priority is Priority.INTERACTIVE else self._limits.floor

    def _grant(self, permit: Permit) -> None:
        permit.granted = True
        self._slots.acquire()
        if permit.heavy:
            self._heavy.acquire()
        if permit.reserve:
            self._ledger.reserve(permit.reserve)
            permit.probe = self._parking.enter()

    def _settle(self, permit: Permit, actual: int, *, served: bool) -> None:
        permit.settled = True
        permit.spent = actual
        self._ledger.settle(permit.reserve, actual)
        if permit.budget is not None:
            permit.budget.settle(permit.reserve, actual)
        if permit.probe:
            self._parking.leave(served=served)
        if permit.sent or actual:
            self._books.note_call(permit.operation, actual)

    def _unqueue(self, waiter: Waiter[Permit]) -> bool:
        """Take *waiter* out of the queue; return whether its lane has another head."""
        permit = waiter.item
        permit.waiter = None
        self._queued[permit.priority] -= permit.quote.expected
        return self._queue.discard(waiter)

    def _recall(self, budget: Budget) -> None:
        """Refuse those who wait in a budget that was closed."""
        for waiter in list(self._queue):
            if budget.holds(waiter.item.budget):
                self._refuse(
                    waiter,
                    SchedulerClosed(f"budget {budget.name!r} was closed while the call waited"),
                )
        self._dispatch()

    def _refuse(self, waiter: Waiter[Permit], refusal: Exception) -> None:
        self._unqueue(waiter)
        waiter.wake(refusal)

    def _refusal(self, permit: Permit, *, ahead: int = 0) -> CreditsExhausted | None:
        """Return why *permit* will not wait for credits, or None if it will."""
        if permit.reserve == 0:
            return None
        wait = self._credit_wait(permit, ahead)
        if wait is not None:
            now = self._clock.monotonic()
            if wait and permit.lacking_since is None:
                permit.lacking_since = now
            since = now if permit.lacking_since is None else permit.lacking_since
            if permit.max_wait is None or now + wait <= since + permit.max_wait:
                return None
        return CreditsExhausted(
            needed=permit.reserve,
            remaining=max(0, self._ledger.free(self._floor(permit))),
            resumes_at=None if wait is None else self._moment(wait),
        )

    def _credit_wait(self, permit: Permit, ahead: int) -> float | None:
        """Return the seconds until *permit* has its credits after *ahead* others; None: never."""
        floor = self._floor(permit)
        room = self._ledger.allowance - floor
        if permit.reserve > room:
            return None
        parked = self._parking.remaining
        needed = ahead + permit.reserve
        # What is held for calls in flight may come back at any moment.
        if needed <= room - self._ledger.used:
            return parked
        windows, rest = divmod(needed - 1, room)
        wait = self._ledger.when(rest + 1, floor) or 0.0
        return max(parked, wait + windows * WINDOW)

    def _watch(self, permit: Permit | None) -> None:
        """Set the one timer for *permit*, the head that lacks credits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if permit is None:
            return
        wait = self._ledger.when(permit.reserve, self._floor(permit)) or 0.0
        wait = max(wait, self._parking.remaining)
        # No wait is known where a call is out to ask the service: its end tells.
        if wait:
            self._timer = self._clock.call_later(wait + _GRACE, self._dispatch)

    def _resumes_at(self) -> datetime | None:
        ledger = self._ledger
        if parked := self._parking.remaining:
            return self._moment(parked)
        wait = ledger.when(ledger.free() + 1) if ledger.used else None
        return None if wait is None else self._moment(wait)

    def _moment(self, wait: float) -> datetime:
        return self._clock.now() + timedelta(seconds=wait)


def _slot_report(pool: SlotPool) -> SlotReport:
    return SlotReport(limit=pool.limit, in_flight=pool.in_flight, peak=pool.peak)
