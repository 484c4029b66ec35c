"""When the credits of the window were spent, and when they come back."""

from datetime import timedelta
from pathlib import Path

from zohocrm_async import SQLiteLedger
from zohocrm_async._clock import Clock, ManualClock
from zohocrm_async.options import Limits
from zohocrm_async.scheduler import MemoryLedger, Scheduler


def spend(ledger: MemoryLedger, credits: int) -> None:
    ledger.reserve(credits)
    ledger.settle(credits, credits)


def test_minutes_in_which_something_was_spent() -> None:
    """The oldest first; their credits sum up to what is used."""
    clock = ManualClock()
    ledger = MemoryLedger(1_000, clock=clock)
    scheduler = Scheduler(Limits(credits=1_000), clock=clock, ledger=ledger)
    assert scheduler.history() == ()
    spend(ledger, 5)
    clock.advance(3_630)
    spend(ledger, 7)
    first, second = scheduler.history()
    assert (first.credits, second.credits) == (5, 7)
    assert clock.now() - first.began_at == timedelta(seconds=3_630)
    assert clock.now() - second.began_at == timedelta(seconds=30)
    assert first.credits + second.credits == scheduler.report().used


def test_they_come_back_when_they_are_said_to() -> None:
    clock = ManualClock()
    ledger = MemoryLedger(1_000, clock=clock)
    scheduler = Scheduler(Limits(credits=1_000), clock=clock, ledger=ledger)
    spend(ledger, 5)
    [minute] = scheduler.history()
    assert scheduler.report().resumes_at == minute.resumes_at
    wait = (minute.resumes_at - clock.now()).total_seconds()
    clock.advance(wait - 0.5)
    assert ledger.used == 5
    clock.advance(0.5)
    assert (ledger.used, scheduler.history()) == (0, ())


def test_what_others_must_have_spent_is_told_apart() -> None:
    clock = ManualClock()
    ledger = MemoryLedger(1_000, clock=clock)
    scheduler = Scheduler(Limits(credits=1_000), clock=clock, ledger=ledger)
    spend(ledger, 5)
    scheduler.observe(900, sent_at=clock.monotonic())
    [minute] = scheduler.history()
    assert (minute.credits, minute.foreign) == (100, 95)


async def test_a_ledger_that_is_shared_tells_what_others_spent(tmp_path: Path) -> None:
    """And what was spent before this process began."""
    path = tmp_path / "window.sqlite"
    first, second = SQLiteLedger(path), SQLiteLedger(path)
    first.allowance = second.allowance = 1_000
    await first.open()
    spend(first, 30)
    await first.close()
    await second.open()
    spend(second, 12)
    scheduler = Scheduler(Limits(credits=1_000), clock=Clock(), ledger=second)
    minutes = scheduler.history()
    assert sum(minute.credits for minute in minutes) == 42
    assert all(minute.began_at <= Clock().now() < minute.resumes_at for minute in minutes)
    await second.close()
