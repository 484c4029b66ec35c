"""The calls that wait: strict priority, then the order of arrival.

A class of priority keeps its waiters in lanes, one for each set of things that a call
can need. A lane whose head cannot go holds up no other lane, and a lane is first in,
first out. The queue knows neither slots nor credits: it is asked for the heads, and
told who has gone.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

from attrs import define

T = TypeVar("T")


@define(eq=False)
class Waiter(Generic[T]):
    """One call's place in the queue."""

    item: T
    future: "asyncio.Future[Exception | None]"
    """Where the call awaits its turn: None in it is a grant, an error a refusal."""
    priority: int
    lane: int
    arrival: int
    waiting: bool = True

    def wake(self, refusal: Exception | None) -> None:
        """Tell the call that it may go, or why not."""
        if not self.future.done():
            self.future.set_result(refusal)


class Queue(Generic[T]):
    """Waiters by class and lane; each operation costs O(lanes), amortised."""

    def __init__(self, *, classes: int, lanes: int) -> None:
        self._lanes: list[list[deque[Waiter[T]]]] = [
            [deque() for _ in range(lanes)] for _ in range(classes)
        ]
        self._arrivals = 0
        self._living = 0
        self._dead = 0

    def __len__(self) -> int:
        return self._living

    def __iter__(self) -> Iterator[Waiter[T]]:
        everyone = (waiter for lanes in self._lanes for lane in lanes for waiter in lane)
        return (waiter for waiter in everyone if waiter.waiting)

    def push(
        self, item: T, future: "asyncio.Future[Exception | None]", *, priority: int, lane: int
    ) -> Waiter[T]:
        """Let *item* wait behind all others of its lane."""
        self._arrivals += 1
        waiter = Waiter(item, future, priority, lane, self._arrivals)
        self._lanes[priority][lane].append(waiter)
        self._living += 1
        return waiter

    def is_head(self, waiter: Waiter[T]) -> bool:
        """Whether nobody of its lane waits before *waiter*."""
        lane = self._lanes[waiter.priority][waiter.lane]
        return bool(lane) and lane[0] is waiter

    def heads(self, priority: int) -> list[Waiter[T]]:
        """Return the first waiter of each lane of a class, in the order of arrival."""
        heads: list[Waiter[T]] = []
        for lane in self._lanes[priority]:
            # A caller that was cancelled says so itself one turn of the loop later.
            while lane and lane[0].future.cancelled():
                self.discard(lane[0])
            if lane:
                heads.append(lane[0])
        if len(heads) > 1:
            heads.sort(key=_arrival)
        return heads

    def discard(self, waiter: Waiter[T]) -> bool:
        """Let *waiter* go, if it waits; return whether its lane has another head now."""
        if not waiter.waiting:
            return False
        head = self.is_head(waiter)
        waiter.waiting = False
        self._living -= 1
        self._dead += 1
        self._surface(self._lanes[waiter.priority][waiter.lane])
        if self._dead > self._living:
            self._compact()
        return head

    def _surface(self, lane: deque[Waiter[T]]) -> None:
        while lane and not lane[0].waiting:
            lane.popleft()
            self._dead -= 1

    def _compact(self) -> None:
        for lane in (lane for lanes in self._lanes for lane in lanes):
            # In place, as `heads` may be walking it.
            living = [waiter for waiter in lane if waiter.waiting]
            lane.clear()
            lane.extend(living)
        self._dead = 0


def _arrival(waiter: Waiter[T]) -> int:
    return waiter.arrival
