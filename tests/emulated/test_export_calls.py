"""Exports by every route, against the emulator: the same rows, and the cheapest way."""

import asyncio
from contextlib import aclosing
from datetime import date
from typing import Any

import pytest
from deals import FIELDS, ROUTES, Deal, add_deals, counting, exported
from moving import by_id, listed, soon, spent_on

from zohocrm_async import ZohoCRM
from zohocrm_async.emulator import Emulator
from zohocrm_async.exceptions import (
    ArchiveUnreadable,
    BudgetExceeded,
    InvalidRequest,
    JobFailed,
    JobTimedOut,
)
from zohocrm_async.models import Criteria, ExportRoute, Record, where


async def test_rows_are_the_same_by_every_route(org: Emulator, crm: ZohoCRM) -> None:
    """Value for value and type for type, whatever a field holds."""
    add_deals(org)
    by_route = {
        route: by_id(await exported(org, crm, fields=FIELDS, route=route)) for route in ROUTES
    }
    pages = by_route[ExportRoute.PAGES]
    assert len(pages) == 7
    assert by_route[ExportRoute.COQL] == pages
    assert by_route[ExportRoute.BULK_READ] == pages
    types = {
        route: {id_: [type(v) for v in row.values()] for id_, row in rows.items()}
        for route, rows in by_route.items()
    }
    assert types[ExportRoute.COQL] == types[ExportRoute.PAGES]


async def test_a_row_is_a_record_of_what_was_asked_for(org: Emulator, crm: ZohoCRM) -> None:
    """With the id first; lookups are ids, and what is empty is None."""
    add_deals(org, 2)
    rows = await exported(org, crm, fields=("Deal_Name", "Account_Name", "Description"))
    assert all(isinstance(row, Record) for row in rows)
    [even, odd] = sorted(rows, key=lambda row: str(row["Deal_Name"]))
    assert list(even) == ["id", "Deal_Name", "Account_Name", "Description"]
    assert (even["Account_Name"], even["Description"]) == (None, "007")
    assert list(odd["Account_Name"]) == ["id"]
    assert odd["Description"] is None


@pytest.mark.parametrize("route", ROUTES)
async def test_rows_come_as_the_class_that_is_named(
    org: Emulator, crm: ZohoCRM, route: str
) -> None:
    """Its attributes are the fields that are asked for."""
    add_deals(org, 2)
    rows: list[Deal] = await exported(org, crm, into=Deal, route=route)
    odd = next(row for row in rows if row.account)
    assert odd.account is not None
    assert odd.account.name is None
    assert (odd.amount, odd.closes) == (1000.5, date(2026, 3, 2))


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (where("City").equal("Bonn"), {"A", "C"}),
        (where("City").not_equal("Bonn"), {"B", "E"}),
        (where("City").not_in(["Bonn"]), {"B", "E"}),
        (where("City").in_(["Bonn", "York"]), {"A", "B", "C"}),
        (where("City").starts_with("Bo"), {"A", "C"}),
        (where("City").ends_with("rk"), {"B"}),
        (where("City").contains("o"), {"A", "B", "C", "E"}),
        (where("City").is_empty(), {"D"}),
        (where("City").is_not_empty(), {"A", "B", "C", "E"}),
        (where("No_of_Employees").between(5, 10), {"A", "B"}),
        (where("No_of_Employees").greater_than(5), {"B", "C"}),
        (where("No_of_Employees").less_equal(5), {"A", "E"}),
        (where("Email_Opt_Out").equal(True), {"B"}),
        (where("City").equal("Bonn") & where("No_of_Employees").greater_equal(6), {"C"}),
        (where("City").equal("York") | where("City").equal("O'Hara, Inc (1)"), {"B", "E"}),
    ],
)
async def test_a_condition_finds_the_same_by_every_route_that_can_say_it(
    org: Emulator, crm: ZohoCRM, condition: Criteria, names: set[str]
) -> None:
    """Comparators mean the same in a query and in a job."""
    cities = ("Bonn", "York", "Bonn", None, "O'Hara, Inc (1)")
    org.add_records(
        "Leads",
        (
            {"Last_Name": name, "City": city, "No_of_Employees": size, "Email_Opt_Out": out}
            for name, city, size, out in zip(
                "ABCDE",
                cities,
                (5, 10, 20, None, 1),
                (False, True, False, False, False),
                strict=True,
            )
        ),
    )
    for route in (ExportRoute.COQL, ExportRoute.BULK_READ):
        rows = await exported(
            org, crm, "Leads", fields=("Last_Name",), where=condition, route=route
        )
        assert {row["Last_Name"] for row in rows} == names, route


