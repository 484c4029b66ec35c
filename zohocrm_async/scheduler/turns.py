"""Whose turn it is: classes in strict order with a guaranteed part, flows in fair order."""

from collections.abc import Callable
from math import inf

from zohocrm_async.options import Limits
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
        self._kept = False
        """Whether the slots that fall free are kept for a call that takes several."""
        self._heavy_kept: Permit | None = None
        """The call for which heavy slots that fall free are kept."""
        self.wake_at = inf
        """When somebody may go who cannot now; of the last `next`."""

    def configure(self, limits: Limits) -> None:
        """Take the guaranteed parts of *limits* from now on."""
        self._shares = (0.0, limits.normal_share, limits.bulk_share)

    def next(self) -> Permit | None:
        """Return who goes next, or None if nobody can."""
        self.lacking = self.shut_out = self._heavy_kept = None
        self._kept = False
        self.wake_at = inf
        if self._paces:
            self._bring_back(self._means.clock.monotonic())
        for rank in self._lower:
            if rank.owed >= _WHOLE and rank.waiting:
                call = self._candidate(rank)
                # A turn that heavy slots are kept for is not for a light call.
                if call is not None and (call.heavy or not self._keeps_heavy_for(rank)):
                    return call
                if self._kept:
                    return None
                # Its want of credits holds up the classes above in no way.
                self.lacking = None
        for rank in self._queue.ranks:
            if rank.waiting and (call := self._candidate(rank)):
                return call
            if self._kept:
                return None
        return None

    def took(self, call: Permit) -> None:
        """Count a turn for each slot: each lower class that waits is owed a part of it."""
        slots, its = call.held, call.flow.rank
        for rank in self._lower:
            own = rank is its
            if rank.waiting or own:
                owed = rank.owed + self._shares[rank.priority] * slots
                if not own or (not call.heavy and self._keeps_heavy_for(rank)):
                    # What it could not use it does not save up.
                    rank.owed = min(owed, 1.0)
                elif slots == 1 or rank.owed < _WHOLE:
                    rank.owed = max(min(0.0, rank.owed), owed - slots)
                else:
                    # One turn was due, and the call took several.
                    rank.owed = owed - slots

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
        means, lower = self._means, rank.lower
        if not self._room(means.slots, lower, 1):
            return None
        call = self._first(rank, lower)
        if call is None or call.slots == 1 or means.slots.has_room_for(call.slots, lower):
            return call
        # It would wait for ever if others took each slot that falls free.
        self._kept = True
        return None

    def _first(self, rank: Rank, lower: bool) -> Permit | None:
        """Return who of *rank* is next, if anybody may be; note who lacks credits."""
        means = self._means
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
        if rank.several and self._heavy_kept is None:
            self._keep_heavy_slots(rank, lower)
        kept = self._heavy_kept
        for track in rank.tracks.values():
            if not track.heap or (
                track.heavy and not self._room(self._means.heavy, lower, track.heavy)
            ):
                continue
            if track.slots > 1 and not self._could_hold(track.slots, lower):
                continue
            if track.windows and self._is_shut(track):
                continue
            call = self._head(track)
            if call is None or (kept is not None and track.heavy and not _before(call, kept)):
                continue
            if track.free:
                gratis = call if gratis is None or _before(call, gratis) else gratis
            else:
                paying = call if paying is None or _before(call, paying) else paying
        return paying, gratis

    def _keep_heavy_slots(self, rank: Rank, lower: bool) -> None:
        """Note the first call that waits for several heavy slots and nothing else."""
        heavy = self._means.heavy
        for track in rank.tracks.values():
            if not track.heap or track.heavy <= 1 or not heavy.could_hold(track.heavy, lower):
                continue
            if heavy.has_room_for(track.heavy, lower) or self._is_shut(track):
                continue
            call = self._head(track)
            if call is not None and not self.lacks_credits(call):
                kept = self._heavy_kept
                self._heavy_kept = call if kept is None or _before(call, kept) else kept

    def lacks_credits(self, call: Permit) -> bool:
        """Whether there are no credits for *call* now."""
        means = self._means
        if not call.reserve:
            return False
        if means.ledger.free(means.floors[call.priority]) < call.reserve:
            return True
        return means.parking.is_on and not means.parking.is_open

    def _keeps_heavy_for(self, rank: Rank) -> bool:
        return self._heavy_kept is not None and self._heavy_kept.flow.rank is rank

    def _could_hold(self, slots: int, lower: bool) -> bool:
        """Whether a call of *slots* could go if no other were in flight."""
        pool = self._means.slots
        return pool.could_hold(slots, lower) or self._room(pool, lower, slots)

    def _room(self, pool: SlotPool, lower: bool, slots: int) -> bool:
        """Whether a call of *slots* has room in *pool*, which is let grow where it may."""
        if pool.in_flight + slots <= pool.caps[lower]:
            return True
        if slots > 1 and pool.has_room_for(slots, lower):
            return True
        while pool.is_low_for(slots):
            if not pool.grow(self._means.clock.monotonic()):
                self.wakes(pool.probe_at)
                return False
            self._on_growth(pool)
            if pool.has_room_for(slots, lower):
                return True
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
    if one.flow.rank is not other.flow.rank:
        return False  # what is kept for another class is for no call of this one
    by_costs = one.flow.rank.by_costs
    mine, theirs = (
        (call.flow.costs if by_costs else call.flow.turns, call.arrival) for call in (one, other)
    )
    return mine < theirs
