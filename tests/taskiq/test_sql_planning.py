"""The rows of a job in a database: each once, in its order, with what it needs elsewhere."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from soaking import examples
from sql_jobs import Entry, Story, all_items, each, entry, refused, states, taken

from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs._database import Database
from zohocrm_async.jobs._statements import Addition
from zohocrm_async.jobs.groups import GroupRow
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.job import Order
from zohocrm_async.jobs.rows import Row
from zohocrm_async.taskiq._job_journal import SqlJournal
from zohocrm_async.taskiq._planning import Holders, settled
from zohocrm_async.taskiq._rows import content_of, kept, legible, row_of, storable
from zohocrm_async.taskiq._states import JobState


async def new(story: Story, part_size: int = 3) -> SqlJournal:
    journals = await story.journals()
    return await journals.create("news", kind="mail", options={}, part_size=part_size)


async def test_rows_are_cut_into_parts(database: str) -> None:
    """Parts follow one another; those in which nothing is to be sent are done at once."""
    async with Story(database) as story:
        job = await new(story)
        entries = [*map(entry, (1, 2, 3)), *map(refused, (4, 5, 6)), *map(entry, (8, 9))]
        await job.plan(each(entries), taken)
        assert await job.waiting_parts() == (1, 3)
        progress = await job.progress()
        assert (progress.parts, progress.parts_done) == (3, 1)
        assert (progress.state, progress.stopped) == (JobState.RUNNING, None)
        assert progress.counts == {ItemState.PLANNED: 5, ItemState.REFUSED: 3}
        assert await job.refusals() == {"INVALID_ID": 3}
        assert await job.extent() == (8, 9)
        last = await story.entered(await job.claim(3))
        found = [(row, item.position) async for row, item in last.rows(ItemState.PLANNED)]
        assert found == [(entries[6][0], 8), (entries[7][0], 9)]
        assert await last.extent() == (2, 9)
        assert [at async for at in last.positions(8)] == [9]


async def test_a_key_is_one_item(database: str) -> None:
    """Of the same batch or of another: the first row has it."""
    async with Story(database) as story:
        job = await new(story, part_size=1_000)
        entries = [entry(1, "a"), entry(2, "a"), *map(entry, range(3, 1_002)), entry(1_002, "a")]
        await job.plan(each(entries), taken)
        found = await all_items(job)
        assert [item.position for item in found] == list(range(1, 1_003))
        skipped = [item for item in found if item.state is ItemState.SKIPPED]
        assert [(item.key, item.message) for item in skipped] == [
            ("a row 2", "row 1 has it"),
            ("a row 1002", "row 1 has it"),
        ]


async def test_a_record_is_in_one_item(database: str) -> None:
    """A row that is passed over has none of the records that it names."""
    async with Story(database) as story:
        job = await new(story, part_size=1_000)
        entries = [
            entry(1, claims=["a", "b"]),
            entry(2, claims=["c", "b"]),
            entry(3, claims=["c"]),
            *map(entry, range(4, 1_001)),
            entry(1_001, claims=["d", "c"]),
        ]
        await job.plan(each(entries), taken)
        skipped = await all_items(job, ItemState.SKIPPED)
        assert [item.message for item in skipped] == ["row 1 has it", "row 3 has it"]


async def test_a_key_that_was_made_for_a_row_passed_over_may_be_held(database: str) -> None:
    """No row is lost by that."""
    async with Story(database) as story:
        job = await new(story)
        await job.plan(each([entry(1, "a row 3"), entry(2, "a"), entry(3, "a")]), taken)
        assert await states(job) == ["planned", "planned", "skipped"]


async def test_planning_that_died_half_way_is_continued(database: str) -> None:
    """Nothing is sent before its end, and no row comes twice."""

    async def dying() -> AsyncIterator[Entry]:
        for position in range(1, 3_000):
            if position == 2_500:
                raise ConnectionError
            yield entry(position)

    async with Story(database) as story:
        job = await new(story, part_size=500)
        with pytest.raises(ConnectionError):
            await job.plan(dying(), taken)
        assert (await job.progress()).state is JobState.PLANNING
        assert await job.extent() == (2_000, 2_000)
        assert await job.waiting_parts() == ()
        assert await job.claim(1) is None
        with pytest.raises(JournalError, match="start it again with the same rows"):
            await job.resume()
        await job.plan(each(map(entry, range(1, 3_001))), taken)
        assert await job.extent() == (3_000, 3_000)
        assert await job.waiting_parts() == (1, 2, 3, 4, 5, 6)
        with pytest.raises(JournalError, match="is planned already"):
            await job.plan(each([]), taken)


async def test_two_who_plan_one_job(database: str) -> None:
    """One of them is told so, and each row is in once."""
    async with Story(database) as story:
        job = await new(story, part_size=100)
        other = await (await story.journals()).open("news")
        ends = await asyncio.gather(
            *(one.plan(each(map(entry, range(1, 4_001))), taken) for one in (job, other)),
            return_exceptions=True,
        )
        assert [str(end) for end in ends].count("None") <= 1
        assert sum(isinstance(end, JournalError) for end in ends) >= 1
        if (await job.progress()).state is JobState.PLANNING:  # they stood in each other's way
            await job.plan(each(map(entry, range(1, 4_001))), taken)
        assert await job.extent() == (4_000, 4_000)
        assert len(await job.waiting_parts()) == 40


async def test_a_job_of_nothing_has_ended(database: str) -> None:
    """No part waits for anybody."""
    async with Story(database) as story:
        job = await new(story)
        await job.plan(each([]), taken)
        assert (await job.progress()).state is JobState.ENDED
        assert await job.claim_any() is None
        assert await job.extent() == (0, 0)


async def test_keys_that_no_database_keeps(database: str) -> None:
    """They are refused by themselves; all other text is kept legible."""
    bad = "a\0b", "half \ud83d", "long " * 1_000
    async with Story(database) as story:
        job = await new(story, part_size=10)
        entries: Iterable[Entry] = [*(entry(at, key) for at, key in enumerate(bad, 1)), entry(4)]
        await job.plan(each(entries), taken)
        *found, planned = await all_items(job)
        assert planned.state is ItemState.PLANNED
        assert [(item.state, item.code) for item in found] == [
            (ItemState.REFUSED, "INVALID_KEY")
        ] * 3
        part = await story.entered(await job.claim(1))
        sending = planned.became(ItemState.SENDING)
        await part.record(sending)
        await part.record(sending.became(ItemState.REFUSED, message="\0 \ud83d é"))
        item = (await all_items(job, ItemState.REFUSED))[3]
        assert item.message == "\\x00 \\ud83d é"


@settings(max_examples=examples(30), deadline=None)
@given(st.text(st.characters()))
def test_legible_items_are_storable(key: str) -> None:
    """A key is kept as it is, or its item is refused."""
    item = legible(Item(key=key, position=1))
    assert storable(item.key)
    assert item.key == key or item.state is ItemState.REFUSED


ORDERS = st.lists(
    st.tuples(st.sampled_from("abcd"), st.sets(st.sampled_from("wxyz"), max_size=2)), max_size=8
)


@settings(max_examples=examples(20), deadline=None)
@given(ORDERS)
def test_rows_become_what_they_are_in_a_journal_of_one_process(
    drawn: list[tuple[str, set[str]]],
) -> None:
    """The first row has the key and the records; of the others the same is said."""
    orders = [entry(at, key, sorted(ids))[1] for at, (key, ids) in enumerate(drawn, 1)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal"
        meta = {"kind": "merge", "options": "{}", "created_at": "2026-01-01T00:00:00+00:00"}
        journal = Database.create(path, meta)
        for order in orders:
            journal.apply([Addition(order.item, order.claims, partial(taken, order.item))])
        expected = journal.page(0, 100)
        journal.close()
    assert list(settled(orders, Holders(), taken).items) == expected


VALUES = st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text())
ROWS = st.builds(Row, st.integers(1, 9), VALUES, st.none() | st.text())
GROUPS = st.builds(
    GroupRow, st.just(1), VALUES, st.none(), st.lists(ROWS, min_size=1, max_size=3).map(tuple)
)


@settings(max_examples=examples(30), deadline=None)
@given(ROWS | GROUPS)
def test_rows_come_back(row: Row) -> None:
    """Alone or in a group."""
    content = content_of(row)
    assert row_of(content) == row
    assert kept(content) == content


def test_values_that_json_has_no_form_for() -> None:
    """They come back as their text, by which a job reads every cell."""
    values = {"when": datetime(2026, 1, 1, tzinfo=UTC), "sum": Decimal("1.50"), 7: "seven"}
    row = Row(1, values)  # type: ignore[arg-type]  # a number for a column's name
    back = row_of(content_of(row))
    assert back.text("when") == row.text("when")
    assert back.text("sum") == "1.50"
    assert json.loads(content_of(row))["values"]["7"] == "seven"


async def test_a_group_is_planned_by_its_first_row(database: str) -> None:
    """All its rows are there for whoever merges them."""
    rows = tuple(Row(at, {"id": str(at), "Group": "g"}) for at in (2, 5))
    group = GroupRow(2, rows[0].values, None, rows)
    _, order = entry(2)
    async with Story(database) as story:
        job = await new(story)
        await job.plan(each([(group, order)]), taken)
        assert [row async for row, _ in job.rows()] == [group]


async def test_an_order_of_a_million_rows_is_a_stream(database: str) -> None:
    """Rows are asked for one after the other, as far as a batch goes ahead."""
    asked = 0

    async def endless() -> AsyncIterator[tuple[Row, Order]]:
        nonlocal asked
        while True:
            asked += 1
            yield entry(asked)
            if asked == 2_001:
                raise ConnectionError

    async with Story(database) as story:
        job = await new(story, part_size=10)
        with pytest.raises(ConnectionError):
            await job.plan(endless(), taken)
        assert await job.extent() == (2_000, 2_000)
