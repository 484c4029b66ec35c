"""Merge jobs against the emulator: its books and the journal agree group by group."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from zohocrm_async import Retry, Timeouts, ZohoCRM
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.jobs import Item, ItemState, Journal, MergeJob

NO_PAUSE = Retry(base=0.001, ceiling=0.002)


@contextlib.asynccontextmanager
async def organisation(
    records: int, **settings: Any
) -> AsyncIterator[tuple[Emulator, ZohoCRM, tuple[str, ...]]]:
    """Open an organisation, a client of it, and the ids of its leads."""
    patience = settings.pop("read_timeout", 5.0)
    async with Emulator(**settings) as org:
        ids = org.add_records(
            "Leads",
            ({"Last_Name": f"Person {n}", "Email": f"p{n}@example.com"} for n in range(records)),
        )
        async with org.client(retry=NO_PAUSE, timeouts=Timeouts(read=patience)) as crm:
            yield org, crm, ids


def merge_job(crm: ZohoCRM, folder: Path, **settings: Any) -> MergeJob:
    return MergeJob(crm, **{"journal": folder / "journal", "module": "Leads", **settings})


def pairs(ids: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {"master": master, "children": child}
        for master, child in zip(ids[::2], ids[1::2], strict=True)
    ]


async def journaled(path: Path) -> list[Item]:
    async with Journal.open(path) as journal:
        return [item async for item in journal.items()]


def check_against_books(items: Sequence[Item], org: Emulator) -> None:
    """Compare every item with the merges that the organisation did."""
    merges = Counter(merge.master_id for merge in org.merges)
    states = {merge.master_id: merge.state for merge in org.merges}
    assert all(times == 1 for times in merges.values()), "merged twice"
    for item in items:
        if item.state is ItemState.MERGED:
            assert states.pop(item.record_id) == "COMPLETED"
        elif item.state is ItemState.MERGING:
            assert states.pop(item.record_id) in {"SCHEDULED", "RUNNING"}
        elif item.state is ItemState.UNKNOWN:
            states.pop(item.record_id, None)
        elif item.code == "MERGE_FAILED":
            assert states.pop(item.record_id) == "FAILURE"
        elif item.code != "RECORD_IN_TWO_GROUPS":
            assert item.record_id not in states, f"{item.state}, and yet merged: {item}"
    assert not states, "merged, and not in the journal"


async def through_time(org: Emulator, running: "asyncio.Task[Any]") -> None:
    """Let the clock run ahead until the job is done."""
    while not running.done():
        await asyncio.wait([running], timeout=0.01)
        org.advance(1)


async def test_each_group_becomes_one_record(tmp_path: Path) -> None:
    """Children go, and the named fields come from the first of them."""
    async with organisation(9) as (org, crm, ids):
        groups: list[dict[str, Any]] = [
            {"master": ids[0], "children": ids[1]},
            {"master": ids[2], "children": f"{ids[3]}; {ids[4]}", "fields": "Email|Last_Name"},
            {"master": ids[5], "children": [ids[6], ids[7]], "fields": ["Email"]},
        ]
        report = await merge_job(crm, tmp_path).run(groups)
        check_against_books(await journaled(report.journal), org)
        assert (report.counts, report.ok) == ({ItemState.MERGED: 3}, True)
        assert report.credits == 3 * 50
        left = {record["id"]: record for record in org.records("Leads")}
        assert left.keys() == {ids[n] for n in (0, 2, 5, 8)}
        assert left[ids[0]]["Email"] == "p0@example.com"
        assert left[ids[2]]["Last_Name"] == "Person 3"
        assert left[ids[5]]["Email"] == "p6@example.com"


async def test_what_is_refused_is_told_why_and_the_others_are_merged(tmp_path: Path) -> None:
    """By the job before any call, or by the service."""
    async with organisation(12) as (org, crm, ids):
        groups = [
            {"master": ids[0], "children": ids[1]},
            {"master": ids[2], "children": " ".join(ids[3:6])},
            {"master": "Person 6", "children": ids[7]},
            {"master": ids[6], "children": "x"},
            {"master": ids[7], "children": ""},
            {"master": ids[8], "children": ids[8]},
            {"master": ids[9], "children": ids[1]},
            {"master": ids[1], "children": ids[10]},
            {"master": "999", "children": ids[10]},
            {"master": ids[0], "children": ids[11]},
        ]
        report = await merge_job(crm, tmp_path).run(groups)
        items = await journaled(report.journal)
        check_against_books(items, org)
        assert [(str(item.state), item.code) for item in items] == [
            ("merged", None),
            ("refused", "TOO_MANY_CHILDREN"),
            ("refused", "INVALID_ID"),
            ("refused", "INVALID_ID"),
            ("refused", "INVALID_ID"),
            ("refused", "INVALID_REQUEST"),
            ("refused", "RECORD_IN_TWO_GROUPS"),
            ("refused", "RECORD_IN_TWO_GROUPS"),
            ("refused", "INVALID_DATA"),
            ("refused", "RECORD_IN_TWO_GROUPS"),
        ]
        assert "row 1 names" in str(items[6].message)
        assert len([call for call in org.calls if call.operation == "merge.create"]) == 2


async def test_scheduled_merges_are_followed_to_their_end(tmp_path: Path) -> None:
    """While they go on, all others are done; one that fails is refused."""
    async with organisation(40, scheduled_merge_seconds=20) as (org, crm, ids):
        groups = pairs(ids)
        for group in groups[:6]:
            org.related_records["Leads", group["children"]] = 1_500
        org.fail_merges.add(groups[0]["master"])
        told: list[Item] = []
        others = asyncio.Event()

        def tell(item: Item) -> None:
            told.append(item)
            if len(told) == 14:
                others.set()

        running = asyncio.create_task(merge_job(crm, tmp_path).run(groups, tell))
        await others.wait()
        assert {item.record_id for item in told} == {group["master"] for group in groups[6:]}
        await through_time(org, running)
        report = await running
        items = await journaled(report.journal)
        check_against_books(items, org)
        assert report.counts == {ItemState.MERGED: 19, ItemState.REFUSED: 1}
        assert report.refusals == {"MERGE_FAILED": 1}
        assert all(item.job_id for item in items[:6])
        looks = [call for call in org.calls if call.operation == "merge.status"]
        assert 6 <= len(looks) <= 6 * 8
        assert report.credits == 20 * 50 + len(looks)


async def test_a_scheduled_merge_whose_looks_fail_stays_merging(tmp_path: Path) -> None:
    """The service goes on with it, and nobody can say how it ended."""
    async with organisation(2) as (org, crm, ids):
        org.related_records["Leads", ids[1]] = 1_500
        org.fail_next(Fault.SERVER_ERROR, times=99, method="GET", path="merge")
        running = asyncio.create_task(merge_job(crm, tmp_path).run(pairs(ids)))
        await through_time(org, running)
        (item,) = await journaled((await running).journal)
        assert (item.state, item.code) == (ItemState.MERGING, "INTERNAL_ERROR")
        assert item.job_id == org.merges[0].job_id


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault.CUT_AFTER, ItemState.UNKNOWN),
        (Fault.CUT_BEFORE, ItemState.UNKNOWN),
        (Fault.SERVER_ERROR, ItemState.UNKNOWN),
        (Fault.HTML, ItemState.UNKNOWN),
        (Fault.SLOW, ItemState.UNKNOWN),
        (Fault.TOO_MANY_CALLS, ItemState.MERGED),
        (Fault.TOKEN_REVOKED, ItemState.MERGED),
    ],
)
async def test_no_merge_is_made_twice_whatever_goes_wrong(
    tmp_path: Path, fault: Fault, outcome: ItemState
) -> None:
    """A lost answer is unknown; a certain refusal is repeated."""
    patience = 0.5 if fault is Fault.SLOW else 5.0
    async with organisation(40, read_timeout=patience) as (org, crm, ids):
        org.fail_next(fault, method="POST", path="merge", after=5, seconds=1.0)
        report = await merge_job(crm, tmp_path).run(pairs(ids))
        check_against_books(await journaled(report.journal), org)
        expected = Counter([*[ItemState.MERGED] * 19, outcome])
        assert report.counts == expected


async def test_a_spent_budget_leaves_scheduled_merges_to_the_service(tmp_path: Path) -> None:
    """No look is paid for beyond the budget, and the report says why it ended."""
    async with organisation(20) as (org, crm, ids):
        groups = pairs(ids)
        org.related_records["Leads", groups[0]["children"]] = 1_500
        running = asyncio.create_task(merge_job(crm, tmp_path, budget=100).run(groups))
        await through_time(org, running)
        report = await running
        items = await journaled(report.journal)
        assert report.credits <= 100
        assert report.stopped is not None
        assert {item.state for item in items} <= {
            ItemState.MERGED,
            ItemState.MERGING,
            ItemState.PLANNED,
        }
        assert len(org.merges) == 2
