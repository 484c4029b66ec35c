"""The injected clocks: one that stands still and one that jumps."""

import asyncio
from datetime import UTC, datetime, timedelta

from zohocrm_async._clock import Clock, ManualClock, OffsetClock


def test_a_manual_clock_fires_timers_in_order_each_at_its_own_time() -> None:
    """Time moves only when told."""
    clock = ManualClock(datetime(2026, 1, 1, tzinfo=UTC))
    fired: list[tuple[str, float]] = []
    clock.call_later(20, lambda: fired.append(("late", clock.monotonic())))
    clock.call_later(10, lambda: fired.append(("early", clock.monotonic())))
    clock.call_later(15, lambda: fired.append(("never", 0.0))).cancel()
    assert clock.next_timer() == 10
    clock.advance(5)
    assert not fired
    clock.advance(20)
    assert fired == [("early", 10.0), ("late", 20.0)]
    assert clock.next_timer() is None
    assert clock.now() == datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=25)


def test_timers_set_while_the_clock_moves_fire_on_the_way() -> None:
    """A day of polls passes in one step."""
    clock = ManualClock()
    ticks: list[float] = []

    def tick() -> None:
        ticks.append(clock.monotonic())
        clock.call_later(60, tick)

    clock.call_later(60, tick)
    clock.advance(300)
    assert ticks == [60.0, 120.0, 180.0, 240.0, 300.0]


async def test_sleep_ends_when_the_clock_is_moved() -> None:
    """And a cancelled sleeper leaves no timer."""
    clock = ManualClock()
    sleeper = asyncio.create_task(clock.sleep(3600))
    other = asyncio.create_task(clock.sleep(60))
    await asyncio.sleep(0)
    other.cancel()
    await asyncio.gather(other, return_exceptions=True)
    assert clock.next_timer() == 3600
    clock.advance(3600)
    await sleeper


async def test_an_offset_clock_jumps_and_fires_what_falls_due() -> None:
    """What is not due keeps its time."""
    clock = OffsetClock()
    before, fired = clock.now(), asyncio.Event()
    clock.call_later(3600, fired.set)
    late = clock.call_later(7200, lambda: None)
    clock.advance(3600)
    assert fired.is_set()
    assert timedelta(0) <= clock.now() - before - timedelta(seconds=3600) < timedelta(seconds=5)
    late.cancel()
    assert not clock.pending


async def test_a_cancelled_timer_of_an_offset_clock_is_forgotten_at_once() -> None:
    """A server that runs for weeks must not collect them."""
    clock = OffsetClock()
    for _ in range(10):
        clock.call_later(3600, lambda: None).cancel()
    assert not clock.pending


async def test_the_real_clock_is_the_machines() -> None:
    """It does not stand still."""
    clock = Clock()
    first = clock.monotonic()
    await clock.sleep(0)
    assert clock.monotonic() >= first
    assert clock.now().tzinfo is UTC
