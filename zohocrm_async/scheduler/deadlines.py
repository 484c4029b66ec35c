"""The deadlines of calls that wait: one timer for all of them."""

import heapq
import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

from zohocrm_async._clock import Clock, Timer

if TYPE_CHECKING:
    from zohocrm_async.scheduler.permit import Permit

_SLACK = 16


class Deadlines:
    """Calls *expire* for each waiting call whose deadline passes."""

    def __init__(self, clock: Clock, expire: "Callable[[Permit], None]") -> None:
        self._clock = clock
        self._expire = expire
        self._heap: list[tuple[float, int, Permit]] = []
        self._sequence = itertools.count()
        self._living = 0
        self._timer: Timer | None = None
        self._set_for = float("inf")

    def add(self, call: "Permit", deadline: float) -> None:
        """Watch over *call*, which waits."""
        heapq.heappush(self._heap, (deadline, next(self._sequence), call))
        self._living += 1
        call.watched = True
        self._set()

    def remove(self, call: "Permit") -> None:
        """Forget *call*, which waits no longer."""
        if not call.watched:
            return
        call.watched = False
        self._living -= 1
        if len(self._heap) > 2 * self._living + _SLACK or not self._living:
            self._heap = [entry for entry in self._heap if entry[2].watched]
            heapq.heapify(self._heap)
        self._set()

    def _set(self) -> None:
        heap = self._heap
        while heap and not heap[0][2].watched:
            heapq.heappop(heap)
        due = heap[0][0] if heap else float("inf")
        if due == self._set_for:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._set_for = due
        if heap:
            self._timer = self._clock.call_later(due - self._clock.monotonic(), self._fire)

    def _fire(self) -> None:
        self._timer = None
        self._set_for = float("inf")
        now = self._clock.monotonic()
        due: list[Permit] = []
        while self._heap and (self._heap[0][0] <= now or not self._heap[0][2].watched):
            call = heapq.heappop(self._heap)[2]
            if call.watched:
                call.watched = False
                self._living -= 1
                due.append(call)
        for call in due:
            self._expire(call)
        self._set()
