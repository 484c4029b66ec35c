"""The journal of a job: the state of each item, on disk before its call leaves.

One SQLite file, one thread of its own, commits shared: whoever writes while a
commit is under way is in the next one, and each waits for the one that holds
its own change.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import orjson
from attrs import frozen

from zohocrm_async._clock import Clock
from zohocrm_async._shared import own
from zohocrm_async._threads import in_thread
from zohocrm_async.exceptions import InvalidRequest, JournalError
from zohocrm_async.jobs._database import Database, Result, damaged
from zohocrm_async.jobs._statements import Addition, Change
from zohocrm_async.jobs.items import Item, ItemState

T = TypeVar("T")

_Batch = list[tuple[Change, asyncio.Future[Item | None]]]

_PAGE = 500
# A commit costs the same for one as for many, and no item is in a hurry of milliseconds:
# the next ones are written down while those before are on their way.
_MANY, _MOMENT = 64, 0.006


@frozen(kw_only=True)
class JournalHead:
    """What a journal says of its job."""

    kind: str
    """``mail`` or ``merge``."""
    options: Mapping[str, Any]
    """The job's settings, without credentials."""
    fingerprint: str | None
    """SHA-256 of the input file; None where the input was no file."""
    source: Path | None
    """The input file; None where the input was no file."""
    created_at: datetime


def written(options: Mapping[str, Any]) -> str:
    """Return a job's settings as a journal keeps them.

    Raises:
        InvalidRequest: a text has half of a character, as of a file in another encoding.
    """
    for name, value in options.items():
        try:
            orjson.dumps(value)
        except orjson.JSONEncodeError as error:
            raise InvalidRequest(f"{name} is no text that can be sent: {error}") from error
    return orjson.dumps(options).decode()


