"""Budgets: what the calls of a block may spend."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from zohocrm_async._clock import ManualClock
from zohocrm_async.exceptions import BudgetExceeded, ConfigurationError, SchedulerClosed
from zohocrm_async.options import Priority, WhenSpent
from zohocrm_async.scheduler.budgets import Budget, current_budget


def test_a_budget_counts_what_is_held_and_what_is_spent() -> None:
    """Held credits are not remaining; settling frees what was not used."""
    budget = Budget("mails", credits=50)
    budget.reserve(20)
    assert (budget.spent, budget.reserved, budget.remaining) == (0, 20, 30)
    budget.settle(20, 5)
    assert (budget.spent, budget.reserved, budget.remaining) == (5, 0, 45)


def test_a_call_beyond_the_budget_is_refused_and_takes_nothing() -> None:
    """The refusal says which budget, what was needed and what is left."""
    budget = Budget("mails", credits=50)
    budget.reserve(40)
    with pytest.raises(BudgetExceeded) as refused:
        budget.reserve(11)
    error = refused.value
    assert (error.budget, error.needed, error.remaining) == ("mails", 11, 10)
    assert budget.reserved == 40
    budget.reserve(10)


def test_a_call_inside_two_budgets_is_charged_to_both() -> None:
    """The inner and the outer budget each hold and book the call."""
    outer = Budget("job", credits=100)
    inner = Budget("step", credits=60, parent=outer)
    inner.reserve(20)
    inner.settle(20, 15)
    assert (inner.spent, outer.spent, inner.remaining, outer.remaining) == (15, 15, 45, 85)


def test_a_spent_parent_refuses_and_nothing_is_half_taken() -> None:
    """Where the outer budget is short, the inner one holds nothing either."""
    outer = Budget("job", credits=10)
    inner = Budget("step", credits=60, parent=outer)
    with pytest.raises(BudgetExceeded, match="'job' has 10 left"):
        inner.reserve(20)
    assert (inner.reserved, outer.reserved, inner.remaining) == (0, 0, 10)


def test_a_budget_without_credits_has_no_limit_but_counts() -> None:
    """Such a budget carries a priority and an account."""
    budget = Budget("page view", priority=Priority.INTERACTIVE)
    budget.reserve(10**6)
    budget.settle(10**6, 10**6)
    assert (budget.spent, budget.remaining) == (10**6, None)


def test_what_cost_more_than_was_held_leaves_nothing_rather_than_less() -> None:
    """An overdrawn budget has 0 left, and refuses the next call."""
    budget = Budget("mails", credits=10)
    budget.reserve(10)
    budget.settle(10, 15)
    assert (budget.spent, budget.remaining) == (15, 0)
    with pytest.raises(BudgetExceeded):
        budget.reserve(1)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=40))
def test_a_budget_is_never_exceeded(calls: list[tuple[int, int]]) -> None:
    """As long as no call costs more than was held for it, the budget holds."""
    budget = Budget("mails", credits=30)
    for held, cost in calls:
        try:
            budget.reserve(held)
        except BudgetExceeded:
            continue
        assert budget.spent + budget.reserved <= 30
        budget.settle(held, min(held, cost))
    assert (budget.reserved, budget.remaining) == (0, 30 - budget.spent)


def test_a_negative_budget_is_a_mistake() -> None:
    """The error names the budget."""
    with pytest.raises(ConfigurationError, match="'mails' has -1 credits"):
        Budget("mails", credits=-1)


def test_priority_and_patience_come_from_the_parent_unless_given() -> None:
    """A budget inside another queues like it, and says otherwise only if told."""
    job = Budget("job", priority=Priority.BULK, max_wait=None)
    step = Budget("step", parent=job)
    urgent = Budget("urgent", parent=step, priority=Priority.INTERACTIVE, max_wait=1.0)
    assert (step.priority, step.patience(30.0)) == (Priority.BULK, None)
    assert (urgent.priority, urgent.patience(30.0)) == (Priority.INTERACTIVE, 1.0)
    assert (Budget("x").priority, Budget("x").patience(30.0)) == (Priority.NORMAL, 30.0)


async def test_a_block_sets_the_budget_for_itself_and_its_child_tasks() -> None:
    """Inside the block it is the current budget, in child tasks too, and outside not."""

    async def seen() -> Budget | None:
        return current_budget.get()

    async with Budget("outer") as outer:
        async with Budget("inner", parent=outer) as inner:
            assert await asyncio.create_task(seen()) is inner
        assert await seen() is outer
    assert await seen() is None


async def test_an_error_in_the_block_ends_the_budget_too() -> None:
    """The surrounding budget is restored whatever happens inside."""
    with pytest.raises(RuntimeError):
        async with Budget("mails"):
            raise RuntimeError
    assert current_budget.get() is None


async def test_a_budget_is_open_once_at_a_time() -> None:
    """Entering an open budget again is refused with the way out; later it may be."""
    budget = Budget("mails")
    async with budget:
        with pytest.raises(ConfigurationError, match="open already; start tasks inside"):
            await budget.__aenter__()
    async with budget:
        assert current_budget.get() is budget


def test_a_closed_budget_takes_no_further_call() -> None:
    """Nor do the budgets inside it; what is in flight is still booked."""
    outer = Budget("job")
    inner = Budget("step", parent=outer)
    inner.reserve(20)
    outer.close()
    for budget in (outer, inner):
        with pytest.raises(SchedulerClosed, match="budget 'job' is closed"):
            budget.reserve(1)
    inner.settle(20, 15)
    assert (outer.spent, outer.reserved) == (15, 0)


def test_a_budget_holds_itself_and_those_inside_it() -> None:
    """Neither its parent nor a stranger."""
    outer = Budget("job")
    inner = Budget("step", parent=outer)
    assert outer.holds(outer)
    assert outer.holds(inner)
    assert not inner.holds(outer)
    assert not outer.holds(None)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"weight": 0}, "weight of 0"),
        ({"rate": -1}, "rate of -1"),
        ({"rate": float("nan")}, "rate of nan"),
        ({"deadline": 0}, "deadline of 0"),
        ({"concurrency": 0}, "concurrency of 0"),
        ({"pace": 60}, "a pace but no credits"),
        ({"pace": timedelta(), "credits": 5}, "pace of 0"),
        ({"when_spent": "hope"}, "'refuse' or 'wait'"),
    ],
)
def test_a_budget_that_makes_no_sense_is_a_mistake(given: dict[str, Any], words: str) -> None:
    """The error names the budget, the value and what to give instead."""
    with pytest.raises(ConfigurationError, match="'mails'") as told:
        Budget("mails", **given)
    assert words in str(told.value)


def test_limits_may_be_set_at_any_time_within_reason() -> None:
    """Lowered credits leave nothing rather than less; a paced budget keeps its credits."""
    budget = Budget("mails", credits=50, pace=timedelta(hours=1))
    budget.reserve(20)
    budget.credits = 10
    assert budget.remaining == 0
    with pytest.raises(ConfigurationError, match="no credits to spread"):
        budget.credits = None


@pytest.mark.parametrize("when_spent", WhenSpent)
def test_a_refusal_by_an_outer_budget_leaves_nothing_held_inside(when_spent: WhenSpent) -> None:
    """Whether it is spent or closed."""
    outer = Budget("job", credits=10)
    inner = Budget("step", parent=outer, credits=99, when_spent=when_spent)
    with pytest.raises(BudgetExceeded):
        inner.reserve(11)
    outer.close()
    with pytest.raises(SchedulerClosed):
        inner.reserve(1)
    assert (inner.reserved, outer.reserved) == (0, 0)


@pytest.mark.parametrize("when_spent", WhenSpent)
def test_a_call_that_does_not_start_leaves_nothing(when_spent: WhenSpent) -> None:
    budget = Budget("mails", credits=10, concurrency=1, when_spent=when_spent)
    budget.reserve(4)
    assert budget.obstacle(1) is budget
    budget.forgo(4)
    assert (budget.reserved, budget.in_flight, budget.obstacle(1)) == (0, 0, None)


def test_a_budget_that_waits_holds_nothing_until_its_calls_go() -> None:
    """Its calls line up, and the obstacle is named."""
    budget = Budget("mails", credits=10, when_spent=WhenSpent.WAIT)
    budget.reserve(10)
    assert (budget.reserved, budget.obstacle(15), budget.obstacle(10)) == (0, budget, None)
    budget.start(10)
    assert (budget.reserved, budget.in_flight, budget.obstacle(1)) == (10, 1, budget)
    budget.settle(10, 4)
    assert (budget.spent, budget.reserved, budget.obstacle(6)) == (4, 0, None)


def test_a_pace_is_an_even_line_from_the_first_call_on() -> None:
    """Whoever is behind it goes at once, whoever is ahead of it waits for it."""
    clock = ManualClock()
    budget = Budget("mails", credits=100, pace=1_000, clock=clock)
    clock.advance(500)
    assert budget.pause_left() == 0
    budget.reserve(10)
    budget.start(10)
    assert (budget.pause_left(), budget.pause_left(5)) == (100, 150)
    budget.settle(10, 4)
    assert budget.pause_left() == 40
    clock.advance(400)
    assert budget.pause_left() == 0
    budget.pause()
    assert budget.pause_left() is None
