"""Queries, from the client to the emulator and back."""

import attrs
import pytest

from zohocrm_async import Retry, ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.models import Record, where


@attrs.frozen
class Person:
    """What a test asks for of a lead."""

    name: str = attrs.field(metadata={"wire": "Last_Name"})
    City: str | None = None


def fill(org: Emulator, count: int) -> tuple[str, ...]:
    rows = [{"Last_Name": f"n{number}", "City": "Cork"} for number in range(count)]
    return org.add_records("Leads", rows)


async def test_the_first_rows_are_one_call(org: Emulator, crm: ZohoCRM) -> None:
    fill(org, 250)
    page = await crm.coql.query("select Last_Name from Leads where City = 'Cork'")
    assert (len(page), page.more, page[0]["Last_Name"]) == (200, True, "n0")
    assert [(call.operation, call.credits) for call in org.calls][1:] == [("coql.query", 1)]


async def test_all_rows_come_by_the_thousand(org: Emulator, crm: ZohoCRM) -> None:
    """2,000 for 3 credits."""
    ids = fill(org, 4_100)
    rows = [row async for row in crm.coql.query("select Last_Name from Leads where id > 0")]
    assert tuple(row.id for row in rows) == ids
    assert [call.credits for call in org.calls][1:] == [3, 3, 3]


async def test_rows_that_go_meanwhile_hide_no_others(org: Emulator, crm: ZohoCRM) -> None:
    """By OFFSET, as many would be left out as were deleted."""
    ids = fill(org, 6)
    found = list[str]()
    async for row in crm.coql.query("select id from Leads where City = 'Cork'", per_page=2):
        found.append(row.id)
        if len(found) == 2:
            org.state.remove("Leads", ids[0])
            org.state.remove("Leads", ids[1])
    assert tuple(found) == ids


async def test_another_order_is_read_by_offset(org: Emulator, crm: ZohoCRM) -> None:
    fill(org, 7)
    text = "select Last_Name from Leads where City = 'Cork' order by Last_Name desc"
    found = [row["Last_Name"] async for row in crm.coql.query(text, per_page=3)]
    assert found == ["n6", "n5", "n4", "n3", "n2", "n1", "n0"]


async def test_rows_of_a_class(org: Emulator, crm: ZohoCRM) -> None:
    fill(org, 2)
    text = "select Last_Name, City from Leads where id > 0"
    assert [row async for row in crm.coql.query(text, into=Person)] == [
        Person("n0", "Cork"),
        Person("n1", "Cork"),
    ]


async def test_values_of_strangers_stay_values(org: Emulator, crm: ZohoCRM) -> None:
    name = "x' or Last_Name != '"
    org.add_records("Leads", [{"Last_Name": name}, {"Last_Name": "other"}])
    text = f"select Last_Name from Leads where Last_Name = {crm.coql.literal(name)}"
    assert [row["Last_Name"] for row in await crm.coql.query(text)] == [name]


async def test_a_query_holds_the_conditions_of_an_export(org: Emulator, crm: ZohoCRM) -> None:
    org.add_records("Leads", [{"Last_Name": "O'Hara", "City": "Cork"}, {"Last_Name": "b"}])
    wanted = where("Last_Name").equal("O'Hara") & where("City").is_not_empty()
    text = f"select Last_Name from Leads where {crm.coql.condition(wanted)}"
    assert [row["Last_Name"] for row in await crm.coql.query(text)] == ["O'Hara"]
    with pytest.raises(errors.InvalidRequest, match="make one by where"):
        crm.coql.condition("City = 'Cork'")  # type: ignore[arg-type]  # what callers may do


async def test_no_rows_are_an_empty_page(crm: ZohoCRM) -> None:
    pager = crm.coql.query("select id from Leads where id > 0")
    assert len(await pager) == 0
    assert [row async for row in pager] == []


async def test_a_query_that_cannot_be_read_says_where(crm: ZohoCRM) -> None:
    with pytest.raises(errors.InvalidQuery) as caught:
        await crm.coql.query("select count(id) from Leads where id > 0")
    assert (caught.value.code, caught.value.details["near"]) == ("SYNTAX_ERROR", "(")


async def test_a_column_that_is_none_is_named(crm: ZohoCRM) -> None:
    with pytest.raises(errors.InvalidQuery) as caught:
        await crm.coql.query("select Nope from Leads where id > 0")
    assert (caught.value.code, caught.value.details) == ("INVALID_QUERY", {"column_name": "Nope"})


async def test_what_is_no_query_is_not_sent(org: Emulator, crm: ZohoCRM) -> None:
    with pytest.raises(errors.InvalidRequest, match="no where"):
        await crm.coql.query("select id from Leads")
    with pytest.raises(errors.InvalidRequest, match="attrs class"):
        crm.coql.query("select id from Leads where id > 0", into=dict)
    assert not org.calls


async def test_a_query_whose_answer_is_lost_is_asked_again(org: Emulator) -> None:
    """It changes nothing."""
    fill(org, 1)
    org.fail_next(Fault.CUT_AFTER, path="/coql")
    async with org.client(retry=Retry(base=0)) as crm:
        page = await crm.coql.query("select id from Leads where id > 0")
    assert isinstance(page[0], Record)
    assert sum(call.operation == "coql.query" for call in org.calls) == 2
