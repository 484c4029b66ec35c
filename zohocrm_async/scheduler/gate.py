"""The gate: what happens to a permit, from its asking until its slot is back."""

import asyncio
from collections.abc import Callable
from math import inf

from zohocrm_async._clock import Clock, Timer
from zohocrm_async._events import LimitChanged, Parked, Resumed, SchedulerEvent
from zohocrm_async.exceptions import QueueFull, SchedulerClosed, ZohoCRMError
from zohocrm_async.options import Limits
from zohocrm_async.scheduler.books import Books
from zohocrm_async.scheduler.budgets import Budget
from zohocrm_async.scheduler.deadlines import Deadlines
from zohocrm_async.scheduler.ledger import Ledger
from zohocrm_async.scheduler.means import Means
from zohocrm_async.scheduler.paces import Paces
from zohocrm_async.scheduler.permit import Permit
from zohocrm_async.scheduler.queue import Queue
from zohocrm_async.scheduler.refusals import Judge
from zohocrm_async.scheduler.slots import SlotPool
from zohocrm_async.scheduler.turns import Turns
from zohocrm_async.scheduler.windows import DayWindow

# A timer may fire a shade early, and a head that is woken too early would spin.
_GRACE = 0.001
# So long may refusals of a lone call be for want of slots.
_PLAUSIBLE = 60.0


