"""Peak memory of a job of a million rows beside one of ten thousand.

    python -m benchmarks.job_memory

Each job plans all its rows and then sends the first 20,000, or all it has, in a process
of its own. What is compared is the most memory that the process ever had resident.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.job_resume import write_rows
from benchmarks.throughput import SENDER, running
from zohocrm_async import ZohoCRM
from zohocrm_async.jobs import MailJob

SENDS = 20_000


async def work(rows: Path, folder: Path, count: int) -> None:
    """Plan the job and send its first mails; print the peak in KiB."""
    async with running(0.0, lean=True) as env, ZohoCRM.from_env(env) as crm:
        job = MailJob(
            crm, journal=folder / "journal", module="Leads", sender=SENDER,
            subject="Hello $Name", content="<p>Hello $Name</p>", budget=20 * SENDS,
        )  # fmt: skip
        plan = await job.plan(rows)
        assert plan.planned == count
        report = await job.run(rows)
        assert sum(report.counts.values()) >= min(count, SENDS)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def peak(count: int) -> int:
    """Return the peak memory of a job of so many rows, in KiB."""
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.csv"
        write_rows(rows, count)
        words = [sys.executable, "-m", "benchmarks.job_memory", "--rows", str(rows), str(count)]
        done = subprocess.run(words, check=True, capture_output=True, text=True)  # noqa: S603  # our own interpreter
    return int(done.stdout)


def main() -> None:
    """Measure both and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs=2, help="of one process: the file, and how many they are")
    options = parser.parse_args()
    if options.rows:
        path = Path(options.rows[0])
        asyncio.run(work(path, path.parent, int(options.rows[1])))
        return
    few, many = peak(10_000), peak(1_000_000)
    print(f"10,000 rows     {few / 1024:7.1f} MiB")
    print(f"1,000,000 rows  {many / 1024:7.1f} MiB")
    print(f"ratio           {many / few:7.3f}")


if __name__ == "__main__":
    main()
