"""Jobs whose parts are tasks of a broker."""

import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Any

from taskiq import AsyncBroker, AsyncTaskiqDecoratedTask, TaskiqEvents

from zohocrm_async._client import ZohoCRM
from zohocrm_async._clock import Clock
from zohocrm_async.exceptions import ConfigurationError, JournalError, ZohoCRMError
from zohocrm_async.jobs import runner
from zohocrm_async.jobs.job import GRACE, Job, Order
from zohocrm_async.jobs.rows import Row, Source, file_of, fingerprint, open_rows
from zohocrm_async.taskiq._brokers import opened
from zohocrm_async.taskiq._carrier import Carrier
from zohocrm_async.taskiq._job_journal import SqlJournal
from zohocrm_async.taskiq._journals import Journals
from zohocrm_async.taskiq._running import RunningJob
from zohocrm_async.taskiq._settings import RunSettings
from zohocrm_async.taskiq._states import JobState, JobSummary

logger = logging.getLogger("zohocrm_async.taskiq")

PART_SIZE = 200


class Jobs:
    """Mail and merge jobs of one organisation, carried through by the workers of a broker.

    The same is made in every process, those that start jobs and those that work. It opens
    and closes with the broker: ``await broker.startup()``, ``await broker.shutdown()``.

    Args:
        broker: the Taskiq broker that tells the workers that there is work.
        database: the journals of all jobs: ``postgresql://user@host/database``, or
            ``sqlite:////path/of/the/file`` for processes of one host.
        organisation: whose jobs they are; a worker takes those of its own alone.
        crm: opens the client of a worker; its processes are to share ledger, slots and
            mails (`zohocrm_async.redis`).
        lease: seconds after which the part of a worker that gives no sign of life goes to
            another.
        clock: the time, for tests.

    Raises:
        ConfigurationError: the URL is none, or the broker has jobs of the organisation.
    """

    def __init__(
        self,
        broker: AsyncBroker,
        database: str,
        *,
        organisation: str,
        crm: Callable[[], AbstractAsyncContextManager[ZohoCRM]],
        lease: float = 30.0,
        clock: Clock | None = None,
    ) -> None:
        self.broker = broker
        self.organisation = organisation
        self.clock = clock or Clock()
        self.lease = lease
        self._make_crm = crm
        self._journals = Journals(database, lease=lease, clock=clock)
        self._task = self._declare()
        self._opened: AsyncExitStack | None = None
        self._users = 0
        self._carrier: Carrier | None = None
        broker.add_event_handler(TaskiqEvents.CLIENT_STARTUP, self._begin)
        broker.add_event_handler(TaskiqEvents.CLIENT_SHUTDOWN, self._close)
        broker.add_event_handler(TaskiqEvents.WORKER_STARTUP, self._begin_to_work)
        broker.add_event_handler(TaskiqEvents.WORKER_SHUTDOWN, self._end_work)

    def __repr__(self) -> str:
        return f"Jobs({self._journals.where}, organisation={self.organisation!r})"

    async def start(
        self,
        job: Job,
        rows: Source,
        *,
        part_size: int = PART_SIZE,
        resend_absent: bool = False,
        grace: float = GRACE,
        join: bool = False,
    ) -> RunningJob:
        """Write all *rows* into the journal, let the workers carry them out, and return.

        The job's ``journal`` is its name. One whose start died half way is started by the
        same call again.

        Args:
            job: what to do.
            rows: a CSV or JSON lines file, or mappings.
            part_size: how many items a worker takes at a time.
            resend_absent: see `zohocrm_async.jobs.runner.run`.
            grace: the same.
            join: whether a job of the same name, options and input is joined; otherwise
                it is refused.

        Raises:
            InvalidRequest: the input cannot be read, or lacks a column.
            JournalError: there is a job of that name, or the database cannot be used.
        """
        digest = await fingerprint(rows)
        settings = RunSettings.of(job.terms, resend_absent=resend_absent, grace=grace)
        async with open_rows(rows, job.needed) as opened:
            journal = await self._journal(job, digest, file_of(rows), part_size, join=join)
            if (await journal.progress()).state is JobState.PLANNING:
                await settings.note(journal)
                await _plan(job, journal, opened)
        await self.kick(journal)
        return await self._running(journal)

    async def join(self, name: str) -> RunningJob:
        """Return the job *name*, which somebody has started.

        Raises:
            JournalError: there is none, or the database cannot be used.
        """
        journal = await self._found(name)
        await self.kick(journal, 1)
        return await self._running(journal)

    async def resume(
        self,
        name: str,
        *,
        retry: Collection[str] = (),
        budget: int | None = None,
        resend_absent: bool = False,
        grace: float = GRACE,
    ) -> RunningJob:
        """Go on with a job that has stopped or ended: what is unfinished, and what is unknown.

        Args:
            name: the job's.
            retry: codes of refusals by the service; those items are planned again first.
            budget: the most credits that it spends from now on; that of a job that runs
                stays as it is.
            resend_absent: as in `start`.
            grace: as in `start`.

        Raises:
            InvalidRequest: no item was refused for a code.
            JournalError: there is no such job, or not all of its rows were written.
        """
        journal = await self._found(name)
        for code in retry:
            await runner.plan_again(journal, code)
        before = await RunSettings.noted(journal)
        settings = before.again(resend_absent=resend_absent, grace=grace)
        await settings.note(journal)
        await journal.resume(absent=resend_absent, budget=budget)
        await self.kick(journal)
        return await self._running(journal)

    async def delete(self, name: str) -> None:
        """Take a job that does not run, and all that is known of it, out of the database.

        Its name is free again: nothing tells any more whom it has mailed.

        Raises:
            JournalError: it runs, there is none, or the database cannot be used.
        """
        await (await self._found(name)).delete()

    async def names(self) -> tuple[str, ...]:
        """Return the names of all jobs of the organisation."""
        return tuple(self._short(one.name) for one in await self._own())

    async def kick(self, journal: SqlJournal, most: int | None = None) -> bool:
        """Tell the workers of the parts of *journal* that nobody has, or so many of them.

        Returns:
            Whether the broker took all that there was to tell.
        """
        for _ in (await journal.waiting_parts())[:most]:
            try:
                await self._task.kiq(journal.name)
            except Exception as error:  # noqa: BLE001  # brokers raise whatever they like
                # No part is lost by it: every worker looks by itself.
                logger.warning("%s: the broker took no task: %s", journal.place, type(error))
                return False
        return True

    # --- work

    def _declare(self) -> AsyncTaskiqDecoratedTask[[str], Any]:
        name = f"zohocrm_async:{self.organisation}"
        if self.broker.find_task(name) is not None:
            raise ConfigurationError(
                f"the broker has jobs of organisation {self.organisation!r} already: "
                "make one Jobs for each organisation"
            )

        async def part(job: str) -> None:
            """Carry one part of *job* through."""
            await self._carry(job)

        return self.broker.register_task(part, task_name=name)

    async def _carry(self, name: str) -> None:
        """Carry a part of a job through; no part is left, or no such job: do nothing."""
        if self._carrier is None:
            return  # no worker (any more): whoever is one looks for the part by itself
        try:
            journal = await self._journals.open(name)
            if await self._carrier.carry(journal, self._short(name)):
                await self.kick(journal, 1)
        except ZohoCRMError as error:
            logger.warning("%s", error)

    async def _begin_to_work(self, _: object = None) -> None:
        opened = await self._open()
        try:
            crm = await opened.enter_async_context(self.client())
        except BaseException:
            await self._close()
            raise
        self._carrier = Carrier(crm, self.clock, self._look, self.lease / 2)

    async def _end_work(self, _: object = None) -> None:
        await self.interrupt()
        self._carrier = None
        await self._close()

    async def interrupt(self) -> None:
        """End what this process has in flight as a worker, and give its parts back."""
        if self._carrier is not None:
            await self._carrier.interrupt()

    async def _look(self) -> None:
        carrier = self._carrier
        for one in await self._own():
            if one.state is JobState.RUNNING:
                journal = await self._journals.open(one.name)
                while not await self.kick(journal, 1):
                    # Nobody hears of it, and this worker has nothing to do.
                    if not (carrier and await carrier.carry(journal, self._short(one.name))):
                        break

    def client(self) -> AbstractAsyncContextManager[ZohoCRM]:
        """Return a client as the workers have, to be opened."""
        return self._make_crm()

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncGenerator[None, None]:
        """Open the broker, and the jobs with it, and close them again.

        Raises:
            FleetError: the broker cannot be reached.
            JournalError: the database cannot be used.
        """
        async with opened(self.broker):
            yield

    # --- life

    async def _begin(self, _: object = None) -> None:
        await self._open()

    async def _open(self) -> AsyncExitStack:
        if self._opened is None:
            opened = AsyncExitStack()
            await opened.enter_async_context(self._journals)
            self._opened = opened
        self._users += 1
        return self._opened

    async def _close(self, _: object = None) -> None:
        self._users -= 1
        if not self._users and self._opened is not None:
            opened, self._opened = self._opened, None
            await opened.aclose()

    def _ready(self) -> Journals:
        if self._opened is None:
            raise ConfigurationError("the jobs are not open: await broker.startup() first")
        return self._journals

    # --- journals

    async def _journal(
        self, job: Job, digest: str | None, source: Path | None, part_size: int, *, join: bool
    ) -> SqlJournal:
        """Return the journal of *job*: a new one, or that of a start that died half way."""
        journals, name = self._ready(), self._long(job.terms.journal.as_posix())
        if name not in {one.name for one in await self._own()}:
            try:
                return await journals.create(
                    name,
                    kind=job.terms.kind,
                    options=job.options(),
                    fingerprint=digest,
                    source=source,
                    budget=job.terms.budget,
                    part_size=part_size,
                )
            except JournalError:
                if not join:
                    raise
        journal = await journals.open(name)  # which another may just have begun
        progress = await journal.progress()
        if not join and progress.state is not JobState.PLANNING:
            raise JournalError(
                f"{journal.place} exists, so this job was started before, and to start it again "
                "would repeat what it did: join it, resume it, or take another name"
            )
        runner.check(job, await journal.head(), digest, journal.place)
        return journal

    async def _found(self, name: str) -> SqlJournal:
        return await self._ready().open(self._long(name))

    async def _running(self, journal: SqlJournal) -> RunningJob:
        kind = (await journal.head()).kind
        return RunningJob(self, journal, self._short(journal.name), kind)

    async def _own(self) -> tuple[JobSummary, ...]:
        prefix = self._long("")
        return tuple(one for one in await self._ready().jobs() if one.name.startswith(prefix))

    def _long(self, name: str) -> str:
        return f"{self.organisation}/{name}"

    def _short(self, name: str) -> str:
        return name.removeprefix(self._long(""))


async def _plan(job: Job, journal: SqlJournal, rows: AsyncIterator[Row]) -> None:
    async with job.opened(journal) as opened:

        async def orders() -> AsyncGenerator[tuple[Row, Order], None]:
            async for row in opened.arrange(rows):
                yield row, opened.order(row)

        await journal.plan(orders(), opened.taken)
