"""Records by id, a hundred a call."""

import asyncio
from typing import Any

import attrs
import pytest
from attrs import evolve

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.models import Record


@attrs.frozen
class Person:
    """What a test asks for of a lead; it keeps no id."""

    name: str = attrs.field(metadata={"wire": "Last_Name"})
    age: int | None = attrs.field(default=None, metadata={"wire": "Age"})


def fill(org: Emulator, count: int) -> tuple[str, ...]:
    return org.add_records("Leads", [{"Last_Name": f"n{number}"} for number in range(count)])


def credits_of_lists(org: Emulator) -> list[int]:
    return [call.credits for call in org.calls if call.operation == "records.list"]


async def test_a_hundred_loads_are_one_call(org: Emulator, crm: ZohoCRM) -> None:
    """One credit in place of a hundred."""
    ids = fill(org, 100)
    async with crm.records.loader("Leads", fields=["Last_Name"]) as loader:
        records = await asyncio.gather(*map(loader.load, ids))
    assert [record["Last_Name"] for record in records] == [f"n{number}" for number in range(100)]
    assert credits_of_lists(org) == [1]


async def test_more_are_as_many_calls_as_they_need(org: Emulator, crm: ZohoCRM) -> None:
    ids = fill(org, 250)
    loader = crm.records.loader("Leads", fields=["Last_Name"])
    records = await asyncio.gather(*map(loader.load, ids))
    assert tuple(record.id for record in records) == ids
    assert credits_of_lists(org) == [1, 1, 1]


async def test_the_same_is_asked_for_once(org: Emulator, crm: ZohoCRM) -> None:
    [lead] = fill(org, 1)
    loader = crm.records.loader("Leads", fields=["Last_Name"])
    records = await asyncio.gather(*map(loader.load, [lead] * 300))
    assert {record.id for record in records} == {lead}
    assert credits_of_lists(org) == [1]


async def test_what_was_written_since_is_seen(org: Emulator, crm: ZohoCRM) -> None:
    """Nothing is kept."""
    [lead] = fill(org, 1)
    loader = crm.records.loader("Leads", fields=["Last_Name"])
    await loader.load(lead)
    await crm.records.update_one("Leads", lead, {"Last_Name": "new"})
    assert (await loader.load(lead))["Last_Name"] == "new"


async def test_one_that_is_missing_is_so_for_its_caller_alone(org: Emulator, crm: ZohoCRM) -> None:
    [lead] = fill(org, 1)
    loader = crm.records.loader("Leads", fields=["Last_Name"])
    found, missing, other = await asyncio.gather(
        loader.load(lead), loader.load("77"), loader.load("77"), return_exceptions=True
    )
    assert isinstance(found, Record)
    assert isinstance(missing, errors.RecordNotFound)
    assert missing.details["id"] == "77"
    assert missing is not other
    assert credits_of_lists(org) == [1]


async def test_none_that_is_there(crm: ZohoCRM) -> None:
    loader = crm.records.loader("Leads", fields=["Last_Name"])
    with pytest.raises(errors.RecordNotFound, match=r"Leads has no record 77.*id=77"):
        await loader.load("77")


async def test_many_at_once_leave_out_what_is_missing(org: Emulator, crm: ZohoCRM) -> None:
    one, other = fill(org, 2)
    loader = crm.records.loader("Leads", fields=["Last_Name"])
    found = await loader.load_many([other, "77", one, other])
    assert list(found) == [other, one]
    assert found[one]["Last_Name"] == "n0"


async def test_converted_leads_are_loaded_as_they_are_got(org: Emulator, crm: ZohoCRM) -> None:
    [lead] = org.add_records("Leads", [{"Last_Name": "x", "Converted": True}])
    loader = crm.records.loader("Leads", fields=["Last_Name"])
    assert (await loader.load(lead)).id == (await crm.records.get("Leads", lead)).id


async def test_they_come_as_the_class_that_is_named(org: Emulator, crm: ZohoCRM) -> None:
    ids = fill(org, 2)
    loader = crm.records.loader("Leads", into=Person)
    assert await asyncio.gather(*map(loader.load, ids)) == [Person("n0"), Person("n1")]


