"""The client against an organisation: what it promises holds on a real socket."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import pytest
from attrs import evolve
from letters import MAIL, lead, mail, sends

from zohocrm_async import (
    AttemptFinished,
    CallFinished,
    CallStarted,
    DataCenter,
    Event,
    Limits,
    RefreshToken,
    Retry,
    RetryPlanned,
    SessionPool,
    ZohoCRM,
    exceptions as errors,
)
from zohocrm_async._wire import Answer, Request
from zohocrm_async.emulator import Emulator, Fault

QUICK = Retry(attempts=4, base=0.001, ceiling=0.002)


@pytest.fixture
async def crm(org: Emulator) -> AsyncIterator[ZohoCRM]:
    async with org.client(retry=QUICK) as crm:
        yield crm


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


class TestFacts:
    """The organisation tells its own prices and limits."""

    async def test_prices_are_read_once_for_all(self, org: Emulator, crm: ZohoCRM) -> None:
        await asyncio.gather(*(crm.organization.get() for _ in range(20)))
        assert sum(1 for call in org.calls if call.path == "/__apis") == 1
        org.advance(hours=25)
        await crm.organization.get()
        assert sum(1 for call in org.calls if call.path == "/__apis") == 2

    async def test_the_next_client_of_the_same_prices_shares_their_list(
        self, org: Emulator, crm: ZohoCRM
    ) -> None:
        """Even where the one before is closed: it is asked for, and not read anew."""
        await crm.organization.get()
        lists = [crm._facts.fresh]
        await crm.close()
        async with org.client() as another:
            await another.organization.get()
            lists.append(another._facts.fresh)
        assert lists[0] is lists[1] is not None
        assert sum(call.path == "/__apis" for call in org.calls) == 2

    async def test_a_function_makes_the_limits_of_those_of_the_organisation(
        self, org: Emulator
    ) -> None:
        """A tenth is for calls that somebody waits for, whatever the edition grants."""

        def keep(granted: Limits) -> Limits:
            return evolve(granted, floor=granted.credits // 10)

        async with org.client(limits=keep) as crm:
            await crm.organization.get()
            report = crm.credits()
        assert (report.allowance, report.floor) == (org.limits.credits, org.limits.credits // 10)
        assert report.slots.limit == org.limits.concurrency
        async with org.client(limits=lambda granted: None) as crm:
            with pytest.raises(
                errors.ConfigurationError, match=r"NoneType: return a Limits.*evolve"
            ):
                await crm.organization.get()

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
