"""Short stories of what is booked, held back and lined up: each has one right end."""

import asyncio
from contextlib import suppress

from shares import DAY, PLENTY, turns

from zohocrm_async._clock import ManualClock
from zohocrm_async.options import Limits
from zohocrm_async.scheduler import Quote, Scheduler

PRICE = 10
QUOTE = Quote(PRICE, PRICE, PRICE, exact=True, basis="")
MINUTE = 60.0


def tell_all() -> None:
    """Tell one after the other; none waits for what a faulty scheduler never brings about."""
    for story in (book_once, keep_for_a_day, hold_back, keep_the_place):
        asyncio.run(story())


async def book_once() -> None:
    """A lost answer costs all that was held; what was settled costs that, whoever says more."""
    scheduler = Scheduler(Limits(credits=PLENTY), clock=ManualClock())
    with suppress(ConnectionError):
        async with scheduler.admit(QUOTE, heavy=False, operation="x") as permit:
            permit.mark_sent()
            raise ConnectionError
    assert scheduler.report().used == PRICE
    async with scheduler.admit(QUOTE, heavy=False, operation="x") as permit:
        permit.mark_sent()
        permit.settle(3)
        permit.settle(4)
    assert scheduler.report().used == PRICE + 3


async def keep_for_a_day() -> None:
    """Credits count for 24 hours, and for no more than a minute longer."""
    clock = ManualClock()
    scheduler = Scheduler(Limits(credits=PLENTY), clock=clock)
    spent: list[float] = []
    for pause in (0.0, MINUTE, MINUTE, 7 * MINUTE, DAY / 2, MINUTE):
        clock.advance(pause)
        async with scheduler.admit(QUOTE, heavy=False, operation="x") as permit:
            permit.settle(PRICE)
        spent.append(clock.monotonic())
    while clock.monotonic() < 2 * DAY:
        used = scheduler.report().used
        kept = [clock.monotonic() - moment for moment in spent]
        assert used >= PRICE * sum(age < DAY - MINUTE for age in kept)
        assert used <= PRICE * sum(age <= DAY + MINUTE for age in kept)
        clock.advance(MINUTE / 2)


async def hold_back() -> None:
    """A budget has no more calls in flight than it may, whatever is free beside it."""
    scheduler = Scheduler(Limits(credits=PLENTY, concurrency=5), clock=ManualClock())
    end = asyncio.Event()
    begun: list[int] = []

    async def call(number: int) -> None:
        async with scheduler.admit(QUOTE, heavy=False, operation="x"):
            begun.append(number)
            await end.wait()

    async with scheduler.budget("narrow", concurrency=2, max_wait=None):
        calls = [asyncio.create_task(call(number)) for number in range(4)]
    await turns()
    assert begun == [0, 1]
    end.set()
    await asyncio.wait(calls, timeout=1)
    assert begun == [0, 1, 2, 3]


async def keep_the_place() -> None:
    """A refused call goes again before those who came after it."""
    clock = ManualClock()
    scheduler = Scheduler(Limits(credits=PLENTY, concurrency=1, max_wait=None), clock=clock)
    went: list[str] = []

    async def call(name: str, *refused: bool) -> None:
        permit = scheduler.admit(QUOTE, heavy=False, operation="x")
        for refuse in refused:
            async with permit:
                went.append(name)
                permit.mark_sent()
                await turns()
                if refuse:
                    permit.refused()
                else:
                    permit.settle(PRICE)

    asked = {"first": (True, False), "second": (False,), "third": (False,)}
    work = [asyncio.create_task(call(name, *refused)) for name, refused in asked.items()]
    for _ in range(100):
        await turns()
        clock.advance(0.5)
    for task in work:
        task.cancel()
    assert went in (["first", "first", "second", "third"], ["first", "second", "first", "third"])
