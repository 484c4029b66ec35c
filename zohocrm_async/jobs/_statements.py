"""The statements that write and read items, alone or many at once."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from itertools import chain

from attrs import frozen

from zohocrm_async.jobs.items import BEFORE, FIRST_STATES, Item, ItemState

_COLUMNS = (
    *("position", "key", "record_id", "state", "message_id", "job_id", "code", "message"),
    *("field", "began_at", "updated_at", "step", "trace"),
)
SELECT = f"SELECT {', '.join(_COLUMNS)} FROM items"  # noqa: S608  # names of our own schema
_CHANGED = (
    *("state", "message_id", "job_id", "code", "message", "field"),
    *("began_at", "updated_at", "step"),
)
_CHANGES = ", ".join(
    f"{name} = " + (f"COALESCE({{0}}{i}, items.{name})" if name == "began_at" else f"{{0}}{i}")
    for i, name in enumerate(_CHANGED, 1)
)
_ALLOWED: Mapping[ItemState, str] = {
    state: ", ".join(repr(before.value) for before in sorted(BEFORE[state])) for state in ItemState
}
# Older versions of SQLite know no UPDATE ... FROM, or take fewer values at once.
_TOGETHER = sqlite3.sqlite_version_info >= (3, 33)
# Rows of nothing fill a statement up, so that few are ever prepared.
_MOST, _STEP = 64, 16


@frozen
class Addition:
    """A new item, and the records that no other item of the job may name."""

    item: Item
    claims: tuple[str, ...] = ()
    taken: Callable[[int], Item] | None = None
    """Makes the item to add in its place, given the position of the one in its way."""


Change = Addition | Item
Statement = tuple[str, list[object], int]
"""SQL, its values, and how many items it is to change."""


@cache
def insert(items: int = 1) -> str:
    """Return the statement that adds so many items, but none whose key is held or NULL."""
    row = f"({', '.join('?' * len(_COLUMNS))})"
    return (
        f"INSERT INTO items ({', '.join(_COLUMNS)}) "  # noqa: S608  # names of our own schema
        f"SELECT * FROM (VALUES {', '.join([row] * items)}) WHERE column2 IS NOT NULL "
        "ON CONFLICT (key) DO NOTHING"
    )


@cache
def update(state: ItemState, items: int = 1) -> str:
    """Return the statement that brings so many items into *state*, where that may follow."""
    if items == 1:
        return (
            f"UPDATE items SET {_CHANGES.format('?')} WHERE key = ?{len(_CHANGED) + 1} "  # noqa: S608  # names of our own schema
            f"AND state IN ({_ALLOWED[state]})"
        )
    row = f"({', '.join('?' * (len(_CHANGED) + 1))})"
    return (
        f"UPDATE items SET {_CHANGES.format('new.column')} "  # noqa: S608  # names of our own schema
        f"FROM (VALUES {', '.join([row] * items)}) AS new "
        f"WHERE items.key = new.column{len(_CHANGED) + 1} AND items.state IN ({_ALLOWED[state]})"
    )


def added(item: Item, at: object) -> tuple[object, ...]:
    """Return the values of a new item, written *at* a time."""
    return (
        item.position,
        item.key,
        item.record_id,
        item.state,
        item.message_id,
        item.job_id,
        item.code,
        item.message,
        item.field,
        at if item.state is ItemState.SENDING else stored(item.began_at),
        at,
        item.step,
        item.trace,
    )


def changed(item: Item, at: object) -> tuple[object, ...]:
    """Return the values of an item's new state, written *at* a time, and its key."""
    return (
        item.state,
        item.message_id,
        item.job_id,
        item.code,
        item.message,
        item.field,
        at if item.state is ItemState.SENDING else None,
        at,
        item.step,
        item.key,
    )


def together(changes: Sequence[Change], at: object) -> list[Statement] | None:
    """Return the statements that make all *changes*; None if only one by one will do."""
    new: list[tuple[object, ...]] = []
    known: dict[ItemState, list[tuple[object, ...]]] = {}
    keys: set[str] = set()
    for change in changes:
        if isinstance(change, Addition):
            if change.claims or change.item.state not in FIRST_STATES:
                return None
            new.append(added(change.item, at))
            keys.add(change.item.key)
        else:
            known.setdefault(change.state, []).append(changed(change, at))
            keys.add(change.key)
    if not _TOGETHER or len(keys) < len(changes):
        return None  # of two changes of one item, the order matters
    statements = list(_filled(insert, new))
    for state, rows in known.items():
        statements += _filled(partial(update, state), rows)
    return statements


def _filled(
    statement: Callable[[int], str], rows: Sequence[tuple[object, ...]]
) -> Iterator[Statement]:
    """Yield as few statements as can be for all *rows*."""
    for begin in range(0, len(rows), _MOST):
        part = rows[begin : begin + _MOST]
        places = 1 if len(part) == 1 else -(-len(part) // _STEP) * _STEP
        values = list(chain.from_iterable(part))
        values += [None] * (len(part[0]) * (places - len(part)))
        yield statement(places), values, len(part)


def stored(value: object) -> object:
    """Return *value* as the file keeps it."""
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value


def item_of(row: Sequence[object]) -> Item:
    """Return the item of a row of `SELECT`."""
    values = dict(zip(_COLUMNS, row, strict=True))
    values["state"] = ItemState(str(values["state"]))
    for name in ("began_at", "updated_at"):
        text = values[name]
        values[name] = datetime.fromisoformat(text) if isinstance(text, str) else None
    return Item(**values)  # type: ignore[arg-type]  # columns are the fields, by the schema
