"""A ledger in a file: it outlives the process and is shared by those of a host."""

import asyncio
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from zohocrm_async._clock import Clock
from zohocrm_async._threads import in_thread
from zohocrm_async.exceptions import LedgerError, ZohoCRMError
from zohocrm_async.scheduler.block_ledger import BlockLedger
from zohocrm_async.scheduler.ledger_orders import Order, State

logger = logging.getLogger("zohocrm_async.scheduler")

if TYPE_CHECKING:
    from zohocrm_async.scheduler.ledger_file import LedgerFile


class SQLiteLedger(BlockLedger):
    """The window of one organisation in a file that the processes of a host share.

    A process sets a block of credits aside on disk before it spends of it, so a crash
    loses none: the block counts as spent. Between two commits everything is arithmetic
    in memory; all work on the file is done in a thread of its own.

    It is opened and closed by the clients that it is given to, all of one event loop.

    Args:
        path: the file, one for each organisation; None takes `default_path()`.
        clock: the time; that of the client.
    """

    def __init__(
        self, path: str | os.PathLike[str] | None = None, *, clock: Clock | None = None
    ) -> None:
        super().__init__(clock or Clock())
        self.path = default_path() if path is None else Path(path)
        self._file: LedgerFile | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._users = 0
        self._opening = asyncio.Lock()
        self._trouble = f"{self.path}: the ledger is not open; use the client with 'async with'"
        self._loop: asyncio.AbstractEventLoop | None = None

    @classmethod
    def default(cls, name: str, *, clock: Clock | None = None) -> "SQLiteLedger":
        """Return the ledger called *name* where the platform keeps state."""
        return cls(default_path(name), clock=clock)

    @property
    def failure(self) -> ZohoCRMError | None:
        """Why the file grants nothing at present."""
        return LedgerError(self._trouble) if self._trouble else None

    async def open(self) -> int | None:
        """Open the file unless another client has; return the allowance of its last user.

        Raises:
            LedgerError: the file cannot be made or used; the message says why.
        """
        async with self._opening:
            remembered = await self._open() if self._file is None else self.allowance or None
            self._users += 1
        return remembered

    async def close(self) -> None:
        """Write what was spent and give back the rest, once the last client closes."""
        async with self._opening:
            self._users = max(0, self._users - 1)
            file, thread = self._file, self._thread
            if self._users == 0 and file is not None and thread is not None:
                await self._close(file, thread)

    async def _open(self) -> int | None:
        from zohocrm_async.scheduler.ledger_file import LedgerFile  # noqa: PLC0415  # loads SQLite

        file, thread = LedgerFile(self.path, self._clock), ThreadPoolExecutor(1, "ledger")
        try:
            state = await in_thread(thread, file.open)
        except BaseException:
            # Whoever opened it may have been cancelled at the very end.
            await in_thread(thread, file.let_go)
            thread.shutdown(wait=False)
            raise
        self._file, self._thread, self._loop = file, thread, asyncio.get_running_loop()
        self._start(state)
        return state.allowance

    async def _close(self, file: "LedgerFile", thread: ThreadPoolExecutor) -> None:
        self._trouble, self._file = f"{self.path}: the ledger is closed", None
        try:
            await self._stop()
        finally:
            await self._leave(file, thread)

    async def _leave(self, file: "LedgerFile", thread: ThreadPoolExecutor) -> None:
        # Cancelled before it is known whether the last order was carried out: then what
        # is held on disk stays there, and counts as spent once the lock is gone.
        last = partial(file.close, self._last_order())
        try:
            await in_thread(thread, last if self._writing is None else file.let_go)
        except LedgerError as error:
            logger.warning("%s; what was set aside counts as spent", error)
        finally:
            self._forget()
            thread.shutdown(wait=False)

    def _is_open(self) -> bool:
        return self._file is not None and self._loop is not None and not self._loop.is_closed()

    def _begin(self, order: Order) -> "asyncio.Future[State]":
        assert self._file is not None  # noqa: S101  # it is open
        assert self._loop is not None  # noqa: S101  # it is open
        return self._loop.run_in_executor(self._thread, partial(self._file.apply, order))


def default_path(name: str = "default") -> Path:
    """Return where the platform keeps the state of programs, for the ledger *name*."""
    environ, home = os.environ, Path.home()
    if sys.platform == "win32":
        folder = Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        folder = home / "Library" / "Application Support"
    else:
        folder = Path(environ.get("XDG_STATE_HOME") or home / ".local" / "state")
    return folder / "zohocrm_async" / f"{name}.sqlite3"
