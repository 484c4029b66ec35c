"""Refusals: which calls are not worth waiting with, and what they are told."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from desk import BULK, DAY, Desk, MakeDesk, desks, quote

from zohocrm_async.exceptions import CreditsExhausted, DeadlineExceeded, WindowExhausted
from zohocrm_async.scheduler import Budget, Permit
from zohocrm_async.scheduler.refusals import Judge


@pytest.fixture
async def make_desk() -> AsyncIterator[MakeDesk]:
    async with desks() as make:
        yield make


async def asks(desk: Desk, price: int, windows: tuple[str, ...] = (), **of: Any) -> Permit:
    """Return the permit of a call of a budget with these settings."""
    async with Budget("b", priority=BULK, clock=desk.clock, **of):
        admit = desk.scheduler.admit
        permit = admit(quote(price), heavy=False, operation="x", windows=windows)
    permit.lacking_since = permit.lane = None  # as it is once it has lined up
    return permit


async def judged(
    desk: Desk, price: int = 10, *, ahead: int = 0, windows: tuple[str, ...] = (), **of: Any
) -> Exception | None:
    """Return what a call of a budget with these settings is told."""
    permit = await asks(desk, price, windows, **of)
    return Judge(desk.scheduler._means).refusal(permit, ahead=ahead)


async def test_a_call_that_has_its_credits_is_not_refused(make_desk: MakeDesk) -> None:
    """However impatient it is."""
    assert await judged(make_desk(credits=10), max_wait=0) is None


async def test_patience_is_measured_against_the_credits_it_waits_for(make_desk: MakeDesk) -> None:
    """Those that are spent, and those that others take before it."""
    desk = make_desk(credits=100)
    await desk.spend(100)
    assert await judged(desk) is None
    assert await judged(desk, max_wait=DAY) is None
    refusal = await judged(desk, max_wait=DAY - 1)
    assert isinstance(refusal, CreditsExhausted)
    assert (refusal.needed, refusal.remaining) == (10, 0)
    assert refusal.resumes_at == desk.clock.now() + timedelta(seconds=DAY)
    assert isinstance(await judged(desk, max_wait=DAY, ahead=91), CreditsExhausted)


async def test_a_refusal_of_the_service_is_told_as_such(make_desk: MakeDesk) -> None:
    """As by the count here there are credits."""
    desk = make_desk(credits=100)
    await desk.spend(90)
    desk.scheduler.credits_refused()
    refusal = await judged(desk, 10, max_wait=1)
    assert isinstance(refusal, CreditsExhausted)
    assert (refusal.refused, refusal.remaining) == (True, 10)
    assert "the service refused a call" in str(refusal)
    too_dear = await judged(desk, 11, max_wait=1)
    assert isinstance(too_dear, CreditsExhausted)
    assert not too_dear.refused


async def test_what_never_fits_is_refused_at_once(make_desk: MakeDesk) -> None:
    """Without a time, as there is none."""
    refusal = await judged(make_desk(credits=100, floor=20), 81)
    assert isinstance(refusal, CreditsExhausted)
    assert (refusal.remaining, refusal.resumes_at) == (80, None)


async def test_a_spent_day_is_waited_for_as_long_as_patience_lasts(make_desk: MakeDesk) -> None:
    """To the organisation's midnight."""
    desk = make_desk(daily_mails=0)
    assert await judged(desk, windows=("mails",)) is None
    assert await judged(desk, windows=("mails",), max_wait=24 * 3600) is None
    refusal = await judged(desk, windows=("mails",), max_wait=24 * 3600 - 1)
    assert isinstance(refusal, WindowExhausted)
    assert (refusal.window, refusal.limit) == ("mails", 0)
    assert refusal.resumes_at == desk.clock.now() + timedelta(days=1)


async def test_a_call_that_cannot_begin_in_time_is_told_when_it_could(make_desk: MakeDesk) -> None:
    """By whatever binds latest."""
    desk = make_desk(credits=100, daily_mails=0)
    desk.clock.advance(600)
    await desk.spend(100)
    now = desk.clock.now()
    refusal = await judged(desk, deadline=now + timedelta(hours=1))
    assert isinstance(refusal, DeadlineExceeded)
    assert refusal.deadline == now + timedelta(hours=1)
    assert refusal.resumes_at == now + timedelta(seconds=DAY)
    assert await judged(desk, deadline=now + timedelta(seconds=DAY)) is None
    refusal = await judged(desk, 0, deadline=now + timedelta(hours=1), windows=("mails",))
    assert isinstance(refusal, DeadlineExceeded)
    assert refusal.resumes_at == now + timedelta(days=1) - timedelta(seconds=600)
    refusal = await judged(desk, deadline=now + timedelta(hours=1), windows=("mails",))
    assert isinstance(refusal, DeadlineExceeded)
    assert refusal.resumes_at == now + timedelta(seconds=DAY)


async def test_a_deadline_that_has_passed_is_told_as_it_was(make_desk: MakeDesk) -> None:
    """Not as the moment at which somebody looked."""
    desk = make_desk(concurrency=1)
    deadline = desk.clock.now() + timedelta(seconds=5)
    permit = await asks(desk, 1, deadline=deadline)
    desk.clock.advance(7)
    late = Judge(desk.scheduler._means).late(permit)
    assert (late.deadline, late.resumes_at) == (deadline, None)
