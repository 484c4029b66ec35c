"""Workers in processes of their own, as far as one machine can play many hosts."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.redis_server import Server
from zohocrm_async import ZohoCRM
from zohocrm_async._threads import in_thread
from zohocrm_async.emulator import Emulator
from zohocrm_async.jobs import MailJob
from zohocrm_async.redis import RedisFleet
from zohocrm_async.taskiq import Jobs, redis_broker

# Shorter ones are lost again and again where a machine is busy.
LEASE, SLOTS_LEASE = 1.5, 3.0


def made_jobs(redis: str, prefix: str, database: str, lease: float) -> Jobs:
    """Return the jobs as every process makes them."""
    fleet = RedisFleet(redis, prefix=prefix, lease=SLOTS_LEASE)

    def client() -> ZohoCRM:
        return ZohoCRM.from_env(
            token_store=fleet.token_store(),
            ledger=fleet.ledger("acme"),
            slots=fleet.slots("acme"),
            mails=fleet.mails("acme"),
        )

    broker = redis_broker(redis, queue=f"{prefix}:jobs")
    return Jobs(broker, database, organisation="acme", crm=client, lease=lease)


class Nursery:
    """Makes worker processes in no time."""

    def __init__(self) -> None:
        here = Path(__file__).parent
        self._process = subprocess.Popen(
            [sys.executable, str(here / "nursery.py")],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (here, here.parents[1])))},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def worker(self, env: dict[str, str], *where: str | float) -> int:
        """Make a worker; return its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"env": env, "where": where}).encode() + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


class Hosts:
    """An organisation, a Redis server and a database, with workers that come and go."""

    def __init__(
        self, nursery: Nursery, org: Emulator, server: Server, database: str, lease: float = LEASE
    ) -> None:
        self.org = org
        self._nursery = nursery
        self._where = (server.url, server.prefix, database, lease)
        self.jobs = made_jobs(*self._where)
        self.workers: list[int] = []

    async def worker(self) -> int:
        """Start a worker and return its process id."""
        env = dict(self.org.env)

        def made() -> int:
            self.workers.append(self._nursery.worker(env, *self._where))
            return self.workers[-1]

        # Whoever is cancelled leaves none that nobody would end.
        return await in_thread(None, made)

    def end(self) -> None:
        """End all workers at once."""
        for pid in self.workers:
            signalled(pid, signal.SIGKILL)

    def rows(self, count: int) -> list[dict[str, Any]]:
        """Return rows for so many new leads."""
        people = [{"Last_Name": f"Person {n}", "Email": f"p{n}@example.com"} for n in range(count)]
        ids = self.org.add_records("Leads", people)
        return [{"id": id_, **one} for id_, one in zip(ids, people, strict=True)]

    def mailed_once(self, count: int) -> bool:
        """Whether the books of the emulator have so many mails, none to the same record."""
        return len({mail.record_id for mail in self.org.mails}) == len(self.org.mails) == count


def signalled(pid: int, number: signal.Signals) -> bool:
    """Send a signal to a worker; whether there is such a process still."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


async def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something holds that other processes bring about."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.005)


def newsletter(crm: ZohoCRM, name: str = "newsletter", **settings: Any) -> MailJob:
    given: dict[str, Any] = {
        "module": "Leads",
        "sender": "crm@example.com",
        "subject": "To $Last_Name",
        "content": "<p>Dear $Last_Name</p>",
    }
    return MailJob(crm, journal=name, **{**given, **settings})
