"""What the stories of killed jobs share: all that goes wrong, and a process that is killed."""

import asyncio
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from zohocrm_async.emulator import Emulator, Fault

GRACE = 1.0
FAULTS = (
    Fault.CUT_BEFORE,
    Fault.CUT_AFTER,
    Fault.SERVER_ERROR,
    Fault.ERROR_AFTER,
    Fault.BAD_GATEWAY,
    Fault.HTML,
    Fault.TRUNCATED,
    Fault.TOO_MANY_CALLS,
    Fault.SLOW,
    Fault.LATE,
)
ROWS = "rows.jsonl"

_PROGRAM = """
import asyncio, sys
from pathlib import Path
from zohocrm_async import FileTokenStore, Retry, Timeouts, ZohoCRM
from zohocrm_async.jobs import MailJob, MergeJob
from zohocrm_async.jobs.progress import ItemEnded

def tell(event):
    if isinstance(event, ItemEnded):
        print(event.item.key, flush=True)

async def main(folder, resend_absent, grace):
    journal = folder / "journal"
    async with ZohoCRM.from_env(
        token_store=FileTokenStore(folder / "tokens"),
        retry=Retry(base=0.01, ceiling=0.05),
        timeouts=Timeouts(read=0.5),
    ) as crm:
        job = JOB
        print("running", flush=True)
        carry = job.resume if journal.exists() else job.run
        report = await carry(
            folder / "ROWS", on_event=tell, resend_absent=resend_absent == "True",
            grace=float(grace),
        )
        print("stopped" if report.stopped else "through", report.stopped, flush=True)

asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
"""


def go_wrong(
    org: Emulator, dice: random.Random, *, lateness: float, within: int, **calls: Any
) -> None:
    """Let some of the next *calls* fail, of so many, in whichever way; late ones are done yet."""
    for _ in range(dice.randint(2, 12)):
        fault = dice.choice(FAULTS)
        seconds = {Fault.SLOW: 0.8, Fault.LATE: lateness * dice.random()}.get(fault, 0.0)
        after, times = dice.randint(0, within), dice.randint(1, 4)
        org.fail_next(fault, times=times, after=after, seconds=seconds, **calls)
    if dice.random() < 0.5:
        org.fail_next(Fault.TOKEN_REVOKED, after=dice.randint(0, 50), **calls)


async def carried(
    org: Emulator, folder: Path, job: str, *, resend_absent: bool = True, until: int | None = None
) -> bool:
    """Run or resume *job* in a process; killed after *until* items. Whether it got through."""
    program = _PROGRAM.replace("JOB", job).replace("ROWS", ROWS)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(folder), str(resend_absent), str(GRACE),
        env={**org.env}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    if until is not None:
        for _ in range(1 + until):
            await process.stdout.readline()
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
    out, err = await process.communicate()
    assert until is not None or process.returncode == 0, err.decode()
    return out.rstrip().endswith(b"through None")
