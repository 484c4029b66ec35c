"""Deadlines: who cannot start in time is told as soon as that is certain."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from desk import DAY, Desk, MakeDesk, desks, quote, turns

from zohocrm_async.exceptions import ConfigurationError, DeadlineExceeded
from zohocrm_async.scheduler import Budget


@pytest.fixture
async def desk() -> AsyncIterator[MakeDesk]:
    """Make desks that are clean at the end."""
    async with desks() as make:
        yield make


async def hurried(d: Desk, seconds: float, **how: object) -> Budget:
    """Return a budget with a deadline, entered and left."""
    budget = Budget("hurry", deadline=seconds, clock=d.clock, **how)  # type: ignore[arg-type]
    async with budget:
        return budget


async def test_a_slot_that_comes_in_time_is_taken_and_nothing_stays(desk: MakeDesk) -> None:
    """The timer of a call that went is gone."""
    d = desk(concurrency=1)
    await d.begin("a")
    await d.begin("b", budget=await hurried(d, 10))
    assert d.clock.next_timer() == 10
    await d.end("a")
    assert (d.went, d.clock.next_timer()) == ("ab", None)


async def test_a_slot_that_does_not_come_is_waited_for_until_then(desk: MakeDesk) -> None:
    """Nobody knows before; the others wait on."""
    d = desk(concurrency=1)
    await d.begin("a")
    late = await d.begin("b", budget=await hurried(d, 10))
    await d.begin("c", budget=await hurried(d, 99))
    await d.passes(10)
    assert isinstance(late.refusal, DeadlineExceeded)
    assert (late.refusal.deadline, late.refusal.resumes_at) == (d.clock.now(), None)
    assert d.scheduler.report().refused.deadline == 1
    await d.end("a")
    assert d.went == "ac"


async def test_credits_that_come_too_late_refuse_at_once(desk: MakeDesk) -> None:
    """However patient the call is."""
    d = desk()
    await d.spend(100)
    refusal = (await d.begin("a", budget=await hurried(d, 60, max_wait=None))).refusal
    assert isinstance(refusal, DeadlineExceeded)
    assert refusal.deadline == d.clock.now() + timedelta(seconds=60)
    assert refusal.resumes_at == d.clock.now() + timedelta(seconds=DAY)


async def test_a_pace_that_is_too_slow_refuses_at_once(desk: MakeDesk) -> None:
    """The third call would start after 40 s."""
    d = desk()
    budget = await hurried(d, 30, credits=10, pace=100)
    for name in "abc":
        await d.begin(name, 2, budget=budget)
    refusals = [d.attempts[name].refusal for name in "abc"]
    assert refusals[:2] == [None, None]
    assert isinstance(refusals[2], DeadlineExceeded)


async def test_a_pause_that_is_too_long_refuses_at_once(desk: MakeDesk) -> None:
    """The service asked for a minute."""
    d = desk()
    await d.begin("a")
    await d.end("a", lambda permit: permit.refused(60.0))
    await d.passes(0)
    assert isinstance((await d.begin("b", budget=await hurried(d, 30))).refusal, DeadlineExceeded)
    await d.passes(61)
    await d.attempts["a"].cancelled()


async def test_a_passed_deadline_lets_nobody_go(desk: MakeDesk) -> None:
    """Not even where all is free; the inner budget keeps to the outer one's."""
    d = desk()
    outer = Budget("outer", deadline=5, clock=d.clock)
    async with outer:
        inner = Budget("inner", deadline=50, parent=outer, clock=d.clock)
        async with inner:
            assert inner.ends_by == 5
            await d.passes(6)
            with pytest.raises(DeadlineExceeded):
                await d.scheduler.admit(quote(1), heavy=False, operation="x").__aenter__()
    assert d.idle


async def test_a_deadline_may_be_a_moment_but_an_aware_one(desk: MakeDesk) -> None:
    d = desk()
    async with Budget("b", deadline=d.clock.now() + timedelta(seconds=7), clock=d.clock) as budget:
        assert budget.ends_by == 7
        assert d.scheduler.admit(quote(1), heavy=False, operation="x").deadline == 7
    with pytest.raises(ConfigurationError, match="aware datetime"):
        Budget("b", deadline=datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None))


async def test_those_who_give_up_are_not_remembered_until_their_deadline(desk: MakeDesk) -> None:
    """As long as another waits whose deadline comes first."""
    d = desk(concurrency=1, credits=999, max_waiting=999)
    await d.begin("x")
    await d.begin("stays", budget=await hurried(d, 5))
    for index in range(100):
        d.start(f"c{index}", budget=await hurried(d, 100 + index))
    await turns()
    for index in range(100):
        await d.attempts[f"c{index}"].cancelled()
    assert len(d.scheduler._gate._deadlines._heap) < 20
    await d.passes(5)
    assert isinstance(d.attempts["stays"].refusal, DeadlineExceeded)


async def test_many_deadlines_have_one_timer(desk: MakeDesk) -> None:
    """And those that are cancelled leave nothing."""
    d = desk(concurrency=1, max_waiting=999)
    await d.begin("x")
    for index in range(60):
        d.start(f"c{index}", budget=await hurried(d, 100 - index))
    await turns()
    assert len(d.clock._timers) <= 62
    assert d.clock.next_timer() == 41
    for index in range(60):
        await d.attempts[f"c{index}"].cancelled()
    assert d.clock.next_timer() is None
    assert not d.scheduler._gate._deadlines._heap
