"""The ways to carry a job through: anew, on from its journal; and what is told of it."""

import contextlib
from collections.abc import AsyncGenerator, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import orjson

from zohocrm_async._clock import Clock
from zohocrm_async.exceptions import InvalidRequest, JournalError
from zohocrm_async.jobs._remaining import Remaining, Task
from zohocrm_async.jobs._run import Run
from zohocrm_async.jobs.items import ItemState
from zohocrm_async.jobs.job import GRACE, Course, Job
from zohocrm_async.jobs.journal import Journal, JournalHead
from zohocrm_async.jobs.progress import Begun, OnEvent, OnItem, Watchers
from zohocrm_async.jobs.report import JobReport
from zohocrm_async.jobs.rows import Source, file_of, fingerprint, open_rows, repeatable
from zohocrm_async.scheduler import Budget

# Credits that come so soon are waited for in the queue; longer waits are the job's own,
# its items planned on disk meanwhile.
_PATIENCE = 10.0
_CREDITS, _SECONDS = "credits", "seconds"


class _Refusals(Protocol):
    """Whatever has items that were refused."""

    async def plan_again(self, state: ItemState, code: str) -> int: ...

    async def refusals(self) -> Mapping[str, int]: ...


async def run(
    job: Job,
    source: Source,
    on_item: OnItem | None = None,
    *,
    on_event: OnEvent | None = None,
    resend_absent: bool = False,
    grace: float = GRACE,
) -> JobReport:
    """Carry *job* through over *source*, with a journal of its own.

    Cancelled, it takes no more rows, lets what is in flight come to its end, and
    then raises `asyncio.CancelledError`; the journal holds every state. Cancelled
    once more, it breaks off what is in flight, and those items are unknown.

    Args:
        job: what to do.
        source: a CSV or JSON lines file, or mappings.
        on_item: called for each item, with the state this run leaves it in.
        on_event: called for each event, see `zohocrm_async.jobs.progress`; if it
            is asynchronous, the item waits for it.
        resend_absent: see `Course`.
        grace: see `Course`.

    Raises:
        InvalidRequest: the input cannot be read, or lacks a column.
        JournalError: the journal exists already, or cannot be written.
    """
    watchers = Watchers(on_item, on_event)
    course = Course(resend_absent=resend_absent, grace=grace, watchers=watchers)
    digest = await fingerprint(source)
    journal = Journal.create(
        job.terms.journal,
        kind=job.terms.kind,
        options=job.options(),
        fingerprint=digest,
        source=file_of(source),
        clock=job.crm.clock,
    )
    # The rows are opened first: without their columns there is no journal to make.
    async with open_rows(source, job.needed) as rows, journal:
        left = Remaining(journal, size=0, last=0, skip=0, further=True)
        tasks = left.among(job.arrange(rows))
        return await _carried(job, source, journal, course, tasks)


async def resume(
    job: Job,
    source: Source,
    on_item: OnItem | None = None,
    *,
    on_event: OnEvent | None = None,
    resend_absent: bool = False,
    grace: float = GRACE,
    retry: Collection[str] = (),
) -> JobReport:
    """Go on with *job* from its journal, over the same *source* as before.

    What is done stays done; what was planned or never taken is carried through, what
    was left unknown is looked up. It ends as `run` does.

    Args:
        job: the same job, its settings as they were; budget and patience may differ.
        source: the same input.
        on_item: as in `run`.
        on_event: as in `run`.
        resend_absent: see `Course`.
        grace: see `Course`.
        retry: codes of refusals by the service; those items are planned again first.

    Raises:
        InvalidRequest: the input cannot be read, or no item was refused for a code.
        JournalError: there is no journal, it is in use, or it is of another job or input.
    """
    watchers = Watchers(on_item, on_event)
    course = Course(resend_absent=resend_absent, grace=grace, watchers=watchers)
    digest = await fingerprint(source)
    async with Journal.open(job.terms.journal, clock=job.crm.clock) as journal:
        check(job, await journal.head(), digest, journal.place)
        for code in retry:
            await plan_again(journal, code)
        left = await Remaining.of(journal)
        skip = left.skip if job.terms.in_order else 0
        async with open_rows(source, job.needed, skip=skip) as rows:
            tasks = left.among(job.arrange(rows))
            return await _carried(job, source, journal, course, tasks)


