"""Spans and metrics of real calls, as an exporter gets them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from attrs import frozen
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from zohocrm_async import Limits, Priority, Retry, ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.models import Address, Mail
from zohocrm_async.opentelemetry import OpenTelemetry

RETRY = Retry(attempts=2, base=0.005, ceiling=0.005)
MAIL = "/actions/send_mail"
SEND = "POST /crm/v7/{module}/{id}/actions/send_mail"
EMAIL = "jason@example.com"


@frozen
class Seen:
    """What was exported."""

    telemetry: OpenTelemetry
    exporter: InMemorySpanExporter
    reader: InMemoryMetricReader
    tracer: trace.Tracer

    def spans(self) -> tuple[ReadableSpan, ...]:
        return self.exporter.get_finished_spans()

    def last(self) -> ReadableSpan:
        return self.spans()[-1]

    def metric(self, name: str) -> dict[tuple[tuple[str, Any], ...], Any]:
        """Return the points of a metric (a sum, or a count) by their attributes."""
        return points(self.reader.get_metrics_data(), name)


def points(data: Any, name: str) -> dict[tuple[tuple[str, Any], ...], Any]:
    return {
        tuple(sorted(point.attributes.items())): getattr(point, "value", None)
        if hasattr(point, "value")
        else point
        for resource in (data.resource_metrics if data else ())
        for scope in resource.scope_metrics
        for metric in scope.metrics
        if metric.name == name
        for point in metric.data.data_points
    }


def by(found: Mapping[tuple[tuple[str, Any], ...], Any], label: str) -> dict[Any, Any]:
    """Return *found* by one of its attributes."""
    return {dict(attributes)[label]: value for attributes, value in found.items()}


@pytest.fixture
def seen() -> Iterator[Seen]:
    exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers, meters = TracerProvider(), MeterProvider(metric_readers=[reader])
    tracers.add_span_processor(SimpleSpanProcessor(exporter))
    telemetry = OpenTelemetry(tracer_provider=tracers, meter_provider=meters)
    yield Seen(telemetry, exporter, reader, tracers.get_tracer("tests"))
    tracers.shutdown()
    meters.shutdown()


@contextlib.asynccontextmanager
async def client(org: Emulator, seen: Seen, **settings: Any) -> AsyncIterator[ZohoCRM]:
    hooks = [seen.telemetry.organisation("acme")]
    async with org.client(hooks=hooks, retry=RETRY, **settings) as crm:
        await crm.organization.get()
        seen.exporter.clear()
        yield crm


def facts(span: ReadableSpan | Event) -> dict[str, Any]:
    return dict(span.attributes or {})


async def letter(org: Emulator, crm: ZohoCRM) -> tuple[str, Mail]:
    lead = org.add_records("Leads", [{"Last_Name": "Smith", "Email": EMAIL}])[0]
    sender = (await crm.mail.from_addresses())[0]
    message = Mail(
        from_=Address(sender.email), to=(Address(EMAIL),), subject="Hello", content="Hello"
    )
    return lead, message


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
        async with client(org, seen) as crm:
            crm._retry = Retry(attempts=20, base=0.01, ceiling=0.01, budget=1_000)
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
