"""The account of credits, slots and waiters, as the report shows it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from zohocrm_async._clock import Clock
from zohocrm_async.models.credits import (
    CreditReport,
    QueueReport,
    SlotReport,
    SpentMinute,
    WindowReport,
)
from zohocrm_async.scheduler.budgets import Budget
from zohocrm_async.scheduler.gate import Gate
from zohocrm_async.scheduler.ledger import Ledger
from zohocrm_async.scheduler.means import Means
from zohocrm_async.scheduler.queue import Queue
from zohocrm_async.scheduler.slots import SlotPool


def report(gate: Gate, clock: Clock) -> CreditReport:
    """Return the account at this moment."""
    means, queue, now = gate.means, gate.queue, clock.monotonic()
    ledger, parked = means.ledger, means.parking.remaining
    by_rank, by_budget = _longest(queue, now)
    return CreditReport(
        allowance=ledger.allowance,
        floor=gate.limits.floor,
        used=ledger.used,
        reserved=ledger.reserved,
        foreign=ledger.foreign,
        remaining=ledger.remaining,
        resumes_at=_resumes_at(means, clock),
        slots=_slots(means.slots),
        heavy_slots=_slots(means.heavy),
        parked_until=clock.now() + timedelta(seconds=parked) if parked else None,
        waiting=queue.waiting + len(gate.paces),
        by_priority=_by_priority(queue, by_rank),
        refused=gate.books.refusals(),
        rates=gate.books.rates(now),
        windows=_windows(means),
        by_budget=gate.books.by_budget(by_budget),
        by_operation=gate.books.by_operation(),
    )


def history(ledger: Ledger, clock: Clock) -> tuple[SpentMinute, ...]:
    """Return when the credits of the window were spent, and when they come back."""
    now = clock.now()
    return tuple(
        SpentMinute(
            began_at=now - timedelta(seconds=minute.age),
            resumes_at=now + timedelta(seconds=minute.leaves_in),
            credits=minute.credits,
            foreign=minute.inferred,
        )
        for minute in ledger.history()
    )


def _slots(pool: SlotPool) -> SlotReport:
    return SlotReport(
        limit=pool.limit, in_force=pool.in_force, in_flight=pool.in_flight, peak=pool.peak
    )


def _longest(queue: Queue, now: float) -> tuple[Mapping[int, float], Mapping[Budget, float]]:
    """Return the longest waits by class and by budget; only heads of lanes are looked at."""
    by_rank: dict[int, float] = {}
    by_budget: dict[Budget, float] = {}
    for lane in queue.lanes():
        head = lane.head()
        if head is None:
            continue
        waited, priority = now - head.since, head.priority
        by_rank[priority] = max(by_rank.get(priority, 0.0), waited)
        for budget in () if head.budget is None else head.budget.line:
            by_budget[budget] = max(by_budget.get(budget, 0.0), waited)
    return by_rank, by_budget


def _by_priority(queue: Queue, longest: Mapping[int, float]) -> Mapping[str, QueueReport]:
    return MappingProxyType(
        {
            rank.priority.name.lower(): QueueReport(rank.waiting, longest.get(rank.priority, 0.0))
            for rank in queue.ranks
        }
    )


def _windows(means: Means) -> Mapping[str, WindowReport]:
    return MappingProxyType(
        {
            name: WindowReport(
                limit=window.limit,
                used=window.used,
                reserved=window.reserved,
                resumes_at=window.resumes_at() if window.is_spent else None,
            )
            for name, window in means.windows.items()
        }
    )


def _resumes_at(means: Means, clock: Clock) -> datetime | None:
    wait: float | None = means.parking.remaining
    if not wait:
        ledger = means.ledger
        wait = ledger.when(ledger.remaining + 1) if ledger.used else None
    return None if wait is None else clock.now() + timedelta(seconds=wait)
