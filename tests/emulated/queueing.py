"""What the tests of the queue against the emulator share."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from zohocrm_async import (
    Event,
    Retry,
    ZohoCRM,
)
from zohocrm_async.emulator import Emulator

NO_RETRY = Retry(attempts=1)


async def meanwhile(org: Emulator, crm: ZohoCRM, *work: Awaitable[Any]) -> list[Any]:
    """Do *work*; let time pass only while calls wait and none is in flight."""
    task = asyncio.gather(*work, return_exceptions=True)
    async with asyncio.timeout(20):
        while not task.done():
            await asyncio.sleep(0)
            report = crm.credits()
            if report.waiting and not report.slots.in_flight and not org.in_flight:
                org.advance(0.25)
    return task.result()


async def until(true: Callable[[], bool]) -> None:
    """Let the loop turn until something holds."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0)


def of(kind: type[Any], events: list[Event]) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]
