"""Records are listed and searched as documented."""

from datetime import timedelta

import pytest
from direct import Direct, add_lead, direct

from zohocrm_async.emulator import Emulator


class TestList:
    """GET /{module}."""

    def numbered(self, org: Emulator, count: int) -> tuple[str, ...]:
        return org.add_records("Leads", ({"Last_Name": f"{n:05d}"} for n in range(count)))

    async def test_fields_are_needed_and_limited(self) -> None:
        async with direct() as (org, api):
            add_lead(org)
            got = await api("GET", "/Leads")
            assert got.word == (400, "REQUIRED_PARAM_MISSING")
            assert got.item["details"]["param_name"] == "fields"
            assert (await api("GET", "/Leads", fields=",")).word == (400, "INVALID_DATA")
            many = ",".join(f"F{n}" for n in range(51))
            assert (await api("GET", "/Leads", fields=many)).word == (400, "LIMIT_EXCEEDED")

    async def test_an_empty_module_is_204(self) -> None:
        async with direct() as (_, api):
            got = await api("GET", "/Leads", fields="City")
            assert (got.status, got.body) == (204, None)

    async def test_pages_by_number_then_by_token_give_every_record_once(self) -> None:
        async with direct() as (org, api):
            ids = self.numbered(org, 2_450)
            found: list[str] = []
            query = {"page": "1"}
            for number in range(1, 14):
                got = await api("GET", "/Leads", fields="Last_Name", **query)
                info = got.body["info"]
                assert info["page"] == number
                assert info["count"] == len(got.body["data"])
                found += [record["id"] for record in got.body["data"]]
                beyond = number >= 10
                query = (
                    {"page_token": info["next_page_token"]} if beyond else {"page": str(number + 1)}
                )
            assert not info["more_records"]
            assert found == list(reversed(ids))

    async def test_a_page_beyond_2000_records_is_refused(self) -> None:
        async with direct() as (org, api):
            self.numbered(org, 2_001)
            got = await api("GET", "/Leads", fields="Last_Name", page="11")
            assert got.word == (400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED")

    async def test_a_token_goes_on_where_it_stopped_though_records_come_and_go(self) -> None:
        async with direct() as (org, api):
            ids = self.numbered(org, 30)
            query = {"fields": "Last_Name", "per_page": "10", "sort_order": "asc"}
            got = await api("GET", "/Leads", **query)
            await api("DELETE", "/Leads", ids=",".join(ids[:5]))
            self.numbered(org, 1)
            token = got.body["info"]["next_page_token"]
            got = await api("GET", "/Leads", **query, page_token=token)
            assert [record["id"] for record in got.body["data"]] == list(ids[10:20])

    async def test_a_token_is_bound_to_its_query_and_to_its_day(self) -> None:
        async with direct() as (org, api):
            self.numbered(org, 30)
            query = {"fields": "Last_Name", "per_page": "10"}
            token = (await api("GET", "/Leads", **query)).body["info"]["next_page_token"]
            got = await api("GET", "/Leads", fields="City", per_page="10", page_token=token)
            assert got.word == (400, "TOKEN_BOUND_DATA_MISMATCH")
            got = await api("GET", "/Leads", **query, page_token="abc")
            assert got.word == (400, "INVALID_DATA")
            org.advance(hours=24)
            later = Direct(org, api.session)
            got = await later("GET", "/Leads", **query, page_token=token)
            assert got.word == (400, "EXPIRED_VALUE")

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({"page": "2", "page_token": "x"}, "AMBIGUITY_DURING_PROCESSING"),
            ({"cvid": "1", "sort_by": "id"}, "AMBIGUITY_DURING_PROCESSING"),
            ({"per_page": "201"}, "INVALID_DATA"),
            ({"per_page": "0"}, "INVALID_DATA"),
            ({"page": "x"}, "INVALID_DATA"),
            ({"page": "²"}, "INVALID_DATA"),
            ({"sort_by": "City"}, "INVALID_DATA"),
            ({"sort_order": "up"}, "INVALID_DATA"),
            ({"ids": ",".join(["1"] * 101)}, "LIMIT_EXCEEDED"),
            ({"converted": "perhaps"}, "INVALID_DATA"),
            ({"cvid": "4711"}, "INVALID_DATA"),
            ({"territory_id": "4711"}, "INVALID_DATA"),
            ({"include_child": "perhaps"}, "INVALID_DATA"),
            ({"perpage": "5"}, "EXTRA_PARAM_FOUND"),
        ],
    )
    async def test_wrong_parameters_are_refused(self, query: dict[str, str], code: str) -> None:
        async with direct() as (org, api):
            add_lead(org)
            assert (await api("GET", "/Leads", fields="City", **query)).word == (400, code)

    async def test_records_are_sorted_by_time_too(self) -> None:
        async with direct() as (org, api):
            first = add_lead(org)
            org.advance(60)
            second = add_lead(org)
            org.advance(60)
            await api("PUT", "/Leads", {"data": [{"id": first, "City": "York"}]})
            got = await api(
                "GET", "/Leads", fields="City", sort_by="Modified_Time", sort_order="asc"
            )
            assert [record["id"] for record in got.body["data"]] == [second, first]

    async def test_only_the_ids_asked_for_come(self) -> None:
        async with direct() as (org, api):
            ids = self.numbered(org, 3)
            got = await api("GET", "/Leads", fields="City", ids=f"{ids[2]},{ids[0]},4711")
            assert {record["id"] for record in got.body["data"]} == {ids[0], ids[2]}

    async def test_converted_ones_come_when_asked_for(self) -> None:
        async with direct() as (org, api):
            add_lead(org)
            converted = add_lead(org, Converted=True)
            found = {
                word: {r["id"] for r in (await api("GET", "/Leads", **query)).body["data"]}
                for word in ("true", "false", "both")
                for query in [{"fields": "City", "converted": word}]
            }
            assert found["true"] == {converted}
            assert found["false"] == found["both"] - {converted} != set()
            usual = await api("GET", "/Leads", fields="City")
            assert {record["id"] for record in usual.body["data"]} == found["false"]

    async def test_nothing_new_is_304(self) -> None:
        async with direct() as (org, api):
            add_lead(org)
            now = org.clock.now() + timedelta(seconds=5)
            org.advance(10)
            header = {"If-Modified-Since": now.isoformat(timespec="seconds")}
            got = await api("GET", "/Leads", fields="City", headers=header)
            assert got.status == 304
            new = add_lead(org)
            got = await api("GET", "/Leads", fields="City", headers=header)
            assert [record["id"] for record in got.body["data"]] == [new]
            got = await api("GET", "/Leads", fields="City", headers={"If-Modified-Since": "today"})
            assert got.word == (400, "INVALID_DATA")


