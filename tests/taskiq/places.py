"""An organisation with leads and jobs in a database, and a broker in memory that can fail."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from typing import Any

from taskiq import AsyncBroker, BrokerMessage, InMemoryBroker

from zohocrm_async import Retry, ZohoCRM
from zohocrm_async.emulator import Emulator
from zohocrm_async.jobs import ItemState, JobReport
from zohocrm_async.taskiq import Jobs, RunningJob

SENT, PLANNED = ItemState.SENT, ItemState.PLANNED
NO_PAUSE = Retry(base=0.001, ceiling=0.002)
Row = Mapping[str, Any]


class Broker(InMemoryBroker):
    """A broker that can lose tasks, fail, or deliver each of them twice."""

    def __init__(self, deliveries: int = 1) -> None:
        super().__init__()
        self.deliveries = deliveries
        self.kicked = 0
        self.failure: Exception | None = None

    async def kick(self, message: BrokerMessage) -> None:
        self.kicked += 1
        if self.failure is not None:
            raise self.failure
        for _ in range(self.deliveries):
            await super().kick(message)


class Place:
    """An organisation with leads, and jobs in a database."""

    def __init__(self, org: Emulator, database: str, broker: Broker) -> None:
        self.org = org
        self.database = database
        self.broker = broker
        self.jobs = self.made("acme")

    def made(
        self, organisation: str, broker: AsyncBroker | None = None, lease: float = 5.0
    ) -> Jobs:
        return Jobs(
            broker or self.broker,
            self.database,
            organisation=organisation,
            crm=lambda: self.org.client(retry=NO_PAUSE),
            lease=lease,
        )

    def rows(self, count: int) -> list[Row]:
        people = [{"Last_Name": f"Person {n}", "Email": f"p{n}@example.com"} for n in range(count)]
        ids = self.org.add_records("Leads", people)
        return [{"id": id_, **one} for id_, one in zip(ids, people, strict=True)]

    def check(self, rows: Sequence[Row]) -> None:
        """See that each of *rows* was mailed once, and nobody else."""
        assert sorted(mail.record_id for mail in self.org.mails) == sorted(r["id"] for r in rows)


async def done(running: RunningJob) -> JobReport:
    """Return its report, sooner than one would look by oneself."""
    async with asyncio.timeout(60), contextlib.aclosing(running.watch(0.01)) as states:
        async for _ in states:
            pass
    return await running.report()


@contextlib.asynccontextmanager
async def opened(
    folder: Path, broker: Broker | None = None, **settings: Any
) -> AsyncGenerator[tuple[Place, ZohoCRM]]:
    async with Emulator(**settings) as org:
        place = Place(org, f"sqlite:///{folder}/jobs.db", broker or Broker())
        async with place.jobs.opened(), org.client(retry=NO_PAUSE) as crm:
            yield place, crm
