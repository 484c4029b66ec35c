"""Writes that come together, and share what it costs to have them on disk."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from zohocrm_async.exceptions import JournalError

T = TypeVar("T")

# As in the journal of one process: a commit costs the same for one as for many.
_MANY: Final = 64
_MOMENT: Final = 0.006


class Grouped(Generic[T]):
    """Collects changes for a moment and hands them on, one group after the other.

    Args:
        commit: writes a group in its order, and returns for each change None, or why
            it was not made.
    """

    def __init__(
        self, commit: Callable[[Sequence[T]], Awaitable[Sequence[Exception | None]]]
    ) -> None:
        self._commit = commit
        self._waiting: list[tuple[T, asyncio.Future[None]]] = []
        self._some = asyncio.Event()
        self._many = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to work."""
        self._task = asyncio.create_task(self._work(), name="zohocrm_async journal")

    async def close(self) -> None:
        """Hand on what still waits, and end; cancelled, it breaks that off."""
        self._closing = True
        self._some.set()
        self._many.set()
        if self._task is None:
            return
        try:
            await asyncio.wait([self._task])
        except asyncio.CancelledError:
            self._task.cancel()
            await asyncio.wait([self._task])
            raise

    def write(self, change: T) -> "asyncio.Future[None]":
        """Return what is done once *change* is written, and fails if it is not.

        Raises:
            JournalError: it is too late, or too early.
        """
        if self._closing or self._task is None:
            raise JournalError("the journal is not open")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((change, done))
        self._some.set()
        if len(self._waiting) >= _MANY:
            self._many.set()
        return done

    async def _work(self) -> None:
        group: list[tuple[T, asyncio.Future[None]]] = []
        try:
            while await self._any():
                group, self._waiting = self._waiting, []
                await self._hand_on(group)
                group = []
        finally:
            self._closing = True
            for _, done in (*group, *self._waiting):
                if not done.done():
                    done.set_exception(JournalError("the journal was closed before"))

    async def _any(self) -> bool:
        """Wait for some changes and a moment more; False: there will be none."""
        while not self._waiting:
            if self._closing:
                return False
            self._some.clear()
            await self._some.wait()
        self._many.clear()
        if len(self._waiting) < _MANY and not self._closing:
            timer = asyncio.get_running_loop().call_later(_MOMENT, self._many.set)
            try:
                await self._many.wait()
            finally:
                timer.cancel()
        return True

    async def _hand_on(self, group: Sequence[tuple[T, asyncio.Future[None]]]) -> None:
        problems: Sequence[Exception | None]
        try:
            problems = await self._commit([change for change, _ in group])
        except Exception as error:  # noqa: BLE001  # raised where each change is waited for
            problems = [error] * len(group)
        for (_, done), problem in zip(group, problems, strict=True):
            if done.done():
                continue  # its caller was cancelled meanwhile
            if problem is None:
                done.set_result(None)
            else:
                done.set_exception(problem)
