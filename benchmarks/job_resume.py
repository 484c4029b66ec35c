"""How soon a job that has a million items behind it sends again.

    python -m benchmarks.job_resume

The journal is made as a run would have left it: all but the last rows are sent, some
in between are planned. The clock starts before the journal is opened and stops when the
first mail of the resumed job is done.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.throughput import RECIPIENT, SENDER, running
from zohocrm_async import ZohoCRM
from zohocrm_async.jobs import Item, ItemState, Journal, MailJob
from zohocrm_async.jobs.progress import Event, ItemEnded
from zohocrm_async.jobs.rows import fingerprint

LEFT = 200


def write_rows(path: Path, count: int) -> None:
    """Write a CSV file of so many rows."""
    with path.open("w") as file:
        file.write("id,Email,Name\n")
        file.writelines(f"{n},{RECIPIENT},Person {n}\n" for n in range(1, count + 1))


def items(count: int, planned: range) -> Iterator[Item]:
    """Yield the items of a journal."""
    for n in range(1, count + 1):
        state = ItemState.PLANNED if n in planned else ItemState.SENDING
        yield Item(key=str(n), position=n, record_id=str(n), state=state, trace='["Hi",[""]]')


async def make_journal(job: MailJob, rows: Path, count: int, planned: range) -> None:
    """Write the journal as a run of the job would have."""
    digest = await fingerprint(rows)
    async with Journal.create(
        job.journal, kind="mail", options=job.options(), fingerprint=digest, source=rows
    ) as journal:

        async def one(item: Item) -> None:
            await journal.add(item)
            if item.state is ItemState.SENDING:
                await journal.record(item.became(ItemState.SENT, message_id=f"{item.key:>064}"))

        source = items(count, planned)

        async def writer() -> None:
            for item in source:
                await one(item)

        await asyncio.gather(*(writer() for _ in range(500)))


async def measure(count: int, planned: range, folder: Path) -> float:
    """Return the seconds until the first mail of the resumed job is sent."""
    rows = folder / "rows.csv"
    write_rows(rows, count + LEFT)
    async with running(0.0, lean=True) as env, ZohoCRM.from_env(env) as crm:
        job = MailJob(
            crm, journal=folder / f"journal {planned}", module="Leads", sender=SENDER,
            subject="Hi", content="Hi $Name", budget=20 * LEFT,
        )  # fmt: skip
        await make_journal(job, rows, count, planned)
        first: list[float] = []

        def note(event: Event) -> None:
            if isinstance(event, ItemEnded) and not first:
                first.append(time.perf_counter() - began)

        began = time.perf_counter()
        await job.resume(rows, on_event=note)
        print(f"planned {planned}: first mail after {first[0]:.2f} s, "
              f"all after {time.perf_counter() - began:.2f} s")  # fmt: skip
    return first[0]


async def main() -> None:
    """Measure with nothing but new rows left, and with planned ones early and late."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    count = parser.parse_args().items
    for planned in (range(0), range(10, 20), range(count - 20, count - 10)):
        with tempfile.TemporaryDirectory() as folder:
            await measure(count, planned, Path(folder))


if __name__ == "__main__":
    asyncio.run(main())
