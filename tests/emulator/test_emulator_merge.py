"""Merges are refused as documented, and the good ones really merge."""

from typing import Any

import pytest
from direct import Direct, add_lead, direct

from zohocrm_async.emulator import Emulator

INVALID, MISSING, DUPLICATE = "INVALID_DATA", "MANDATORY_NOT_FOUND", "DUPLICATE_DATA"


def leads(org: Emulator, *rows: dict[str, Any]) -> list[str]:
    return [add_lead(org, **row) for row in rows]


def claims(*names: str) -> list[dict[str, str]]:
    return [{"api_name": name} for name in names]


async def test_the_master_gets_the_values_and_the_children_go() -> None:
    """What is not claimed stays the master's."""
    async with direct() as (org, api):
        master, one, two = leads(
            org,
            {"Last_Name": "Stone", "City": "York", "Phone": "1"},
            {"Last_Name": "Stein", "City": "Leeds", "Phone": "2"},
            {"Last_Name": "Pierre", "City": "Lille", "Phone": "3"},
        )
        got = await api.merge(
            master,
            {"id": one, "_fields": claims("City")},
            {"id": two, "_fields": claims("Phone")},
        )
        assert got.word == (201, "SUCCESS")
        assert got.item["details"] == {"id": master}
        [left] = org.records("Leads")
        assert (left["id"], left["Last_Name"], left["City"], left["Phone"]) == (
            master,
            "Stone",
            "Leeds",
            "3",
        )
        [merge] = org.merges
        assert (merge.master_id, merge.children, merge.state) == (master, (one, two), "COMPLETED")
        assert (merge.scheduled, merge.job_id) == (False, None)


async def test_no_field_needs_to_be_claimed() -> None:
    """An empty list of fields is taken: then the master keeps all of its own."""
    async with direct() as (org, api):
        master, child = leads(org, {"City": "York"}, {"City": "Leeds"})
        assert (await api.merge(master, child)).word == (201, "SUCCESS")
        assert (org.record("Leads", master) or {})["City"] == "York"


async def test_merging_again_finds_the_child_gone() -> None:
    """A repeated merge is refused, not done twice."""
    async with direct() as (org, api):
        master, child = leads(org, {}, {})
        await api.merge(master, child)
        assert (await api.merge(master, child)).word == (400, INVALID)
        assert len(org.merges) == 1


@pytest.mark.parametrize(
    ("data", "code", "name"),
    [
        ([], INVALID, "data"),
        ({}, INVALID, "data"),
        (["{one}"], INVALID, "data"),
        (
            [
                {"id": "{one}", "_fields": []},
                {"id": "{two}", "_fields": []},
                {"id": "9", "_fields": []},
            ],
            INVALID,
            "data",
        ),
        ([{"_fields": []}], MISSING, "id"),
        ([{"id": 4711, "_fields": []}], INVALID, None),
        ([{"id": "{one}", "_fields": [{"api_name": "File_Upload", "_data": {}}]}], INVALID, None),
        ([{"id": "", "_fields": []}], MISSING, "id"),
        ([{"id": "{one}"}], MISSING, "_fields"),
        ([{"id": "{one}", "_fields": {}}], INVALID, None),
        ([{"id": "{one}", "_fields": [{}]}], MISSING, "api_name"),
        ([{"id": "{one}", "_fields": [{"api_name": ""}]}], MISSING, "api_name"),
        ([{"id": "{one}", "_fields": ["City"]}], INVALID, None),
        ([{"id": "{one}", "fields": [], "_fields": []}], INVALID, "fields"),
        ([{"id": "{one}", "_fields": claims("City", "City")}], DUPLICATE, "City"),
        ([{"id": "{one}", "_fields": []}, {"id": "{one}", "_fields": []}], DUPLICATE, None),
        ([{"id": "{master}", "_fields": []}], DUPLICATE, None),
        (
            [
                {"id": "{one}", "_fields": claims("City")},
                {"id": "{two}", "_fields": claims("City")},
            ],
            DUPLICATE,
            "City",
        ),
        ([{"id": "4711", "_fields": []}], INVALID, None),
        ([{"id": "{one}", "_fields": claims("File_Upload")}], "DEPENDENT_FIELD_MISSING", "id"),
        (
            [{"id": "{one}", "_fields": [{"api_name": "File_Upload", "_data": [{}]}]}],
            "DEPENDENT_FIELD_MISSING",
            "id",
        ),
        (
            [
                {
                    "id": "{one}",
                    "_fields": [
                        {"api_name": "File_Upload", "_data": [{"id": str(n)} for n in range(6)]}
                    ],
                }
            ],
            "LIMIT_EXCEEDED",
            None,
        ),
        (
            [{"id": "{one}", "_fields": [{"api_name": "File_Upload", "_data": [{"id": "7"}]}]}],
            INVALID,
            "File_Upload",
        ),
        ([{"id": "{one}", "_fields": [{"api_name": "City", "_data": None}]}], INVALID, None),
    ],
)
async def test_a_body_that_the_documentation_rules_out_is_refused(
    data: Any, code: str, name: str | None
) -> None:
    """The error is wrapped, and all records are still there."""
    async with direct() as (org, api):
        ids = dict(zip(("master", "one", "two"), leads(org, {}, {}, {}), strict=True))
        got = await api(
            "POST", f"/Leads/{ids['master']}/actions/merge", {"merge": [{"data": fill(data, ids)}]}
        )
        assert got.word == (400, code)
        assert list(got.body) == ["merge"]
        if name is not None:
            assert got.item["details"]["api_name"] == name
        assert len(org.records("Leads")) == 3
        assert not org.merges


