"""Settings-like resources are stored as the service documents, and nothing slips through."""

from typing import Any

import pytest
from direct import Direct, direct

TERRITORY = {"name": "Ireland", "permission_type": "read_only", "reporting_to": None}


async def created(api: Direct, path: str, key: str, row: Any, **query: str) -> str:
    got = await api("POST", path, {key: [row]}, **query)
    assert got.status == 201, got.body
    return str(got.item["details"]["id"])


async def test_the_life_of_a_row() -> None:
    """Created, listed, got, changed, deleted, gone."""
    async with direct() as (_, api):
        path = "/settings/territories"
        assert (await api("GET", path)).status == 204
        own = await created(api, path, "territories", TERRITORY)
        [listed] = (await api("GET", path)).body["territories"]
        assert (listed["id"], listed["name"]) == (own, "Ireland")
        assert listed["created_by"]["id"]
        got = await api("PUT", f"{path}/{own}", {"territories": [{"name": "Éire"}]})
        assert (got.status, got.item["code"]) == (200, "SUCCESS")
        assert (await api("GET", f"{path}/{own}")).item["name"] == "Éire"
        assert (await api("DELETE", f"{path}/{own}")).item["status"] == "success"
        assert (await api("GET", f"{path}/{own}")).word == (400, "INVALID_DATA")


async def test_many_are_changed_and_deleted_by_their_ids() -> None:
    """One outcome for each, in order; what is unknown fails alone."""
    async with direct() as (_, api):
        path = "/Contacts/roles"
        ids = [role["id"] for role in (await api("GET", path)).body["contact_roles"]]
        rows = [{"id": ids[0], "name": "Boss"}, {"id": "999", "name": "x"}, {"name": "y"}]
        got = await api("PUT", path, {"contact_roles": rows})
        assert got.status == 207
        codes = [item["code"] for item in got.body["contact_roles"]]
        assert codes == ["SUCCESS", "INVALID_DATA", "MANDATORY_NOT_FOUND"]
        got = await api("DELETE", path, ids=f"{ids[0]},999")
        assert [item["status"] for item in got.body["contact_roles"]] == ["success", "error"]
        left = (await api("GET", path)).body["contact_roles"]
        assert [role["id"] for role in left] == ids[1:]


async def test_pages_hold_what_is_asked_for() -> None:
    """And say whether more follow."""
    async with direct() as (org, api):
        for number in range(5):
            org.add_setting("/settings/territories", {"name": f"T{number}"})
        got = await api("GET", "/settings/territories", page="2", per_page="2")
        assert [row["name"] for row in got.body["territories"]] == ["T2", "T3"]
        assert got.body["info"]["more_records"] is True
        got = await api("GET", "/settings/territories", page="3", per_page="2")
        assert got.body["info"]["more_records"] is False
        assert (await api("GET", "/settings/territories", page="9")).status == 204


@pytest.mark.parametrize("missing", ["name", "permission_type", "reporting_to"])
async def test_a_key_that_is_needed_is_asked_for(missing: str) -> None:
    """Those that a new one cannot be made without; None is a value."""
    async with direct() as (_, api):
        row = {key: value for key, value in TERRITORY.items() if key != missing}
        got = await api("POST", "/settings/territories", {"territories": [row]})
        assert got.status == 400
        assert got.item["code"] == "MANDATORY_NOT_FOUND"
        assert got.item["details"]["json_path"] == f"$.territories[0].{missing}"


@pytest.mark.parametrize(
    ("method", "path", "query", "word"),
    [
        ("PATCH", "/settings/territories", {}, "INVALID_REQUEST_METHOD"),
        ("DELETE", "/settings/modules/Leads", {}, "INVALID_REQUEST_METHOD"),
        ("GET", "/settings/nothing", {}, "INVALID_URL_PATTERN"),
        ("GET", "/settings/fields", {}, "REQUIRED_PARAM_MISSING"),
        ("GET", "/settings/fields", {"module": "Boats"}, "INVALID_MODULE"),
        ("GET", "/settings/fields", {"module": "Leads", "color": "red"}, "EXTRA_PARAM_FOUND"),
        ("GET", "/settings/fields/999", {"module": "Leads"}, "INVALID_DATA"),
        ("DELETE", "/settings/variables", {}, "REQUIRED_PARAM_MISSING"),
        ("PUT", "/settings/fiscal_year", {}, "MANDATORY_NOT_FOUND"),
        ("POST", "/settings/tags", {"module": "Leads"}, "INVALID_DATA"),
        ("DELETE", "/settings/duplicate_check_preference", {"module": "Leads"}, "INVALID_DATA"),
    ],
)
async def test_wrong_calls_are_refused(
    method: str, path: str, query: dict[str, str], word: str
) -> None:
    """Each with the word that the service has for it."""
    async with direct() as (_, api):
        assert (await api(method, path, **query)).body["code"] == word


