"""What the benchmarks promise of credits, on fewer records than they take."""

import pytest

from benchmarks.credits import Spending, bench, export, goals, lists, point_reads, together, updates


async def test_point_reads_cost_a_hundredth() -> None:
    reads = await point_reads(100)
    assert (reads.credits, reads.naive) == (1, 100)
    [figure, _] = goals(reads, Spending("nothing", 1, 1, 1))
    assert figure.holds


async def test_lists_cost_a_credit_a_page() -> None:
    pages, query = await lists(400)
    assert (pages.credits, query.credits, query.naive) == (2, 3, 400)


@pytest.mark.parametrize(("records", "credits"), [(1, 1), (100, 10), (250, 25)])
async def test_updates_cost_a_tenth(records: int, credits: int) -> None:
    written = await updates(records)
    assert (written.credits, written.naive) == (credits, records)


async def test_five_calls_cost_one() -> None:
    calls = await together()
    assert (calls.credits, calls.naive, calls.per_thousand) == (1, 5, 200)


async def test_an_export_of_few_costs_its_pages_and_two_questions() -> None:
    """How many records there are, and of which fields."""
    exported = await export(400)
    assert (exported.credits, exported.naive) == (4, 2)


async def test_what_many_calls_cost_is_told_by_some(monkeypatch: pytest.MonkeyPatch) -> None:
    """The question for the price list is left out."""
    monkeypatch.setattr("benchmarks.credits._NAIVE", 20)
    async with bench(30) as b:
        assert await b.naive(3_000, lambda _: b.crm.records.count("Leads")) == 3_000
        assert b.org.credits_used == 21
