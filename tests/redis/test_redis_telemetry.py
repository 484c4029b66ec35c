"""What OpenTelemetry tells of clients that share an organisation in Redis."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from attrs import frozen
from members import LEASE
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from benchmarks.redis_server import Server
from zohocrm_async import ClientPool, Limits, OrganizationSettings, ZohoCRM
from zohocrm_async.emulator import Emulator
from zohocrm_async.opentelemetry import OpenTelemetry
from zohocrm_async.redis import RedisFleet

LIMITS = Limits(concurrency=2, heavy_concurrency=2, credits=50_000)


class Process:
    """What one process of a fleet has: a fleet, a pool, telemetry of its own."""

    def __init__(self, server: Server, org: Emulator) -> None:
        self.spans, self._reader = InMemorySpanExporter(), InMemoryMetricReader()
        tracers, meters = TracerProvider(), MeterProvider(metric_readers=[self._reader])
        tracers.add_span_processor(SimpleSpanProcessor(self.spans))
        telemetry = OpenTelemetry(tracer_provider=tracers, meter_provider=meters)
        self.fleet = RedisFleet(server.url, prefix=server.prefix, lease=LEASE)
        self.pool = ClientPool(
            Store(self.fleet, telemetry, org), token_store=self.fleet.token_store()
        )
        self._providers = (tracers, meters)

    def metric(self, name: str) -> dict[str, int]:
        """Return the numbers of a metric of the organisation, by its other attribute."""
        data: Any = self._reader.get_metrics_data()
        return {
            next(
                value for key, value in point.attributes.items() if key != ORGANISATION
            ): point.value
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
            if point.attributes[ORGANISATION] == "acme"
        }

    def shut_down(self) -> None:
        for provider in self._providers:
            provider.shutdown()


ORGANISATION = "zohocrm.organisation"


@frozen
class Store:
    """The settings of organisations, each with a hook that bears its name."""

    fleet: RedisFleet
    telemetry: OpenTelemetry
    org: Emulator

    async def load(self, name: str) -> OrganizationSettings:
        return OrganizationSettings(
            credentials=self.org.credentials,
            data_center=self.org.data_center,
            limits=LIMITS,
            ledger=self.fleet.ledger(name),
            slots=self.fleet.slots(name),
            mails=self.fleet.mails(name),
            hooks=[self.telemetry.organisation(name)],
        )


@pytest.fixture
async def org() -> AsyncIterator[Emulator]:
    async with Emulator(concurrency=2, heavy_concurrency=2, latency=0.02) as org:
        yield org


@pytest.fixture
def processes(server: Server, org: Emulator) -> Iterator[tuple[Process, Process]]:
    both = Process(server, org), Process(server, org)
    yield both
    for process in both:
        process.shut_down()


async def work(crm: ZohoCRM) -> None:
    await asyncio.gather(*(crm.organization.get() for _ in range(6)))


async def test_all_that_was_spent_and_waited_for_is_told(
    org: Emulator, processes: tuple[Process, Process]
) -> None:
    """By each process what it did; of the account, what all of them did."""
    one, two = processes
    async with one.fleet, one.pool, two.fleet, two.pool:
        async with one.pool.organisation("acme") as first, two.pool.organisation("acme") as second:
            await asyncio.gather(work(first), work(second))
            spans = [*one.spans.get_finished_spans(), *two.spans.get_finished_spans()]
            told: list[dict[str, Any]] = [dict(span.attributes or {}) for span in spans]
            assert {facts[ORGANISATION] for facts in told} == {"acme"}
            assert sum(facts["zohocrm.credits"] for facts in told) == org.credits_used
            calls = [facts for facts in told if facts["zohocrm.operation"] == "organization.get"]
            assert len(calls) == 12
            # Two slots serve them all, those of the other process as well.
            assert sum("zohocrm.waited.slots" in facts for facts in calls) >= 8
            assert {facts["http.response.status_code"] for facts in told} == {200}
        await two.pool.forget("acme")
        await one.pool.forget("acme")
        async with one.pool.organisation("acme"):
            assert one.metric("zohocrm.credits.usage")["used"] == org.credits_used
            assert one.metric("zohocrm.slots.limit") == {"all": 2, "heavy": 2}
            assert one.metric("zohocrm.slots.usage") == {"all": 0, "heavy": 0}
        assert two.metric("zohocrm.credits.usage") == {}
