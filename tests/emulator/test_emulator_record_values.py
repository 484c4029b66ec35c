"""What fields take, by what is known of them: types, lookups, subforms, unique values."""

from typing import Any

import pytest
from direct import Direct, Got, add_lead, direct

from zohocrm_async.emulator import Emulator


async def write(api: Direct, row: Any, module: str = "Leads", **beside: Any) -> Got:
    return await api("POST", f"/{module}", {"data": [row], **beside})


def add_field(org: Emulator, module: str, name: str, **facts: Any) -> None:
    row = {"api_name": name, "data_type": "text", **facts}
    org.add_setting("/settings/fields", row, scope=module)


class TestTypes:
    """Values are of the type that the field's metadata says."""

    @pytest.mark.parametrize(
        ("module", "values", "expected"),
        [
            ("Leads", {"Lead_Source": 7}, "text"),
            ("Leads", {"Description": ["x"]}, "text"),
            ("Leads", {"Annual_Revenue": True}, "double"),
            ("Leads", {"Owner": 7}, "jsonobject"),
            ("Deals", {"Closing_Date": "31.01.2026"}, "date"),
            ("Deals", {"Closing_Date": "2026-01-31T09:00:00+00:00"}, "date"),
            ("Deals", {"Account_Name": ["4711"]}, "jsonobject"),
            ("Events", {"Start_DateTime": "2026-01-31T09:00:00"}, "datetime"),
            ("Events", {"Start_DateTime": "2026-01-31"}, "datetime"),
            ("Quotes", {"Quoted_Items": {"Quantity": 1}}, "jsonarray"),
            ("Quotes", {"Quoted_Items": ["x"]}, "jsonarray"),
        ],
    )
    async def test_another_type_is_refused(
        self, module: str, values: dict[str, Any], expected: str
    ) -> None:
        needed = {"Leads": "Last_Name", "Deals": "Deal_Name", "Events": "Event_Title"}
        async with direct() as (org, api):
            got = await write(api, {needed.get(module, "Subject"): "A", **values}, module)
            assert got.word == (400, "INVALID_DATA")
            assert got.item["details"]["expected_data_type"] == expected
            assert got.item["details"]["json_path"] == f"$.data[0].{next(iter(values))}"
            assert not org.records(module)

    async def test_length_is_limited_by_the_field(self) -> None:
        async with direct() as (org, api):
            add_field(org, "Leads", "Shoe", length=5)
            assert (await write(api, {"Last_Name": "A", "Shoe": "brown"})).status == 201
            got = await write(api, {"Last_Name": "A", "Shoe": "yellow"})
            assert got.item["details"] == {
                "api_name": "Shoe", "json_path": "$.data[0].Shoe", "maximum_length": 5
            }  # fmt: skip

    async def test_a_field_may_be_needed_and_another_read_only(self) -> None:
        async with direct() as (org, api):
            add_field(org, "Leads", "Region", system_mandatory=True)
            add_field(org, "Leads", "Score", data_type="formula", read_only=True)
            got = await write(api, {"Last_Name": "A"})
            assert got.word == (400, "MANDATORY_NOT_FOUND")
            assert got.item["details"]["api_name"] == "Region"
            await write(api, {"Last_Name": "A", "Region": "north", "Score": 100})
            assert "Score" not in org.records("Leads")[0]

    async def test_null_empties_any_field_but_a_needed_one(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org, City="York")
            change = {"City": None, "Annual_Revenue": None, "Owner": None}
            got = await api("PUT", f"/Leads/{lead}", {"data": [change]})
            assert got.word == (200, "SUCCESS")
            got = await api("PUT", f"/Leads/{lead}", {"data": [{"Last_Name": None}]})
            assert got.word == (400, "MANDATORY_NOT_FOUND")

    async def test_features_are_objects_with_a_name(self) -> None:
        async with direct() as (_, api):
            good = [{"name": "layout_rules"}]
            got = await write(api, {"Last_Name": "A"}, apply_feature_execution=good)
            assert got.status == 201
            got = await write(api, {"Last_Name": "A"}, skip_feature_execution=["cadences"])
            assert got.word == (400, "INVALID_DATA")


class TestLookups:
    """A lookup holds the id and the name of a record that is there."""

    async def test_it_gets_the_name_of_what_it_refers_to(self) -> None:
        async with direct() as (org, api):
            [account] = org.add_records("Accounts", [{"Account_Name": "Zylker"}])
            for given in (account, {"id": account}):
                await write(api, {"Deal_Name": "A", "Account_Name": given}, "Deals")
            assert [deal["Account_Name"] for deal in org.records("Deals")] == [
                {"id": account, "name": "Zylker"}
            ] * 2

    @pytest.mark.parametrize("given", ["4711", {"id": "4711"}])
    async def test_it_refers_to_nothing_else(self, given: Any) -> None:
        async with direct() as (_, api):
            got = await write(api, {"Deal_Name": "A", "Account_Name": given}, "Deals")
            assert got.word == (400, "INVALID_DATA")
            assert "related id" in got.item["message"]

    async def test_an_owner_is_a_user(self) -> None:
        async with direct() as (org, api):
            user = org.add_setting("/users", {"full_name": "Pat Wray", "email": "p@example.com"})
            await write(api, {"Last_Name": "A", "Owner": {"id": user}})
            owner = {"id": user, "name": "Pat Wray", "email": "p@example.com"}
            assert org.records("Leads")[0]["Owner"] == owner
            got = await write(api, {"Last_Name": "A", "Owner": {"id": "4711"}})
            assert got.word == (400, "INVALID_DATA")


