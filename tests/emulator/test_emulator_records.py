"""Records are read, written and refused as documented."""

from datetime import datetime
from typing import Any

import pytest
from direct import Direct, Got, add_lead, direct


async def create(api: Direct, *rows: Any, **beside: Any) -> Got:
    return await api("POST", "/Leads", {"data": list(rows), **beside})


def codes(got: Got) -> list[str]:
    return [item["code"] for item in got.body["data"]]


class TestCreate:
    """POST /{module}."""

    async def test_each_row_has_its_outcome_in_order(self) -> None:
        async with direct() as (org, api):
            got = await create(api, *({"Last_Name": str(n)} for n in range(5)))
            assert got.status == 201
            ids = [item["details"]["id"] for item in got.body["data"]]
            assert [record["id"] for record in org.records("Leads")] == ids
            assert [record["Last_Name"] for record in org.records("Leads")] == list("01234")
            details = got.item["details"]
            assert datetime.fromisoformat(details["Created_Time"]).tzinfo is not None
            assert details["Created_By"]["id"]

    async def test_mixed_outcomes_are_207_and_bad_ones_alone_400(self) -> None:
        async with direct() as (org, api):
            good, bad = {"Last_Name": "A"}, {"First_Name": "B"}
            got = await create(api, good, bad, good)
            assert got.status == 207
            assert codes(got) == ["SUCCESS", "MANDATORY_NOT_FOUND", "SUCCESS"]
            assert got.body["data"][1]["details"]["json_path"] == "$.data[1].Last_Name"
            assert (await create(api, bad)).status == 400
            assert len(org.records("Leads")) == 2

    @pytest.mark.parametrize(
        ("fields", "name", "expected"),
        [
            ({"Email": "no address"}, "Email", "email"),
            ({"Secondary_Email": "a@b"}, "Secondary_Email", "email"),
            ({"Email_Opt_Out": "true"}, "Email_Opt_Out", "boolean"),
            ({"No_of_Employees": "7"}, "No_of_Employees", "integer"),
            ({"Annual_Revenue": "a lot"}, "Annual_Revenue", "double"),
            ({"City": 7}, "City", "text"),
        ],
    )
    async def test_a_value_its_field_cannot_hold_is_refused(
        self, fields: dict[str, Any], name: str, expected: str
    ) -> None:
        async with direct() as (_, api):
            got = await create(api, {"Last_Name": "A", **fields})
            assert got.word == (400, "INVALID_DATA")
            assert got.item["details"]["api_name"] == name
            assert got.item["details"]["expected_data_type"] == expected

    async def test_a_name_that_is_too_long_is_refused(self) -> None:
        async with direct() as (_, api):
            got = await create(api, {"Last_Name": "A" * 81})
            assert got.word == (400, "INVALID_DATA")
            assert got.item["details"]["maximum_length"] == 80

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (None, "INVALID_DATA"),
            ([], "INVALID_DATA"),
            ({"rows": []}, "MANDATORY_NOT_FOUND"),
            ({"data": []}, "INVALID_DATA"),
            ({"data": {"Last_Name": "A"}}, "INVALID_DATA"),
            ({"data": [{"Last_Name": "A"}] * 101}, "LIMIT_EXCEEDED"),
            ({"data": [{"Last_Name": "A"}], "trigger": ["everything"]}, "INVALID_DATA"),
            ({"data": [{"Last_Name": "A"}], "triggers": []}, "INVALID_DATA"),
        ],
    )
    async def test_a_wrong_body_is_refused_flat(self, body: Any, code: str) -> None:
        async with direct() as (org, api):
            got = await api("POST", "/Leads", body)
            assert (got.status, got.body["code"]) == (400, code)
            assert not org.records("Leads")

    async def test_what_is_not_json_is_refused(self) -> None:
        async with direct() as (org, api):
            got = await api("POST", "/Leads", raw=b'{"data": [')
            assert got.word == (400, "INVALID_DATA")
            assert org.credits_used == 1

    async def test_known_keys_beside_the_rows_are_taken(self) -> None:
        async with direct() as (_, api):
            got = await create(api, {"Last_Name": "A"}, trigger=["workflow"], lar_id="1")
            assert got.status == 201

    @pytest.mark.parametrize("module", ["leads", "Nothing_Here"])
    async def test_unknown_modules_are_refused(self, module: str) -> None:
        async with direct() as (_, api):
            got = await api("POST", f"/{module}", {"data": [{"Name": "A"}]})
            expected = (
                (404, "INVALID_URL_PATTERN") if module == "leads" else (400, "INVALID_MODULE")
            )
            assert got.word == expected

    async def test_custom_modules_are_made_by_their_first_records(self) -> None:
        async with direct() as (org, api):
            org.add_records("Boats", [{"Name": "Nell"}])
            got = await api("POST", "/Boats", {"data": [{"Name": "Ann"}, {}]})
            assert codes(got) == ["SUCCESS", "MANDATORY_NOT_FOUND"]
            with pytest.raises(ValueError, match="API name"):
                org.add_records("boats", [])


