"""Spans and metrics of real calls, as an exporter gets them."""

import asyncio
import contextlib
from typing import Any

import pytest
import telemetry
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from telemetry import EMAIL, MAIL, SEND, Seen, by, client, facts, letter

from zohocrm_async import Limits, exceptions as errors
from zohocrm_async.emulator import Emulator, Fault

seen = telemetry.seen


class TestSpan:
    """One for each call, whatever number of attempts it takes."""

    async def test_a_call_that_succeeds(self, org: Emulator, seen: Seen) -> None:
        async with client(org, seen) as crm:
            await crm.organization.get()
        span = seen.last()
        assert (span.name, span.kind) == ("GET /crm/v7/org", SpanKind.CLIENT)
        assert span.status.status_code is StatusCode.UNSET
        found = facts(span)
        assert found.pop("server.port") == int(org.url.rpartition(":")[2])
        assert found == {
            "http.request.method": "GET",
            "http.response.status_code": 200,
            "server.address": "127.0.0.1",
            "url.scheme": "http",
            "url.template": "/crm/v7/org",
            "zohocrm.attempts": 1,
            "zohocrm.credits": 1,
            "zohocrm.operation": "organization.get",
            "zohocrm.organisation": "acme",
            "zohocrm.waited.total": 0,
        }

    async def test_it_nests_under_the_caller(self, org: Emulator, seen: Seen) -> None:
        """And leaves the caller's span as the current one, also when calls run at once."""
        async with client(org, seen) as crm:
            with seen.tracer.start_as_current_span("caller") as caller:
                await asyncio.gather(crm.organization.get(), crm.mail.from_addresses())
                await crm.organization.get()
                assert trace.get_current_span() is caller
        *calls, outer = seen.spans()
        assert len(calls) == 3
        assert outer.context is not None
        parents = {span.parent.span_id for span in calls if span.parent}
        assert parents == {outer.context.span_id}

    async def test_it_is_current_while_the_call_runs(self, org: Emulator, seen: Seen) -> None:
        """What the client asks for itself nests under the call that needs it."""
        hooks = [seen.telemetry.organisation()]
        async with org.client(hooks=hooks) as crm:
            await crm.organization.get()
        prices, call = seen.spans()
        assert prices.name == "GET /crm/v7/__apis"
        assert prices.parent == call.context
        assert "zohocrm.organisation" not in facts(call)

    async def test_a_retry(self, org: Emulator, seen: Seen) -> None:
        """Attempts and pauses are events of the span."""
        async with client(org, seen) as crm:
            org.fail_next(Fault.SERVER_ERROR)
            await crm.organization.get()
        (span,) = seen.spans()
        failed, pause, served = span.events
        assert facts(failed)["http.response.status_code"] == 500
        assert facts(failed)["error.type"] == "ServerError"
        assert (pause.name, served.name) == ("zohocrm.retry", "zohocrm.attempt")
        found = facts(span)
        assert (found["zohocrm.attempts"], found["zohocrm.credits"]) == (2, 2)
        assert found["http.request.resend_count"] == 1
        assert span.status.status_code is StatusCode.UNSET
        assert by(seen.metric("zohocrm.retries"), "error.type") == {"ServerError": 1}

    async def test_a_call_that_fails(self, org: Emulator, seen: Seen) -> None:
        async with client(org, seen) as crm:
            org.fail_next(Fault.SERVER_ERROR, times=2)
            with pytest.raises(errors.ServerError):
                await crm.organization.get()
        span = seen.last()
        assert span.status.status_code is StatusCode.ERROR
        assert facts(span)["error.type"] == "ServerError"
        assert facts(span)["http.response.status_code"] == 500

    async def test_a_429_for_slots(self, org: Emulator, seen: Seen) -> None:
        async with client(org, seen) as crm:
            org.fail_next(Fault.TOO_MANY_CALLS)
            await crm.organization.get()
        span = seen.last()
        statuses = [facts(event)["http.response.status_code"] for event in span.events]
        assert statuses == [429, 200]
        found = facts(span)
        assert (found["zohocrm.attempts"], found["zohocrm.credits"]) == (2, 1)
        assert by(seen.metric("zohocrm.throttled"), "zohocrm.throttled.by") == {"slots": 1}

    async def test_credits_that_are_refused(self, seen: Seen) -> None:
        """A call that never left has neither status nor attempt."""
        async with Emulator(credits=30) as org, client(org, seen) as crm:
            lead, message = await letter(org, crm)
            await crm.mail.send("Leads", lead, message)
            with pytest.raises(errors.CreditsExhausted):
                await crm.mail.send("Leads", lead, message)
        span = seen.last()
        found = facts(span)
        assert found["error.type"] == "CreditsExhausted"
        assert "http.response.status_code" not in found
        assert (found["zohocrm.attempts"], found["zohocrm.credits"]) == (0, 0)
        assert span.status.status_code is StatusCode.ERROR

    async def test_the_service_says_that_credits_are_spent(self, org: Emulator, seen: Seen) -> None:
        async with client(org, seen, limits=Limits(max_wait=0)) as crm:
            org.fail_next(Fault.CREDITS_SPENT)
            with pytest.raises(errors.CreditsExhausted):
                await crm.organization.get()
        assert by(seen.metric("zohocrm.throttled"), "zohocrm.throttled.by") == {"credits": 1}

    async def test_an_unknown_outcome(self, org: Emulator, seen: Seen) -> None:
        """The credits it may have cost are told."""
        async with client(org, seen) as crm:
            lead, message = await letter(org, crm)
            org.fail_next(Fault.CUT_AFTER, path=MAIL)
            with pytest.raises(errors.OutcomeUnknown):
                await crm.mail.send("Leads", lead, message)
        span = seen.last()
        assert span.name == SEND
        found = facts(span)
        assert found["error.type"] == "OutcomeUnknown"
        assert (found["zohocrm.attempts"], found["zohocrm.credits"]) == (1, 20)

    async def test_a_cancelled_call(self, org: Emulator, seen: Seen) -> None:
        """Its span ends with it, and the context is the caller's again."""
        async with client(org, seen) as crm:
            lead, message = await letter(org, crm)
            org.fail_next(Fault.SLOW, path=MAIL, seconds=5)
            with seen.tracer.start_as_current_span("caller") as caller:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(None) as limit:
                        crm.clock.call_later(0.05, lambda: limit.reschedule(0))
                        await crm.mail.send("Leads", lead, message)
                assert trace.get_current_span() is caller
        span = seen.spans()[-2]
        assert facts(span)["error.type"] == "CancelledError"
        assert facts(span)["zohocrm.credits"] == 20

    async def test_what_is_refused_before_it_is_a_call_has_no_span(
        self, org: Emulator, seen: Seen
    ) -> None:
        async with client(org, seen) as crm:
            with pytest.raises(errors.InvalidRequest):
                await crm.records.get("Leads", "1/2")
        assert not seen.spans()

    async def test_paths_without_declaration(self, org: Emulator, seen: Seen) -> None:
        """A declared path is known by its places, and no other is shown."""
        async with client(org, seen) as crm:
            lead, _ = await letter(org, crm)
            seen.exporter.clear()
            await crm.request("GET", f"/Leads/{lead}", query={"fields": "Email"})
            with pytest.raises(errors.InvalidURL):
                await crm.request("GET", f"/nowhere/{lead}/at/all")
        known, unknown = seen.spans()
        assert known.name == "GET /crm/v7/{module}/{id}"
        assert unknown.name == "GET"
        assert lead not in str(shown(seen))


