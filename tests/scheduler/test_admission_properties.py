"""The scheduler under arbitrary histories, with a pot that nearly always binds."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack

import attrs
from hypothesis import Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from witness import Caller, Witness

from zohocrm_async._clock import ManualClock
from zohocrm_async.exceptions import BudgetExceeded, CreditsExhausted, QueueFull, ZohoCRMError
from zohocrm_async.options import Limits, Priority
from zohocrm_async.scheduler import Budget, Permit, Quote
from zohocrm_async.scheduler.ledger import WINDOW

POT = 60
LIMITS = Limits(
    credits=POT, concurrency=3, heavy_concurrency=1, floor=8, max_wait=300.0, max_waiting=8
)


class SchedulerMachine(RuleBasedStateMachine):
    """Calls arrive, end, are cancelled and refused while time passes and limits change."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = ManualClock()
        self.scheduler = Witness(LIMITS, clock=self.clock)
        self.scheduler.on_grant = self.check_grant
        self.scheduler.on_settle = self.note_settling
        self.callers: list[Caller] = []
        self.log: list[tuple[float, int]] = []
        self.foreign = 0
        self.parked_until = 0.0
        self.before = 0
        self.budgets = [
            Budget("open", max_wait=None),
            Budget("small", credits=45),
            Budget("hasty", max_wait=0.0),
        ]
        self.budgets.append(Budget("nested", credits=60, parent=self.budgets[1]))

    # What happens.

    @initialize(spent=st.sampled_from([0, 30, 45]))
    def begin(self, spent: int) -> None:
        """The day begins with part of the pot spent, so that it binds soon."""
        self.before = spent
        self.scheduler._ledger.settle(0, spent)
        self.log.append((self.clock.monotonic(), spent))

    def arrive(self, caller: Caller) -> None:
        async def run() -> None:
            async with AsyncExitStack() as stack:
                inner = Budget("class", priority=caller.priority, parent=caller.budget)
                await stack.enter_async_context(inner)
                permit = self.scheduler.admit(caller.price, heavy=caller.heavy, operation="x")
                caller.permit = permit
                async with permit:
                    caller.state = "flying"
                    try:
                        (await caller.end)(permit)
                    finally:
                        caller.state = "over"

        caller.task = self.loop.create_task(run())
        self.callers.append(caller)

    @rule(
        low=st.integers(0, 8),
        spread=st.sampled_from([0, 0, 4, 16]),
        heavy=st.booleans(),
        priority=st.sampled_from(Priority),
        budget=st.integers(0, 3),
        crowd=st.sampled_from([1, 2, 4]),
    )
    def arrivals(
        self, *, low: int, spread: int, heavy: bool, priority: Priority, budget: int, crowd: int
    ) -> None:
        """Calls come, dear ones up to two fifths of the pot."""
        price = Quote(low, low * 3 + spread, low + spread // 2, exact=not spread, basis="")
        for _ in range(crowd):
            self.arrive(
                Caller(
                    len(self.callers), price, heavy, priority, self.budgets[budget],
                    self.loop.create_future(),
                )
            )  # fmt: skip
        self.run_until_idle()
        for caller in self.callers[-crowd:]:
            if caller.task and caller.task.done():
                self.check_refusal(caller)

    @precondition(lambda self: self.some("flying"))
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        """An attempt ends in one of the ways attempts end."""
        self.finish(data)
        self.run_until_idle()

    @precondition(lambda self: self.some("flying") and self.some("waiting"))
    @rule(data=st.data())
    def end_and_cancel_in_the_tick_of_the_grant(self, data: st.DataObject) -> None:
        """A slot comes back, and whoever it went to is cancelled before it knows."""
        self.finish(data)
        self.tick()
        for caller in self.some("waiting"):
            if caller.task and caller.permit and caller.permit.granted:
                event("cancelled in the tick of the grant")
                caller.task.cancel()
        self.run_until_idle()

    @precondition(lambda self: self.some("waiting", "flying"))
    @rule(data=st.data(), count=st.integers(1, 3), late=st.booleans())
    def cancel(self, data: st.DataObject, count: int, late: bool) -> None:
        """Callers go away, perhaps in the very tick of another's end."""
        for _ in range(min(count, len(self.some("waiting", "flying")))):
            victim = data.draw(st.sampled_from(self.some("waiting", "flying")))
            assert victim.task is not None
            victim.task.cancel()
        if late and self.some("flying"):
            self.finish(data)
        self.run_until_idle()

    @rule(seconds=st.sampled_from([0.5, 30.0, 61.0, 3_600.0, 43_200.0, 86_400.0]))
    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.run_until_idle()

    @precondition(lambda self: self.clock.next_timer() is not None)
    @rule()
    def pass_to_the_timer(self) -> None:
        self.to_the_timer()

    @rule(amount=st.integers(1, 12))
    def others_spend(self, amount: int) -> None:
        """The service says that others took credits."""
        ledger = self.scheduler._ledger
        self.scheduler.observe(POT - ledger.used - ledger.reserved - amount)
        self.foreign += amount
        self.run_until_idle()

    @precondition(lambda self: self.some("flying"))
    @rule(truly=st.integers(0, 3))
    def service_refuses(self, truly: int) -> None:
        """The service says that the credits are spent; seldom, as all stands still then."""
        if truly:
            return
        until = self.scheduler.credits_refused()
        self.parked_until = (until - self.clock.now()).total_seconds() + self.clock.monotonic()
        self.run_until_idle()

    @rule(concurrency=st.integers(1, 3), heavy=st.integers(1, 2), floor=st.sampled_from([0, 8]))
    def limits_change(self, concurrency: int, heavy: int, floor: int) -> None:
        self.scheduler.set_limits(
            attrs.evolve(LIMITS, concurrency=concurrency, heavy_concurrency=heavy, floor=floor)
        )
        self.run_until_idle()

    def finish(self, data: st.DataObject) -> None:
        caller = data.draw(st.sampled_from(self.some("flying")))

        def twice(permit: Permit) -> None:
            permit.mark_sent()
            permit.settle(caller.price.minimum)
            permit.settle(99)

        how = data.draw(st.sampled_from(["truth", "reserve", "nothing", "unsent", "lost", "twice"]))
        ends: dict[str, Callable[[Permit], None]] = {
            "truth": lambda permit: permit.settle(caller.price.expected),
            "reserve": lambda permit: permit.settle(caller.reserve),
            "nothing": lambda permit: permit.settle(0),
            "unsent": lambda _: None,
            "lost": lambda permit: permit.mark_sent(),
            "twice": twice,
        }
        costs = {
            "truth": caller.price.expected,
            "reserve": caller.reserve,
            "lost": caller.reserve,
            "twice": caller.price.minimum,
        }
        if caller.end.done() or (caller.task and caller.task.cancelling()):
            return
        caller.cost = costs.get(how, 0)
        caller.state = "over"
        caller.end.set_result(ends[how])

    def note_settling(self, permit: Permit, actual: int, served: bool) -> None:
        self.log.append((self.clock.monotonic(), actual))
        if permit.probe and served:
            self.parked_until = 0.0

    # What holds.

    def check_grant(self, permit: Permit) -> None:
        """Hold each grant against limits, an exact log, and the order of those who wait."""
        scheduler, limits = self.scheduler, self.scheduler.limits
        assert scheduler._slots.in_flight < limits.concurrency
        if permit.heavy:
            assert scheduler._heavy.in_flight < limits.heavy_concurrency
        if permit.reserve:
            floor = 0 if permit.priority is Priority.INTERACTIVE else limits.floor
            held = scheduler._ledger.reserved
            assert self.spent() + held + permit.reserve <= POT - floor
            assert self.clock.monotonic() >= self.parked_until
        for waiter in scheduler._queue:
            other = waiter.item
            if waiter.future.cancelled() or other is permit:
                continue
            before = scheduler.arrivals[other] < scheduler.arrivals[permit]
            same_kind = (other.heavy, bool(other.reserve)) == (permit.heavy, bool(permit.reserve))
            if other.priority == permit.priority and same_kind:
                assert not before, "overtaken by one of its own kind"
            blocked_by_slot = other.heavy and not scheduler._heavy.has_room
            if other.reserve and permit.reserve and not blocked_by_slot:
                ahead = other.priority < permit.priority
                ahead = ahead or (other.priority == permit.priority and before)
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
            possible = caller.reserve <= POT - floor
            assert (error.resumes_at is not None) == possible
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
        assert report.slots.in_flight == len(flying)
        assert report.heavy_slots.in_flight == sum(c.heavy for c in flying)
        assert report.reserved == sum(c.reserve for c in flying)
        assert report.waiting == len(waiting)
        queued = Counter[Priority]()
        for caller in waiting:
            queued[caller.priority] += caller.price.expected
        assert self.scheduler._queued == [queued[priority] for priority in Priority]
        for budget in self.budgets:
            held = sum(c.reserve for c in flying + waiting if inside(c.budget, budget))
            assert budget.reserved == held
            assert budget.spent == sum(c.cost for c in self.callers if inside(c.budget, budget))
            assert budget.credits is None or budget.spent + budget.reserved <= budget.credits

    @invariant()
    def used_is_the_truth(self) -> None:
        """The report counts an exact day's credits and at most a minute's more."""
        assert sum(amount for _, amount in self.log) == self.before + sum(
            c.cost for c in self.callers
        )
        report = self.scheduler.report()
        own = report.used - report.foreign
        assert self.spent() <= own <= self.spent(WINDOW + 60)
        assert 0 <= report.foreign <= self.foreign

    @invariant()
    def nobody_waits_who_could_go(self) -> None:
        """While a slot is free, every head lacks a heavy slot or credits.

        Whoever lacks credits is woken in time: by the clock, or by a call in flight.
        """
        scheduler = self.scheduler
        ledger, heads = scheduler._ledger, [scheduler._queue.heads(p) for p in Priority]
        lacking = None
        if not scheduler._slots.has_room:
            return
        for permit in (waiter.item for of_class in heads for waiter in of_class):
            if permit.heavy and not scheduler._heavy.has_room:
                continue
            assert permit.reserve, "a call that needs no credits waits beside a free slot"
            if lacking is not None:
                continue
            lacking = permit
            floor = 0 if permit.priority is Priority.INTERACTIVE else scheduler.limits.floor
            timer = self.clock.next_timer()
            if scheduler._parking.is_open and ledger.free(floor) >= permit.reserve:
                # Only in the very instant before the timer, which is set a hair late.
                assert timer is not None
                assert timer < 0.01
                continue
            due = max(ledger.when(permit.reserve, floor) or 0.0, scheduler._parking.remaining)
            event("a head lacks credits")
            if due:
                assert timer is not None
                assert 0 < timer <= due + 0.01
            else:
                assert self.some("flying"), "parked with nobody out to ask"
        if lacking is None:
            assert self.clock.next_timer() is None

    def teardown(self) -> None:
        """Once calls end and time passes, every caller's wait ends too."""
        try:
            for _ in range(200):
                if not self.some("waiting", "flying"):
                    break
                for caller in self.some("flying"):
                    caller.state = "over"
                    caller.cost = caller.price.expected
                    caller.end.set_result(lambda permit: permit.settle(permit.quote.expected))
                self.run_until_idle()
                self.to_the_timer()
            assert not self.some("waiting", "flying")
            report = self.scheduler.report()
            assert report.slots.in_flight == report.reserved == report.waiting == 0
            assert self.clock.next_timer() is None
        finally:
            for caller in self.callers:
                if caller.task is not None:
                    caller.task.cancel()
            self.run_until_idle()
            self.loop.close()

    # How it is driven.

    def to_the_timer(self) -> None:
        # A hair further, as the sum of two floats may fall short of a third.
        self.clock.advance((self.clock.next_timer() or 0.0) + 1e-6)
        self.run_until_idle()

    def some(self, *states: str) -> list[Caller]:
        return [caller for caller in self.callers if caller.state in states]

    def spent(self, window: float = WINDOW) -> int:
        """Return what an exact log says was spent in the window that ends now."""
        since = self.clock.monotonic() - window
        return sum(amount for moment, amount in self.log if moment > since)

    def tick(self) -> None:
        """Run one turn of the loop."""
        self.loop.call_soon(self.loop.stop)
        self.loop.run_forever()

    def run_until_idle(self) -> None:
        for _ in range(6):
            self.tick()
        for caller in self.callers:
            if caller.task is not None and caller.task.done():
                caller.state = "over"
                error = None if caller.task.cancelled() else caller.task.exception()
                if error is not None and not isinstance(error, ZohoCRMError):
                    raise error


def inside(inner: Budget, outer: Budget) -> bool:
    """Whether *outer* is *inner* or around it."""
    line: Budget | None = inner
    while line is not None and line is not outer:
        line = line.parent
    return line is outer


SchedulerMachine.TestCase.settings = settings(
    max_examples=300, stateful_step_count=40, deadline=None, phases=[Phase.generate]
)
TestSchedulerUnderAnyHistory = SchedulerMachine.TestCase
