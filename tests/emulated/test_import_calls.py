"""Imports by every route, against the emulator: an outcome for each row, in order."""

import asyncio
import datetime as dt
import math
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from attrs import field, frozen
from moving import listed, soon, spent_on

from zohocrm_async import ZohoCRM
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.exceptions import (
    InvalidData,
    InvalidRequest,
    JobTimedOut,
    MandatoryNotFound,
    OutcomeUnknown,
    UnexpectedAnswer,
)
from zohocrm_async.models import BulkRowResult, ImportRoute, Outcome, Reference

ROUTES = tuple(ImportRoute)
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


@frozen
class Lead:
    """A lead, as a caller has it."""

    last_name: str = field(metadata={"wire": "Last_Name"})
    email: str | None = field(default=None, metadata={"wire": "Email"})


def people(number: int) -> list[dict[str, Any]]:
    """Return so many leads."""
    return [{"Last_Name": f"P{n}", "Email": f"p{n}@example.com"} for n in range(number)]


async def imported(org: Emulator, crm: ZohoCRM, rows: Any, **asked: Any) -> list[Outcome]:
    """Return the outcomes of an import of leads, with the clock running ahead."""
    module = asked.pop("module", "Leads")
    return await soon(org, listed(crm.records.import_rows(module, rows, **asked)))


@pytest.mark.parametrize("route", ROUTES)
async def test_every_row_has_its_outcome_in_order(org: Emulator, crm: ZohoCRM, route: str) -> None:
    """What is refused has its error and takes nothing from the others."""
    rows = people(5)
    rows[1]["Last_Name"] = ""
    rows[3]["Email"] = "no address"
    outcomes = await imported(org, crm, rows, route=route)
    assert [outcome.ok for outcome in outcomes] == [True, False, True, False, True]
    assert isinstance(outcomes[1].error, MandatoryNotFound)
    assert isinstance(outcomes[3].error, InvalidData)
    assert outcomes[3].details["api_name"] == "Email"
    for index in (0, 2, 4):
        record = org.record("Leads", outcomes[index].id or "")
        assert record is not None
        assert record["Last_Name"] == f"P{index}"


@pytest.mark.parametrize("route", ROUTES)
async def test_values_arrive_the_same_by_every_route(
    org: Emulator, crm: ZohoCRM, route: str
) -> None:
    """Text with signs of the file, numbers, dates, lookups."""
    [account] = org.add_records("Accounts", [{"Account_Name": "Acme"}])
    text = 'a "quoted", line\nand; ümlaut'
    [outcome] = await imported(
        org,
        crm,
        [
            {
                "Deal_Name": text,
                "Amount": 12.5,
                "Probability": 40,
                "Closing_Date": dt.date(2026, 3, 2),
                "Stage": "Qualification",
                "Account_Name": {"id": account},
                "Description": None,
            }
        ],
        module="Deals",
        route=route,
    )
    deal = org.record("Deals", outcome.id or "")
    assert deal is not None
    assert (deal["Deal_Name"], deal["Amount"], deal["Probability"]) == (text, 12.5, 40)
    assert (deal["Closing_Date"], deal["Account_Name"]["id"]) == ("2026-03-02", account)
    assert deal.get("Description") is None


@pytest.mark.parametrize("route", ROUTES)
async def test_updates_change_what_a_row_names_and_empty_what_it_empties(
    org: Emulator, crm: ZohoCRM, route: str
) -> None:
    """By the id."""
    ids = org.add_records("Leads", [{**row, "City": "Bonn"} for row in people(2)])
    rows = [{"id": id_, "Email": None, "Company": "Acme"} for id_ in ids]
    outcomes = await imported(org, crm, rows, operation="update", route=route)
    assert [outcome.id for outcome in outcomes] == list(ids)
    for record in org.records("Leads"):
        assert (record["Email"], record["Company"], record["City"]) == (None, "Acme", "Bonn")


@pytest.mark.parametrize("route", ROUTES)
async def test_what_a_row_leaves_out_stays_as_it_is(
    org: Emulator, crm: ZohoCRM, route: str
) -> None:
    """Though another row names it."""
    one, other = org.add_records("Leads", [{**row, "City": "Bonn"} for row in people(2)])
    rows = [{"id": one, "City": "York"}, {"id": other, "Company": "Acme"}]
    await imported(org, crm, rows, operation="update", route=route)
    assert [record["City"] for record in org.records("Leads")] == ["York", "Bonn"]


@pytest.mark.parametrize("route", ROUTES)
async def test_upserts_tell_what_they_did(org: Emulator, crm: ZohoCRM, route: str) -> None:
    """By the field that tells duplicates."""
    org.add_records("Leads", people(1))
    outcomes = await imported(org, crm, people(2), operation="upsert", find_by="Email", route=route)
    assert [outcome.action for outcome in outcomes] == ["update", "insert"]
    assert len(org.records("Leads")) == 2


