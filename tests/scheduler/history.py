"""Arbitrary histories of a scheduler: callers come, end, go away, and time passes."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import attrs
from hypothesis import event, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from witness import Caller, Witness

from zohocrm_async._clock import ManualClock
from zohocrm_async.exceptions import ZohoCRMError
from zohocrm_async.options import Limits, Priority
from zohocrm_async.scheduler import Budget, Permit, Quote

POT = 60
LIMITS = Limits(
    credits=POT, concurrency=3, heavy_concurrency=2, floor=8, max_wait=300.0, max_waiting=8
)
ENDS = ["truth", "reserve", "nothing", "unsent", "lost", "twice", "turned away", "dearer"]


class History(RuleBasedStateMachine):
    """What can happen to a scheduler; the pot holds about three calls and nearly always binds."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = ManualClock()
        self.scheduler = Witness(
            LIMITS, clock=self.clock, on_grant=self.check_grant, on_book=self.note_booking
        )
        self.callers: list[Caller] = []
        self.log: list[tuple[float, int]] = []
        self.foreign = self.before = self.extra = 0
        self.parked_until = 0.0
        clock = self.clock
        self.budgets = [
            Budget("open", max_wait=None, clock=clock),
            Budget("small", credits=45, weight=2, clock=clock),
            Budget("hasty", max_wait=0.0, clock=clock),
            Budget("narrow", max_wait=None, concurrency=1, weight=4, clock=clock),
            Budget("patient", credits=25, when_spent="wait", max_wait=None, clock=clock),
            Budget("slow", credits=50, pace=90_000.0, max_wait=None, clock=clock),
        ]
        self.budgets.append(Budget("nested", credits=60, parent=self.budgets[1], clock=clock))

    def check_grant(self, permit: Permit) -> None:
        """Judge a grant at its moment."""

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
                inner = Budget(
                    "class", priority=caller.priority, parent=caller.budget, clock=self.clock
                )
                await stack.enter_async_context(inner)
                permit = self.scheduler.admit(
                    caller.price, heavy=caller.heavy, operation="x", slots=caller.slots
                )
                caller.permit = permit
                while caller.state != "over":
                    async with permit:
                        caller.state = "flying"
                        try:
                            (await caller.end)(permit)
                        except asyncio.CancelledError:
                            caller.state = "over"
                            raise

        caller.task = self.loop.create_task(run())
        self.callers.append(caller)

    @rule(
        low=st.integers(0, 8),
        spread=st.sampled_from([0, 0, 4, 16]),
        slots=st.sampled_from([1, 1, 1, 2, 3, 5]),
        heavy=st.sampled_from([0, 0, 1, 1, 2]),
        priority=st.sampled_from(Priority),
        budget=st.integers(0, 6),
        crowd=st.sampled_from([1, 2, 4]),
    )
    def arrivals(
        self, *, low: int, spread: int, slots: int, heavy: int, priority: Priority, budget: int,
        crowd: int,
    ) -> None:  # fmt: skip
        """Calls come, dear ones up to two fifths of the pot, some of several slots."""
        price = Quote(low, low * 3 + spread, low + spread // 2, exact=not spread, basis="")
        for _ in range(crowd):
            self.arrive(
                Caller(
                    len(self.callers), price, slots, heavy, priority, self.budgets[budget],
                    self.loop.create_future(),
                )
            )  # fmt: skip
        self.run_until_idle()
        for caller in self.callers[-crowd:]:
            if caller.task and caller.task.done():
                self.check_refusal(caller)

    def check_refusal(self, caller: Caller) -> None:
        """Judge a refusal at once."""

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
                self.cancel_one(caller)
        self.run_until_idle()

    @precondition(lambda self: self.some("waiting", "flying"))
    @rule(data=st.data(), count=st.integers(1, 3), late=st.booleans())
    def cancel(self, data: st.DataObject, count: int, late: bool) -> None:
        """Callers go away, perhaps in the very tick of another's end."""
        for _ in range(min(count, len(self.some("waiting", "flying")))):
            self.cancel_one(data.draw(st.sampled_from(self.some("waiting", "flying"))))
        if late and self.some("flying"):
            self.finish(data)
        self.run_until_idle()

    @rule(seconds=st.sampled_from([0.5, 2.0, 30.0, 61.0, 3_600.0, 43_200.0, 86_400.0]))
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
        left = POT - ledger.used - amount
        self.scheduler.observe(left, sent_at=self.clock.monotonic())
        self.foreign += amount
        self.run_until_idle()

    @precondition(lambda self: self.some("flying"))
    @rule(truly=st.integers(0, 3))
    def service_refuses(self, truly: int) -> None:
        """The service says that the credits are spent; seldom, as all stands still then."""
        if truly:
            return
        self.scheduler.credits_refused()
        self.parked_until = self.clock.monotonic() + self.scheduler._means.parking.remaining
        self.run_until_idle()

    @rule(
        concurrency=st.integers(1, 3),
        heavy=st.integers(1, 2),
        floor=st.sampled_from([0, 8]),
        headroom=st.integers(0, 1),
    )
    def limits_change(self, concurrency: int, heavy: int, floor: int, headroom: int) -> None:
        self.scheduler.set_limits(
            attrs.evolve(
                LIMITS,
                concurrency=concurrency,
                heavy_concurrency=heavy,
                floor=floor,
                headroom=headroom,
            )
        )
        self.run_until_idle()

    @rule(which=st.integers(0, 6), pause=st.booleans())
    def a_budget_pauses(self, which: int, pause: bool) -> None:
        """A budget is paused or goes on."""
        budget = self.budgets[which]
        (budget.pause if pause else budget.resume)()
        self.run_until_idle()

    @rule(more=st.integers(1, 40))
    def a_budget_is_given_more(self, more: int) -> None:
        budget = self.budgets[4]
        budget.credits = (budget.credits or 0) + more
        self.run_until_idle()

    def cancel_one(self, caller: Caller) -> None:
        assert caller.task is not None
        caller.task.cancel()

    def finish(self, data: st.DataObject) -> None:
        caller = data.draw(st.sampled_from(self.some("flying")))
        how = data.draw(st.sampled_from(ENDS))
        if caller.end.done() or (caller.task and caller.task.cancelling()):
            return
        price = caller.price

        def twice(permit: Permit) -> None:
            permit.mark_sent()
            permit.settle(price.minimum)
            permit.settle(99)

        def turned_away(permit: Permit) -> None:
            permit.mark_sent()
            permit.refused(None)

        ends: dict[str, tuple[int, Callable[[Permit], None]]] = {
            "truth": (price.expected, lambda permit: permit.settle(price.expected)),
            "reserve": (caller.reserve, lambda permit: permit.settle(caller.reserve)),
            "nothing": (0, lambda permit: permit.settle(0)),
            "unsent": (0, lambda _: None),
            "lost": (caller.reserve, lambda permit: permit.mark_sent()),
            "twice": (price.minimum, twice),
            "turned away": (0, turned_away),
            "dearer": (caller.reserve + 1, lambda permit: permit.settle(caller.reserve + 1)),
        }
        caller.cost, act = ends[how]
        end, caller.end = caller.end, self.loop.create_future()
        if how == "dearer":
            self.extra += 1
        caller.state = "waiting" if how == "turned away" else "over"
        end.set_result(act)

    def note_booking(self, permit: Permit, actual: int, served: bool) -> None:
        self.log.append((self.clock.monotonic(), actual))
        if permit.probe and served:
            self.parked_until = 0.0

    # How it is driven.

    def to_the_timer(self) -> None:
        # A hair further, as the sum of two floats may fall short of a third.
        self.clock.advance((self.clock.next_timer() or 0.0) + 1e-6)
        self.run_until_idle()

    def some(self, *states: str) -> list[Caller]:
        return [caller for caller in self.callers if caller.state in states]

    def tick(self) -> None:
        """Run one turn of the loop."""
        self.loop.call_soon(self.loop.stop)
        self.loop.run_forever()

    def run_until_idle(self) -> None:
        for _ in range(7):
            self.tick()
        for caller in self.callers:
            if caller.task is not None and caller.task.done():
                caller.state = "over"
                error = None if caller.task.cancelled() else caller.task.exception()
                if error is not None and not isinstance(error, ZohoCRMError):
                    raise error