def shown(seen: Seen) -> list[str]:
    """Return all that leaves the process: spans and metrics, as JSON."""
    data = seen.reader.get_metrics_data()
    return [*(span.to_json() for span in seen.spans()), data.to_json() if data else ""]


async def test_neither_secrets_nor_people_are_shown(org: Emulator, seen: Seen) -> None:
    """Neither in spans nor in metrics, of calls that succeed or fail."""
    async with client(org, seen) as crm:
        lead, message = await letter(org, crm)
        await crm.mail.send("Leads", lead, message)
        await crm.records.search("Leads", email=EMAIL)
        org.fail_next(Fault.CUT_AFTER, path=MAIL)
        with pytest.raises(errors.OutcomeUnknown):
            await crm.mail.send("Leads", lead, message)
        with pytest.raises(errors.RecordNotFound):
            await crm.records.get("Leads", "4000000000000000123")
        token = (await crm._tokens.get()).access_token
        text = "".join(shown(seen))
    secrets = vars_of(org.credentials)
    assert "mail.send" in text
    for secret in (token, EMAIL, lead, "4000000000000000123", *secrets):
        assert secret not in text


def vars_of(credentials: Any) -> list[str]:
    names = ("client_id", "client_secret", "refresh_token")
    return [str(getattr(credentials, name)) for name in names]