async def test_rows_may_be_objects_and_come_from_anywhere(org: Emulator, crm: ZohoCRM) -> None:
    """A list, a generator, an asynchronous one."""

    def generated() -> Iterator[Lead]:
        yield Lead("Stone")

    async def streamed() -> AsyncIterator[Lead]:
        yield Lead("Reed", "reed@example.com")
        yield Lead("Marsh")

    assert len(await imported(org, crm, generated())) == 1
    assert len(await imported(org, crm, streamed(), route="bulk_write")) == 2
    assert await imported(org, crm, []) == []
    names = [record["Last_Name"] for record in org.records("Leads")]
    assert names == ["Stone", "Reed", "Marsh"]


async def test_the_cheapest_route_is_taken_by_the_number_of_rows(
    org: Emulator, crm: ZohoCRM
) -> None:
    """Calls for few rows; a job from 5,000 or so."""
    few = await crm.records.plan_import("Leads", 250)
    assert (few.route, few.credits, few.chosen.calls) == ("calls", 25, 3)
    many = await crm.records.plan_import("Leads", 25_000)
    assert many.route == "bulk_write"
    assert 500 < many.credits < 530
    assert {plan.route: plan.credits for plan in many.routes}["calls"] == 2_500
    mixed = await crm.records.plan_import("Leads", 25_250)
    assert mixed.credits == many.credits + few.credits
    await imported(org, crm, people(250))
    assert spent_on(org, "records.create") == 25


async def test_a_forced_route_is_planned_as_such(crm: ZohoCRM) -> None:
    """Whatever it costs."""
    plan = await crm.records.plan_import("Leads", 100, route="bulk_write")
    assert (plan.route, plan.why) == ("bulk_write", "asked for")
    assert plan.credits > 500


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ({"operation": "merge"}, "operation is 'merge': say one of insert"),
        ({"find_by": "Email"}, "leave out find_by"),
        ({"route": "camel"}, "route is 'camel'"),
        ({"operation": "upsert", "route": "bulk_write"}, "give find_by"),
        ({"trigger": ("workflow",), "route": "bulk_write"}, "automation"),
        ({"module": "Quotes", "route": "bulk_write"}, "Quotes are not written in bulk"),
        ({"operation": "update", "find_by": "Email", "route": "calls"}, "by their id"),
        ({"operation": "update", "route": "bulk_write"}, "no row names id"),
        ({"deadline": 0}, "the deadline is 0 seconds"),
    ],
)
async def test_what_no_route_can_take_is_refused_before_anything_is_written(
    org: Emulator, crm: ZohoCRM, asked: dict[str, Any], problem: str
) -> None:
    """With the reason."""
    with pytest.raises(InvalidRequest, match=problem):
        await imported(org, crm, people(1), **asked)
    assert {call.operation for call in org.calls} <= {"apis.list", "fields.list"}


@pytest.mark.parametrize("route", [None, "calls", "bulk_write"])
@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (None, "rows is of type NoneType: give a list"),
        ({"Last_Name": "Stone"}, "rows is of type dict: give a list"),
        ("Stone", "rows is of type str: give a list"),
        ([{"Last_Name": "Stone"}, "Reed"], "row 1 is 'Reed': give a mapping"),
        ([{"Last_Name": "Stone", "Annual_Revenue": math.nan}], "row 0 has nan as Annual_Revenue"),
    ],
)
async def test_what_are_no_rows_is_refused_before_anything_is_written(
    org: Emulator, crm: ZohoCRM, rows: Any, problem: str, route: str | None
) -> None:
    """With the number of the row."""
    with pytest.raises(InvalidRequest, match=problem):
        await imported(org, crm, rows, route=route)
    assert {call.operation for call in org.calls} <= {"apis.list"}


async def test_rows_that_no_file_can_hold_go_by_calls_or_not_at_all(
    org: Emulator, crm: ZohoCRM
) -> None:
    """Such as those that leave out what others empty."""
    one, other = org.add_records("Leads", [{**row, "City": "Bonn"} for row in people(2)])
    rows = [{"id": one, "City": None}, {"id": other, "Company": "Acme"}]
    with pytest.raises(InvalidRequest, match="leave out fields that others empty"):
        await imported(org, crm, rows, operation="update", route="bulk_write")
    org.reprice("records.update", 10_000)
    await imported(org, crm, rows, operation="update")
    assert [record["City"] for record in org.records("Leads")] == [None, "Bonn"]


async def test_references_and_choices_fit_into_cells(org: Emulator, crm: ZohoCRM) -> None:
    """A reference by its id, several choices with semicolons."""
    org.add_setting(
        "/settings/fields",
        {"api_name": "Likes", "data_type": "multiselectpicklist", "field_label": "Likes"},
        scope="Contacts",
    )
    [account] = org.add_records("Accounts", [{"Account_Name": "Acme"}])
    row = {"Last_Name": "Stone", "Account_Name": Reference(account), "Likes": ["Tea", "Jam"]}
    [outcome] = await imported(org, crm, [row], module="Contacts", route="bulk_write")
    contact = org.record("Contacts", outcome.id or "")
    assert contact is not None
    assert (contact["Account_Name"]["id"], contact["Likes"]) == (account, ["Tea", "Jam"])