class Journal:
    """The journal of one job; an async context manager.

    Made by `create` or `open`. Until it is closed, no other process or journal
    can use its file; a crash lets go of it.
    """

    def __init__(self, path: Path, opening: Callable[[], Database], clock: Clock) -> None:
        self.path = path
        self._opening = opening
        self._clock = clock
        self._database: Database | None = None
        self._closed = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")  # idle until used
        self._waiting: _Batch = []
        self._committing: asyncio.Future[list[Result]] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        kind: str,
        options: Mapping[str, Any],
        fingerprint: str | None = None,
        source: Path | None = None,
        clock: Clock | None = None,
    ) -> Self:
        """Return a new journal at *path*, to be entered; only its owner can read it.

        Raises:
            InvalidRequest: a text among *options* has half of a character.
            JournalError: when it is entered: the file exists or cannot be made.
        """
        path, clock = Path(path), clock or Clock()
        meta = {
            "kind": kind,
            "options": written(options),
            "fingerprint": fingerprint or "",
            "source": "" if source is None else str(source),
            "created_at": clock.now().isoformat(timespec="seconds"),
        }
        return cls(path, lambda: Database.create(path, meta), clock)

    @classmethod
    def open(cls, path: str | Path, *, clock: Clock | None = None) -> Self:
        """Return the journal at *path*, to be entered.

        Items that were being sent when their process ended are unknown from then on.

        Raises:
            JournalError: when it is entered: there is none, or it is in use.
        """
        path, clock = Path(path), clock or Clock()
        return cls(path, lambda: Database.open(path, clock.now()), clock)

    async def __aenter__(self) -> Self:
        try:
            await in_thread(self._thread, self._open)
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Write what is still to be written, and let go of the file."""
        if self._closed:
            return
        self._closed = True
        try:
            while self._waiting or self._committing is not None:
                if self._committing is None and self._database is not None:
                    self._commit(self._database)
                if self._committing is not None:
                    await asyncio.wait([self._committing])
        finally:
            try:
                if self._database is not None:
                    await in_thread(self._thread, self._database.close)
            finally:
                self._thread.shutdown(wait=False)

    async def head(self) -> JournalHead:
        """Return what the journal says of its job.

        Raises:
            JournalError: it is damaged.
        """
        meta = await self._in_thread(self._open_database().meta)
        try:
            return JournalHead(
                kind=meta["kind"],
                options=orjson.loads(meta["options"]),
                fingerprint=meta["fingerprint"] or None,
                source=Path(meta["source"]) if meta.get("source") else None,
                created_at=datetime.fromisoformat(meta["created_at"]),
            )
        except (KeyError, ValueError) as error:
            raise damaged(self.path, error) from error

    @property
    def place(self) -> str:
        """Where the journal is, for messages."""
        return str(self.path)

    def now(self) -> datetime:
        """Return the time by the clock that dates the items."""
        return self._clock.now()

    async def note(self, name: str, value: str) -> None:
        """Keep a fact of the job, in place of what was noted by that name."""
        await self._in_thread(partial(self._open_database().note, f"note:{name}", value))

    async def noted(self, name: str) -> str | None:
        """Return what was noted by *name*, or None."""
        meta = await self._in_thread(self._open_database().meta)
        return meta.get(f"note:{name}")

    async def add(
        self,
        item: Item,
        claims: Sequence[str] = (),
        taken: Callable[[Item], Item] | None = None,
    ) -> Item | None:
        """Put a new item on disk, and take *claims* for it; return once it is there.

        Args:
            item: in one of `FIRST_STATES`.
            claims: what no other item of the job may claim.
            taken: makes the item to add in its place, given the one that has the key
                or a claim already.

        Returns:
            None, or the one that has it; then *item* was not written.
        """
        return await self._written(Addition(item, tuple(claims), taken))

    async def record(self, item: Item) -> None:
        """Put an item's new state on disk; return once it is there.

        Raises:
            JournalError: the new state cannot follow the one in the journal.
        """
        await self._written(item)

    async def plan_again(self, state: ItemState, code: str) -> int:
        """Plan the items again that stand in *state* for the reason *code*.

        What the job refused by itself stays refused, as it would be again.

        Returns:
            How many there were.
        """
        work = partial(self._open_database().plan_again, state, code, self._clock.now())
        return await self._in_thread(work)

    async def items(self, *states: ItemState) -> AsyncGenerator[Item, None]:
        """Yield the items in the order of the input; all, or those in one of *states*."""
        database, position = self._open_database(), -1
        while page := await self._in_thread(partial(database.page, position, _PAGE, states)):
            for item in page:
                yield item
            position = page[-1].position

    async def positions(self, after: int) -> AsyncGenerator[int, None]:
        """Yield the positions of all items that follow *after*, in their order."""
        database = self._open_database()
        while page := await self._in_thread(partial(database.positions, after, _PAGE)):
            for position in page:
                yield position
            after = page[-1]

    async def extent(self) -> tuple[int, int]:
        """Return the number of items and the last position; both 0 without any."""
        return await self._in_thread(self._open_database().extent)

    async def holder(self, message_id: str) -> int | None:
        """Return the position of the item that has *message_id*, if any."""
        return await self._in_thread(partial(self._open_database().holder, message_id))

    async def counts(self) -> Mapping[ItemState, int]:
        """Return how many items stand in each state that occurs."""
        return await self._in_thread(self._open_database().counts)

    async def refusals(self) -> Mapping[str, int]:
        """Return how many items were refused for each code, the most frequent first."""
        return await self._in_thread(self._open_database().refusals)

    def _open(self) -> None:
        # Kept from within the thread: an opener that is cancelled can still close it.
        self._database = self._opening()

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await in_thread(self._thread, work)

    def _open_database(self) -> Database:
        if self._database is None or self._closed:
            raise JournalError(f"{self.path}: the journal is not open")
        return self._database

    def _written(self, change: Change) -> "asyncio.Future[Item | None]":
        """Return what is done once *change* is on disk."""
        database = self._open_database()
        done: asyncio.Future[Item | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((change, done))
        if self._committing is None:
            self._commit_soon(database)
        return done

    def _commit_soon(self, database: Database) -> None:
        """Commit once many wait, or after a moment; then by a callback what came since.

        There is no task in it that a closing loop could cancel before its time.
        """
        if len(self._waiting) >= _MANY:
            self._commit(database)
        elif self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_MOMENT, self._commit, database)

    def _commit(self, database: Database) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._waiting = self._waiting, []
        changes = [change for change, _ in batch]
        work = partial(database.apply, changes, self._clock.now())
        self._committing = asyncio.get_running_loop().run_in_executor(self._thread, work)
        self._committing.add_done_callback(partial(self._committed, database, batch))

    def _committed(
        self, database: Database, batch: _Batch, committing: asyncio.Future[list[Result]]
    ) -> None:
        error = committing.exception()
        results = [error] * len(batch) if error else committing.result()
        for (_, done), result in zip(batch, results, strict=True):
            if done.done():
                continue  # its caller was cancelled meanwhile
            if isinstance(result, JournalError):
                done.set_exception(own(result))
            elif isinstance(result, BaseException):
                done.set_exception(result)
            else:
                done.set_result(result)
        self._committing = None
        if self._waiting:
            self._commit_soon(database)
