"""The journal of a whole job in a database: for whoever plans, starts, watches and reports."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from functools import partial
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, Integer, case, cast, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from zohocrm_async._clock import Clock
from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs.items import ABSENT, ItemState
from zohocrm_async.jobs.job import Order
from zohocrm_async.jobs.rows import Row
from zohocrm_async.taskiq import _claims, _planning
from zohocrm_async.taskiq._database import Database
from zohocrm_async.taskiq._kept_claim import KeptClaim, uptime
from zohocrm_async.taskiq._part_journal import PartJournal
from zohocrm_async.taskiq._planning import Taken
from zohocrm_async.taskiq._reader import JobReader
from zohocrm_async.taskiq._rows import kept
from zohocrm_async.taskiq._states import JobState, Progress
from zohocrm_async.taskiq._tables import claims, items, jobs, notes, parts, rows

T = TypeVar("T")
_Entry = tuple[Row, Order]

# Rows in one transaction of the planning.
_BATCH: Final = 1_000


class SqlJournal(JobReader):
    """One job of a database, as its starter and its watchers see it.

    It holds nothing open: any number of processes may have one of the same job.
    Made by `Journals.create` and `Journals.open`.
    """

    def __init__(
        self, database: Database, name: str, number: int, *, lease: float, clock: Clock
    ) -> None:
        super().__init__(database, name, number)
        self._lease = lease
        self._clock = clock

    async def plan(self, orders: AsyncIterable[_Entry], taken: Taken) -> None:
        """Write what becomes of each row, cut the rows into parts, and let the job run.

        Nothing is sent before all rows are written. If this does not come to its end,
        it is called again with the same rows: those that are written are passed over.

        Args:
            orders: rows of the input, each with what `Job.order` makes of it; their
                positions ascend.
            taken: the job's own, see `Job.taken`.

        Raises:
            JournalError: the job is planned already, or somebody else plans it.
        """
        job = await self._job_row()
        planned, size = int(job["planned"]), int(job["part_size"])
        if job["state"] != JobState.PLANNING:
            raise JournalError(f"{self.place} is planned already: join it, or name another job")
        per_batch = size * max(1, _BATCH // size)
        async with contextlib.aclosing(_batches(orders, planned, per_batch)) as batches:
            async for batch in batches:
                await self._run(partial(self._plan, batch, taken, planned, size))
                planned = batch[-1][0].position
        await self._run(partial(self._begin, planned))

    async def progress(self) -> Progress:
        """Return how far the job has come; it costs a look at every item."""
        return await self._run(self._progress, reads=True)

    async def waiting_parts(self) -> tuple[int, ...]:
        """Return the parts that are to be carried through and that nobody living has."""
        found = await self._run(
            lambda c: c.scalars(
                select(parts.c.number)
                .join(jobs, jobs.c.id == parts.c.job)
                .where(
                    parts.c.job == self._job,
                    parts.c.done == 0,
                    jobs.c.state == JobState.RUNNING,
                    or_(parts.c.token.is_(None), parts.c.leased_until < self._database.now()),
                )
                .order_by(parts.c.number)
            ),
            reads=True,
        )
        return tuple(found)

    async def claim(self, part: int) -> PartJournal | None:
        """Claim a part, to be entered soon, for carrying it through.

        What was being sent under a claim that lapsed is unknown from then on.

        Returns:
            None if the part is done, if a living worker has it, or if the job does
            not run.
        """
        sent = uptime(self._clock)
        claim = await self._run(
            lambda c: _claims.take(self._database, c, self._job, part, self._lease)
        )
        if claim is None:
            return None
        kept = KeptClaim(self._database, claim, lease=self._lease, clock=self._clock, since=sent)
        return PartJournal(self._database, self.name, kept)

    async def claim_any(self) -> PartJournal | None:
        """Claim the first part that waits; None: there is none."""
        for part in await self.waiting_parts():
            claimed = await self.claim(part)
            if claimed is not None:
                return claimed
        return None

    async def stop(self, reason: str) -> bool:
        """Let no further part be claimed, and have all workers stop for *reason*.

        Returns:
            Whether that is news: a job is stopped once, and only while it runs.
        """
        statement = (
            update(jobs)
            .where(jobs.c.id == self._job, jobs.c.state == JobState.RUNNING)
            .values(state=JobState.STOPPED, stopped=kept(reason), ended_at=self._database.now())
        )
        return bool((await self._run(lambda c: c.execute(statement))).rowcount)

    async def delete(self) -> None:
        """Take the job, and all that is known of it, out of the database.

        Raises:
            JournalError: it runs, or a worker still ends what it has in flight.
        """
        await self._run(self._delete)

    async def resume(self, *, absent: bool = False, budget: int | None = None) -> int:
        """Let a job that was stopped, or has ended, go on with what is unfinished.

        Args:
            absent: whether items of which the service certainly knows nothing are
                unfinished, too.
            budget: the most credits that the run to come may spend; None: no end. Of
                a job that runs it is left as it is.

        Returns:
            How many parts are to be carried through.

        Raises:
            JournalError: not all of its rows were planned.
        """
        return await self._run(partial(self._resume, absent, budget))

    async def plan_again(self, state: ItemState, code: str) -> int:
        """Plan the items again that stand in *state* for the reason *code*; then `resume`.

        What the job refused by itself stays refused, as it would be again.

        Returns:
            How many there were.
        """
        return await self._run(partial(self._plan_again, state, code))

    async def _plan(
        self,
        batch: Sequence[_Entry],
        taken: Taken,
        planned: int,
        size: int,
        connection: AsyncConnection,
    ) -> None:
        # First, so that of two planners one waits here and then finds rows that are not its own.
        moved = await connection.execute(
            update(jobs)
            .where(
                jobs.c.id == self._job,
                jobs.c.state == JobState.PLANNING,
                jobs.c.planned == planned,
            )
            .values(planned=batch[-1][0].position)
        )
        self._check_alone(moved.rowcount)
        new = await _planning.write(self._database, connection, self._job, batch, taken)
        number = await connection.scalar(
            select(func.coalesce(func.max(parts.c.number), 0)).where(parts.c.job == self._job)
        )
        cuts = [new[at : at + size] for at in range(0, len(new), size)]
        await _planning.cut(self._database, connection, self._job, int(number or 0) + 1, cuts)

    async def _begin(self, planned: int, connection: AsyncConnection) -> None:
        now = self._database.now()
        is_open = exists().where(parts.c.job == self._job, parts.c.done == 0)
        begun = await connection.execute(
            update(jobs)
            .where(
                jobs.c.id == self._job,
                jobs.c.state == JobState.PLANNING,
                jobs.c.planned == planned,
            )
            .values(
                state=case((is_open, JobState.RUNNING.value), else_=JobState.ENDED.value),
                began_at=now,
                ended_at=case((is_open, None), else_=now),
            )
        )
        self._check_alone(begun.rowcount)

    def _check_alone(self, changed: int) -> None:
        if not changed:
            raise JournalError(f"{self.place} is being planned by somebody else: join it")

    async def _resume(self, absent: bool, budget: int | None, connection: AsyncConnection) -> int:
        job = (
            await connection.execute(
                select(jobs.c.state).where(jobs.c.id == self._job).with_for_update()
            )
        ).one_or_none()
        if job is None:
            raise JournalError(f"{self.place}: the job is there no more")
        if job.state == JobState.PLANNING:
            raise JournalError(
                f"{self.place} was not planned to its end: start it again with the same rows"
            )
        await self._open_parts(absent, connection)
        left = await connection.execute(
            select(
                func.coalesce(func.sum(1 - parts.c.done), 0),
                func.coalesce(func.sum(parts.c.granted), 0),
            ).where(parts.c.job == self._job)
        )
        waiting, held = left.one()
        new = update(jobs).where(jobs.c.id == self._job)
        if not waiting:
            await connection.execute(new.values(state=JobState.ENDED, stopped=None))
        elif job.state != JobState.RUNNING:
            began = {"began_at": self._database.now(), "ended_at": None}
            terms = {"budget": budget, "granted": held}
            await connection.execute(
                new.values(state=JobState.RUNNING, stopped=None, **began, **terms)
            )
        return int(waiting)

    async def _delete(self, connection: AsyncConnection) -> None:
        if await _claims.lock(connection, self._job, JobState.RUNNING):
            raise JournalError(f"{self.place} runs: stop it before it is deleted")
        held = await connection.scalar(
            select(func.count()).where(
                parts.c.job == self._job, parts.c.leased_until >= self._database.now()
            )
        )
        if held:
            raise JournalError(
                f"{self.place}: workers still have {held} of its parts in hand: wait for their end"
            )
        for table in (items, rows, claims, notes, parts):
            await connection.execute(delete(table).where(table.c.job == self._job))
        await connection.execute(delete(jobs).where(jobs.c.id == self._job))

    async def _open_parts(self, absent: bool, connection: AsyncConnection) -> None:
        doubtful = items.c.state == ItemState.UNKNOWN
        if not absent:
            doubtful &= items.c.code.is_distinct_from(ABSENT)
        unfinished = exists().where(
            items.c.job == parts.c.job,
            items.c.position.between(parts.c.first, parts.c.last),
            or_(items.c.state.in_(_claims.UNFINISHED), doubtful),
        )
        await connection.execute(
            update(parts)
            .where(parts.c.job == self._job, parts.c.done == 1, unfinished)
            .values(done=0)
        )

    async def _progress(self, connection: AsyncConnection) -> Progress:
        now = self._database.now()
        found = await connection.execute(
            select(jobs, now.label("now")).where(jobs.c.id == self._job)
        )
        job = found.mappings().first()
        if job is None:
            raise JournalError(f"{self.place}: the job is there no more")
        number, done, living, spent, granted = await self._sums(
            connection, budgeted=job["budget"] is not None
        )
        counts = await connection.execute(
            select(items.c.state, func.count()).where(self._mine()).group_by(items.c.state)
        )
        began = job["began_at"]
        until = job["now"] if job["ended_at"] is None else job["ended_at"]
        return Progress(
            state=JobState(job["state"]),
            stopped=job["stopped"],
            counts={ItemState(state): count for state, count in counts},
            parts=number,
            parts_done=done,
            parts_held=living,
            budget=job["budget"],
            spent=int(job["spent"]) + spent,
            held=granted,
            seconds=0.0 if began is None else max(0.0, float(until) - float(began)),
        )

    async def _sums(self, connection: AsyncConnection, *, budgeted: bool) -> tuple[int, ...]:
        """Return how many parts there are, are done and are held; credits spent, and held."""
        alive = (parts.c.leased_until >= self._database.now()) & parts.c.token.is_not(None)
        spent: ColumnElement[int] = parts.c.spent
        if budgeted:  # whoever died may have spent all that it held
            spent = case((alive | (spent > parts.c.granted), spent), else_=parts.c.granted)
        columns = (
            parts.c.done,
            cast(alive, Integer),
            spent,
            case((alive, parts.c.granted), else_=0),
        )
        sums = await connection.execute(
            select(func.count(), *(func.coalesce(func.sum(one), 0) for one in columns)).where(
                parts.c.job == self._job
            )
        )
        return tuple(map(int, sums.one()))


async def _batches(
    entries: AsyncIterable[_Entry], after: int, size: int
) -> AsyncGenerator[list[_Entry], None]:
    """Yield so many of *entries* at once, of those whose positions follow *after*."""
    batch: list[_Entry] = []
    async for entry in entries:
        if entry[0].position <= after:
            continue
        batch.append(entry)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