async def test_a_file_that_is_too_large_is_cut_in_two(
    org: Emulator, crm: ZohoCRM, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As often as it takes, and the outcomes come in order."""
    monkeypatch.setattr("zohocrm_async._moving.imports._LARGEST", 500)
    outcomes = await imported(org, crm, people(100), route="bulk_write")
    names = [(org.record("Leads", outcome.id or "") or {})["Last_Name"] for outcome in outcomes]
    assert names == [f"P{n}" for n in range(100)]
    assert spent_on(org, "bulk_write.create") > 500


async def test_a_job_that_never_ends_is_told_after_what_was_done(
    org: Emulator, crm: ZohoCRM, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outcomes of the jobs before have been given; the job's id is told."""
    monkeypatch.setattr("zohocrm_async._moving.imports._PER_JOB", 3)
    seen: list[Outcome] = []

    async def run() -> None:
        async for outcome in crm.records.import_rows(
            "Leads", people(5), route="bulk_write", deadline=60
        ):
            seen.append(outcome)
            org.state.bulk.seconds = 9_000.0

    with pytest.raises(JobTimedOut) as late:
        await soon(org, run(), step=20.0)
    assert [outcome.ok for outcome in seen] == [True] * 3
    assert (await crm.bulk_write.get(late.value.job_id)).state in {"SCHEDULED", "RUNNING"}


async def test_a_lost_answer_of_a_bulk_write_is_told(org: Emulator, crm: ZohoCRM) -> None:
    """For it may have been begun."""
    org.fail_next(Fault.CUT_AFTER, path="/write", method="POST")
    with pytest.raises(OutcomeUnknown):
        await imported(org, crm, people(2), route="bulk_write")


async def test_results_that_are_not_those_of_the_rows_are_told(
    org: Emulator, crm: ZohoCRM, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than given to the wrong rows."""

    async def turned(_: object, job: object) -> AsyncIterator[BulkRowResult]:
        for name in ("P1", "P0"):
            yield BulkRowResult("ADDED", "1", (), (name,))

    monkeypatch.setattr(type(crm.bulk_write), "results", turned)
    with pytest.raises(UnexpectedAnswer, match="not those of the 2 rows"):
        await imported(org, crm, people(2), route="bulk_write")


async def test_a_cancelled_import_leaves_no_file(
    org: Emulator, crm: ZohoCRM, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job that has begun goes on by itself."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    work = listed(crm.records.import_rows("Leads", people(3), route="bulk_write"))
    task = asyncio.create_task(work)
    while not spent_on(org, "bulk_write.create"):
        await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert list(tmp_path.iterdir()) == []
    org.advance(10)
    assert len(org.records("Leads")) == 3


async def test_an_import_is_no_part_of_a_composite_call(crm: ZohoCRM) -> None:
    """It takes many calls of its own."""
    async with crm.composite() as batch:
        with pytest.raises(InvalidRequest, match="on the client itself"):
            await listed(batch.records.import_rows("Leads", people(1)))


async def test_a_naive_time_is_refused(org: Emulator, crm: ZohoCRM) -> None:
    """By either route, before anything is written."""
    for route in ROUTES:
        row = {"Last_Name": "Stone", "Created_Time": NOON.replace(tzinfo=None)}
        with pytest.raises(InvalidRequest, match="no time zone"):
            await imported(org, crm, [row], route=route)


async def test_a_job_costs_what_its_plan_says(org: Emulator, crm: ZohoCRM) -> None:
    """An upload, the job, one look when it may be done, and a download."""
    org.state.bulk.seconds = 20.0
    plan = await crm.records.plan_import("Leads", 10, route="bulk_write")
    await imported(org, crm, people(10), route="bulk_write")
    known = {"apis.list", "fields.list", "organization.get"}  # once, whatever follows
    costs = [call.credits for call in org.calls if call.operation not in known]
    assert sum(costs) == plan.credits


@pytest.mark.parametrize("route", [None, "calls", "bulk_write"])
async def test_a_field_that_is_unknown_is_named(
    org: Emulator, crm: ZohoCRM, route: str | None
) -> None:
    """Calls would leave it out and say nothing."""
    rows = [*people(2), {"Last_Name": "Stone", "Citty": "Bonn", "$append_values": {}}]
    with pytest.raises(InvalidRequest, match=r"Leads has no field 'Citty': .*City"):
        await imported(org, crm, rows, route=route)
    assert org.records("Leads") == ()
    assert {call.operation for call in org.calls} == {"apis.list", "fields.list"}


async def test_who_may_not_read_the_fields_may_write_them(org: Emulator) -> None:
    """There is nothing to check them by."""
    scopes = ["ZohoCRM.modules.ALL", "ZohoCRM.org.READ", "ZohoCRM.apis.READ"]
    async with org.client(credentials=org.credentials_with(scopes=scopes)) as crm:
        assert [outcome.ok for outcome in await imported(org, crm, people(2))] == [True, True]
