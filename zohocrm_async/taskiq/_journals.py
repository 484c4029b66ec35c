"""The database in which jobs on many hosts keep their journals."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from zohocrm_async._clock import Clock
from zohocrm_async.exceptions import ConfigurationError, JournalError
from zohocrm_async.jobs.journal import written
from zohocrm_async.taskiq._database import Database
from zohocrm_async.taskiq._job_journal import SqlJournal
from zohocrm_async.taskiq._rows import kept, moment, storable
from zohocrm_async.taskiq._states import JobState, JobSummary
from zohocrm_async.taskiq._tables import insert_new, jobs

_SHORTEST: Final = 0.2
# A part is carried through by one worker: small enough that its loss delays little.
_PART_SIZE: Final = 200
# A batch of the planning, or a look at a million items, may take a while.
_PATIENCE: Final = 30.0
# Other processes write for milliseconds.
_BUSY: Final = 1.0
_MOST_NAMED: Final = 10


class Journals:
    """The journals of many jobs in one database; an async context manager.

    Any number of processes on any hosts may use it at once. The first makes the tables,
    whose names begin with ``zohocrm_``.

    Args:
        url: ``postgresql://user:password@host/database``, or ``sqlite:////path`` for
            processes of one host.
        lease: seconds after which the part of a worker that gives no sign of life is
            another's.
        clock: this process's time, for tests.
        time: stands for the database's own clock, for tests.

    Raises:
        ConfigurationError: the URL is of no such database, or the lease is too short.
    """

    def __init__(
        self,
        url: str,
        *,
        lease: float = 30.0,
        clock: Clock | None = None,
        time: Clock | None = None,
    ) -> None:
        if not lease >= _SHORTEST:
            raise ConfigurationError(f"Journals.lease is {lease!r}; give {_SHORTEST} s or more")
        patience, busy = max(_PATIENCE, lease), max(_BUSY, lease / 2)
        self._database = Database(url, patience, busy, time)
        self.where = self._database.where
        """The database, without secrets."""
        self._lease = lease
        self._clock = clock or Clock()

    def __repr__(self) -> str:
        return f"Journals({self.where})"

    async def __aenter__(self) -> Self:
        try:
            await self._database.open()
        except BaseException:
            await self._database.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._database.close()

    async def create(
        self,
        name: str,
        *,
        kind: str,
        options: Mapping[str, Any],
        fingerprint: str | None = None,
        source: Path | None = None,
        budget: int | None = None,
        part_size: int = _PART_SIZE,
    ) -> SqlJournal:
        """Begin the journal of a new job, whose rows are to be planned.

        Args:
            name: of the job; no other job of the database has it.
            kind: ``mail`` or ``merge``.
            options: the job's settings, without credentials.
            fingerprint: of the input file, if it is one.
            source: the input file, if it is one.
            budget: the most credits that the job may spend; None: no end.
            part_size: how many rows a worker carries through at a time.

        Raises:
            InvalidRequest: a text among *options* has half of a character.
            JournalError: there is a job of that name, or the database cannot be used.
        """
        if not name or not storable(name):
            raise ConfigurationError(f"{name!r} is no name for a job: give letters and digits")
        if part_size < 1:
            raise ConfigurationError(f"part_size is {part_size}; give 1 or more")
        number = await self._inserted(
            name=name,
            kind=kind,
            options=written(options),
            fingerprint=fingerprint,
            source=None if source is None else kept(str(source)),
            budget=budget,
            part_size=part_size,
        )
        if number is None:
            raise JournalError(
                f"{self.where} has a job {name!r}, so it was started before, and to run it again "
                "would repeat what it did. Join it, or give another job another name"
            )
        return self._journal(name, number)

    async def open(self, name: str) -> SqlJournal:
        """Return the journal of a job.

        Raises:
            JournalError: there is none, or the database cannot be used.
        """
        number = await self._database.run(
            lambda c: c.scalar(select(jobs.c.id).where(jobs.c.name == name)), reads=True
        )
        if number is None:
            known = [job.name for job in await self.jobs()]
            named = ", ".join(map(repr, known[-_MOST_NAMED:])) or "none"
            raise JournalError(f"{self.where} has no job {name!r}; the latest it has: {named}")
        return self._journal(name, number)

    async def jobs(self) -> tuple[JobSummary, ...]:
        """Return all jobs, in the order in which they were made."""
        return await self._database.run(_summaries, reads=True)

    async def _inserted(self, **values: Any) -> int | None:
        """Return the number of a new job, or None: its name is taken."""
        made = (
            insert_new(self._database.dialect, jobs)
            .values(
                created_at=self._database.now(),
                state=JobState.PLANNING,
                planned=0,
                granted=0,
                spent=0,
                **values,
            )
            .on_conflict_do_nothing()
            .returning(jobs.c.id)
        )
        return await self._database.run(lambda c: c.scalar(made))

    def _journal(self, name: str, number: int) -> SqlJournal:
        return SqlJournal(self._database, name, number, lease=self._lease, clock=self._clock)


async def _summaries(connection: AsyncConnection) -> tuple[JobSummary, ...]:
    found = await connection.execute(
        select(jobs.c.name, jobs.c.kind, jobs.c.state, jobs.c.stopped, jobs.c.created_at).order_by(
            jobs.c.id
        )
    )
    return tuple(
        JobSummary(
            name=job.name,
            kind=job.kind,
            state=JobState(job.state),
            stopped=job.stopped,
            created_at=moment(job.created_at),
        )
        for job in found
    )