class TestUpdate:
    """PUT /{module}."""

    async def test_values_change_and_others_stay(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org, City="York")
            got = await api("PUT", "/Leads", {"data": [{"id": lead, "City": "Leeds"}]})
            assert got.word == (200, "SUCCESS")
            record = org.record("Leads", lead) or {}
            assert (record["City"], record["Last_Name"]) == ("Leeds", "Stone")

    async def test_each_row_is_judged_for_itself(self) -> None:
        async with direct() as (org, api):
            lead, locked = add_lead(org), add_lead(org)
            org.lock("Leads", locked)
            rows = [
                {"id": lead, "City": "Leeds"},
                {"City": "Leeds"},
                {"id": "4711"},
                {"id": locked},
                {"id": lead, "Last_Name": None},
                {"id": lead, "Email": "x"},
            ]
            got = await api("PUT", "/Leads", {"data": rows})
            assert got.status == 207
            assert codes(got) == [
                "SUCCESS",
                "MANDATORY_NOT_FOUND",
                "INVALID_DATA",
                "RECORD_LOCKED",
                "MANDATORY_NOT_FOUND",
                "INVALID_DATA",
            ]

    async def test_the_services_own_fields_cannot_be_set(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            before = org.record("Leads", lead) or {}
            row = {"id": lead, "Created_Time": "yesterday", "Created_By": None}
            assert (await api("PUT", "/Leads", {"data": [row]})).word == (200, "SUCCESS")
            after = org.record("Leads", lead) or {}
            assert {**after, "Modified_Time": None} == {**before, "Modified_Time": None}


class TestUpsert:
    """POST /{module}/upsert."""

    async def test_the_modules_own_field_tells_duplicates(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org, Email="a@example.com")
            rows = [
                {"Last_Name": "New", "Email": "b@example.com"},
                {"Last_Name": "Changed", "Email": "a@example.com"},
            ]
            got = await api("POST", "/Leads/upsert", {"data": rows})
            first, second = got.body["data"]
            assert (got.status, first["action"]) == (200, "insert")
            assert (second["action"], second["duplicate_field"]) == ("update", "Email")
            assert second["details"]["id"] == lead
            assert len(org.records("Leads")) == 2

    async def test_other_fields_may_tell_them(self) -> None:
        async with direct() as (org, api):
            add_lead(org, Phone="77")
            body = {
                "data": [{"Last_Name": "A", "Phone": "77"}],
                "duplicate_check_fields": ["Phone"],
            }
            got = await api("POST", "/Leads/upsert", body)
            assert got.item["duplicate_field"] == "Phone"
            assert len(org.records("Leads")) == 1
            bad = {"data": [{"Last_Name": "A", "Email": "x"}]}
            assert (await api("POST", "/Leads/upsert", bad)).word == (400, "INVALID_DATA")
            body["duplicate_check_fields"] = "Phone"
            assert (await api("POST", "/Leads/upsert", body)).word == (400, "INVALID_DATA")


class TestDelete:
    """DELETE /{module}."""

    async def test_each_id_has_its_outcome(self) -> None:
        async with direct() as (org, api):
            one, two, kept = add_lead(org), add_lead(org), add_lead(org)
            org.lock("Leads", two)
            got = await api("DELETE", "/Leads", ids=f"{one},4711,{two}")
            assert got.status == 207
            assert codes(got) == ["SUCCESS", "INVALID_DATA", "RECORD_LOCKED"]
            assert [record["id"] for record in org.records("Leads")] == [two, kept]

    async def test_ids_are_needed_and_limited(self) -> None:
        async with direct() as (_, api):
            assert (await api("DELETE", "/Leads")).word == (400, "REQUIRED_PARAM_MISSING")
            ids = ",".join(str(n) for n in range(101))
            assert (await api("DELETE", "/Leads", ids=ids)).word == (400, "LIMIT_EXCEEDED")

    async def test_deleted_records_are_listed_for_two_credits(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            assert (await api("GET", "/Leads/deleted")).status == 204
            await api("DELETE", "/Leads", ids=lead)
            got = await api("GET", "/Leads/deleted", type="all")
            assert got.item["id"] == lead
            assert [call.credits for call in org.calls] == [2, 1, 2]
            got = await api("GET", "/Leads/deleted", type="lost")
            assert got.word == (400, "INVALID_DATA")


class TestGet:
    """GET /{module}/{id}."""

    async def test_a_record_comes_whole_or_by_its_fields(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org, City="York")
            whole = (await api("GET", f"/Leads/{lead}")).item
            assert (whole["City"], whole["id"], whole["Owner"]["name"]) == (
                "York",
                lead,
                "Ines Marlow",
            )
            part = (await api("GET", f"/Leads/{lead}", fields="City,Phone")).item
            assert part == {"id": lead, "City": "York", "Phone": None}

    async def test_an_unknown_id_is_refused(self) -> None:
        async with direct() as (_, api):
            got = await api("GET", "/Leads/4711")
            assert got.word == (400, "INVALID_DATA")
            assert "id given" in got.item["message"]
