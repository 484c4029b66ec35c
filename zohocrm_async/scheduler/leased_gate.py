"""The gate of a process that shares the organisation's slots with others."""

from collections.abc import Callable

from zohocrm_async._clock import Clock
from zohocrm_async._events import SchedulerEvent
from zohocrm_async.exceptions import ZohoCRMError
from zohocrm_async.options import Limits, Priority
from zohocrm_async.scheduler.gate import Gate
from zohocrm_async.scheduler.leases import LeaseLapsed, Need, SlotLeases
from zohocrm_async.scheduler.ledger import Ledger
from zohocrm_async.scheduler.permit import Permit
from zohocrm_async.scheduler.queue import Track
from zohocrm_async.scheduler.slots import SlotPool
from zohocrm_async.scheduler.windows import DayWindow


class LeasedGate(Gate):
    """Lets permits through as far as slots are on loan, and says what its calls need."""

    def __init__(
        self,
        limits: Limits,
        *,
        clock: Clock,
        ledger: Ledger,
        tell: Callable[[SchedulerEvent], None],
        leases: SlotLeases,
        mails: DayWindow | None = None,
    ) -> None:
        self.leases = leases
        self._using = ([0, 0, 0], [0, 0, 0])
        self._went = 0
        super().__init__(limits, clock=clock, ledger=ledger, tell=tell, mails=mails)
        leases.join(self)

    @property
    def slots(self) -> SlotPool:
        """All calls in flight of this process."""
        return self._slots

    @property
    def heavy(self) -> SlotPool:
        """The heavy ones among them."""
        return self._heavy

    def configure(self, limits: Limits) -> None:
        """Take *limits* from now on."""
        super().configure(limits)
        self.leases.configure(limits)

    def enter(self, permit: Permit) -> bool:
        """Grant *permit* now, or let it wait; return whether it waits."""
        self._look_at_the_time()
        waits = super().enter(permit)
        if waits:
            self.leases.changed()
        return waits

    def leave(self, permit: Permit) -> None:
        """Take back the slots of *permit*, and settle it if nobody did."""
        self._look_at_the_time()
        self._count(permit, -1)
        super().leave(permit)
        self.leases.changed()

    def dispatch(self) -> None:
        """Grant all that can go, then set the timer for those who cannot."""
        self._look_at_the_time()
        super().dispatch()
        if self.queue.waiting:
            # What kept a call may be over, so that it is slots that it waits for now.
            self.leases.changed()

    def need(self) -> Need:
        """Return what calls use, and what others wait for, and for nothing else."""
        wants = _Wants()
        for rank in self.queue.ranks:
            if not rank.waiting:
                continue
            for track in rank.tracks.values():
                calls = _calls(track, self._slots.limit)
                if calls and self._is_in_want(track):
                    slots, heavy = self._slots.part(track.slots), self._heavy.part(track.heavy)
                    wants.add(rank.priority, calls, slots, heavy)
        return wants.need(self._using, self._went)

    def refuse_all(self, error: ZohoCRMError) -> None:
        """Refuse those who wait with *error*."""
        for permit in tuple(self.queue):
            self._refuse(permit, error)
        self.dispatch()
        self.changed()

    def _grant(self, permit: Permit) -> None:
        super()._grant(permit)
        self._count(permit, 1)
        if (permit.slots > 1 or permit.heavy > 1) and not self._has_larger(permit):
            self._went += 1
        self.leases.changed()

    def _count(self, permit: Permit, one: int) -> None:
        every, heavy = self._using
        every[permit.priority] += one * permit.held
        if permit.heavy:
            heavy[permit.priority] += one * permit.heavy_held

    def _has_larger(self, permit: Permit) -> bool:
        """Whether a call of its class waits that takes more than *permit*."""
        tracks = permit.flow.rank.tracks.values()
        return any(
            track.lanes and (track.slots > permit.slots or track.heavy > permit.heavy)
            for track in tracks
        )

    def _is_in_want(self, track: Track) -> bool:
        """Whether calls of *track* would go if more slots were on loan."""
        lower = track.rank.lower
        short = _is_short(self._slots, track.slots, lower)
        if not short and not (track.heavy and _is_short(self._heavy, track.heavy, lower)):
            return False
        if track.slots == 1 and track.heavy <= 1:
            return True
        # What is kept for one of several would lie idle if it lacked credits.
        head = self.queue.head(track)
        return head is not None and not self._turns.lacks_credits(head)

    def _look_at_the_time(self) -> None:
        if self.time() >= self.leases.until:
            self.leases.lapse()


class LeasedPermit(Permit):
    """A permit whose slot may have gone to another process before the call leaves."""

    __slots__ = ("leases",)

    leases: SlotLeases

    def may_leave(self) -> None:
        """Look whether the slot is held still, and as for any permit.

        Raises:
            LeaseLapsed: it is not.
            ZohoCRMError: what a budget's last look says against it.
        """
        super().may_leave()
        if self._gate.time() >= self.leases.until:
            self.sent = False
            raise LeaseLapsed


def _calls(track: Track, most: int) -> int:
    """Return how many wait in *track*, as far as it matters."""
    calls = 0
    for lane in track.lanes.values():
        if calls >= most:
            break
        calls += 0 if lane.aside else lane.living
    return calls


def _is_short(pool: SlotPool, slots: int, lower: bool) -> bool:
    """Whether a call of *slots* would have them if more were on loan."""
    if pool.is_held or pool.has_room_for(slots, lower):
        return False
    slots = pool.part(slots)
    # What is on loan for one of several is kept while calls in flight end.
    return (slots if slots > 1 else pool.in_flight + 1) <= pool.in_force


class _Wants:
    """Slots that are waited for, by class."""

    def __init__(self) -> None:
        self.waiting, self.heavy_waiting, self.beside = [0, 0, 0], [0, 0, 0], [0, 0, 0]
        self.at_once, self.heavy_at_once = [0, 0, 0], [0, 0, 0]

    def add(self, priority: Priority, calls: int, slots: int, heavy: int) -> None:
        """Count *calls* that wait for *slots* of all and *heavy* ones each."""
        if heavy:
            self.heavy_waiting[priority] += calls * heavy
            self.beside[priority] += calls * slots
        else:
            self.waiting[priority] += calls * slots
        if slots > 1:
            self.at_once[priority] = max(self.at_once[priority], slots)
        if heavy > 1:
            self.heavy_at_once[priority] = max(self.heavy_at_once[priority], heavy)

    def need(self, using: tuple[list[int], list[int]], went: int) -> Need:
        """Return them with what is in use."""
        every, heavy = using
        return Need(
            in_flight=_three(every),
            heavy_in_flight=_three(heavy),
            waiting=_three(self.waiting),
            heavy_waiting=_three(self.heavy_waiting),
            beside=_three(self.beside),
            at_once=_three(self.at_once),
            heavy_at_once=_three(self.heavy_at_once),
            went=went,
        )


def _three(counts: list[int]) -> tuple[int, int, int]:
    return counts[0], counts[1], counts[2]
