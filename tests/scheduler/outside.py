"""The scheduler as its callers see it, beside an exact model, under any history.

Nothing here looks inside: calls are made, ended, cancelled and refused, time passes,
limits and budgets change, and the report, the budgets and the order in which calls go
are held against the model. So it can judge any scheduler with the same public names,
those with a fault on purpose (`mutations.py`) included.
"""

import asyncio

import attrs
from callers import CALM, GRAIN, LIMITS, POT, WINDOW, Caller, Callers
from hypothesis import event, strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from zohocrm_async.exceptions import (
    BudgetExceeded,
    CreditsExhausted,
    DeadlineExceeded,
    QueueFull,
)
from zohocrm_async.models import CreditReport
from zohocrm_async.options import Priority
from zohocrm_async.scheduler import Scheduler


class OutsideMachine(Callers):
    """Calls come and end in every way, while time passes and limits change."""

    @initialize(spent=st.sampled_from([0, 30, 45]), strict=st.booleans())
    def begin(self, spent: int, *, strict: bool) -> None:
        """The day begins with part of the pot spent, so that it binds soon."""
        self.strict = strict
        if strict:
            self.limits = attrs.evolve(LIMITS, normal_share=0.0, bulk_share=0.0)
        self.scheduler = Scheduler(self.limits, clock=self.clock)
        make = self.scheduler.budget
        self.budgets = [
            make("people", priority=Priority.INTERACTIVE, max_wait=None),
            make("calm", max_wait=None, weight=2.0),
            make("hasty", max_wait=0.0),
            make("small", priority=Priority.BULK, credits=45),
            make("narrow", priority=Priority.BULK, concurrency=1, max_wait=None),
        ]
        opening = self.new_caller(spent, 0, budget=self.budgets[0])
        self.run_until_idle()
        self.finish(opening, "truth")
        self.run_until_idle()

    # What happens.

    @rule(
        low=st.integers(0, 8),
        spread=st.sampled_from([0, 0, 4, 16]),
        slots=st.sampled_from([1, 1, 1, 2, 3, 5]),
        heavy=st.sampled_from([0, 0, 1, 1, 2]),
        budget=st.integers(0, 4),
        crowd=st.sampled_from([1, 2, 4]),
        deadline=st.sampled_from([None, None, None, 100.0, 4_000.0]),
    )
    def arrivals(
        self, *, low: int, spread: int, slots: int, heavy: int, budget: int, crowd: int,
        deadline: float | None,
    ) -> None:  # fmt: skip
        """Calls come, dear ones up to two fifths of the pot, some of several slots."""
        for _ in range(crowd):
            self.new_caller(
                low, spread, slots=slots, heavy=heavy, budget=self.budgets[budget],
                deadline=deadline,
            )  # fmt: skip
        self.run_until_idle()
        for caller in self.callers[-crowd:]:
            if caller.task and caller.task.done():
                self.check_refusal(caller)

    @precondition(lambda self: self.some("flying"))
    @rule(
        data=st.data(),
        how=st.sampled_from(["truth", "truth", "reserve", "nothing", "unsent", "lost", "twice"]),
    )
    def end(self, data: st.DataObject, how: str) -> None:
        """An attempt ends in one of the ways attempts end."""
        self.finish(data.draw(st.sampled_from(self.some("flying"))), how)
        self.run_until_idle()

    @precondition(lambda self: self.some("flying"))
    @rule(data=st.data(), retry_after=st.sampled_from([None, None, 5.0]))
    def slots_refused(self, data: st.DataObject, retry_after: float | None) -> None:
        """The service says that too many calls are in flight; the call asks again."""
        caller = data.draw(st.sampled_from(self.some("flying")))
        in_flight, _ = self.in_flight()
        self.finish(caller, "refused" if retry_after is None else "later")
        self.calm_from = max(self.calm_from, self.clock.monotonic() + CALM)
        self.run_until_idle()
        report = self.scheduler.report()
        if report.parked_until is not None:
            # Refused for so long that it is taken for a want of credits.
            self.calm_from = float("inf")
        if not caller.heavy:
            event("light call refused")
            assert report.slots.in_force <= max(1, in_flight - caller.held[0])

    @precondition(lambda self: self.some("flying", "waiting"))
    @rule(data=st.data(), count=st.integers(0, 3), late=st.booleans())
    def cancel(self, data: st.DataObject, count: int, *, late: bool) -> None:
        """Callers go away, perhaps in the very tick of another's end."""
        if not count:
            for head in self.heads():
                head.cancel()
        for _ in range(min(count, len(self.some("flying", "waiting")))):
            victim = data.draw(st.sampled_from(self.some("flying", "waiting")))
            assert victim.task is not None
            victim.task.cancel()
        if late and self.some("flying"):
            self.finish(data.draw(st.sampled_from(self.some("flying"))), "truth")
        self.run_until_idle()

    @precondition(lambda self: self.some("flying") and self.some("waiting"))
    @rule(data=st.data(), ticks=st.integers(1, 3))
    def end_and_cancel_in_the_tick_of_the_grant(self, data: st.DataObject, ticks: int) -> None:
        """A slot comes back, and those who wait are cancelled before they know of it."""
        self.finish(data.draw(st.sampled_from(self.some("flying"))), "truth")
        for _ in range(ticks):
            self.tick()
        for caller in data.draw(st.permutations(self.some("waiting")))[:2]:
            if caller.task is not None:
                caller.task.cancel()
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
        """Others take credits, and the service says what is left; it books answers late."""
        left = POT - self.spent() - self.spent(log=self.strangers) - amount
        if left >= 0:
            self.strangers.append((self.clock.monotonic(), amount))
            self.scheduler.observe(left, sent_at=self.clock.monotonic())
            self.run_until_idle()

    @precondition(lambda self: self.some("flying"))
    @rule(seldom=st.integers(0, 19))
    def credits_refused(self, seldom: int) -> None:
        """The service says that the credits are spent; all stands still for a while."""
        if seldom:
            return
        self.scheduler.credits_refused()
        self.calm_from = float("inf")
        self.run_until_idle()

    @rule(concurrency=st.integers(1, 3), heavy=st.integers(1, 2), floor=st.sampled_from([0, 8]))
    def limits_change(self, concurrency: int, heavy: int, floor: int) -> None:
        self.limits = attrs.evolve(
            self.limits, concurrency=concurrency, heavy_concurrency=heavy, floor=floor
        )
        self.scheduler.set_limits(self.limits)
        self.run_until_idle()

    @rule(which=st.integers(0, 4))
    def pause_or_resume(self, which: int) -> None:
        """A budget stands still, or goes on."""
        budget = self.budgets[which]
        if budget.paused:
            budget.resume()
        else:
            budget.pause()
        self.run_until_idle()

    # What holds.

    def check_grant(self, caller: Caller) -> None:
        """Hold each call that goes against the limits, the exact log, and those who wait."""
        flying = self.some("flying")
        slots, heavy = self.in_flight()
        assert slots <= self.limits.concurrency
        assert not caller.heavy or heavy <= self.limits.heavy_concurrency
        assert not caller.budget.paused
        if caller.budget.concurrency is not None:
            own = [c for c in flying if c.budget is caller.budget]
            assert len(own) <= caller.budget.concurrency
        if caller.reserve:
            floor = 0 if caller.priority is Priority.INTERACTIVE else self.limits.floor
            assert self.spent() + sum(c.reserve for c in flying) <= POT - floor
        for other in self.some("waiting"):
            if other.lined_up < self.epoch and not (other.task and other.task.cancelling()):
                self.check_order(caller, other)

    def check_order(self, caller: Caller, other: Caller) -> None:
        """Hold *caller*, who goes, against *other*, who waits since before."""
        if other.budget is caller.budget and other.kind == caller.kind:
            assert other.arrival > caller.arrival, "overtaken by one of its own kind"
        above = other.priority < caller.priority
        short = other.heavy or other.slots > caller.slots
        held = self.held_back(other) or short or self.calm_from > self.clock.monotonic()
        if self.strict and above and not held and caller.reserve:
            raise AssertionError("a higher class was overtaken")

    def check_refusal(self, caller: Caller) -> None:
        """A call is refused at once for a reason, and the reason is true."""
        assert caller.task is not None
        error = None if caller.task.cancelled() else caller.task.exception()
        event(f"{type(error).__name__} at once")
        now = self.clock.now()
        if isinstance(error, QueueFull):
            assert len(self.some("waiting")) >= LIMITS.max_waiting
        elif isinstance(error, CreditsExhausted):
            floor = 0 if caller.priority is Priority.INTERACTIVE else self.limits.floor
            assert (error.resumes_at is not None) == (caller.reserve <= POT - floor)
            patience = caller.budget.patience(LIMITS.max_wait)
            if error.resumes_at is not None:
                assert patience is not None
                assert (error.resumes_at - now).total_seconds() > patience
        elif isinstance(error, DeadlineExceeded):
            assert caller.deadline is not None
        else:
            assert isinstance(error, BudgetExceeded)
            assert caller.budget.remaining is not None
            assert error.remaining < caller.reserve

    @invariant()
    def report_is_that_of_the_living(self) -> None:
        """Slots, credits, budgets and the queue belong to living calls and to no other."""
        flying, waiting = self.some("flying"), self.some("waiting")
        report = self.scheduler.report()
        assert (report.slots.in_flight, report.heavy_slots.in_flight) == self.in_flight()
        assert report.reserved == sum(c.reserve for c in flying)
        assert report.waiting == len(waiting)
        assert 1 <= report.slots.in_force <= report.slots.limit == self.limits.concurrency
        assert 1 <= report.heavy_slots.in_force <= report.heavy_slots.limit
        for budget in self.budgets:
            mine = [c for c in self.callers if c.budget is budget]
            held = sum(c.reserve for c in mine if c.state in {"flying", "waiting"})
            assert budget.reserved == held
            assert budget.spent == sum(c.cost for c in mine)
            assert budget.credits is None or budget.spent + budget.reserved <= budget.credits

    @invariant()
    def nobody_waits_past_the_deadline(self) -> None:
        """Who has not started by its deadline waits no longer."""
        now = self.clock.monotonic()
        for caller in self.some("waiting"):
            assert caller.deadline is None or now <= caller.asked + caller.deadline + 1e-3

    @invariant()
    def used_is_the_truth(self) -> None:
        """The report counts an exact day's credits and at most a minute's more."""
        report = self.scheduler.report()
        own = report.used - report.foreign
        assert self.spent() <= own <= self.spent(WINDOW + GRAIN)
        # What a call in flight might explain is told apart when it ends, however late.
        assert 0 <= report.foreign <= sum(amount for _, amount in self.strangers)

    @invariant()
    def nobody_waits_who_could_go(self) -> None:
        """A slot stays free only for want of something else, and whoever waits is woken."""
        waiting = [c for c in self.some("waiting") if not self.held_back(c)]
        if not waiting:
            return
        report = self.scheduler.report()
        assert self.some("flying") or self.clock.next_timer() is not None
        if (
            self.calm_from > self.clock.monotonic()
            or report.slots.in_flight >= report.slots.in_force
        ):
            return
        if self.some("flying") and any(c.slots > 1 or c.heavy > 1 for c in waiting):
            return  # slots may be kept for it, for calls in flight to add to them
        heavy_full = report.heavy_slots.in_flight >= report.heavy_slots.in_force
        ready = [c for c in waiting if not (c.heavy and heavy_full)]
        due = self.clock.next_timer()
        if any(self.is_growing_to(c, report) for c in ready):
            assert due is not None, "nobody tries one more of the slots that a call is short of"
            return
        assert all(c.reserve for c in ready), "a call that needs no credits waits beside a slot"
        if ready and all(self.affords(c, report.remaining) for c in ready):
            # Only in the very instant before the timer, which is set a hair late.
            assert due is not None
            assert due < 0.01

    def is_growing_to(self, caller: Caller, report: CreditReport) -> bool:
        """Whether *caller* waits for a limit in force that grows by one after the other."""
        pools = (report.slots, caller.slots), (report.heavy_slots, caller.heavy)
        return any(min(slots, pool.limit) > pool.in_force for pool, slots in pools)

    def affords(self, caller: Caller, free: int) -> bool:
        floor = 0 if caller.priority is Priority.INTERACTIVE else self.limits.floor
        return caller.reserve <= free - floor

    def heads(self) -> list["asyncio.Task[None]"]:
        """Return the first of those who wait, and the dearest."""
        waiting = self.some("waiting")
        first = [*waiting[:1], *sorted(waiting, key=lambda caller: -caller.reserve)[:1]]
        return [caller.task for caller in first if caller.task is not None]

    def held_back(self, caller: Caller) -> bool:
        """Whether its own budget holds *caller* back."""
        budget = caller.budget
        flying = sum(c.budget is budget for c in self.some("flying"))
        return budget.paused or (budget.concurrency is not None and flying >= budget.concurrency)

    def teardown(self) -> None:
        """Once calls end and time passes, every caller's wait ends too."""
        if not hasattr(self, "scheduler"):
            self.loop.close()
            return
        try:
            for budget in self.budgets:
                budget.resume()
            self.run_until_idle()
            for _ in range(300):
                if not self.some("waiting", "flying"):
                    break
                for caller in self.some("flying"):
                    self.finish(caller, "truth")
                self.run_until_idle()
                self.to_the_timer()
            assert not self.some("waiting", "flying")
            report = self.scheduler.report()
            assert report.slots.in_flight == report.heavy_slots.in_flight == 0
            assert report.reserved == report.waiting == 0
            self.report_is_that_of_the_living()
            self.used_is_the_truth()
        finally:
            for caller in self.callers:
                if caller.task is not None:
                    caller.task.cancel()
            try:
                self.run_until_idle()
            finally:
                self.loop.close()
