"""Whose turn it is: classes in strict order with a guaranteed part, flows in fair order."""

from collections.abc import Callable
from math import inf

from zohocrm_async.options import Limits, Priority
from zohocrm_async.scheduler.budgets import Budget
from zohocrm_async.scheduler.means import Means
from zohocrm_async.scheduler.permit import Permit
from zohocrm_async.scheduler.queue import Queue, Rank, Track
from zohocrm_async.scheduler.slots import SlotPool

# Ten tenths are a hair less than one.
_WHOLE = 1 - 1e-9
_A_WHILE = 60.0


class Turns:
    """Finds the next call that can go, and remembers what keeps the others."""

    def __init__(
        self,
        queue: Queue,
        means: Means,
        *,
        on_growth: Callable[[SlotPool], None],
        stir: Callable[[], None],
    ) -> None:
        self._queue = queue
        self._means = means
        self._on_growth = on_growth
        self._stir = stir
        self._shares = (0.0, 0.0, 0.0)
        self._paces: dict[Budget, float] = {}
        self._lower = queue.ranks[1:]
        self.lacking: Permit | None = None
        """The head whose lack of credits holds up others; of the last `next`."""
        self.shut_out: Permit | None = None
        """A head whose day window is spent; of the last `next`."""
        self.wake_at = inf
        """When somebody may go who cannot now; of the last `next`."""

    def configure(self, limits: Limits) -> None:
        """Take the guaranteed parts of *limits* from now on."""
        self._shares = (0.0, limits.normal_share, limits.bulk_share)

    def next(self) -> Permit | None:
        """Return who goes next, or None if nobody can."""
        self.lacking = self.shut_out = None
        self.wake_at = inf
        if self._paces:
            self._bring_back(self._means.clock.monotonic())
        for rank in self._lower:
            if rank.owed >= _WHOLE and rank.waiting:
                if call := self._candidate(rank):
                    return call
                # Its want of credits holds up the classes above in no way.
                self.lacking = None
        for rank in self._queue.ranks:
            if rank.waiting and (call := self._candidate(rank)):
                return call
        return None

    def took(self, call: Permit) -> None:
        """Count a turn: each lower class that waits is owed a part of it."""
        for rank in self._lower:
            if rank.waiting or rank is call.flow.rank:
                owed = rank.owed + self._shares[rank.priority]
                # What it could not use it does not save up.
                owed = owed - 1 if rank is call.flow.rank else min(owed, 1.0)
                rank.owed = max(0.0, owed)

    def brought_back(self, budget: Budget) -> None:
        """Let those be heads again who stood aside for *budget*."""
        self._paces.pop(budget, None)
        budget.listeners.pop(self.brought_back, None)
        if self._queue.restore(budget):
            self._stir()

    def wakes(self, moment: float) -> None:
        """Remember a moment at which somebody may go who cannot now."""
        self.wake_at = min(self.wake_at, moment)

    def _candidate(self, rank: Rank) -> Permit | None:
        """Return who of *rank* goes next, if one can; note who lacks credits."""
        means, lower = self._means, rank.priority != Priority.INTERACTIVE
        if not self._room(means.slots, lower):
            return None
        free = means.ledger.free(means.floors[rank.priority])
        self._queue.weigh(rank, free)
        paying, gratis = self._heads(rank, lower)
        if paying is None or self.lacking is not None:
            return gratis
        if free < paying.reserve or (means.parking.is_on and not means.parking.is_open):
            self.lacking = paying
            return gratis
        return paying if gratis is None or _before(paying, gratis) else gratis

    def _heads(self, rank: Rank, lower: bool) -> tuple[Permit | None, Permit | None]:
        """Return the first call that takes credits and the first that takes none."""
        paying = gratis = None
        for track in rank.tracks.values():
            if not track.heap or (track.heavy and not self._room(self._means.heavy, lower)):
                continue
            if track.windows and self._is_shut(track):
                continue
            call = self._head(track)
            if call is None:
                continue
            if track.free:
                gratis = call if gratis is None or _before(call, gratis) else gratis
            else:
                paying = call if paying is None or _before(call, paying) else paying
        return paying, gratis

    def _room(self, pool: SlotPool, lower: bool) -> bool:
        if pool.in_flight < pool.caps[lower]:
            return True
        if pool.is_held or (pool.in_force < pool.limit and pool.in_flight >= pool.in_force):
            now = self._means.clock.monotonic()
            if pool.grow(now):
                self._on_growth(pool)
                return pool.in_flight < pool.caps[lower]
            self.wakes(pool.probe_at)
        return False

    def _head(self, track: Track) -> Permit | None:
        """Return the head of *track*, once those are aside whom their budgets hold back."""
        queue = self._queue
        while (call := queue.head(track)) is not None:
            if call.budget is None or (obstacle := call.budget.obstacle(call.reserve)) is None:
                return call
            if call.lane is not None:
                queue.set_aside(call.lane, obstacle)
            obstacle.listeners[self.brought_back] = None
            if pause := obstacle.pause_left():
                self._paces[obstacle] = self._means.clock.monotonic() + pause
                self.wakes(self._paces[obstacle])
        return None

    def _is_shut(self, track: Track) -> bool:
        """Whether a window of *track* is full; note the head if it is for the day."""
        means = self._means
        if means.full(track.windows) is None:
            return False
        if (spent := means.spent(track.windows)) is not None:
            self.shut_out = self.shut_out or self._queue.head(track)
            # The wall clock may be set, and timers do not run while a machine sleeps.
            self.wakes(means.clock.monotonic() + min(spent[1].wait(), _A_WHILE))
        return True

    def _bring_back(self, now: float) -> None:
        for budget, due in tuple(self._paces.items()):
            if due <= now:
                del self._paces[budget]
                budget.listeners.pop(self.brought_back, None)
                self._queue.restore(budget)
            else:
                self.wakes(due)


def _before(one: Permit, other: Permit) -> bool:
    """Whether the lane of *one* comes before that of *other*."""
    by_costs = one.flow.rank.by_costs
    mine, theirs = (
        (call.flow.costs if by_costs else call.flow.turns, call.arrival) for call in (one, other)
    )
    return mine < theirs
