"""Many changes by few statements: the same as one by one, or none of them."""

import sqlite3
import tempfile
from pathlib import Path

from attrs import evolve
from hypothesis import given, settings, strategies as st
from soaking import examples

from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs._database import Database
from zohocrm_async.jobs._statements import Addition, Change, insert, together, update
from zohocrm_async.jobs.items import Item, ItemState

NUMBERS, STATES = st.integers(1, 9), st.sampled_from(ItemState)
ADDITIONS = st.builds(
    lambda number, state, step, why: Addition(
        Item(key=f"k{number}", position=number, state=state, step=step, trace="[]", code=why)
    ),
    *(NUMBERS, STATES, st.integers(0, 3), st.sampled_from([None, None, "C"])),
)
CHANGES = st.builds(
    lambda number, state, step, why, elsewhere: Item(
        key=f"k{number}",
        position=number + elsewhere,
        state=state,
        step=step,
        message_id=f"m{step}",
        **why,
    ),
    *(NUMBERS, STATES, st.integers(0, 3)),
    st.sampled_from([{}, {}, {"code": "C"}, {"message": "no"}, {"job_id": "7"}, {"field": "to"}]),
    st.sampled_from([0, 0, 0, 1]),
)


def kinds(results: list[Item | JournalError | None]) -> list[object]:
    return [str(result) if isinstance(result, JournalError) else result for result in results]


@given(st.lists(st.lists(ADDITIONS | CHANGES, max_size=12), max_size=6))
@settings(max_examples=examples(50), deadline=None, derandomize=True)
def test_batches_come_to_the_same_as_single_changes(batches: list[list[Change]]) -> None:
    """Whatever is in them: the same results, and the same journal after each."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal"  # in errors, so both have the same name
        one = Database.create(path, {})
        other = Database.create(Path(folder) / "other", {})
        other.path = path
        for batch in batches:
            single = [result for change in batch for result in one.apply([change])]
            assert kinds(other.apply(batch)) == kinds(single)
            assert other.page(0, 99) == one.page(0, 99)
        one.close()
        other.close()


def test_statements_take_no_more_values_than_any_sqlite_does() -> None:
    """999 at once, in versions from before 2020, where changes are made one by one."""
    assert max(insert().count("?"), update(ItemState.SENT).count("?")) <= 999
    assert max(insert(64).count("?"), update(ItemState.SENT, 64).count("?")) <= 32_766


def test_two_changes_of_one_item_are_made_in_their_order() -> None:
    """One by one."""
    item = Item(key="k", position=1, state=ItemState.SENDING)
    assert together([Addition(item), item.became(ItemState.SENT)], "now") is None
    assert together([Addition(evolve(item, state=ItemState.SENT))], "now") is None


def test_items_of_which_something_is_said_take_statements_of_their_own() -> None:
    """All of their columns; those of which nothing is said take the short way beside them."""
    plain = [Item(key=f"k{n}", position=n, state=ItemState.SENT) for n in range(3)]
    said = [Item(key=f"s{n}", position=n, state=ItemState.SENT, message="late") for n in range(9)]
    new = Addition(Item(key="new", position=99, state=ItemState.REFUSED, code="INVALID_ID"))
    statements = together([*plain, *said, new], None)
    assert statements is not None
    assert sorted((rows, len(values)) for _, values, rows in statements) == [
        (1, 13),
        (3, 1 + 16 * 4),
        (9, 16 * 10),
    ]


def test_seventy_items_take_a_handful_of_statements() -> None:
    """Each of them counted; the places that are left over hold nothing."""
    items = [Item(key=f"k{n}", position=n, state=ItemState.SENDING) for n in range(1, 71)]
    statements = together([Addition(item) for item in items], None)
    assert statements is not None
    assert [rows for _, _, rows in statements] == [64, 6]
    assert [len(values) for _, values, _ in statements] == [2 + 64 * 5, 2 + 16 * 5]
    assert sqlite3.sqlite_version_info >= (3, 33)
