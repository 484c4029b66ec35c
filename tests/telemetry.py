"""What the tests of spans and metrics share: what was exported, and a client that exports."""

import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest
from attrs import frozen
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from zohocrm_async import Retry, ZohoCRM
from zohocrm_async.emulator import Emulator
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
    async with org.client(hooks=hooks, **{"retry": RETRY, **settings}) as crm:
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
