"""A ledger that processes share: each sets credits aside in blocks before it spends."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable
from functools import partial
from typing import Final

from zohocrm_async._clock import Clock, Timer
from zohocrm_async.scheduler.ledger import MemoryLedger
from zohocrm_async.scheduler.ledger_orders import Header, Order, State
from zohocrm_async.scheduler.minutes import MINUTE, Minutes

_SOON: Final = 0.05
_TICK: Final = 5.0
_POLL: Final = 1.0
# Parts of the allowance: the smallest block and the largest. Of a small allowance the
# largest is that of a few calls.
_SMALL: Final = 1_000
_LARGE: Final = 200
_CALLS: Final = 4


class BlockLedger(MemoryLedger):
    """The window of one organisation in books that others share, and a block of it here.

    Between two orders to the books everything is arithmetic in memory. There is one order
    at a time; whatever a process spends was set aside in the books before.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        super().__init__(0, clock=clock)
        self._time = self._shared_time
        self._offset = 0.0
        self._listeners: list[Callable[[], None]] = []
        self._trouble = ""
        # What this process holds in the books is the sum of these three.
        self._lease = self._in_flight = self._pending = 0
        self._others = 0
        self._block = self._low = 0
        self._need = self._floor = self._dearest = 0
        self._header: Header | None = None
        self._busy = False
        self._looked_at = 0.0
        self._writing: asyncio.Future[State] | None = None
        self._ticking: Timer | None = None
        self._polling: Timer | None = None

    @abstractmethod
    def _is_open(self) -> bool:
        """Whether orders can be given."""

    @abstractmethod
    def _begin(self, order: Order) -> "asyncio.Future[State]":
        """Have *order* carried out."""

    @property
    def remaining(self) -> int:
        """What nobody has spent or holds; the books are asked again, for those who watch."""
        self._look()
        return super().remaining

    def free(self, floor: int = 0) -> int:
        """Return what this process may spend now: what is free, as far as it is set aside."""
        return min(super().free(floor), self._lease)

    def reserve(self, amount: int) -> None:
        """Hold *amount*, and see to it that more is set aside in time."""
        self._reserved += amount
        self._in_flight += amount
        self._lease -= amount
        self._busy = True
        if self._lease < self._low and self._writing is None and self._is_low():
            self._ask()
        if self._ticking is None:
            self._tick_later()

    def settle(self, reserved: int, actual: int) -> None:
        """Book *actual*: in memory now, in the shared books with the next order."""
        super().settle(reserved, actual)
        self._in_flight -= reserved
        self._lease += reserved - actual
        self._pending += actual
        if self._lease < 0:
            self._ask()
        if self._ticking is None:
            self._tick_later()

    def observe(self, remaining: int, *, sent_at: float) -> None:
        """Judge the answer by what is known here, then by what the shared books know."""
        sent_at += self._offset
        before = self._minutes.inferred
        super().observe(remaining, sent_at=sent_at)
        if self._minutes.inferred != before:
            header = Header(self.allowance - remaining, int(sent_at // MINUTE))
            self._header = header.merged(self._header)
            self._ask()

    def when(self, amount: int, floor: int = 0) -> float | None:
        """Return the wait; where all that lacks is the next block, that is brief."""
        wait = super().when(amount, floor)
        return _SOON if wait == 0 and self._lease < amount else wait

    def want(self, amount: int, floor: int = 0) -> None:
        """Have as much set aside, or look again in a while where others hold it."""
        if self._lease >= amount or not self._is_open():
            return
        self._need, self._floor = amount, floor
        self._dearest = max(self._dearest, amount)
        if MemoryLedger.free(self, floor) >= amount:
            self._ask()
        elif self._others and self._polling is None:
            # That others give something back is told by the shared books alone.
            self._polling = self._clock.call_later(_POLL, self._poll)

    def listen(self, wake: Callable[[], None]) -> None:
        """Call *wake* whenever the shared books have answered."""
        self._listeners.append(wake)

    def _start(self, state: State) -> None:
        """Begin with what the books say."""
        self._offset = state.offset
        self._minutes = Minutes(self._shared_time())
        self._take_in(state)

    async def _stop(self) -> None:
        """Set no more timers, and wait for the order that is under way."""
        for timer in (self._ticking, self._polling):
            if timer is not None:
                timer.cancel()
        self._ticking = self._polling = None
        while self._writing is not None:
            await asyncio.wait([self._writing])

    def _last_order(self) -> Order:
        return Order(allowance=self.allowance, spent=self._pending, in_flight=self._in_flight)

    def _forget(self) -> None:
        self._lease = self._in_flight = self._pending = self._reserved = self._others = 0

    def _shared_time(self) -> float:
        return self._clock.monotonic() + self._offset

    def _is_low(self) -> bool:
        """Whether the block runs out while more is to be had."""
        return self._lease < self._low and MemoryLedger.free(self) > self._lease

    def _ask(self) -> None:
        """Have more set aside; the sooner the last block was short, the more."""
        if self._writing is not None or not self._is_open():
            return
        most = max(1, self.allowance // _LARGE, _CALLS * self._dearest)
        self._block = min(most, max(1, self.allowance // _SMALL, 2 * self._block))
        self._low = self._block // 2
        # What does not suffice is given back first: it may suffice for others.
        self._write(self._lease if self._need else 0, aim=max(self._need, self._block))

    def _tick_later(self) -> None:
        if self._is_open():
            self._ticking = self._clock.call_later(_TICK, self._tick)

    def _tick(self) -> None:
        """Write what was spent; after a time without calls, give back what is left."""
        self._ticking = None
        self._block //= 2
        self._low = self._block // 2 if self._busy else 0
        if self._writing is None:
            keep = 2 * self._block if self._busy else 0
            self._busy = False
            self._write(max(0, self._lease - keep), aim=0)
        if self._in_flight or self._lease or self._pending or self._trouble:
            self._tick_later()

    def _look(self) -> None:
        now = self._clock.monotonic()
        if self._writing is None and now >= self._looked_at + _POLL:
            self._looked_at = now
            self._write(0, aim=0)

    def _poll(self) -> None:
        self._polling = None
        self._ask()

    def _write(self, back: int, *, aim: int) -> None:
        """Give an order, and *back* what calls may not use from now on.

        *aim* is what shall be set aside in the end, beside what calls in flight hold.
        """
        if not self._is_open():
            return
        # A call may have cost more than was set aside: the commit makes up for it.
        back = min(self._lease, back)
        self._lease -= back
        order = Order(
            allowance=self.allowance,
            used=self.used,
            spent=self._pending,
            in_flight=self._in_flight,
            keep=self._lease + self._in_flight,
            wanted=max(0, aim - self._lease),
            at_least=self._need,
            floor=self._floor if self._need else 0,
            bury=self._others > 0,
            header=self._header,
        )
        self._pending = self._need = 0
        self._header = None
        self._writing = self._begin(order)
        self._writing.add_done_callback(partial(self._written, order, back))

    def _written(self, order: Order, back: int, writing: asyncio.Future[State]) -> None:
        self._writing = None
        if writing.cancelled():
            return
        error = writing.exception()
        if error is None:
            self._take_in(writing.result())
        else:
            self._pending += order.spent
            self._lease += back
            self._header = self._header or order.header
            self._trouble = str(error) or repr(error)
        if self._ticking is None and (self._lease or error is not None):
            self._tick_later()
        if self._lease >= self._need:
            self._need = 0
        if error is None and (self._need or self._header or self._is_low()):
            self._ask()
        for wake in self._listeners:
            wake()

    def _take_in(self, state: State) -> None:
        """Believe the books, and add what is not in them yet."""
        self._offset = state.offset
        self._trouble = "" if self._is_open() else self._trouble
        self._lease += state.granted
        self._reserved += state.others - self._others
        self._others = state.others
        self._doubt = min(self._doubt, self._reserved)
        if state.rows is not None:
            self._turn()
            self._minutes.load(state.rows, since=state.since)
            self._minutes.book(self._pending)
