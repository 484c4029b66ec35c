"""Questions of many tasks, gathered for a few milliseconds and asked together."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

from attrs import define, field

from zohocrm_async._clock import Clock, Timer
from zohocrm_async._shared import own
from zohocrm_async.exceptions import SchedulerClosed, ZohoCRMError

Q = TypeVar("Q")
A = TypeVar("A")

SECONDS = 0.005
"""How long questions are gathered."""


@define(eq=False)
class _Asked(Generic[Q, A]):
    """A question with those who wait for its answer."""

    question: Q
    waiters: "list[asyncio.Future[A]]" = field(init=False, factory=list)


class Gathering(Generic[Q, A]):
    """Gathers questions until there are *most* of them or *seconds* are over, and asks them.

    Each lot is one call of *together*, in a task of its own, so that it goes on when one
    of those who wait is cancelled. It runs in the context in which the gathering was made:
    what calls cost is charged to the budget of that block. A question that nobody waits
    for any more is not asked.

    Args:
        together: returns an answer, or an error, for each question in order.
        clock: the time.
        seconds: how long questions are gathered, from the first of a lot.
        most: questions of one lot.
        name: what is closed, for people.
        cut_off: returns the error of a question whose lot was ended before its answer came.
    """

    def __init__(
        self,
        together: Callable[[Sequence[Q]], Awaitable[Sequence[A | ZohoCRMError]]],
        *,
        clock: Clock,
        seconds: float,
        most: int,
        name: str,
        cut_off: Callable[[], ZohoCRMError],
    ) -> None:
        self._together = together
        self._clock = clock
        self._seconds = seconds
        self._most = most
        self._name = name
        self._cut_off = cut_off
        self._context = contextvars.copy_context()
        self._open: dict[Hashable, _Asked[Q, A]] = {}
        self._timer: Timer | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def ask(self, question: Q, key: Hashable, *, shared: bool) -> A:
        """Ask *question* with the others, and return its answer.

        One whose *key* is gathered already is asked once for both if *shared*, and
        otherwise in the next lot.

        Raises:
            SchedulerClosed: the gathering is closed.
            ZohoCRMError: the error that is its answer, or that all of the lot met.
        """
        if self._closed:
            raise SchedulerClosed(f"the {self._name} is closed: make another")
        if not shared and key in self._open:
            self._send()
        asked = self._open.get(key)
        if asked is None:
            asked = self._open[key] = _Asked[Q, A](question)
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        asked.waiters.append(answer)
        if len(self._open) >= self._most:
            self._send()
        elif self._timer is None:
            self._timer = self._clock.call_later(self._seconds, self._send)
        try:
            return await answer
        finally:
            asked.waiters.remove(answer)
            if not asked.waiters and self._open.get(key) is asked:
                del self._open[key]

    async def close(self) -> None:
        """Ask what is gathered, refuse what comes, and return when all is answered."""
        self._closed = True
        self._send()
        try:
            while self._tasks:
                await asyncio.wait(self._tasks)
        except asyncio.CancelledError:
            for task in self._tasks:
                task.cancel()
            raise

    def _send(self) -> None:
        """Begin to ask what is gathered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._open:
            return
        lot, self._open = list(self._open.values()), {}
        task = asyncio.get_running_loop().create_task(
            self._answer(lot), context=self._context.copy()
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, lot: list[_Asked[Q, A]]) -> None:
        try:
            answers = await self._together([asked.question for asked in lot])
        except asyncio.CancelledError:
            for asked in lot:
                _tell(asked, self._cut_off())
            raise
        except Exception as error:  # noqa: BLE001  # it is told to all who wait
            for asked in lot:
                _tell(asked, error)
            return
        for asked, answer in zip(lot, answers, strict=True):
            _tell(asked, answer)


def _tell(asked: _Asked[Q, A], answer: A | Exception) -> None:
    for waiter in asked.waiters:
        if waiter.done():
            continue
        if isinstance(answer, ZohoCRMError):
            waiter.set_exception(own(answer))
        elif isinstance(answer, Exception):
            waiter.set_exception(answer)
        else:
            waiter.set_result(answer)
