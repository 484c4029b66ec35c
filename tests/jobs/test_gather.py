"""Rows of one group come together, wherever in the input they stand."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given, strategies as st

from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs import _gather
from zohocrm_async.jobs._gather import gathered
from zohocrm_async.jobs.groups import GroupRow
from zohocrm_async.jobs.rows import Row, open_rows


async def stream(rows: Iterable[Row]) -> AsyncIterator[Row]:
    for row in rows:
        yield row


async def all_of(rows: Iterable[Row]) -> list[Row]:
    return [row async for row in gathered(stream(rows), "group")]


@given(st.lists(st.sampled_from("abc ")))
def test_each_group_comes_once_and_whole(names: list[str]) -> None:
    """In the order of the groups' first rows, each with its rows in their order."""
    rows = [Row(n, {"group": name, "id": n}) for n, name in enumerate(names, 1)]
    found = asyncio.run(all_of(rows))
    positions = [row.position for row in found]
    assert positions == sorted(positions)
    groups = {row.records[0].text("group"): row for row in found if isinstance(row, GroupRow)}
    assert groups.keys() == set(names) - {" "}
    for name, group in groups.items():
        members = [row for row in rows if row.text("group") == name]
        assert group.position == members[0].position
        assert list(group.records) == members
    alone = [row for row in found if not isinstance(row, GroupRow)]
    assert [row.position for row in alone] == [n for n, name in enumerate(names, 1) if name == " "]
    assert all("is of no group" in str(row.problem) for row in alone)


async def test_a_row_that_cannot_be_read_comes_alone() -> None:
    """Its cells may stand in the wrong columns."""
    rows = [Row(1, {"group": "a"}), Row(2, {"group": "a"}, "has 3 cells"), Row(3, {"group": "a"})]
    group, alone = await all_of(rows)
    assert isinstance(group, GroupRow)
    assert [row.position for row in group.records] == [1, 3]
    assert (alone.position, alone.problem) == (2, "has 3 cells")


async def test_values_of_any_kind_survive() -> None:
    """As JSON has them; others as their text."""
    values = {"group": "a", "children": ["1", 2], "n": 10**30, "none": None}
    (group,) = await all_of([Row(1, values)])
    assert group.values == values


async def test_who_stops_early_leaves_nothing_behind() -> None:
    """The temporary file is closed with the generator."""
    rows = [Row(n, {"group": n}) for n in range(1, 2_000)]
    async with contextlib.aclosing(gathered(stream(rows), "group")) as found:
        assert (await anext(found)).position == 1


async def test_a_disk_that_is_full_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """By an error of this package that says where room is needed."""
    monkeypatch.setattr(_gather, "_SCHEMA", (*_gather._SCHEMA, "PRAGMA max_page_count = 5"))
    many = [{"id": str(n), "group": str(n), "text": "x" * 200} for n in range(1_000)]
    async with open_rows(many, {}) as rows:
        with pytest.raises(JournalError, match="full; make room for temporary files"):
            async for _ in gathered(rows, "group"):
                pass