async def report(path: Path, clock: Clock | None = None) -> JobReport:
    """Return what the journal at *path* says of its job: the sums of all its runs.

    Raises:
        JournalError: there is no journal, or it is in use.
    """
    async with Journal.open(path, clock=clock) as journal:
        spent, seconds = await _sums(journal)
        return JobReport(
            counts=await journal.counts(),
            refusals=await journal.refusals(),
            credits=spent,
            seconds=seconds,
            stopped=None,
            journal=path,
        )


async def _carried(
    job: Job,
    source: Source,
    journal: Journal,
    course: Course,
    tasks: AsyncGenerator[Task, None],
) -> JobReport:
    terms, clock = job.terms, job.crm.clock
    began = clock.monotonic()
    budget = budget_of(job, terms.budget)
    async with contextlib.aclosing(tasks), budget, job.opened(journal) as opened:
        this = Run(opened, journal, budget, course)
        again = partial(_again, opened, source, journal) if repeatable(source) else None
        await course.watchers.tell(Begun(await journal.counts()))
        try:
            await this.carry_through(tasks, again)
        finally:
            seconds = clock.monotonic() - began
            await _add_up(journal, budget.spent, seconds)
        return JobReport(
            counts=await journal.counts(),
            refusals=await journal.refusals(),
            credits=budget.spent,
            seconds=seconds,
            stopped=this.stopped,
            journal=terms.journal,
        )


def budget_of(job: Job, credits: int | None) -> Budget:  # noqa: A002  # the service's word
    """Return the budget of a run of *job*."""
    terms = job.terms
    patience = _PATIENCE if terms.max_wait is None else min(terms.max_wait, _PATIENCE)
    name = f"{terms.kind} job {terms.journal.name}"
    return job.crm.budget(name, credits=credits, priority=terms.priority, max_wait=patience)


@contextlib.asynccontextmanager
async def _again(
    job: Job, source: Source, journal: Journal
) -> AsyncGenerator[AsyncGenerator[Task, None], None]:
    """Open the rows of the items that are unfinished, once more."""
    left = await Remaining.of(journal, further=False)
    skip = left.skip if job.terms.in_order else 0
    async with (
        open_rows(source, job.needed, skip=skip) as rows,
        contextlib.aclosing(left.among(job.arrange(rows))) as tasks,
    ):
        yield tasks


def check(job: Job, head: JournalHead, digest: str | None, place: str) -> None:
    """Refuse to go on with another job, or over another input."""
    if head.kind != job.terms.kind:
        raise JournalError(
            f"{place} is the journal of a {head.kind} job, not of a {job.terms.kind}"
        )
    ours: dict[str, Any] = orjson.loads(orjson.dumps(job.options()))
    theirs = head.options
    other = [name for name in {**theirs, **ours} if ours.get(name) != theirs.get(name)]
    if other:
        name = other[0]
        raise JournalError(
            f"{place} was begun with {name} = {theirs.get(name)!r}, and this job has "
            f"{ours.get(name)!r}: give the options of its first run, or begin another journal"
        )
    if head.fingerprint is not None and digest is not None and digest != head.fingerprint:
        was = "" if head.source is None else f" ({head.source})"
        raise JournalError(
            f"{place} was begun with another input{was}, or it was changed since: give the file "
            "as it was, or begin another journal with the rows that are left"
        )


async def plan_again(journal: _Refusals, code: str) -> None:
    """Plan the items again that the service refused for *code*.

    Raises:
        InvalidRequest: there are none.
    """
    if await journal.plan_again(ItemState.REFUSED, code):
        return
    known = ", ".join(await journal.refusals()) or "none"
    raise InvalidRequest(
        f"no item was refused by the service with the code {code!r}; refusals: {known} "
        "(what the job refused by itself would be refused again)"
    )


async def _sums(journal: Journal) -> tuple[int, float]:
    return int(await journal.noted(_CREDITS) or 0), float(await journal.noted(_SECONDS) or 0.0)


async def _add_up(journal: Journal, spent: int, seconds: float) -> None:
    before, earlier = await _sums(journal)
    await journal.note(_CREDITS, str(before + spent))
    await journal.note(_SECONDS, f"{earlier + seconds:.3f}")
