"""The client's queue end to end: retries, deadlines, budgets, the mails of a day, the end."""

import asyncio
import itertools

import pytest
from attrs import evolve
from letters import lead, mail, sends
from queueing import meanwhile, of, until

from zohocrm_async import (
    AttemptFinished,
    Event,
    Priority,
    Retry,
    RetryPlanned,
    RetryRefused,
    exceptions as errors,
)
from zohocrm_async.emulator import Emulator, Fault


class TestRetries:
    """Retries are few while the service fails for everybody."""

    async def test_they_end_when_the_budget_is_spent(self) -> None:
        events: list[Event] = []
        retry = Retry(attempts=10, base=0.0, ceiling=0.0, budget=20)
        async with Emulator() as org, org.client(retry=retry, hooks=[events.append]) as crm:
            await crm.organization.get()
            org.clear_calls()
            org.fail_next(Fault.SERVER_ERROR, times=1_000)
            results = await asyncio.gather(
                *(crm.organization.get() for _ in range(10)), return_exceptions=True
            )
            assert all(isinstance(result, errors.ServerError) for result in results)
            assert len(org.calls) == 10 + 20 // 5
            assert len(of(RetryRefused, events)) == 10
            org.clear_faults()
            for _ in range(5):
                await crm.organization.get()
            org.fail_next(Fault.SERVER_ERROR)
            await crm.organization.get()

    async def test_a_retry_that_does_not_get_to_go_cost_nothing(self) -> None:
        """Hooks are told what each attempt cost, and not what the one before did."""
        events: list[Event] = []
        retry = Retry(attempts=2, base=1e-9)

        def close(event: Event) -> None:
            if isinstance(event, RetryPlanned):
                crm._scheduler.close()

        async with Emulator() as org, org.client(retry=retry, hooks=[close, events.append]) as crm:
            await crm.organization.get()
            org.fail_next(Fault.SERVER_ERROR)
            with pytest.raises(errors.SchedulerClosed):
                await crm.organization.get()
        failed, refused = of(AttemptFinished, events)[-2:]
        assert (failed.status, failed.credits) == (500, 1)
        assert (refused.status, refused.credits) == (None, 0)


class TestDeadline:
    """A call that cannot start by its deadline is refused as soon as that is known."""

    async def test_credits_that_come_too_late(self) -> None:
        """Although the caller would wait for them without end."""
        async with Emulator(credits=30) as org, org.client() as crm:
            record, message = lead(org), await mail(org, crm)
            await crm.mail.send("Leads", record, message)
            before = org.clock.monotonic()
            async with crm.budget("soon", deadline=3_600, max_wait=None):
                with pytest.raises(errors.DeadlineExceeded) as caught:
                    await crm.mail.send("Leads", record, message)
            assert org.clock.monotonic() - before < 10
            assert caught.value.resumes_at is not None
            assert caught.value.resumes_at > caught.value.deadline
            assert caught.value.operation == "mail.send"

    async def test_a_slot_that_does_not_come_free(self) -> None:
        async with Emulator(concurrency=1) as org, org.client() as crm:
            record = lead(org)
            await crm.organization.get()
            org.fail_next(Fault.SLOW, path=record, seconds=30)
            slow = asyncio.create_task(crm.records.get("Leads", record))
            await until(lambda: org.in_flight == 1)
            async with crm.budget("soon", deadline=5):
                waiting = asyncio.create_task(crm.organization.get())
            await until(lambda: crm.credits().waiting == 1)
            org.advance(4)
            assert crm.credits().waiting == 1
            org.advance(2)
            with pytest.raises(errors.DeadlineExceeded):
                await waiting
            slow.cancel()
            await asyncio.gather(slow, return_exceptions=True)

    async def test_a_retry_that_would_begin_too_late(self) -> None:
        """It is not waited for, and the error says what had failed."""
        retry = Retry(attempts=5, base=1e9, ceiling=1e9)
        async with Emulator() as org, org.client(retry=retry) as crm:
            await crm.organization.get()
            org.fail_next(Fault.SERVER_ERROR)
            async with crm.budget("soon", deadline=1):
                with pytest.raises(errors.DeadlineExceeded) as caught:
                    await crm.organization.get()
            assert isinstance(caught.value.__cause__, errors.ServerError)
            assert crm.credits().reserved == 0


