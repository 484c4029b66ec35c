"""The emulator answers queries, and refuses what the service refuses."""

from typing import Any

import pytest
from direct import Direct, Got, direct

PEOPLE = [
    {
        "Last_Name": "Stone",
        "City": "Cork",
        "Annual_Revenue": 10.5,
        "No_of_Employees": 3,
        "Email_Opt_Out": True,
        "Shoe": 41,
        "Description": "long",
    },
    {"Last_Name": "Reed", "City": "cork", "Annual_Revenue": 20, "Shoe": 43},
    {"Last_Name": "Marsh", "No_of_Employees": 5, "Email_Opt_Out": False},
]


def query(text: str) -> dict[str, Any]:
    return {"select_query": text}


async def ask(api: Direct, where: str, *, more: str = "") -> Got:
    text = f"select Last_Name from Leads where {where} {more}"
    return await api("POST", "/coql", query(text))


def names(got: Got) -> list[str]:
    assert got.status in {200, 204}, got.body
    return [] if got.body is None else [row["Last_Name"] for row in got.body["data"]]


class TestConditions:
    """Which records a condition finds."""

    @pytest.mark.parametrize(
        ("where", "found"),
        [
            ("Last_Name = 'stone'", ["Stone"]),
            ("Last_Name != 'Stone'", ["Reed", "Marsh"]),
            ("City = 'Cork'", ["Stone", "Reed"]),
            ("City is null", ["Marsh"]),
            ("City is not null", ["Stone", "Reed"]),
            ("Last_Name in ('Reed', 'Marsh', 'Nobody')", ["Reed", "Marsh"]),
            ("Last_Name not in ('Reed')", ["Stone", "Marsh"]),
            ("Last_Name like '%e%'", ["Stone", "Reed"]),
            ("Last_Name like 'm%'", ["Marsh"]),
            ("Last_Name like '%h'", ["Marsh"]),
            ("Last_Name not like 'm%'", ["Stone", "Reed"]),
            ("Annual_Revenue > 10.5", ["Reed"]),
            ("Annual_Revenue >= 10.5", ["Stone", "Reed"]),
            ("Annual_Revenue < '20'", ["Stone"]),
            ("No_of_Employees between 4 and 6", ["Marsh"]),
            ("No_of_Employees not between 4 and 6", ["Stone"]),
            ("Email_Opt_Out = true", ["Stone"]),
            ("Email_Opt_Out = 'false'", ["Marsh"]),
            ("Shoe > 41", ["Reed"]),
            ("Created_Time > '2020-01-01T00:00:00+00:00'", ["Stone", "Reed", "Marsh"]),
            ("City = 'Cork' and Annual_Revenue = 20", ["Reed"]),
            ("(City = 'Cork' and Annual_Revenue = 20) or Last_Name = 'Marsh'", ["Reed", "Marsh"]),
            ("id = 5", []),
        ],
    )
    async def test_of_one(self, where: str, found: list[str]) -> None:
        async with direct() as (org, api):
            org.add_records("Leads", PEOPLE)
            assert names(await ask(api, where)) == found

    async def test_ids_are_compared_as_numbers(self) -> None:
        async with direct() as (org, api):
            ids = org.add_records("Leads", PEOPLE)
            assert names(await ask(api, f"id > {ids[0]}")) == ["Reed", "Marsh"]
            assert names(await ask(api, f"id in ('{ids[1]}', {ids[2]})")) == ["Reed", "Marsh"]
            assert names(await ask(api, f"id > {ids[0]} or Last_Name = 'Stone'")) == [
                *("Stone", "Reed", "Marsh")
            ]

    async def test_lookups_are_compared_by_id_and_lead_on(self) -> None:
        async with direct() as (org, api):
            parent, child = org.add_records(
                "Accounts", [{"Account_Name": "Top", "Phone": "1"}, {"Account_Name": "Low"}]
            )
            org.state.records("Accounts")[child]["Parent_Account"] = {"id": parent, "name": "Top"}
            for account in (child, parent):
                org.add_records("Contacts", [{"Last_Name": "X", "Account_Name": {"id": account}}])
            select = "select Account_Name.Account_Name, Account_Name.Parent_Account.Phone from"
            got = await api(
                "POST", "/coql", query(f"{select} Contacts where Account_Name = {child}")
            )
            [row] = got.body["data"]
            assert row["Account_Name.Account_Name"] == "Low"
            assert row["Account_Name.Parent_Account.Phone"] == "1"
            where = "Account_Name.Parent_Account.Phone is null"
            got = await api("POST", "/coql", query(f"select id from Contacts where {where}"))
            assert len(got.body["data"]) == 1


