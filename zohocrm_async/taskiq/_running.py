"""A job that workers carry through, as those see it who started or joined it."""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.report import JobReport
from zohocrm_async.taskiq._database import Unreachable
from zohocrm_async.taskiq._job_journal import SqlJournal
from zohocrm_async.taskiq._settings import Wait
from zohocrm_async.taskiq._states import JobState, Progress

if TYPE_CHECKING:
    from zohocrm_async.taskiq._jobs import Jobs

logger = logging.getLogger("zohocrm_async.taskiq")

T = TypeVar("T")

_EVERY = 1.0
# Seconds that whoever watches waits for a database that is away.
_PATIENCE = 300.0


class RunningJob:
    """A job on many hosts; leaving it changes nothing of it."""

    def __init__(self, jobs: "Jobs", journal: SqlJournal, name: str, kind: str) -> None:
        self.name, self.kind = name, kind
        self._jobs = jobs
        self._journal = journal

    def __repr__(self) -> str:
        return f"RunningJob({self._journal.place})"

    @property
    def place(self) -> str:
        """The database and the job in it, without secrets."""
        return self._journal.place

    async def progress(self) -> Progress:
        """Return how far it is: items by state, parts, credits, and whether it goes on."""
        return await self._journal.progress()

    async def waiting(self) -> Wait | None:
        """Return what the workers wait for, if they do."""
        return await self._patiently(
            lambda: Wait.noted(self._journal, self._jobs.clock.now()), _EVERY
        )

    async def watch(self, every: float = _EVERY) -> AsyncGenerator[Progress, None]:
        """Yield its progress every so many seconds; the last time when it has come to its end.

        Parts that nobody carries on go to the workers again meanwhile. A database that is
        away is waited for, up to five minutes.

        Raises:
            JournalError: not all of its rows were written, or the database cannot be used.
        """
        clock, looked = self._jobs.clock, self._jobs.clock.monotonic()
        while True:
            progress = await self._patiently(self.progress, every)
            if progress.state is JobState.PLANNING:
                raise JournalError(
                    f"{self.place} was not planned to its end: wait for whoever starts it, or "
                    "start it again with the same rows"
                )
            yield progress
            if progress.state is not JobState.RUNNING and not progress.parts_held:
                return
            if clock.monotonic() - looked >= self._jobs.lease:
                looked = clock.monotonic()
                if not progress.parts_held:
                    await self._patiently(lambda: self._jobs.kick(self._journal, 1), every)
            await clock.sleep(every)

    async def _patiently(self, attempt: Callable[[], Awaitable[T]], every: float) -> T:
        clock, since = self._jobs.clock, None
        while True:
            try:
                return await attempt()
            except Unreachable as error:
                if since is None:
                    since = clock.monotonic()
                    logger.warning("%s", error)
                elif clock.monotonic() - since >= _PATIENCE:
                    raise
            await clock.sleep(every)

    async def wait(self) -> JobReport:
        """Return its report once it has come to its end, by itself or stopped.

        Raises:
            JournalError: as `watch`.
        """
        async for _ in self.watch():
            pass
        return await self.report()

    async def stop(self, reason: str = "stopped on request") -> bool:
        """Let all workers end what is in flight and take no more; whether it ran until now."""
        return await self._journal.stop(reason)

    async def report(self) -> JobReport:
        """Return the sums of all its runs so far."""
        progress = await self.progress()
        return JobReport(
            counts=progress.counts,
            refusals=await self.refusals(),
            credits=progress.spent,
            seconds=progress.seconds,
            stopped=progress.stopped,
            journal=Path(self.name),
        )

    async def refusals(self) -> Mapping[str, int]:
        """Return how many items were refused for each code, the most frequent first."""
        return await self._journal.refusals()

    async def items(self, *states: ItemState) -> AsyncGenerator[Item, None]:
        """Yield its items in the order of the input; all, or those in one of *states*."""
        async for item in self._journal.items(*states):
            yield item
