"""The statements that write and read items, alone or many at once."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
_OF_SENDING = (
    *("position", "key", "record_id", "state"),
    *("began_at", "updated_at", "step", "trace"),
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
    taken: Callable[[Item], Item] | None = None
    """Makes the item to add in its place, given the one in its way."""


Change = Addition | Item
Statement = tuple[str, list[object], int]
"""SQL, its values, and how many items it is to change."""
_Group = tuple[ItemState | None, bool]
"""What one statement does: bring items into a state, or add them; and whether all are plain."""


@cache
def insert(items: int = 1) -> str:
    """Return the statement that adds so many items, but none whose key is held or NULL."""
    return (
        f"INSERT INTO items ({', '.join(_COLUMNS)}) "  # noqa: S608  # names of our own schema
        f"SELECT * FROM ({_rows(len(_COLUMNS), items)}) WHERE column2 IS NOT NULL "
        "ON CONFLICT (key) DO NOTHING"
    )


@cache
def update(state: ItemState, items: int = 1) -> str:
    """Return the statement that brings so many items into *state*, where that may follow."""
    if items == 1:
        return (
            f"UPDATE items SET {_changes('?' * len(_CHANGED))} WHERE key = ? "  # noqa: S608  # names of our own schema
            f"AND state IN ({_ALLOWED[state]})"
        )
    key = len(_CHANGED) + 1
    new = [f"new.column{place}" for place in range(1, key)]
    return (
        f"UPDATE items SET {_changes(new)} FROM ({_rows(key, items)}) AS new "  # noqa: S608  # names of our own schema
        f"WHERE items.key = new.column{key} AND items.state IN ({_ALLOWED[state]})"
    )


def _changes(values: Iterable[str]) -> str:
    return ", ".join(
        f"{name} = " + (f"COALESCE({value}, items.began_at)" if name == "began_at" else value)
        for name, value in zip(_CHANGED, values, strict=True)
    )


@cache
def _insert_sending(items: int) -> str:
    """Return the statement that adds so many items of which nothing is said yet.

    Most are such; to bind what is the same in all of them only once halves the work.
    """
    return (
        f"INSERT INTO items ({', '.join(_OF_SENDING)}) "  # noqa: S608  # names of our own schema
        "SELECT column1, column2, column3, 'sending', ?, ?, column4, column5 "
        f"FROM ({_rows(5, items)}) WHERE column2 IS NOT NULL ON CONFLICT (key) DO NOTHING"
    )


@cache
def _update_plainly(state: ItemState, items: int) -> str:
    """Return the statement that brings so many items into *state*, with nothing to say of it."""
    began = "began_at = ?, " if state is ItemState.SENDING else ""
    return (
        f"UPDATE items SET state = '{state}', message_id = new.column3, step = new.column4, "  # noqa: S608  # names of our own schema
        f"job_id = NULL, code = NULL, message = NULL, field = NULL, {began}updated_at = ? "
        f"FROM ({_rows(4, items)}) AS new "
        f"WHERE items.position = new.column1 AND items.key = new.column2 "
        f"AND items.state IN ({_ALLOWED[state]})"
    )


def _rows(columns: int, items: int) -> str:
    row = f"({', '.join('?' * columns)})"
    return f"VALUES {', '.join([row] * items)}"


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
    groups: dict[_Group, list[tuple[object, ...]]] = {}
    keys: set[str] = set()
    for change in changes:
        if isinstance(change, Addition):
            if change.claims or change.item.state not in FIRST_STATES:
                return None
            group, row = _addition(change.item, at)
            keys.add(change.item.key)
        else:
            group, row = _change(change, at)
            keys.add(change.key)
        groups.setdefault(group, []).append(row)
    if not _TOGETHER or len(keys) < len(changes):
        return None  # of two changes of one item, the order matters
    return [statement for group, rows in groups.items() for statement in _filled(group, rows, at)]


def _addition(item: Item, at: object) -> tuple[_Group, tuple[object, ...]]:
    if item.state is ItemState.SENDING and item.message_id is None and _plain(item):
        row = (item.position, item.key, item.record_id, item.step, item.trace)
        return (None, True), row
    return (None, False), added(item, at)


def _change(item: Item, at: object) -> tuple[_Group, tuple[object, ...]]:
    if _plain(item):
        return (item.state, True), (item.position, item.key, item.message_id, item.step)
    return (item.state, False), changed(item, at)


def _plain(item: Item) -> bool:
    return item.code is None and item.message is None and item.job_id is None and item.field is None


def _filled(group: _Group, rows: Sequence[tuple[object, ...]], at: object) -> Iterator[Statement]:
    """Yield as few statements as can be for all *rows* of a group."""
    state, plain = group
    statement: Callable[[int], str]
    if state is None:
        statement = _insert_sending if plain else insert
    else:
        statement = partial(_update_plainly if plain else update, state)
    for begin in range(0, len(rows), _MOST):
        part = rows[begin : begin + _MOST]
        places = 1 if len(part) == 1 else -(-len(part) // _STEP) * _STEP
        # Of those that begin it is also the time of their beginning.
        times = 2 if state in (None, ItemState.SENDING) else 1
        values = [at] * times if plain else []
        values += chain.from_iterable(part)
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
