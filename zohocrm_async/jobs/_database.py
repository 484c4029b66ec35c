"""The journal's file: schema, statements, one lock; used from one thread."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs._statements import (
    SELECT,
    Addition,
    Change,
    added,
    changed,
    insert,
    item_of,
    stored,
    together,
    update,
)
from zohocrm_async.jobs.items import FIRST_STATES, Item, ItemState

T = TypeVar("T")

SCHEMA_VERSION = 2
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
        updated_at TEXT,
        step INTEGER NOT NULL,
        trace TEXT
    )""",
    "CREATE TABLE claims (record_id TEXT PRIMARY KEY, position INTEGER NOT NULL) WITHOUT ROWID",
)
# Nobody else can hold the file, so whoever was sending is gone.
_RECOVER = (
    "UPDATE items SET state = 'unknown', code = 'PROCESS_ENDED', "
    "message = 'the process ended before the answer was written down', "
    "updated_at = COALESCE(?, updated_at) WHERE state = 'sending'"
)
# What a job itself refused has never begun, and would be refused again.
_PLAN_AGAIN = (
    "UPDATE items SET state = 'planned', updated_at = ? "
    "WHERE state = ? AND code = ? AND began_at IS NOT NULL"
)


Result = Item | JournalError | None


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
        try:
            database = cls(path)
            with database._closed_on_error():
                database._take()
                database._transact(lambda: database._lay_out(meta))
        except BaseException:
            # What is left of it would stand for a job that has done something.
            path.unlink(missing_ok=True)
            raise
        return database

    @classmethod
    def open(cls, path: Path, now: datetime | None = None) -> "Database":
        """Open the journal at *path*; what was being sent when its process ended is unknown *now*.

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
            database._transact(lambda: database._run(_RECOVER, (stored(now),)))
        return database

    def close(self) -> None:
        """Let go of the file."""
        with self._explained():
            self._connection.close()

    def meta(self) -> dict[str, str]:
        """Return what the journal says of its job."""
        with self._explained():
            return dict(self._run("SELECT name, value FROM meta").fetchall())

    def note(self, name: str, value: str) -> None:
        """Keep a fact of the job."""
        with self._explained():
            self._transact(
                lambda: self._run("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))
            )

    def apply(self, changes: Sequence[Change], now: datetime | None = None) -> list[Result]:
        """Write all *changes* in one commit, dated *now*, and return what became of each.

        That is None where it was done; the item that stands in the way of an addition;
        or the error of a change that the states do not allow.
        """
        at = stored(now)
        with self._explained():
            if len(changes) > 1 and self._applied_together(changes, at):
                return [None] * len(changes)
            return self._transact(lambda: [self._apply(change, at) for change in changes])

    def plan_again(self, state: ItemState, code: str, now: datetime | None = None) -> int:
        """Plan the items again that stand in *state* for the reason *code*; return how many."""
        with self._explained():
            values = (stored(now), state, code)
            return self._transact(lambda: self._run(_PLAN_AGAIN, values).rowcount)

    def page(self, after: int, size: int, states: Collection[ItemState] = ()) -> list[Item]:
        """Return up to *size* items whose positions follow *after*, in their order.

        Only those in one of *states*, where any are named.
        """
        among = f"AND state IN ({', '.join('?' * len(states))}) " if states else ""
        with self._explained():
            rows = self._run(
                f"{SELECT} WHERE position > ? {among}ORDER BY position LIMIT ?",
                (after, *states, size),
            ).fetchall()
            return [item_of(row) for row in rows]

    def positions(self, after: int, size: int) -> list[int]:
        """Return up to *size* positions of items that follow *after*, in their order."""
        with self._explained():
            rows = self._run(
                "SELECT position FROM items WHERE position > ? ORDER BY position LIMIT ?",
                (after, size),
            ).fetchall()
        return [row[0] for row in rows]

    def extent(self) -> tuple[int, int]:
        """Return the number of items and the last position; both 0 without any."""
        with self._explained():
            row = self._run("SELECT COUNT(*), COALESCE(MAX(position), 0) FROM items").fetchone()
            return int(row[0]), int(row[1])

    def holder(self, message_id: str) -> int | None:
        """Return the position of the item that has *message_id*, if any."""
        with self._explained():
            row = self._run(
                "SELECT position FROM items WHERE message_id = ?", (message_id,)
            ).fetchone()
        return None if row is None else int(row[0])

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

    def _applied_together(self, changes: Sequence[Change], at: object) -> bool:
        """Write all *changes* by as few statements as can be; if one cannot be made, none is.

        Each statement lets go of the interpreter and has to get it back from a busy
        event loop: that costs more than the statement.
        """
        statements = together(changes, at)
        if statements is None:
            return False
        try:
            self._transact(lambda: self._run_whole(statements))
        except (_Apart, sqlite3.IntegrityError):
            return False
        return True

    def _run_whole(self, statements: Iterable[tuple[str, list[object], int]]) -> None:
        for statement, values, rows in statements:
            if self._run(statement, values).rowcount != rows:
                raise _Apart

    def _apply(self, change: Change, at: object) -> Result:
        try:
            if isinstance(change, Addition):
                return self._add(change, at)
            return self._update(change, at)
        except sqlite3.IntegrityError as error:
            return JournalError(f"{self.path}: {change!r} cannot be added: {error}")

    def _add(self, addition: Addition, at: object) -> Result:
        item = addition.item
        if item.state not in FIRST_STATES:
            return JournalError(f"{self.path}: no item begins as {item.state}")
        held = self._inserted(item, addition.claims, at)
        if held is not None and addition.taken is not None:
            self._inserted(addition.taken(held), (), at)
        return held

    def _inserted(self, item: Item, claims: Sequence[str], at: object) -> Item | None:
        """Add *item*, or return the one in its way."""
        for claim in claims:
            held = self._run("SELECT position FROM claims WHERE record_id = ?", (claim,)).fetchone()
            if held:
                return item_of(self._run(f"{SELECT} WHERE position = ?", held).fetchone())
        if not self._run(insert(), added(item, at)).rowcount:
            return item_of(self._run(f"{SELECT} WHERE key = ?", (item.key,)).fetchone())
        for claim in claims:
            self._run("INSERT INTO claims VALUES (?, ?)", (claim, item.position))
        return None

    def _update(self, item: Item, at: object) -> Result:
        if self._run(update(item.state), changed(item, at)).rowcount:
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
            raise JournalError(f"{self.path}{_why(str(error))}") from error
        except ValueError as error:
            raise damaged(self.path, error) from error


def _why(error: str) -> str:
    if "locked" in error:
        return " is in use by another run or report: wait for its end"
    if "not a database" in error:
        return " is not the journal of a job"
    if "readonly" in error or "unable to open" in error:
        error += "; the file and its folder must be writable, even for a report"
    return f": the journal cannot be used: {error}"


def damaged(path: Path, why: object) -> JournalError:
    """Return the error of a file that SQLite can read, and nobody else."""
    return JournalError(
        f"{path}: the journal is damaged ({why}): set its tables right with SQLite; an older copy "
        "or a new journal would repeat what was done"
    )


class _Apart(Exception):
    """Some of several changes cannot be made together with the others."""
