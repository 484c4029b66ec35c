"""Reports: the account of credits, slots and waiters at one moment."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from desk import BULK, DAY, INTERACTIVE, MakeDesk, desks


@pytest.fixture
async def make_desk() -> AsyncIterator[MakeDesk]:
    async with desks() as make:
        yield make


async def test_an_account_without_calls_is_empty(make_desk: MakeDesk) -> None:
    """Limits are there, and nothing comes back as nothing is spent."""
    report = make_desk(credits=100, floor=10).scheduler.report()
    assert (report.allowance, report.floor, report.remaining) == (100, 10, 100)
    assert (report.used, report.reserved, report.foreign, report.waiting) == (0, 0, 0, 0)
    assert (report.resumes_at, report.parked_until) == (None, None)
    assert (report.slots.limit, report.slots.in_force, report.slots.peak) == (2, 2, 0)
    assert not report.by_budget
    assert not report.by_operation


async def test_credits_are_reserved_and_then_spent(make_desk: MakeDesk) -> None:
    """And the first of them are back a window later."""
    desk = make_desk(credits=100)
    await desk.begin("a", 30)
    during = desk.scheduler.report()
    assert (during.reserved, during.used, during.remaining) == (30, 0, 70)
    assert (during.slots.in_flight, during.slots.peak) == (1, 1)
    await desk.end("a")
    after = desk.scheduler.report()
    assert (after.reserved, after.used, after.remaining) == (0, 30, 70)
    assert (after.slots.in_flight, after.slots.peak) == (0, 1)
    assert after.resumes_at == desk.clock.now() + timedelta(seconds=DAY)
    assert after.by_operation["a"].calls == 1
    assert after.by_operation["a"].credits == 30


async def test_waiters_are_counted_by_class_and_budget_with_the_longest_wait(
    make_desk: MakeDesk,
) -> None:
    """Of the one that has waited longest, not of the last."""
    desk = make_desk(concurrency=1)
    sync = desk.budget_of("sync")
    await desk.begin("a")
    await desk.begin("b", budget=sync)
    desk.clock.advance(3)
    await desk.begin("c", budget=sync)
    await desk.begin("d", priority=INTERACTIVE)
    desk.clock.advance(4)
    report = desk.scheduler.report()
    assert report.waiting == 3
    classes = {name: (one.waiting, one.longest_wait) for name, one in report.by_priority.items()}
    assert classes == {"interactive": (1, 4.0), "normal": (2, 7.0), "bulk": (0, 0.0)}
    assert (report.by_budget["sync"].waiting, report.by_budget["sync"].longest_wait) == (2, 7.0)


async def test_the_services_refusals_show(make_desk: MakeDesk) -> None:
    """Until when nothing goes that takes credits, and how many slots it grants."""
    desk = make_desk(concurrency=4, credits=100)
    names = "abcd"
    for name in names:
        await desk.begin(name, priority=BULK)
    await desk.end("a", lambda permit: permit.refused(None))
    lowered = desk.scheduler.report()
    assert lowered.slots.in_force < lowered.slots.limit == 4
    assert lowered.refused.concurrency == 1
    desk.scheduler.credits_refused()
    parked = desk.scheduler.report()
    assert parked.refused.service == 1
    assert parked.parked_until == desk.clock.now() + timedelta(minutes=1)
    assert parked.resumes_at == parked.parked_until


async def test_a_window_says_when_it_opens_only_once_it_is_spent(make_desk: MakeDesk) -> None:
    """What is in flight may still come back."""
    desk = make_desk(daily_mails=1)
    await desk.begin("a", windows=("mails",))
    held = desk.scheduler.report().windows["mails"]
    assert (held.limit, held.used, held.reserved, held.resumes_at) == (1, 0, 1, None)
    await desk.end("a")
    spent = desk.scheduler.report().windows["mails"]
    assert (spent.used, spent.reserved) == (1, 0)
    assert spent.resumes_at == desk.clock.now() + timedelta(days=1)
