"""Bulk reads of the emulator: what they do, and what they refuse, in the service's words."""

import io
import zipfile
from typing import Any

import pytest
from direct import Direct, Got, add_lead, direct

QUERY: dict[str, Any] = {"module": {"api_name": "Leads"}, "fields": ["Last_Name", "City"]}


async def read(call: Direct, query: Any = None, **body: Any) -> Got:
    """Ask for a bulk read of *query*, with more keys in the body."""
    given = {"query": {**QUERY, **(query or {})}, **body}
    kept = {key: value for key, value in given.items() if value is not None}
    return await call("POST", "/read", kept, version="bulk/v7")


async def lines(call: Direct, job: str, kind: str = "csv") -> list[str]:
    """Return the lines of a job's file."""
    call._token = call._token or await call.token()
    url = f"{call.org.url}/crm/bulk/v7/read/{job}/result"
    headers = {"Authorization": f"Zoho-oauthtoken {call._token}"}
    async with call.session.get(url, headers=headers) as answer:
        with zipfile.ZipFile(io.BytesIO(await answer.read())) as archive:
            [name] = archive.namelist()
            assert name == f"{job}.{kind}"
            return archive.read(name).decode().splitlines()


def criterion(field: str, comparator: str, value: Any) -> dict[str, Any]:
    return {"field": {"api_name": field}, "comparator": comparator, "value": value}


async def test_a_bulk_read_leaves_a_zip_with_a_csv() -> None:
    """One column for the id and one for each field."""
    async with direct() as (org, call):
        lead = add_lead(org, City="Bonn")
        made = await read(call)
        assert made.status == 201
        assert made.item["code"] == "ADDED_SUCCESSFULLY"
        details = made.item["details"]
        assert (details["state"], details["operation"]) == ("ADDED", "read")
        org.advance(10)
        assert await lines(call, details["id"]) == ["id,Last_Name,City", f"{lead},Stone,Bonn"]


async def test_a_bulk_read_without_fields_has_all_of_them() -> None:
    """But those that no column can hold."""
    async with direct() as (org, call):
        org.add_records("Quotes", [{"Subject": "Boats", "Quoted_Items": [{"id": "1"}]}])
        made = await read(call, {"module": {"api_name": "Quotes"}, "fields": []})
        org.advance(10)
        [header, _] = await lines(call, made.item["details"]["id"])
        assert {"id", "Subject", "Owner"} <= set(header.split(","))
        assert "Quoted_Items" not in header


async def test_fields_of_looked_up_records_are_columns() -> None:
    """By a dot."""
    async with direct() as (org, call):
        [account] = org.add_records("Accounts", [{"Account_Name": "Acme", "Industry": "Banking"}])
        org.add_records("Contacts", [{"Last_Name": "Stone", "Account_Name": {"id": account}}])
        query = {"module": {"api_name": "Contacts"}, "fields": ["Account_Name.Industry"]}
        made = await read(call, query)
        org.advance(10)
        [_, row] = await lines(call, made.item["details"]["id"])
        assert row.endswith(",Banking")


async def test_the_pages_of_a_bulk_read_follow_each_other_by_token() -> None:
    """A token belongs to its query."""
    async with direct() as (org, call):
        org.state.bulk.page_size = 2
        for _ in range(3):
            add_lead(org)
        first = await read(call)
        org.advance(10)
        status = await call("GET", f"/read/{first.item['details']['id']}", version="bulk/v7")
        result = status.item["result"]
        assert (result["count"], result["more_records"], result["page"]) == (2, True, 1)
        token = result["next_page_token"]
        second = await read(call, {"page_token": token})
        assert second.status == 201
        other = await read(call, {"page_token": token, "fields": ["City"]})
        assert other.word == (400, "INVALID_REQUEST")
        assert (await read(call, {"page_token": token, "page": 2})).word == (400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"module": {"api_name": "Ghosts"}}, "MODULE_NOT_AVAILABLE"),
        ({"module": {"api_name": "Notes"}}, "MODULE_NOT_SUPPORTED"),
        ({"module": "Leads"}, "MANDATORY_NOT_FOUND"),
        ({"fields": ["Shoe"]}, "FIELD_NOT_AVAILABLE"),
        ({"fields": ["City.Name"]}, "FIELD_NOT_AVAILABLE"),
        ({"colour": "red"}, "REQUEST_BODY_NOT_SUPPORTED"),
        ({"page": 0}, "PAGE_RANGE_EXCEEDED"),
        ({"cvid": "1"}, "CVID_NOT_SUPPORTED"),
        ({"criteria": {}}, "AMBIGUOUS_CRITERIA"),
        ({"criteria": []}, "INVALID_CRITERIA"),
        ({"criteria": criterion("Shoe", "equal", 1)}, "FIELD_IN_CRITERIA_NOT_AVAILABLE"),
        (
            {"criteria": criterion("City", "near", "x")},
            "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED",
        ),
        (
            {"criteria": criterion("City", "less_than", "x")},
            "FIELD_AND_COMPARATOR_IN_CRITERIA_NOT_COMPATIBLE",
        ),
        (
            {"criteria": criterion("No_of_Employees", "equal", "many")},
            "FIELD_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE",
        ),
        (
            {"criteria": criterion("City", "in", "x")},
            "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE",
        ),
        (
            {"criteria": criterion("City", "contains", "${EMPTY}")},
            "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE",
        ),
        (
            {"criteria": {"group_operator": "xor", "group": [criterion("City", "equal", "x")]}},
            "GROUP_OPERATOR_NOT_SUPPORTED",
        ),
        (
            {"criteria": {"group_operator": "and", "group": []}},
            "AMBIGUOUS_GROUP_IN_CRITERIA",
        ),
        (
            {
                "criteria": {
                    "group_operator": "and",
                    "group": [criterion("City", "equal", "x")] * 26,
                }
            },
            "CRITERIA_LIMIT_EXCEEDED",
        ),
        ({"criteria": criterion("City", "in", ["x"] * 101)}, "VALUE_LIMIT_EXCEEDED_IN_CRITERIA"),
    ],
)
async def test_a_bulk_read_is_refused_in_the_services_words(query: Any, word: str) -> None:
    """Each for its own reason."""
    async with direct() as (_, call):
        assert (await read(call, query)).word == (400, word)