async def test_what_the_service_made_stays() -> None:
    """Standard fields and profiles are not deleted."""
    async with direct() as (_, api):
        [field, *_] = (await api("GET", "/settings/fields", module="Leads")).body["fields"]
        got = await api("DELETE", f"/settings/fields/{field['id']}", module="Leads")
        assert (got.status, got.item["code"]) == (400, "NOT_ALLOWED")
        profiles = (await api("GET", "/settings/profiles")).body["profiles"]
        ids = [profile["id"] for profile in profiles]
        got = await api("DELETE", f"/settings/profiles/{ids[1]}", transfer_to=ids[0])
        assert got.item["code"] == "NOT_ALLOWED"


async def test_users_are_handed_over_to_a_role_that_is_there() -> None:
    """Before a role is deleted."""
    async with direct() as (_, api):
        chief, manager = (await api("GET", "/settings/roles")).body["roles"]
        path = f"/settings/roles/{manager['id']}"
        got = await api("DELETE", path, transfer_to_id="999")
        assert got.word == (400, "INVALID_DATA")
        assert (await api("DELETE", path, transfer_to_id=chief["id"])).status == 200


async def test_two_of_one_name_are_refused() -> None:
    """When they are made and when they are changed."""
    async with direct() as (_, api):
        path = "/settings/territories"
        await created(api, path, "territories", TERRITORY)
        got = await api("POST", path, {"territories": [TERRITORY]})
        assert (got.status, got.item["code"]) == (400, "DUPLICATE_DATA")
        other = await created(api, path, "territories", {**TERRITORY, "name": "France"})
        got = await api("PUT", f"{path}/{other}", {"territories": [{"name": "Ireland"}]})
        assert got.item["code"] == "DUPLICATE_DATA"
        got = await api("PUT", f"{path}/{other}", {"territories": [{"name": "France"}]})
        assert got.item["code"] == "SUCCESS"


async def test_no_more_items_than_a_call_takes() -> None:
    """Five fields, and one of what is created alone."""
    async with direct() as (_, api):
        fields = [{"field_label": f"F{n}", "data_type": "text"} for n in range(6)]
        got = await api("POST", "/settings/fields", {"fields": fields}, module="Leads")
        assert got.word == (400, "LIMIT_EXCEEDED")
        groups = [{"name": "a", "sources": []}, {"name": "b", "sources": []}]
        got = await api("POST", "/settings/user_groups", {"user_groups": groups})
        assert got.word == (400, "INVALID_DATA")


async def test_what_there_is_one_of_is_set_and_taken_away() -> None:
    """An object, not a list."""
    async with direct() as (_, api):
        path, key = "/settings/duplicate_check_preference", "duplicate_check_preference"
        assert (await api("GET", path, module="Leads")).status == 204
        body = {"type": "converted_records", "type_configurations": []}
        got = await api("POST", path, {key: body}, module="Leads")
        assert got.body[key]["code"] == "SUCCESS"
        assert (await api("GET", path, module="Leads")).body[key]["type"] == "converted_records"
        assert (await api("GET", path, module="Contacts")).status == 204
        assert (await api("DELETE", path, module="Leads")).status == 200
        assert (await api("GET", path, module="Leads")).status == 204
        got = await api("PUT", "/settings/fiscal_year", {"fiscal_year": {"start_month": "May"}})
        assert got.status == 200
        assert (await api("GET", "/settings/fiscal_year")).body["fiscal_year"][
            "start_month"
        ] == "May"


async def test_collections_belong_to_their_module() -> None:
    """A tag of the leads is no tag of the contacts."""
    async with direct() as (_, api):
        own = await created(api, "/settings/tags", "tags", {"name": "Hot"}, module="Leads")
        assert (await api("GET", "/settings/tags", module="Contacts")).status == 204
        got = await api(
            "PUT", f"/settings/tags/{own}", {"tags": [{"name": "x"}]}, module="Contacts"
        )
        assert got.word == (400, "INVALID_DATA")
        assert (await api("DELETE", f"/settings/tags/{own}")).status == 200


async def test_some_are_known_by_name() -> None:
    """Modules and variables answer to their API names."""
    async with direct() as (_, api):
        assert (await api("GET", "/settings/modules/Leads")).item["plural_label"] == "Leads"
        own = (await api("GET", "/settings/modules/Leads")).item["id"]
        assert (await api("GET", f"/settings/modules/{own}")).item["api_name"] == "Leads"
        assert (await api("GET", "/settings/variable_groups/General")).status == 200


async def test_lists_are_narrowed_by_what_rows_hold() -> None:
    """By a year, a module, whether something is active."""
    async with direct() as (org, api):
        org.add_setting("/settings/holidays", {"name": "A", "year": 2025})
        org.add_setting("/settings/holidays", {"name": "B", "year": 2026})
        got = await api("GET", "/settings/holidays", year="2026")
        assert [row["name"] for row in got.body["holidays"]] == ["B"]
        path = "/settings/automation/cadences"
        org.add_setting(path, {"name": "A", "active": True, "module": {"api_name": "Leads"}})
        org.add_setting(path, {"name": "B", "active": False, "module": {"api_name": "Deals"}})
        got = await api("GET", path, active="true")
        assert [row["name"] for row in got.body["cadences"]] == ["A"]
        got = await api("GET", path, module="Deals")
        assert [row["name"] for row in got.body["cadences"]] == ["B"]
