"""What a mail job costs beside the same mails through the client alone.

    python -m benchmarks.journal

The job reads rows, checks and fills every mail, keeps its journal on the disk and
reports each item; the client alone is given finished mails. With 20 ms latency and 25
slots the slots should stay full all the same; without latency the processor time counts.
"""

import argparse
import asyncio
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from attrs import frozen

from benchmarks.throughput import RECIPIENT, SENDER, running
from zohocrm_async import ZohoCRM
from zohocrm_async.jobs import MailJob
from zohocrm_async.models import Address, Mail

SLOTS = 25
IN_HAND = 3 * SLOTS
SUBJECT, CONTENT = "Hello $Name", "<p>Hello $Name, here is the news.</p>"

Work = Callable[[ZohoCRM, int], Awaitable[None]]


@frozen
class Round:
    """One run of all mails."""

    rate: float
    cpu: float


async def alone(crm: ZohoCRM, count: int) -> None:
    """Send so many mails through the client, as many at once as the job has in hand."""
    numbers = iter(range(1, count + 1))

    async def sender() -> None:
        for number in numbers:
            mail = Mail(
                from_=Address(SENDER),
                to=[Address(RECIPIENT)],
                subject=f"Hello Person {number}",
                content=f"<p>Hello Person {number}, here is the news.</p>",
            )
            await crm.mail.send("Leads", str(number), mail)

    await asyncio.gather(*(sender() for _ in range(IN_HAND)))


async def job(crm: ZohoCRM, count: int) -> None:
    """Send them by a job with its journal."""
    rows = (
        {"id": str(number), "Email": RECIPIENT, "Name": f"Person {number}"}
        for number in range(1, count + 1)
    )
    with tempfile.TemporaryDirectory() as folder:
        mails = MailJob(
            crm,
            journal=Path(folder) / "journal",
            module="Leads",
            sender=SENDER,
            subject=SUBJECT,
            content=CONTENT,
        )
        report = await mails.run(rows)
        assert report.ok


async def measure(work: Work, crm: ZohoCRM, count: int) -> Round:
    """Measure one run."""
    gc.collect()
    cpu, began = time.process_time(), time.perf_counter()
    await work(crm, count)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    return Round(rate=count / wall, cpu=cpu / count)


async def compare(latency: float, count: int, rounds: int) -> None:
    """Run both in turn and print the ratios."""
    found: dict[str, list[Round]] = {"alone": [], "job": []}
    works: dict[str, Work] = {"alone": alone, "job": job}
    async with running(latency, lean=True) as env:
        slots = {"ZOHO_CONCURRENCY": str(SLOTS), "ZOHO_HEAVY_CONCURRENCY": str(SLOTS)}
        async with ZohoCRM.from_env({**env, **slots}) as crm:
            for work in works.values():
                await work(crm, 200)
            for _ in range(rounds):
                for name, work in works.items():
                    found[name].append(await measure(work, crm, count))
    print(f"\n{count} mails, {latency * 1000:.0f} ms latency, {SLOTS} slots, {rounds} rounds")
    print(f"{'':8} {'calls/s':>9} {'CPU ms/call':>12}")
    for name, runs in found.items():
        rate = statistics.median(run.rate for run in runs)
        cpu = statistics.median(run.cpu for run in runs)
        print(f"{name:8} {rate:9.1f} {cpu * 1000:12.3f}")
    pairs = list(zip(found["job"], found["alone"], strict=True))
    for name, ratios in (
        ("calls/s", [mine.rate / other.rate for mine, other in pairs]),
        ("CPU", [mine.cpu / other.cpu for mine, other in pairs]),
    ):
        middle, low, high = statistics.median(ratios), min(ratios), max(ratios)
        print(f"job / alone {name:8} {middle:.3f}   ({low:.3f} to {high:.3f})")


async def main() -> None:
    """Compare with and without latency."""
    parser = argparse.ArgumentParser(description=__doc__)
    # Short turns: what a machine does beside them drifts over the minutes.
    parser.add_argument("--mails", type=int, default=1_500)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}")
    for latency in (0.02, 0.0):
        await compare(latency, options.mails, options.rounds)


if __name__ == "__main__":
    asyncio.run(main())
