"""Bulk reads, bulk writes and backups, against the emulator."""

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path

import pytest
from attrs import evolve
from moving import listed, soon, spent_on
from samples_bulk import LEADS, QUERY, packed

from zohocrm_async import ZohoCRM
from zohocrm_async._wire import FormFile
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.exceptions import (
    APIError,
    ArchiveUnreadable,
    InvalidRequest,
    JobFailed,
    JobTimedOut,
    NotFound,
    OutcomeUnknown,
    RecordNotFound,
    UnexpectedAnswer,
)
from zohocrm_async.models import (
    AuditLogRequest,
    BulkFieldMapping,
    BulkReadQuery,
    BulkRowResult,
    BulkWrite,
    BulkWriteResource,
    Criteria,
    JobState,
    ModuleReference,
    where,
)

HEADER = ("Last_Name", "Email", "Annual_Revenue")


def archived(content: bytes) -> list[list[str]]:
    """Return the lines of the only file of an archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        [name] = archive.namelist()
        return list(csv.reader(io.StringIO(archive.read(name).decode())))


async def uploaded(crm: ZohoCRM, *rows: tuple[str, ...], encoding: str = "utf-8") -> str:
    """Upload rows of leads; return the file's id."""
    content = packed([HEADER, *rows], encoding=encoding)
    return await crm.bulk_write.upload(FormFile("leads.zip", content))


def write(file_id: str, operation: str = "insert", *, find_by: str | None = None) -> BulkWrite:
    """Return a bulk write of leads."""
    resource = BulkWriteResource(module=LEADS, file_id=file_id, find_by=find_by)
    return BulkWrite(operation=operation, resource=(resource,))


# --- reads


async def test_a_bulk_read_runs_to_its_end_and_gives_its_rows(org: Emulator, crm: ZohoCRM) -> None:
    """By column, as the texts of the file."""
    [lead] = org.add_records("Leads", [{"Last_Name": "Stone", "Annual_Revenue": 12.5}])
    query = BulkReadQuery(module=LEADS, fields=("Last_Name", "Annual_Revenue"))
    job = await soon(org, crm.bulk_read.run(query))
    assert job.state is JobState.COMPLETED
    assert job.result is not None
    assert (job.result.count, job.result.more_records) == (1, False)
    [row] = await listed(crm.bulk_read.rows(job.id))
    assert row == {"id": lead, "Last_Name": "Stone", "Annual_Revenue": "12.5"}


@pytest.mark.parametrize(("records", "looks"), [(None, 4), (40_000, 1), (0, 2)])
async def test_a_job_is_looked_at_when_it_may_be_done(
    org: Emulator, crm: ZohoCRM, records: int | None, looks: int
) -> None:
    """Looks cost: none comes before so many records may have been read."""
    org.state.bulk.seconds = 39.0
    await soon(org, crm.bulk_read.run(QUERY, records=records), step=0.5)
    assert spent_on(org, "bulk_read.get") == looks


async def test_a_job_goes_through_its_states_by_the_clock(org: Emulator, crm: ZohoCRM) -> None:
    """Whatever they are called on the page."""
    org.state.bulk.seconds = 60.0
    job_id = (await crm.bulk_read.create(QUERY)).id or ""
    words = []
    for _ in range(4):
        words.append((await crm.bulk_read.get(job_id)).status)
        org.advance(16)
    assert words == ["ADDED", "QUEUED", "IN PROGRESS", "IN PROGRESS"]
    assert (await crm.bulk_read.get(job_id)).state is JobState.COMPLETED


async def test_a_result_streams_into_a_file(org: Emulator, crm: ZohoCRM, tmp_path: Path) -> None:
    """Which is the archive of the job."""
    org.add_records("Leads", [{"Last_Name": "Stone"}])
    job = await soon(org, crm.bulk_read.run(QUERY))
    file = await crm.bulk_read.download(job.id, to=tmp_path)
    assert file.path == tmp_path / f"{job.id}.zip"
    assert archived(file.path.read_bytes())[0] == ["id", "Last_Name", "Email"]


async def test_a_result_is_kept_for_a_day(org: Emulator, crm: ZohoCRM) -> None:
    """And is gone afterwards."""
    job = await soon(org, crm.bulk_read.run(QUERY))
    org.advance(hours=25)
    with pytest.raises(NotFound):
        await crm.bulk_read.download(job.id)


async def test_criteria_are_checked_before_they_are_sent(org: Emulator, crm: ZohoCRM) -> None:
    """Each with what is wrong of it."""
    wrong = Criteria(comparator="near", field=where("City").equal("x").field, value="Bonn")
    with pytest.raises(InvalidRequest, match="comparator of City is 'near'"):
        await crm.bulk_read.create(evolve(QUERY, criteria=wrong))
    with pytest.raises(InvalidRequest, match="page and page_token"):
        await crm.bulk_read.create(evolve(QUERY, page=2, page_token="x"))
    assert not org.calls


