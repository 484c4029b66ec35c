"""What settings do beside being stored is done once, and refused where it makes no sense."""

import pytest
from direct import Direct, direct

PIPELINES = "/settings/pipeline"


async def test_a_pipeline_goes_once_its_deals_are_elsewhere() -> None:
    """To a pipeline of the same layout, and to no other."""
    async with direct() as (org, api):
        org.add_setting("/settings/layouts", {"id": "7"}, scope="Deals")
        org.add_setting(PIPELINES, {"id": "1", "display_value": "Old"}, scope="7")
        [kept] = [
            row["id"]
            for row in (await api("GET", PIPELINES, layout_id="7")).body["pipeline"]
            if row["id"] != "1"
        ]

        async def move(source: str, target: str) -> str:
            move = {"pipeline": {"from": source, "to": target}, "stages": []}
            path = f"{PIPELINES}/actions/transfer"
            got = await api("POST", path, {"transfer_pipeline": [move]}, layout_id="7")
            return str(got.item["code"])

        assert await move("1", "999") == "INVALID_DATA"
        assert await move("1", kept) == "SUCCESS"
        assert await move("1", kept) == "INVALID_DATA"
        assert [
            row["id"] for row in (await api("GET", PIPELINES, layout_id="7")).body["pipeline"]
        ] == [kept]


async def test_a_replaced_choice_is_told() -> None:
    """Until the job is done, which here it never is."""
    async with direct() as (org, api):
        path = "/settings/global_picklists"
        choice = {"id": "5", "display_value": "Red", "actual_value": "red"}
        own = org.add_setting(path, {"display_label": "Colours", "pick_list_values": [choice]})
        assert (await api("GET", f"{path}/{own}/actions/replaced_values")).status == 204
        body = {"replace_picklist_values": [{"old_value": {"id": "5"}, "new_value": {"id": "6"}}]}
        got = await api("POST", f"{path}/{own}/actions/replace_picklist_values", body)
        assert (got.status, got.item["code"]) == (202, "SCHEDULED")
        got = await api("GET", f"{path}/{own}/actions/replaced_values")
        assert got.item["actual_value"] == "red"
        got = await api("POST", f"{path}/9/actions/replace_picklist_values", body)
        assert got.word == (400, "INVALID_DATA")


async def test_a_profile_is_made_of_another() -> None:
    """With its permissions, under a name of its own."""
    async with direct() as (_, api):
        path = "/settings/profiles"
        source = (await api("GET", path)).item
        clone = f"{path}/{source['id']}/actions/clone"
        got = await api("POST", clone, {"profiles": [{"name": "Sales"}]})
        made = (await api("GET", f"{path}/{got.item['details']['id']}")).item
        assert made["permissions_details"] == source["permissions_details"]
        assert made["custom"] is True
        got = await api("POST", clone, {"profiles": [{"name": "Sales"}]})
        assert got.item["code"] == "DUPLICATE_DATA"
        got = await api("DELETE", f"{path}/{made['id']}", transfer_to=source["id"])
        assert got.item["status"] == "success"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "MANDATORY_NOT_FOUND"),
        ({"ids": ["1"]}, "MANDATORY_NOT_FOUND"),
        ({"cadences_ids": ["1"]}, "INVALID_DATA"),
        ({"cadences_ids": ["C"] * 6, "ids": ["1"]}, "LIMIT_EXCEEDED"),
        ({"cadences_ids": ["C"]}, "MANDATORY_NOT_FOUND"),
        ({"cadences_ids": ["C"], "ids": ["1"] * 101}, "LIMIT_EXCEEDED"),
    ],
)
async def test_cadences_take_records_that_are_named(body: object, code: str) -> None:
    """At most 100, into at most five cadences."""
    async with direct() as (org, api):
        org.add_setting("/settings/automation/cadences", {"id": "C", "name": "Warm"})
        got = await api("POST", "/Leads/actions/enrol_in_cadences", body)
        assert got.word == (400, code)


async def test_rules_that_are_run_are_known() -> None:
    """At most five by name; without any, all of them."""
    async with direct() as (org, api):
        path = "/Leads/actions/run_scoring_rules"
        assert (await api("PUT", path)).status == 204
        org.add_setting("/settings/automation/scoring_rules", {"id": "1", "name": "Fit"})
        assert await codes(api, path, None) == ["SUCCESS"]
        assert await codes(api, path, {"scoring_rules": ["1", "2"]}) == ["SUCCESS", "INVALID_DATA"]
        got = await api("PUT", path, {"scoring_rules": ["1"] * 6})
        assert got.word == (400, "LIMIT_EXCEEDED")


async def codes(api: Direct, path: str, body: object) -> list[str]:
    got = await api("PUT", path, body)
    return [item["code"] for item in got.body["scoring_rules"]]


async def test_views_are_sorted_one_by_one() -> None:
    """By a field and an order, both of which are needed."""
    async with direct() as (_, api):
        view = (await api("GET", "/settings/custom_views", module="Leads")).item["id"]
        rows = [
            {"id": view, "sort_by": {"id": "1"}, "sort_order": "desc"},
            {"id": view, "sort_by": {"id": "1"}},
            {"id": "9", "sort_by": {"id": "1"}, "sort_order": "desc"},
        ]
        path = "/settings/custom_views/actions/change_sort"
        got = await api("PUT", path, {"custom_views": rows}, module="Leads")
        assert [item["code"] for item in got.body["custom_views"]] == [
            "SUCCESS",
            "MANDATORY_NOT_FOUND",
            "INVALID_DATA",
        ]


async def test_a_layout_is_activated_by_an_item_of_its_own() -> None:
    """The body holds one, as of any change."""
    async with direct() as (org, api):
        own = org.add_setting("/settings/layouts", {"name": "Own"}, scope="Leads")
        path = f"/settings/layouts/{own}/actions/activate"
        assert (await api("POST", path, module="Leads")).word == (400, "INVALID_DATA")
        got = await api("POST", path, {"layouts": []}, module="Leads")
        assert got.word == (400, "INVALID_DATA")
        got = await api("POST", path, {"layouts": [{"id": own}]}, module="Leads")
        assert got.word == (200, "SUCCESS")


async def test_some_outcomes_have_no_list_around_them() -> None:
    """Of a profile that is deleted, and of tags: good or bad."""
    async with direct() as (org, api):
        profiles = (await api("GET", "/settings/profiles")).body["profiles"]
        own = org.add_setting("/settings/profiles", {"name": "Own", "custom": True})
        path = f"/settings/profiles/{own}"
        got = await api("DELETE", path, transfer_to=profiles[0]["id"])
        assert (got.status, got.body["code"], got.body["details"]["id"]) == (200, "SUCCESS", own)
        tag = org.add_setting("/settings/tags", {"name": "Hot"}, scope="Leads")
        path, module = "/settings/tags/actions/mass_delete", {"api_name": "Leads", "id": "5"}
        body = {"mass_delete": [{"module": module, "tags": [{"id": tag}]}]}
        got = await api("POST", path, body)
        assert (got.status, got.body["code"]) == (202, "SCHEDULED")
        got = await api("POST", path, {"mass_delete": [{"module": module, "tags": []}]})
        assert (got.status, got.body["code"]) == (400, "INVALID_DATA")
