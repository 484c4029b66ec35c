"""One part of a job, carried through by a worker while the part is its own."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from functools import partial

from zohocrm_async._client import ZohoCRM
from zohocrm_async.exceptions import BudgetExceeded, JournalError, SchedulerClosed
from zohocrm_async.jobs._remaining import UNFINISHED, Task
from zohocrm_async.jobs._run import Run
from zohocrm_async.jobs.job import Job, Losses
from zohocrm_async.jobs.progress import Event, Resumed, Waiting, Watchers, ended
from zohocrm_async.jobs.runner import budget_of
from zohocrm_async.scheduler import Budget
from zohocrm_async.taskiq._job_journal import SqlJournal
from zohocrm_async.taskiq._part_journal import PartJournal
from zohocrm_async.taskiq._settings import RunSettings, Wait, job_of

logger = logging.getLogger("zohocrm_async.taskiq")

# What a part takes at a time of the job's budget, if it has one: what it has, others have not,
# and is lost if the worker dies; where it needs more, nothing is in flight for a moment.
_AT_ONCE, _SHARES = 20_000, 10


class PartRun:
    """Carries a part through, as far as it goes; cancelled, it ends what is in flight."""

    def __init__(
        self, crm: ZohoCRM, journal: SqlJournal, part: PartJournal, name: str, losses: Losses
    ) -> None:
        self._crm = crm
        self._losses = losses
        self._journal = journal
        self._part = part
        self._name = name
        self._gone = False
        self._moved = False

    async def carry_through(self) -> bool:
        """Carry the part on until it is through, interrupted, or stopped.

        Returns:
            Whether it got anywhere, so that looking for more is worth it.

        Raises:
            JournalError: the journal cannot be used.
            asyncio.CancelledError: it was cancelled; the part is given back.
        """
        async with self._part as part:
            running = asyncio.create_task(self._carried())
            watching = asyncio.create_task(part.interrupted())
            try:
                await asyncio.wait({running, watching}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                try:
                    # As whoever presses Ctrl-C once: what is in flight comes to its end.
                    await ended(running)
                finally:
                    watching.cancel()
                    await asyncio.wait([watching])
            if part.lost:
                logger.warning("%s: part %d went to another worker", part.place, part.number)
            elif not running.cancelled():
                running.result()
        return self._moved

    async def _carried(self) -> None:
        part = self._part
        settings = await RunSettings.noted(part)
        job = await job_of(self._crm, part, self._name, await self._journal.head(), settings)
        async with job.opened(part) as opened:
            await self._carry(opened, settings)

    async def _carry(self, job: Job, settings: RunSettings) -> None:
        part, before = self._part, 0
        while granted := await part.grant(_AT_ONCE, shares=_SHARES):
            budget = budget_of(job, granted)
            run = await self._run(job, settings, budget, before)
            before += budget.spent
            self._moved = before > 0 or run.stopped is None or self._gone
            if not isinstance(run.cause, BudgetExceeded):
                await self._end(run)
                return
            if not budget.spent:
                break
        progress = await self._journal.progress()
        if progress.parts_held <= 1:  # or else others may give back of what they have
            await self._journal.stop(f"the job's budget of {progress.budget:,} credits is spent")

    async def _run(self, job: Job, settings: RunSettings, budget: Budget, before: int) -> Run:
        part = self._part

        def spend(budget: Budget) -> None:
            part.spent = before + budget.spent

        budget.last_look = self._look
        budget.listeners[spend] = None
        course = settings.course(Watchers(None, self._tell), self._losses)
        async with budget:
            run = Run(job, part, budget, course)
            try:
                async with self._tasks() as tasks:
                    await run.carry_through(tasks, partial(self._tasks))
            finally:
                spend(budget)
        return run

    async def _end(self, run: Run) -> None:
        if run.stopped is None:
            await self._part.finish()
        elif self._gone or isinstance(run.cause, JournalError):
            logger.warning("%s: part %d: %s", self._part.place, self._part.number, run.stopped)
        elif await self._journal.stop(run.stopped):
            logger.warning("%s: this worker stopped the job: %s", self._part.place, run.stopped)

    @contextlib.asynccontextmanager
    async def _tasks(self) -> AsyncGenerator[AsyncGenerator[Task, None], None]:
        async with contextlib.aclosing(self._part.rows(*UNFINISHED)) as rows:
            yield rows

    def _look(self) -> None:
        # Once gone, for good: a late sign of life may have been heard after all.
        self._gone = self._gone or self._part.lost
        if self._gone:
            raise SchedulerClosed(
                f"{self._part.place}: part {self._part.number} went to another worker"
            )

    async def _tell(self, event: Event) -> None:
        if isinstance(event, Waiting):
            await Wait(event.until, event.why).note(self._part)
        elif isinstance(event, Resumed):
            await Wait.end(self._part)
