"""What a database says of a job, or of a part of it."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import orjson
from sqlalchemy import ColumnElement, RowMapping, Select, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.journal import JournalHead
from zohocrm_async.jobs.rows import Row
from zohocrm_async.taskiq._database import Database
from zohocrm_async.taskiq._rows import item_of, kept, moment, row_of
from zohocrm_async.taskiq._tables import insert_new, items, jobs, notes, rows

T = TypeVar("T")

_PAGE: Final = 500


class JobReader:
    """The items of a job in a range of positions, and the notes of the whole job."""

    def __init__(
        self, database: Database, name: str, number: int, first: int = 0, last: int | None = None
    ) -> None:
        self.name = name
        """The job's."""
        self.place = f"{database.where}#{name}"
        """The job and its database, without secrets."""
        self._database = database
        self._job = number
        self._first = first
        self._last = last

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.place})"

    async def head(self) -> JournalHead:
        """Return what the journal says of its job.

        Raises:
            JournalError: the job is there no more, or the database cannot be used.
        """
        job = await self._job_row()
        return JournalHead(
            kind=job["kind"],
            options=orjson.loads(job["options"]),
            fingerprint=job["fingerprint"],
            source=None if job["source"] is None else Path(job["source"]),
            created_at=moment(job["created_at"]),
        )

    async def note(self, name: str, value: str) -> None:
        """Keep a fact of the job, in place of what was noted by that name."""
        new = insert_new(self._database.dialect, notes)
        statement = new.values(job=self._job, name=name, value=kept(value)).on_conflict_do_update(
            index_elements=[notes.c.job, notes.c.name], set_={"value": new.excluded.value}
        )
        await self._run(lambda c: c.execute(statement))

    async def noted(self, name: str) -> str | None:
        """Return what was noted by *name*, or None."""
        statement = select(notes.c.value).where(notes.c.job == self._job, notes.c.name == name)
        return await self._run(lambda c: c.scalar(statement), reads=True)

    async def items(self, *states: ItemState) -> AsyncGenerator[Item, None]:
        """Yield the items in the order of the input; all, or those in one of *states*."""
        async for found in self._pages(select(items), states):
            yield item_of(found)

    async def rows(self, *states: ItemState) -> AsyncGenerator[tuple[Row, Item], None]:
        """Yield the items as `items` does, each with its row of the input."""
        both = select(items, rows.c.content).join(
            rows, and_(rows.c.job == items.c.job, rows.c.position == items.c.position)
        )
        async for found in self._pages(both, states):
            yield row_of(found["content"]), item_of(found)

    async def positions(self, after: int) -> AsyncGenerator[int, None]:
        """Yield the positions of all items that follow *after*, in their order."""
        async for found in self._pages(select(items.c.position), (), after):
            yield found["position"]

    async def extent(self) -> tuple[int, int]:
        """Return the number of items and the last position; both 0 without any."""
        statement = select(func.count(), func.coalesce(func.max(items.c.position), 0))
        found = await self._run(lambda c: c.execute(statement.where(self._mine())), reads=True)
        number, last = found.one()
        return int(number), int(last)

    async def holder(self, message_id: str) -> int | None:
        """Return the position of the item of the whole job that has *message_id*, if any."""
        statement = select(items.c.position).where(
            items.c.job == self._job, items.c.message_id == message_id
        )
        return await self._run(lambda c: c.scalar(statement.limit(1)), reads=True)

    async def counts(self) -> Mapping[ItemState, int]:
        """Return how many items stand in each state that occurs."""
        statement = select(items.c.state, func.count()).where(self._mine()).group_by("state")
        found = await self._run(lambda c: c.execute(statement), reads=True)
        return {ItemState(state): number for state, number in found}

    async def refusals(self) -> Mapping[str, int]:
        """Return how many items were refused for each code, the most frequent first."""
        code = func.coalesce(items.c.code, "").label("code")
        statement = (
            select(code, func.count().label("number"))
            .where(self._mine(), items.c.state == ItemState.REFUSED)
            .group_by(code)
            .order_by(func.count().desc(), code)
        )
        found = await self._run(lambda c: c.execute(statement), reads=True)
        return {row.code: row.number for row in found}

    async def _pages(
        self, statement: Select[Any], states: Collection[ItemState], after: int = 0
    ) -> AsyncGenerator[RowMapping, None]:
        if states:
            statement = statement.where(items.c.state.in_(sorted(states)))
        statement = statement.where(self._mine()).order_by(items.c.position).limit(_PAGE)
        while True:
            page = partial(_mappings, statement.where(items.c.position > after))
            mappings = await self._run(page, reads=True)
            for mapping in mappings:
                yield mapping
            if len(mappings) < _PAGE:
                return
            after = mappings[-1]["position"]

    def _mine(self) -> ColumnElement[bool]:
        mine = items.c.job == self._job
        if self._last is None:
            return mine
        return mine & items.c.position.between(self._first, self._last)

    async def _plan_again(self, state: ItemState, code: str, connection: AsyncConnection) -> int:
        # What a job itself refused has never begun, and would be refused again.
        statement = (
            update(items)
            .where(
                self._mine(),
                items.c.state == state,
                items.c.code == code,
                items.c.began_at.is_not(None),
            )
            .values(state=ItemState.PLANNED, updated_at=self._database.now())
        )
        return (await connection.execute(statement)).rowcount

    async def _job_row(self) -> Mapping[str, Any]:
        statement = select(jobs).where(jobs.c.id == self._job)
        found = (await self._run(lambda c: c.execute(statement), reads=True)).mappings().first()
        if found is None:
            raise JournalError(f"{self.place}: the job is there no more")
        return dict(found)

    async def _run(
        self, work: Callable[[AsyncConnection], Awaitable[T]], *, reads: bool = False
    ) -> T:
        return await self._database.run(work, reads=reads)


async def _mappings(statement: Select[Any], connection: AsyncConnection) -> Sequence[RowMapping]:
    found: Sequence[RowMapping] = (await connection.execute(statement)).mappings().all()
    return found
