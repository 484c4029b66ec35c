"""Batches of calls, from the client to the emulator and back."""

import asyncio
from typing import Any

import pytest

from zohocrm_async import Retry, ZohoCRM, exceptions as errors
from zohocrm_async._batching.composite import SubRequest
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.models import Outcome

MARSH = {"Last_Name": "Marsh", "Email": "marsh@example.com"}


def error_of(request: SubRequest[Any]) -> errors.ZohoCRMError:
    with pytest.raises(errors.ZohoCRMError) as caught:
        print(request.result)  # noqa: T201  # it is asked for
    return caught.value


def composite_calls(org: Emulator) -> list[tuple[int | None, int]]:
    return [(call.status, call.credits) for call in org.calls if call.operation == "composite.run"]


class TestTogether:
    """Up to five calls are one."""

    async def test_each_has_the_result_of_the_call_alone(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = org.add_records("Leads", [MARSH])
        async with crm.composite() as batch:
            created = batch.add(batch.records.create("Leads", [{"Last_Name": "Reed"}]))
            got = batch.add(batch.records.get("Leads", lead))
            listed = batch.add(batch.records.list("Leads", fields=["Email"], ids=[lead]))
            queried = batch.add(batch.coql.query("select Email from Leads where id > 0"))
            counted = batch.add(batch.records.count("Leads"))
        assert [outcome.ok for outcome in created.result] == [True]
        assert got.result == await crm.records.get("Leads", lead)
        assert [record["Email"] for record in listed.result] == ["marsh@example.com"]
        assert queried.result.items[0].id == lead
        assert counted.result == 2
        assert composite_calls(org) == [(200, 1)]

    async def test_one_refers_to_another(self, org: Emulator, crm: ZohoCRM) -> None:
        async with crm.composite() as batch:
            lead = batch.add(batch.records.create("Leads", [MARSH]))
            changed = batch.add(
                batch.records.update_one("Leads", lead.reference(), {"City": "Cork"})
            )
            read = batch.add(
                batch.records.get("Leads", changed.reference(), fields=["City", "Email"])
            )
            found = batch.add(
                batch.records.search("Leads", email=read.reference("$.data[0].Email"))
            )
        [created] = lead.result
        assert (read.result.id, read.result["City"]) == (created.id, "Cork")
        assert [record.id for record in found.result] == [created.id]

    async def test_one_that_fails_fails_alone(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = org.add_records("Leads", [MARSH])
        async with crm.composite() as batch:
            missing = batch.add(batch.records.get("Leads", "77"))
            nameless = batch.add(batch.records.create("Leads", [{"City": "Cork"}]))
            got = batch.add(batch.records.get("Leads", lead))
        failed = error_of(missing)
        assert isinstance(failed, errors.RecordNotFound)
        assert failed.operation == "records.get"
        [outcome] = nameless.result
        assert isinstance(outcome.error, errors.MandatoryNotFound)
        assert got.result.id == lead

    async def test_one_that_refers_to_nothing_fails_alone(self, crm: ZohoCRM) -> None:
        async with crm.composite() as batch:
            missing = batch.add(batch.records.get("Leads", "77"))
            wrong = batch.add(batch.records.get("Leads", missing.reference()))
            counted = batch.add(batch.records.count("Leads"))
        assert isinstance(error_of(missing), errors.RecordNotFound)
        failed = error_of(wrong)
        assert isinstance(failed, errors.APIError)
        assert failed.code == "INVALID_REFERENCE"
        assert counted.result == 0

    async def test_it_is_charged_to_the_budget_of_its_block(self, crm: ZohoCRM) -> None:
        async with crm.budget("together") as budget, crm.composite() as batch:
            batch.add(batch.records.count("Leads"))
            batch.add(batch.records.count("Contacts"))
        assert budget.spent == 1

    async def test_a_call_without_anything_to_send_is_none(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        async with crm.composite() as batch:
            nothing = batch.add(batch.records.create("Leads", []))
        assert nothing.result == ()
        async with crm.composite():
            pass
        assert composite_calls(org) == []


class TestRollback:
    """One that fails undoes the others, if that is asked for."""

    async def test_nothing_is_left(self, org: Emulator, crm: ZohoCRM) -> None:
        [lead] = org.add_records("Leads", [MARSH])
        async with crm.composite(rollback_on_fail=True) as batch:
            created = batch.add(batch.records.create("Leads", [{"Last_Name": "Reed"}]))
            changed = batch.add(batch.records.update_one("Leads", lead, {"City": "Cork"}))
            missing = batch.add(batch.records.get("Leads", "77"))
            after = batch.add(batch.records.count("Leads"))
        assert await crm.records.count("Leads") == 1
        assert (await crm.records.get("Leads", lead)).get("City") is None
        assert isinstance(error_of(missing), errors.RecordNotFound)
        for request, code in (
            (created, "ROLLBACK_PERFORMED"),
            (changed, "ROLLBACK_PERFORMED"),
            (after, "PROCESSING_STOPPED"),
        ):
            failed = error_of(request)
            assert isinstance(failed, errors.APIError)
            assert (failed.code, failed.details) == (code, {"rollbacked_by_sub_request_index": 2})
        assert composite_calls(org) == [(400, 1)]

    async def test_all_is_left_if_all_go_well(self, org: Emulator, crm: ZohoCRM) -> None:
        """That costs one credit more."""
        async with crm.composite(rollback_on_fail=True) as batch:
            lead = batch.add(batch.records.create("Leads", [MARSH]))
            read = batch.add(batch.records.get("Leads", lead.reference()))
        assert read.result["Last_Name"] == "Marsh"
        assert composite_calls(org) == [(200, 2)]

    async def test_a_lone_one_that_fails_has_its_own_error(self, crm: ZohoCRM) -> None:
        async with crm.composite(rollback_on_fail=True) as batch:
            missing = batch.add(batch.records.get("Leads", "77"))
        assert isinstance(error_of(missing), errors.RecordNotFound)

    async def test_it_is_not_for_calls_at_once(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.InvalidRequest, match="exclude each other"):
            crm.composite(rollback_on_fail=True, parallel_execution=True)


class TestWhatIsNotSent:
    """Nothing goes out if something is wrong with what is to go."""

    async def test_a_call_that_no_batch_takes(self, org: Emulator, crm: ZohoCRM) -> None:
        refused: list[SubRequest[Any]] = []

        async def collect() -> None:
            async with crm.composite() as batch:
                refused.append(batch.add(batch.records.create("Leads", [MARSH])))
                refused.append(batch.add(batch.records.delete("Leads", ["1", "2"])))

        with pytest.raises(errors.InvalidRequest, match="records one by one"):
            await collect()
        assert isinstance(error_of(refused[0]), errors.InvalidRequest)
        assert not org.state.records("Leads")

    async def test_more_rows_than_one(self, crm: ZohoCRM) -> None:
        """However many calls they would be cut into."""
        for rows in (2, 250):
            batch = crm.composite()
            with pytest.raises(errors.InvalidRequest, match="in a composite request of one"):
                async with batch:
                    batch.add(batch.records.create("Leads", [MARSH] * rows))

    async def test_a_block_that_fails(self, org: Emulator, crm: ZohoCRM) -> None:
        kept: list[SubRequest[tuple[Outcome, ...]]] = []

        async def fail() -> None:
            async with crm.composite() as batch:
                kept.append(batch.add(batch.records.create("Leads", [MARSH])))
                raise KeyError("own")

        with pytest.raises(KeyError):
            await fail()
        assert "nothing was sent" in str(error_of(kept[0]))
        assert not org.state.records("Leads")

    async def test_a_sixth_call(self, org: Emulator, crm: ZohoCRM) -> None:
        async with crm.composite() as batch:
            for _ in range(5):
                batch.add(batch.records.count("Leads"))
            with pytest.raises(errors.InvalidRequest, match="takes 5 requests"):
                batch.add(batch.records.count("Leads"))
        assert composite_calls(org) == [(200, 1)]

    async def test_a_call_that_is_awaited(self, crm: ZohoCRM) -> None:
        async with crm.composite() as batch:
            with pytest.raises(errors.InvalidRequest, match="hand it to the batch"):
                await batch.records.count("Leads")

    async def test_a_call_that_makes_several(self, crm: ZohoCRM) -> None:
        async def twice() -> None:
            await batch.records.count("Leads")
            await batch.records.count("Leads")

        async with crm.composite() as batch:
            request = batch.add(twice())
        assert "makes several calls" in str(error_of(request))

    async def test_a_call_after_the_block(self, crm: ZohoCRM) -> None:
        async with crm.composite() as batch:
            early = batch.add(batch.records.count("Leads"))
            assert "once the block" in str(error_of(early))
        with pytest.raises(errors.InvalidRequest, match="begin another"):
            batch.add(batch.records.count("Leads"))
        assert early.result == 0

    async def test_a_version_without_it(self, org: Emulator) -> None:
        async with org.client(version="v2") as crm:
            batch = crm.composite()
            with pytest.raises(errors.InvalidRequest, match="from API version v3 on"):
                async with batch:
                    batch.add(batch.organization.get())


class TestLost:
    """Answers that do not come."""

    async def test_reads_are_asked_for_again(self, org: Emulator) -> None:
        org.fail_next(Fault.CUT_AFTER, path="/__composite_requests")
        async with org.client(retry=Retry(base=0)) as crm, crm.composite() as batch:
            counted = batch.add(batch.records.count("Leads"))
        assert counted.result == 0
        assert len(composite_calls(org)) == 2

    async def test_writes_are_not(self, org: Emulator, crm: ZohoCRM) -> None:
        org.fail_next(Fault.CUT_AFTER, path="/__composite_requests")
        kept: list[SubRequest[Any]] = []

        async def send() -> None:
            async with crm.composite() as batch:
                kept.append(batch.add(batch.records.create("Leads", [MARSH])))
                kept.append(batch.add(batch.records.count("Leads")))

        with pytest.raises(errors.OutcomeUnknown, match=r"crm\.records\.list") as caught:
            await send()
        assert isinstance(caught.value.__cause__, errors.TransportError)
        assert [type(error_of(request)) for request in kept] == [errors.OutcomeUnknown] * 2
        assert len(org.state.records("Leads")) == 1

    async def test_a_block_that_is_cancelled_leaves_no_task(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        await crm.records.count("Leads")
        before = asyncio.all_tasks()
        org.fail_next(Fault.SLOW, path="/__composite_requests", seconds=30)

        kept: list[SubRequest[int]] = []

        async def slow() -> None:
            async with crm.composite() as batch:
                kept.append(batch.add(batch.records.count("Leads")))

        task = asyncio.create_task(slow())
        while not org.in_flight:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        own = {task for task in asyncio.all_tasks() - before if "SubRequest" in repr(task)}
        assert not own
        assert isinstance(error_of(kept[0]), errors.OutcomeUnknown)