class TestAnswers:
    """What comes back."""

    async def test_rows_have_their_columns_and_their_id(self) -> None:
        async with direct() as (org, api):
            [id_] = org.add_records("Leads", PEOPLE[:1])
            got = await api("POST", "/coql", query("select City, Phone from Leads where id > 0"))
            assert got.body == {
                "data": [{"City": "Cork", "Phone": None, "id": id_}],
                "info": {"count": 1, "more_records": False},
            }

    async def test_an_order_may_have_several_columns(self) -> None:
        async with direct() as (org, api):
            org.add_records("Leads", PEOPLE)
            more = "order by City desc, Last_Name"
            assert names(await ask(api, "id > 0", more=more)) == ["Reed", "Stone", "Marsh"]
            assert names(await ask(api, "id > 0", more="order by Annual_Revenue")) == [
                *("Marsh", "Stone", "Reed")
            ]

    async def test_limit_and_offset_cut_pieces(self) -> None:
        async with direct() as (org, api):
            org.add_records("Leads", [{"Last_Name": str(n)} for n in range(5)])
            got = await ask(api, "id > 0", more="limit 2 offset 2")
            assert names(got) == ["2", "3"]
            assert got.body["info"] == {"count": 2, "more_records": True}
            assert names(await ask(api, "id > 0", more="limit 4, 2")) == ["4"]
            assert (await ask(api, "id > 0", more="limit 2 offset 5")).status == 204

    async def test_two_hundred_rows_come_unasked(self) -> None:
        async with direct() as (org, api):
            org.add_records("Leads", [{"Last_Name": "x"}] * 201)
            got = await ask(api, "id > 0")
            assert got.body["info"] == {"count": 200, "more_records": True}

    @pytest.mark.parametrize(("limit", "credits"), [(200, 1), (201, 2), (1_000, 2), (1_001, 3)])
    async def test_the_limit_is_what_it_costs(self, limit: int, credits: int) -> None:
        async with direct() as (org, api):
            await ask(api, "id > 0", more=f"limit {limit}")
            assert org.credits_used == credits