class TestSubforms:
    """Rows of a subform have ids; an update changes, adds and deletes single rows."""

    async def rows(self, org: Emulator, quote: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (org.record("Quotes", quote) or {})["Quoted_Items"]
        return found

    async def test_rows_live_one_by_one(self) -> None:
        async with direct() as (org, api):
            items = [{"Quantity": 1}, {"Quantity": 2}, {"Quantity": 3}]
            got = await write(api, {"Subject": "A", "Quoted_Items": items}, "Quotes")
            quote = got.item["details"]["id"]
            one, two, three = await self.rows(org, quote)
            assert len({one["id"], two["id"], three["id"]}) == 3
            assert one["Parent_Id"] == {"id": quote, "name": "A"}
            change = [
                {"id": two["id"], "Quantity": 20},
                {"id": three["id"], "_delete": None},
                {"Quantity": 4},
            ]
            got = await api("PUT", f"/Quotes/{quote}", {"data": [{"Quoted_Items": change}]})
            assert got.word == (200, "SUCCESS")
            rows = await self.rows(org, quote)
            assert [row["Quantity"] for row in rows] == [1, 20, 4]
            assert [row["id"] for row in rows[:2]] == [one["id"], two["id"]]

    @pytest.mark.parametrize(
        ("row", "code"),
        [
            ({"id": "4711", "Quantity": 1}, "INVALID_DATA"),
            ({"id": "4711", "_delete": None}, "INVALID_DATA"),
            ({"_delete": None}, "MANDATORY_NOT_FOUND"),
            ({"id": ["4711"]}, "INVALID_DATA"),
        ],
    )
    async def test_a_row_that_is_not_there_is_refused(self, row: Any, code: str) -> None:
        async with direct() as (org, api):
            [quote] = org.add_records("Quotes", [{"Subject": "A"}])
            got = await api("PUT", f"/Quotes/{quote}", {"data": [{"Quoted_Items": [row]}]})
            assert got.word == (400, code)
            assert got.item["details"]["json_path"] == "$.data[0].Quoted_Items[0].id"


class TestUniqueFields:
    """A value of a unique field is held by one record."""

    async def test_a_second_holder_is_refused_and_the_first_named(self) -> None:
        async with direct() as (org, api):
            add_field(org, "Leads", "Number", unique={"casesensitive": False})
            first = (await write(api, {"Last_Name": "A", "Number": "k1"})).item["details"]["id"]
            got = await write(api, {"Last_Name": "B", "Number": "K1"})
            assert got.word == (400, "DUPLICATE_DATA")
            assert got.item["details"]["duplicate_record"]["id"] == first
            other = (await write(api, {"Last_Name": "B", "Number": "k2"})).item["details"]["id"]
            got = await api("PUT", f"/Leads/{other}", {"data": [{"Number": "k1"}]})
            assert got.word == (400, "DUPLICATE_DATA")
            got = await api("PUT", f"/Leads/{first}", {"data": [{"Number": "k1"}]})
            assert got.word == (200, "SUCCESS")

    async def test_rows_of_one_call_are_told_apart_too(self) -> None:
        async with direct() as (org, api):
            add_field(org, "Leads", "Number", unique={"casesensitive": False})
            rows = [{"Last_Name": n, "Number": "k1"} for n in "AB"]
            got = await api("POST", "/Leads", {"data": rows})
            assert [item["code"] for item in got.body["data"]] == ["SUCCESS", "DUPLICATE_DATA"]

    async def test_a_value_that_was_given_up_is_free(self) -> None:
        async with direct() as (org, api):
            add_field(org, "Leads", "Number", unique={"casesensitive": False})
            one, two = add_lead(org, Number="k1"), add_lead(org, Number="k2")
            rows = [{"id": one, "Number": "k3"}, {"id": two, "Number": "k1"}]
            got = await api("PUT", "/Leads", {"data": rows})
            assert [item["code"] for item in got.body["data"]] == ["SUCCESS", "SUCCESS"]


class TestUpsertRows:
    """Which record a row of an upsert is about."""

    async def upsert(self, api: Direct, *rows: Any, fields: Any = None) -> list[dict[str, Any]]:
        body = {"data": list(rows), **({"duplicate_check_fields": fields} if fields else {})}
        items: list[dict[str, Any]] = (await api("POST", "/Leads/upsert", body)).body["data"]
        return items

    async def test_the_first_field_that_finds_one_tells(self) -> None:
        async with direct() as (org, api):
            by_mail, by_phone = add_lead(org, Email="a@example.com"), add_lead(org, Phone="77")
            row = {"Last_Name": "A", "Email": "A@example.com", "Phone": "77"}
            [item] = await self.upsert(api, row, fields=["Phone", "Email"])
            assert (item["details"]["id"], item["duplicate_field"]) == (by_phone, "Phone")
            [item] = await self.upsert(api, row, fields=["Email", "Phone"])
            assert (item["details"]["id"], item["duplicate_field"]) == (by_mail, "Email")

    async def test_rows_of_one_call_find_each_other(self) -> None:
        async with direct() as (org, api):
            rows = [{"Last_Name": n, "Email": "a@example.com"} for n in "AB"]
            items = await self.upsert(api, *rows)
            assert [item["action"] for item in items] == ["insert", "update"]
            assert [lead["Last_Name"] for lead in org.records("Leads")] == ["B"]

    async def test_an_id_goes_before_any_field(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            [changed, lost] = await self.upsert(
                api, {"id": lead, "City": "York"}, {"id": "4711", "Last_Name": "A"}
            )
            assert (changed["action"], changed["duplicate_field"]) == ("update", "id")
            assert lost["code"] == "INVALID_DATA"
            assert len(org.records("Leads")) == 1
