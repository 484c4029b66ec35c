"""``zohocrm worker``: a process that carries parts of jobs through."""

import asyncio
import contextlib
from typing import Annotated

import typer

from zohocrm_async.cli.hosts import BrokerURL, DatabaseURL, Hosts
from zohocrm_async.cli.output import note
from zohocrm_async.cli.running import run

Parts = Annotated[
    int,
    typer.Option(metavar="N", min=1, help="How many parts of jobs it carries through at once."),
]


def worker(*, broker: BrokerURL, database: DatabaseURL, parts: Parts = 1) -> None:
    """Carry out the jobs that others start with --broker, until Ctrl-C or SIGTERM.

    Start as many as you like, on as many hosts as you like, with the same credentials: all
    together keep to the organisation's limits. One that is told to go ends what is in
    flight, and others go on; so they do if it is killed.
    """

    async def work() -> bool:
        hosts = Hosts.of(broker, database)
        jobs = hosts.jobs()
        from zohocrm_async.taskiq import work as carry  # noqa: PLC0415  # an extra

        note(f"{jobs} waits for work; Ctrl-C ends it.")
        with contextlib.suppress(asyncio.CancelledError):  # told to go, which is how it ends
            await carry(jobs, parts=parts)
        note("What was in flight has ended, and others can go on.")
        return True

    run(work())
