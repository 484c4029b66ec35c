"""What was spent on what, how fast, and what was refused, for the report."""

from collections import Counter, deque
from collections.abc import Mapping
from types import MappingProxyType

from attrs import define

from zohocrm_async import models  # each loads when it is first asked for
from zohocrm_async.exceptions import (
    BudgetExceeded,
    CreditsExhausted,
    DeadlineExceeded,
    QueueFull,
    WindowExhausted,
)
from zohocrm_async.scheduler.budgets import Budget

_BUDGETS = 1_000
_MINUTE = 60


@define
class _Tally:
    calls: int = 0
    credits: int = 0


class Books:
    """Tallies by operation and the budgets seen, a thousand: the open ones and the latest."""

    def __init__(self, now: float) -> None:
        self.concurrency = 0
        """Answers of the service that too many calls were in flight."""
        self.service = 0
        """Answers of the service that the credits were spent."""
        self._operations: dict[str, _Tally] = {}
        self._budgets: dict[Budget, None] = {}
        self._refusals: Counter[type[Exception]] = Counter()
        self._began = now
        self._next = now
        self._samples: deque[tuple[float, int, int]] = deque()

    def note_budget(self, budget: Budget) -> None:
        """Remember *budget* and its parents for the report."""
        for one in budget.line:
            self._budgets.setdefault(one)
        while len(self._budgets) > _BUDGETS:
            # Jobs that run for days are shown, however many short blocks come and go.
            idle = (one for one in self._budgets if not one.is_open)
            del self._budgets[next(idle, next(iter(self._budgets)))]

    def note_call(self, operation: str, cost: int, now: float) -> None:
        """Count a call that was sent."""
        if now >= self._next:
            self._sample(now)
        tally = self._operations.get(operation)
        if tally is None:
            tally = self._operations[operation] = _Tally()
        tally.calls += 1
        tally.credits += cost

    def note_refusal(self, refusal: Exception) -> None:
        """Count a call that was not let go."""
        self._refusals[type(refusal)] += 1

    def rates(self, now: float) -> "models.RateReport":
        """Return what went out over the last minute, or since the start."""
        self._forget(now)
        calls, spent = self._totals()
        if not self._samples:
            return models.RateReport(calls=0.0, credits=0.0)
        _, calls_before, spent_before = self._samples[0]
        span = min(max(now - self._began, 1.0), _MINUTE)
        return models.RateReport(
            calls=(calls - calls_before) / span, credits=(spent - spent_before) * _MINUTE / span
        )

    def refusals(self) -> "models.RefusalReport":
        """Return what was refused since the start."""
        count = self._refusals
        return models.RefusalReport(
            credits=count[CreditsExhausted] + count[BudgetExceeded],
            concurrency=self.concurrency,
            queue=count[QueueFull],
            deadline=count[DeadlineExceeded],
            windows=count[WindowExhausted],
            service=self.service,
        )

    def by_operation(self) -> "Mapping[str, models.OperationReport]":
        """Return calls and credits of each operation."""
        return MappingProxyType(
            {
                name: models.OperationReport(t.calls, t.credits)
                for name, t in self._operations.items()
            }
        )

    def by_budget(self, longest: Mapping[Budget, float]) -> "Mapping[str, models.BudgetReport]":
        """Return the budgets, those of one name added up; *longest* are their waits."""
        reports: dict[str, models.BudgetReport] = {}
        for budget in self._budgets:
            report = models.BudgetReport(
                credits=budget.credits,
                spent=budget.spent,
                reserved=budget.reserved,
                remaining=budget.remaining,
                waiting=budget.waiting,
                in_flight=budget.in_flight,
                longest_wait=longest.get(budget, 0.0),
                weight=1.0 if budget.weight is None and budget.parent is None else budget.weight,
                paused=budget.paused,
            )
            known = reports.get(budget.name)
            reports[budget.name] = report if known is None else _sum(known, report)
        return MappingProxyType(reports)

    def _sample(self, now: float) -> None:
        """Note once a second how much it was until then."""
        self._forget(now)
        self._samples.append((now, *self._totals()))
        self._next = now + 1

    def _forget(self, now: float) -> None:
        while self._samples and self._samples[0][0] < now - _MINUTE:
            self._samples.popleft()

    def _totals(self) -> tuple[int, int]:
        tallies = self._operations.values()
        return sum(t.calls for t in tallies), sum(t.credits for t in tallies)


def _sum(one: "models.BudgetReport", other: "models.BudgetReport") -> "models.BudgetReport":
    return models.BudgetReport(
        credits=_both(one.credits, other.credits),
        spent=one.spent + other.spent,
        reserved=one.reserved + other.reserved,
        remaining=_both(one.remaining, other.remaining),
        waiting=one.waiting + other.waiting,
        in_flight=one.in_flight + other.in_flight,
        longest_wait=max(one.longest_wait, other.longest_wait),
        weight=one.weight if one.weight == other.weight else None,
        paused=one.paused and other.paused,
    )


def _both(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other