def fill(value: Any, ids: dict[str, str]) -> Any:
    """Put ids where their names stand in braces."""
    if isinstance(value, dict):
        return {key: fill(item, ids) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, ids) for item in value]
    return value.format(**ids) if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, INVALID),
        ({}, MISSING),
        ({"merge": {}}, INVALID),
        ({"merge": []}, INVALID),
        ({"merge": [{}, {}]}, INVALID),
        ({"data": []}, MISSING),
        ({"merge": [], "trigger": []}, INVALID),
    ],
)
async def test_a_body_without_exactly_one_merge_is_refused(body: Any, code: str) -> None:
    """Flat, as errors of the whole request are."""
    async with direct() as (org, api):
        got = await api("POST", f"/Leads/{add_lead(org)}/actions/merge", body)
        assert (got.status, got.body["code"]) == (400, code)


async def test_a_merge_without_children_is_refused() -> None:
    """Its key is required."""
    async with direct() as (org, api):
        got = await api("POST", f"/Leads/{add_lead(org)}/actions/merge", {"merge": [{}]})
        assert (got.word, got.item["details"]["api_name"]) == ((400, MISSING), "data")


async def test_an_unknown_master_is_refused() -> None:
    """The id in the URL has to be there."""
    async with direct() as (org, api):
        assert (await api.merge("4711", add_lead(org))).word == (400, INVALID)


@pytest.mark.parametrize("module", ["Campaigns", "Tasks", "Nothing_Here"])
async def test_modules_without_merge_are_refused(module: str) -> None:
    """INVALID_MODULE, flat."""
    async with direct() as (_, api):
        got = await api.merge("1", "2", module=module)
        assert (got.status, got.body["code"]) == (400, "INVALID_MODULE")


async def test_deals_go_by_their_old_name_too() -> None:
    """The page calls them Potentials."""
    async with direct() as (org, api):
        master, child = org.add_records("Deals", [{"Deal_Name": "A"}, {"Deal_Name": "B"}])
        assert (await api.merge(master, child, module="Potentials")).word == (201, "SUCCESS")
        assert len(org.records("Deals")) == 1


@pytest.mark.parametrize("name", ["Closing_Date", "Stage", "Probability", "Expected_Revenue"])
async def test_fields_of_deals_that_the_service_sets_are_refused(name: str) -> None:
    """NOT_ALLOWED names the field."""
    async with direct() as (org, api):
        master, child = org.add_records("Deals", [{"Deal_Name": "A"}, {"Deal_Name": "B"}])
        got = await api.merge(master, {"id": child, "_fields": claims(name)}, module="Deals")
        assert got.word == (400, "NOT_ALLOWED")
        assert got.item["details"]["api_name"] == name


async def test_closed_deals_are_refused() -> None:
    """Only open ones merge."""
    async with direct() as (org, api):
        master, child = org.add_records(
            "Deals", [{"Deal_Name": "A"}, {"Deal_Name": "B", "Stage": "Closed Won"}]
        )
        assert (await api.merge(master, child, module="Deals")).word == (400, "NOT_ALLOWED")


async def test_a_locked_record_is_refused() -> None:
    """Master or child."""
    async with direct() as (org, api):
        master, child = leads(org, {}, {})
        org.lock("Leads", child)
        assert (await api.merge(master, child)).word == (400, "NOT_ALLOWED")


async def test_a_contacts_account_and_superior_come_from_one_record() -> None:
    """Reporting_To of one child and Account_Name of another do not go together."""
    async with direct() as (org, api):
        rows = [{"Last_Name": str(n)} for n in range(3)]
        master, one, two = org.add_records("Contacts", rows)
        apart = (
            {"id": one, "_fields": claims("Reporting_To")},
            {"id": two, "_fields": claims("Account_Name")},
        )
        assert (await api.merge(master, *apart, module="Contacts")).word == (400, INVALID)
        alone = {"id": one, "_fields": claims("Reporting_To")}
        assert (await api.merge(master, alone, module="Contacts")).word == (400, INVALID)
        together = {"id": one, "_fields": claims("Reporting_To", "Account_Name")}
        got = await api.merge(master, together, module="Contacts")
        assert got.word == (201, "SUCCESS")


