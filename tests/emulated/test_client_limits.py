"""Credits, slots and budgets of a client against an organisation, on a real socket."""

import asyncio
from datetime import timedelta

import pytest
from letters import MAIL, lead, mail
from queueing import meanwhile

from zohocrm_async import (
    Priority,
    ZohoCRM,
    exceptions as errors,
)
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.models import Organization


class TestCredits:
    """What the client books is what the service charged."""

    async def test_the_two_accounts_agree(self, org: Emulator, crm: ZohoCRM) -> None:
        record, message = lead(org), await mail(org, crm)
        await crm.mail.send("Leads", record, message)
        await crm.records.create("Leads", [{"Last_Name": f"n{n}"} for n in range(25)])
        async for _ in crm.records.list("Leads", fields=["Last_Name"]):
            pass
        with pytest.raises(errors.RecordNotFound):
            await crm.mail.send("Leads", "999", message)
        await crm.request("GET", "/settings/unsubscribe_links")
        report = crm.credits()
        assert report.used == org.credits_used
        assert (report.reserved, report.slots.in_flight) == (0, 0)
        assert report.by_operation["mail.send"].credits == 40

    async def test_a_refused_call_gives_its_credits_back(self, org: Emulator, crm: ZohoCRM) -> None:
        await crm.organization.get()
        used = crm.credits().used
        org.fail_next(Fault.TOO_MANY_CALLS, times=2)
        [found] = await meanwhile(org, crm, crm.organization.get())
        assert isinstance(found, Organization)
        assert crm.credits().used == used + 1 == org.credits_used

    async def test_a_lost_answer_is_booked_at_its_most(self, org: Emulator, crm: ZohoCRM) -> None:
        record, message = lead(org), await mail(org, crm)
        used = crm.credits().used
        org.fail_next(Fault.CUT_AFTER, path=MAIL)
        with pytest.raises(errors.OutcomeUnknown):
            await crm.mail.send("Leads", record, message)
        assert crm.credits().used == used + 20 == org.credits_used

    async def test_the_allowance_is_never_exceeded(self) -> None:
        """Calls that do not fit are refused here, not by the service."""
        async with Emulator(credits=200) as org, org.client() as crm:
            record, message = lead(org), await mail(org, crm)
            results = await asyncio.gather(
                *(crm.mail.send("Leads", record, message) for _ in range(20)),
                return_exceptions=True,
            )
        refused = [r for r in results if isinstance(r, errors.CreditsExhausted)]
        assert len(refused) == 20 - len(org.mails)
        assert len(org.mails) == (200 - 2) // 20
        assert not org.refusals["credits"]

    async def test_the_error_says_when_credits_come_back_and_then_they_do(self) -> None:
        async with Emulator(credits=30) as org, org.client() as crm:
            record, message = lead(org), await mail(org, crm)
            await crm.mail.send("Leads", record, message)
            with pytest.raises(errors.CreditsExhausted) as caught:
                await crm.mail.send("Leads", record, message)
            resumes_at = caught.value.resumes_at
            assert resumes_at is not None
            wait = (resumes_at - org.clock.now()).total_seconds()
            assert timedelta(hours=24).total_seconds() - 5 < wait <= 24 * 3600 + 61
            org.advance(wait - 62)
            with pytest.raises(errors.CreditsExhausted):
                await crm.mail.send("Leads", record, message)
            org.advance(62)
            await crm.mail.send("Leads", record, message)
            assert len(org.mails) == 2

    async def test_a_call_waits_for_credits_as_long_as_its_budget_says(self) -> None:
        async with Emulator(credits=30) as org, org.client() as crm:
            record, message = lead(org), await mail(org, crm)
            await crm.mail.send("Leads", record, message)

            async def patient() -> None:
                async with crm.budget("patient", max_wait=None):
                    await crm.mail.send("Leads", record, message)

            task = asyncio.create_task(patient())
            while not crm.credits().waiting:
                await asyncio.sleep(0)
            org.advance(hours=25)
            await task
            assert len(org.mails) == 2

    async def test_what_others_spent_is_taken_in(self) -> None:
        """The header that comes past half of the allowance tells."""
        async with Emulator(credits=100) as org, org.client() as crm, org.client() as other:
            await crm.organization.get()
            record, message = lead(org), await mail(org, other)
            for _ in range(3):
                await other.mail.send("Leads", record, message)
            await crm.organization.get()
            assert crm.credits().used == org.credits_used
            assert crm.credits().foreign > 60

    async def test_credits_that_the_service_refuses_park_the_calls(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        await crm.organization.get()
        org.fail_next(Fault.CREDITS_SPENT)
        with pytest.raises(errors.CreditsExhausted) as caught:
            await crm.organization.get()
        assert caught.value.resumes_at is not None
        with pytest.raises(errors.CreditsExhausted):
            await crm.organization.get()
        org.advance(minutes=2)
        await crm.organization.get()


class TestSlots:
    """Never more calls in flight than are granted."""

    async def test_a_crowd_stays_within_both_limits(self) -> None:
        async with (
            Emulator(concurrency=7, heavy_concurrency=3, latency=0.005) as org,
            org.client() as crm,
        ):
            record, message = lead(org), await mail(org, crm)
            await asyncio.gather(
                *(crm.mail.send("Leads", record, message) for _ in range(30)),
                *(crm.records.get("Leads", record) for _ in range(60)),
            )
        assert not any(org.refusals.values())
        assert org.peak_heavy == 3
        assert 4 <= org.peak_in_flight <= 7
        assert len(org.mails) == 30

    async def test_interactive_calls_overtake(self) -> None:
        async with Emulator(concurrency=1, latency=0.002) as org, org.client() as crm:
            record = lead(org)
            await crm.organization.get()
            order: list[str] = []

            async def call(name: str, priority: Priority) -> None:
                async with crm.budget(name, priority=priority):
                    await crm.records.get("Leads", record)
                order.append(name)

            bulk = [asyncio.create_task(call("bulk", Priority.BULK)) for _ in range(10)]
            await asyncio.sleep(0)
            person = asyncio.create_task(call("person", Priority.INTERACTIVE))
            await asyncio.gather(person, *bulk)
        assert order.index("person") <= 1

    async def test_a_cancelled_caller_leaves_nothing_behind(self) -> None:
        async with Emulator(concurrency=2, latency=0.01) as org, org.client() as crm:
            record, message = lead(org), await mail(org, crm)
            tasks = [
                asyncio.create_task(crm.mail.send("Leads", record, message)) for _ in range(10)
            ]
            while crm.credits().waiting < 8:
                await asyncio.sleep(0)
            for task in tasks[2:]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            report = crm.credits()
            assert (report.waiting, report.reserved, report.slots.in_flight) == (0, 0, 0)
            assert len(org.mails) == 2
            assert report.used == org.credits_used

    async def test_closing_refuses_what_waits(self) -> None:
        async with Emulator(concurrency=1, latency=0.05) as org:
            crm = org.client()
            record = lead(org)
            await crm.organization.get()
            tasks = [asyncio.create_task(crm.records.get("Leads", record)) for _ in range(3)]
            while crm.credits().waiting < 2:
                await asyncio.sleep(0)
            await crm.close()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert sum(isinstance(r, errors.SchedulerClosed) for r in results) >= 2
            with pytest.raises(errors.SchedulerClosed):
                await crm.organization.get()


class TestBudgets:
    """Calls awaited inside a block are charged to it, in child tasks too."""

    async def test_a_budget_is_charged_and_ends(self, org: Emulator, crm: ZohoCRM) -> None:
        record, message = lead(org), await mail(org, crm)
        async with crm.budget("newsletter", credits=50) as budget:
            async with asyncio.TaskGroup() as group:
                group.create_task(crm.mail.send("Leads", record, message))
                group.create_task(crm.mail.send("Leads", record, message))
            assert (budget.spent, budget.remaining) == (40, 10)
            with pytest.raises(errors.BudgetExceeded, match="'newsletter' has 10 left"):
                await crm.mail.send("Leads", record, message)
        await crm.mail.send("Leads", record, message)
        assert budget.spent == 40
        assert crm.credits().by_budget["newsletter"].spent == 40

    async def test_the_price_list_is_not_charged_to_the_first_who_calls(
        self, org: Emulator
    ) -> None:
        async with org.client() as crm, crm.budget("small", credits=1) as budget:
            await crm.organization.get()
            assert (budget.spent, org.credits_used) == (1, 2)
