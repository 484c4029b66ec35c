"""A job whose calls do what the test says."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve

from zohocrm_async import AccessToken, Limits, Priority, ZohoCRM
from zohocrm_async._clock import ManualClock
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.job import JobNotes, Order, Record, Terms
from zohocrm_async.jobs.journal import Journal
from zohocrm_async.jobs.rows import Row

Deed = Callable[[Item], Awaitable[Item]]
SLOTS = 4


async def sent(item: Item) -> Item:
    await asyncio.sleep(0)
    return evolve(item, state=ItemState.SENT, message_id=f"m{item.key}")


async def ends(item: Item) -> Item:
    return evolve(item, state=ItemState.MERGED)


async def same(item: Item) -> Item:
    return item


async def until(true: Callable[[], bool]) -> None:
    """Let all others go on until something is so."""
    for _ in range(1_000_000):
        if true():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never came to be")


class Scripted:
    """A job whose calls do what the test says."""

    def __init__(
        self, folder: Path, deed: Deed = sent, following: Deed = ends, found: Deed = same
    ) -> None:
        limits = Limits(concurrency=SLOTS, credits=1_000)
        self.clock = ManualClock()
        self.crm = ZohoCRM(AccessToken(token="t"), limits=limits, clock=self.clock)
        self.path = folder / "journal"
        self.deed = deed
        self.following = following
        self.told: list[Item] = []
        self.begun = 0
        self.found = found
        self.looked: list[str] = []
        self.opens = 0

    @property
    def terms(self) -> Terms:
        return Terms(
            kind="mail",
            heavy=True,
            journal=self.path,
            budget=100,
            priority=Priority.BULK,
            max_wait=None,
        )

    @property
    def needed(self) -> Mapping[str, str]:
        return {"id": "id_column"}

    def options(self) -> Mapping[str, Any]:
        return {"module": "Leads"}

    @contextlib.asynccontextmanager
    async def opened(self, journal: JobNotes) -> AsyncGenerator["Scripted", None]:
        del journal  # there is nothing to know
        self.opens += 1
        yield self
        self.opens -= 1

    def arrange(self, rows: AsyncIterator[Row]) -> AsyncIterator[Row]:
        return rows

    def order(self, row: Row) -> Order:
        key = row.text("id")
        item = Item(key=key, position=row.position, record_id=key)
        if key == "bad":
            return Order(evolve(item, state=ItemState.REFUSED, code="INVALID_ID"))
        return Order(item, carry=self._carry)

    async def _carry(self, item: Item, record: Record) -> Item:
        if item.state is ItemState.SENDING:
            self.begun += 1
            item = await self.deed(item)
        if item.state is ItemState.MERGING:
            await record(item)
            item = await self.following(item)
        return item

    async def look_up(self, item: Item) -> Item:
        self.looked.append(item.key)
        return await self.found(item)

    def taken(self, item: Item, holder: Item) -> Item:
        return evolve(
            item,
            key=f"{item.key}/{item.position}",
            state=ItemState.SKIPPED,
            message=str(holder.position),
        )

    async def follow(self, item: Item) -> Item:
        return await self.following(item)

    async def journaled(self) -> dict[str, str]:
        async with Journal.open(self.path) as journal:
            return {item.key: str(item.state) async for item in journal.items()}


def rows(*keys: object) -> list[dict[str, str]]:
    return [{"id": str(key)} for key in keys]
