"""Dry runs of merges: what each group would become, and what the run then makes of it."""

from pathlib import Path
from typing import Any

from merges import journaled, merge_job, organisation

from zohocrm_async.jobs import ItemState
from zohocrm_async.jobs.preview import Preview
from zohocrm_async.models import Record


def record(id_: str, **fields: object) -> Record:
    return Record({"id": id_, **fields})


def test_the_merged_record_is_the_masters_but_for_the_fields_of_its_children() -> None:
    """A field that the child has not is empty then, as the service would take it."""
    preview = Preview(
        1,
        "1",
        {
            "1": record("1", Last_Name="Stone", Phone="1", City="York"),
            "2": record("2", Last_Name="Stone", Phone="2"),
        },
        {"Phone": "2", "City": "2"},
    )
    assert preview.merged == {"id": "1", "Last_Name": "Stone", "Phone": "2", "City": None}


def test_fields_differ_if_any_record_has_another_value_or_none() -> None:
    """In the order of the records; ids always do, and are not named."""
    preview = Preview(
        1,
        "1",
        {
            "1": record("1", Last_Name="Stone", Phone="1"),
            "2": record("2", Last_Name="Stone", Phone="1", City="York"),
            "3": record("3", Last_Name="Rivers", Phone="1"),
            "4": None,
        },
    )
    assert preview.differing == ("Last_Name", "City")


async def test_a_dry_run_shows_what_the_run_then_makes(tmp_path: Path) -> None:
    """Field by field, of a chain; it reads each record once and changes nothing."""
    async with organisation(5) as (org, crm, ids):
        groups = [
            {"master": ids[0], "children": ids[1:], "fields": f"Email={ids[4]} Last_Name={ids[1]}"}
        ]
        job = merge_job(crm, tmp_path)
        org.clear_calls()
        (preview,) = [preview async for preview in job.preview(groups)]
        assert (preview.position, preview.calls, preview.problem) == (1, 2, None)
        assert list(preview.parts) == list(ids)
        assert preview.sources == {"Last_Name": ids[1], "Email": ids[4]}
        assert {call.operation for call in org.calls} <= {"records.get", "apis.list"}
        assert sum(call.operation == "records.get" for call in org.calls) == 5
        assert not job.journal.exists()
        report = await job.run(groups)
        assert report.counts == {ItemState.MERGED: 1}
        (left,) = org.records("Leads")
        shown = {name: preview.merged[name] for name in ("id", "Email", "Last_Name")}
        assert {name: left[name] for name in shown} == shown


async def test_what_cannot_be_merged_is_told_and_the_others_are_shown(tmp_path: Path) -> None:
    """With the run's own reason, where it has one before any call."""
    async with organisation(4) as (org, crm, ids):
        groups: list[dict[str, Any]] = [
            {"master": ids[0], "children": "x"},
            {"master": ids[1], "children": [ids[2], "999"]},
            {"master": ids[1], "children": ids[3]},
        ]
        job = merge_job(crm, tmp_path)
        bad, gone, good = [preview async for preview in job.preview(groups)]
        assert bad.problem is not None
        assert bad.parts == {}
        assert gone.problem == "there is no record 999"
        assert gone.parts["999"] is None
        assert good.problem is None
        report = await job.run(groups[:1])
        (item,) = await journaled(report.journal)
        assert bad.problem == f"{item.code}: {item.message}"
        assert org.merges == ()
