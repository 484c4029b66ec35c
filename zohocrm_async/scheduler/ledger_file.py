"""The file of a ledger: schema, statements, time, who lives; used from one thread."""

import contextlib
import glob
import os
import secrets
import sqlite3
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TypeVar

from zohocrm_async._clock import Clock
from zohocrm_async._file_lock import FileLock
from zohocrm_async.exceptions import LedgerError
from zohocrm_async.scheduler.ledger_orders import Header, Order, State
from zohocrm_async.scheduler.minutes import MINUTE, RING

T = TypeVar("T")

_APPLICATION = 0x5A43_524D
_SCHEMA_VERSION = 1
_SCHEMA = (
    """CREATE TABLE minutes (
        number INTEGER PRIMARY KEY, credits INTEGER NOT NULL, inferred INTEGER NOT NULL
    )""",
    # A holder may spend what it holds without a word; only it takes from its row.
    """CREATE TABLE holders (
        token TEXT PRIMARY KEY, held INTEGER NOT NULL, renewed REAL NOT NULL
    ) WITHOUT ROWID""",
    """CREATE TABLE clock (
        time REAL NOT NULL, wall REAL NOT NULL, boot TEXT NOT NULL, uptime REAL NOT NULL
    )""",
    "CREATE TABLE allowance (credits INTEGER NOT NULL)",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {_SCHEMA_VERSION}",
)
_BOOK = (
    "INSERT INTO minutes VALUES (?, ?, ?) ON CONFLICT (number) DO UPDATE "
    "SET credits = credits + excluded.credits, inferred = inferred + excluded.inferred"
)
_HOLD = (
    "INSERT INTO holders VALUES (?, ?, ?) ON CONFLICT (token) DO UPDATE "
    "SET held = excluded.held, renewed = excluded.renewed"
)
_BUSY = 5.0
# A process renews its row every few seconds, and its last calls were booked by the
# service within the longest that a call may take.
_LAST_CALL = 360.0


