"""Rows written one by one, a hundred a call."""

import asyncio
import datetime as dt
from typing import Any

import attrs
import pytest

from zohocrm_async import Retry, ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.models import Outcome


@attrs.frozen
class Person:
    """A lead, as a test writes it."""

    name: str = attrs.field(metadata={"wire": "Last_Name"})
    id: str | None = None


def writes(org: Emulator) -> list[tuple[str | None, int]]:
    return [(call.operation, call.credits) for call in org.calls if call.method != "GET"]


def names(org: Emulator) -> list[str]:
    return [row["Last_Name"] for row in org.state.records("Leads").values()]


async def test_a_hundred_rows_are_one_call(org: Emulator, crm: ZohoCRM) -> None:
    """10 credits in place of a hundred, and each caller has the outcome of its row."""
    async with crm.records.writer("Leads") as writer:
        outcomes = await asyncio.gather(
            *(writer.create({"Last_Name": f"n{number}"}) for number in range(100))
        )
    stored = org.state.records("Leads")
    assert [stored[str(outcome.id)]["Last_Name"] for outcome in outcomes] == names(org)
    assert writes(org) == [("records.create", 10)]


async def test_each_kind_of_write_has_calls_of_its_own(org: Emulator, crm: ZohoCRM) -> None:
    ids = org.add_records("Leads", [{"Last_Name": "a", "Email": "a@example.com"}] * 11)
    async with crm.records.writer("Leads", duplicate_check_fields=["Email"]) as writer:
        *changed, made, put = await asyncio.gather(
            *(writer.update({"id": id_, "City": "Cork"}) for id_ in ids),
            writer.create(Person("b")),
            writer.upsert({"Last_Name": "c", "Email": "c@example.com"}),
        )
    assert tuple(outcome.id for outcome in changed) == ids
    assert (made.ok, put.action) == (True, "insert")
    assert sorted(writes(org), key=str) == [
        ("records.create", 1),
        ("records.update", 2),
        ("records.upsert", 1),
    ]


async def test_a_row_that_is_refused_is_so_for_its_caller_alone(
    org: Emulator, crm: ZohoCRM
) -> None:
    async with crm.records.writer("Leads") as writer:
        good, bad = await asyncio.gather(
            writer.create({"Last_Name": "a"}), writer.create({"City": "x"}), return_exceptions=True
        )
    assert isinstance(good, Outcome)
    assert isinstance(bad, errors.MandatoryNotFound)
    assert writes(org) == [("records.create", 1)]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"Last_Name": "a", "Since": dt.datetime(2026, 1, 1)}, "no time zone"),  # noqa: DTZ001
        ({"Last_Name": object()}, "cannot be sent as JSON"),
        ({"Last_Name": "b", "Annual_Revenue": float("inf")}, "has inf as Annual_Revenue"),
        ("b", "the row is 'b': give a mapping"),
    ],
)
async def test_a_row_that_cannot_be_sent_fails_alone(
    org: Emulator, crm: ZohoCRM, row: Any, problem: str
) -> None:
    async with crm.records.writer("Leads") as writer:
        good, bad = await asyncio.gather(
            writer.create({"Last_Name": "a"}), writer.create(row), return_exceptions=True
        )
    assert isinstance(good, Outcome)
    assert isinstance(bad, errors.InvalidRequest)
    assert problem in str(bad)


@pytest.mark.parametrize("row", [{"City": "Cork"}, {"id": None}, Person("a")])
async def test_an_update_needs_an_id(org: Emulator, crm: ZohoCRM, row: Any) -> None:
    async with crm.records.writer("Leads") as writer:
        with pytest.raises(errors.InvalidRequest, match="has no id"):
            await writer.update(row)
    assert not org.calls


async def test_a_record_is_never_twice_in_a_call(org: Emulator, crm: ZohoCRM) -> None:
    [lead] = org.add_records("Leads", [{"Last_Name": "a"}])
    async with crm.records.writer("Leads") as writer:
        await asyncio.gather(*(writer.update({"id": lead, "City": str(n)}) for n in range(3)))
    assert writes(org) == [("records.update", 1)] * 3


