"""The client's queue against a service that refuses, and among others who use it, too."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from attrs import evolve
from test_client import lead, mail, sends

from zohocrm_async import (
    AttemptFinished,
    Event,
    ForeignUse,
    LimitChanged,
    Parked,
    Priority,
    Resumed,
    Retry,
    RetryPlanned,
    RetryRefused,
    ZohoCRM,
    exceptions as errors,
)
from zohocrm_async.emulator import Emulator, Fault

NO_RETRY = Retry(attempts=1)


async def meanwhile(org: Emulator, crm: ZohoCRM, *work: Awaitable[Any]) -> list[Any]:
    """Do *work*; let time pass only while calls wait and none is in flight."""
    task = asyncio.gather(*work, return_exceptions=True)
    async with asyncio.timeout(20):
        while not task.done():
            await asyncio.sleep(0)
            report = crm.credits()
            if report.waiting and not report.slots.in_flight and not org.in_flight:
                org.advance(0.25)
    return task.result()


async def until(true: Callable[[], bool]) -> None:
    """Let the loop turn until something holds."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0)


def of(kind: type[Any], events: list[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


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
        async with Emulator() as org, org.client(retry=retry, hooks=[events.append]) as crm:
            await crm.organization.get()
            org.fail_next(Fault.SERVER_ERROR)

            def close(event: Event) -> None:
                if isinstance(event, RetryPlanned):
                    crm._scheduler.close()

            crm._hooks = (close, events.append)
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
