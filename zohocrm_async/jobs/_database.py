"""The journal's file: schema, statements, one lock; used from one thread."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from attrs import astuple, fields, frozen

from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs.items import BEFORE, FIRST_STATES, Item, ItemState

T = TypeVar("T")

SCHEMA_VERSION = 1
_SCHEMA = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE items (
        position INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        record_id TEXT NOT NULL,
        state TEXT NOT NULL,
        message_id TEXT,
        job_id TEXT,
        code TEXT,
        message TEXT,
        field TEXT,
        began_at TEXT,
        updated_at TEXT
    )""",
    "CREATE TABLE claims (record_id TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID",
)
_COLUMNS = tuple(attribute.name for attribute in fields(Item))
_SELECT = f"SELECT {', '.join(_COLUMNS)} FROM items"  # noqa: S608  # names of our own class
_INSERT = (
    f"INSERT INTO items ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "  # noqa: S608  # names of our own class
    "ON CONFLICT (key) DO NOTHING"
)
_UPDATES: Mapping[ItemState, str] = {
    state: "UPDATE items SET state = ?, message_id = ?, job_id = ?, code = ?, message = ?, "  # noqa: S608  # words of our own enumeration
    "field = ?, began_at = COALESCE(?, began_at), updated_at = ? WHERE key = ? "
    f"AND state IN ({', '.join(repr(before.value) for before in sorted(BEFORE[state]))})"
    for state in ItemState
}
# Nobody else can hold the file, so whoever was sending is gone.
_RECOVER = (
    "UPDATE items SET state = 'unknown', code = 'PROCESS_ENDED', "
    "message = 'the process ended before the answer was written down' WHERE state = 'sending'"
)


@frozen
class Addition:
    """A new item, and the records that no other item of the job may name."""

    item: Item
    claims: tuple[str, ...] = ()


Change = Addition | Item
Result = int | JournalError | None


