"""Answers that are asked for once, shared by all who ask at once, and kept for a time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, TypeVar, cast

from zohocrm_async._clock import Clock
from zohocrm_async._shared import outcome_of
from zohocrm_async.options import Priority
from zohocrm_async.scheduler.budgets import Budget, current_budget

V = TypeVar("V")


class _Entry(Generic[V]):
    """One question: who asks it, and until when its answer is good."""

    __slots__ = ("stale_at", "task", "waiting")

    def __init__(self, task: asyncio.Task[V]) -> None:
        self.task = task
        self.waiting = 0
        self.stale_at = 0.0


class SharedAnswers:
    """A bounded memory of answers; whoever asks for one that is on its way waits for it.

    A question goes on while anybody waits for it: a caller who is cancelled takes it
    along only if nobody else is left. Failures reach all who wait and are not kept.
    """

    def __init__(self, clock: Clock, *, name: str, most: int) -> None:
        self._clock = clock
        self._name = name
        self._most = most
        self._entries: dict[Hashable, _Entry[Any]] = {}
        # Whoever happens to ask first must not pay for what all use.
        self._overhead = Budget(name, priority=Priority.INTERACTIVE)

    def __len__(self) -> int:
        return len(self._entries)

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[V]], *, lifetime: float) -> V:
        """Return what *ask* answered within the last *lifetime* seconds, or ask it."""
        entry = cast("_Entry[V] | None", self._entries.get(key))
        if entry is None or (entry.task.done() and self._clock.monotonic() >= entry.stale_at):
            entry = self._begin(key, ask, lifetime)
        self._entries[key] = self._entries.pop(key)  # the last to be forgotten
        if entry.task.done():
            return outcome_of(entry.task)
        entry.waiting += 1
        try:
            # Not awaited itself: a caller who is cancelled must not cancel it for others.
            await asyncio.wait((entry.task,))
        finally:
            entry.waiting -= 1
            if not entry.waiting and not entry.task.done():
                self._drop(key, entry)
                entry.task.cancel()
        return outcome_of(entry.task)

    def forget(self, fits: Callable[[Any], bool]) -> None:
        """Forget the answers to all keys that fit; who waits for one still gets it."""
        for key in [key for key in self._entries if fits(key)]:
            del self._entries[key]

    def _begin(self, key: Hashable, ask: Callable[[], Awaitable[V]], lifetime: float) -> _Entry[V]:
        async def answer() -> V:
            current_budget.set(self._overhead)
            try:
                found = await ask()
            except BaseException:
                self._drop(key, entry)
                raise
            entry.stale_at = self._clock.monotonic() + lifetime
            return found

        entry = _Entry(asyncio.create_task(answer(), name=f"zohocrm_async {self._name}"))
        # Asked for, so that the loop does not report a failure that nobody waited for.
        entry.task.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._entries[key] = entry
        self._make_room()
        return entry

    def _drop(self, key: Hashable, entry: _Entry[Any]) -> None:
        if self._entries.get(key) is entry:
            del self._entries[key]

    def _make_room(self) -> None:
        """Forget the answer that nobody has asked for the longest, if there are too many."""
        if len(self._entries) > self._most:
            oldest = next((key for key, e in self._entries.items() if e.task.done()), None)
            if oldest is not None:
                del self._entries[oldest]
