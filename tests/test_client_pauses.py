"""zohocrm_async._pauses: who sleeps is woken in time, or with all others."""

import asyncio

import pytest

from zohocrm_async._clock import ManualClock
from zohocrm_async._pauses import Pauses


async def turn() -> None:
    """Let everybody go as far as they can."""
    for _ in range(3):
        await asyncio.sleep(0)


async def test_each_sleeps_for_its_own_time() -> None:
    clock = ManualClock()
    pauses = Pauses(clock)
    short, long = (asyncio.create_task(pauses.sleep(seconds)) for seconds in (1, 2))
    await turn()
    clock.advance(1)
    await turn()
    assert (short.done(), long.done()) == (True, False)
    clock.advance(1)
    await long


async def test_the_end_wakes_all_and_leaves_no_timer() -> None:
    clock = ManualClock()
    pauses = Pauses(clock)
    sleeping = [asyncio.create_task(pauses.sleep(60)) for _ in range(3)]
    await turn()
    pauses.end()
    await asyncio.gather(*sleeping)
    assert clock.next_timer() is None


async def test_who_is_cancelled_leaves_nothing() -> None:
    clock = ManualClock()
    pauses = Pauses(clock)
    sleeping = asyncio.create_task(pauses.sleep(60))
    await turn()
    sleeping.cancel()
    pauses.end()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    assert clock.next_timer() is None
