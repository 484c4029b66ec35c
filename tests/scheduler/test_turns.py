"""Whose turn it is: shares by weight inside a class, a guaranteed part between classes."""

from collections import Counter
from collections.abc import AsyncIterator

import pytest
from desk import BULK, INTERACTIVE, Desk, MakeDesk, desks, quote, turns
from hypothesis import given, settings, strategies as st
from soaking import examples

from zohocrm_async.options import Priority
from zohocrm_async.scheduler import Budget


@pytest.fixture
async def desk() -> AsyncIterator[MakeDesk]:
    """Make desks that are clean at the end."""
    async with desks() as make:
        yield make


async def serve(d: Desk, number: int, spend: int | None = None) -> list[str]:
    """End the calls in flight one after the other; return who they belonged to."""
    served: list[str] = []
    for _ in range(number):
        name = next(n for n in d.order[len(d.ended) :] if n not in d.ended)
        d.ended.append(name)
        served.append(name[0])
        await d.end(name, None if spend is None else lambda permit: permit.settle(spend))
    return served


async def crowd(d: Desk, letter: str, number: int, price: int = 1, **how: object) -> None:
    for index in range(number):
        d.start(f"{letter}{index}", price, **how)  # type: ignore[arg-type]  # passed through
    await turns()


class TestFlows:
    """Budgets of one class share by weight; what is inside one goes in order of arrival."""

    async def test_a_small_job_is_not_behind_a_large_one(self, desk: MakeDesk) -> None:
        """Two budgets take turns, however many calls of the first came before."""
        d = desk(concurrency=1, credits=10_000)
        await crowd(d, "a", 20, budget=Budget("large"))
        await crowd(d, "b", 3, budget=Budget("small"))
        assert "".join(await serve(d, 8)) == "abababaa"

    async def test_weights_divide_the_turns(self, desk: MakeDesk) -> None:
        """1:2:4 of the turns while all have work."""
        d = desk(concurrency=1, credits=10_000)
        for letter, weight in (("a", 1), ("b", 2), ("c", 4)):
            await crowd(d, letter, 60, budget=Budget(letter, weight=weight))
        count = Counter(await serve(d, 70))
        assert abs(count["a"] - 10) <= 1
        assert abs(count["b"] - 20) <= 1
        assert abs(count["c"] - 40) <= 1

    async def test_a_budget_without_weight_shares_its_parents_turns(self, desk: MakeDesk) -> None:
        """Splitting a job into steps wins it nothing."""
        d = desk(concurrency=1, credits=10_000)
        job = Budget("job")
        await crowd(d, "a", 12, budget=Budget("one", parent=job))
        await crowd(d, "b", 12, budget=Budget("two", parent=job))
        await crowd(d, "x", 12, budget=Budget("other"))
        count = Counter(await serve(d, 13))
        assert abs(count["x"] - 6) <= 1
        assert count["b"] == 0

    async def test_calls_outside_any_budget_are_one_flow(self, desk: MakeDesk) -> None:
        d = desk(concurrency=1, credits=10_000)
        await crowd(d, "a", 9)
        await crowd(d, "b", 9, budget=Budget("job"))
        assert Counter((await serve(d, 11))[1:]) == {"a": 5, "b": 5}

    async def test_where_credits_bind_they_are_what_is_shared(self, desk: MakeDesk) -> None:
        """A flow of dear calls has as many credits as one of cheap calls, not as many turns."""
        d = desk(concurrency=1, credits=200, max_wait=None, max_waiting=999)
        await crowd(d, "a", 30, 10, budget=Budget("dear"))
        await crowd(d, "b", 150, 1, budget=Budget("cheap"))
        count = Counter(await serve(d, 100))
        assert abs(count["a"] * 10 - count["b"]) <= 12

    async def test_what_a_call_did_not_cost_is_given_back_to_its_flow(self, desk: MakeDesk) -> None:
        """Held 10 and spent 1, a flow has had 1."""
        d = desk(concurrency=1, credits=150, max_wait=None, max_waiting=999)
        for index in range(40):
            d.start(f"a{index}", quote(1, maximum=10), budget=d.budget_of("a"))
            d.start(f"b{index}", 1, budget=d.budget_of("b"))
        await turns()
        count = Counter(await serve(d, 40, spend=1))
        assert d.scheduler._queue.ranks[Priority.NORMAL].by_costs
        assert abs(count["a"] - count["b"]) <= 10

    async def test_idleness_saves_nothing_up(self, desk: MakeDesk) -> None:
        """Who comes late gets its share from then on, and no more."""
        d = desk(concurrency=1, credits=10_000)
        await crowd(d, "a", 40, budget=Budget("early"))
        await serve(d, 20)
        await crowd(d, "b", 20, budget=Budget("late"))
        count = Counter(await serve(d, 12))
        assert abs(count["a"] - count["b"]) <= 2

    async def test_heavy_and_light_calls_of_a_flow_go_in_order(self, desk: MakeDesk) -> None:
        d = desk(concurrency=1, credits=10_000)
        budget = Budget("job")
        for name in ("a", "b", "c", "d", "e"):
            await d.begin(name, heavy=name in "bd", budget=budget)
        for name in "abcde":
            await d.end(name)
        assert d.went == "abcde"


