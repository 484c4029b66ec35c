"""Searches by type, views, territories, deleted records, timelines, clones, external ids."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson
import pytest
from direct import Direct, add_lead, direct


async def found(api: Direct, criteria: str, module: str = "Deals") -> list[str]:
    got = await api("GET", f"/{module}/search", criteria=criteria)
    return [] if got.status == 204 else sorted(r["Deal_Name"] for r in got.body["data"])


class TestCriteria:
    """Values are compared as the field's type asks."""

    @pytest.mark.parametrize(
        ("criteria", "names"),
        [
            ("(Amount:greater_than:9)", ["B", "C"]),
            ("(Amount:greater_equal:10.0)", ["B", "C"]),
            ("(Amount:less_than:10)", ["A"]),
            ("(Amount:less_equal:10)", ["A", "B"]),
            ("(Amount:between:10,200)", ["B", "C"]),
            ("(Amount:in:9,100)", ["A", "C"]),
            ("(Amount:not_equal:9)", ["B", "C"]),
            ("(Closing_Date:less_than:2026-02-01)", ["A"]),
            ("(Closing_Date:between:2026-01-31,2026-02-28)", ["A", "B"]),
            ("(Account_Name:equals:zylker)", ["A"]),
            ("(Account_Name:not_equal:zylker)", []),
            ("(Account_Name.name:starts_with:zyl)", ["A"]),
            ("(Next_Step:equals:${EMPTY})", ["A", "C"]),
            ("(Next_Step:not_equal:${EMPTY})", ["B"]),
            (r"(Next_Step:equals:a\(b\), c)", ["B"]),
            (r"(Next_Step:in:x,a\(b\)\, c)", ["B"]),
            ("((Deal_Name:equals:A)or((Amount:equals:10)and(Deal_Name:equals:B)))", ["A", "B"]),
        ],
    )
    async def test_operators(self, criteria: str, names: list[str]) -> None:
        async with direct() as (org, api):
            [account] = org.add_records("Accounts", [{"Account_Name": "Zylker"}])
            lookup = {"id": account, "name": "Zylker"}
            org.add_records(
                "Deals",
                [
                    {
                        "Deal_Name": "A",
                        "Amount": 9,
                        "Closing_Date": "2026-01-31",
                        "Account_Name": lookup,
                    },
                    {
                        "Deal_Name": "B",
                        "Amount": 10,
                        "Closing_Date": "2026-02-28",
                        "Next_Step": "a(b), c",
                    },
                    {"Deal_Name": "C", "Amount": 100},
                ],
            )
            assert await found(api, criteria) == names

    async def test_an_unknown_field_is_named(self) -> None:
        async with direct() as (_, api):
            got = await api("GET", "/Leads/search", criteria="(Shoe_Size:equals:7)")
            assert got.word == (400, "INVALID_QUERY")
            assert got.item["details"]["api_name"] == "Shoe_Size"


class TestViews:
    """A custom view shows the records that meet its criteria."""

    async def test_lists_and_counts_keep_to_it(self) -> None:
        async with direct() as (org, api):
            york, _ = add_lead(org, City="York"), add_lead(org, City="Leeds")
            criteria = {"comparator": "equal", "field": {"api_name": "City"}, "value": "York"}
            view = org.add_setting(
                "/settings/custom_views", {"name": "York", "criteria": criteria}, scope="Leads"
            )
            got = await api("GET", "/Leads", fields="City", cvid=view)
            assert [record["id"] for record in got.body["data"]] == [york]
            assert (await api("GET", "/Leads/actions/count", cvid=view)).body == {"count": 1}

    async def test_territories_and_those_below(self) -> None:
        async with direct() as (org, api):
            path = "/settings/territories"
            ireland = org.add_setting(path, {"name": "Ireland"})
            dublin = org.add_setting(path, {"name": "Dublin", "reporting_to": {"id": ireland}})
            one = add_lead(org, Territories=[{"id": ireland}])
            two = add_lead(org, Territories=[{"id": dublin}])
            add_lead(org)
            query = {"fields": "City", "territory_id": ireland}
            got = await api("GET", "/Leads", **query)
            assert [record["id"] for record in got.body["data"]] == [one]
            got = await api("GET", "/Leads", **query, include_child="true")
            assert {record["id"] for record in got.body["data"]} == {one, two}

    async def test_pages_by_token_end_at_100000_records(self) -> None:
        async with direct() as (org, api):
            org.add_records("Leads", ({"Last_Name": "A"} for _ in range(601)))
            query = {"fields": "id", "per_page": "200"}
            token = (await api("GET", "/Leads", **query)).body["info"]["next_page_token"]
            state = orjson.loads(urlsafe_b64decode(token))
            last = urlsafe_b64encode(orjson.dumps({**state, "n": 500})).decode()
            got = await api("GET", "/Leads", **query, page_token=last)
            assert got.body["info"]["more_records"]
            beyond = got.body["info"]["next_page_token"]
            got = await api("GET", "/Leads", **query, page_token=beyond)
            assert got.word == (400, "PAGINATION_LIMIT_EXCEEDED")


