"""Merges: done at once or scheduled, and every documented refusal."""

import asyncio
from typing import Any

import pytest

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.models import MergeChild, MergeField, MergeState


def leads(org: Emulator, *rows: dict[str, Any]) -> tuple[str, ...]:
    return org.add_records("Leads", [{"Last_Name": "Smith", **row} for row in rows])


async def test_the_master_takes_the_fields_and_the_children_go(org: Emulator, crm: ZohoCRM) -> None:
    master, one, two = leads(
        org, {"Company": "A", "Phone": "1"}, {"Company": "B", "Phone": "2"}, {"City": "Rome"}
    )
    outcome = await crm.merge.create(
        "Leads", master, [MergeChild(one, ["Company"]), MergeChild(two, ["City"])]
    )
    assert (outcome.scheduled, outcome.id, outcome.job_id) == (False, master, None)
    merged = await crm.records.get("Leads", master)
    assert (merged["Company"], merged["Phone"], merged["City"]) == ("B", "1", "Rome")
    for child in (one, two):
        with pytest.raises(errors.RecordNotFound):
            await crm.records.get("Leads", child)


async def test_children_of_which_no_field_is_taken_are_ids(org: Emulator, crm: ZohoCRM) -> None:
    """Several, or one text, which is no list of its digits."""
    master, one, two, three = leads(org, {"Company": "A"}, {"Company": "B"}, {}, {})
    await crm.merge.create("Leads", master, [one, MergeChild(two)])
    await crm.merge.create("Leads", master, three)
    assert [record["id"] for record in org.records("Leads")] == [master]
    merged = org.record("Leads", master)
    assert merged is not None
    assert merged["Company"] == "A"


async def test_files_are_chosen_for_the_merged_record(org: Emulator, crm: ZohoCRM) -> None:
    """Ids keep just these; null drops all; a field not named keeps the master's."""
    master, child = leads(
        org,
        {"File_Upload_1": [{"id": "m1"}, {"id": "m2"}], "Image_Upload_1": [{"id": "i1"}]},
        {"File_Upload_2": [{"id": "c1"}, {"id": "c2"}], "Image_Upload_1": [{"id": "i2"}]},
    )
    await crm.merge.create(
        "Leads",
        master,
        [MergeChild(child, [MergeField("File_Upload_2", ["c2"])])],
        master_fields=[MergeField("File_Upload_1", ["m2"]), MergeField("Image_Upload_1", None)],
    )
    merged = org.record("Leads", master)
    assert merged is not None
    assert [file["id"] for file in merged["File_Upload_1"]] == ["m2"]
    assert [file["id"] for file in merged["File_Upload_2"]] == ["c2"]
    assert not merged["Image_Upload_1"]


async def test_a_child_with_many_related_records_makes_a_job(org: Emulator, crm: ZohoCRM) -> None:
    master, child = leads(org, {}, {})
    org.related_records["Leads", child] = 1_001
    outcome = await crm.merge.create("Leads", master, [MergeChild(child, ["Last_Name"])])
    assert outcome.scheduled
    assert outcome.job_id
    (job,) = await crm.merge.status("Leads", master, job_id=outcome.job_id)
    assert job.state in {MergeState.SCHEDULED, MergeState.RUNNING}
    org.advance(minutes=10)
    (job,) = await crm.merge.status("Leads", master)
    assert (job.job_id, job.state) == (outcome.job_id, MergeState.COMPLETED)


async def test_a_master_without_jobs_has_no_status(org: Emulator, crm: ZohoCRM) -> None:
    (master,) = leads(org, {})
    assert await crm.merge.status("Leads", master) == ()


async def follow(org: Emulator, crm: ZohoCRM, master: str, child: str) -> Any:
    """Run a merge, moving the clock on whenever the client pauses."""
    task = asyncio.create_task(crm.merge.run("Leads", master, [MergeChild(child, ["Last_Name"])]))
    while not task.done():
        await asyncio.sleep(0.002)
        org.advance(seconds=1)
    return await task


async def test_run_polls_a_scheduled_merge_to_its_end_each_look_priced(
    org: Emulator, crm: ZohoCRM
) -> None:
    master, child = leads(org, {}, {})
    org.related_records["Leads", child] = 5_000
    await crm.organization.get()
    used = org.credits_used
    outcome = await follow(org, crm, master, child)
    assert outcome.scheduled
    looks = sum(1 for call in org.calls if call.operation == "merge.status")
    assert looks >= 1
    assert org.credits_used == used + 50 + looks == crm.credits().used


async def test_run_raises_when_the_job_fails(org: Emulator, crm: ZohoCRM) -> None:
    master, child = leads(org, {}, {})
    org.related_records["Leads", child] = 5_000
    org.fail_merges.add(master)
    with pytest.raises(errors.MergeFailed) as caught:
        await follow(org, crm, master, child)
    assert (caught.value.master_id, caught.value.module) == (master, "Leads")


async def test_waiting_for_a_job_that_nobody_knows_ends(org: Emulator, crm: ZohoCRM) -> None:
    (master,) = leads(org, {})
    task = asyncio.create_task(crm.merge.wait("Leads", master, "999"))
    while not task.done():
        await asyncio.sleep(0.002)
        org.advance(seconds=1)
    with pytest.raises(errors.OutcomeUnknown, match="no merge job 999"):
        await task


async def test_a_lost_answer_is_an_unknown_outcome(org: Emulator, crm: ZohoCRM) -> None:
    master, child = leads(org, {}, {})
    org.fail_next(Fault.CUT_AFTER, path="/actions/merge")
    with pytest.raises(errors.OutcomeUnknown, match=r"crm\.merge\.status"):
        await crm.merge.create("Leads", master, [MergeChild(child)])
    assert len(org.merges) == 1


class TestRefusals:
    """Each documented refusal has its class."""

    async def test_an_unknown_child(self, org: Emulator, crm: ZohoCRM) -> None:
        (master,) = leads(org, {})
        with pytest.raises(errors.InvalidData):
            await crm.merge.create("Leads", master, [MergeChild("999")])

    async def test_a_record_that_is_scheduled_already(self, org: Emulator, crm: ZohoCRM) -> None:
        master, child, other = leads(org, {}, {}, {})
        org.related_records["Leads", child] = 2_000
        await crm.merge.create("Leads", master, [MergeChild(child)])
        with pytest.raises(errors.NotAllowed):
            await crm.merge.create("Leads", master, [MergeChild(other)])

    async def test_a_locked_record(self, org: Emulator, crm: ZohoCRM) -> None:
        master, child = leads(org, {}, {})
        org.lock("Leads", child)
        with pytest.raises(errors.NotAllowed):
            await crm.merge.create("Leads", master, [MergeChild(child)])

    async def test_an_unknown_module(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.InvalidModule):
            await crm.merge.create("Tasks", "1", [MergeChild("2")])

    async def test_what_is_ruled_out_is_told_before_anything_is_sent(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        with pytest.raises(errors.InvalidRequest) as caught:
            await crm.merge.create(
                "Leads", "1", [MergeChild("1", ["Email"]), MergeChild("2", ["Email"])]
            )
        assert len(caught.value.problems) == 2
        assert not org.merges

    async def test_an_old_version_has_no_merge(self, org: Emulator) -> None:
        async with org.client(version="v3") as crm:
            with pytest.raises(errors.InvalidRequest, match="from API version v6 on"):
                await crm.merge.create("Leads", "1", [MergeChild("2")])
