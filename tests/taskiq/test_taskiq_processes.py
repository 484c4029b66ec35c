"""Jobs on many hosts, here processes: killed, stopped, told to go, and late ones."""

import asyncio
import random
import signal
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from hosts import LEASE, Hosts, Nursery, newsletter, signalled, until
from soaking import SOAK_SEEDS

from benchmarks import postgres_server
from benchmarks.redis_server import Server
from zohocrm_async.emulator import Emulator
from zohocrm_async.jobs import ItemState

ROWS = 80
WORKERS = 4
PATIENCE = 90.0
LATENCY = 0.05
# Nothing of a killed worker leaves any more; a test need not wait long to be sure.
CERTAIN: dict[str, Any] = {"resend_absent": True, "grace": 0.5}


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as nursery:
        yield nursery


Opener = Callable[[float], AbstractAsyncContextManager[Hosts]]


@pytest.fixture
async def opened(
    nursery: Nursery,
    server: Server,
    postgres: postgres_server.Server,
    monkeypatch: pytest.MonkeyPatch,
) -> Opener:
    """What opens an organisation with jobs, given the lease of their parts."""
    database = await postgres.new_database()

    @asynccontextmanager
    async def hosts(lease: float) -> AsyncGenerator[Hosts, None]:
        async with Emulator(latency=LATENCY) as org:
            for name, value in org.env.items():
                monkeypatch.setenv(name, value)
            hosts = Hosts(nursery, org, server, database, lease)
            try:
                async with hosts.jobs.opened():
                    yield hosts
            finally:
                hosts.end()

    return hosts


async def test_one_of_four_workers_is_killed(opened: Opener) -> None:
    """Nobody is mailed twice, nobody is forgotten; a late worker helps, and the sums are right."""
    async with opened(LEASE) as hosts, hosts.jobs.client() as crm:
        workers = [await hosts.worker() for _ in range(3)]
        rows = hosts.rows(ROWS)
        running = await hosts.jobs.start(newsletter(crm), rows, part_size=10, **CERTAIN)
        await until(lambda: len(hosts.org.mails) > ROWS / 4)
        signalled(workers[0], signal.SIGKILL)
        await hosts.worker()
        async with asyncio.timeout(PATIENCE):
            report = await running.wait()
        assert hosts.mailed_once(ROWS)
        assert (report.counts, report.ok) == ({ItemState.SENT: ROWS}, True)
        # Of what the killed one had spent, its last sign of life tells; look-ups cost a bit.
        assert ROWS * 5 < report.credits < ROWS * 30


async def test_a_worker_is_stopped_for_longer_than_its_lease(opened: Opener) -> None:
    """Another takes its part over, and it sends nothing of it when it goes on."""
    async with opened(LEASE) as hosts, hosts.jobs.client() as crm:
        first = await hosts.worker()
        rows = hosts.rows(ROWS)
        running = await hosts.jobs.start(newsletter(crm), rows, part_size=ROWS, **CERTAIN)
        await until(lambda: len(hosts.org.mails) > ROWS / 4)
        signalled(first, signal.SIGSTOP)
        await hosts.worker()
        await asyncio.sleep(LEASE)
        before = len(hosts.org.mails)
        await until(lambda: len(hosts.org.mails) > before)
        signalled(first, signal.SIGCONT)
        async with asyncio.timeout(PATIENCE):
            report = await running.wait()
        assert report.counts == {ItemState.SENT: ROWS}
        assert {mail.record_id for mail in hosts.org.mails} == {row["id"] for row in rows}
        # It may have been stopped between a call's last look and its leaving: one call.
        assert len(hosts.org.mails) <= ROWS + 1


async def test_a_worker_that_is_told_to_go_leaves_nothing_in_doubt(opened: Opener) -> None:
    """Nobody waits for its lease: the next one goes on at once."""
    async with opened(60.0) as hosts, hosts.jobs.client() as crm:
        first = await hosts.worker()
        running = await hosts.jobs.start(newsletter(crm), hosts.rows(ROWS), part_size=ROWS)
        await until(lambda: len(hosts.org.mails) > ROWS / 4)
        signalled(first, signal.SIGTERM)
        await until(lambda: not signalled(first, signal.SIGCONT))
        progress = await running.progress()
        assert set(progress.counts) == {ItemState.SENT, ItemState.PLANNED}
        assert (progress.counts[ItemState.SENT], progress.parts_held) == (len(hosts.org.mails), 0)
        assert progress.spent == 20 * len(hosts.org.mails)
        await hosts.worker()
        async with asyncio.timeout(PATIENCE):
            report = await running.wait()
        assert hosts.mailed_once(ROWS)
        assert (report.ok, report.credits) == (True, ROWS * 20)


class Trouble:
    """What befalls workers, until the job is through."""

    def __init__(self, hosts: Hosts, dice: random.Random) -> None:
        self.hosts, self.dice = hosts, dice
        self.stops = 0

    async def strike(self) -> None:
        """Kill, stop or send away one worker after the other; others take their places."""
        while True:
            await asyncio.sleep(self.dice.random())
            one = self.dice.choice(self.hosts.workers[-WORKERS:])
            if self.dice.random() < 0.5:
                self.stops += signalled(one, signal.SIGSTOP)
                await asyncio.sleep(LEASE * (0.5 + 2 * self.dice.random()))
                signalled(one, signal.SIGCONT)
            else:
                signalled(one, self.dice.choice([signal.SIGKILL, signal.SIGTERM]))
                await self.hosts.worker()


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(SOAK_SEEDS))
async def test_whatever_befalls_them_the_books_agree(opened: Opener, seed: int) -> None:
    """Every record is mailed once, and the journal says so."""
    async with opened(LEASE) as hosts, hosts.jobs.client() as crm:
        for _ in range(WORKERS):
            await hosts.worker()
        rows = hosts.rows(1_000)
        running = await hosts.jobs.start(newsletter(crm), rows, part_size=20, **CERTAIN)
        await until(lambda: hosts.org.mails)
        trouble = Trouble(hosts, random.Random(seed))
        striking = asyncio.create_task(trouble.strike())
        try:
            async with asyncio.timeout(10 * PATIENCE):
                report = await running.wait()
        finally:
            striking.cancel()
            await asyncio.wait([striking])
        assert report.counts == {ItemState.SENT: 1_000}
        assert {mail.record_id for mail in hosts.org.mails} == {row["id"] for row in rows}
        assert len(hosts.org.mails) <= 1_000 + trouble.stops
