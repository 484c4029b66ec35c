"""What became of a merge whose answer was lost: the service is asked."""

from attrs import evolve

from zohocrm_async._client import ZohoCRM
from zohocrm_async.exceptions import RecordNotFound
from zohocrm_async.jobs._together import together
from zohocrm_async.jobs.items import ABSENT, Item, ItemState
from zohocrm_async.jobs.steps import Steps
from zohocrm_async.models.merge import MergeState

_AT_WORK = frozenset({MergeState.SCHEDULED, MergeState.RUNNING})


async def look_up(crm: ZohoCRM, module: str, item: Item, steps: Steps) -> Item:
    """Return what *item* is, going by the master's merge jobs and then by its children.

    Costs 1 credit, and 1 for each record of the call in doubt. All children gone:
    the call was done. All there and nothing at work: it was not. Anything else
    stays unknown.
    """
    jobs = await crm.merge.status(module, item.record_id)
    at_work = [job for job in jobs if job.state in _AT_WORK]
    if len(at_work) == 1:
        return evolve(_found(item), state=ItemState.MERGING, job_id=at_work[0].job_id)
    if at_work:
        return _undecided(item, f"{len(at_work)} merges of this master are at work")
    children = [child.id for child in steps.next(item)]
    master, *found = await together(
        _is_there(crm, module, id_) for id_ in (item.record_id, *children)
    )
    if not master:
        return _undecided(item, "the master is gone")
    if all(found):
        return evolve(
            item,
            state=ItemState.UNKNOWN,
            code=ABSENT,
            message="no merge is at work, and master and children are all there",
        )
    if any(found):
        return _undecided(item, "some of the children are gone, and others are there")
    return steps.after(_found(item))


async def _is_there(crm: ZohoCRM, module: str, record_id: str) -> bool:
    # One by one: a list leaves out records that are there, such as converted leads.
    try:
        await crm.records.get(module, record_id, fields=["id"])
    except RecordNotFound:
        return False
    return True


def _found(item: Item) -> Item:
    return evolve(item, code=None, message=None, field=None)


def _undecided(item: Item, why: str) -> Item:
    return evolve(item, code="UNDECIDED", message=f"{why}: look at the records")