@settings(max_examples=examples(25), deadline=None)
@given(
    weights=st.lists(st.sampled_from([1, 2, 3, 4, 8]), min_size=2, max_size=4),
    prices=st.lists(st.integers(1, 9), min_size=4, max_size=4),
    count=st.integers(5, 60),
)
async def test_backlogged_flows_never_part_by_more_than_a_call_each(
    weights: list[int], prices: list[int], count: int
) -> None:
    """In credits by weight, two flows that always have work are never further apart."""
    async with desks() as make:
        d = make(concurrency=1, credits=500, max_wait=None, max_waiting=9_999)
        for letter, weight, price in zip("abcd", weights, prices, strict=False):
            await crowd(d, letter, 100, price, budget=Budget(letter, weight=weight))
        rank = d.scheduler._queue.ranks[Priority.NORMAL]
        rest = count if rank.by_costs else 0
        before = Counter(name[0] for name in d.order)
        await serve(d, rest)
        had = Counter(name[0] for name in d.order)
        had.subtract(before)
    shares = [
        (had[letter] * price / weight, price / weight)
        for letter, weight, price in zip("abcd", weights, prices, strict=False)
    ]
    for one, most in shares:
        for other, others_most in shares:
            # Twice, as it is counted from within a round.
            assert abs(one - other) <= 2 * (most + others_most)


class TestClasses:
    """Strict order, with a part for the lower ones."""

    async def test_lower_classes_have_their_part_in_a_flood(self, desk: MakeDesk) -> None:
        """A tenth of the turns for NORMAL, a fiftieth for BULK."""
        d = desk(concurrency=1, credits=10_000)
        await crowd(d, "i", 200, priority=INTERACTIVE)
        await crowd(d, "n", 30)
        await crowd(d, "b", 30, priority=BULK)
        count = Counter(await serve(d, 151))
        assert count["n"] in {14, 15}
        assert count["b"] in {2, 3}

    async def test_without_a_part_the_order_is_strict(self, desk: MakeDesk) -> None:
        d = desk(concurrency=1, credits=10_000, normal_share=0, bulk_share=0)
        await crowd(d, "i", 120, priority=INTERACTIVE)
        await crowd(d, "b", 3, priority=BULK)
        assert Counter(await serve(d, 120)) == {"i": 120}

    async def test_the_part_is_not_saved_up(self, desk: MakeDesk) -> None:
        """Who could not go for long has one turn at once and then its part."""
        d = desk(concurrency=2, heavy_concurrency=1, credits=10_000, normal_share=0.5)
        await d.begin("h", heavy=True, priority=INTERACTIVE)
        await crowd(d, "n", 9, heavy=True)
        await crowd(d, "i", 80, priority=INTERACTIVE)
        d.ended.append("h")
        assert set(await serve(d, 30)) == {"i"}
        await d.end("h")
        assert Counter(await serve(d, 12))["n"] <= 6

    async def test_headroom_is_kept_for_interactive_calls(self, desk: MakeDesk) -> None:
        """Others leave slots free, but at least one is left to them."""
        d = desk(concurrency=3, heavy_concurrency=1, headroom=2)
        await crowd(d, "n", 2)
        await crowd(d, "i", 2, priority=INTERACTIVE)
        assert sorted(d.order) == ["i0", "i1", "n0"]
