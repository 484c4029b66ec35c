"""What a process asks of shared books, and when: the books answer only when told."""

import asyncio

from zohocrm_async._clock import ManualClock
from zohocrm_async.exceptions import LedgerError, ZohoCRMError
from zohocrm_async.scheduler.block_ledger import _POLL, _TICK, BlockLedger
from zohocrm_async.scheduler.ledger_orders import Header, Order, Rows, State

# Of these the smallest block is 10 and the largest 50, and neither divides it.
ALLOWANCE = 10_199


class Desk(BlockLedger):
    """A ledger whose orders wait for their answer."""

    def __init__(self, allowance: int = ALLOWANCE, *, offset: float = 0.0) -> None:
        self.clock = ManualClock()
        super().__init__(self.clock)
        self.allowance = allowance
        self.orders: list[Order] = []
        self._answer: asyncio.Future[State]
        self._start(State(offset, 0, 0, None, None))

    @property
    def failure(self) -> ZohoCRMError | None:
        return LedgerError(self._trouble) if self._trouble else None

    def _is_open(self) -> bool:
        return True

    def _begin(self, order: Order) -> "asyncio.Future[State]":
        self.orders.append(order)
        self._answer = asyncio.get_running_loop().create_future()
        return self._answer

    async def answers(
        self, granted: int | None = None, *, others: int = 0, rows: Rows | None = None
    ) -> Order:
        """Answer the order under way, with all it wants unless *granted* is another number."""
        order = self.orders[-1]
        granted = order.wanted if granted is None else granted
        self._answer.set_result(State(self._offset, granted, others, rows, None))
        await asyncio.sleep(0)
        return order

    async def fails(self, error: Exception) -> None:
        self._answer.set_exception(error)
        await asyncio.sleep(0)

    async def has(self, amount: int) -> None:
        """Have *amount* set aside, and as a rule somewhat more."""
        self.want(amount)
        await self.answers()


class TestBlocks:
    """The sooner a block is short, the larger the next."""

    async def test_blocks_double_up_to_a_part_of_the_allowance(self) -> None:
        """The next is asked for when less than half of the last is left."""
        ledger, blocks = Desk(), []
        await ledger.has(1)
        for half in (5, 10, 20, 25):
            asked = len(ledger.orders)
            ledger.reserve(ledger.free() - half)
            assert len(ledger.orders) == asked
            ledger.reserve(1)
            await ledger.answers()
            blocks.append(ledger.free())
        assert blocks == [20, 40, 50, 50]

    async def test_of_a_small_allowance_the_largest_is_four_of_the_dearest_calls(self) -> None:
        ledger, blocks = Desk(allowance=999), []
        for _ in range(6):
            ledger.want(7)
            while not ledger.free():
                await ledger.answers()
            blocks.append(ledger.free())
            ledger.reserve(ledger.free())
        assert blocks == [7, 7, 8, 16, 28, 28]

    async def test_no_more_is_asked_for_than_there_is_to_be_had(self) -> None:
        """A block that runs out is the last where others hold all the rest."""
        ledger = Desk()
        ledger.want(1)
        await ledger.answers(10, others=ALLOWANCE - 10)
        ledger.want(10)
        ledger.reserve(6)
        assert len(ledger.orders) == 1
        assert ledger.reserved == ALLOWANCE - 10 + 6

    async def test_one_who_waits_while_an_order_is_under_way_gets_the_next(self) -> None:
        ledger = Desk()
        ledger.clock.advance(_POLL)
        assert ledger.remaining == ALLOWANCE
        ledger.want(60)
        assert [order.wanted for order in ledger.orders] == [0]
        await ledger.answers()
        assert [order.wanted for order in ledger.orders] == [0, 60]

    async def test_a_call_dearer_than_its_reserve_is_covered_at_once(self) -> None:
        ledger = Desk(allowance=10)
        await ledger.has(10)
        ledger.reserve(10)
        ledger.settle(4, 4)
        assert len(ledger.orders) == 1
        ledger.settle(6, 7)
        assert (ledger.orders[-1].spent, ledger.orders[-1].keep) == (11, 0)

    async def test_what_does_not_suffice_is_given_back_first(self) -> None:
        """It may suffice for others; the floor is that of who waits, and of nobody else."""
        ledger = Desk()
        await ledger.has(1)
        ledger.want(60, 100)
        order = await ledger.answers(0)
        assert (order.keep, order.wanted, order.at_least, order.floor) == (0, 60, 60, 100)
        await ledger.has(1)
        ledger.reserve(6)
        assert (ledger.orders[-1].at_least, ledger.orders[-1].floor) == (0, 0)


