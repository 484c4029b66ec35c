"""Jobs in a database, made by hand."""

import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Self

from attrs import evolve

from zohocrm_async._clock import Clock, ManualClock
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.job import Order, Record
from zohocrm_async.jobs.rows import Row
from zohocrm_async.taskiq._job_journal import SqlJournal
from zohocrm_async.taskiq._journals import Journals
from zohocrm_async.taskiq._part_journal import PartJournal

LEASE = 30.0
Entry = tuple[Row, Order]


async def carry(item: Item, record: Record) -> Item:
    """Stand for calls that these tests never make."""
    raise NotImplementedError


def entry(position: int, key: str | None = None, claims: Sequence[str] = ()) -> Entry:
    """Return a row that is to be carried through."""
    key = key or f"k{position}"
    item = Item(key=key, position=position, record_id=str(position))
    return Row(position, {"id": str(position), "key": key}), Order(item, tuple(claims), carry)


def refused(position: int) -> Entry:
    """Return a row that is refused before any call."""
    item = Item(
        key=f"row {position}",
        position=position,
        state=ItemState.REFUSED,
        code="INVALID_ID",
        message="no id",
        field="id",
    )
    return Row(position, {}, "has no cells"), Order(item)


def taken(item: Item, holder: Item) -> Item:
    """Pass over what another row stands for."""
    return evolve(
        item,
        key=f"{item.key} row {item.position}",
        state=ItemState.SKIPPED,
        code="DUPLICATE",
        message=f"row {holder.position} has it",
    )


async def each(entries: Iterable[Entry]) -> AsyncIterator[Entry]:
    for one in entries:
        yield one


class Story:
    """A database whose own clock is moved by hand, and those who use it."""

    def __init__(self, url: str, lease: float = LEASE) -> None:
        self.url = url
        self.lease = lease
        self.time = ManualClock()
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    async def journals(self, clock: Clock | None = None) -> Journals:
        """Let one more process use the database."""
        made = Journals(self.url, lease=self.lease, clock=clock or ManualClock(), time=self.time)
        return await self._stack.enter_async_context(made)

    async def job(
        self, rows: int = 6, *, part_size: int = 3, budget: int | None = None, name: str = "news"
    ) -> SqlJournal:
        """Plan a job of so many rows."""
        journals = await self.journals()
        job = await journals.create(
            name, kind="mail", options={"module": "Leads"}, budget=budget, part_size=part_size
        )
        await job.plan(each(map(entry, range(1, rows + 1))), taken)
        return job

    async def entered(self, part: PartJournal | None) -> PartJournal:
        """Keep a claim until the story ends."""
        assert part is not None
        return await self._stack.enter_async_context(part)


async def all_items(journal: SqlJournal | PartJournal, *states: ItemState) -> list[Item]:
    return [item async for item in journal.items(*states)]


async def states(journal: SqlJournal | PartJournal) -> list[str]:
    return [item.state.value for item in await all_items(journal)]


async def begin(part: PartJournal, number: int = 0) -> Item:
    """Bring an item of the part to the point where its call leaves."""
    planned = await all_items(part, ItemState.PLANNED)
    sending = planned[number].became(ItemState.SENDING)
    await part.record(sending)
    return sending