class LedgerFile:
    """One SQLite file, shared by the processes of a host."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._token = secrets.token_hex(8)
        self._lock = FileLock(self._lock_path(self._token))
        self._offset: float | None = None
        self._version: int | None = None
        self._connection: sqlite3.Connection | None = None

    def open(self) -> State:
        """Make the file if there is none, join those who use it, and read it.

        Raises:
            LedgerError: it cannot be used, or is no ledger of this version.
        """
        try:
            with self._explained(), self._setting_up():
                self._connect()
                self._lock.acquire(wait=True)
                self._sweep()
            return self.apply(Order(allowance=0, bury=True))
        except BaseException:
            self.let_go()
            raise

    def apply(self, order: Order) -> State:
        """Carry out *order* in one commit.

        Raises:
            LedgerError: the file cannot be used; then nothing has changed.
        """
        with self._explained():
            gone: list[str] = []
            state = self._transact(lambda: self._apply(order, gone))
            for token in gone:
                self._lock_path(token).unlink(missing_ok=True)
        return state

    def close(self, order: Order) -> None:
        """Book *order*, count what is in flight as spent, and leave.

        Raises:
            LedgerError: it could not be written; what was held counts as spent.
        """
        try:
            with self._explained():
                self._transact(lambda: self._leave(order))
        finally:
            self.let_go()

    def _apply(self, order: Order, gone: list[str]) -> State:
        now = self._tell_time()
        minute = int(now // MINUTE)
        changed = self._changed_by_others()
        self._run("DELETE FROM minutes WHERE number <= ?", (minute - RING,))
        self._book(minute, order.spent)
        if order.bury:
            gone += self._bury(minute)
        others = self._sum("SELECT SUM(held) FROM holders WHERE token != ?", (self._token,))
        if order.header is not None:
            self._judge(order.header, minute, others, order.in_flight)
        used = self._sum("SELECT SUM(credits) FROM minutes")
        room = order.allowance - order.floor - used - others - order.keep
        granted = max(0, min(room, order.wanted)) if room >= order.at_least else 0
        self._run(_HOLD, (self._token, order.keep + granted, now))
        allowance = self._remember(order.allowance)
        changed = changed or used != order.used
        rows = (
            tuple(self._run("SELECT number, credits, inferred FROM minutes")) if changed else None
        )
        return State(self._offset or 0.0, granted, others, rows, allowance)

    def _leave(self, order: Order) -> None:
        minute = int(self._tell_time() // MINUTE)
        self._book(minute, order.spent)
        self._book(minute, order.in_flight, inferred=True)
        self._run("DELETE FROM holders WHERE token = ?", (self._token,))
        self._remember(order.allowance)

    def _tell_time(self) -> float:
        """Return the file's time, which never goes back, and note it.

        It goes on by the machine's uptime, whoever sets the wall clock meanwhile. That is
        asked only for what passed since another start of the machine.
        """
        clock = self._clock
        monotonic, wall = clock.monotonic(), clock.now().timestamp()
        boot, uptime = clock.boot()
        last = self._run("SELECT time, wall, boot, uptime FROM clock").fetchone()
        if last is None:
            now = wall
            self._run("INSERT INTO clock VALUES (?, ?, ?, ?)", (now, wall, boot, uptime))
        else:
            same = boot == last[2] and uptime >= last[3]
            now = last[0] + (uptime - last[3] if same else max(0.0, wall - last[1]))
        if self._offset is not None:
            now = max(now, monotonic + self._offset)
        self._run(
            "UPDATE clock SET time = ?, wall = ?, boot = ?, uptime = ?", (now, wall, boot, uptime)
        )
        self._offset = now - monotonic
        return float(now)

    def _judge(self, header: Header, minute: int, others: int, in_flight: int) -> None:
        """Book what only strangers can have spent, or take back what was inferred too much."""
        used = self._sum("SELECT SUM(credits) FROM minutes")
        unknown = header.spent - used
        if unknown > others + in_flight:
            self._book(minute, unknown - others - in_flight, inferred=True)
        elif unknown < 0:
            # What was booked or held since may be too late to be in the service's count.
            since = self._sum("SELECT SUM(credits) FROM minutes WHERE number >= ?", (header.sent,))
            self._take_back(-unknown - since - others, header.sent)

    def _take_back(self, most: int, before: int) -> None:
        rows = self._run(
            "SELECT number, inferred FROM minutes WHERE inferred > 0 AND number < ? "
            "ORDER BY number",
            (before,),
        ).fetchall()
        for number, inferred in rows:
            struck = max(0, min(most, inferred))
            self._run(_BOOK, (number, -struck, -struck))
            most -= struck

    def _bury(self, minute: int) -> list[str]:
        """Book what processes held that are gone, as they may have spent it; return who."""
        gone: list[str] = []
        rows = self._run("SELECT token, held, renewed FROM holders").fetchall()
        for token, held, renewed in rows:
            if token == self._token or self._lives(token):
                continue
            last = min(minute, int((renewed + _LAST_CALL) // MINUTE))
            if last > minute - RING:
                self._book(last, held, inferred=True)
            self._run("DELETE FROM holders WHERE token = ?", (token,))
            gone.append(token)
        return gone

    def _lives(self, token: str) -> bool:
        lock = FileLock(self._lock_path(token))
        try:
            return not lock.acquire(wait=False)
        finally:
            lock.release()

    def _sweep(self) -> None:
        """Remove locks of processes that ended before they joined, or as they left."""
        known = {token for (token,) in self._run("SELECT token FROM holders")}
        for path in self.path.parent.glob(f"{glob.escape(self.path.name)}.*.lock"):
            token = path.suffixes[-2].removeprefix(".")
            if token not in known and token != self._token and not self._lives(token):
                path.unlink(missing_ok=True)

    def _remember(self, allowance: int) -> int | None:
        """Note *allowance*, if it is one, and return what was noted before it."""
        row = self._run("SELECT credits FROM allowance").fetchone()
        if allowance and row is None:
            self._run("INSERT INTO allowance VALUES (?)", (allowance,))
        elif allowance and row[0] != allowance:
            self._run("UPDATE allowance SET credits = ?", (allowance,))
        return row and int(row[0])

    def _book(self, minute: int, credits: int, *, inferred: bool = False) -> None:  # noqa: A002  # the service's word
        if credits:
            self._run(_BOOK, (minute, credits, credits * inferred))

    def _changed_by_others(self) -> bool:
        before = self._version
        (self._version,) = self._run("PRAGMA data_version").fetchone()
        return self._version != before

    def _connect(self) -> None:
        # Made first, so that only its owner can read it.
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        self._connection = sqlite3.connect(self.path, isolation_level=None, timeout=_BUSY)
        (application,) = self._run("PRAGMA application_id").fetchone()
        (version,) = self._run("PRAGMA user_version").fetchone()
        tables = self._sum("SELECT COUNT(*) FROM sqlite_master")
        if tables and application != _APPLICATION:
            raise LedgerError(f"{self.path} is not a ledger; give another path")
        if tables and version != _SCHEMA_VERSION:
            raise LedgerError(
                f"{self.path} has schema {version}, and this version reads schema "
                f"{_SCHEMA_VERSION}: use the version of the package that wrote it"
            )
        self._run("PRAGMA journal_mode = WAL")
        # A block must be on disk before it is used, also when the power fails.
        self._run("PRAGMA synchronous = FULL")
        if not tables:
            self._transact(lambda: [self._run(statement) for statement in _SCHEMA])

    @contextlib.contextmanager
    def _setting_up(self) -> Generator[None]:
        lock = FileLock(self.path.with_name(f"{self.path.name}.lock"))
        try:
            lock.acquire(wait=True)
            yield
        finally:
            lock.release()

    def let_go(self) -> None:
        """Close the file and write nothing: what is held there counts as spent soon."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._lock.release()
        # Where it cannot be removed, whoever opens the file next sweeps it up.
        with contextlib.suppress(OSError):
            self._lock_path(self._token).unlink()

    def _lock_path(self, token: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{token}.lock")

    def _run(self, statement: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        assert self._connection is not None  # noqa: S101  # open() comes first
        return self._connection.execute(statement, values)

    def _sum(self, statement: str, values: Sequence[object] = ()) -> int:
        return int(self._run(statement, values).fetchone()[0] or 0)

    def _transact(self, work: Callable[[], T]) -> T:
        self._run("BEGIN IMMEDIATE")
        try:
            result = work()
            self._run("COMMIT")
        except BaseException:
            if self._connection is not None and self._connection.in_transaction:
                self._run("ROLLBACK")
            raise
        return result

    @contextlib.contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            raise LedgerError(f"{self.path}: {_reason(code, error)}") from error
        except OSError as error:
            raise LedgerError(
                f"{self.path}: the ledger cannot be used: {error.strerror}; give a path in a "
                "folder that can be written, or name one in XDG_STATE_HOME, if none was given"
            ) from error


def _reason(code: int, error: sqlite3.Error) -> str:
    if code == sqlite3.SQLITE_BUSY:
        return f"another process has held the ledger for {_BUSY:g} s; end it, or wait"
    if code == sqlite3.SQLITE_FULL:
        return "the disk is full, so no credits can be set aside; make room"
    if code == sqlite3.SQLITE_READONLY:
        return "the ledger cannot be written; make it and its folder writable"
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
        return (
            "the ledger is damaged; remove it, and a new one is made that does not know "
            "what was spent in the last 24 hours"
        )
    return f"the ledger cannot be used: {error}"