class Database:
    """One SQLite file, held alone until it is closed or its process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._explained():
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=0)

    @classmethod
    def create(cls, path: Path, meta: Mapping[str, str]) -> "Database":
        """Make a new journal that holds *meta*.

        Raises:
            JournalError: *path* exists, or cannot be made.
        """
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError as error:
            raise JournalError(
                f"{path} exists, so this job was run before, and to run it again would repeat "
                "what it did. Read its report, or name another journal for another job"
            ) from error
        except OSError as error:
            raise JournalError(f"{path}: the journal cannot be made: {error.strerror}") from error
        database = cls(path)
        with database._closed_on_error():
            database._take()
            database._transact(lambda: database._lay_out(meta))
        return database

    @classmethod
    def open(cls, path: Path) -> "Database":
        """Open the journal at *path*; what was being sent when its process ended is unknown now.

        Raises:
            JournalError: there is none, it is in use, or it is none of this version's.
        """
        if not path.is_file():
            raise JournalError(f"{path}: there is no journal")
        database = cls(path)
        with database._closed_on_error():
            # First, so that a file of another program stays as it is.
            database._check()
            database._take()
            database._transact(lambda: database._run(_RECOVER))
        return database

    def close(self) -> None:
        """Let go of the file."""
        with self._explained():
            self._connection.close()

    def meta(self) -> dict[str, str]:
        """Return what the journal says of its job."""
        with self._explained():
            return dict(self._run("SELECT name, value FROM meta").fetchall())

    def apply(self, changes: Sequence[Change]) -> list[Result]:
        """Write all *changes* in one commit, and return what became of each.

        That is None where it was done; the position of the item that stands in the
        way of an addition; or the error of a change that the states do not allow.
        """
        with self._explained():
            return self._transact(lambda: [self._apply(change) for change in changes])

    def page(self, after: int, size: int) -> list[Item]:
        """Return up to *size* items whose positions follow *after*, in their order."""
        with self._explained():
            rows = self._run(
                f"{_SELECT} WHERE position > ? ORDER BY position LIMIT ?", (after, size)
            ).fetchall()
        return [_item(row) for row in rows]

    def counts(self) -> dict[ItemState, int]:
        """Return how many items stand in each state."""
        with self._explained():
            rows = self._run("SELECT state, COUNT(*) FROM items GROUP BY state").fetchall()
        return {ItemState(state): number for state, number in rows}

    def refusals(self) -> dict[str, int]:
        """Return how many items were refused for each reason."""
        with self._explained():
            rows = self._run(
                "SELECT COALESCE(code, ''), COUNT(*) FROM items WHERE state = 'refused' "
                "GROUP BY 1 ORDER BY 2 DESC, 1"
            ).fetchall()
        return dict(rows)

    def _take(self) -> None:
        """Let the first transaction hold the file until it is closed."""
        # The lock is the operating system's: a crash lets go of it.
        self._run("PRAGMA locking_mode = EXCLUSIVE")
        self._run("PRAGMA journal_mode = WAL")
        self._run("PRAGMA synchronous = FULL")

    def _lay_out(self, meta: Mapping[str, str]) -> None:
        for statement in _SCHEMA:
            self._run(statement)
        for name, value in {"schema": str(SCHEMA_VERSION), **meta}.items():
            self._run("INSERT INTO meta VALUES (?, ?)", (name, value))

    def _check(self) -> None:
        with self._explained():
            tables = self._run("SELECT name FROM sqlite_master WHERE name = 'meta'").fetchall()
        found = self.meta().get("schema") if tables else None
        if found is None:
            raise JournalError(f"{self.path} is not the journal of a job")
        if found != str(SCHEMA_VERSION):
            raise JournalError(
                f"{self.path} has schema {found}, and this version reads schema {SCHEMA_VERSION}: "
                "use the version of the package that wrote it"
            )

    def _apply(self, change: Change) -> Result:
        try:
            return self._add(change) if isinstance(change, Addition) else self._update(change)
        except sqlite3.IntegrityError as error:
            return JournalError(f"{self.path}: {change!r} cannot be added: {error}")

    def _add(self, addition: Addition) -> Result:
        item = addition.item
        if item.state not in FIRST_STATES:
            return JournalError(f"{self.path}: no item begins as {item.state}")
        for claim in addition.claims:
            held = self._run("SELECT position FROM claims WHERE record_id = ?", (claim,)).fetchone()
            if held:
                return int(held[0])
        if not self._run(_INSERT, tuple(map(_stored, astuple(item)))).rowcount:
            held = self._run("SELECT position FROM items WHERE key = ?", (item.key,)).fetchone()
            return int(held[0])
        for claim in addition.claims:
            self._run("INSERT INTO claims VALUES (?, ?)", (claim, item.position))
        return None

    def _update(self, item: Item) -> Result:
        values = (
            item.state,
            item.message_id,
            item.job_id,
            item.code,
            item.message,
            item.field,
            _stored(item.began_at),
            _stored(item.updated_at),
            item.key,
        )
        if self._run(_UPDATES[item.state], values).rowcount:
            return None
        held = self._run("SELECT state FROM items WHERE key = ?", (item.key,)).fetchone()
        was = f"is {held[0]} and cannot become {item.state}" if held else "is not in the journal"
        return JournalError(f"{self.path}: item {item.key!r} {was}")

    def _run(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    def _transact(self, work: Callable[[], T]) -> T:
        self._run("BEGIN IMMEDIATE")
        try:
            result = work()
            self._run("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._run("ROLLBACK")
            raise
        return result

    @contextlib.contextmanager
    def _closed_on_error(self) -> Generator[None, None, None]:
        try:
            with self._explained():
                yield
        except BaseException:
            self._connection.close()
            raise

    @contextlib.contextmanager
    def _explained(self) -> Generator[None, None, None]:
        try:
            yield
        except sqlite3.Error as error:
            locked = "locked" in str(error)
            raise JournalError(
                f"{self.path} is in use by another run or report: wait for its end"
                if locked
                else f"{self.path}: the journal cannot be used: {error}"
            ) from error


def _stored(value: object) -> object:
    return value.isoformat(timespec="milliseconds") if isinstance(value, datetime) else value


def _item(row: Sequence[object]) -> Item:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["state"] = ItemState(str(values["state"]))
    for name in ("began_at", "updated_at"):
        text = values[name]
        values[name] = datetime.fromisoformat(text) if isinstance(text, str) else None
    return Item(**values)  # type: ignore[arg-type]  # columns are the fields, by the schema
