"""Slots and credits that the service refuses: the queue slows, waits, and comes back."""

import asyncio
from typing import Any

import pytest
from letters import lead, mail, sends
from queueing import NO_RETRY, meanwhile, of, until

from zohocrm_async import (
    Event,
    ForeignUse,
    LimitChanged,
    Parked,
    Resumed,
    ZohoCRM,
    exceptions as errors,
)
from zohocrm_async.emulator import Emulator, Fault


class TestSlotsRefused:
    """A call that the service has no slot for is no failure: it keeps its place and goes again."""

    async def test_a_storm_slows_all_at_once(self) -> None:
        """Every mail goes out once, and few are refused although six of ten slots are gone."""
        events: list[Event] = []
        async with (
            Emulator(concurrency=10, latency=0.002) as org,
            org.client(retry=NO_RETRY, hooks=[events.append]) as crm,
        ):
            record, message = lead(org), await mail(org, crm)
            org.occupy(6)
            results = await meanwhile(
                org, crm, *(crm.mail.send("Leads", record, message) for _ in range(120))
            )
            report = crm.credits()
        assert not [result for result in results if isinstance(result, Exception)]
        assert len(org.mails) == 120
        assert 1 <= org.refusals["concurrency"] <= 12
        assert report.heavy_slots.in_force <= 5  # a mail is a heavy call
        assert report.heavy_slots.limit == 10
        assert report.refused.concurrency == org.refusals["concurrency"]
        assert of(LimitChanged, events)
        assert report.used == org.credits_used

    async def test_the_limit_grows_back_once_the_others_have_gone(self) -> None:
        async with Emulator(concurrency=8, latency=0.002) as org, org.client() as crm:
            record = lead(org)
            await crm.organization.get()
            org.occupy(6)
            await meanwhile(org, crm, *(crm.records.get("Leads", record) for _ in range(20)))
            assert crm.credits().slots.in_force <= 3
            org.occupy(0)
            for _ in range(60):
                org.advance(1)
                await meanwhile(org, crm, *(crm.records.get("Leads", record) for _ in range(10)))
            assert crm.credits().slots.in_force == 8
            assert org.peak_in_flight == 8

    async def test_one_slot_is_enough_to_recover_from(self) -> None:
        """Even where others hold every slot for a while."""
        async with (
            Emulator(concurrency=3) as org,
            org.client(retry=NO_RETRY) as crm,
        ):
            record = lead(org)
            await crm.organization.get()
            org.occupy(3)
            task = asyncio.create_task(crm.records.get("Leads", record))
            for _ in range(20):
                await until(lambda: crm.credits().waiting == 1)
                org.advance(2)
            assert not task.done()
            assert 5 <= org.refusals["concurrency"] <= 10
            org.occupy(0)
            await meanwhile(org, crm, task)
            assert task.result().id == record

    async def test_a_refused_call_keeps_its_place(self) -> None:
        """Who came later does not go before it."""
        async with Emulator(concurrency=1, latency=0.001) as org, org.client() as crm:
            ids = [lead(org, f"{n}@example.com") for n in range(5)]
            await crm.organization.get()
            org.fail_next(Fault.TOO_MANY_CALLS, times=2)
            org.clear_calls()
            await meanwhile(org, crm, *(crm.records.get("Leads", record) for record in ids))
            served = [call.path for call in org.calls if call.status == 200]
            assert served == [f"/Leads/{record}" for record in ids]

    async def test_a_refused_heavy_call_slows_no_light_one(self) -> None:
        async with Emulator(concurrency=10, heavy_concurrency=4) as org, org.client() as crm:
            record, message = lead(org), await mail(org, crm)
            org.occupy(4, heavy=4)
            heavy = asyncio.create_task(crm.mail.send("Leads", record, message))
            await until(lambda: org.refusals["sub-concurrency"] > 0)
            await until(lambda: crm.credits().slots.in_flight == 0)
            await asyncio.gather(*(crm.records.get("Leads", record) for _ in range(30)))
            report = crm.credits()
            assert not heavy.done()
            assert report.heavy_slots.in_force == 1
            assert report.slots.in_force == 10
            org.occupy(0)
            await meanwhile(org, crm, heavy)
            assert len(org.mails) == 1

    async def test_the_pause_that_the_service_asks_for_is_kept_by_all(self) -> None:
        async with Emulator() as org, org.client() as crm:
            record = lead(org)
            await crm.organization.get()
            org.fail_next(Fault.TOO_MANY_CALLS, seconds=7)
            first = asyncio.create_task(crm.records.get("Leads", record))
            await until(lambda: org.refusals["concurrency"] == 1)
            await until(lambda: crm.credits().slots.in_flight == 0)
            second = asyncio.create_task(crm.records.get("Leads", record))
            org.advance(6)
            await until(lambda: crm.credits().waiting == 2)
            assert not (first.done())
            assert not (second.done())
            org.advance(2)
            await asyncio.gather(first, second)

    async def test_it_costs_no_credits_no_budget_and_no_attempt(self) -> None:
        async with Emulator(concurrency=2) as org, org.client(retry=NO_RETRY) as crm:
            record, message = lead(org), await mail(org, crm)
            used = org.credits_used
            org.fail_next(Fault.TOO_MANY_CALLS, times=6)
            async with crm.budget("one", credits=20) as budget:
                await meanwhile(org, crm, crm.mail.send("Leads", record, message))
            assert (budget.spent, budget.remaining) == (20, 0)
            assert crm.credits().used == org.credits_used == used + 20
            assert sends(org) == 7

    async def test_cancelled_between_two_attempts_it_leaves_nothing_behind(self) -> None:
        async with Emulator(concurrency=2) as org, org.client() as crm:
            record = lead(org)
            await crm.organization.get()
            org.occupy(2)
            task = asyncio.create_task(crm.records.get("Leads", record))
            await until(lambda: org.refusals["concurrency"] == 1)
            await until(lambda: crm.credits().slots.in_flight == 0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            report = crm.credits()
            assert (report.waiting, report.reserved, report.slots.in_flight) == (0, 0, 0)


class TestTwoClients:
    """Two processes that know nothing of each other share an organisation's slots."""

    async def test_both_get_through(self) -> None:
        """Each believes all slots to be its own, and learns better."""
        async with (
            Emulator(concurrency=6, latency=0.003) as org,
            org.client(retry=NO_RETRY) as one,
            org.client(retry=NO_RETRY) as other,
        ):
            record = lead(org)
            await asyncio.gather(one.organization.get(), other.organization.get())

            async def work(crm: ZohoCRM) -> list[Any]:
                return await meanwhile(
                    org, crm, *(crm.records.get("Leads", record) for _ in range(80))
                )

            both = await asyncio.gather(work(one), work(other))
            assert not [result for results in both for result in results
                        if isinstance(result, Exception)]  # fmt: skip
            served = sum(call.status == 200 and call.path.endswith(record) for call in org.calls)
            assert served == 160
            assert org.refusals["concurrency"] <= 40
            assert org.peak_in_flight <= 6


class TestCreditsRefused:
    """Credits that the service refuses park the calls, and hooks are told."""

    async def test_parked_and_resumed_are_told(self) -> None:
        events: list[Event] = []
        async with Emulator() as org, org.client(hooks=[events.append]) as crm:
            await crm.organization.get()
            org.fail_next(Fault.CREDITS_SPENT)
            with pytest.raises(errors.CreditsExhausted):
                await crm.organization.get()
            assert [event.seconds for event in of(Parked, events)] == [60.0]
            org.advance(minutes=2)
            await crm.organization.get()
            assert len(of(Resumed, events)) == 1

    async def test_strangers_who_spend_all_are_found_out_by_the_refusal(self) -> None:
        """A call that may wait is served once theirs have left the window."""
        async with Emulator(credits=1_000) as org, org.client() as crm:
            record, message = lead(org), await mail(org, crm)
            org.spend(org.credits_remaining - 5)
            async with crm.budget("patient", max_wait=None):
                task = asyncio.create_task(crm.mail.send("Leads", record, message))
            await until(lambda: org.refusals["credits"] == 1)
            await until(lambda: crm.credits().slots.in_flight == 0)
            assert not org.mails
            for _ in range(200):
                org.advance(minutes=10)
                for _ in range(20):
                    await asyncio.sleep(0)
                await until(lambda: crm.credits().slots.in_flight == 0)
            await asyncio.wait_for(task, 5)
            assert len(org.mails) == 1
            assert org.refusals["credits"] < 200

    async def test_what_strangers_spend_is_reported_and_told(self) -> None:
        events: list[Event] = []
        async with Emulator(credits=1_000) as org, org.client(hooks=[events.append]) as crm:
            await crm.organization.get()
            org.spend(700)
            await crm.organization.get()
            report = crm.credits()
            assert report.foreign == 700
            assert report.used == org.credits_used
            assert sum(event.credits for event in of(ForeignUse, events)) == 700
            org.advance(hours=25)
            assert crm.credits().foreign == 0
