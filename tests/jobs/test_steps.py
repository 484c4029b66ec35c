"""The calls of an item, as its journal keeps them."""

from hypothesis import given, strategies as st

from zohocrm_async.jobs.groups import Chain
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.steps import Steps
from zohocrm_async.models.merge import MergeChild

names = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8)
children = st.builds(MergeChild, names, st.lists(names, max_size=3).map(tuple))
calls = st.lists(st.lists(children, min_size=1, max_size=2).map(tuple), min_size=1).map(tuple)


@given(calls)
def test_what_is_kept_gives_the_calls_back(made: tuple[tuple[MergeChild, ...], ...]) -> None:
    """Ids, fields and their order."""
    item = Item(key="1", position=1, trace=Steps.trace(Chain("1", made)))
    assert Steps.of(item).calls == made


@given(calls)
def test_an_item_is_merged_after_its_last_call_and_not_before(
    made: tuple[tuple[MergeChild, ...], ...],
) -> None:
    """In between it waits for the next call, without a job of the service."""
    steps = Steps(made)
    item = Item(key="1", position=1, job_id="7", state=ItemState.MERGING)
    for number, call in enumerate(made, 1):
        assert steps.next(item) == call
        item = steps.after(item)
        assert item.step == number
        assert (item.state is ItemState.MERGED) == (number == len(made))
        assert item.state is ItemState.MERGED or item.job_id is None