class TestBudgetsWhileTheyRun:
    """A budget is paused, resumed, raised and paced while its calls wait."""

    async def test_a_paused_budget_holds_up_nobody_else(self) -> None:
        async with Emulator(concurrency=2, latency=0.001) as org, org.client() as crm:
            record, message = lead(org), await mail(org, crm)
            async with crm.budget("newsletter", priority=Priority.BULK) as budget:
                budget.pause()
                mails = [
                    asyncio.create_task(crm.mail.send("Leads", record, message)) for _ in range(5)
                ]
            await until(lambda: crm.credits().waiting == 5)
            await asyncio.gather(*(crm.records.get("Leads", record) for _ in range(10)))
            assert not org.mails
            budget.resume()
            await asyncio.gather(*mails)
            assert len(org.mails) == 5

    async def test_a_spent_budget_waits_for_more_if_it_is_told_to(self) -> None:
        async with Emulator() as org, org.client() as crm:
            record, message = lead(org), await mail(org, crm)
            async with crm.budget("newsletter", credits=20, when_spent="wait") as budget:
                mails = [
                    asyncio.create_task(crm.mail.send("Leads", record, message)) for _ in range(3)
                ]
                await until(lambda: len(org.mails) == 1)
                await until(lambda: crm.credits().slots.in_flight == 0)
                assert crm.credits().waiting == 2
                budget.credits = 60
                await asyncio.gather(*mails)
            assert budget.spent == 60

    async def test_a_pace_spreads_the_credits_over_its_time(self) -> None:
        async with Emulator() as org, org.client() as crm:
            record, message = lead(org), await mail(org, crm)
            async with crm.budget("slow", credits=100, pace=500, max_wait=None):
                tasks = [
                    asyncio.create_task(crm.mail.send("Leads", record, message)) for _ in range(5)
                ]
                times = []
                for done in range(1, 6):
                    while len(org.mails) < done:
                        for _ in range(30):
                            await asyncio.sleep(0)
                        if not crm.credits().slots.in_flight:
                            org.advance(1)
                    times.append(org.clock.monotonic())
                await asyncio.gather(*tasks)
            assert all(80 <= b - a <= 120 for a, b in itertools.pairwise(times))

    async def test_no_more_calls_at_once_than_the_budget_says(self) -> None:
        async with Emulator(concurrency=10, latency=0.002) as org, org.client() as crm:
            record = lead(org)
            await crm.organization.get()
            async with crm.budget("narrow", concurrency=2):
                await asyncio.gather(*(crm.records.get("Leads", record) for _ in range(12)))
            assert org.peak_in_flight == 2


