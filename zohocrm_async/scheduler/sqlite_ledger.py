"""A ledger in a file: it outlives the process and is shared by those of a host."""

import asyncio
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zohocrm_async._clock import Clock, Timer
from zohocrm_async._events import logger
from zohocrm_async._threads import in_thread
from zohocrm_async.exceptions import LedgerError, ZohoCRMError
from zohocrm_async.scheduler.ledger import MemoryLedger
from zohocrm_async.scheduler.ledger_orders import Header, Order, State
from zohocrm_async.scheduler.minutes import MINUTE, Minutes

if TYPE_CHECKING:
    from zohocrm_async.scheduler.ledger_file import LedgerFile

_SOON: Final = 0.05
_TICK: Final = 5.0
_POLL: Final = 1.0
# Parts of the allowance: the smallest block and the largest. Of a small allowance the
# largest is that of a few calls.
_SMALL: Final = 1_000
_LARGE: Final = 200
_CALLS: Final = 4


class SQLiteLedger(MemoryLedger):
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
        self._clock = clock or Clock()
        super().__init__(0, clock=self._clock)
        self.path = default_path() if path is None else Path(path)
        self._time = self._file_time
        self._offset = 0.0
        self._file: LedgerFile | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._users = 0
        self._opening = asyncio.Lock()
        self._listeners: list[Callable[[], None]] = []
        self._trouble = f"{self.path}: the ledger is not open; use the client with 'async with'"
        # What this process holds on disk is the sum of these three.
        self._lease = self._in_flight = self._pending = 0
        self._others = 0
        self._block = self._low = 0
        self._need = self._floor = self._dearest = 0
        self._header: Header | None = None
        self._busy = False
        self._looked_at = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writing: asyncio.Future[State] | None = None
        self._ticking: Timer | None = None
        self._polling: Timer | None = None

    @classmethod
    def default(cls, name: str, *, clock: Clock | None = None) -> "SQLiteLedger":
        """Return the ledger called *name* where the platform keeps state."""
        return cls(default_path(name), clock=clock)

    @property
    def failure(self) -> ZohoCRMError | None:
        """Why the file grants nothing at present."""
        return LedgerError(self._trouble) if self._trouble else None

    @property
    def remaining(self) -> int:
        """What nobody has spent or holds; the file is asked again, for those who watch."""
        self._look()
        return super().remaining

    def free(self, floor: int = 0) -> int:
        """Return what this process may spend now: what is free, as far as it is set aside."""
        return min(super().free(floor), self._lease)

    def reserve(self, amount: int) -> None:
        """Hold *amount*, and see to it that more is set aside in time."""
        self._reserved += amount
        self._in_flight += amount
        self._lease -= amount
        self._busy = True
        if self._lease < self._low and self._writing is None and self._is_low():
            self._ask()
        if self._ticking is None:
            self._tick_later()

    def settle(self, reserved: int, actual: int) -> None:
        """Book *actual*: in memory now, on disk with the next commit."""
        super().settle(reserved, actual)
        self._in_flight -= reserved
        self._lease += reserved - actual
        self._pending += actual
        if self._lease < 0:
            self._ask()
        if self._ticking is None:
            self._tick_later()

    def observe(self, remaining: int, *, sent_at: float) -> None:
        """Judge the answer by what is known here, then by what the file knows."""
        sent_at += self._offset
        before = self._minutes.inferred
        super().observe(remaining, sent_at=sent_at)
        if self._minutes.inferred != before:
            header = Header(self.allowance - remaining, int(sent_at // MINUTE))
            self._header = header.merged(self._header)
            self._ask()

    def when(self, amount: int, floor: int = 0) -> float | None:
        """Return the wait; where all that lacks is the next block, that is brief."""
        wait = super().when(amount, floor)
        return _SOON if wait == 0 and self._lease < amount else wait

    def want(self, amount: int, floor: int = 0) -> None:
        """Have as much set aside, or look again in a while where others hold it."""
        if self._lease >= amount or self._file is None:
            return
        self._need, self._floor = amount, floor
        self._dearest = max(self._dearest, amount)
        if MemoryLedger.free(self, floor) >= amount:
            self._ask()
        elif self._others and self._polling is None:
            # That others give something back is told by the file alone.
            self._polling = self._clock.call_later(_POLL, self._poll)

    def listen(self, wake: Callable[[], None]) -> None:
        """Call *wake* whenever the file has answered."""
        self._listeners.append(wake)

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
        self._minutes = Minutes(self._clock.monotonic() + state.offset)
        self._take_in(state)
        return state.allowance

    async def _close(self, file: "LedgerFile", thread: ThreadPoolExecutor) -> None:
        self._trouble, self._file = f"{self.path}: the ledger is closed", None
        for timer in (self._ticking, self._polling):
            if timer is not None:
                timer.cancel()
        self._ticking = self._polling = None
        try:
            while self._writing is not None:
                await asyncio.wait([self._writing])
        finally:
            await self._leave(file, thread)

    async def _leave(self, file: "LedgerFile", thread: ThreadPoolExecutor) -> None:
        order = Order(allowance=self.allowance, spent=self._pending, in_flight=self._in_flight)
        # Cancelled before it is known whether the last order was carried out: then what
        # is held on disk stays there, and counts as spent once the lock is gone.
        work = partial(file.close, order) if self._writing is None else file.let_go
        try:
            await in_thread(thread, work)
        except LedgerError as error:
            logger.warning("%s; what was set aside counts as spent", error)
        finally:
            self._lease = self._in_flight = self._pending = self._reserved = self._others = 0
            thread.shutdown(wait=False)

    def _file_time(self) -> float:
        return self._clock.monotonic() + self._offset

    def _is_low(self) -> bool:
        """Whether the block runs out while more is to be had."""
        return self._lease < self._low and MemoryLedger.free(self) > self._lease

    def _ask(self) -> None:
        """Have more set aside; the sooner the last block was short, the more."""
        if self._writing is not None or self._file is None:
            return
        most = max(1, self.allowance // _LARGE, _CALLS * self._dearest)
        self._block = min(most, max(1, self.allowance // _SMALL, 2 * self._block))
        self._low = self._block // 2
        # What does not suffice is given back first: it may suffice for others.
        self._write(self._lease if self._need else 0, aim=max(self._need, self._block))

    def _tick_later(self) -> None:
        if self._file is not None:
            self._ticking = self._clock.call_later(_TICK, self._tick)

    def _tick(self) -> None:
        """Write what was spent; after a time without calls, give back what is left."""
        self._ticking = None
        self._block //= 2
        self._low = self._block // 2 if self._busy else 0
        if self._writing is None:
            keep = 2 * self._block if self._busy else 0
            self._busy = False
            self._write(max(0, self._lease - keep), aim=0)
        if self._in_flight or self._lease or self._pending or self._trouble:
            self._tick_later()

    def _look(self) -> None:
        now = self._clock.monotonic()
        if self._writing is None and now >= self._looked_at + _POLL:
            self._looked_at = now
            self._write(0, aim=0)

    def _poll(self) -> None:
        self._polling = None
        self._ask()

    def _write(self, back: int, *, aim: int) -> None:
        """Give the thread an order, and *back* what calls may not use from now on.

        *aim* is what shall be set aside in the end, beside what calls in flight hold.
        """
        if self._file is None or self._loop is None or self._loop.is_closed():
            return
        # A call may have cost more than was set aside: the commit makes up for it.
        back = min(self._lease, back)
        self._lease -= back
        order = Order(
            allowance=self.allowance,
            used=self.used,
            spent=self._pending,
            in_flight=self._in_flight,
            keep=self._lease + self._in_flight,
            wanted=max(0, aim - self._lease),
            at_least=self._need,
            floor=self._floor if self._need else 0,
            bury=self._others > 0,
            header=self._header,
        )
        self._pending = self._need = 0
        self._header = None
        work = partial(self._file.apply, order)
        self._writing = self._loop.run_in_executor(self._thread, work)
        self._writing.add_done_callback(partial(self._written, order, back))

    def _written(self, order: Order, back: int, writing: asyncio.Future[State]) -> None:
        self._writing = None
        if writing.cancelled():
            return
        error = writing.exception()
        if error is None:
            self._take_in(writing.result())
        else:
            self._pending += order.spent
            self._lease += back
            self._header = self._header or order.header
            self._trouble = str(error) or repr(error)
        if self._ticking is None and (self._lease or error is not None):
            self._tick_later()
        if self._lease >= self._need:
            self._need = 0
        if error is None and (self._need or self._header or self._is_low()):
            self._ask()
        for wake in self._listeners:
            wake()

    def _take_in(self, state: State) -> None:
        """Believe the file, and add what is not on it yet."""
        self._offset = state.offset
        self._trouble = "" if self._file is not None else self._trouble
        self._lease += state.granted
        self._reserved += state.others - self._others
        self._others = state.others
        self._doubt = min(self._doubt, self._reserved)
        if state.rows is not None:
            self._turn()
            self._minutes.load(state.rows)
            self._minutes.book(self._pending)


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
