"""The gate of a process that shares the organisation's slots with others."""

from collections.abc import Callable

from zohocrm_async._clock import Clock
from zohocrm_async._events import SchedulerEvent
from zohocrm_async.exceptions import ZohoCRMError
from zohocrm_async.options import Limits
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

    def need(self) -> Need:
        """Return what calls use, and how many wait for no other reason than their slots."""
        every, heavy = self._using
        waiting, heavy_waiting = [0, 0, 0], [0, 0, 0]
        for rank in self.queue.ranks:
            if not rank.waiting:
                continue
            lower = rank.priority > 0
            short = self._is_short(self._slots, lower)
            heavy_short = short or self._is_short(self._heavy, lower)
            for track in rank.tracks.values():
                if heavy_short if track.heavy else short:
                    counts = heavy_waiting if track.heavy else waiting
                    counts[rank.priority] += _calls(track, self._slots.limit)
        return Need(_three(every), _three(heavy), _three(waiting), _three(heavy_waiting))

    def refuse_all(self, error: ZohoCRMError) -> None:
        """Refuse those who wait with *error*."""
        for permit in tuple(self.queue):
            self._refuse(permit, error)
        self.dispatch()
        self.changed()

    def _grant(self, permit: Permit) -> None:
        super()._grant(permit)
        self._count(permit, 1)
        self.leases.changed()

    def _count(self, permit: Permit, one: int) -> None:
        every, heavy = self._using
        every[permit.priority] += one
        if permit.heavy:
            heavy[permit.priority] += one

    def _is_short(self, pool: SlotPool, lower: bool) -> bool:
        """Whether more would go if more slots were on loan."""
        bound = pool.in_flight >= pool.caps[lower] and not pool.is_held
        return bound and pool.in_flight < pool.in_force

    def _look_at_the_time(self) -> None:
        if self.time() >= self.leases.until:
            self.leases.lapse()


class LeasedPermit(Permit):
    """A permit whose slot may have gone to another process before the call leaves."""

    __slots__ = ("leases",)

    leases: SlotLeases

    def may_leave(self) -> None:
        """Look whether the slot is held still.

        Raises:
            LeaseLapsed: it is not.
        """
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


def _three(counts: list[int]) -> tuple[int, int, int]:
    return counts[0], counts[1], counts[2]
