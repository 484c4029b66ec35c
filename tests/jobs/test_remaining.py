"""Which rows a journal still waits for, whatever order it was written in."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from soaking import examples

from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs._remaining import Remaining
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.journal import Journal
from zohocrm_async.jobs.rows import Row

S = ItemState


async def rows(first: int, last: int) -> AsyncIterator[Row]:
    for position in range(first, last + 1):
        yield Row(position, {})


async def add(journal: Journal, position: int, state: ItemState) -> None:
    begins = state if state in {S.PLANNED, S.REFUSED, S.SKIPPED} else S.SENDING
    item = Item(key=str(position), position=position, state=begins)
    await journal.add(item)
    if begins is not state:
        await journal.record(item.became(state))


STATES = st.sampled_from([S.PLANNED, S.SENT, S.REFUSED, S.UNKNOWN, S.MERGING])


@given(
    known=st.dictionaries(st.integers(1, 25), STATES, max_size=25),
    length=st.integers(0, 10),
    further=st.booleans(),
)
@settings(max_examples=examples(25), deadline=None, derandomize=True)
def test_unfinished_items_and_rows_of_no_item_are_waited_for(
    known: dict[int, ItemState], length: int, further: bool
) -> None:
    """Each once, in the order of the input; nothing that is done, and no row is forgotten."""
    last = max(known, default=0) + length

    async def check(path: Path) -> None:
        async with Journal.create(path, kind="mail", options={}) as journal:
            for position, state in known.items():
                await add(journal, position, state)
            left = await Remaining.of(journal, further=further)
            found = [
                (row.position, None if item is None else item.state)
                async for row, item in left.among(rows(left.skip + 1, last))
            ]
        unfinished = {p: s for p, s in known.items() if s in {S.PLANNED, S.MERGING}}
        new = set(range(1, last + 1)) - known.keys() if further else set[int]()
        expected = {**unfinished, **dict.fromkeys(new)}
        assert found == sorted(expected.items(), key=lambda pair: pair[0])

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(check(Path(folder) / "journal"))


async def test_an_input_that_ends_too_early_is_said_to(tmp_path: Path) -> None:
    """A planned item without its row would be forgotten."""
    async with Journal.create(tmp_path / "journal", kind="mail", options={}) as journal:
        await add(journal, 1, S.SENT)
        await add(journal, 2, S.PLANNED)
        left = await Remaining.of(journal)
        assert left.skip == 1
        with pytest.raises(JournalError, match="waits for row 2"):
            _ = [task async for task in left.among(rows(2, 1))]
