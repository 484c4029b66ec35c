"""Real processes on a real server: killed, stopped and cut off, never above what is allowed."""

import asyncio
import contextlib
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator

import pytest
from attrs import evolve
from members import until

from benchmarks.fleet import PRICE, Service, Worker, serving, tell
from benchmarks.redis_server import Server

LEASE, LATENCY, SLOTS = 1.0, 0.02, 4


class Fleet:
    """Processes that send mails to a service that counts."""

    def __init__(self, service: Service, told: Worker) -> None:
        self.service, self.told = service, told
        self.processes: list[Process] = []
        self.stops = 0
        """A stop may fall between a call's last look and its leaving: one call each."""

    async def start(self, name: str) -> Process:
        process = await evolve(self.told, name=name).start()
        self.processes.append(process)
        return process

    async def serves(self, *names: str) -> None:
        """Wait until each of *names* is served, and see that nobody took too much."""
        self.service.by_process.clear()
        await until(lambda: all(self.service.by_process[name] for name in names), 10)
        assert self.service.peak <= SLOTS + self.stops


@pytest.fixture
async def fleet(server: Server) -> AsyncIterator[Fleet]:
    service = Service(LATENCY)
    async with serving(service) as url:
        told = Worker(
            name="", url=url, redis=server.url, prefix=server.prefix, slots=SLOTS, lease=LEASE
        )
        fleet = Fleet(service, evolve(told, tasks=8))
        yield fleet
        for process in fleet.processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.communicate()
    assert SLOTS <= service.peak <= SLOTS + fleet.stops


async def test_a_killed_process_gives_its_slots_back(fleet: Fleet) -> None:
    first = await fleet.start("first")
    await fleet.serves("first")
    await fleet.start("second")
    await fleet.serves("first", "second")
    first.kill()
    await first.wait()
    # All slots are those of the second as soon as the lease of the first is over.
    await asyncio.sleep(LEASE)
    await until(lambda: fleet.service.in_flight == SLOTS)


async def test_a_stopped_process_takes_nothing_when_it_goes_on(fleet: Fleet) -> None:
    """It was stopped for longer than its lease, at any moment of its calls."""
    first = await fleet.start("first")
    await fleet.start("second")
    await fleet.serves("first", "second")
    for _ in range(2):
        fleet.stops = 1  # of all its calls, one is at that point at most
        first.send_signal(signal.SIGSTOP)
        await asyncio.sleep(LEASE + 0.2)
        await until(lambda: fleet.service.in_flight == SLOTS)
        first.send_signal(signal.SIGCONT)
        await fleet.serves("first", "second")


async def test_a_server_that_is_begun_anew_grants_nothing_twice(fleet: Fleet) -> None:
    with Server() as server:
        fleet.told = evolve(fleet.told, redis=server.url)
        await fleet.start("first")
        await fleet.start("second")
        await fleet.serves("first", "second")
        await asyncio.to_thread(server.kill)
        await asyncio.sleep(LEASE / 4)
        await asyncio.to_thread(server.start)
        await fleet.start("third")
        await fleet.serves("first", "second", "third")


async def test_credits_are_spent_to_the_last_call_and_not_beyond(fleet: Fleet) -> None:
    """Whatever becomes of one of those who spend them."""
    allowance = 200 * PRICE
    fleet.told = evolve(fleet.told, credits=allowance, tasks=2)
    served = fleet.service.by_process
    first = await fleet.start("first")
    await fleet.start("second")
    await until(lambda: served["first"] > 20 and served["second"] > 20, 10)
    first.kill()
    await until(lambda: served.total() >= 150, 10)
    await asyncio.sleep(0.3)
    # What the first had set aside counts as spent.
    assert 150 <= served.total() <= 200


async def test_a_process_says_nothing_of_errors_at_the_end(fleet: Fleet) -> None:
    process = await fleet.start("only")
    await fleet.serves("only")
    for _ in range(2):
        await tell(process)
    out, _ = await process.communicate()
    assert b'"failed":[]' in out
