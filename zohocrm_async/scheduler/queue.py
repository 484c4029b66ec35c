"""The calls that wait: fair between flows, first in, first out inside one.

A class of priority keeps its waiters in tracks, one for each set of things that a call
can need, so that who cannot go holds up nobody who needs something else. A track is a
heap of lanes, ordered by the tags of their flows. The queue knows neither slots nor
credits: it is asked for the heads, and told who has gone.
"""

import itertools
from collections.abc import Iterator
from heapq import heapify, heappop, heappush, heapreplace
from typing import TYPE_CHECKING

from zohocrm_async.options import Priority
from zohocrm_async.scheduler.budgets import Budget
from zohocrm_async.scheduler.flows import Flow, Lane

if TYPE_CHECKING:
    from zohocrm_async.scheduler.permit import Permit

Kind = tuple[int, int, bool, tuple[str, ...]]
_ENOUGH = 2


class Track:
    """The waiters of one class that need the same things."""

    __slots__ = ("free", "heap", "heavy", "lanes", "rank", "slots", "windows")

    def __init__(self, rank: "Rank", kind: Kind) -> None:
        self.rank = rank
        self.slots, self.heavy, self.free, self.windows = kind
        self.lanes: dict[Budget | None, Lane] = {}
        self.heap: list[tuple[float, int, int, Lane]] = []


class Rank:
    """A class of priority: its clocks, and the sums over all that wait in it."""

    __slots__ = ("by_costs", "costs", "lower", "owed", "priority", "queued", "several", "tracks",
                 "turns", "waiting", "wanted", "weights")  # fmt: skip

    def __init__(self, priority: Priority) -> None:
        self.priority = priority
        self.lower = priority > Priority.INTERACTIVE
        """Whether some slots are not for it."""
        self.tracks: dict[Kind, Track] = {}
        self.turns = self.costs = 0.0
        self.by_costs = False
        """Whether credits bind, and so order its flows, rather than slots."""
        self.waiting = 0
        self.wanted = 0
        """What its waiting calls would hold."""
        self.queued = 0
        """What they are expected to cost."""
        self.weights = 0.0
        """Of its flows that wait."""
        self.several = False
        """Whether calls of it have waited that take several heavy slots at once."""
        self.owed = 0.0
        """The part of a turn that it has been kept waiting for."""


