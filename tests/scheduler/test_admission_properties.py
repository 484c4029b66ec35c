"""The scheduler under arbitrary histories, with a pot that nearly always binds."""

from collections import Counter

from history import LIMITS, POT, History
from hypothesis import Phase, event, settings
from hypothesis.stateful import invariant
from soaking import examples
from witness import Caller

from zohocrm_async.exceptions import BudgetExceeded, CreditsExhausted, QueueFull
from zohocrm_async.options import Priority
from zohocrm_async.scheduler import Budget, Permit
from zohocrm_async.scheduler.ledger import WINDOW


class SchedulerMachine(History):
    """What holds at every grant, at every refusal and in between."""

    def check_grant(self, permit: Permit) -> None:
        """Hold each grant against limits, an exact log, and the order of those who wait."""
        scheduler, limits = self.scheduler, self.scheduler.limits
        assert scheduler.has_slots(permit)
        means = scheduler._means
        assert means.slots.in_flight + min(permit.slots, limits.concurrency) <= limits.concurrency
        heavy = min(permit.heavy, limits.heavy_concurrency)
        assert not heavy or means.heavy.in_flight + heavy <= limits.heavy_concurrency
        assert permit.budget is not None
        for budget in permit.budget.line:
            # The call itself is counted already.
            assert budget.concurrency is None or budget.in_flight <= budget.concurrency
            assert not budget.paused
            left = budget.left
            assert left is None or not budget.waits or permit.reserve <= left
        if permit.reserve:
            floor = 0 if permit.priority is Priority.INTERACTIVE else limits.floor
            held = scheduler._ledger.reserved
            assert self.spent() + held + permit.reserve <= POT - floor
            assert self.clock.monotonic() >= self.parked_until
        due = permit.flow.rank.owed >= 1 - 1e-9
        for other in scheduler._queue:
            if other is permit or (other.future is not None and other.future.cancelled()):
                continue
            self.check_order(permit, other, due=due)

    def check_order(self, permit: Permit, other: Permit, *, due: bool) -> None:
        """Hold the grant of *permit* against *other*, who waits on."""
        tag, same_class = self.scheduler.tag, other.priority == permit.priority
        kinds = [(one.slots, one.heavy, bool(one.reserve)) for one in (permit, other)]
        same_kind = kinds[0] == kinds[1]
        if other.budget is permit.budget and same_kind:
            assert other.arrival > permit.arrival, "overtaken by one of its own lane"
        assert other.budget is not None
        if not self.scheduler.has_slots(other) or other.budget.obstacle(other.reserve) is not None:
            return
        if same_class and same_kind:
            assert tag(other) > tag(permit), "overtaken by a flow that had more"
        # Heavy slots may be kept for a call of several before it.
        kept = other.heavy and any(map(self.scheduler.keeps, self.scheduler._queue))
        if other.reserve and permit.reserve and not kept:
            ahead = other.priority < permit.priority and not due
            ahead = ahead or (same_class and tag(other) < tag(permit))
            assert not ahead, "a call that lacks credits was overtaken"

    def check_refusal(self, caller: Caller) -> None:
        """A call is refused for one of three reasons, and each of them is true."""
        assert caller.task is not None
        error = caller.task.exception()
        event(f"{type(error).__name__} at once")
        if isinstance(error, QueueFull):
            assert len(self.scheduler._queue) >= LIMITS.max_waiting
        elif isinstance(error, CreditsExhausted):
            floor = 0 if caller.priority is Priority.INTERACTIVE else self.scheduler.limits.floor
            assert (error.resumes_at is not None) == (caller.reserve <= POT - floor)
            if error.resumes_at is not None:
                patience = caller.budget.patience(LIMITS.max_wait)
                wait = (error.resumes_at - self.clock.now()).total_seconds()
                assert patience is not None
                assert wait > patience
        else:
            assert isinstance(error, BudgetExceeded)
            assert caller.budget.remaining is not None
            assert error.remaining < caller.reserve

    @invariant()
    def state_is_that_of_the_living(self) -> None:
        """Slots, credits, budgets and the queue belong to living calls and to no other."""
        flying, waiting = self.some("flying"), self.some("waiting")
        report = self.scheduler.report()
        held = [c.permit for c in flying if c.permit]
        assert report.slots.in_flight == sum(permit.held for permit in held)
        assert report.heavy_slots.in_flight == sum(p.heavy_held for p in held if p.heavy)
        assert report.reserved == sum(c.reserve for c in flying)
        assert report.waiting == len(waiting)
        queued = Counter[Priority]()
        for caller in waiting:
            queued[caller.priority] += caller.price.expected
        assert [rank.queued for rank in self.scheduler._queue.ranks] == [
            queued[priority] for priority in Priority
        ]
        for budget in self.budgets:
            self.check_budget(budget, flying, waiting)

    def check_budget(self, budget: Budget, flying: list[Caller], waiting: list[Caller]) -> None:
        holding = flying if budget.waits else flying + waiting
        mine = [c for c in holding if budget in c.budget.line]
        assert budget.reserved == sum(c.reserve for c in mine)
        assert budget.in_flight == sum(budget in c.budget.line for c in flying)
        assert budget.waiting == sum(budget in c.budget.line for c in waiting)
        spent = sum(c.cost for c in self.callers if budget in c.budget.line and c not in flying)
        assert budget.spent == spent
        if budget.credits is not None:
            assert budget.spent + budget.reserved <= budget.credits + self.extra

    @invariant()
    def used_is_the_truth(self) -> None:
        """The report counts an exact day's credits and at most a minute's more."""
        costs = sum(c.cost for c in self.callers)
        assert sum(amount for _, amount in self.log) == self.before + costs
        report = self.scheduler.report()
        own = report.used - report.foreign
        assert self.spent() <= own <= self.spent(WINDOW + 60)
        assert 0 <= report.foreign <= self.foreign

    @invariant()
    def limits_in_force_are_within_the_configured(self) -> None:
        for pool in (self.scheduler._means.slots, self.scheduler._means.heavy):
            assert 1 <= pool.in_force <= pool.limit

    @invariant()
    def nobody_waits_who_could_go(self) -> None:
        """While a slot is free, every head lacks a heavy slot, credits or its own budget.

        Or it is behind a call of several slots, for which those that fall free are kept.
        Whoever lacks credits is woken in time: by the clock, or by a call in flight.
        """
        scheduler, lacking = self.scheduler, None
        for priority in Priority:
            for permit in scheduler.heads(priority):
                if self.is_behind_one_of_several(permit):
                    continue
                if not scheduler.has_slots(permit):
                    self.check_slot_timer(permit)
                    continue
                if not permit.reserve:
                    self.check_instant("a call that needs no credits waits beside a free slot")
                elif lacking is None:
                    lacking = permit
                    self.check_lack(permit)

    def is_behind_one_of_several(self, permit: Permit) -> bool:
        """Whether free slots may be kept from *permit*, for calls in flight to add to them."""
        scheduler = self.scheduler
        if not self.some("flying"):
            return False
        for other in scheduler._queue:
            if other is permit or not scheduler.keeps(other):
                continue
            due = other.flow.rank.owed >= 1 - 1e-9
            same = other.priority == permit.priority
            above = other.priority < permit.priority
            if due or above or (same and scheduler.tag(other) <= scheduler.tag(permit)):
                return True
        return False

    def check_instant(self, what: str) -> None:
        # Only in the very instant before the timer, which is set a hair late.
        timer = self.clock.next_timer()
        assert timer is not None, what
        assert timer < 0.01, what

    def check_lack(self, permit: Permit) -> None:
        """Whoever is held up by its want of credits is woken when they are there."""
        means = self.scheduler._means
        floor = means.floors[permit.priority]
        if means.parking.is_open and means.ledger.free(floor) >= permit.reserve:
            self.check_instant("a call that can go waits")
            return
        due = max(means.ledger.when(permit.reserve, floor) or 0.0, means.parking.remaining)
        event("a head lacks credits")
        timer = self.clock.next_timer()
        if due:
            assert timer is not None
            assert 0 < timer <= due + 0.01
        else:
            assert self.some("flying"), "parked with nobody out to ask"

    def check_slot_timer(self, permit: Permit) -> None:
        """Whoever lacks a slot is woken by a call that ends, or by a timer."""
        in_flight = self.scheduler._means.slots.in_flight
        assert in_flight or self.clock.next_timer() is not None

    def spent(self, window: float = WINDOW) -> int:
        """Return what an exact log says was spent in the window that ends now."""
        since = self.clock.monotonic() - window
        return sum(amount for moment, amount in self.log if moment > since)

    def teardown(self) -> None:
        """Once calls end and time passes, every caller's wait ends too."""
        try:
            for budget in self.budgets:
                budget.resume()
            self.budgets[4].credits = None
            for _ in range(400):
                if not self.some("waiting", "flying"):
                    break
                for caller in self.some("flying"):
                    caller.state, caller.cost = "over", caller.price.expected
                    caller.end.set_result(lambda permit: permit.settle(permit.quote.expected))
                self.run_until_idle()
                self.to_the_timer()
            assert not self.some("waiting", "flying")
            report = self.scheduler.report()
            assert report.slots.in_flight == report.reserved == report.waiting == 0
            assert not self.scheduler._queue.aside
            assert self.clock.next_timer() is None
        finally:
            for caller in self.callers:
                if caller.task is not None:
                    caller.task.cancel()
            self.run_until_idle()
            self.loop.close()


SchedulerMachine.TestCase.settings = settings(
    max_examples=examples(100), stateful_step_count=40, deadline=None, phases=[Phase.generate]
)
TestSchedulerUnderAnyHistory = SchedulerMachine.TestCase