class TestRefusals:
    """What the service refuses, with its words."""

    @pytest.mark.parametrize(
        ("text", "code", "details"),
        [
            ("select Nope from Leads where id > 0", "INVALID_QUERY", {"column_name": "Nope"}),
            ("select id from Leads where Nope = 1", "INVALID_QUERY", {"column_name": "Nope"}),
            ("select id from Leads where id > 0 order by Nope", "INVALID_QUERY",
             {"column_name": "Nope"}),
            ("select City.Name from Leads where id > 0", "INVALID_QUERY",
             {"column_name": "City.Name"}),
            ("select Account_Name.Nope from Contacts where id > 0", "INVALID_QUERY",
             {"column_name": "Account_Name.Nope"}),
            ("select a.b.c.d from Contacts where id > 0", "INVALID_QUERY",
             {"column_name": "a.b.c.d"}),
            ("select Ordered_Items from Sales_Orders where id > 0", "INVALID_QUERY",
             {"column_name": "Ordered_Items"}),
            ("select id from Nope where id > 0", "INVALID_MODULE", {}),
            ("select id from Leads where Last_Name > 'a'", "INVALID_QUERY",
             {"reason": "invalid operator found", "column_name": "Last_Name", "operator": ">"}),
            ("select id from Leads where Email_Opt_Out < true", "INVALID_QUERY",
             {"reason": "invalid operator found", "column_name": "Email_Opt_Out",
              "operator": "<"}),
            ("select id from Leads where Description like 'a%'", "INVALID_QUERY",
             {"cv_criteria": False, "column_name": "Description", "operator": "like"}),
            ("select id from Leads where Last_Name = 5", "INVALID_QUERY",
             {"column_name": "Last_Name", "expected_data_type": "text"}),
            ("select id from Leads where Annual_Revenue = 'much'", "INVALID_QUERY",
             {"column_name": "Annual_Revenue", "expected_data_type": "number"}),
            ("select id from Leads where Created_Time > 'today'", "INVALID_QUERY",
             {"column_name": "Created_Time", "expected_data_type": "datetime"}),
            ("select id from Leads where Email_Opt_Out = 'maybe'", "INVALID_QUERY",
             {"column_name": "Email_Opt_Out", "expected_data_type": "boolean"}),
            ("select City, City from Leads where id > 0", "DUPLICATE_DATA",
             {"column_name": "City"}),
            ("select id from Leads where id > 0 order by id, id", "DUPLICATE_DATA",
             {"column_name": "id"}),
            ("select id from Leads where id > 0 limit 0", "INVALID_DATA", {}),
            ("select id from Leads where id > 0 limit 2001", "LIMIT_EXCEEDED",
             {"by": "limit", "limit": 2000}),
            ("select id from Leads where id > 0 limit 1 offset 100000", "LIMIT_EXCEEDED",
             {"by": "offset", "limit": 100_000}),
            ("select id from Leads", "SYNTAX_ERROR", {"clause": "where"}),
        ],
    )  # fmt: skip
    async def test_a_query(self, text: str, code: str, details: dict[str, Any]) -> None:
        async with direct() as (_, api):
            got = await api("POST", "/coql", query(text))
            assert (got.status, got.body["code"], got.body["details"]) == (400, code, details)

    @pytest.mark.parametrize(
        ("columns", "where", "more", "by"),
        [
            (", ".join(f"c{n}" for n in range(501)), "id > 0", "", "select"),
            ("id", f"id in ({', '.join(map(str, range(101)))})", "", "in"),
            ("id", "id > 0", "order by " + ", ".join(f"c{n}" for n in range(11)), "order by"),
        ],
    )
    async def test_more_than_the_most(self, columns: str, where: str, more: str, by: str) -> None:
        async with direct() as (_, api):
            got = await api(
                "POST", "/coql", query(f"select {columns} from Leads where {where} {more}")
            )
            assert (got.body["code"], got.body["details"]["by"]) == ("LIMIT_EXCEEDED", by)

    async def test_more_than_25_criteria(self) -> None:
        where = "id > 0"
        for _ in range(25):
            where = f"({where} and id > 0)"
        async with direct() as (_, api):
            got = await ask(api, where)
            assert (got.body["code"], got.body["details"]) == (
                "LIMIT_EXCEEDED",
                {"by": "where", "limit": 25},
            )

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ([], "INVALID_DATA"),
            ({}, "MANDATORY_NOT_FOUND"),
            ({"select_query": None}, "MANDATORY_NOT_FOUND"),
            ({"select_query": 5}, "INVALID_DATA"),
            ({"select_query": "select id from Leads where id > 0", "limit": 5}, "INVALID_DATA"),
        ],
    )
    async def test_a_body_that_is_none(self, body: Any, code: str) -> None:
        async with direct() as (_, api):
            assert (await api("POST", "/coql", body)).word == (400, code)

    @pytest.mark.parametrize(
        ("scopes", "status"),
        [
            (["ZohoCRM.coql.READ", "ZohoCRM.modules.leads.READ"], 200),
            (["ZohoCRM.coql.READ", "ZohoCRM.modules.ALL"], 200),
            (["ZohoCRM.coql.READ"], 401),
            (["ZohoCRM.modules.ALL"], 401),
        ],
    )
    async def test_scopes_of_queries_and_of_the_module(
        self, scopes: list[str], status: int
    ) -> None:
        async with direct() as (org, api):
            org.add_records("Leads", PEOPLE)
            token = await api.token(org.credentials_with(scopes=scopes))
            got = await api(
                "POST",
                "/coql",
                query("select id from Leads where id > 0"),
                headers={"Authorization": f"Zoho-oauthtoken {token}"},
            )
            assert got.status == status
