"""Merge jobs against the emulator: its books and the journal agree group by group."""

import asyncio
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from merges import check_against_books, journaled, merge_job, organisation, pairs, through_time

from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.jobs import Item, ItemState

MERGED, REFUSED, UNKNOWN = ItemState.MERGED, ItemState.REFUSED, ItemState.UNKNOWN


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
            ("merged", None),
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
        assert len([call for call in org.calls if call.operation == "merge.create"]) == 4


async def test_a_group_that_is_given_twice_is_merged_once(tmp_path: Path) -> None:
    """In whichever order; other fields, or one child less, make it another group."""
    async with organisation(8) as (org, crm, ids):
        fields = f"Email={ids[1]} Phone={ids[2]}"
        groups: list[dict[str, Any]] = [
            {"master": ids[0], "children": ids[1:5], "fields": fields},
            {"master": ids[0], "children": ids[4:0:-1], "fields": fields},
            {"master": ids[0], "children": ids[1:5], "fields": "Email"},
            {"master": ids[0], "children": ids[1:4], "fields": fields},
            {"master": ids[1], "children": [ids[0], *ids[2:5]], "fields": fields},
            {"master": ids[5], "children": ids[5]},
            {"master": ids[5], "children": ids[5]},
        ]
        job = merge_job(crm, tmp_path)
        plan = await job.plan(groups)
        report = await job.run(groups)
        items = await journaled(report.journal)
        check_against_books(items, org)
        assert [(str(item.state), item.code) for item in items] == [
            ("merged", None),
            ("skipped", "DUPLICATE"),
            ("refused", "RECORD_IN_TWO_GROUPS"),
            ("refused", "RECORD_IN_TWO_GROUPS"),
            ("refused", "RECORD_IN_TWO_GROUPS"),
            ("refused", "INVALID_REQUEST"),
            ("refused", "INVALID_REQUEST"),
        ]
        assert items[1].message == "row 1 is the same merge"
        assert (plan.planned, plan.calls, plan.skipped) == (1, 2, {"DUPLICATE": 1})
        assert plan.refused == {"RECORD_IN_TWO_GROUPS": 3, "INVALID_REQUEST": 2}
        assert len(org.merges) == 2


async def test_more_than_two_children_are_merged_call_by_call(tmp_path: Path) -> None:
    """On one master, in their order, with each field from the child that was named for it."""
    async with organisation(9) as (org, crm, ids):
        master, *children = ids
        groups = [
            {"master": master, "children": children, "fields": f"Email={ids[6]} Last_Name={ids[1]}"}
        ]
        report = await merge_job(crm, tmp_path).run(groups)
        check_against_books(await journaled(report.journal), org)
        assert [merge.children for merge in org.merges] == [
            (ids[1], ids[2]), (ids[3], ids[4]), (ids[5], ids[6]), (ids[7], ids[8]),
        ]  # fmt: skip
        (left,) = org.records("Leads")
        assert (left["id"], left["Email"], left["Last_Name"]) == (
            master, "p6@example.com", "Person 1",
        )  # fmt: skip
        assert (report.counts, report.credits) == ({MERGED: 1}, 4 * 50)


async def test_a_call_of_a_chain_waits_for_the_scheduled_one_before_it(tmp_path: Path) -> None:
    """The service would refuse it: the master waits for another merge."""
    async with organisation(14, scheduled_merge_seconds=20) as (org, crm, ids):
        groups = [{"master": ids[n], "children": ids[n + 1 : n + 7]} for n in (0, 7)]
        for n in (1, 3, 13):
            org.related_records["Leads", ids[n]] = 1_500
        running = asyncio.create_task(merge_job(crm, tmp_path).run(groups))
        await through_time(org, running)
        report = await running
        items = await journaled(report.journal)
        check_against_books(items, org)
        assert report.counts == {MERGED: 2}
        assert [merge.state for merge in org.merges] == ["COMPLETED"] * 6
        assert {call.status for call in org.calls if call.operation == "merge.create"} == {201}


async def test_a_chain_goes_no_further_than_a_call_that_is_refused(tmp_path: Path) -> None:
    """What is done stays done and is told, and once the reason is gone the rest is retried."""
    async with organisation(7) as (org, crm, ids):
        groups = [{"master": ids[0], "children": ids[1:]}]
        org.lock("Leads", ids[4])
        report = await merge_job(crm, tmp_path).run(groups)
        (item,) = await journaled(report.journal)
        check_against_books([item], org)
        assert (item.state, item.code, item.step) == (REFUSED, "NOT_ALLOWED", 1)
        org.unlock("Leads", ids[4])
        report = await merge_job(crm, tmp_path).resume(groups, retry=["NOT_ALLOWED"])
        (item,) = await journaled(report.journal)
        check_against_books([item], org)
        assert (report.counts, item.step) == ({MERGED: 1}, 3)
        assert report.credits == 2 * 50