class TestMailsOfTheDay:
    """Mails are counted by the organisation's calendar day."""

    async def test_the_cap_is_kept_without_asking_the_service(self) -> None:
        async with Emulator() as org:
            limits = evolve(org.limits, daily_mails=3, time_zone="Asia/Kolkata")
            async with org.client(limits=limits) as crm:
                record, message = lead(org), await mail(org, crm)
                for _ in range(3):
                    await crm.mail.send("Leads", record, message)
                with pytest.raises(errors.WindowExhausted) as caught:
                    await crm.mail.send("Leads", record, message)
                assert (caught.value.window, caught.value.limit) == ("mails", 3)
                assert sends(org) == 3
                wait = (caught.value.resumes_at - org.clock.now()).total_seconds()
                assert 0 < wait <= 86_400
                assert caught.value.resumes_at.astimezone().utctimetuple()[3:5] == (18, 30)
                org.advance(wait + 1)
                await crm.mail.send("Leads", record, message)
            assert len(org.mails) == 4

    async def test_the_services_word_fills_the_day(self) -> None:
        """One mail is refused; the others are not even tried until midnight."""
        async with Emulator(mail_cap=2) as org, org.client() as crm:
            record, message = lead(org), await mail(org, crm)
            for _ in range(2):
                await crm.mail.send("Leads", record, message)
            with pytest.raises(errors.MailLimitExceeded):
                await crm.mail.send("Leads", record, message)
            with pytest.raises(errors.WindowExhausted) as caught:
                await crm.mail.send("Leads", record, message)
            assert sends(org) == 3
            await crm.organization.get()
            org.advance((caught.value.resumes_at - org.clock.now()).total_seconds() + 1)
            await crm.mail.send("Leads", record, message)

    async def test_a_refused_mail_is_none_of_the_days(self) -> None:
        async with Emulator() as org:
            limits = evolve(org.limits, daily_mails=1)
            async with org.client(limits=limits) as crm:
                record, message = lead(org), await mail(org, crm)
                with pytest.raises(errors.RecordNotFound):
                    await crm.mail.send("Leads", "999", message)
                await crm.mail.send("Leads", record, message)
                with pytest.raises(errors.WindowExhausted):
                    await crm.mail.send("Leads", record, message)

    async def test_the_organisation_tells_its_cap_and_its_zone(self) -> None:
        async with (
            Emulator(users=3, time_zone="America/New_York") as org,
            org.client(limits=None) as crm,
        ):
            await crm.organization.get()
            limits = crm._scheduler.limits
            assert (limits.daily_mails, limits.time_zone) == (900, "America/New_York")

    async def test_a_zone_that_nobody_knows_is_told_once(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with Emulator() as org, org.client(limits=None) as crm:
            org.state.time_zone = "Mars/Olympus"
            await crm.organization.get()
            assert crm._scheduler.limits.time_zone == "UTC"
            assert "Mars/Olympus" in caplog.text


class TestTheEnd:
    """A client ends at once, or when all its calls have."""

    async def test_drain_lets_all_calls_end_and_takes_no_more(self) -> None:
        async with Emulator(concurrency=2, latency=0.002) as org, org.client() as crm:
            record, message = lead(org), await mail(org, crm)
            mails = [asyncio.create_task(crm.mail.send("Leads", record, message)) for _ in range(9)]
            await until(lambda: crm.credits().waiting == 7)
            draining = asyncio.create_task(crm.drain())
            await asyncio.sleep(0)
            with pytest.raises(errors.SchedulerClosed):
                await crm.organization.get()
            await draining
            assert all(task.done() for task in mails)
            assert len(org.mails) == 9
            await asyncio.gather(*mails)
            report = crm.credits()
            assert (report.waiting, report.reserved, report.slots.in_flight) == (0, 0, 0)

    async def test_a_call_that_the_service_refuses_is_drained_too(self) -> None:
        """It was there before."""
        async with Emulator(concurrency=1) as org, org.client() as crm:
            record = lead(org)
            await crm.organization.get()
            org.fail_next(Fault.TOO_MANY_CALLS, times=2)
            task = asyncio.create_task(crm.records.get("Leads", record))
            await until(lambda: org.refusals["concurrency"] == 1)
            await meanwhile(org, crm, crm.drain())
            assert (await task).id == record

    async def test_a_call_between_two_attempts_is_drained_too(self) -> None:
        """It neither waits nor is in flight, and yet it is not done."""
        retry = Retry(attempts=2, base=1e9, ceiling=1e9)
        async with Emulator() as org, org.client(retry=retry) as crm:
            await crm.organization.get()
            org.fail_next(Fault.SERVER_ERROR)
            task = asyncio.create_task(crm.organization.get())
            await until(lambda: crm.credits().used > org.credits_used)
            draining = asyncio.create_task(crm.drain())
            for _ in range(30):
                await asyncio.sleep(0)
            assert not draining.done()
            org.advance(1e9)
            await asyncio.wait_for(draining, 5)
            assert (await task).id

    async def test_more_waiters_than_allowed_are_refused(self) -> None:
        async with Emulator(concurrency=1, latency=0.002) as org:
            limits = evolve(org.limits, max_waiting=3)
            async with org.client(limits=limits) as crm:
                await crm.organization.get()
                results = await asyncio.gather(
                    *(crm.organization.get() for _ in range(8)), return_exceptions=True
                )
        assert sum(isinstance(result, errors.QueueFull) for result in results) == 4