async def test_files_are_kept_or_dropped_as_chosen() -> None:
    """Ids keep these files, null drops all, a field left out stays as it is."""
    async with direct() as (org, api):
        files = [{"id": str(n), "name": f"{n}.pdf"} for n in range(3)]
        master, child = leads(
            org,
            {"File_Upload_1": files, "Image_Upload_1": files, "File_Upload_2": files},
            {},
        )
        got = await api.merge(
            master,
            child,
            master_record_fields=[
                {"api_name": "File_Upload_1", "_data": [{"id": "1"}]},
                {"api_name": "Image_Upload_1", "_data": None},
                {"api_name": "Company"},
            ],
        )
        assert got.word == (201, "SUCCESS")
        merged = org.record("Leads", master) or {}
        assert merged["File_Upload_1"] == [files[1]]
        assert merged["Image_Upload_1"] == []
        assert merged["File_Upload_2"] == files


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([{"api_name": "File_Upload"}], "DEPENDENT_FIELD_MISSING"),
        ([{"api_name": "File_Upload", "_data": [{"id": ""}]}], "DEPENDENT_FIELD_MISSING"),
        ([{"api_name": ""}], MISSING),
        ([{"api_name": "City"}], DUPLICATE),
        ({"api_name": "City"}, INVALID),
    ],
)
async def test_fields_of_the_master_keep_the_same_rules(fields: Any, code: str) -> None:
    """And a field of a child cannot be the master's as well."""
    async with direct() as (org, api):
        master, child = leads(org, {}, {})
        claimed = {"id": child, "_fields": claims("City")}
        got = await api.merge(master, claimed, master_record_fields=fields)
        assert got.word == (400, code)


class TestScheduled:
    """A child with more than 1,000 related records makes a job of the merge."""

    async def arranged(self, org: Emulator, related: int = 1_001) -> tuple[str, str]:
        master, child = leads(org, {"City": "York"}, {"City": "Leeds"})
        org.related_records["Leads", child] = related
        return master, child

    async def state(self, api: Direct, master: str, **query: str) -> list[str]:
        got = await api("GET", f"/Leads/{master}/actions/merge", **query)
        return [] if got.status == 204 else [job["status"] for job in got.body["merge"]]

    async def test_the_clock_carries_the_job_on(self) -> None:
        async with direct(scheduled_merge_seconds=60) as (org, api):
            master, child = await self.arranged(org)
            got = await api.merge(master, {"id": child, "_fields": claims("City")})
            assert got.word == (201, "SCHEDULED")
            assert got.item["status"] == "success"
            job = got.item["details"]["job_id"]
            assert await self.state(api, master, job_id=job) == ["SCHEDULED"]
            assert len(org.records("Leads")) == 2
            org.advance(31)
            assert await self.state(api, master, job_id=job) == ["RUNNING"]
            org.advance(30)
            assert await self.state(api, master) == ["COMPLETED"]
            [left] = org.records("Leads")
            assert left["City"] == "Leeds"
            [merge] = org.merges
            assert (merge.scheduled, merge.job_id, merge.state) == (True, job, "COMPLETED")

    async def test_a_thousand_are_merged_at_once(self) -> None:
        async with direct() as (org, api):
            master, child = await self.arranged(org, 1_000)
            assert (await api.merge(master, child)).word == (201, "SUCCESS")
            assert await self.state(api, master) == []

    async def test_a_job_may_fail(self) -> None:
        async with direct() as (org, api):
            master, child = await self.arranged(org)
            org.fail_merges.add(master)
            await api.merge(master, child)
            org.advance(6)
            assert await self.state(api, master) == ["FAILURE"]
            assert len(org.records("Leads")) == 2

    async def test_records_that_wait_for_a_merge_take_no_other(self) -> None:
        async with direct() as (org, api):
            master, child = await self.arranged(org)
            other = add_lead(org)
            await api.merge(master, child)
            for pair in ((master, child), (other, child), (master, other)):
                assert (await api.merge(*pair)).word == (400, "NOT_ALLOWED")
            org.advance(6)
            assert (await api.merge(master, other)).word == (201, "SUCCESS")

    async def test_an_unknown_job_is_nothing(self) -> None:
        async with direct() as (org, api):
            master, child = await self.arranged(org)
            await api.merge(master, child)
            assert await self.state(api, master, job_id="4711") == []


@pytest.mark.parametrize("version", ["v3", "v5"])
async def test_merge_came_with_v6(version: str) -> None:
    """Older versions know no such URL."""
    async with direct() as (org, api):
        path = f"/Leads/{add_lead(org)}/actions/merge"
        got = await api("POST", path, {"merge": []}, version=version)
        assert got.word == (404, "INVALID_URL_PATTERN")