async def test_events_are_read_as_a_calendar() -> None:
    """And nothing else is."""
    async with direct() as (org, call):
        start = "2026-03-02T10:00:00+01:00"
        org.add_records("Events", [{"Event_Title": "Tea, jam", "Start_DateTime": start}])
        events = {"module": {"api_name": "Events"}, "fields": []}
        made = await read(call, events, file_type="ics")
        org.advance(10)
        text = await lines(call, made.item["details"]["id"], "ics")
        assert "SUMMARY:Tea\\, jam" in text
        assert "DTSTART:20260302T090000Z" in text
        assert (await read(call, file_type="ics")).word == (400, "JOB_NOT_SUPPORTED")
        fields = {**events, "fields": ["Venue"]}
        assert (await read(call, fields, file_type="ics")).word == (400, "QUERY_NOT_SUPPORTED")


async def test_a_callback_is_checked() -> None:
    """An address, and post alone."""
    async with direct() as (_, call):
        url = "https://example.com/done"
        assert (await read(call, callback={"url": url, "method": "post"})).status == 201
        wrong = await read(call, callback={"url": url, "method": "get"})
        assert wrong.word == (400, "INVALID_CALLBACK_METHOD")
        assert (await read(call, callback={"url": "nowhere", "method": "post"})).word == (
            400,
            "INVALID_CALLBACK_URL",
        )


async def test_an_unknown_job_is_not_found() -> None:
    """Nor a write where a read is asked for."""
    async with direct() as (_, call):
        assert (await call("GET", "/read/1", version="bulk/v7")).word == (404, "RESOURCE_NOT_FOUND")
        made = await read(call)
        id_ = made.item["details"]["id"]
        assert (await call("GET", f"/write/{id_}", version="bulk/v7")).status == 404
        assert (await call("GET", f"/read/{id_}/result", version="bulk/v7")).status == 404


async def test_ten_results_a_minute_are_downloaded() -> None:
    """The eleventh is refused until a minute has passed."""
    async with direct() as (org, call):
        made = await read(call)
        org.advance(10)
        job = made.item["details"]["id"]
        for _ in range(10):
            await lines(call, job)
        refused = await call("GET", f"/read/{job}/result", version="bulk/v7")
        assert refused.word == (429, "TOO_MANY_REQUESTS")
        org.advance(61)
        await lines(call, job)


async def test_a_bulk_read_costs_fifty_credits() -> None:
    """And a look or a download one."""
    async with direct() as (org, call):
        made = await read(call)
        org.advance(10)
        job = made.item["details"]["id"]
        await call("GET", f"/read/{job}", version="bulk/v7")
        await lines(call, job)
        assert [recorded.credits for recorded in org.calls] == [50, 1, 1]


async def test_bulk_jobs_ask_for_their_scopes() -> None:
    """Reading, writing and backing up, each its own."""
    async with direct() as (org, call):

        async def status(path: str, *scopes: str) -> int:
            token = await call.token(org.credentials_with(scopes=[*scopes]))
            headers = {"Authorization": f"Zoho-oauthtoken {token}"}
            async with call.session.get(f"{org.url}/crm/bulk/v7{path}", headers=headers) as answer:
                return answer.status

        assert await status("/read/1", "ZohoCRM.bulk.READ") == 401
        assert await status("/read/1", "ZohoCRM.bulk.READ", "ZohoCRM.modules.leads.READ") == 404
        assert await status("/write/1", "ZohoCRM.bulk.READ") == 401
        assert await status("/write/1", "ZohoCRM.bulk.CREATE") == 404
        assert await status("/backup", "ZohoCRM.bulk.CREATE") == 401
        assert await status("/backup", "ZohoCRM.bulk.backup.ALL") == 204
