"""Rows of one group put together, wherever in the input they stand."""

import json
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from itertools import groupby, islice

from zohocrm_async._threads import in_thread
from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs.groups import GroupRow
from zohocrm_async.jobs.rows import Row

_BATCH = 500
_SCHEMA = (
    "CREATE TABLE groups (name TEXT PRIMARY KEY, first INTEGER NOT NULL) WITHOUT ROWID",
    """CREATE TABLE rows (
        first INTEGER, position INTEGER, content TEXT NOT NULL, problem TEXT,
        PRIMARY KEY (first, position)
    ) WITHOUT ROWID""",
)
_Stored = tuple[int, int, str, str | None]


async def gathered(rows: AsyncIterator[Row], column: str) -> AsyncGenerator[Row, None]:
    """Yield a `GroupRow` for each value of *column*, in the order of their first rows.

    A row that cannot be read, or is of no group, comes alone and with its problem.

    Raises:
        JournalError: there is no room to put them together.
    """
    thread = ThreadPoolExecutor(1, thread_name_prefix="groups")
    try:
        # A file without a name is SQLite's own: it leaves memory once it grows.
        shelf = await in_thread(thread, partial(sqlite3.connect, ""))
        try:
            await in_thread(thread, partial(_lay_out, shelf))
            await _fill(shelf, thread, rows, column)
            groups = _groups(shelf)
            while found := await in_thread(thread, lambda: list(islice(groups, _BATCH))):
                for group in found:
                    yield group
        finally:
            await in_thread(thread, shelf.close)
    except sqlite3.Error as error:
        raise JournalError(
            f"the rows cannot be put into groups: {error}; make room for temporary files, or say "
            "by TMPDIR where there is some"
        ) from error
    finally:
        thread.shutdown(wait=False)


async def _fill(
    shelf: sqlite3.Connection, thread: Executor, rows: AsyncIterator[Row], column: str
) -> None:
    batch: list[Row] = []
    async for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            await in_thread(thread, partial(_put, shelf, batch, column))
            batch = []
    await in_thread(thread, partial(_put, shelf, batch, column))


def _lay_out(shelf: sqlite3.Connection) -> None:
    for statement in _SCHEMA:
        shelf.execute(statement)


def _put(shelf: sqlite3.Connection, rows: Sequence[Row], column: str) -> None:
    with shelf:
        shelf.executemany(
            "INSERT INTO rows VALUES (?, ?, ?, ?)",
            [_stored(shelf, row, column) for row in rows],
        )


def _stored(shelf: sqlite3.Connection, row: Row, column: str) -> _Stored:
    name = row.text(column)
    content = json.dumps(dict(row.values), default=str, skipkeys=True)
    if row.problem or not name:
        problem = row.problem or f"is of no group: its column {column!r} is empty"
        return (row.position, row.position, content, problem)
    shelf.execute("INSERT INTO groups VALUES (?, ?) ON CONFLICT DO NOTHING", (name, row.position))
    (first,) = shelf.execute("SELECT first FROM groups WHERE name = ?", (name,)).fetchone()
    return (first, row.position, content, None)


def _groups(shelf: sqlite3.Connection) -> Generator[Row, None, None]:
    stored = shelf.execute("SELECT * FROM rows ORDER BY first, position")
    for first, members in groupby(stored, key=lambda values: values[0]):
        rows = tuple(Row(at, json.loads(content), why) for _, at, content, why in members)
        if rows[0].problem:
            yield rows[0]
        else:
            yield GroupRow(first, rows[0].values, None, rows)