class Queue:
    """All waiters; each operation costs O(log flows), whatever number waits."""

    def __init__(self) -> None:
        self.ranks = tuple(Rank(priority) for priority in Priority)
        self.waiting = 0
        self.aside: dict[Budget, list[Lane]] = {}
        """Lanes without a place in their heaps, by the budget that holds them back."""
        self.common = Flow(self.ranks[Priority.NORMAL], 1.0)
        """The flow of all calls outside any budget."""
        self.arrivals = itertools.count(1)
        """Numbers for calls, in the order in which they first ask."""
        self._entries = itertools.count()

    def __len__(self) -> int:
        return self.waiting

    def __iter__(self) -> "Iterator[Permit]":
        for lane in self.lanes():
            yield from lane

    def lanes(self) -> Iterator[Lane]:
        """Return every lane in which calls wait."""
        for rank in self.ranks:
            for track in rank.tracks.values():
                yield from track.lanes.values()

    def flow(self, budget: Budget | None) -> Flow:
        """Return the flow that the calls of *budget* belong to."""
        if budget is None:
            return self.common
        flow = budget.flows.get(self)
        if flow is None:
            owner = next(one for one in budget.line if one.weight or one.parent is None)
            key = (self, budget.priority)
            flow = owner.flows.get(key)
            if flow is None:
                rank = self.ranks[budget.priority]
                flow = owner.flows[key] = Flow(rank, owner.weight or 1.0)
            budget.flows[self] = flow
        return flow

    def push(self, call: "Permit") -> bool:
        """Let *call* wait; return whether it is the head of its lane."""
        flow, rank = call.flow, call.flow.rank
        kind = (call.slots, call.heavy, not call.reserve, call.windows)
        track = rank.tracks.get(kind)
        if track is None:
            track = rank.tracks[kind] = Track(rank, kind)
            rank.several = rank.several or call.heavy > 1
        lane = track.lanes.get(call.budget)
        if lane is None:
            lane = self._open(flow, track, call.budget)
        head = lane.append(call)
        self._count(call, 1)
        if head and lane.aside is None and (not lane.entry or lane.entry[1] > call.arrival):
            self._enter(lane)
        return head

    def discard(self, call: "Permit") -> bool:
        """Let *call* go, if it waits; return whether its lane has another head now."""
        lane = call.lane
        if lane is None:
            return False
        head = lane.remove(call)
        self._count(call, -1)
        if not lane.living:
            self._close(lane)
        return head

    def head(self, track: Track) -> "Permit | None":
        """Return the first call of the flow that is due, or None if nobody waits there."""
        heap, by_costs = track.heap, track.rank.by_costs
        while heap:
            entry = heap[0]
            lane = entry[3]
            call = lane.head()
            if lane.entry is not entry or call is None:
                heappop(heap)
                continue
            tag = lane.flow.costs if by_costs else lane.flow.turns
            if (entry[0] != tag or entry[1] != call.arrival) and len(heap) > 1:
                # Keys are only ever too low: whoever surfaces is put where it belongs.
                lane.entry = entry = (tag, call.arrival, next(self._entries), lane)
                heapreplace(heap, entry)
            # A caller that was cancelled says so itself one turn of the loop later.
            elif call.future is not None and call.future.cancelled():
                self.discard(call)
            else:
                return call
        return None

    def lower(self, flow: Flow) -> None:
        """Move the lanes of *flow* up, as its tag went down."""
        tag = flow.costs if flow.rank.by_costs else flow.turns
        for lane in flow.lanes:
            if lane.entry is not None and lane.entry[0] > tag:
                self._enter(lane)

    def weigh(self, rank: Rank, free: int) -> None:
        """Order *rank* by credits while *free* ones do not suffice for all of it."""
        scarce = free < rank.wanted
        # Back only once there is plenty, or the order would be turned over at each call.
        if scarce == rank.by_costs or (rank.by_costs and free < _ENOUGH * rank.wanted):
            return
        rank.by_costs = scarce
        for track in rank.tracks.values():
            track.heap.clear()
            for lane in track.lanes.values():
                if lane.aside is None:
                    lane.entry = self._entry(lane)
                    if lane.entry is not None:
                        track.heap.append(lane.entry)
            heapify(track.heap)

    def set_aside(self, lane: Lane, budget: Budget) -> None:
        """Let nobody of *lane* be a head until `restore`, as *budget* holds them back."""
        lane.entry = None
        lane.aside = budget
        self.aside.setdefault(budget, []).append(lane)

    def restore(self, budget: Budget) -> bool:
        """Put the lanes back that stand aside for *budget*; return whether there are any."""
        lanes = self.aside.pop(budget, ())
        for lane in lanes:
            lane.aside = None
            self._enter(lane)
        return bool(lanes)

    def ahead(self, call: "Permit") -> int:
        """Return what is expected to be spent before the turn of *call*, the last of its flow."""
        flow, rank = call.flow, call.flow.rank
        own = flow.queued - call.quote.expected
        others = (own + call.reserve) * max(0.0, rank.weights * flow.step - 1)
        ahead = own + min(rank.queued - flow.queued, int(others))
        for above in self.ranks[: rank.priority]:
            ahead += above.queued
        return ahead

    def _open(self, flow: Flow, track: Track, budget: Budget | None) -> Lane:
        if not flow.lanes:
            flow.awake()
            flow.rank.weights += 1 / flow.step
        lane = track.lanes[budget] = Lane(flow, track, budget)
        flow.lanes.append(lane)
        return lane

    def _close(self, lane: Lane) -> None:
        del lane.track.lanes[lane.budget]
        lane.entry = None
        lane.flow.lanes.remove(lane)
        if lane.aside is not None:
            self.aside[lane.aside].remove(lane)
            if not self.aside[lane.aside]:
                del self.aside[lane.aside]
        if not lane.flow.lanes:
            rank = lane.flow.rank
            rank.weights -= 1 / lane.flow.step
            if not rank.waiting:
                rank.weights = 0.0

    def _enter(self, lane: Lane) -> None:
        lane.entry = self._entry(lane)
        if lane.entry is not None:
            heappush(lane.track.heap, lane.entry)

    def _entry(self, lane: Lane) -> tuple[float, int, int, Lane] | None:
        call = lane.head()
        if call is None:
            return None
        tag = lane.flow.costs if lane.track.rank.by_costs else lane.flow.turns
        return (tag, call.arrival, next(self._entries), lane)

    def _count(self, call: "Permit", one: int) -> None:
        flow, rank = call.flow, call.flow.rank
        self.waiting += one
        rank.waiting += one
        rank.wanted += one * call.reserve
        expected = one * call.quote.expected
        rank.queued += expected
        flow.queued += expected
        if call.budget is not None:
            for budget in call.budget.line:
                budget.waiting += one
