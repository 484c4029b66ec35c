"""The account as a stream: what has changed, no more often than asked for."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from zohocrm_async._clock import ManualClock
from zohocrm_async._stream import reports
from zohocrm_async.models.credits import CreditReport
from zohocrm_async.options import Limits
from zohocrm_async.scheduler import Quote, Scheduler

ONE = Quote(1, 1, 1, exact=True, basis="test")
INTERVAL = 10.0


class Reader:
    """Who reads the account of a scheduler, as far as there is anything to read."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.scheduler = Scheduler(Limits(credits=100), clock=self.clock)
        self.stream: AsyncGenerator[CreditReport] = reports(
            self.scheduler, self.clock, interval=INTERVAL
        )
        self.used: list[int] = []
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for report in self.stream:
            self.used.append(report.used)

    async def spend(self) -> None:
        async with self.scheduler.admit(ONE, heavy=0, operation="x") as permit:
            permit.settle(1)

    async def passes(self, seconds: float) -> None:
        self.clock.advance(seconds)
        for _ in range(5):
            await asyncio.sleep(0)


@pytest.fixture
async def reader() -> Reader:
    reader = Reader()
    await reader.passes(0)
    return reader


async def test_what_changes_within_the_interval_comes_as_one(reader: Reader) -> None:
    for _ in range(3):
        await reader.spend()
        await reader.passes(1)
    assert reader.used == [0]
    await reader.passes(INTERVAL)
    assert reader.used == [0, 3]
    await reader.passes(10 * INTERVAL)
    assert reader.used == [0, 3]
    await reader.spend()
    await reader.passes(0)
    assert reader.used == [0, 3, 4]
    reader.task.cancel()


async def test_credits_that_come_back_are_news(reader: Reader) -> None:
    """Though nobody does anything."""
    await reader.passes(INTERVAL)
    await reader.spend()
    await reader.passes(0)
    assert reader.used == [0, 1]
    await reader.passes(86_460 - INTERVAL)
    await reader.passes(1)
    assert reader.used == [0, 1, 0]
    reader.task.cancel()


async def test_it_ends_with_the_scheduler(reader: Reader) -> None:
    """After what was true at the end."""
    await reader.spend()
    reader.scheduler.close()
    await reader.passes(INTERVAL)
    await reader.task
    assert reader.used == [0, 1]


async def test_who_reads_no_further_leaves_nothing_behind(reader: Reader) -> None:
    """No subscription and no timer."""
    await reader.passes(INTERVAL)
    await reader.spend()
    await reader.passes(0)
    assert reader.clock.next_timer() is not None
    reader.task.cancel()
    await asyncio.wait((reader.task,))
    await reader.stream.aclose()
    assert not reader.scheduler._gate.subscribers
    assert reader.clock.next_timer() is None