class TestSearch:
    """GET /{module}/search and the count."""

    async def found(self, api: Direct, **query: str) -> list[str]:
        got = await api("GET", "/Leads/search", **query)
        return [] if got.status == 204 else sorted(r["Last_Name"] for r in got.body["data"])

    async def test_the_four_ways(self) -> None:
        async with direct() as (org, api):
            org.add_records(
                "Leads",
                [
                    {"Last_Name": "Ann", "Email": "ann@example.com", "City": "York"},
                    {"Last_Name": "Ben", "Email": "ben@example.com", "Phone": "77"},
                    {"Last_Name": "Cid", "Mobile": "77", "City": "New York", "Email_Opt_Out": True},
                ],
            )
            assert await self.found(api, email="ANN@example.com") == ["Ann"]
            assert await self.found(api, phone="77") == ["Ben", "Cid"]
            assert await self.found(api, word="york") == ["Ann", "Cid"]
            assert await self.found(api, criteria="(Last_Name:starts_with:b)") == ["Ben"]
            both = "((City:equals:York)and(Last_Name:equals:Ann))"
            assert await self.found(api, criteria=both) == ["Ann"]
            assert await self.found(api, criteria="(Email_Opt_Out:equals:true)") == ["Cid"]
            either = "((Last_Name:in:Ann,Ben)or(City:contains:New))"
            assert await self.found(api, criteria=either) == ["Ann", "Ben", "Cid"]
            assert await self.found(api, email="nobody@example.com") == []
            assert (await api("GET", "/Leads/actions/count", phone="77")).body == {"count": 2}
            assert (await api("GET", "/Leads/actions/count")).body == {"count": 3}

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({}, "REQUIRED_PARAM_MISSING"),
            ({"criteria": "City"}, "INVALID_QUERY"),
            ({"criteria": "((City:equals:York)"}, "INVALID_QUERY"),
            ({"criteria": "(City:resembles:York)"}, "INVALID_QUERY"),
            ({"criteria": "(City:equals:York)xor(City:equals:Leeds)"}, "INVALID_QUERY"),
            ({"criteria": "()"}, "INVALID_QUERY"),
            ({"criteria": "("}, "INVALID_QUERY"),
            ({"criteria": "City:equals:York)"}, "INVALID_QUERY"),
            ({"criteria": "(Shoe_Size:equals:7)"}, "INVALID_QUERY"),
            ({"criteria": "(City:greater_than:York)"}, "INVALID_QUERY"),
            ({"criteria": "(Annual_Revenue:starts_with:1)"}, "INVALID_QUERY"),
            ({"criteria": "(Annual_Revenue:less_than:much)"}, "INVALID_QUERY"),
            ({"criteria": "(Annual_Revenue:between:1)"}, "INVALID_QUERY"),
            ({"criteria": "(Created_Time:less_than:2026-01-31T09:00:00)"}, "INVALID_QUERY"),
            ({"criteria": "(City:equals:York\\"}, "INVALID_QUERY"),
            ({"criteria": f"(City:in:{'a,' * 101})"}, "LIMIT_EXCEEDED"),
            ({"word": "a", "converted": "perhaps"}, "INVALID_DATA"),
            ({"criteria": "and".join(["(City:equals:York)"] * 16)}, "LIMIT_EXCEEDED"),
            ({"word": "a", "page": "11"}, "LIMIT_REACHED"),
        ],
    )
    async def test_wrong_searches_are_refused(self, query: dict[str, str], code: str) -> None:
        async with direct() as (org, api):
            add_lead(org)
            assert (await api("GET", "/Leads/search", **query)).word == (400, code)
