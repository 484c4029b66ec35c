"""Backlogged budgets of one class, whose turns and credits are counted as they go."""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence

from zohocrm_async._clock import ManualClock
from zohocrm_async.options import Limits, Priority
from zohocrm_async.scheduler import Quote, Scheduler

PLENTY = 10**9
DAY = 86_460.0
# More than any flow can have had when it is looked at.
BACKLOG = 60


class Backlog:
    """Flows of one class that always want more, each of its weight, its price and its slots."""

    def __init__(
        self, flows: list[tuple[float, int]], credits: int, slots: Sequence[int] = ()
    ) -> None:
        self.flows = flows
        self.slots = [*slots] or [1] * len(flows)
        self.clock = ManualClock()
        self.limit = max(2, *self.slots)
        limits = Limits(credits=credits, concurrency=self.limit, max_wait=None)
        self.scheduler = Scheduler(limits, clock=self.clock)
        self.turns: Counter[int] = Counter()
        self.spent: Counter[int] = Counter()
        self.ends: list[asyncio.Future[None]] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Line up the backlog of each flow, one flow after the other."""
        # All slots are taken meanwhile, or the first flow would get a start.
        holders = [asyncio.create_task(self._call(-1, 0)) for _ in range(self.limit)]
        await turns()
        for number, (weight, price) in enumerate(self.flows):
            budget = self.scheduler.budget(str(number), priority=Priority.BULK, weight=weight)
            async with budget:
                self.tasks += [
                    asyncio.create_task(self._call(number, price)) for _ in range(BACKLOG)
                ]
        await turns()
        self.tasks += holders

    async def step(self) -> bool:
        """End the call that went first; return whether there was one."""
        if not self.ends:
            return False
        self.ends.pop(0).set_result(None)
        await turns()
        return True

    @property
    def lasts(self) -> bool:
        """Whether every flow has more than it can have in one step."""
        had = (self.turns[one] / slots for one, slots in enumerate(self.slots))
        return max(had, default=0) < BACKLOG - 2

    async def next_day(self) -> None:
        self.clock.advance(DAY)
        await turns()

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def check_turns(self) -> None:
        """No flow is ahead of another by more than the slots of a call of each."""
        self._check(self.turns, self.slots)

    def check_credits(self) -> None:
        """No flow is ahead of another by more than the price of a call of each."""
        self._check(self.spent, [price for _, price in self.flows])

    def _check(self, had: Counter[int], most: list[int]) -> None:
        for one, (weight, _) in enumerate(self.flows):
            for other, (its_weight, _) in enumerate(self.flows):
                ahead = had[one] / weight - had[other] / its_weight
                assert ahead <= most[one] / weight + most[other] / its_weight + 1e-6

    async def _call(self, number: int, price: int) -> None:
        quote = Quote(price, price, price, exact=True, basis="")
        slots = 1 if number < 0 else self.slots[number]
        admit = self.scheduler.admit
        async with admit(quote, heavy=False, operation="x", slots=slots) as permit:
            if number >= 0:
                self.turns[number] += slots
                self.spent[number] += price
            end = asyncio.get_running_loop().create_future()
            self.ends.append(end)
            await end
            permit.settle(price)


async def turns() -> None:
    """Let every task go on until all of them wait."""
    for _ in range(8):
        await asyncio.sleep(0)


def share_turns(flows: list[tuple[float, int]], steps: int, slots: Sequence[int] = ()) -> None:
    """Where slots bind, they are shared by weight, at every moment."""

    async def main() -> None:
        backlog = Backlog(flows, PLENTY, slots)
        await backlog.open()
        for _ in range(steps):
            if backlog.lasts:
                assert await backlog.step()
                backlog.check_turns()
        await backlog.close()

    asyncio.run(main())


def share_credits(flows: list[tuple[float, int]], days: int) -> None:
    """Where credits bind, credits are shared by weight, at every moment."""

    async def main() -> None:
        # A day's credits are few beside what waits, so that they bind all the time.
        backlog = Backlog(flows, 5 * max(price for _, price in flows))
        await backlog.open()
        for _ in range(days):
            while backlog.lasts and await backlog.step():
                backlog.check_credits()
            await backlog.next_day()
        await backlog.close()

    asyncio.run(main())


def keep_slots(limit: int, slots: int, *, heavy: bool, lower: bool) -> None:
    """A call of several slots is not overtaken at each that falls free.

    It goes once those have ended that came before, at most, whatever others want after it;
    one of a lower class, beside endless higher ones, once its turn has come and all have
    ended that were in flight then.
    """

    async def main() -> None:
        most = 2 * limit if heavy else limit
        limits = Limits(
            concurrency=most, heavy_concurrency=limit, credits=PLENTY,
            normal_share=0.0, bulk_share=0.1,
        )  # fmt: skip
        scheduler = Scheduler(limits, clock=ManualClock())
        ends: deque[asyncio.Future[None]] = deque()
        tasks: set[asyncio.Task[None]] = set()
        quote = Quote(1, 1, 1, exact=True, basis="")

        async def call(held: int) -> None:
            several, slots = (held, 1) if heavy else (0, held)
            async with scheduler.admit(quote, heavy=several, operation="x", slots=slots):
                if held > 1:
                    return
                ends.append(asyncio.get_running_loop().create_future())
                await ends[-1]

        def begin(number: int) -> None:
            tasks.update(asyncio.create_task(call(1)) for _ in range(number))

        async with scheduler.budget("people", priority=Priority.INTERACTIVE if lower else None):
            begin(2 * limit)
            await turns()
            priority = Priority.BULK if lower else None
            async with scheduler.budget("several", priority=priority):
                several = asyncio.create_task(call(slots))
            # Ten turns of others are one of the lower class: 0.1 is its part.
            for _ in range(limit + 11 if lower else 2 * limit + 1):
                begin(1)
                await turns()
                if several.done():
                    break
                ends.popleft().set_result(None)
                await turns()
        assert several.done()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert scheduler.in_flight == 0

    asyncio.run(main())


def recover() -> None:
    """A limit in force that fell to one comes back, and never above the configured one."""

    async def main() -> None:
        clock = ManualClock()
        scheduler = Scheduler(Limits(credits=PLENTY, concurrency=4), clock=clock)
        quote = Quote(1, 1, 1, exact=True, basis="")
        in_force: list[int] = []

        async def work(*, refused: bool) -> None:
            permit = scheduler.admit(quote, heavy=False, operation="x")
            async with permit:
                permit.mark_sent()
                await turns()
                if refused:
                    permit.refused()
                else:
                    permit.settle(1)

        await work(refused=True)
        assert scheduler.report().slots.in_force == 1
        for _ in range(10):
            crowd = asyncio.gather(*(work(refused=False) for _ in range(12)))
            while not crowd.done():
                clock.advance(0.5)
                await turns()
            in_force.append(scheduler.report().slots.in_force)
        assert max(in_force) == in_force[-1] == 4

    asyncio.run(main())


def keep_the_line() -> None:
    """A lower class waits behind a head that lacks credits, and goes once that is gone."""

    async def main() -> None:
        limits = Limits(credits=10, concurrency=3, heavy_concurrency=3, max_wait=None)
        scheduler = Scheduler(limits, clock=ManualClock())
        went: list[int] = []

        async def call(price: int) -> None:
            quote = Quote(price, price, price, exact=True, basis="")
            async with scheduler.admit(quote, heavy=False, operation="x") as permit:
                went.append(price)
                permit.settle(price)

        await call(8)
        dear = asyncio.create_task(call(5))
        await turns()
        async with scheduler.budget("lower", priority=Priority.BULK):
            cheap = asyncio.create_task(call(1))
        await turns()
        assert went == [8]
        dear.cancel()
        await turns()
        assert went == [8, 1]
        await asyncio.gather(dear, cheap, return_exceptions=True)

    asyncio.run(main())