async def test_one_that_does_not_fit_the_class_fails_alone(org: Emulator, crm: ZohoCRM) -> None:
    ids = org.add_records("Leads", [{"Last_Name": "a", "Age": 5}, {"Last_Name": "b", "Age": "old"}])
    loader = crm.records.loader("Leads", into=Person)
    good, bad = await asyncio.gather(*map(loader.load, ids), return_exceptions=True)
    assert good == Person("a", 5)
    assert isinstance(bad, errors.UnexpectedAnswer)


@pytest.mark.parametrize("id_", ["", "1,2", "abc", "٣", " 1", 1, None])
async def test_what_is_no_id_is_refused_alone(org: Emulator, crm: ZohoCRM, id_: Any) -> None:
    """In a call with others it would take them along."""
    loader = crm.records.loader("Leads", fields=["Last_Name"])
    with pytest.raises(errors.InvalidRequest, match="digits of a record's id"):
        await loader.load(id_)
    assert not org.calls


@pytest.mark.parametrize("fields", [None, [], [f"f{number}" for number in range(51)]])
def test_fields_that_no_call_takes_are_refused_at_once(
    crm: ZohoCRM, fields: list[str] | None
) -> None:
    with pytest.raises(errors.InvalidRequest, match="fields"):
        crm.records.loader("Leads", fields=fields)


async def test_an_error_of_the_call_is_for_all(org: Emulator, crm: ZohoCRM) -> None:
    loader = crm.records.loader("Nowhere", fields=["Last_Name"])
    found = await asyncio.gather(loader.load("1"), loader.load("2"), return_exceptions=True)
    assert [type(error) for error in found] == [errors.InvalidModule] * 2
    assert found[0] is not found[1]
    with pytest.raises(errors.InvalidModule):
        await loader.load_many(["1", "2"])


async def test_many_of_which_one_is_no_id_are_refused(org: Emulator, crm: ZohoCRM) -> None:
    [lead] = fill(org, 1)
    loader = crm.records.loader("Leads", fields=["Last_Name"])
    with pytest.raises(errors.InvalidRequest, match="id is 'x'"):
        await loader.load_many([lead, "x"])


async def test_one_who_is_cancelled_leaves_the_others_their_call(
    org: Emulator, crm: ZohoCRM
) -> None:
    ids = fill(org, 2)
    await crm.records.count("Leads")
    org.fail_next(Fault.SLOW, method="GET", path="/Leads", seconds=0.05)
    loader = crm.records.loader("Leads", fields=["Last_Name"])
    leaves, stays = (asyncio.create_task(loader.load(id_)) for id_ in ids)
    while not org.in_flight:
        await asyncio.sleep(0)
    leaves.cancel()
    assert (await stays).id == ids[1]
    assert leaves.cancelled()
    assert credits_of_lists(org) == [1]


async def test_calls_are_charged_to_the_block_that_made_the_loader(
    org: Emulator, crm: ZohoCRM
) -> None:
    [lead] = fill(org, 1)
    async with crm.budget("loader") as owner:
        loader = crm.records.loader("Leads", fields=["Last_Name"])
    async with crm.budget("caller") as caller:
        await loader.load(lead)
    assert (owner.spent, caller.spent) == (1, 0)


async def test_no_more_calls_wait_than_may(org: Emulator) -> None:
    """Those beyond are refused, and take nothing from the others."""
    ids = fill(org, 300)
    limits = evolve(org.limits, concurrency=1, max_waiting=1)
    async with org.client(limits=limits) as crm:
        await crm.records.count("Leads")
        loader = crm.records.loader("Leads", fields=["Last_Name"])
        found = await asyncio.gather(*map(loader.load, ids), return_exceptions=True)
    assert sum(isinstance(record, Record) for record in found) == 200
    assert sum(isinstance(error, errors.QueueFull) for error in found) == 100


async def test_a_loader_that_is_closed_loads_nothing(crm: ZohoCRM) -> None:
    async with crm.records.loader("Leads", fields=["Last_Name"]) as loader:
        pass
    with pytest.raises(errors.SchedulerClosed, match="the loader of Leads is closed"):
        await loader.load("1")