async def test_a_condition_on_what_is_looked_up_goes_into_a_query(
    org: Emulator, crm: ZohoCRM
) -> None:
    """And into nothing else."""
    add_deals(org, 4)
    plan = await crm.records.plan_export(
        "Deals", fields=("id",), where=where("Account_Name.Account_Name").equal("Acme")
    )
    assert [each.route for each in plan.routes if each.possible] == ["coql"]
    rows = await exported(
        org, crm, fields=("id",), where=where("Account_Name.Account_Name").equal("Acme")
    )
    assert len(rows) == 2


@pytest.mark.parametrize("route", ROUTES)
async def test_an_export_may_ask_for_ids_alone(org: Emulator, crm: ZohoCRM, route: str) -> None:
    """And gets nothing else."""
    add_deals(org, 2)
    rows = await exported(org, crm, fields=("id",), route=route)
    assert [list(row) for row in rows] == [["id"], ["id"]]


async def test_nothing_can_carry_a_condition_on_what_lists_alone_give(
    org: Emulator, crm: ZohoCRM
) -> None:
    """Every route is named with its reason."""
    with pytest.raises(InvalidRequest) as refused:
        await exported(org, crm, fields=("Tag",), where=where("Stage").equal("x"))
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"fields": ("Deal_Name", "Shoe_Size")}, "Deals has no field 'Shoe_Size'"),
        ({"fields": ()}, "no fields are named"),
        ({"fields": ("Deal_Name",), "where": where("Shoe").equal(1)}, "no field 'Shoe'"),
        ({"fields": ("Deal_Name",), "route": "camel"}, "route is 'camel': say one of pages"),
        (
            {"fields": ("Deal_Name",), "where": Criteria(comparator="like")},
            "a condition is on ''",
        ),
        ({"into": int}, "attrs class"),
        ({"fields": ("Deal_Name",), "where": "(Stage:equals:x)"}, "make one by where"),
        ({"fields": "Deal_Name"}, "fields is 'Deal_Name': give a list"),
        ({"fields": ("Deal_Name",), "route": "pages", "deadline": -1}, "the deadline is -1 sec"),
    ],
)
async def test_what_cannot_be_asked_is_refused_before_it_costs_much(
    org: Emulator, crm: ZohoCRM, asked: dict[str, Any], problem: str
) -> None:
    """One clear error, for no more than the module's metadata."""
    with pytest.raises(InvalidRequest, match=problem):
        await exported(org, crm, **asked)
    assert {call.operation for call in org.calls} <= {"fields.list", "apis.list", "records.count"}


async def test_a_job_of_many_pages_gives_every_record_once(org: Emulator, crm: ZohoCRM) -> None:
    """Page after page by the token of the one before."""
    org.state.bulk.page_size = 40
    ids = org.add_records("Leads", ({"Last_Name": f"P{n}"} for n in range(70)))
    rows = await exported(org, crm, "Leads", fields=("Last_Name",), route="bulk_read")
    assert sorted(row.id for row in rows) == sorted(ids)
    assert spent_on(org, "bulk_read.create") == 100
    assert spent_on(org, "bulk_read.download") == 2


async def test_a_query_goes_on_by_id_beyond_its_first_rows(org: Emulator, crm: ZohoCRM) -> None:
    """2,000 a call, however many there are."""
    ids = org.add_records("Leads", ({"Last_Name": f"P{n}"} for n in range(2_050)))
    rows = await exported(org, crm, "Leads", fields=("Last_Name",), route="coql")
    assert [row.id for row in rows] == list(ids)
    assert spent_on(org, "coql.query") == 6


async def test_the_last_query_is_of_as_few_rows_as_will_do(org: Emulator, crm: ZohoCRM) -> None:
    """For the price goes by its rows: 3 for 2,000, and 1 for the rest; as the plan says."""
    ids = org.add_records("Leads", ({"Last_Name": f"P{n}"} for n in range(2_050)))
    plan = await crm.records.plan_export("Leads", fields=("Last_Name",))
    assert (plan.route, plan.credits, plan.chosen.calls) == ("coql", 4, 2)
    assert plan.chosen.why == (
        "1 query of 2,000 records, 3 credits each, then 1 query of 200 records, "
        "1 credit each, on by id"
    )
    rows = await exported(org, crm, "Leads", fields=("Last_Name",))
    assert [row.id for row in rows] == list(ids)
    assert spent_on(org, "coql.query") == plan.credits


