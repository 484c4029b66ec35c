"""Jobs on many hosts as commands: started, joined, watched, told of."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from zohocrm_async import ZohoCRM
from zohocrm_async.cli.hosts import Hosts
from zohocrm_async.cli.jobs import Form, concluded, print_items, print_report
from zohocrm_async.cli.output import note, watched
from zohocrm_async.cli.watching import Watch, bars, waits
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.jobs import ItemState, MailJob, MergeJob

if TYPE_CHECKING:
    from zohocrm_async.taskiq import Jobs, Progress, RunningJob, Wait

_EVERY_LINE = 10.0
# Until this look whoever waits for work has taken some.
_SECOND = 2
_TO_DO = frozenset({ItemState.PLANNED, ItemState.SENDING, ItemState.MERGING})

T = TypeVar("T", MailJob, MergeJob)


async def start(
    hosts: Hosts,
    make_job: Callable[[ZohoCRM], T],
    check: Callable[[ZohoCRM, T], Awaitable[None]],
    rows: Path,
    *,
    as_json: bool,
    **settings: Any,
) -> bool:
    """Start the job, or join it if it runs, and show it to its end; whether all went well."""
    async with hosts.opened() as jobs:
        async with jobs.client() as crm:
            job = make_job(crm)
            await check(crm, job)
            try:
                running = await jobs.start(job, rows, join=True, **settings)
            except asyncio.CancelledError:
                note("Not all rows are written down, so nothing is sent; the same command goes on.")
                raise
        return await _shown(hosts, running, as_json=as_json)


async def join(hosts: Hosts, kind: str, name: str, *, as_json: bool) -> bool:
    """Show a job to its end; whether all went well."""
    async with _found(hosts, kind, name) as (_, running):
        return await _shown(hosts, running, as_json=as_json)


async def go_on(hosts: Hosts, kind: str, name: str, *, as_json: bool, **settings: Any) -> bool:
    """Let a job go on that has stopped or ended, and show it; whether all went well."""
    async with _found(hosts, kind, name) as (jobs, _):
        running = await jobs.resume(name, **settings)
        return await _shown(hosts, running, as_json=as_json)


async def delete(hosts: Hosts, kind: str, name: str) -> bool:
    """Delete a job that does not run."""
    async with _found(hosts, kind, name) as (jobs, running):
        await jobs.delete(name)
        note(f"{running.place} is deleted, and its name is free.")
    return True


async def stop(hosts: Hosts, kind: str, name: str) -> bool:
    """Stop a job, and return once all workers have let go of it."""
    async with _found(hosts, kind, name) as (_, running):
        news = await running.stop()
        report = await running.wait()
        note(f"{running.place} {'has stopped' if news else 'does not run'}.")
        if news:
            concluded(report, _how_on(hosts, running))
        return news


async def report(hosts: Hosts, kind: str, name: str, form: Form | None = None) -> bool:
    """Print what became of a job, or of every item of it."""
    async with _found(hosts, kind, name) as (_, running):
        if form is None:
            await print_report(await running.report(), running.items, running.place)
        else:
            await print_items(running.items, form)
    return True


@contextlib.asynccontextmanager
async def _found(
    hosts: Hosts, kind: str, name: str
) -> AsyncGenerator[tuple["Jobs", "RunningJob"], None]:
    """Open the jobs and one of them, which is to be of *kind*."""
    async with hosts.opened() as jobs:
        running = await jobs.join(name)
        if running.kind != kind:
            raise InvalidRequest(
                f"{running.place} is of a {running.kind} job: use the commands of zohocrm "
                f"{running.kind}"
            )
        yield jobs, running


async def _shown(hosts: Hosts, running: "RunningJob", *, as_json: bool) -> bool:
    try:
        await _watched(hosts, running)
    except asyncio.CancelledError:
        note(
            f"{running.place} goes on without this command. Join it again with: "
            f"zohocrm {running.kind} join {running.name} {hosts}"
        )
        raise
    report = await running.report()
    if as_json:
        await print_items(running.items)
    else:
        await print_report(report, running.items, running.place)
    return concluded(report, _how_on(hosts, running))


def _how_on(hosts: Hosts, running: "RunningJob") -> str:
    return f"Go on with: zohocrm {running.kind} resume {running.name} {hosts}"


async def _watched(hosts: Hosts, running: "RunningJob") -> None:
    """Draw the bar every second, or print a line now and then, until the job has ended."""
    human, said, due, looks = watched(), "", 0.0, 0
    with bars() as progress:
        watch = Watch(progress, running.name, None)
        account = Account(watch)
        async with contextlib.aclosing(running.watch()) as states:
            async for state in states:
                looks += 1
                if looks == _SECOND and _untaken(state):
                    advice = f"No worker has taken it; start workers with: zohocrm worker {hosts}"
                    progress.console.print(advice, soft_wrap=True)
                line = account.line(state, await running.waiting())
                if human:
                    watch.draw(line)
                elif line != said and state.seconds >= due:
                    note(f"{watch.states.total():,} of {watch.total:,}: {line}")
                    said, due = line, state.seconds + _EVERY_LINE


def _untaken(state: "Progress") -> bool:
    return not (state.spent or state.parts_held) and state.parts_done < state.parts


class Account:
    """Says in one line how a job on many hosts stands."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._first: Progress | None = None

    def line(self, state: "Progress", wait: "Wait | None") -> str:
        """Return the line, and move the bar."""
        watch = self._watch
        watch.total = sum(state.counts.values())
        watch.states = Counter({s: n for s, n in state.counts.items() if s not in _TO_DO})
        if self._first is None:
            self._first, watch.before = state, watch.states.total()
        parts = [
            str(watch) or "nothing done yet",
            f"{state.spent:,} credits",
            f"{state.parts_held} of {state.parts - state.parts_done} parts in hand",
            "" if wait is None else waits(wait.until, wait.why),
        ]
        left = "" if wait else watch.left(state.seconds - self._first.seconds)
        return "; ".join(part for part in (*parts, left) if part)