class TestDeleted:
    """What is deleted is listed, and told apart once it is gone for good."""

    async def listed(self, api: Direct, **query: str) -> list[str]:
        got = await api("GET", "/Leads/deleted", **query)
        return [] if got.status == 204 else [row["id"] for row in got.body["data"]]

    async def test_the_bin_and_what_is_gone_for_good(self) -> None:
        async with direct() as (org, api):
            one, two = add_lead(org), add_lead(org)
            await api("DELETE", f"/Leads/{one}")
            org.advance(5)
            await api("DELETE", "/Leads", ids=two)
            await api("DELETE", f"/settings/recycle_bin/{one}")
            assert await self.listed(api) == [two, one]
            assert await self.listed(api, type="recycle") == [two]
            assert await self.listed(api, type="permanent") == [one]
            assert await self.listed(api, per_page="1", page="2") == [one]
            got = await api("GET", "/Leads/deleted", type="recycle")
            assert got.item["display_name"] == "Stone"
            assert got.item["created_by"]["name"] == "Ines Marlow"

    async def test_nothing_since_is_304(self) -> None:
        async with direct() as (org, api):
            await api("DELETE", f"/Leads/{add_lead(org)}")
            org.advance(60)
            now = org.state.local_now().isoformat()
            got = await api("GET", "/Leads/deleted", headers={"If-Modified-Since": now})
            assert got.status == 304

    async def test_one_that_is_not_there(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            assert (await api("DELETE", "/Leads/4711")).word == (400, "INVALID_DATA")
            got = await api("DELETE", f"/Leads/{lead}", wf_trigger="perhaps")
            assert got.word == (400, "INVALID_DATA")
            org.lock("Leads", lead)
            assert (await api("DELETE", f"/Leads/{lead}")).word == (400, "RECORD_LOCKED")


class TestTimeline:
    """GET /{module}/{id}/__timeline."""

    async def test_what_was_changed_latest_first(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org, City="York")
            for city in ("Leeds", "Leeds", "Hull"):
                org.advance(60)
                await api("PUT", f"/Leads/{lead}", {"data": [{"City": city}]})
            got = await api(
                "GET",
                f"/Leads/{lead}/__timeline",
                include_inner_details="field_history.data_type",
            )
            events = got.body["__timeline"]
            assert [event["action"] for event in events] == ["updated", "updated", "added"]
            [change] = events[0]["field_history"]
            assert (change["api_name"], change["data_type"]) == ("City", "text")
            assert change["_value"] == {"old": "Leeds", "new": "Hull"}
            assert len({event["id"] for event in events}) == 3

    async def test_pages_go_by_token_alone(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            for number in range(4):
                org.advance(60)
                await api("PUT", f"/Leads/{lead}", {"data": [{"City": str(number)}]})
            path = f"/Leads/{lead}/__timeline"
            got = await api("GET", path, per_page="3")
            token = got.body["info"]["next_page_token"]
            rest = await api("GET", path, page_token=token)
            assert len(got.body["__timeline"]) + len(rest.body["__timeline"]) == 5
            assert rest.body["info"]["more_records"] is False
            got = await api("GET", path, per_page="3", page_token=token)
            assert got.word == (400, "AMBIGUITY_DURING_PROCESSING")

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({"sort_by": "id"}, "INVALID_DATA"),
            ({"sort_order": "up"}, "INVALID_DATA"),
            ({"include_inner_details": "everything"}, "INVALID_DATA"),
            ({"include_timeline_type": "signals"}, "DEPENDENT_FIELD_MISSING"),
            ({"filters": "x"}, "INVALID_DATA"),
            ({"fields": "City"}, "EXTRA_PARAM_FOUND"),
        ],
    )
    async def test_wrong_parameters_are_refused(self, query: dict[str, str], code: str) -> None:
        async with direct() as (org, api):
            got = await api("GET", f"/Leads/{add_lead(org)}/__timeline", **query)
            assert got.word == (400, code)

    async def test_a_filter_keeps_some(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            await api("PUT", f"/Leads/{lead}", {"data": [{"City": "York"}]})
            rule = {"comparator": "equal", "field": {"api_name": "action"}, "value": "added"}
            got = await api("GET", f"/Leads/{lead}/__timeline", filters=orjson.dumps(rule).decode())
            assert [event["action"] for event in got.body["__timeline"]] == ["added"]


class TestClones:
    """POST /{module}/{id}/actions/clone."""

    async def clone(self, api: Direct, lead: str, body: Any = None) -> Any:
        return await api("POST", f"/Leads/{lead}/actions/clone", body)

    async def test_a_copy_has_what_the_record_has_but_for_the_body(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org, City="York")
            got = await self.clone(api, lead, {"data": [{"Last_Name": "Reed"}]})
            assert got.status == 201
            copy = org.record("Leads", got.item["details"]["id"]) or {}
            assert (copy["Last_Name"], copy["City"]) == ("Reed", "York")
            assert (await self.clone(api, lead)).status == 201
            assert (await self.clone(api, "4711")).word == (400, "INVALID_DATA")
            assert (await self.clone(api, lead, ["x"])).word == (400, "INVALID_DATA")
            assert (await self.clone(api, lead, {"rows": []})).word == (400, "MANDATORY_NOT_FOUND")

    async def test_unique_values_must_be_replaced(self) -> None:
        async with direct() as (org, api):
            field = {"api_name": "Number", "data_type": "text", "unique": {"casesensitive": False}}
            org.add_setting("/settings/fields", field, scope="Leads")
            lead = add_lead(org, Number="k1")
            assert (await self.clone(api, lead)).word == (400, "DUPLICATE_DATA")
            got = await self.clone(api, lead, {"data": [{"Number": "k2"}]})
            assert got.status == 201


class TestExternalIds:
    """The header X-EXTERNAL lets a field stand for the id."""

    async def test_a_record_is_read_changed_and_deleted_by_its_field(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org, Number="k1")
            header = {"X-EXTERNAL": "Leads.Number"}
            got = await api("GET", "/Leads/k1", headers=header)
            assert got.item["id"] == lead
            rows = {"data": [{"Number": "k1", "City": "York"}, {"Number": "k2"}, {"City": "X"}]}
            got = await api("PUT", "/Leads", rows, headers=header)
            codes = [item["code"] for item in got.body["data"]]
            assert codes == ["SUCCESS", "INVALID_DATA", "MANDATORY_NOT_FOUND"]
            got = await api("PUT", "/Leads/k1", {"data": [{"City": "Hull"}]}, headers=header)
            assert got.word == (200, "SUCCESS")
            assert (org.record("Leads", lead) or {})["City"] == "Hull"
            assert (await api("GET", "/Leads/k1")).word == (400, "INVALID_DATA")
            got = await api("DELETE", "/Leads", ids="k1,k2", headers=header)
            assert [item["code"] for item in got.body["data"]] == ["SUCCESS", "INVALID_DATA"]

    async def test_lookups_refer_by_it(self) -> None:
        async with direct() as (org, api):
            [account] = org.add_records("Accounts", [{"Account_Name": "Zylker", "Number": "z"}])
            row = {"Deal_Name": "A", "Account_Name": {"id": "z"}}
            header = {"X-EXTERNAL": "Accounts.Number"}
            got = await api("POST", "/Deals", {"data": [row]}, headers=header)
            assert got.status == 201
            assert org.records("Deals")[0]["Account_Name"]["id"] == account

    async def test_a_header_that_names_no_field(self) -> None:
        async with direct() as (_, api):
            got = await api("GET", "/Leads/k1", headers={"X-EXTERNAL": "Number"})
            assert got.word == (400, "INVALID_DATA")


async def test_rich_text_comes_whole() -> None:
    """Of the long fields, or of those named."""
    async with direct() as (org, api):
        lead = add_lead(org, Description="<b>long</b>", City="York")
        path = "/Leads/actions/fetch_full_data"
        got = await api("GET", path, ids=lead)
        assert got.item == {"id": lead, "Description": "<b>long</b>"}
        got = await api("GET", f"/Leads/{lead}/actions/fetch_full_data", fields="City")
        assert got.item == {"id": lead, "City": "York"}
        assert (await api("GET", path)).word == (400, "REQUIRED_PARAM_MISSING")
        assert (await api("GET", path, ids="4711")).status == 204
