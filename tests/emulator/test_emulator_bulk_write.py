"""Bulk writes of the emulator: what they do, and what they refuse, in the service's words."""

import io
import zipfile
from typing import Any

import aiohttp
import pytest
from direct import Direct, Got, add_lead, direct

from zohocrm_async.emulator import Emulator


def packed(*files: tuple[str, bytes]) -> bytes:
    """Return a ZIP archive of *files*."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files:
            archive.writestr(name, data)
    return content.getvalue()


async def upload(call: Direct, content: bytes, **headers: str) -> Got:
    """Upload a file with the headers that the page asks for, or others."""
    form = aiohttp.FormData()
    form.add_field("file", content, filename="leads.zip")
    sent = {"feature": "bulk-write", "X-CRM-ORG": call.org.zgid, **headers}
    return await call("POST", "/upload", raw=form, headers=sent)


async def file_of(call: Direct, text: str) -> str:
    """Upload a CSV file; return its id."""
    got = await upload(call, packed(("leads.csv", text.encode())))
    assert got.body["code"] == "FILE_UPLOAD_SUCCESS"
    return str(got.body["details"]["file_id"])


async def write(call: Direct, file_id: str, body: Any = None, **resource: Any) -> Got:
    """Ask for a bulk write of leads; *body* and *resource* change what is asked."""
    given = {"type": "data", "module": {"api_name": "Leads"}, "file_id": file_id, **resource}
    kept = {key: value for key, value in given.items() if value is not None}
    whole = {"operation": "insert", "resource": [kept], **(body or {})}
    return await call("POST", "/write", whole, version="bulk/v7")


async def test_an_upload_asks_for_its_headers_and_a_zip() -> None:
    """Each refused in its own words."""
    async with direct() as (_, call):
        good = packed(("leads.csv", b"Last_Name\nStone\n"))
        assert (await upload(call, good)).status == 200
        assert (await upload(call, good, feature="mail")).word == (400, "BAD_REQUEST")
        assert (await upload(call, good, **{"X-CRM-ORG": "1"})).word == (403, "NO_PERMISSION")
        assert (await upload(call, b"Last_Name\n")).word == (400, "INVALID_FILE_FORMAT")


@pytest.mark.parametrize(
    ("text", "asked", "word"),
    [
        ("Shoe\n1\n", {}, "INVALID_FIELD"),
        ("City\nBonn\n", {}, "MANDATORY_FIELDS_NOT_MAPPED"),
        ("Last_Name\n", {}, "INVALID_FILE_FORMAT"),
        ("Last_Name\nStone\n", {"module": {"api_name": "Quotes"}}, "MODULE_NOT_AVAILABLE"),
        ("Last_Name\nStone\n", {"file_id": "1"}, "INVALID_FILE_ID"),
        ("Last_Name\nStone\n", {"file_id": None}, "MISSING_REQUIRED_KEY"),
        ("Last_Name\nStone\n", {"type": "photos"}, "INVALID_DATA"),
        ("Last_Name\nStone\n", {"colour": "red"}, "INVALID_FIELD"),
        ("Last_Name\nStone\n", {"body": {"operation": "merge"}}, "INVALID_DATA"),
        ("Last_Name\nStone\n", {"body": {"operation": "update"}}, "MANDATORY_NOT_FOUND"),
        (
            "Last_Name,City\nStone,Bonn\n",
            {"body": {"operation": "update"}, "find_by": "City"},
            "INVALID_FIELD",
        ),
        (
            "Last_Name\nStone\n",
            {"field_mappings": [{"api_name": "Last_Name", "index": 4}]},
            "COLUMN_INDEX_NOT_FOUND",
        ),
        (
            "Last_Name\nStone\n",
            {"field_mappings": [{"api_name": "City"}]},
            "COLUMN_INDEX_NOT_FOUND",
        ),
        ("Last_Name" + ",City" * 200 + "\nStone\n", {}, "HEADER_LIMIT_EXCEEDED"),
        ("Last_Name\n" + "S\n" * 25_001, {}, "LIMIT_EXCEEDED"),
        ("Last_Name\nStone\n", {"body": {"character_encoding": "klingon"}}, "INVALID_FORMAT"),
    ],
)
async def test_a_bulk_write_is_refused_in_the_services_words(
    text: str, asked: dict[str, Any], word: str
) -> None:
    """Before a row is written."""
    async with direct() as (org, call):
        file_id = await file_of(call, text)
        assert (await write(call, **{"file_id": file_id, **asked})).word == (400, word)
        assert org.records("Leads") == ()


async def test_an_archive_of_several_files_is_refused() -> None:
    """For one job writes one file."""
    async with direct() as (_, call):
        two = packed(("a.csv", b"Last_Name\nA\n"), ("b.csv", b"Last_Name\nB\n"))
        got = await upload(call, two)
        refused = await write(call, got.body["details"]["file_id"])
        assert refused.word == (400, "INVALID_FILE_FORMAT")


@pytest.mark.parametrize("sign", [",", ";", ":", "|"])
async def test_the_delimiter_is_found_by_the_header(sign: str) -> None:
    """Four are known."""
    async with direct() as (org, call):
        file_id = await file_of(call, f"Last_Name{sign}City\nStone{sign}Bonn\n")
        await write(call, file_id)
        org.advance(10)
        [record] = org.records("Leads")
        assert (record["Last_Name"], record["City"]) == ("Stone", "Bonn")


async def status_of(org: Emulator, call: Direct, made: Got) -> Any:
    """Return a job once its time is over."""
    org.advance(10)
    got = await call("GET", f"/write/{made.body['details']['id']}", version="bulk/v7")
    return got.body


async def test_empty_cells_empty_fields_unless_they_are_ignored() -> None:
    """As the body says."""
    async with direct() as (org, call):
        lead = add_lead(org, City="Bonn")
        file_id = await file_of(call, f"id,City\n{lead},\n")
        asked = {"find_by": "id", "body": {"operation": "update"}}
        await status_of(org, call, await write(call, file_id, ignore_empty=True, **asked))
        assert (org.record("Leads", lead) or {})["City"] == "Bonn"
        await status_of(org, call, await write(call, file_id, **asked))
        assert (org.record("Leads", lead) or {})["City"] is None


async def test_a_value_that_its_field_cannot_hold_is_told_by_its_column() -> None:
    """And the rest is written."""
    async with direct() as (org, call):
        file_id = await file_of(call, "Last_Name,No_of_Employees\nStone,many\nReed,4\n")
        status = await status_of(org, call, await write(call, file_id))
        counts = status["resource"][0]["file"]
        assert (counts["added_count"], counts["skipped_count"]) == (1, 1)
        assert status["result"]["download_url"]
        assert [record["No_of_Employees"] for record in org.records("Leads")] == [4]


async def test_a_lookup_is_found_by_the_field_that_is_mapped() -> None:
    """By its name as well as by its id."""
    async with direct() as (org, call):
        [account] = org.add_records("Accounts", [{"Account_Name": "Acme"}])
        file_id = await file_of(call, "Last_Name,Account\nStone,Acme\nReed,Nobody\n")
        mappings = [
            {"api_name": "Last_Name", "index": 0},
            {"api_name": "Account_Name", "index": 1, "find_by": "Account_Name"},
        ]
        made = await write(call, file_id, module={"api_name": "Contacts"}, field_mappings=mappings)
        status = await status_of(org, call, made)
        assert status["resource"][0]["file"]["skipped_count"] == 1
        [contact] = org.records("Contacts")
        assert contact["Account_Name"]["id"] == account
