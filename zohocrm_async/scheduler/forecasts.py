"""What so many calls cost, and when they can be done at the earliest."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from attrs import frozen

from zohocrm_async.exceptions import ConfigurationError
from zohocrm_async.models.credits import Forecast
from zohocrm_async.options import Priority
from zohocrm_async.scheduler.budgets import Budget
from zohocrm_async.scheduler.ledger import WINDOW
from zohocrm_async.scheduler.means import Means
from zohocrm_async.scheduler.prices import Quote

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

# Credits come back by the minute; nobody wants to read of each.
_STEP = 900.0
_PARTS = 200


@frozen(kw_only=True)
class Plan:
    """So many calls of one kind."""

    calls: int
    quote: Quote
    slots: int
    heavy: int
    seconds_per_call: float | None
    budget: Budget | None
    windows: tuple[str, ...]


def forecast(plan: Plan, means: Means) -> Forecast:
    """Return what *plan* costs and when it can be done, beside no other new calls."""
    if plan.calls < 0:
        raise ConfigurationError(f"a forecast of {plan.calls} calls; give 0 or more")
    now = means.clock.now()
    schedule = _Schedule(plan, means)
    parts = tuple(
        (now + timedelta(seconds=start), calls) for start, calls in schedule.parts(plan.calls)
    )
    end = schedule.end(plan.calls)
    return Forecast(
        calls=plan.calls,
        credits_most=plan.calls * plan.quote.reserve,
        credits_expected=plan.calls * plan.quote.expected,
        starts_at=parts[0][0] if parts else now,
        ends_at=None if end is None else now + timedelta(seconds=end),
        parts=parts,
    )


class _Schedule:
    """When the first, second ... call of a plan can start, in seconds from now."""

    def __init__(self, plan: Plan, means: Means) -> None:
        self._plan = plan
        self._means = means
        self._price = plan.quote.expected
        priority = Priority.NORMAL if plan.budget is None else plan.budget.priority
        self._floor = means.floors[priority]
        self._room = means.ledger.allowance - self._floor
        self._at_once = means.slots.limit // means.slots.part(plan.slots)
        if plan.heavy:
            self._at_once = min(self._at_once, means.heavy.limit // means.heavy.part(plan.heavy))
        self._windows, minutely = means.split(plan.windows)
        self._rates = tuple(_rates(plan, minutely))

    def end(self, calls: int) -> float | None:
        """Return when the last of *calls* ends, or starts if nobody knows how long it takes."""
        if not calls:
            return 0.0
        if not self._is_possible(calls):
            return None
        return self._start(calls) + (self._plan.seconds_per_call or 0.0)

    def parts(self, calls: int) -> Iterator[tuple[float, int]]:
        """Return from when on how many go, no finer than a two hundredth of the whole."""
        if not calls or not self._is_possible(calls):
            return
        done, last = 0, self._start(calls)
        step = max(_STEP, last / _PARTS)
        while done < calls:
            start = self._start(done + 1)
            until = bisect_right(range(done + 1, calls + 1), start + step, key=self._start)
            yield start, until
            done += until

    def _is_possible(self, calls: int) -> bool:
        budget = self._plan.budget
        left = None if budget is None else budget.remaining
        return self._plan.quote.reserve <= self._room and (
            left is None or calls * self._price <= left
        )

    def _start(self, number: int) -> float:
        """Return when call *number* can start; what binds latest decides."""
        before = number - 1
        return max(
            self._credits(number * self._price),
            self._days(before),
            self._pace(before * self._price),
            before // self._at_once * (self._plan.seconds_per_call or 0.0),
            max((max(0.0, before + 1 - burst) / rate for burst, rate in self._rates), default=0.0),
        )

    def _credits(self, amount: int) -> float:
        if not amount:
            return 0.0
        # What is spent at the beginning comes back a window later, and so on.
        windows, rest = divmod(amount - 1, self._room)
        wait = self._means.ledger.when(rest + 1, self._floor) or 0.0
        return max(wait, self._means.parking.remaining) + windows * WINDOW

    def _days(self, before: int) -> float:
        starts = [0.0]
        for name in self._windows:
            window = self._means.window(name)
            left = 0 if window.is_spent else window.left
            if left is not None and before >= left:
                days = 0 if not window.limit else (before - left) // window.limit
                starts.append(window.wait() + days * WINDOW)
        return max(starts)

    def _pace(self, before: int) -> float:
        line = () if self._plan.budget is None else self._plan.budget.line
        pauses = (budget.pause_left(before) for budget in line)
        return max((pause for pause in pauses if pause is not None), default=0.0)


def _rates(plan: Plan, minutely: "Iterable[AsyncLimiter]") -> Iterator[tuple[float, float]]:
    """Yield what spaces the calls: how many go at once, and how many a second after them."""
    line = () if plan.budget is None else plan.budget.line
    for limiter in (*minutely, *(budget.limiter for budget in line)):
        if limiter is not None:
            yield limiter.max_rate, limiter.max_rate / limiter.time_period
