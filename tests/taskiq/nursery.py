"""A process that is ready to be a worker, and becomes one by forking: imports take a second."""

import asyncio
import json
import os
import signal
import sys
from contextlib import suppress

from hosts import made_jobs

from zohocrm_async.api import operations
from zohocrm_async.taskiq import work


async def be_worker(redis: str, prefix: str, database: str, lease: float) -> None:
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with suppress(asyncio.CancelledError):
        await work(made_jobs(redis, prefix, database, lease))


def main() -> None:
    operations()  # with all that is imported on first use
    for line in sys.stdin:
        told = json.loads(line)
        pid = os.fork()
        if not pid:
            os.environ.update(told["env"])
            asyncio.run(be_worker(*told["where"]))
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


signal.signal(signal.SIGCHLD, signal.SIG_IGN)
main()
