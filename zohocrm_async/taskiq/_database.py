"""A database that many processes share: its connections, its clock, its schema, its faults."""

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, Connection, Double, event, inspect, literal, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from zohocrm_async._clock import Clock
from zohocrm_async._threads import in_thread
from zohocrm_async.exceptions import ConfigurationError, JournalError
from zohocrm_async.taskiq._tables import METADATA, SCHEMA_VERSION, database_time, schema

T = TypeVar("T")

_DRIVERS: Final = {
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}
_CONNECTIONS: Final = 5
_LAST_PORT: Final = 65_535
# SQLSTATEs that pass: no connection, shut down, too many connections, deadlock, too slow, and
# a standby that is about to take over.
_PASSING: Final = ("08", "57", "53", "40", "25P03", "25006")
# Options of a URL that SQLAlchemy reads.
_OPTIONS: Final = ("host", "port", "ssl", "prepared_statement_cache_size")
_READS: Final = "zohocrm_reads"
# Of all advisory locks of the database, the one for making the tables: "zohocrm" in ASCII.
_LOCK: Final = 0x7A6F686F63726D


class Unreachable(JournalError):
    """The database does not answer; it may later."""


class Database:
    """A PostgreSQL database or an SQLite file.

    Args:
        url: where it is.
        patience: seconds that a transaction may take.
        busy: seconds that somebody who stopped in the middle of a transaction can keep
            others waiting.
        time: stands for the database's own clock, in tests.
    """

    def __init__(
        self, url: str, patience: float, busy: float = 5.0, time: Clock | None = None
    ) -> None:
        self._url = _parsed(url)
        self._patience = patience
        self._time = time
        self.where = _shown(self._url)
        """The database, without secrets."""
        self.dialect = self._url.get_backend_name()
        self._engine = self._made(busy)

    def __repr__(self) -> str:
        return f"Database({self.where})"

    async def open(self) -> None:
        """Connect, and make the tables if there are none.

        Raises:
            JournalError: it cannot be reached, or its tables are those of another version.
        """
        if self.dialect == "sqlite":
            await in_thread(None, self._make_file)
        # Looked at first: to make them, others must not be writing.
        if not await self.run(self._is_laid_out, reads=True):
            await self.run(self._lay_out)

    async def close(self) -> None:
        """Let go of all connections."""
        await self._engine.dispose()

    def now(self) -> ColumnElement[float]:
        """Return the time of the database, in seconds, for a statement."""
        if self._time is not None:
            return literal(self._time.now().timestamp(), Double())
        return database_time(self.dialect)

    async def run(
        self,
        work: Callable[[AsyncConnection], Awaitable[T]],
        *,
        reads: bool = False,
        patience: float | None = None,
    ) -> T:
        """Return what *work* returns, done in one transaction.

        It may take *patience* seconds; in a file, where nothing is far away, as long as
        others write, and a bit.

        Raises:
            Unreachable: it does not answer; whether the work was done is not known.
            JournalError: it refused.
        """
        try:
            if self.dialect == "sqlite":
                # Broken off, SQLAlchemy may wait for ever for an answer of aiosqlite's thread.
                return await _to_its_end(self._transact(work, reads=reads))
            async with asyncio.timeout(patience or self._patience):
                return await self._transact(work, reads=reads)
        except (SQLAlchemyError, OSError) as error:
            problem = self._problem(error)
        raise problem

    async def _transact(self, work: Callable[[AsyncConnection], Awaitable[T]], *, reads: bool) -> T:
        async with self._engine.connect() as connection:
            await connection.execution_options(**{_READS: reads})
            async with connection.begin():
                return await work(connection)

    def _made(self, busy: float) -> AsyncEngine:
        """Make the engine.

        Raises:
            ConfigurationError: an option of the URL has no such value.
        """
        try:
            return self._sqlite(busy) if self.dialect == "sqlite" else self._postgresql(busy)
        except ValueError:
            problem = f"an option of {self.where} has a value that it cannot have"
        raise ConfigurationError(problem)

    def _pool(self) -> dict[str, Any]:
        return {
            "hide_parameters": True,  # rows and recipients are nobody's to log
            "pool_size": _CONNECTIONS,
            "max_overflow": _CONNECTIONS,
            "pool_timeout": self._patience,
        }

    def _sqlite(self, busy: float) -> AsyncEngine:
        engine = create_async_engine(self._url, connect_args={"timeout": busy}, **self._pool())
        event.listen(engine.sync_engine, "connect", _prepare)
        event.listen(engine.sync_engine, "begin", _begin)
        return engine

    def _postgresql(self, busy: float) -> AsyncEngine:
        # Options as every other program takes them are the driver's to read, not SQLAlchemy's.
        given = self._url.normalized_query.items()
        others = {name: value for name, value in given if name not in _OPTIONS}
        return create_async_engine(
            self._url.difference_update_query(others),
            connect_args={
                "dsn": f"postgresql://?{urlencode(others, doseq=True)}",
                "timeout": self._patience,
                "command_timeout": self._patience,
                "server_settings": {
                    # A host that stops in a transaction must not hold its locks for ever.
                    "idle_in_transaction_session_timeout": str(round(busy * 1_000)),
                    # What a server forgets as it crashes would be sent again.
                    "synchronous_commit": "on",
                },
            },
            # Who waited for a lock sees what was written meanwhile.
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            **self._pool(),
        )

    def _make_file(self) -> None:
        try:
            os.close(os.open(str(self._url.database), os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise JournalError(
                f"{self.where}: the file cannot be made: {error.strerror}"
            ) from error

    async def _lay_out(self, connection: AsyncConnection) -> None:
        if self.dialect == "postgresql":  # SQLite lets one transaction write at a time anyway
            await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if not await self._is_laid_out(connection):
            await connection.run_sync(METADATA.create_all)
            await connection.execute(schema.insert().values(version=SCHEMA_VERSION))

    async def _is_laid_out(self, connection: AsyncConnection) -> bool:
        if not await connection.run_sync(_has_tables):
            return False
        found = await connection.scalar(select(schema.c.version))
        if found != SCHEMA_VERSION:
            raise JournalError(
                f"{self.where} has tables of schema {found}, and this version of the package "
                f"uses schema {SCHEMA_VERSION}: use the version that made them, or another database"
            )
        return True

    def _problem(self, error: Exception) -> JournalError:
        if isinstance(error, TimeoutError):
            return Unreachable(
                f"{self.where} did not answer in time: see whether it runs, and what it waits for"
            )
        if isinstance(error, OSError):
            why = error.strerror or type(error).__name__
            return Unreachable(
                f"{self.where} cannot be reached ({why}): see whether it runs, and check the URL"
            )
        cause = getattr(error, "orig", None) or error
        why = (str(cause).splitlines() or [type(cause).__name__])[0]
        if _passes(error, cause):
            return Unreachable(f"{self.where} cannot be used now: {why}")
        return JournalError(
            f"{self.where} refused: {why}. Check the database and the rights of the URL's user"
        )


async def _to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """Return what *work* returns; a caller that is cancelled still waits for its end."""
    running = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.wait([running])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        running.exception()  # asked for, so that the loop does not report it as lost
        raise cancelled
    return running.result()


def _passes(error: Exception, cause: object) -> bool:
    """Whether what failed with *error* may do later."""
    state = str(getattr(cause, "sqlstate", None) or "")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(cause, sqlite3.OperationalError):
        return "locked" in str(cause)
    if isinstance(error, InterfaceError) and isinstance(cause, Exception):
        # The connection is not fit for it; a value or an option that is none never will be.
        return not isinstance(cause.__cause__, ValueError)
    return state.startswith(_PASSING)


def _parsed(url: str) -> URL:
    forms = "give postgresql://user@host/database or sqlite:////path/of/the/file"
    try:
        found = make_url(url)
        fits = found.port is None or 0 < found.port <= _LAST_PORT
    except (ArgumentError, ValueError):
        found, fits = None, False
    if found is None or not fits:  # apart from the error, which shows the password
        raise ConfigurationError(f"the URL of the jobs' database cannot be read: {forms}")
    driver = _DRIVERS.get(found.drivername)
    if driver is None:
        raise ConfigurationError(f"{found.drivername}:// is no database for jobs: {forms}")
    if "@" in (found.host or ""):  # which would be shown, and is a piece of the password
        raise ConfigurationError("the password in the database's URL has an @: write %40 for it")
    if driver.startswith("sqlite") and found.database in {None, "", ":memory:"}:
        raise ConfigurationError("sqlite:// without a file keeps nothing: name a file, by its path")
    return found.set(drivername=driver)


def _shown(url: URL) -> str:
    """Return *url* without its secrets, which its options may hold as well."""
    where = {name: url.query[name] for name in ("host", "port") if name in url.query}
    backend = url.get_backend_name()
    bare = URL.create(backend, url.username, None, url.host, url.port, url.database, where)
    return bare.render_as_string()


def _has_tables(connection: Connection) -> bool:
    return inspect(connection).has_table(schema.name)


def _prepare(connection: Any, *_: object) -> None:
    # SQLAlchemy begins every transaction itself, by `_begin`.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _begin(connection: Connection) -> None:
    # A transaction that begins to write late may find that another has written.
    reads = connection.get_execution_options().get(_READS)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