async def test_records_with_a_group_are_merged_by_the_rules(tmp_path: Path) -> None:
    """Wherever their rows stand in the file."""
    async with organisation(6) as (org, crm, ids):
        people = ["ann", "bob", "ann", "", "bob", "ann"]
        lines = ["Person,id,Created_Time,Modified_Time,Phone"] + [
            f"{name},{id_},2026-01-{9 - n:02},2026-02-{n + 1:02},{n}"
            for n, (id_, name) in enumerate(zip(ids, people, strict=True))
        ]
        path = tmp_path / "people.csv"
        path.write_text("\n".join(lines), "utf-8")
        for n, id_ in enumerate(ids):
            await crm.records.update("Leads", [{"id": id_, "Phone": str(n)}])
        job = merge_job(crm, tmp_path, group_column="Person", take={"Phone": "newest"})
        report = await job.run(path)
        items = await journaled(report.journal)
        check_against_books(items, org)
        assert [(item.record_id, item.state, item.code) for item in items] == [
            (ids[5], MERGED, None),
            (ids[4], MERGED, None),
            ("", REFUSED, "MALFORMED_ROW"),
        ]
        left = {record["id"]: record.get("Phone") for record in org.records("Leads")}
        assert left == {ids[5]: "5", ids[4]: "4", ids[3]: "3"}


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
        (Fault.CUT_AFTER, MERGED),
        (Fault.CUT_BEFORE, UNKNOWN),
        (Fault.SERVER_ERROR, UNKNOWN),
        (Fault.HTML, MERGED),
        (Fault.SLOW, MERGED),
        (Fault.TOO_MANY_CALLS, MERGED),
        (Fault.TOKEN_REVOKED, MERGED),
    ],
)
async def test_no_merge_is_made_twice_whatever_goes_wrong(
    tmp_path: Path, fault: Fault, outcome: ItemState
) -> None:
    """A lost answer is looked up: what was done is found, what was not may yet be."""
    patience = 0.5 if fault is Fault.SLOW else 5.0
    async with organisation(40, read_timeout=patience) as (org, crm, ids):
        org.fail_next(fault, method="POST", path="merge", after=5, seconds=1.0)
        report = await merge_job(crm, tmp_path).run(pairs(ids))
        check_against_books(await journaled(report.journal), org)
        expected = Counter([*[MERGED] * 19, outcome])
        assert report.counts == expected


async def test_what_is_absent_after_the_grace_period_is_merged_if_told_so(tmp_path: Path) -> None:
    """Not before, and not untold."""
    async with organisation(10) as (org, crm, ids):
        groups = [{"master": ids[0], "children": ids[1:]}]
        org.fail_next(Fault.CUT_BEFORE, method="POST", path="merge", after=2)
        report = await merge_job(crm, tmp_path).run(groups)
        (item,) = await journaled(report.journal)
        assert (item.state, item.step) == (UNKNOWN, 2)
        org.advance(minutes=5)
        report = await merge_job(crm, tmp_path).resume(groups)
        (item,) = await journaled(report.journal)
        assert (item.state, item.code) == (UNKNOWN, "ABSENT")
        report = await merge_job(crm, tmp_path).resume(groups, resend_absent=True)
        check_against_books(await journaled(report.journal), org)
        assert report.counts == {MERGED: 1}


async def test_a_scheduled_merge_whose_answer_was_lost_is_found_and_followed(
    tmp_path: Path,
) -> None:
    """By the merges of its master, without the job's id."""
    async with organisation(6, scheduled_merge_seconds=30) as (org, crm, ids):
        org.related_records["Leads", ids[3]] = 1_500
        org.fail_next(Fault.CUT_AFTER, method="POST", path="merge", after=1)
        groups = [{"master": ids[0], "children": ids[1:]}]
        running = asyncio.create_task(merge_job(crm, tmp_path).run(groups))
        await through_time(org, running)
        report = await running
        items = await journaled(report.journal)
        check_against_books(items, org)
        assert report.counts == {MERGED: 1}
        assert len(org.merges) == 3


