"""Composite requests beside other calls, at the limits of the service: five slots each."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest
from letters import lead
from queueing import meanwhile, until

from zohocrm_async import Priority, ZohoCRM
from zohocrm_async.emulator import Emulator

QUERY = "select Email from Leads where id > 0 limit 1"


async def batch_of(crm: ZohoCRM, record: str, *, queries: int = 0) -> None:
    """Run a composite request of a light request and so many heavy ones."""
    async with crm.composite() as batch:
        read = batch.add(batch.records.get("Leads", record))
        asked = [batch.add(batch.coql.query(QUERY)) for _ in range(queries)]
    assert read.result.id == record
    assert all(query.result.items for query in asked)


class TestSlots:
    """A composite request counts as five calls in flight."""

    @pytest.mark.parametrize("concurrency", [4, 5, 7, 12, 20])
    async def test_none_is_refused_beside_plain_calls(self, concurrency: int) -> None:
        """Whatever number of slots there is, and all of them are used."""
        async with Emulator(concurrency=concurrency, latency=0.002) as org, org.client() as crm:
            record = lead(org)
            await crm.organization.get()
            work: list[Awaitable[object]] = []
            for _ in range(12):
                work.append(batch_of(crm, record))
                work += [crm.records.get("Leads", record) for _ in range(8)]
            await meanwhile(org, crm, *work)
            assert not any(org.refusals.values())
            assert org.peak_in_flight == concurrency
            assert crm.credits().slots.peak == concurrency
            assert crm.credits().used == org.credits_used

    async def test_it_takes_five_however_few_are_in_it(self) -> None:
        async with Emulator(concurrency=9, latency=0.05) as org, org.client() as crm:
            record = lead(org)
            await crm.organization.get()
            both = [asyncio.create_task(batch_of(crm, record)) for _ in range(2)]
            await until(lambda: org.in_flight > 0)
            slots, heavy = crm.credits().slots, crm.credits().heavy_slots
            assert (slots.in_flight, heavy.in_flight, org.in_flight) == (5, 1, 5)
            assert crm.credits().waiting == 1
            await asyncio.gather(*both)
            assert (org.peak_in_flight, org.peak_heavy) == (5, 1)

    async def test_heavy_requests_take_heavy_slots_of_their_own(self) -> None:
        """Beside that of the whole: four queries are five, and two such wait for each other."""
        async with Emulator(concurrency=25, latency=0.01) as org, org.client() as crm:
            record = lead(org)
            await crm.organization.get()
            many = [batch_of(crm, record, queries=4) for _ in range(6)]
            await asyncio.gather(*many, *(crm.coql.query(QUERY) for _ in range(20)))
            assert not any(org.refusals.values())
            assert org.peak_heavy == 10

    async def test_people_do_not_wait_for_batches(self) -> None:
        """A call of INTERACTIVE priority takes a slot that is kept for a batch."""
        async with Emulator(concurrency=6, latency=0.15) as org, org.client() as crm:
            record = lead(org)
            await crm.organization.get()
            tasks = [asyncio.create_task(crm.records.get("Leads", record)) for _ in range(4)]
            await until(lambda: org.in_flight == 4)
            batch = asyncio.create_task(batch_of(crm, record))
            await until(lambda: crm.credits().waiting == 1)
            later = asyncio.create_task(crm.records.get("Leads", record))
            await until(lambda: crm.credits().waiting == 2)
            async with crm.budget("people", priority=Priority.INTERACTIVE):
                await crm.records.get("Leads", record)
            await asyncio.gather(*tasks, batch, later)
            # The batch and the last call fit in together, in whichever order they arrive.
            assert "composite.run" in [call.operation for call in org.calls][-2:]

    async def test_where_others_hold_slots_it_goes_once_there_are_five(self) -> None:
        """Nothing else waits for it meanwhile, and it fails nobody."""
        async with Emulator(concurrency=10, latency=0.002) as org, org.client() as crm:
            record = lead(org)
            await crm.organization.get()
            org.occupy(7)
            batch = asyncio.create_task(batch_of(crm, record))
            await until(lambda: org.refusals["concurrency"] > 0)
            await asyncio.gather(*(crm.records.get("Leads", record) for _ in range(3)))
            assert not batch.done()
            org.occupy(0)
            await meanwhile(org, crm, batch)
            assert crm.credits().slots.in_flight == 0


class TestAsked:
    """What is told of them."""

    async def test_requests_as_they_are_given_count_as_well(self) -> None:
        """Those of `run`, and of a raw request; who refers to nothing known counts for nothing."""
        async with Emulator(concurrency=9, latency=0.05) as org, org.client() as crm:
            record = lead(org)
            await crm.organization.get()
            body: list[dict[str, Any]] = [
                {"method": "GET", "uri": f"/crm/v7/Leads/{record}"},
                {"method": "POST", "uri": "/crm/v7/coql", "body": {"select_query": QUERY}},
                {"method": "GET", "uri": "/crm/v7/Leads?sort_by=id&fields=id"},
            ]
            calls = (
                crm.composite.run(body),
                crm.request("POST", "/__composite_requests", body={"__composite_requests": body}),
            )
            for call in calls:
                task = asyncio.ensure_future(call)
                await until(lambda: org.in_flight > 0)
                report = crm.credits()
                assert (report.slots.in_flight, report.heavy_slots.in_flight) == (5, 3)
                await task
            assert org.peak_heavy == 3

    async def test_a_forecast_reckons_with_five(self) -> None:
        async with Emulator(concurrency=12) as org, org.client() as crm:
            await crm.organization.get()
            path = "/__composite_requests"
            plan = await crm.forecast(6, "POST", path, seconds_per_call=10.0)
            assert plan.ends_at is not None
            now = crm.clock.now()
            assert round((plan.ends_at - now).total_seconds()) == 30
            assert org.calls