async def test_a_row_may_change_once_it_is_handed_over(org: Emulator, crm: ZohoCRM) -> None:
    row = {"Last_Name": "a"}
    async with crm.records.writer("Leads") as writer:
        task = asyncio.create_task(writer.create(row))
        await asyncio.sleep(0)
        row["Last_Name"] = "b"
        await task
    assert names(org) == ["a"]


async def test_a_lost_answer_is_told_to_its_rows_and_no_others(org: Emulator, crm: ZohoCRM) -> None:
    """None is sent twice."""
    org.fail_next(Fault.CUT_AFTER, method="POST", path="/Leads")
    async with crm.records.writer("Leads") as writer:
        found = await asyncio.gather(
            *(writer.create({"Last_Name": f"n{number}"}) for number in range(110)),
            return_exceptions=True,
        )
    lost = [error for error in found if isinstance(error, errors.OutcomeUnknown)]
    good = [outcome for outcome in found if isinstance(outcome, Outcome)]
    assert len(lost) + len(good) == 110
    assert len(lost) in {10, 100}
    assert "crm.records.list" in lost[0].look_at
    assert isinstance(lost[0].__cause__, errors.TransportError)
    assert sorted(names(org)) == sorted(f"n{number}" for number in range(110))


async def test_an_update_that_is_lost_is_sent_again(org: Emulator) -> None:
    """It has the same end."""
    [lead] = org.add_records("Leads", [{"Last_Name": "a"}])
    org.fail_next(Fault.CUT_AFTER, method="PUT", path="/Leads")
    async with org.client(retry=Retry(base=0)) as crm, crm.records.writer("Leads") as writer:
        assert (await writer.update({"id": lead, "City": "Cork"})).ok
    assert len(writes(org)) == 2


async def test_an_error_of_the_call_is_for_all(crm: ZohoCRM) -> None:
    async with crm.records.writer("Nowhere") as writer:
        found = await asyncio.gather(
            writer.create({"Name": "a"}), writer.create({"Name": "b"}), return_exceptions=True
        )
    assert [type(error) for error in found] == [errors.InvalidModule] * 2


async def test_one_who_is_cancelled_in_time_takes_its_row_back(org: Emulator, crm: ZohoCRM) -> None:
    async with crm.records.writer("Leads") as writer:
        leaves = asyncio.create_task(writer.create({"Last_Name": "a"}))
        stays = asyncio.create_task(writer.create({"Last_Name": "b"}))
        await asyncio.sleep(0)
        leaves.cancel()
        assert (await stays).ok
    assert names(org) == ["b"]


async def test_one_who_is_cancelled_too_late_leaves_the_others_theirs(
    org: Emulator, crm: ZohoCRM
) -> None:
    await crm.records.count("Leads")
    org.fail_next(Fault.SLOW, method="POST", path="/Leads", seconds=0.05)
    async with crm.records.writer("Leads") as writer:
        leaves = asyncio.create_task(writer.create({"Last_Name": "a"}))
        stays = asyncio.create_task(writer.create({"Last_Name": "b"}))
        while not org.in_flight:
            await asyncio.sleep(0)
        leaves.cancel()
        assert (await stays).ok
    assert names(org) == ["a", "b"]


async def test_the_end_of_the_block_sends_all(org: Emulator, crm: ZohoCRM) -> None:
    async with crm.records.writer("Leads", seconds=60) as writer:
        tasks = [asyncio.create_task(writer.create({"Last_Name": "a"})) for _ in range(3)]
        tasks.append(asyncio.create_task(writer.upsert({"Last_Name": "b"})))
        await asyncio.sleep(0)
    assert all(task.done() and task.result().ok for task in tasks)
    assert sorted(names(org)) == ["a", "a", "a", "b"]
    with pytest.raises(errors.SchedulerClosed, match="the writer of Leads is closed"):
        await writer.create({"Last_Name": "b"})


async def test_options_hold_for_all_rows(org: Emulator, crm: ZohoCRM) -> None:
    async with crm.records.writer("Leads", trigger=["nonsense"]) as writer:
        with pytest.raises(errors.InvalidData):
            await writer.create({"Last_Name": "a"})
    assert not names(org)