async def test_what_cannot_be_decided_stays_unknown(tmp_path: Path) -> None:
    """One of two children is gone, and no merge does that."""
    async with organisation(3) as (org, crm, ids):
        org.fail_next(Fault.CUT_BEFORE, method="POST", path="merge")
        job = merge_job(crm, tmp_path)
        groups = [{"master": ids[0], "children": ids[1:]}]
        await job.run(groups)
        await crm.records.delete("Leads", [ids[1]])
        org.advance(minutes=5)
        await job.resume(groups, resend_absent=True)
        (item,) = await journaled(job.journal)
        assert (item.state, item.code) == (UNKNOWN, "UNDECIDED")
        assert org.merges == ()


async def test_a_run_that_is_interrupted_goes_on_where_it_was(tmp_path: Path) -> None:
    """Scheduled merges are followed, chains taken up at their next call."""
    async with organisation(60, scheduled_merge_seconds=30) as (org, crm, ids):
        groups = [{"master": ids[n], "children": ids[n + 1 : n + 5]} for n in range(0, 60, 5)]
        for group in groups[::2]:
            org.related_records["Leads", group["children"][1]] = 1_500
        job = merge_job(crm, tmp_path)
        running = asyncio.create_task(job.run(groups))
        while sum(merge.scheduled for merge in org.merges) < 3:
            await asyncio.wait([running], timeout=0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        items = await journaled(job.journal)
        check_against_books(items, org)
        assert any(item.state is ItemState.MERGING for item in items)
        async with org.client() as another:
            running = asyncio.create_task(merge_job(another, tmp_path).resume(groups))
            await through_time(org, running)
        report = await running
        check_against_books(await journaled(job.journal), org)
        assert (report.counts, report.ok) == ({MERGED: 12}, True)
        assert len(org.merges) == 24


FAULTS = (
    Fault.CUT_AFTER, Fault.CUT_BEFORE, Fault.SERVER_ERROR, Fault.HTML,
    Fault.TOO_MANY_CALLS, Fault.TOKEN_REVOKED,
)  # fmt: skip


def trouble(org: Emulator, seed: random.Random) -> None:
    for _ in range(8):
        org.fail_next(seed.choice(FAULTS), method="POST", path="merge", after=seed.randrange(40))
    org.fail_next(Fault.SERVER_ERROR, method="GET", path="merge", after=seed.randrange(20), times=3)


@pytest.mark.parametrize("number", range(6))
async def test_chains_under_faults_and_interruptions_end_true(tmp_path: Path, number: int) -> None:
    """After every run the journal and the books agree, and at last all is merged."""
    seed = random.Random(number)
    async with organisation(120, scheduled_merge_seconds=20) as (org, crm, ids):
        rest, groups = list(ids), list[dict[str, Any]]()
        while len(rest) > 8:
            master, *children = (rest.pop() for _ in range(seed.randint(2, 8)))
            groups.append({"master": master, "children": children})
        for id_ in seed.sample(ids, 12):
            org.related_records["Leads", id_] = 1_500
        job = merge_job(crm, tmp_path)
        begun, report = False, None
        for attempt in range(9):
            if attempt < 6:
                trouble(org, seed)
            begin = job.resume(groups, resend_absent=True) if begun else job.run(groups)
            running = asyncio.create_task(begin)
            begun = True
            if attempt < 6 and seed.random() < 0.6:
                await asyncio.wait([running], timeout=seed.random() / 5)
                running.cancel()
            await through_time(org, running)
            check_against_books(await journaled(job.journal), org)
            report = None if running.cancelled() else running.result()
            org.clear_faults()
            org.advance(minutes=5)
            if report is not None and report.ok:
                break
        left = [i for i in await journaled(job.journal) if i.state is not MERGED]
        assert (left, report is not None) == ([], True), f"seed {number}"


async def test_scheduled_merges_are_looked_at_no_more_than_needed(tmp_path: Path) -> None:
    """How long one has taken is known when the next is waited for."""
    async with organisation(21, scheduled_merge_seconds=100) as (org, crm, ids):
        for id_ in ids[1::2]:
            org.related_records["Leads", id_] = 1_500
        groups = [{"master": ids[0], "children": ids[1:]}]
        running = asyncio.create_task(merge_job(crm, tmp_path).run(groups))
        await through_time(org, running, seconds=5)
        await running
        assert [merge.scheduled for merge in org.merges] == [True] * 10
        looks = sum(call.operation == "merge.status" for call in org.calls)
        assert looks <= 9 + 3 * 9


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
