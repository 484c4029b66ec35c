"""What becomes of rows that are new to a job: their keys and records are compared."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from attrs import evolve, field, frozen
from sqlalchemy import FromClause, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.job import Order
from zohocrm_async.jobs.rows import Row
from zohocrm_async.taskiq import _changes
from zohocrm_async.taskiq._database import Database
from zohocrm_async.taskiq._rows import content_of, item_of, legible, storable
from zohocrm_async.taskiq._tables import claims, gift, given, items, parts, rows, same

Taken = Callable[[Item, Item], Item]
"""Says what becomes of an item, given the one that has its key or a record already."""


@frozen
class Holders:
    """The items that have keys and records."""

    by_key: dict[str, Item] = field(factory=dict[str, Item])
    by_record: dict[str, Item] = field(factory=dict[str, Item])

    def of(self, order: Order) -> Item | None:
        """Return the item in the way of *order*, if any."""
        for record in order.claims:
            if record in self.by_record:
                return self.by_record[record]
        return self.by_key.get(order.item.key)

    def add(self, item: Item, records: Sequence[str]) -> None:
        """Let *item* have its key and *records*."""
        self.by_key[item.key] = item
        self.by_record.update(dict.fromkeys(records, item))


@frozen
class Settled:
    """Items that can be written, and the records that they name."""

    items: tuple[Item, ...]
    records: tuple[tuple[str, int], ...]


def settled(orders: Sequence[Order], holders: Holders, taken: Taken) -> Settled:
    """Return what *orders* are, each after the ones before it."""
    found: list[Item] = []
    records: list[tuple[str, int]] = []
    for order in orders:
        holder = holders.of(order)
        if holder is not None:
            item = legible(taken(order.item, holder))
            claimed: tuple[str, ...] = ()
        else:
            item = legible(order.item)
            claimed = order.claims if item.state is ItemState.PLANNED else ()
        holders.add(item, claimed)
        found.append(item)
        records += [(record, item.position) for record in claimed]
    return Settled(tuple(found), tuple(records))


async def write(
    database: Database,
    connection: AsyncConnection,
    job: int,
    entries: Sequence[tuple[Row, Order]],
    taken: Taken,
) -> tuple[Item, ...]:
    """Write new items of a job with their rows, and return them.

    Nobody else may add items to the job meanwhile.
    """
    orders = [order for _, order in entries]
    holders = await _holders(database, connection, job, orders)
    new = settled(orders, holders, taken)
    missing = await _changes.add(database, connection, job, new.items)
    if missing:
        # Another row has the very key that was made for one that is passed over.
        await _changes.add(database, connection, job, tuple(map(_with_other_key, missing)))
    if new.records:
        await _give(
            database,
            connection,
            claims,
            [{"job": job, "record_id": id_, "position": at} for id_, at in new.records],
        )
    await _give(
        database,
        connection,
        rows,
        [{"job": job, "position": row.position, "content": content_of(row)} for row, _ in entries],
    )
    return new.items


async def cut(
    database: Database,
    connection: AsyncConnection,
    job: int,
    number: int,
    new: Sequence[Sequence[Item]],
) -> None:
    """Make parts of items that follow one another, beginning with the part *number*."""
    found = [
        {
            "job": job,
            "number": number + index,
            "first": part[0].position,
            "last": part[-1].position,
            "done": int(all(item.state is not ItemState.PLANNED for item in part)),
            "granted": 0,
            "spent": 0,
        }
        for index, part in enumerate(new)
    ]
    await _give(database, connection, parts, found)


async def _give(
    database: Database,
    connection: AsyncConnection,
    table: Table,
    new: Sequence[Mapping[str, Any]],
) -> None:
    source = given(database.dialect, table, tuple(new[0]))
    await connection.execute(insert(table).from_select(list(new[0]), select(source)), gift(new))


async def _holders(
    database: Database, connection: AsyncConnection, job: int, orders: Sequence[Order]
) -> Holders:
    """Return the items that have a key or a record of *orders* already."""
    holders = Holders()
    keys = {order.item.key for order in orders if storable(order.item.key)}
    wanted = given(database.dialect, items, ("job", "key"))
    statement = select(items).join(wanted, same(items, wanted, "job", "key"))
    found = await connection.execute(statement, gift({"job": job, "key": key} for key in keys))
    for held in found.mappings():
        holders.by_key[held["key"]] = item_of(held)
    records = {record for order in orders for record in order.claims if storable(record)}
    if not records:
        return holders
    named = given(database.dialect, claims, ("job", "record_id"))
    statement = select(items, claims.c.record_id.label("claimed")).join_from(
        _claimed(named), items, same(items, claims, "job", "position")
    )
    found = await connection.execute(
        statement, gift({"job": job, "record_id": record} for record in records)
    )
    for held in found.mappings():
        holders.by_record[held["claimed"]] = item_of(held)
    return holders


def _claimed(named: FromClause) -> FromClause:
    return named.join(claims, same(claims, named, "job", "record_id"))


def _with_other_key(item: Item) -> Item:
    if item.state is ItemState.PLANNED:
        raise JournalError(f"{item.key!r} of row {item.position} was added by somebody else")
    return evolve(item, key=f"{item.key} {secrets.token_hex(4)}")
