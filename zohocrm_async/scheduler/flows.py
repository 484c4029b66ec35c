"""Flows and lanes: whose calls wait, and in which order they were made."""

import heapq
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zohocrm_async.scheduler.budgets import Budget
    from zohocrm_async.scheduler.permit import Permit
    from zohocrm_async.scheduler.queue import Rank, Track

# A lane is rebuilt once that many more of its entries are dead than alive.
_SLACK = 8


class Flow:
    """One share of a class: what it has had, in turns and in credits, by its weight.

    Tags are times on a clock that runs with the work done: the flow with the lower tag
    has had less than it is due. A turn moves the one tag, the credits move the other.
    """

    __slots__ = ("costs", "costs_from", "lanes", "queued", "rank", "step", "turns", "turns_from")

    def __init__(self, rank: "Rank", weight: float) -> None:
        self.rank = rank
        self.step = 1.0 / weight
        self.turns = self.turns_from = 0.0
        self.costs = self.costs_from = 0.0
        self.queued = 0
        """What its waiting calls are expected to cost."""
        self.lanes: list[Lane] = []
        """Where calls of it wait; empty while it is idle."""

    def awake(self) -> None:
        """Bring the tags up to the class's clocks: idleness saves nothing up."""
        rank = self.rank
        self.turns_from, self.costs_from = rank.turns, rank.costs
        if self.turns < rank.turns:  # noqa: PLR1730  # max() costs more
            self.turns = rank.turns
        if self.costs < rank.costs:  # noqa: PLR1730  # max() costs more
            self.costs = rank.costs

    def charge(self, reserve: int) -> None:
        """Count a turn and the credits held for it."""
        rank, step = self.rank, self.step
        turns, costs = self.turns, self.costs
        # A flow that is idle goes from where the clocks are, as if it had woken up.
        if rank.turns < turns:
            rank.turns = turns
        elif not self.lanes:
            turns = rank.turns
        if rank.costs < costs:
            rank.costs = costs
        elif not self.lanes:
            costs = rank.costs
        self.turns = turns + step
        self.costs = costs + step * (reserve or 1)

    def charge_more(self, turns: int) -> None:
        """Count so many turns more, for a call of several slots."""
        self.turns += self.step * turns

    def correct(self, reserve: int, actual: int) -> bool:
        """Count what a call truly cost; return whether that is less than was held."""
        less = (reserve or 1) - (actual or 1)
        # Not below where it was when it woke, or a past turn would count as saved up.
        self.costs = max(self.costs - self.step * less, self.costs_from)
        return less > 0

    def take_back(self, slots: int) -> None:
        """Undo the turn of a call that the service did not take, corrected to nothing."""
        self.turns = max(self.turns - self.step * slots, self.turns_from)
        self.costs = max(self.costs - self.step, self.costs_from)


class Lane:
    """The waiting calls of one budget and one track, first in, first out."""

    __slots__ = ("_calls", "_returned", "aside", "budget", "entry", "flow", "living", "track")

    def __init__(self, flow: Flow, track: "Track", budget: "Budget | None") -> None:
        self.flow = flow
        self.track = track
        self.budget = budget
        self.entry: tuple[float, int, int, Lane] | None = None
        """Its live entry in the track's heap."""
        self.aside: Budget | None = None
        """The budget for which it stands aside, and has no entry."""
        self.living = 0
        self._calls: deque[Permit] = deque()
        self._returned: list[tuple[int, Permit]] = []

    def __iter__(self) -> "Iterator[Permit]":
        yield from (call for _, call in self._returned if call.lane is self)
        yield from (call for call in self._calls if call.lane is self)

    def append(self, call: "Permit") -> bool:
        """Put *call* where its arrival belongs: behind, or back to its old place.

        Returns whether it is the head now.
        """
        call.lane = self
        self.living += 1
        if self._calls and self._calls[-1].arrival > call.arrival:
            heapq.heappush(self._returned, (call.arrival, call))
            return self.head() is call
        self._calls.append(call)
        return self.living == 1

    def head(self) -> "Permit | None":
        """Return the first call that waits still."""
        calls, returned = self._calls, self._returned
        while returned and returned[0][1].lane is not self:
            heapq.heappop(returned)
        while calls and calls[0].lane is not self:
            calls.popleft()
        if returned and not (calls and calls[0].arrival < returned[0][0]):
            return returned[0][1]
        return calls[0] if calls else None

    def remove(self, call: "Permit") -> bool:
        """Let *call* go; return whether it was the head.

        Elsewhere it is passed over where it stands.
        """
        calls = self._calls
        first = bool(calls) and calls[0] is call
        head = (first and not self._returned) or self.head() is call
        call.lane = None
        self.living -= 1
        if first:
            calls.popleft()
        elif len(calls) > 2 * self.living + _SLACK:
            self._calls = deque(call for call in calls if call.lane is self)
        return head
