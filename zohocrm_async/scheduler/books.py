"""What was spent on what, for the report."""

from collections.abc import Mapping
from types import MappingProxyType

from attrs import define

from zohocrm_async.models.credits import BudgetReport, OperationReport
from zohocrm_async.scheduler.budgets import Budget

_BUDGETS = 1_000


@define
class _Tally:
    calls: int = 0
    credits: int = 0


class Books:
    """Tallies by operation and the budgets seen, the latest thousand of them."""

    def __init__(self) -> None:
        self._operations: dict[str, _Tally] = {}
        self._budgets: dict[Budget, None] = {}

    def note_budget(self, budget: Budget) -> None:
        """Remember *budget* and its parents for the report."""
        line: Budget | None = budget
        while line is not None and line not in self._budgets:
            self._budgets[line] = None
            line = line.parent
        while len(self._budgets) > _BUDGETS:
            del self._budgets[next(iter(self._budgets))]

    def note_call(self, operation: str, cost: int) -> None:
        """Count a call that was sent."""
        tally = self._operations.get(operation)
        if tally is None:
            tally = self._operations[operation] = _Tally()
        tally.calls += 1
        tally.credits += cost

    def by_operation(self) -> Mapping[str, OperationReport]:
        """Return calls and credits of each operation."""
        return MappingProxyType(
            {name: OperationReport(t.calls, t.credits) for name, t in self._operations.items()}
        )

    def by_budget(self) -> Mapping[str, BudgetReport]:
        """Return the budgets, those of one name added up."""
        reports: dict[str, BudgetReport] = {}
        for budget in self._budgets:
            report = BudgetReport(budget.credits, budget.spent, budget.reserved, budget.remaining)
            known = reports.get(budget.name)
            reports[budget.name] = report if known is None else _sum(known, report)
        return MappingProxyType(reports)


def _sum(one: BudgetReport, other: BudgetReport) -> BudgetReport:
    return BudgetReport(
        None if one.credits is None or other.credits is None else one.credits + other.credits,
        one.spent + other.spent,
        one.reserved + other.reserved,
        None
        if one.remaining is None or other.remaining is None
        else one.remaining + other.remaining,
    )