async def test_what_comes_and_goes_between_queries_shifts_no_row(
    org: Emulator, crm: ZohoCRM
) -> None:
    """A record beyond those that were counted is read too; a deleted one hides no other."""
    ids = org.add_records("Leads", ({"Last_Name": f"P{n}"} for n in range(2_010)))
    export = crm.records.export("Leads", fields=("Last_Name",))
    async with aclosing(export) as rows:
        seen = [(await anext(rows)).id]
        await crm.records.delete("Leads", [ids[0], ids[1_999], ids[2_005]])
        added = org.add_records("Leads", ({"Last_Name": f"N{n}"} for n in range(300)))
        seen += [row.id async for row in rows]
    assert seen == [*ids[:2_005], *ids[2_006:], *added]
    assert spent_on(org, "coql.query") == 3 + 1 + 3


async def test_a_count_that_is_far_too_low_costs_no_query_for_every_few_rows(
    org: Emulator, crm: ZohoCRM, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beyond it, queries are of 2,000 rows."""
    ids = org.add_records("Leads", ({"Last_Name": f"P{n}"} for n in range(3_000)))
    monkeypatch.setattr(type(crm.records), "count", counting(500))
    rows = await exported(org, crm, "Leads", fields=("Last_Name",))
    assert [row.id for row in rows] == list(ids)
    assert spent_on(org, "coql.query") == 2 + 3


async def test_an_export_is_charged_to_the_budget_around_it(org: Emulator, crm: ZohoCRM) -> None:
    """Which ends it where it is spent; the rows before have been given."""
    org.add_records("Leads", ({"Last_Name": f"P{n}"} for n in range(700)))
    rows = crm.records.export("Leads", fields=("Last_Name",), route="pages")
    async with crm.budget("export", credits=2):
        seen = [await anext(rows) for _ in range(400)]
        with pytest.raises(BudgetExceeded):
            await anext(rows)
    assert len({row.id for row in seen}) == 400


async def test_a_job_that_fails_is_told_with_its_id(org: Emulator, crm: ZohoCRM) -> None:
    """By which it can be looked at."""
    org.state.bulk.fail.add("Deals")
    add_deals(org)
    with pytest.raises(JobFailed) as failed:
        await exported(org, crm, fields=("Deal_Name",), route="bulk_read")
    assert failed.value.state == "FAILURE"
    assert (await crm.bulk_read.get(failed.value.job_id)).state == "FAILED"


async def test_a_job_that_never_ends_is_given_up_at_the_deadline(
    org: Emulator, crm: ZohoCRM
) -> None:
    """And can be waited for again by its id."""
    org.state.bulk.seconds = 600.0
    add_deals(org)
    with pytest.raises(JobTimedOut) as late:
        await exported(org, crm, fields=("Deal_Name",), route="bulk_read", deadline=60, step=20.0)
    assert late.value.status.state in {"SCHEDULED", "RUNNING"}
    job = await soon(org, crm.bulk_read.wait(late.value.job_id), step=60)
    assert job.result is not None
    assert job.result.count == 7


async def test_a_damaged_archive_is_told_with_its_job(org: Emulator, crm: ZohoCRM) -> None:
    """Cut short in the middle."""
    org.state.bulk.damage.add("Leads")
    org.add_records("Leads", ({"Last_Name": f"P{n}" * 9} for n in range(500)))
    with pytest.raises(ArchiveUnreadable, match="no whole ZIP archive") as damaged:
        await exported(org, crm, "Leads", fields=("Last_Name",), route="bulk_read")
    assert damaged.value.job_id


async def test_an_export_that_is_left_early_leaves_nothing_behind(
    org: Emulator, crm: ZohoCRM, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No file, no call that goes on."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    org.state.bulk.seconds = 0.0
    org.add_records("Leads", ({"Last_Name": f"P{n}"} for n in range(100)))
    rows = crm.records.export("Leads", fields=("Last_Name",), route="bulk_read")

    async def first() -> Any:
        async with aclosing(rows) as opened:
            row = await anext(opened)
            assert list(tmp_path.iterdir()), "the archive is no file"
            return row

    assert (await soon(org, first()))["Last_Name"]
    assert list(tmp_path.iterdir()) == []


async def test_a_cancelled_export_leaves_nothing_behind(
    org: Emulator, crm: ZohoCRM, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled while a job is waited for."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    org.state.bulk.seconds = 600.0
    org.add_records("Leads", [{"Last_Name": "P"}])
    task = asyncio.create_task(
        listed(crm.records.export("Leads", fields=("Last_Name",), route="bulk_read"))
    )
    while not spent_on(org, "bulk_read.create"):
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list(tmp_path.iterdir()) == []
