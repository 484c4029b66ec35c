"""What became of a merge whose answer was lost, asked of the emulator."""

from attrs import evolve
from merges import organisation

from zohocrm_async.jobs.groups import Chain
from zohocrm_async.jobs.items import ABSENT, Item, ItemState
from zohocrm_async.jobs.lookup_merge import look_up
from zohocrm_async.jobs.steps import Steps
from zohocrm_async.models.merge import MergeChild

LOST = Item(key="1", position=1, state=ItemState.UNKNOWN, code="CONNECTION_FAILED", message="?")


def lost(master: str, *children: str) -> tuple[Item, Steps]:
    made = tuple(
        tuple(MergeChild(id_) for id_ in children[n : n + 2]) for n in range(0, len(children), 2)
    )
    return evolve(LOST, record_id=master, trace=Steps.trace(Chain(master, made))), Steps(made)


async def test_children_that_are_gone_were_merged() -> None:
    """The item is done, or waits for its next call; nothing of the loss is left."""
    async with organisation(6) as (_, crm, ids):
        await crm.merge.create("Leads", ids[0], [MergeChild(ids[1]), MergeChild(ids[2])])
        item, steps = lost(ids[0], *ids[1:3])
        found = await look_up(crm, "Leads", item, steps)
        assert (found.state, found.step, found.code) == (ItemState.MERGED, 1, None)
        item, steps = lost(ids[0], *ids[1:])
        found = await look_up(crm, "Leads", item, steps)
        assert (found.state, found.step, found.job_id) == (ItemState.MERGING, 1, None)


async def test_a_merge_at_work_is_followed() -> None:
    """Whatever its children are now."""
    async with organisation(2) as (org, crm, ids):
        org.related_records["Leads", ids[1]] = 1_500
        outcome = await crm.merge.create("Leads", ids[0], [MergeChild(ids[1])])
        found = await look_up(crm, "Leads", *lost(ids[0], ids[1]))
        assert (found.state, found.job_id) == (ItemState.MERGING, outcome.job_id)


async def test_children_that_are_there_were_not_merged() -> None:
    """Converted ones are there as well, though lists leave them out."""
    async with organisation(3) as (org, crm, ids):
        await crm.records.update("Leads", [{"id": ids[1], "Converted": True}])
        found = await look_up(crm, "Leads", *lost(ids[0], ids[1], ids[2]))
        assert (found.state, found.code) == (ItemState.UNKNOWN, ABSENT)
        assert sum(call.operation == "records.get" for call in org.calls) == 3


async def test_what_no_merge_does_is_left_undecided() -> None:
    """One of two children gone, or the master."""
    async with organisation(5) as (_, crm, ids):
        await crm.records.delete("Leads", [ids[1], ids[3]])
        for master, children in ((ids[0], (ids[1], ids[2])), (ids[3], (ids[4],))):
            found = await look_up(crm, "Leads", *lost(master, *children))
            assert (found.state, found.code) == (ItemState.UNKNOWN, "UNDECIDED")


async def test_jobs_that_have_ended_decide_nothing() -> None:
    """They may be those of earlier calls: the children decide."""
    async with organisation(3, scheduled_merge_seconds=1) as (org, crm, ids):
        org.related_records["Leads", ids[1]] = 1_500
        await crm.merge.create("Leads", ids[0], [MergeChild(ids[1])])
        org.advance(5)
        found = await look_up(crm, "Leads", *lost(ids[0], ids[2]))
        assert found.code == ABSENT