async def test_a_deadline_that_has_passed_costs_nothing(org: Emulator, crm: ZohoCRM) -> None:
    """For no job is begun."""
    with pytest.raises(InvalidRequest, match="deadline"):
        await crm.bulk_read.run(QUERY, deadline=org.clock.now() - dt.timedelta(seconds=1))
    with pytest.raises(InvalidRequest, match="deadline"):
        await crm.bulk_write.run(write("1"), deadline=0)
    assert not org.calls


async def test_a_refused_bulk_read_names_the_field(org: Emulator, crm: ZohoCRM) -> None:
    """By the service's own words."""
    with pytest.raises(APIError) as refused:
        await crm.bulk_read.create(BulkReadQuery(module=LEADS, fields=("Shoe",)))
    assert (refused.value.code, refused.value.details["api_name"]) == (
        "FIELD_NOT_AVAILABLE",
        "Shoe",
    )


async def test_a_lost_answer_of_a_begun_job_is_told(org: Emulator, crm: ZohoCRM) -> None:
    """For 50 credits are not spent twice unasked."""
    org.fail_next(Fault.CUT_AFTER, path="/read")
    with pytest.raises(OutcomeUnknown):
        await crm.bulk_read.create(QUERY)


# --- writes


async def test_a_bulk_write_inserts_and_tells_each_row(org: Emulator, crm: ZohoCRM) -> None:
    """Those that are refused with the error and its column."""
    file_id = await uploaded(
        crm, ("Stone", "stone@example.com", "12.5"), ("", "x@example.com", ""), ("Reed", "no", "")
    )
    job = await soon(org, crm.bulk_write.run(write(file_id)))
    file = job.resource[0].file
    assert file is not None
    assert (file.added_count, file.skipped_count, file.total_count) == (1, 2, 3)
    added, empty, wrong = await listed(crm.bulk_write.results(job))
    assert added.id is not None
    assert org.record("Leads", added.id) is not None
    assert (added.status, added.errors, added.values[0]) == ("ADDED", (), "Stone")
    assert (empty.status, empty.errors) == ("SKIPPED", (("MANDATORY_NOT_FOUND", "Last_Name"),))
    assert wrong.errors == (("INVALID_DATA", "Email"),)
    assert [record["Annual_Revenue"] for record in org.records("Leads")] == [12.5]


async def test_a_bulk_write_updates_by_a_unique_field(org: Emulator, crm: ZohoCRM) -> None:
    """And leaves alone what the file has no column for."""
    [lead] = org.add_records(
        "Leads", [{"Last_Name": "Old", "Email": "stone@example.com", "City": "Bonn"}]
    )
    file_id = await uploaded(crm, ("New", "stone@example.com", "7"), ("X", "who@example.com", ""))
    job = await soon(org, crm.bulk_write.run(write(file_id, "update", find_by="Email")))
    updated, unknown = await listed(crm.bulk_write.results(job))
    assert (updated.status, updated.id) == ("UPDATED", lead)
    assert unknown.status == "SKIPPED"
    record = org.record("Leads", lead)
    assert record is not None
    assert (record["Last_Name"], record["Annual_Revenue"], record["City"]) == ("New", 7, "Bonn")


async def test_a_bulk_upsert_inserts_what_is_not_there(org: Emulator, crm: ZohoCRM) -> None:
    """And updates what is."""
    [lead] = org.add_records("Leads", [{"Last_Name": "Old", "Email": "stone@example.com"}])
    file_id = await uploaded(crm, ("New", "stone@example.com", ""), ("Reed", "r@example.com", ""))
    job = await soon(org, crm.bulk_write.run(write(file_id, "upsert", find_by="Email")))
    results = await listed(crm.bulk_write.results(job))
    assert [result.status for result in results] == ["UPDATED", "ADDED"]
    assert results[0].id == lead
    assert len(org.records("Leads")) == 2


async def test_columns_go_where_they_are_mapped(org: Emulator, crm: ZohoCRM) -> None:
    """By their number, or a value for all rows without one."""
    mappings = (
        BulkFieldMapping(api_name="Last_Name", index=0),
        BulkFieldMapping(api_name="City", index=2),
        BulkFieldMapping(api_name="Company", default_value={"value": "Acme"}),
    )
    file_id = await uploaded(crm, ("Stone", "stone@example.com", "Bonn"))
    resource = BulkWriteResource(module=LEADS, file_id=file_id, field_mappings=mappings)
    body = BulkWrite(operation="insert", resource=(resource,))
    await soon(org, crm.bulk_write.run(body))
    [record] = org.records("Leads")
    assert (record["Last_Name"], record["City"], record["Company"]) == ("Stone", "Bonn", "Acme")
    assert "Email" not in record


async def test_a_file_in_another_encoding_is_refused(org: Emulator, crm: ZohoCRM) -> None:
    """Unless the encoding is said."""
    file_id = await uploaded(crm, ("Müller", "m@example.com", ""), encoding="latin-1")
    with pytest.raises(APIError, match="INVALID_FORMAT") as refused:
        await crm.bulk_write.create(write(file_id))
    assert refused.value.details["api_name"] == "character_encoding"
    body = evolve(write(file_id), character_encoding="ISO-8859-1")
    await soon(org, crm.bulk_write.run(body))
    assert [record["Last_Name"] for record in org.records("Leads")] == ["Müller"]


