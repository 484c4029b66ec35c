"""Attachments, files of fields and uploaded files: up from a disk, and down to one."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async._wire import FormFile
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.models import LeadConversion, MergeChild, ModuleReference, RecordAttachment

FIELDS = ["File_Name", "Size", "Parent_Id", "Owner", "Created_Time"]
LARGE = 3 * 1024 * 1024 + 7


@pytest.fixture
def lead(org: Emulator) -> str:
    """A record to attach to."""
    return org.add_records("Leads", [{"Last_Name": "Stone"}])[0]


def names_in(folder: Path) -> list[str]:
    """Return what a folder holds, unfinished files included."""
    return [path.name for path in folder.iterdir()]


async def listed(crm: ZohoCRM, lead: str) -> list[RecordAttachment]:
    """Return the attachments of a lead, oldest first."""
    found = [each async for each in crm.attachments.list("Leads", lead, fields=FIELDS)]
    return sorted(found, key=lambda each: each.id)


async def test_a_file_goes_from_disk_to_the_record_and_back(
    crm: ZohoCRM, lead: str, tmp_path: Path
) -> None:
    content = hashlib.shake_256(b"plan").digest(LARGE)
    source = tmp_path / "plan ü.bin"
    source.write_bytes(content)
    outcome = await crm.attachments.upload("Leads", lead, source)
    assert outcome.id is not None
    folder = tmp_path / "down"
    folder.mkdir()
    file = await crm.attachments.download("Leads", lead, outcome.id, to=folder)
    place = folder / "plan ü.bin"
    assert file.path == place
    assert (file.name, file.size, file.content) == ("plan ü.bin", LARGE, None)
    assert place.read_bytes() == content
    assert names_in(folder) == ["plan ü.bin"]


async def test_a_file_need_not_be_on_disk(crm: ZohoCRM, lead: str) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for piece in (b"one, ", b"two"):
            yield piece

    outcome = await crm.attachments.upload("Leads", lead, FormFile("count.txt", pieces))
    assert outcome.id is not None
    file = await crm.attachments.download("Leads", lead, outcome.id)
    assert (file.content, file.content_type, file.path) == (b"one, two", "text/plain", None)


async def test_files_and_links_are_listed_with_what_was_asked_for(crm: ZohoCRM, lead: str) -> None:
    await crm.attachments.upload("Leads", lead, FormFile("a.txt", b"abc"))
    await crm.attachments.link("Leads", lead, "https://example.com/plan", title="Plan")
    file, link = await listed(crm, lead)
    assert (file.file_name, file.size, file.link_url, file.is_link) == ("a.txt", 3, None, False)
    assert file.parent is not None
    assert (file.parent.id, file.parent.name) == (lead, "Stone")
    assert file.created_time is not None
    assert file.modified_time is None  # not among the fields
    assert (link.file_name, link.size, link.is_link) == ("Plan", 0, True)
    assert (link.link_url, link.module) == ("https://example.com/plan", "Leads")


async def test_a_list_goes_on_over_its_pages(crm: ZohoCRM, lead: str) -> None:
    for n in range(5):
        await crm.attachments.upload("Leads", lead, FormFile(f"{n}.txt", b"x"))
    pager = crm.attachments.list("Leads", lead, fields=["File_Name"], per_page=2)
    pages = [len(page) async for page in pager.pages()]
    assert pages == [2, 2, 1]


async def test_an_empty_list_is_empty(crm: ZohoCRM, lead: str) -> None:
    assert await listed(crm, lead) == []


async def test_attachments_are_taken_away_one_by_one_and_together(crm: ZohoCRM, lead: str) -> None:
    made = [
        await crm.attachments.upload("Leads", lead, FormFile(f"{n}.txt", b"x")) for n in range(3)
    ]
    first, second, third = [outcome.id or "" for outcome in made]
    await crm.attachments.delete("Leads", lead, first)
    gone = await crm.attachments.delete_many("Leads", lead, [second, "404"])
    assert [outcome.ok for outcome in gone] == [True, False]
    assert isinstance(gone[1].error, errors.RecordNotFound)
    assert [each.id for each in await listed(crm, lead)] == [third]


async def test_a_deleted_record_takes_its_attachments_along(
    org: Emulator, crm: ZohoCRM, lead: str
) -> None:
    await crm.attachments.upload("Leads", lead, FormFile("a.txt", b"x"))
    await crm.records.delete("Leads", [lead])
    assert not org.state.attached.attachments
    with pytest.raises(errors.RecordNotFound):
        await listed(crm, lead)


async def test_a_merge_hangs_the_attachments_of_all_on_the_one_that_stays(
    org: Emulator, crm: ZohoCRM, lead: str
) -> None:
    [child] = org.add_records("Leads", [{"Last_Name": "Stone"}])
    for record, name in ((lead, "a.txt"), (child, "b.txt")):
        await crm.attachments.upload("Leads", record, FormFile(name, b"x"))
    await crm.merge.create("Leads", lead, [MergeChild(child)])
    assert [each.file_name for each in await listed(crm, lead)] == ["a.txt", "b.txt"]


@pytest.mark.parametrize("module", ["Contacts", "Deals"])
async def test_a_converted_lead_hands_its_attachments_over(
    crm: ZohoCRM, lead: str, module: str
) -> None:
    """To the contact, unless told otherwise."""
    await crm.attachments.upload("Leads", lead, FormFile("a.txt", b"x"))
    wanted = None if module == "Contacts" else ModuleReference(module, "6")
    deal = {"Deal_Name": "Ten boats", "Stage": "Qualification", "Closing_Date": "2026-12-01"}
    body = LeadConversion(deal=deal, move_attachments_to=wanted)
    made = await crm.lead_conversion.convert(lead, body)
    record = made.contact if module == "Contacts" else made.deal
    assert record is not None
    [moved] = [e async for e in crm.attachments.list(module, record.id, fields=FIELDS)]
    assert (moved.file_name, moved.module) == ("a.txt", module)


class TestRefusals:
    """What cannot be attached, found or downloaded has an error of its own."""

    async def test_a_file_that_is_missing(
        self, org: Emulator, crm: ZohoCRM, lead: str, tmp_path: Path
    ) -> None:
        calls = len(org.calls)
        with pytest.raises(errors.InvalidRequest, match=r"nothing\.txt is no file"):
            await crm.attachments.upload("Leads", lead, tmp_path / "nothing.txt")
        assert len(org.calls) == calls

    async def test_a_link_that_is_none(self, crm: ZohoCRM, lead: str) -> None:
        with pytest.raises(errors.InvalidRequest, match="begins with https"):
            await crm.attachments.link("Leads", lead, "ftp://example.com")

    async def test_a_link_for_the_second_time(self, crm: ZohoCRM, lead: str) -> None:
        await crm.attachments.link("Leads", lead, "https://example.com")
        with pytest.raises(errors.InvalidData):
            await crm.attachments.link("Leads", lead, "https://example.com")

    async def test_a_file_that_is_too_large(self, org: Emulator, crm: ZohoCRM, lead: str) -> None:
        org.state.attached.largest_attachment = 10
        with pytest.raises(errors.FileTooLarge):
            await crm.attachments.upload("Leads", lead, FormFile("a.txt", b"x" * 11))

    async def test_an_unknown_record(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.RecordNotFound):
            await crm.attachments.upload("Leads", "404", FormFile("a.txt", b"x"))

    async def test_an_unknown_attachment(self, crm: ZohoCRM, lead: str) -> None:
        with pytest.raises(errors.RecordNotFound):
            await crm.attachments.download("Leads", lead, "404")
        with pytest.raises(errors.RecordNotFound):
            await crm.attachments.delete("Leads", lead, "404")

    async def test_a_link_cannot_be_downloaded(
        self, crm: ZohoCRM, lead: str, tmp_path: Path
    ) -> None:
        link = await crm.attachments.link("Leads", lead, "https://example.com")
        with pytest.raises(errors.NotAllowed, match="link"):
            await crm.attachments.download("Leads", lead, link.id or "", to=tmp_path)
        assert names_in(tmp_path) == []

    async def test_more_than_a_hundred_at_once(self, crm: ZohoCRM, lead: str) -> None:
        with pytest.raises(errors.InvalidRequest, match="100"):
            await crm.attachments.delete_many("Leads", lead, ["1"] * 101)


async def test_a_lost_answer_of_an_upload_is_an_unknown_outcome(
    org: Emulator, crm: ZohoCRM, lead: str
) -> None:
    """The file may hang on the record, and the error says where to look."""
    org.fail_next(Fault.CUT_AFTER, path="/Attachments")
    with pytest.raises(errors.OutcomeUnknown, match=r"attachments\.list"):
        await crm.attachments.upload("Leads", lead, FormFile("a.txt", b"x"))
    assert len(await listed(crm, lead)) == 1


async def test_a_download_that_breaks_off_is_repeated_whole(
    org: Emulator, crm: ZohoCRM, lead: str, tmp_path: Path
) -> None:
    outcome = await crm.attachments.upload("Leads", lead, FormFile("a.bin", b"x" * 5_000))
    org.fail_next(Fault.TRUNCATED, path="/Attachments/")
    file = await crm.attachments.download("Leads", lead, outcome.id or "", to=tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"x" * 5_000
    assert file.size == 5_000


async def test_an_upload_is_sent_whole_again_after_a_refusal_for_slots(
    org: Emulator, crm: ZohoCRM, lead: str, tmp_path: Path
) -> None:
    """The file is opened anew for each attempt."""
    source = tmp_path / "a.bin"
    source.write_bytes(b"y" * 200_000)
    org.fail_next(Fault.TOO_MANY_CALLS, path="/Attachments")
    outcome = await crm.attachments.upload("Leads", lead, source)
    file = await crm.attachments.download("Leads", lead, outcome.id or "")
    assert file.content == b"y" * 200_000


class TestFilesById:
    """Zoho's file system, and the file fields of records."""

    async def test_an_uploaded_file_comes_back(self, crm: ZohoCRM, tmp_path: Path) -> None:
        [file] = await crm.files.upload([FormFile("a.txt", b"abc")])
        assert (await crm.files.download(file.id)).content == b"abc"
        down = await crm.files.download(file.id, to=tmp_path / "b.txt")
        assert (down.path, down.name) == (tmp_path / "b.txt", "a.txt")

    async def test_an_unknown_file_is_not_found(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.RecordNotFound):
            await crm.files.download("404")

    async def test_a_field_names_its_files(self, crm: ZohoCRM) -> None:
        """Each has an id of its own, by which it is downloaded from the record."""
        files = await crm.files.upload([FormFile("a.txt", b"abc"), FormFile("b.txt", b"de")])
        named = [{"File_Id__s": file.id} for file in files]
        [outcome] = await crm.records.create("Leads", [{"Last_Name": "A", "Papers": named}])
        record = await crm.records.get("Leads", outcome.id or "")
        second = record["Papers"][1]
        assert (second["File_Name__s"], second["Size__s"]) == ("b.txt", "2")
        file = await crm.attachments.download_from_field("Leads", outcome.id or "", second["id"])
        assert (file.name, file.content) == ("b.txt", b"de")

    async def test_a_file_that_no_field_names_is_not_found(self, crm: ZohoCRM, lead: str) -> None:
        with pytest.raises(errors.RecordNotFound):
            await crm.attachments.download_from_field("Leads", lead, "404")