class TestTicks:
    """Every few seconds the books are told, as long as there is anything to tell."""

    async def test_an_idle_process_gives_back_what_it_set_aside(self) -> None:
        """At first what is beyond two smaller blocks, then all; then it is still."""
        ledger = Desk()
        await ledger.has(40)
        ledger.reserve(1)
        ledger.settle(1, 1)
        kept = []
        for _ in range(2):
            ledger.clock.advance(_TICK)
            kept.append((await ledger.answers()).keep)
        assert kept == [10, 0]
        assert ledger.clock.next_timer() is None

    async def test_who_makes_calls_keeps_a_block_of_half_the_size(self) -> None:
        """And asks for the next when half of that is used up."""
        ledger = Desk()
        await ledger.has(1)
        ledger.reserve(1)
        ledger.settle(1, 1)
        ledger.clock.advance(_TICK)
        order = await ledger.answers()
        assert (order.keep, order.wanted, order.spent) == (9, 0, 1)
        ledger.reserve(7)
        assert len(ledger.orders) == 2
        ledger.reserve(1)
        assert [order.wanted for order in ledger.orders[2:]] == [9]

    async def test_who_has_calls_in_flight_goes_on_telling(self) -> None:
        """The books take whoever is silent for dead."""
        ledger = Desk(allowance=10)
        await ledger.has(10)
        ledger.reserve(10)
        for _ in range(3):
            ledger.clock.advance(_TICK)
            order = await ledger.answers()
            assert (order.keep, order.in_flight) == (10, 10)
        ledger.settle(10, 10)
        ledger.clock.advance(_TICK)
        assert (await ledger.answers()).spent == 10
        assert ledger.clock.next_timer() is None

    async def test_what_is_spent_while_an_order_is_under_way_is_told_by_the_next(self) -> None:
        ledger = Desk(allowance=10)
        await ledger.has(10)
        ledger.reserve(10)
        ledger.clock.advance(_TICK)
        ledger.settle(10, 10)
        ledger.clock.advance(_TICK)
        assert len(ledger.orders) == 2
        await ledger.answers()
        ledger.clock.advance(_TICK)
        assert [order.spent for order in ledger.orders[1:]] == [0, 10]


class TestOthers:
    """What other processes hold comes back when they say so."""

    async def test_who_lacks_what_they_hold_asks_again_in_a_while(self) -> None:
        """One timer serves all who wait; where nobody holds anything there is none."""
        ledger = Desk(allowance=100)
        ledger.want(101)
        assert ledger.clock.next_timer() is None
        ledger.want(1)
        await ledger.answers(0, others=50)
        asked = len(ledger.orders)
        for _ in range(2):
            ledger.want(60)
        assert len(ledger.orders) == asked
        for granted, others in ((0, 50), (60, 40)):
            ledger.clock.advance(_POLL)
            asked += 1
            assert len(ledger.orders) == asked
            assert ledger.orders[-1].bury
            await ledger.answers(granted, others=others)
            ledger.want(60)
        assert ledger.free() == 60

    async def test_a_watcher_has_the_books_asked_once_a_second(self) -> None:
        """It takes nothing and gives nothing back; nobody is looked for."""
        ledger = Desk()
        await ledger.has(10)
        asked = []
        for _ in range(3):
            for _ in range(3):
                assert ledger.remaining == ALLOWANCE
            asked.append(len(ledger.orders))
            ledger.clock.advance(_POLL)
        assert asked == [1, 2, 2], "an order is under way"
        assert await ledger.answers() == Order(allowance=ALLOWANCE, keep=10)

    async def test_what_they_held_explains_no_more_than_they_hold(self) -> None:
        """The service counts 30 that may be theirs; they give all back, so nobody doubts."""
        ledger = Desk()
        ledger.want(1)
        await ledger.answers(others=50)
        ledger.observe(ALLOWANCE - 30, sent_at=ledger.clock.monotonic())
        assert ledger.remaining == ALLOWANCE - 80
        ledger.clock.advance(_TICK)
        await ledger.answers()
        assert ledger.remaining == ALLOWANCE

    async def test_what_the_service_says_is_told_by_the_time_of_the_books(self) -> None:
        """At once, or with the next order."""
        ledger = Desk(offset=600.0)
        minute = int((ledger.clock.monotonic() + 600) // 60)
        ledger.observe(ALLOWANCE - 500, sent_at=ledger.clock.monotonic())
        ledger.observe(ALLOWANCE - 700, sent_at=ledger.clock.monotonic() - 60)
        await ledger.answers()
        headers = [order.header for order in ledger.orders]
        assert headers == [Header(500, minute), Header(700, minute - 1)]

    async def test_a_minute_that_has_just_begun_is_taken_in(self) -> None:
        """By the books' time, before this process has looked at its own."""
        ledger = Desk()
        ledger.want(1)
        ledger.clock.advance(60)
        minute = int(ledger.clock.monotonic() // 60)
        await ledger.answers(rows=((minute, 30, 0),))
        assert ledger.used == 30


class TestTrouble:
    """An order that fails has changed nothing, and what it said is said again."""

    async def test_what_it_gave_back_and_what_it_told_is_held_again(self) -> None:
        ledger = Desk()
        await ledger.has(40)
        ledger.reserve(1)
        ledger.settle(1, 1)
        ledger.observe(ALLOWANCE - 500, sent_at=ledger.clock.monotonic())
        header = Header(500, int(ledger.clock.monotonic() // 60))
        free = ledger.free()
        for _ in range(2):
            order = ledger.orders[-1]
            assert (order.spent, order.header) == (1, header)
            await ledger.fails(OSError())
            assert str(ledger.failure) == "OSError()"
            assert ledger.free() == free
            ledger.clock.advance(_TICK)
        assert (await ledger.answers()).header == header
        assert ledger.failure is None
        ledger.clock.advance(_TICK)
        assert ledger.orders[-1].header is None

    async def test_its_words_are_the_failure(self) -> None:
        ledger = Desk()
        ledger.want(1)
        await ledger.fails(OSError("the disk is full"))
        assert str(ledger.failure) == "the disk is full"
