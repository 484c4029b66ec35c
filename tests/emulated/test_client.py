"""The client against an organisation: what it promises holds on a real socket."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from zohocrm_async import (
    AttemptFinished,
    CallFinished,
    CallStarted,
    DataCenter,
    Event,
    Limits,
    Priority,
    RefreshToken,
    Retry,
    RetryPlanned,
    SessionPool,
    ZohoCRM,
    exceptions as errors,
)
from zohocrm_async._wire import Answer, Request
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.models import Address, Mail

MAIL = "/actions/send_mail"
QUICK = Retry(attempts=4, base=0.001, ceiling=0.002)


@pytest.fixture
async def crm(org: Emulator) -> AsyncIterator[ZohoCRM]:
    async with org.client(retry=QUICK) as crm:
        yield crm


def lead(org: Emulator, email: str = "jason@example.com") -> str:
    return org.add_records("Leads", [{"Last_Name": "Smith", "Email": email}])[0]


async def mail(org: Emulator, crm: ZohoCRM, to: str = "jason@example.com", **keys: Any) -> Mail:
    sender = (await crm.mail.from_addresses())[0].email
    given = {"subject": "Hello", "content": "<p>Hello</p>", **keys}
    return Mail(from_=Address(sender), to=[Address(to)], **given)


def sends(org: Emulator) -> int:
    return sum(1 for call in org.calls if call.path.endswith(MAIL))


class TestOnce:
    """A call that must not be repeated is sent at most once."""

    @pytest.mark.parametrize(
        "fault", [Fault.CUT_AFTER, Fault.HTML, Fault.TRUNCATED], ids=lambda fault: fault.name
    )
    async def test_a_mail_whose_answer_is_lost_is_an_unknown_outcome(
        self, org: Emulator, crm: ZohoCRM, fault: Fault
    ) -> None:
        """It went out once, and the error says where to look."""
        record, message = lead(org), await mail(org, crm)
        org.fail_next(fault, path=MAIL)
        with pytest.raises(errors.OutcomeUnknown, match=r"crm\.mail\.list"):
            await crm.mail.send("Leads", record, message)
        assert len(org.mails) == 1
        assert sends(org) == 1

    @pytest.mark.parametrize("fault", [Fault.CUT_BEFORE, Fault.SERVER_ERROR, Fault.BAD_GATEWAY])
    async def test_a_mail_that_may_have_been_sent_is_not_sent_again(
        self, org: Emulator, crm: ZohoCRM, fault: Fault
    ) -> None:
        """Nobody can know that nothing was done."""
        record, message = lead(org), await mail(org, crm)
        org.fail_next(fault, path=MAIL)
        with pytest.raises(errors.OutcomeUnknown):
            await crm.mail.send("Leads", record, message)
        assert not org.mails

    @pytest.mark.parametrize("fault", [Fault.TOO_MANY_CALLS, Fault.TOKEN_REVOKED])
    async def test_a_mail_that_surely_was_not_sent_is_sent_again(
        self, org: Emulator, crm: ZohoCRM, fault: Fault
    ) -> None:
        """A refusal before any work is no reason to give up."""
        record, message = lead(org), await mail(org, crm)
        org.fail_next(fault, path=MAIL)
        sent = await crm.mail.send("Leads", record, message)
        assert [m.message_id for m in org.mails] == [sent.message_id]

    @pytest.mark.parametrize(
        "fault",
        [fault for fault in Fault if fault not in {Fault.CREDITS_SPENT, Fault.SLOW}],
        ids=lambda fault: fault.name,
    )
    async def test_a_call_that_may_be_repeated_survives_every_fault(
        self, org: Emulator, crm: ZohoCRM, fault: Fault
    ) -> None:
        """A read comes through whatever happened the first time."""
        record = lead(org)
        await crm.organization.get()
        org.fail_next(fault, path=f"/Leads/{record}")
        assert (await crm.records.get("Leads", record)).id == record


class TestTokens:
    """One token for all, renewed once."""

    async def test_many_calls_share_one_token(self, org: Emulator, crm: ZohoCRM) -> None:
        await asyncio.gather(*(crm.organization.get() for _ in range(30)))
        assert org.tokens_minted == 1

    async def test_an_expired_token_is_renewed_once_for_all(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        await crm.organization.get()
        org.advance(hours=2)
        await asyncio.gather(*(crm.organization.get() for _ in range(30)))
        assert org.tokens_minted == 2

    async def test_a_revoked_token_is_renewed_once_for_all(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        await crm.organization.get()
        org.fail_next(Fault.TOKEN_REVOKED)
        await asyncio.gather(*(crm.organization.get() for _ in range(10)))
        assert org.tokens_minted == 2

    async def test_clients_may_share_connections(self, org: Emulator) -> None:
        async with (
            SessionPool() as sessions,
            org.client(sessions=sessions) as one,
            org.client(sessions=sessions) as other,
        ):
            for crm in (one, other, one, other):
                await crm.organization.get()
        assert org.connections == 1

    async def test_wrong_credentials_are_told_with_a_way_out(self, org: Emulator) -> None:
        wrong = RefreshToken(client_id="x", client_secret="hidden-1", refresh_token="hidden-2")
        async with ZohoCRM(wrong, data_center=org.data_center) as crm:
            with pytest.raises(errors.InvalidCredentials) as caught:
                await crm.organization.get()
        assert "hidden" not in str(caught.value) + repr(caught.value) + repr(wrong)

    async def test_an_unreachable_host_is_named(self) -> None:
        nowhere = DataCenter("gone", *["http://127.0.0.1:9"] * 3)
        wrong = RefreshToken(client_id="x", client_secret="y", refresh_token="z")
        async with ZohoCRM(wrong, data_center=nowhere, retry=Retry(attempts=1)) as crm:
            with pytest.raises(errors.ConnectionFailed, match=r"127\.0\.0\.1") as caught:
                await crm.organization.get()
        assert not caught.value.sent

    async def test_no_secret_is_logged(
        self, org: Emulator, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        org.fail_next(Fault.TOKEN_REVOKED)
        async with org.client(retry=QUICK) as crm:
            await crm.organization.get()
        secrets = {value for key, value in org.env.items() if "SECRET" in key or "TOKEN" in key}
        assert secrets
        assert not [secret for secret in secrets if secret in caplog.text]
        assert "Zoho-oauthtoken" not in caplog.text


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
        await crm.organization.get()
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


class TestFacts:
    """The organisation tells its own prices and limits."""

    async def test_prices_are_read_once_for_all(self, org: Emulator, crm: ZohoCRM) -> None:
        await asyncio.gather(*(crm.organization.get() for _ in range(20)))
        assert sum(1 for call in org.calls if call.path == "/__apis") == 1
        org.advance(hours=25)
        await crm.organization.get()
        assert sum(1 for call in org.calls if call.path == "/__apis") == 2

    async def test_limits_come_from_the_organisation_where_none_are_given(
        self, org: Emulator
    ) -> None:
        async with org.client(limits=None) as crm:
            await crm.organization.get()
            report = crm.credits()
        assert report.allowance == org.limits.credits
        assert report.slots.limit == org.limits.concurrency

    async def test_the_environment_adds_to_what_the_organisation_says(self, org: Emulator) -> None:
        env = {**org.env, "ZOHO_CONCURRENCY": "3"}
        async with ZohoCRM.from_env(env, clock=org.clock) as crm:
            await crm.organization.get()
            report = crm.credits()
        assert (report.allowance, report.slots.limit) == (org.limits.credits, 3)

    async def test_without_the_price_list_the_published_prices_serve(
        self, org: Emulator, caplog: pytest.LogCaptureFixture
    ) -> None:
        """With a warning once, and not for long."""
        scopes = ["ZohoCRM.modules.ALL", "ZohoCRM.send_mail.all.CREATE", "ZohoCRM.settings.ALL"]
        credentials = org.credentials_with(scopes=scopes)
        async with ZohoCRM(
            credentials, data_center=org.data_center, limits=org.limits, clock=org.clock
        ) as crm:
            record, message = lead(org), await mail(org, crm)
            await crm.mail.send("Leads", record, message)
            assert crm.credits().by_operation["mail.send"].credits == 20
        warnings = [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]
        assert len(warnings) == 1
        assert "apis.list could not be read" in warnings[0]


class TestHooks:
    """Hooks see what happens to a call and what it cost."""

    async def test_an_attempt_a_retry_and_another_attempt(self, org: Emulator) -> None:
        events: list[Event] = []
        async with org.client(retry=QUICK, hooks=[events.append]) as crm:
            await crm.organization.get()
            events.clear()
            org.fail_next(Fault.SERVER_ERROR)
            await crm.organization.get()
        begun, first, retry, second, done, _ = events  # and the client was closed
        assert isinstance(begun, CallStarted)
        assert isinstance(first, AttemptFinished)
        assert (first.attempt, first.status, type(first.error)) == (1, 500, errors.ServerError)
        assert isinstance(retry, RetryPlanned)
        assert isinstance(second, AttemptFinished)
        assert (second.attempt, second.status, second.credits, second.error) == (2, 200, 1, None)
        assert isinstance(done, CallFinished)
        assert (done.attempts, done.status, done.credits, done.error) == (2, 200, 2, None)
        assert {begun.call} == {first.call, retry.call, second.call, done.call}

    async def test_a_cancelled_call_that_was_sent_is_told_at_its_most(self, org: Emulator) -> None:
        events: list[Event] = []
        async with org.client(hooks=[events.append]) as crm:
            record, message = lead(org), await mail(org, crm)
            org.fail_next(Fault.SLOW, path=MAIL, seconds=5)
            task = asyncio.create_task(crm.mail.send("Leads", record, message))
            while not org.mails:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            last, done = events[-2:]
            assert isinstance(last, AttemptFinished)
            assert (last.status, last.credits, last.error) == (None, 20, None)
            assert isinstance(done, CallFinished)
            assert (done.attempts, done.credits) == (1, 20)
            assert isinstance(done.error, asyncio.CancelledError)
            assert crm.credits().used == org.credits_used


class TestRequest:
    """Any path can be called."""

    async def test_a_path_without_declaration(self, org: Emulator, crm: ZohoCRM) -> None:
        record = lead(org)
        body = await crm.request("GET", f"/Leads/{record}", query={"fields": ["Last_Name"]})
        assert body["data"][0]["Last_Name"] == "Smith"

    async def test_an_unknown_path_is_told(self, crm: ZohoCRM) -> None:
        with pytest.raises(errors.InvalidURL):
            await crm.request("GET", "/settings/no_such_thing")

    async def test_an_empty_answer_is_none(self, crm: ZohoCRM) -> None:
        assert await crm.request("GET", "/Leads", query={"fields": "Last_Name"}) is None

    async def test_only_items_of_a_write_may_fail_alone(self, org: Emulator, crm: ZohoCRM) -> None:
        with pytest.raises(errors.MandatoryNotFound):
            await crm.request("POST", "/Leads", body={"data": [{"Company": "no last name"}]})


@pytest.mark.parametrize(
    "wrong",
    [
        lambda org: ZohoCRM(org.credentials, version="7"),
        lambda org: ZohoCRM(org.credentials, version="v1"),
        lambda org: RefreshToken(client_id="", client_secret="x", refresh_token="y"),
        lambda org: Limits(concurrency=0),
        lambda org: DataCenter.named("mars"),
    ],
)
async def test_wrong_settings_are_refused_at_once(
    org: Emulator, wrong: Callable[[Emulator], object]
) -> None:
    """Before anything is opened."""
    with pytest.raises((errors.ConfigurationError, ValueError)):
        wrong(org)


async def test_a_good_answer_of_another_shape_leaves_the_outcome_of_a_write_unknown(
    org: Emulator, crm: ZohoCRM, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two hundred is no proof of what was done, and no reason to send again."""
    record, message = lead(org), await mail(org, crm)
    sessions = crm._sessions
    send = sessions.send

    async def altered(request: Request, **told: Callable[[], None]) -> Answer:
        answer = await send(request, **told)
        return evolve(answer, body=b'{"data": [{"code": "SUCCESS", "details": {}}]}')

    monkeypatch.setattr(sessions, "send", altered)
    with pytest.raises(errors.OutcomeUnknown) as caught:
        await crm.mail.send("Leads", record, message)
    assert isinstance(caught.value.__cause__, errors.UnexpectedAnswer)
    assert len(org.mails) == 1
