"""2,000 mails through the client, beside bare aiohttp with a semaphore, in turn.

    python -m benchmarks.throughput

With 20 ms latency and 10 slots the slots should be full and nobody should wait longer
than through bare aiohttp; without latency the processor time a call is what counts.
"""

import argparse
import asyncio
import contextlib
import gc
import math
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

import aiohttp
import orjson
from attrs import frozen

from zohocrm_async import AttemptFinished, Event, ZohoCRM
from zohocrm_async.models import Address, Mail

SLOTS = 10
SENDER, RECIPIENT = "crm@example.com", "recipient@example.com"
PLENTY = 10**9


@frozen
class Round:
    """One run of all mails."""

    rate: float
    p99: float
    cpu: float


def service(latency: float, *, lean: bool) -> list[str]:
    """Return the command of the emulator, or of a service that does next to nothing."""
    if lean:
        return ["benchmarks.server", f"--latency={latency}"]
    return [
        "zohocrm_async.emulator", f"--latency={latency}", f"--concurrency={SLOTS}",
        f"--heavy-concurrency={SLOTS}", f"--credits={PLENTY}", f"--mail-cap={PLENTY}",
    ]  # fmt: skip


@contextlib.asynccontextmanager
async def running(latency: float, *, lean: bool) -> AsyncIterator[Mapping[str, str]]:
    """Run the service in a process of its own and give what `from_env` reads."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *service(latency, lean=lean), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        yield orjson.loads(await process.stdout.readline())["env"]
    finally:
        process.terminate()
        await process.wait()


Send = Callable[[int], Awaitable[object]]


async def measure(send: Send, count: int, latencies: list[float]) -> Round:
    """Make *count* calls as concurrently as they may be; they add to *latencies*."""
    latencies.clear()
    gc.collect()
    gc.disable()
    cpu, began = time.process_time(), time.perf_counter()
    await asyncio.gather(*(send(number) for number in range(1, count + 1)))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    gc.enable()
    p99 = sorted(latencies)[int(0.99 * count)] if latencies else float("nan")
    return Round(rate=count / wall, p99=p99, cpu=cpu / count)


async def make_leads(crm: ZohoCRM) -> list[str]:
    """Make leads to mail, so many that no cache of addresses holds them all."""
    made: list[str] = []
    for _ in range(5):
        rows = [{"Last_Name": f"Lead {number}", "Email": RECIPIENT} for number in range(100)]
        made += [str(outcome.id) for outcome in await crm.records.create("Leads", rows)]
    return made


@contextlib.asynccontextmanager
async def bare(crm: ZohoCRM, leads: Sequence[str], latencies: list[float]) -> AsyncIterator[Send]:
    """aiohttp, a semaphore and orjson: what somebody writes who needs nothing more."""
    semaphore = asyncio.Semaphore(SLOTS)
    token = (await crm._tokens.get()).access_token  # noqa: SLF001  # one token is enough
    headers = {"Authorization": f"Zoho-oauthtoken {token}", "Content-Type": "application/json"}
    base = f"{crm.api_url}/crm/v7/Leads"
    async with aiohttp.ClientSession(headers=headers) as session:

        async def send(number: int) -> None:
            url = f"{base}/{leads[number % len(leads)]}/actions/send_mail"
            body = {
                "data": [
                    {
                        "from": {"email": SENDER},
                        "to": [{"email": RECIPIENT}],
                        "subject": "Hello",
                        "content": "<p>Hello</p>",
                    }
                ]
            }
            async with semaphore:
                began = time.perf_counter()
                async with session.post(url, data=orjson.dumps(body)) as response:
                    answer = orjson.loads(await response.read())
                assert answer["data"][0]["status"] == "success"
                latencies.append(time.perf_counter() - began)

        yield send


def client(crm: ZohoCRM, leads: Sequence[str]) -> Send:
    """The client, as its user calls it."""

    async def send(number: int) -> None:
        mail = Mail(
            from_=Address(SENDER), to=[Address(RECIPIENT)], subject="Hello", content="<p>Hello</p>"
        )
        sent = await crm.mail.send("Leads", leads[number % len(leads)], mail)
        assert sent.message_id

    return send


async def compare(latency: float, count: int, rounds: int, *, lean: bool) -> None:
    """Run both in turn and print the ratios of the medians."""
    found: dict[str, list[Round]] = {"bare": [], "client": []}
    ours: list[float] = []
    theirs: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, AttemptFinished):
            ours.append(event.seconds)

    async with (
        running(latency, lean=lean) as env,
        ZohoCRM.from_env(env, hooks=[note] if latency else []) as crm,
    ):
        leads = [str(number) for number in range(1, 501)] if lean else await make_leads(crm)
        whole = client(crm, leads)
        async with bare(crm, leads, theirs) as plain:
            for warm_up in (plain, whole):
                await asyncio.gather(*(warm_up(number) for number in range(100)))
            for _ in range(rounds):
                found["bare"].append(await measure(plain, count, theirs))
                found["client"].append(await measure(whole, count, ours))
    print(f"\n{count} mails, {latency * 1000:.0f} ms latency, {SLOTS} slots, {rounds} rounds")
    print(f"{'':8} {'calls/s':>9} {'p99 ms':>8} {'CPU ms/call':>12}")
    for name, runs in found.items():
        rate, p99, cpu = (median(runs, field) for field in ("rate", "p99", "cpu"))
        print(f"{name:8} {rate:9.1f} {p99 * 1000:8.2f} {cpu * 1000:12.3f}")
    ratios = {
        field: [
            getattr(mine, field) / getattr(other, field)
            for mine, other in zip(found["client"], found["bare"], strict=True)
        ]
        for field in ("rate", "p99", "cpu")
    }
    for field, values in ratios.items():
        if math.isnan(values[0]):
            continue  # without latency nobody asks for it, and a hook would cost time
        middle, low, high = statistics.median(values), min(values), max(values)
        print(f"client / bare {field:5} {middle:.3f}   ({low:.3f} to {high:.3f})")


def median(runs: list[Round], field: str) -> float:
    """Return the median of one field."""
    return float(statistics.median(getattr(run, field) for run in runs))


async def main() -> None:
    """Compare with and without latency."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=2_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--lean", action="store_true", help="against a service that does nothing")
    options = parser.parse_args()
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}")
    for latency in (0.02, 0.0):
        await compare(latency, options.mails, options.rounds, lean=options.lean)


if __name__ == "__main__":
    asyncio.run(main())
