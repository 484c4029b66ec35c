"""More than a hundred rows: cut into calls, answered in order, and nothing lost."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from zohocrm_async import ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.models import Outcome


def rows(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"Last_Name": f"n{number}", **more} for number in range(count)]


def names(org: Emulator, outcomes: Sequence[Outcome]) -> Iterator[str | None]:
    """Yield the names of the records that outcomes are about."""
    for outcome in outcomes:
        record = org.record("Leads", outcome.id or "")
        yield record["Last_Name"] if record else None


def made(org: Emulator, operation: str) -> int:
    return sum(call.operation == operation for call in org.calls)


@pytest.fixture(autouse=True)
async def known(crm: ZohoCRM) -> None:
    """Have the price list read, so that planned faults strike what they are meant for."""
    await crm.organization.get()


async def test_rows_are_answered_in_their_order(org: Emulator, crm: ZohoCRM) -> None:
    outcomes = await crm.records.create("Leads", rows(1_050))
    assert [*names(org, outcomes)] == [row["Last_Name"] for row in rows(1_050)]
    assert made(org, "records.create") == 11


async def test_calls_run_at_once() -> None:
    async with Emulator(latency=0.02) as org, org.client() as crm:
        await crm.records.create("Leads", rows(400))
        assert org.peak_heavy == 4


async def test_every_tenth_row_costs_a_credit_as_in_one_call(org: Emulator, crm: ZohoCRM) -> None:
    used = org.credits_used
    await crm.records.create("Leads", rows(250))
    assert org.credits_used - used == 25 == crm.credits().used - used


async def test_bad_rows_keep_their_places(crm: ZohoCRM) -> None:
    given = rows(305)
    for index in (0, 99, 100, 304):
        given[index] = {"Company": "no name"}
    outcomes = await crm.records.create("Leads", given)
    assert [index for index, each in enumerate(outcomes) if not each.ok] == [0, 99, 100, 304]
    assert isinstance(outcomes[304].error, errors.MandatoryNotFound)


async def test_updates_upserts_and_deletes_are_cut_too(org: Emulator, crm: ZohoCRM) -> None:
    ids = org.add_records("Leads", rows(250))
    updated = await crm.records.update("Leads", [{"id": id_, "City": "York"} for id_ in ids])
    assert [outcome.id for outcome in updated] == [*ids]
    upserted = await crm.records.upsert(
        "Leads", [{"Last_Name": "new", "Email": f"{n}@example.com"} for n in range(150)]
    )
    assert {outcome.action for outcome in upserted} == {"insert"}
    used = org.credits_used
    deleted = await crm.records.delete("Leads", ids)
    assert [outcome.id for outcome in deleted] == [*ids]
    assert org.credits_used - used == 3
    assert len(org.records("Leads")) == 150


async def test_no_rows_are_no_call(org: Emulator, crm: ZohoCRM) -> None:
    calls = len(org.calls)
    assert await crm.records.create("Leads", []) == ()
    assert await crm.records.delete("Leads", []) == ()
    assert len(org.calls) == calls


async def test_a_lost_answer_takes_nothing_from_the_others(org: Emulator, crm: ZohoCRM) -> None:
    """Its rows may have been written: their error says where to look."""
    org.fail_next(Fault.CUT_AFTER, method="POST", path="/Leads", after=1)
    outcomes = await crm.records.create("Leads", rows(300))
    lost = [index for index, outcome in enumerate(outcomes) if not outcome.ok]
    assert len(lost) == 100
    assert lost == [*range(lost[0], lost[0] + 100)]
    error = outcomes[lost[0]].error
    assert isinstance(error, errors.OutcomeUnknown)
    assert "crm.records.list" in error.look_at
    kept = [outcome for outcome in outcomes if outcome.ok]
    assert [*names(org, kept)] == [
        row["Last_Name"] for index, row in enumerate(rows(300)) if index not in lost
    ]
    assert len(org.records("Leads")) == 300


async def test_an_update_whose_answer_is_lost_is_repeated(org: Emulator, crm: ZohoCRM) -> None:
    ids = org.add_records("Leads", rows(200))
    org.fail_next(Fault.CUT_AFTER, method="PUT", path="/Leads")
    outcomes = await crm.records.update("Leads", [{"id": id_, "City": "York"} for id_ in ids])
    assert all(outcome.ok for outcome in outcomes)


async def test_rows_of_a_call_that_was_refused_have_its_error(crm: ZohoCRM) -> None:
    """A time without a zone cannot be sent; the other hundreds are."""
    import datetime as dt  # noqa: PLC0415

    given = rows(300)
    given[150]["Met_On"] = dt.datetime(2026, 1, 31)  # noqa: DTZ001  # on purpose
    outcomes = await crm.records.create("Leads", given)
    assert {index // 100 for index, each in enumerate(outcomes) if not each.ok} == {1}
    assert isinstance(outcomes[150].error, errors.InvalidRequest)


async def test_what_every_call_meets_is_raised(org: Emulator, crm: ZohoCRM) -> None:
    with pytest.raises(errors.InvalidModule):
        await crm.records.create("Nothing", rows(300))
    with pytest.raises(errors.InvalidData, match="trigger"):
        await crm.records.create("Leads", rows(300), trigger=["everything"])
    assert not org.records("Leads")


async def test_what_would_meet_all_calls_is_not_tried_again_and_again() -> None:
    """One refusal is enough: the calls after it would cost a credit each."""
    async with Emulator(concurrency=1, heavy_concurrency=1) as org, org.client() as crm:
        with pytest.raises(errors.InvalidModule):
            await crm.records.create("Nothing", rows(10_000))
        assert made(org, "records.create") <= 10


async def test_credits_that_end_midway_lose_no_outcome() -> None:
    """Rows of calls that were not sent say so."""
    async with Emulator(credits=36, concurrency=1, heavy_concurrency=1) as org:
        async with org.client() as crm:
            outcomes = await crm.records.create("Leads", rows(1_000))
        written = [outcome for outcome in outcomes if outcome.ok]
        assert len(written) == len(org.records("Leads")) == 300
        unsent = [outcome.error for outcome in outcomes if not outcome.ok]
        assert {type(error) for error in unsent} == {errors.CreditsExhausted}


async def test_a_cancelled_write_leaves_no_call_and_tells_what_it_did() -> None:
    """The outcomes so far are in the cause of the cancellation."""
    async with Emulator(concurrency=1, heavy_concurrency=1) as org, org.client() as crm:
        await crm.organization.get()
        org.fail_next(Fault.SLOW, method="POST", path="/Leads", after=2, seconds=60)
        writing = asyncio.create_task(crm.records.create("Leads", rows(3_000)))
        while len(org.records("Leads")) < 300:
            await asyncio.sleep(0.001)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError) as cancelled:
            await writing
        cause = cancelled.value.__cause__
        assert isinstance(cause, errors.WriteInterrupted)
        found = [outcome for outcome in cause.outcomes if outcome is not None]
        assert [*names(org, found[:200])] == [row["Last_Name"] for row in rows(200)]
        assert {type(outcome.error) for outcome in found[200:]} == {errors.OutcomeUnknown}
        assert cause.outcomes[2_500:] == (None,) * 500
        assert crm.credits().slots.in_flight == 0
        assert len(org.records("Leads")) == 300


async def test_a_deadline_keeps_the_outcomes() -> None:
    """asyncio.timeout passes the cause on."""
    async with Emulator(concurrency=1, heavy_concurrency=1) as org, org.client() as crm:
        await crm.organization.get()
        org.fail_next(Fault.SLOW, method="POST", path="/Leads", after=1, seconds=60)
        with pytest.raises(TimeoutError) as late:
            async with asyncio.timeout(0.2):
                await crm.records.create("Leads", rows(500))
        cause = late.value.__cause__.__cause__ if late.value.__cause__ else None
        assert isinstance(cause, errors.WriteInterrupted)
        assert sum(outcome is not None and outcome.ok for outcome in cause.outcomes) == 100


async def test_text_is_no_list_of_ids(org: Emulator, crm: ZohoCRM) -> None:
    """Nothing is cut between two characters."""
    ids = org.add_records("Leads", rows(120))
    with pytest.raises(errors.InvalidRequest, match="ids lists 120"):
        await crm.records.delete("Leads", ",".join(ids))
    assert len(org.records("Leads")) == 120


async def test_what_is_no_list_is_refused(org: Emulator, crm: ZohoCRM) -> None:
    """Before anything is sent."""
    calls = len(org.calls)
    given: Any = (row for row in rows(3))
    with pytest.raises(errors.InvalidRequest, match="give a list"):
        await crm.records.create("Leads", given)
    assert len(org.calls) == calls


async def test_all_calls_draw_on_the_budget_of_the_caller(org: Emulator, crm: ZohoCRM) -> None:
    """What it does not cover is not sent, and its rows say so."""
    async with crm.budget("import", credits=25) as budget:
        outcomes = await crm.records.create("Leads", rows(400))
    assert sum(outcome.ok for outcome in outcomes) == len(org.records("Leads")) == 200
    unsent = {type(outcome.error) for outcome in outcomes if not outcome.ok}
    assert unsent == {errors.BudgetExceeded}
    assert budget.remaining == 5
