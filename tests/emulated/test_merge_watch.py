"""The watch over scheduled merges, against the emulator."""

import asyncio
from typing import Any

import pytest
from merges import organisation, through_time

from zohocrm_async import ZohoCRM
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.exceptions import ServerError
from zohocrm_async.jobs._watch import MergeWatch, looks
from zohocrm_async.models.merge import MergeChild, MergeState


async def scheduled(org: Emulator, crm: ZohoCRM, master: str, child: str) -> str:
    org.related_records["Leads", child] = 1_500
    outcome = await crm.merge.create("Leads", master, [MergeChild(child)])
    assert outcome.job_id is not None
    return outcome.job_id


def status_calls(org: Emulator) -> int:
    return sum(call.operation == "merge.status" for call in org.calls)


async def after(org: Emulator, seconds: float, *tasks: "asyncio.Task[Any]") -> None:
    """Move the clock, and let all that is due be answered."""
    org.advance(seconds)
    for _ in range(40):
        await asyncio.wait(tasks, timeout=0.001)


async def test_each_job_is_told_its_own_end() -> None:
    """All are watched at once, and one look tells each that has ended."""
    async with organisation(6, scheduled_merge_seconds=1) as (org, crm, ids):
        jobs = [(ids[n], await scheduled(org, crm, ids[n], ids[n + 1])) for n in (0, 2, 4)]
        org.fail_merges.add(ids[2])
        watch = MergeWatch(crm, "Leads")
        tasks = [asyncio.create_task(watch.ended(*job)) for job in jobs]
        await asyncio.sleep(0)
        await after(org, 2, *tasks)
        ends = [task.result() for task in tasks]
        assert ends == [MergeState.COMPLETED, MergeState.FAILURE, MergeState.COMPLETED]
        assert status_calls(org) == 3
        await watch.close()


async def test_pauses_grow() -> None:
    """A merge of five minutes takes no more looks than are planned for it."""
    async with organisation(2, scheduled_merge_seconds=300) as (org, crm, ids):
        watch = MergeWatch(crm, "Leads")
        job = await scheduled(org, crm, ids[0], ids[1])
        task = asyncio.create_task(watch.ended(ids[0], job))
        await asyncio.sleep(0)
        await through_time(org, task, seconds=5)
        assert status_calls(org) <= looks(300)
        await watch.close()


@pytest.mark.parametrize(("seconds", "number"), [(0, 1), (2, 1), (3, 2), (300, 11), (360, 12)])
def test_looks_are_counted_as_they_are_made(seconds: float, number: int) -> None:
    """After 2, 5.2, 10.3 ... seconds, and every 60 in the end."""
    assert looks(seconds) == number


async def test_a_job_that_nobody_knows_is_told_as_such() -> None:
    """After three looks."""
    async with organisation(1) as (org, crm, ids):
        watch = MergeWatch(crm, "Leads")
        task = asyncio.create_task(watch.ended(ids[0], "77"))
        await asyncio.sleep(0)
        for _ in range(3):
            await after(org, 10, task)
        assert (task.result(), status_calls(org)) == (None, 3)
        await watch.close()


async def test_a_look_that_fails_is_told_to_whom_it_concerns() -> None:
    """The others are watched on."""
    async with organisation(4, scheduled_merge_seconds=1) as (org, crm, ids):
        jobs = [(ids[n], await scheduled(org, crm, ids[n], ids[n + 1])) for n in (0, 2)]
        org.fail_next(Fault.SERVER_ERROR, times=99, method="GET", path=ids[0])
        watch = MergeWatch(crm, "Leads")
        tasks = [asyncio.create_task(watch.ended(*job)) for job in jobs]
        await asyncio.sleep(0)
        await after(org, 2, *tasks)
        for _ in range(8):
            await after(org, 1, *tasks)
        with pytest.raises(ServerError):
            tasks[0].result()
        assert tasks[1].result() == MergeState.COMPLETED
        await watch.close()


async def test_nobody_pays_for_a_look_that_nobody_waits_for() -> None:
    """Whoever is cancelled is not looked after."""
    async with organisation(2) as (org, crm, ids):
        watch = MergeWatch(crm, "Leads")
        task = asyncio.create_task(watch.ended(ids[0], await scheduled(org, crm, ids[0], ids[1])))
        await asyncio.sleep(0)
        task.cancel()
        await after(org, 100, task)
        assert status_calls(org) == 0
        await watch.close()
