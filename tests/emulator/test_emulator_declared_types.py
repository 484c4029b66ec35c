"""What a call says is of the types that are declared, or is refused by its name."""

from typing import Any

import pytest
from direct import direct

TERRITORIES = "/settings/territories"
TERRITORY = {"name": "Ireland", "permission_type": "read_only", "reporting_to": None}


@pytest.mark.parametrize(
    ("change", "path", "more"),
    [
        ({"name": 5}, "name", {"expected_data_type": "string"}),
        ({"reporting_to": "7"}, "reporting_to", {"expected_data_type": "jsonobject"}),
        ({"permission_type": "all"}, "permission_type", {"supported_values": ["read_only"]}),
        ({"manager": {"id": 7}}, "manager.id", {"expected_data_type": "string"}),
        ({"nmae": "Ireland"}, "nmae", {}),
    ],
)
async def test_a_row_has_the_documented_form(
    change: dict[str, Any], path: str, more: dict[str, Any]
) -> None:
    """Types, words and keys, in the objects within it too: when it is made, and changed."""
    async with direct() as (org, api):
        own = org.add_setting(TERRITORIES, TERRITORY)
        got = await api("POST", TERRITORIES, {"territories": [{**TERRITORY, **change}]})
        changed = await api("PUT", f"{TERRITORIES}/{own}", {"territories": [change]})
        for answer in (got, changed):
            assert answer.word == (400, "INVALID_DATA")
            details = answer.item["details"]
            assert details["json_path"] == f"$.territories[0].{path}"
            assert details["api_name"] == path.rpartition(".")[2]
            for name, value in more.items():
                assert set(value) <= set(details[name])


async def test_an_object_lacks_nothing_that_it_needs() -> None:
    """Its holder is named beside the key."""
    async with direct() as (_, api):
        profile = (await api("GET", "/settings/profiles")).item["id"]
        user = {"last_name": "Wray", "email": "w@example.com", "profile": {"id": profile}}
        got = await api("POST", "/users", {"users": [{**user, "role": {}}]})
        assert got.word == (400, "MANDATORY_NOT_FOUND")
        assert got.item["details"] == {
            "api_name": "id",
            "json_path": "$.users[0].role.id",
            "parent_api_name": "role",
        }


async def test_one_wrong_row_of_several_fails_alone() -> None:
    """The others are made."""
    async with direct() as (_, api):
        rows = [{"name": "Buyer", "sequence_number": 3}, {"name": "Payer", "sequence_number": "x"}]
        got = await api("POST", "/Contacts/roles", {"contact_roles": rows})
        assert got.status == 207
        assert [item["code"] for item in got.body["contact_roles"]] == ["SUCCESS", "INVALID_DATA"]


async def test_what_there_is_one_of_is_looked_at_too() -> None:
    """Its place has no number."""
    async with direct() as (_, api):
        body = {"business_hours": {"type": "custom", "week_starts_on": "Someday"}}
        got = await api("POST", "/settings/business_hours", body)
        assert got.word == (400, "INVALID_DATA")
        assert got.item["details"]["json_path"] == "$.business_hours.week_starts_on"


async def test_pages_that_name_more_keys_than_the_models_are_open() -> None:
    """But what the models name has its type."""
    async with direct() as (_, api):
        field = {"field_label": "Size", "data_type": "integer", "hipaa_compliance": {}}
        got = await api("POST", "/settings/fields", {"fields": [field]}, module="Leads")
        assert got.status == 201
        odd = {"field_label": "Length", "data_type": "number"}
        got = await api("POST", "/settings/fields", {"fields": [odd]}, module="Leads")
        assert got.item["details"]["api_name"] == "data_type"


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/settings/automation/cadences", "active", "yes"),
        ("/users", "type", "Everybody"),
        ("/settings/email_templates", "sort_order", "up"),
        ("/settings/holidays", "year", "next"),
        ("/settings/holidays", "type", "bank_holiday"),
        ("/settings/pipeline", "layout_id", "999"),
    ],
)
async def test_a_parameter_has_the_declared_type(path: str, name: str, value: str) -> None:
    """Yes and no, numbers, words, and what is there."""
    async with direct() as (_, api):
        got = await api("GET", path, **{name: value})
        assert (got.status, got.body["code"]) == (400, "INVALID_DATA")
        assert got.body["details"]["param_name"] == name


@pytest.mark.parametrize(
    "path",
    ["/settings/automation/assignment_rules", "/settings/email_templates", "/settings/wizards"],
)
async def test_a_module_that_is_not_there_has_nothing(path: str) -> None:
    """Not even an empty list."""
    async with direct() as (_, api):
        got = await api("GET", path, module="Boats")
        assert (got.status, got.body["code"]) == (400, "INVALID_MODULE")


async def test_portals_and_layouts_are_looked_for() -> None:
    """Before anything is kept below them."""
    async with direct() as (org, api):
        got = await api("GET", "/settings/portals/shop/user_type")
        assert (got.status, got.body["details"]) == (400, {"resource_path_index": 2})
        org.add_setting("/settings/portals", {"name": "shop"})
        assert (await api("GET", "/settings/portals/shop/user_type")).status == 204
        got = await api("GET", "/settings/layouts/7/map_dependency", module="Leads")
        assert got.body["code"] == "INVALID_DATA"


async def test_a_page_is_looked_at_where_there_is_nothing() -> None:
    """An empty list has no page 0."""
    async with direct() as (_, api):
        got = await api("GET", "/settings/territories", page="0")
        assert (got.status, got.body["code"]) == (400, "INVALID_DATA")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/Leads/actions/add_tags", {"tags": [{"name": "Hot"}], "ids": "1"}),
        ("/Leads/actions/add_tags", {"tags": "Hot", "ids": ["1"]}),
        ("/Leads/actions/enrol_in_cadences", {"cadences_ids": "1", "ids": ["1"]}),
    ],
)
async def test_a_list_is_a_list(path: str, body: dict[str, Any]) -> None:
    """A text in its place is something, and of another type."""
    async with direct() as (_, api):
        got = await api("POST", path, body)
        assert got.word == (400, "INVALID_DATA")
        assert got.item["details"]["expected_data_type"] == "jsonarray"


@pytest.mark.parametrize(
    ("method", "path", "key", "item"),
    [
        ("POST", f"{TERRITORIES}/actions/transfer_and_delete", "territories",
         {"transfer_to_id": "1"}),
        ("POST", "/users/actions/transfer_and_delete", "transfer_and_delete",
         {"transfer": {"id": "1"}, "move_subordinate": {"id": "1"}}),
        ("PUT", f"{TERRITORIES}/{{territory}}/users", "users", {"name": "Jo"}),
    ],
)  # fmt: skip
async def test_one_of_many_tells_which_it_is(
    method: str, path: str, key: str, item: dict[str, Any]
) -> None:
    """By its id, where no path does."""
    async with direct() as (org, api):
        own = org.add_setting(TERRITORIES, TERRITORY)
        got = await api(method, path.format(territory=own), {key: [item]})
        assert got.word == (400, "MANDATORY_NOT_FOUND")
        assert got.item["details"]["json_path"] == f"$.{key}[0].id"