async def test_an_upload_is_checked_before_it_is_sent(
    org: Emulator, crm: ZohoCRM, tmp_path: Path
) -> None:
    """A file that is missing, or larger than 25 MB."""
    with pytest.raises(InvalidRequest, match="no file"):
        await crm.bulk_write.upload(tmp_path / "gone.zip")
    with (tmp_path / "large.zip").open("wb") as large:
        large.truncate(25 * 1024 * 1024 + 1)
    with pytest.raises(InvalidRequest, match="bytes"):
        await crm.bulk_write.upload(tmp_path / "large.zip")
    assert not org.calls


async def test_the_number_of_the_organisation_is_asked_for_once(
    org: Emulator, crm: ZohoCRM
) -> None:
    """However many files are uploaded."""
    for _ in range(3):
        await uploaded(crm, ("Stone", "s@example.com", ""))
    assert sum(call.operation == "organization.get" for call in org.calls) == 1


async def test_a_bulk_write_that_fails_or_never_ends_is_told(org: Emulator, crm: ZohoCRM) -> None:
    """With its id."""
    org.state.bulk.fail.add("Leads")
    file_id = await uploaded(crm, ("Stone", "s@example.com", ""))
    with pytest.raises(JobFailed, match="ended as FAILED"):
        await soon(org, crm.bulk_write.run(write(file_id)))
    org.state.bulk.seconds = 600.0
    with pytest.raises(JobTimedOut) as late:
        await soon(org, crm.bulk_write.run(write(file_id), deadline=30), step=15.0)
    with pytest.raises(UnexpectedAnswer, match="has no result"):
        await listed(crm.bulk_write.results(late.value.status))


async def test_a_damaged_result_is_told_with_its_job(org: Emulator, crm: ZohoCRM) -> None:
    """The records were written all the same."""
    org.state.bulk.damage.add("Leads")
    file_id = await uploaded(crm, ("Stone", "s@example.com", ""))
    job = await soon(org, crm.bulk_write.run(write(file_id)))
    with pytest.raises(ArchiveUnreadable) as damaged:
        await listed(crm.bulk_write.results(job))
    assert damaged.value.job_id == job.id
    assert len(org.records("Leads")) == 1


def test_a_result_of_a_row_can_be_made() -> None:
    """Its status is all that it needs."""
    assert BulkRowResult("ADDED").errors == ()


# --- backups and the audit log


async def test_a_backup_leaves_files_that_can_be_downloaded(
    org: Emulator, crm: ZohoCRM, tmp_path: Path
) -> None:
    """And its history."""
    org.add_records("Leads", [{"Last_Name": "Stone"}])
    with pytest.raises(RecordNotFound):
        await crm.backup.links()
    await crm.backup.create()
    assert (await crm.backup.get()).status == "scheduled"
    org.advance(10)
    [link] = (await crm.backup.links()).data_links
    file = await crm.backup.download(link, to=tmp_path / "all.zip")
    assert file.path is not None
    header, row = archived(file.path.read_bytes())
    assert row[header.index("Last_Name")] == "Stone"
    assert [event.action async for event in crm.backup.history()] == [
        "backup_completed",
        "backup_scheduled",
    ]


async def test_a_rule_repeats_a_backup_until_it_is_cancelled(crm: ZohoCRM) -> None:
    """One at a time."""
    rule = "RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=16"
    made = await crm.backup.create(rule)
    assert (await crm.backup.get()).rrule == rule
    with pytest.raises(APIError, match="BACKUP_ALREADY_SCHEDULED"):
        await crm.backup.create(rule)
    assert (await crm.backup.cancel(made.id or "")).ok
    with pytest.raises(NotFound):
        await crm.backup.cancel(made.id or "")


async def test_an_export_of_the_audit_log_is_downloaded_by_its_link(
    org: Emulator, crm: ZohoCRM
) -> None:
    """Into memory, where no path is given."""
    [lead] = org.add_records("Leads", [{"Last_Name": "Stone"}])
    made = await crm.audit_log.create(AuditLogRequest())
    [link] = (await crm.audit_log.get(made.id or "")).download_links
    file = await crm.audit_log.download(link)
    assert lead in archived(file.content or b"")[1]


async def test_a_link_out_of_the_data_centre_gets_no_token(org: Emulator, crm: ZohoCRM) -> None:
    """Whoever may have written it."""
    with pytest.raises(InvalidRequest, match="data centre"):
        await crm.backup.download("https://example.org/data.zip")
    assert {call.operation for call in org.calls} <= {"apis.list"}


async def test_modules_that_are_not_read_in_bulk_are_refused(crm: ZohoCRM) -> None:
    """By the service, in its own words."""
    with pytest.raises(APIError, match="MODULE_NOT_SUPPORTED"):
        await crm.bulk_read.create(BulkReadQuery(module=ModuleReference("Notes")))