class Gate:
    """Lets permits through, one decision for all that each of them needs."""

    def __init__(
        self,
        limits: Limits,
        *,
        clock: Clock,
        ledger: Ledger,
        tell: Callable[[SchedulerEvent], None],
        mails: DayWindow | None = None,
    ) -> None:
        self.means = means = Means(limits, ledger, clock, mails)
        self.queue = Queue()
        self.paces = Paces()
        self.books = Books(clock.monotonic())
        self.limits = limits
        self.subscribers: dict[object, Callable[[], None]] = {}
        self.draining = self.closed = False
        self.drained: list[asyncio.Future[None]] = []
        self._clock = clock
        self.time = clock.monotonic
        self._ledger = ledger
        self._slots, self._heavy, self._parking = means.slots, means.heavy, means.parking
        self._tell = tell
        self._turns = Turns(self.queue, means, on_growth=self._note_growth, stir=self.dispatch)
        self._judge = Judge(means)
        self._deadlines = Deadlines(clock, self._expire)
        self.timer: Timer | None = None
        self.timer_at = inf
        self.configure(limits)
        ledger.listen(self.dispatch)
        if mails is not None:
            mails.listen(self.dispatch)

    def configure(self, limits: Limits) -> None:
        """Take *limits* from now on."""
        self.limits = limits
        self.means.configure(limits)
        self._turns.configure(limits)
        self._judge.max_wait = limits.max_wait

    async def paced(self, permit: Permit) -> None:
        """Wait until the rates of its budgets let *permit* line up."""
        self._admissible(permit)
        if not permit.arrival:
            permit.arrival = next(self.queue.arrivals)
            self._keep_the_bound(self.queue.waiting + len(self.paces) + 1)
        if permit.deadline is None:
            await self.paces.wait(permit)
            return
        left = permit.deadline - self.time()
        timer = self._clock.call_later(
            max(0.0, left), lambda: self.paces.refuse(permit, self._judge.late(permit))
        )
        try:
            await self.paces.wait(permit)
        finally:
            timer.cancel()

    def enter(self, permit: Permit) -> bool:
        """Grant *permit* now, or let it wait; return whether it waits."""
        if self.draining:
            self._admissible(permit)
        queue = self.queue
        if not permit.arrival:
            permit.arrival = next(queue.arrivals)
        permit.settled = permit.sent = permit.turned_away = False
        budget = permit.budget
        if budget is None:
            free = not queue.waiting
        else:
            permit.gated = budget.reserve(permit.reserve)
            permit.charged = True
            if self not in budget.gates:
                self._note(budget)
            if budget.ends_by is not None and self.time() > budget.ends_by:
                raise self._judge.late(permit)
            free = not queue.waiting and not permit.gated
        if not (free and self.means.fits(permit)):
            return self._line_up(permit)
        self._grant(permit)
        return False

    def withdraw(self, permit: Permit, error: BaseException) -> None:
        """Undo `enter` for a call that will not be made as of *error*, granted or not."""
        if permit.granted:
            self.leave(permit)
            return
        if isinstance(error, ZohoCRMError):
            self.books.note_refusal(error)
        moved = self._unqueue(permit)
        if permit.charged and permit.budget is not None:
            permit.charged = False
            permit.budget.forgo(permit.reserve)
        if moved:
            self.dispatch()
        if self.drained or self.subscribers:
            self.changed()

    def book(self, permit: Permit, actual: int, served: bool, acted: bool) -> None:
        """Book the true price of *permit*: *served* with an answer, or may have *acted*."""
        reserve = permit.reserve
        permit.settled = True
        permit.spent = actual
        self._ledger.settle(reserve, actual)
        if actual != reserve and permit.flow.correct(reserve, actual):
            self.queue.lower(permit.flow)
        if permit.probe:
            permit.probe = False
            if self._parking.leave(served=served):
                self._tell(Resumed())
        if permit.windows:
            for name in permit.windows:
                self.means.window(name).settle(counted=acted and actual > 0)
        if permit.sent or actual:
            moment = permit.sent_at if permit.sent else self.time()
            self.books.note_call(permit.operation, actual, moment)

    def refused(self, permit: Permit, retry_after: float | None) -> None:
        """Take in that the service refused *permit* as too many calls were in flight."""
        if not permit.granted or permit.settled:
            return
        self.book(permit, 0, False, False)
        permit.turned_away = True
        permit.flow.take_back(permit.held)
        self.queue.lower(permit.flow)
        self.books.concurrency += 1
        now = self.time()
        self._lower_limits(permit, now)
        if retry_after:
            self._slots.hold(now, retry_after)
            self._tell(Parked(retry_after, "the service asks to wait"))
        if (self._heavy if permit.heavy else self._slots).refusing_for(now) >= _PLAUSIBLE:
            self.park()

    def leave(self, permit: Permit) -> None:
        """Take back the slots of *permit*, and settle it if nobody did."""
        if not permit.settled:
            # Nobody knows whether the service booked a call whose answer was lost:
            # unknown means spent.
            lost = permit.sent
            self.book(permit, permit.reserve if lost else 0, False, lost)
        permit.granted = permit.charged = False
        if permit.budget is not None:
            permit.budget.settle(permit.reserve, permit.spent)
        self._slots.in_flight -= permit.held
        if permit.heavy:
            self._heavy.in_flight -= permit.heavy_held
        if (self._slots.is_refusing or self._heavy.is_refusing) and permit.sent:
            self._note_service(permit)
        if self.queue.waiting:
            self.dispatch()
        if self.drained or self.subscribers:
            self.changed()

    def dispatch(self) -> None:
        """Grant all that can go, then set the timer for those who cannot."""
        queue, turns, slots = self.queue, self._turns, self._slots
        wake_at = inf
        while queue.waiting:
            if slots.in_flight >= slots.limit and not slots.is_held:
                break
            call = turns.next()
            if call is not None:
                self._unqueue(call)
                self._grant(call)
                turns.took(call)
                call.wake(None)
            elif not self._refuse_the_hopeless():
                wake_at = self._wake_at()
                break
        if wake_at != self.timer_at:
            self._set_timer(wake_at)

    def park(self) -> None:
        """Park calls that take credits, as the service refused one for want of them."""
        self.books.service += 1
        if seconds := self._parking.refused():
            self._tell(Parked(seconds, "the service says that the credits are spent"))
        self.dispatch()
        self.changed()

    def recall(self, why: str, budget: Budget | None = None) -> None:
        """Refuse those who wait, in *budget* if one is given."""
        for permit in tuple(self.queue):
            if budget is None or budget.holds(permit.budget):
                self._refuse(permit, SchedulerClosed(f"{why} while the call waited"))
        for permit in self.paces.waiting():
            if budget is None or budget.holds(permit.budget):
                self.paces.refuse(permit, SchedulerClosed(f"{why} while the call waited"))
        self.dispatch()
        self.changed()

    def changed(self) -> None:
        """Tell those who watch, and those who wait for the end."""
        if self.drained and self.is_idle:
            for future in self.drained:
                if not future.done():
                    future.set_result(None)
            self.drained.clear()
        for callback in tuple(self.subscribers.values()):
            callback()

    @property
    def is_idle(self) -> bool:
        """Whether no call waits and none is in flight."""
        return not (self.queue.waiting or self._slots.in_flight or len(self.paces))

    def _note(self, budget: Budget) -> None:
        self.books.note_budget(budget)
        for one in budget.line:
            one.gates[self] = None

    def _admissible(self, permit: Permit) -> None:
        if self.closed:
            raise SchedulerClosed("the client is closed; make another")
        # Who was let in before may go on with its next attempt.
        if self.draining and not permit.arrival:
            raise SchedulerClosed("the client ends its work and takes no new calls")

    def _keep_the_bound(self, waiting: int) -> None:
        if waiting > self.limits.max_waiting:
            raise QueueFull(
                f"{self.limits.max_waiting} calls wait already; start fewer at once "
                "or raise Limits.max_waiting"
            )

    def _line_up(self, permit: Permit) -> bool:
        """Put *permit* in the queue, from where it may go at once."""
        queue = self.queue
        permit.lane = permit.refusal = permit.future = permit.lacking_since = None
        again, permit.lined_up, permit.watched = permit.lined_up, True, False
        permit.since = self.time()
        # Behind another of its lane it cannot be next, and nothing else has changed.
        if queue.push(permit):
            self.dispatch()
        if permit.granted:
            return False
        if permit.refusal is not None:
            raise permit.refusal
        if not again:
            self._keep_the_bound(queue.waiting + len(self.paces))
        if refusal := self._judge.refusal(permit, ahead=queue.ahead(permit)):
            raise refusal
        if permit.deadline is not None:
            self._deadlines.add(permit, permit.deadline)
        if self.subscribers:
            self.changed()
        return True

    def _grant(self, permit: Permit) -> None:
        permit.granted = True
        slots = self._slots
        permit.flow.charge(permit.reserve)
        if permit.slots == 1:
            slots.in_flight += 1
        else:
            permit.held = slots.part(permit.slots)
            slots.in_flight += permit.held
            permit.flow.charge_more(permit.held - 1)
        if slots.in_flight > slots.peak:  # noqa: PLR1730  # max() costs more
            slots.peak = slots.in_flight
        if permit.heavy:
            heavy = self._heavy
            permit.heavy_held = heavy.part(permit.heavy) if permit.heavy > 1 else 1
            heavy.in_flight += permit.heavy_held
            if heavy.in_flight > heavy.peak:  # noqa: PLR1730  # max() costs more
                heavy.peak = heavy.in_flight
        if permit.reserve:
            self._ledger.reserve(permit.reserve)
            if self._parking.is_on:
                permit.probe = self._parking.enter()
        if permit.gated and permit.budget is not None:
            permit.budget.start(permit.reserve)
        if permit.windows:
            for name in permit.windows:
                self.means.window(name).reserve()
        if self.subscribers:
            self.changed()

    def _lower_limits(self, permit: Permit, now: float) -> None:
        """Let fewer calls go of the pool that refused, as far as that can be told."""
        # A heavy call tells of the lower limit first. Were it the other that binds, light
        # calls would be refused too, and where there are none, the heavy pool is all.
        if permit.heavy:
            self._lower(self._heavy, now, permit.heavy_held)
        else:
            self._lower(self._slots, now, permit.held)

    def _lower(self, pool: SlotPool, now: float, slots: int) -> None:
        before, held = pool.in_force, pool.is_held
        pool.refused(now, slots)
        if pool.in_force != before:
            reason = "the service refused a call as too many were in flight"
            self._tell(LimitChanged(pool.name, pool.in_force, pool.limit, reason))
        if pool.is_held and not held:
            seconds = pool.probe_at - now
            self._tell(Parked(seconds, f"the service refuses even one call ({pool.name})"))

    def _note_growth(self, pool: SlotPool) -> None:
        if pool.is_probing:
            reason = "all were used, and one more is tried"
            self._tell(LimitChanged(pool.name, pool.in_force, pool.limit, reason))

    def _note_service(self, permit: Permit) -> None:
        if permit.turned_away:
            return
        taken = self._slots.served()
        if permit.heavy:
            taken = self._heavy.served() or taken
        else:
            # There are credits, whatever the refusals of heavy calls mean.
            self._heavy.doubt_anew(self.time())
        if taken:
            self._tell(Resumed())

    def _refuse_the_hopeless(self) -> bool:
        """Refuse heads that shall not wait for what they lack; return whether one was."""
        for call in (self._turns.lacking, self._turns.shut_out):
            if call is not None and (refusal := self._judge.refusal(call)) is not None:
                self._refuse(call, refusal)
                return True
        return False

    def _refuse(self, permit: Permit, refusal: ZohoCRMError) -> None:
        self._unqueue(permit)
        permit.refusal = refusal
        permit.wake(refusal)

    def _expire(self, permit: Permit) -> None:
        self._refuse(permit, self._judge.late(permit))
        self.dispatch()

    def _unqueue(self, permit: Permit) -> bool:
        """Take *permit* out of the queue; return whether its lane has another head."""
        if not permit.lined_up:
            return False
        if permit.watched:
            self._deadlines.remove(permit)
        return self.queue.discard(permit)

    def _wake_at(self) -> float:
        lacking = self._turns.lacking
        if lacking is None:
            return self._turns.wake_at
        # No wait is known where a call is out to ask the service: its end tells.
        wait = self.means.due(lacking)
        due = self.time() + wait if wait else inf
        return min(self._turns.wake_at, due)

    def _set_timer(self, moment: float) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        self.timer_at = moment
        if moment < inf:
            wait = max(0.0, moment - self.time())
            self.timer = self._clock.call_later(wait + _GRACE, self._ring)

    def _ring(self) -> None:
        self.timer = None
        self.timer_at = inf
        self.dispatch()
