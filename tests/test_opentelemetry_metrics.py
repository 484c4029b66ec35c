"""Metrics of real calls, and the waits of their spans, as an exporter gets them."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
import telemetry
from telemetry import MAIL, Seen, by, client, facts, letter

from zohocrm_async import Limits, Priority, Retry
from zohocrm_async.emulator import Emulator, Fault

seen = telemetry.seen


class TestWaits:
    """What a call waited for, by reason."""

    async def test_slots(self, org: Emulator, seen: Seen) -> None:
        async with client(org, seen, limits=Limits(concurrency=1)) as crm:
            org.fail_next(Fault.SLOW, seconds=0.05)
            await asyncio.gather(crm.organization.get(), crm.organization.get())
        first, second = (facts(span) for span in seen.spans())
        assert first["zohocrm.waited.total"] == 0
        assert second["zohocrm.waited.slots"] == second["zohocrm.waited.total"]
        assert 0.02 < second["zohocrm.waited.slots"] < 5
        waits = by(seen.metric("zohocrm.call.wait"), "zohocrm.wait.reason")
        assert waits["slots"].count == 1

    async def test_credits(self, seen: Seen) -> None:
        """A day, by the clock."""
        limits = Limits(credits=30, max_wait=None)
        async with Emulator(credits=30) as org, client(org, seen, limits=limits) as crm:
            lead, message = await letter(org, crm)
            await crm.mail.send("Leads", lead, message)
            task = asyncio.create_task(crm.mail.send("Leads", lead, message))
            while not crm.credits().waiting:
                await asyncio.sleep(0)
            assert by(seen.metric("zohocrm.queue.waiting"), "zohocrm.priority") == {
                "interactive": 0, "normal": 1, "bulk": 0,
            }  # fmt: skip
            org.advance(hours=24, minutes=2)
            await task
        found = facts(seen.last())
        assert found["zohocrm.waited.credits"] > 86_000

    async def test_a_budget(self, org: Emulator, seen: Seen) -> None:
        async with client(org, seen) as crm, crm.budget("narrow", concurrency=1):
            org.fail_next(Fault.SLOW, seconds=0.05)
            await asyncio.gather(crm.organization.get(), crm.organization.get())
        assert facts(seen.last())["zohocrm.waited.budget"] > 0.02

    async def test_a_rate(self, org: Emulator, seen: Seen) -> None:
        async with client(org, seen) as crm, crm.budget("slow", rate=50):
            await asyncio.gather(*(crm.organization.get() for _ in range(4)))
        waited = [facts(span).get("zohocrm.waited.pace", 0) for span in seen.spans()]
        assert max(waited) > 0.02

    async def test_a_pause_between_attempts(self, org: Emulator, seen: Seen) -> None:
        retry = Retry(attempts=20, base=0.01, ceiling=0.01, budget=1_000)
        async with client(org, seen, retry=retry) as crm:
            org.fail_next(Fault.SERVER_ERROR, times=10)
            await crm.organization.get()
        assert facts(seen.last())["zohocrm.waited.retry"] > 0.005

    async def test_a_token(self, org: Emulator, seen: Seen) -> None:
        async with client(org, seen) as crm:
            org.expire_tokens()
            org.fail_next(Fault.SLOW, path="/oauth/v2/token", seconds=0.05)
            await crm.organization.get()
        span = seen.last()
        assert facts(span)["zohocrm.waited.token"] > 0.02
        assert facts(span)["zohocrm.attempts"] == 2


class TestMetrics:
    """What is counted, and what is observed."""

    async def test_the_account(self, org: Emulator, seen: Seen) -> None:
        async with client(org, seen, limits=Limits(credits=1_000, concurrency=3)) as crm:
            lead, message = await letter(org, crm)
            org.fail_next(Fault.SLOW, path=MAIL, seconds=0.05)
            async with crm.budget("people", priority=Priority.INTERACTIVE):
                task = asyncio.create_task(crm.mail.send("Leads", lead, message))
            while not org.in_flight:
                await asyncio.sleep(0)
            state = by(seen.metric("zohocrm.credits.usage"), "zohocrm.credits.state")
            report = crm.credits()
            assert state == {"used": report.used, "reserved": 20, "free": report.remaining}
            assert by(seen.metric("zohocrm.slots.usage"), "zohocrm.slots.pool") == {
                "all": 1, "heavy": 1,
            }  # fmt: skip
            limit = by(seen.metric("zohocrm.slots.limit"), "zohocrm.slots.pool")
            assert limit["all"] == 3
            await task

    async def test_a_closed_client_is_observed_no_more(self, org: Emulator, seen: Seen) -> None:
        async with client(org, seen):
            assert seen.metric("zohocrm.slots.usage")
        assert not seen.metric("zohocrm.slots.usage")

    async def test_another_thread_collects(self, org: Emulator, seen: Seen) -> None:
        """The account is read in the loop that it belongs to."""
        async with client(org, seen):
            found = await asyncio.to_thread(seen.metric, "zohocrm.credits.usage")
        assert by(found, "zohocrm.organisation").keys() == {"acme"}

    async def test_a_loop_that_is_busy_is_not_waited_for(
        self, org: Emulator, seen: Seen, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nor does the thread that collects hang where the loop waits for it."""
        monkeypatch.setattr("zohocrm_async.opentelemetry._PATIENCE", 0.01)
        async with client(org, seen):
            with ThreadPoolExecutor(1) as thread:
                assert not thread.submit(seen.metric, "zohocrm.credits.usage").result()

    async def test_two_organisations(self, seen: Seen) -> None:
        """One telemetry serves them all."""
        async with (
            Emulator() as one,
            Emulator() as other,
            one.client(hooks=[seen.telemetry.organisation("one")]) as first,
            other.client(hooks=[seen.telemetry.organisation("other")]) as second,
        ):
            await first.organization.get()
            await second.organization.get()
            spent = seen.metric("zohocrm.credits.spent")
            observed = seen.metric("zohocrm.credits.usage")
        assert by(spent, "zohocrm.organisation").keys() == {"one", "other"}
        assert by(observed, "zohocrm.organisation").keys() == {"one", "other"}

    async def test_what_requests_take(self, org: Emulator, seen: Seen) -> None:
        """Each attempt on the wire counts, the one without answer as well."""
        async with client(org, seen) as crm:
            org.fail_next(Fault.CUT_BEFORE)
            await crm.organization.get()
        found = seen.metric("http.client.request.duration")
        found = {
            attributes: point
            for attributes, point in found.items()
            if ("url.template", "/crm/v7/org") in attributes
        }
        counts = {
            (dict(at).get("error.type"), dict(at).get("http.response.status_code")): point.count
            for at, point in found.items()
        }
        assert counts == {(None, 200): 2, ("ConnectionFailed", None): 1}
        assert all(0 < point.sum < 5 for point in found.values())

    async def test_credits_that_were_spent(self, org: Emulator, seen: Seen) -> None:
        async with client(org, seen) as crm:
            lead, message = await letter(org, crm)
            await crm.mail.send("Leads", lead, message)
        spent = by(seen.metric("zohocrm.credits.spent"), "zohocrm.operation")
        assert spent["mail.send"] == 20
        assert sum(spent.values()) == org.credits_used
