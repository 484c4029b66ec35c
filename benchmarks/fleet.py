"""Processes that share an organisation's slots and credits in Redis, against a server that counts.

    python -m benchmarks.fleet

1, 2, 4 and 8 processes send mails as fast as they are let, each with more to do than there
are slots. The service counts calls in flight and credits: never more than allowed, and
nearly as many. Beside that: how evenly the processes are served (Jain's index), what the
shared scheduler costs a call, and how many commands Redis carries out for it.
"""

import argparse
import asyncio
import contextlib
import itertools
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

import orjson
from aiohttp import web
from attrs import asdict, evolve, frozen

from benchmarks.redis_server import Server
from benchmarks.server import PRICES
from zohocrm_async import AccessToken, DataCenter, Limits, ZohoCRM
from zohocrm_async.exceptions import CreditsExhausted
from zohocrm_async.models import Address, Mail
from zohocrm_async.redis import RedisFleet
from zohocrm_async.scheduler import Quote, Scheduler

PRICE, SLOTS = 20, 10
LATENCY, SECONDS, WARM_UP = 0.1, 8.0, 1.5
CREDITS = 10_000_000
SPENDABLE = 40_000
ADMITTED = 4_000
TASKS = 30
GOAL, COMMANDS = 0.95, 2


class Service:
    """Takes mails, and counts what is in flight at every instant."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._numbers = itertools.count()
        self.in_flight = self.peak = 0
        self.by_process: Counter[str] = Counter()
        self._slot_seconds = 0.0
        self._since = self._begun = time.monotonic()

    async def mail(self, request: web.Request) -> web.Response:
        await request.read()
        self._step(1)
        try:
            await asyncio.sleep(self._latency)
        finally:
            self._step(-1)
        self.by_process[request.match_info["id"]] += 1
        item = {
            "code": "SUCCESS",
            "details": {"message_id": f"{next(self._numbers):064x}"},
            "message": "Your mail has been sent successfully.",
            "status": "success",
        }
        return web.Response(body=orjson.dumps({"data": [item]}), content_type="application/json")

    def reset(self) -> None:
        self._step(0)
        self.by_process.clear()
        self._slot_seconds, self._begun = 0.0, time.monotonic()

    def share(self, slots: int) -> float:
        """Return the part of *slots* that was used since the reset."""
        self._step(0)
        return self._slot_seconds / (slots * (time.monotonic() - self._begun))

    def _step(self, one: int) -> None:
        now = time.monotonic()
        self._slot_seconds += self.in_flight * (now - self._since)
        self._since = now
        self.in_flight += one
        self.peak = max(self.peak, self.in_flight)


@contextlib.asynccontextmanager
async def serving(service: Service) -> AsyncIterator[str]:
    async def prices(_: web.Request) -> web.Response:
        return web.json_response(PRICES)

    app = web.Application()
    app.router.add_get("/crm/v7/__apis", prices)
    app.router.add_post("/crm/v7/Leads/{id}/actions/send_mail", service.mail)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@frozen(kw_only=True)
class Worker:
    """What a process is told to do."""

    name: str
    url: str
    redis: str = ""
    prefix: str = "zohocrm"
    slots: int = SLOTS
    credits: int = CREDITS
    lease: float = 6.0
    away_share: float | None = None
    tasks: int = TASKS

    async def start(self) -> Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "benchmarks.fleet", "--worker"),
            orjson.dumps(asdict(self)).decode(),
            stdin=PIPE,
            stdout=PIPE,
        )


async def work(told: Worker) -> None:
    """Send mails until told to stop; then print what they took of this process."""
    center = DataCenter("local", told.url, told.url, told.url)
    limits = Limits(
        concurrency=told.slots, heavy_concurrency=told.slots, credits=told.credits, max_wait=1
    )
    shared: dict[str, Any] = {}
    if told.redis:
        fleet = RedisFleet(
            told.redis, prefix=told.prefix, lease=told.lease, away_share=told.away_share
        )
        shared = {"ledger": fleet.ledger("bench"), "slots": fleet.slots("bench")}
    mail = Mail(
        from_=Address(email="crm@example.com"),
        to=[Address(email="to@example.com")],
        subject="s",
        content="c",
    )
    count, spent = 0, asyncio.Event()
    async with ZohoCRM(AccessToken(token="t"), data_center=center, limits=limits, **shared) as crm:

        async def send() -> None:
            nonlocal count
            while True:
                try:
                    await crm.mail.send("Leads", told.name, mail)
                except CreditsExhausted:
                    await spent.wait()
                count += 1

        tasks = [asyncio.create_task(send()) for _ in range(told.tasks)]
        await _line()
        before, begun = count, time.process_time()
        print("begun", flush=True)
        await _line()
        report = {"calls": count - before, "cpu": time.process_time() - begun}
        for task in tasks:
            task.cancel()
        failed = [
            repr(one)
            for one in await asyncio.gather(*tasks, return_exceptions=True)
            if not isinstance(one, asyncio.CancelledError)
        ]
    print(orjson.dumps({**report, "failed": failed}).decode(), flush=True)


async def _line() -> None:
    await asyncio.to_thread(sys.stdin.readline)


@frozen
class Round:
    """What one number of processes came to."""

    processes: int
    share: float
    peak: int
    spent: int
    jain: float
    cpu: float
    commands: float


async def measure(processes: int, *, seconds: float, shared: bool = True) -> Round:
    service = Service(LATENCY)
    with Server() as redis:
        async with serving(service) as url:
            told = Worker(name="", url=url, redis=redis.url if shared else "")
            workers = [await evolve(told, name=str(n + 1)).start() for n in range(processes)]
            # A server that has just begun grants nothing until a lease has passed.
            while len(service.by_process) < processes:  # noqa: ASYNC110  # polled for seconds
                await asyncio.sleep(0.1)
            await asyncio.sleep(WARM_UP)
            for worker in workers:
                await tell(worker)
                assert worker.stdout is not None
                await worker.stdout.readline()
            before = await commands(redis) if shared else 0
            service.reset()
            await asyncio.sleep(seconds)
            share, counts = service.share(SLOTS), tuple(service.by_process.values())
            # Processes that stop drop calls that the service is at work on still.
            peak = service.peak
            after = await commands(redis) if shared else 0
            for worker in workers:
                await tell(worker)
            reports = [orjson.loads((await worker.communicate())[0]) for worker in workers]
    for report in reports:
        assert not report["failed"], report["failed"]
    calls = sum(report["calls"] for report in reports)
    return Round(
        processes=processes,
        share=share,
        peak=peak,
        spent=calls * PRICE,
        jain=jain(counts, processes),
        cpu=sum(report["cpu"] for report in reports) / calls,
        commands=(after - before) / calls,
    )


async def spend(processes: int) -> int:
    """Return the credits that *processes* spend of `SPENDABLE` until all are refused."""
    service = Service(LATENCY / 10)
    with Server() as redis:
        async with serving(service) as url:
            told = Worker(name="", url=url, redis=redis.url, credits=SPENDABLE)
            workers = [await evolve(told, name=str(n + 1)).start() for n in range(processes)]
            sent = -1
            while sent < service.by_process.total() or not sent:
                sent = service.by_process.total()
                await asyncio.sleep(WARM_UP)
            for worker in workers:
                worker.kill()
                await worker.communicate()
    return sent * PRICE


async def cost() -> tuple[float, float]:
    """Return the microseconds of a call in a scheduler of its own, and in a shared one."""
    limits = Limits(concurrency=SLOTS, heavy_concurrency=SLOTS, credits=10**9)
    with Server() as redis:
        # A server that has just begun grants nothing until a lease has passed.
        fleet = RedisFleet(redis.url, lease=1.0)
        ledger, slots = fleet.ledger("bench"), fleet.slots("bench")
        await ledger.open()
        shared = Scheduler(limits, clock=fleet.clock, ledger=ledger, leases=slots)
        await slots.open(limits)
        await admit(shared, 1)
        found = [(await admit(Scheduler(limits, clock=fleet.clock), ADMITTED),
                  await admit(shared, ADMITTED)) for _ in range(5)]  # fmt: skip
        await slots.close()
        await ledger.close()
    own, theirs = (statistics.median(times) for times in zip(*found, strict=True))
    return own, theirs


async def admit(scheduler: Scheduler, calls: int) -> float:
    """Return the microseconds of processor time that admitting and settling a call takes."""
    quote = Quote(PRICE, PRICE, PRICE, exact=True, basis="the benchmark")

    async def one() -> None:
        for _ in range(calls):
            async with scheduler.admit(quote, heavy=True, operation="bench") as permit:
                permit.may_leave()
                permit.mark_sent()
                await asyncio.sleep(0)
                permit.settle(PRICE)

    begun = time.process_time()
    await asyncio.gather(*(one() for _ in range(SLOTS // 2)))
    return (time.process_time() - begun) / (calls * (SLOTS // 2)) * 1e6


async def tell(worker: Process) -> None:
    assert worker.stdin is not None
    worker.stdin.write(b"\n")
    await worker.stdin.drain()


async def commands(server: Server) -> int:
    """Return how many scripts the server has run."""
    fleet = RedisFleet(server.url)
    async with fleet:
        stats: Mapping[str, Any] = await fleet.ask("INFO", "commandstats")
    found: Any = stats.get("cmdstat_evalsha", {"calls": 0})
    return int(found["calls"])


def jain(counts: Sequence[int], processes: int) -> float:
    """Return 1 where all have the same, 1/n where one has all."""
    return sum(counts) ** 2 / (processes * sum(count**2 for count in counts))


async def main(numbers: Sequence[int], seconds: float) -> None:
    alone = await measure(1, seconds=seconds, shared=False)
    print(f"{'processes':>9} {'used/allowed':>12} {'peak':>4} {'Jain':>6} "
          f"{'us a call':>9} {'commands a call':>15}")  # fmt: skip
    print(f"{'no Redis':>9} {alone.share:12.3f} {alone.peak:4} {'':6} {alone.cpu * 1e6:9.0f}")
    good = True
    for number in numbers:
        one = await measure(number, seconds=seconds)
        print(f"{number:9} {one.share:12.3f} {one.peak:4} {one.jain:6.3f} "
              f"{one.cpu * 1e6:9.0f} {one.commands:15.3f}", flush=True)  # fmt: skip
        good = good and one.peak <= SLOTS and one.commands <= COMMANDS
        good = good and one.share >= GOAL and one.jain >= GOAL
    for number in numbers:
        spent = await spend(number)
        print(f"{number:9} processes spent {spent} of {SPENDABLE} credits", flush=True)
        good = good and GOAL * SPENDABLE <= spent <= SPENDABLE
    own, theirs = await cost()
    print(f"admit and settle a call: {own:.1f} us in a process of its own, {theirs:.1f} us shared")
    sys.exit(not good)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--worker", type=orjson.loads)
    parser.add_argument("--processes", type=int, nargs="*", default=[1, 2, 4, 8])
    parser.add_argument("--seconds", type=float, default=SECONDS)
    options = parser.parse_args()
    if options.worker:
        asyncio.run(work(Worker(**options.worker)))
    else:
        asyncio.run(main(options.processes, options.seconds))
