"""The account of credits and slots as it changes."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import TYPE_CHECKING

from zohocrm_async._clock import Clock
from zohocrm_async.scheduler import Scheduler

if TYPE_CHECKING:
    from zohocrm_async.models.credits import CreditReport

# A report that falls due a shade too early would show nothing new.
_GRACE = timedelta(seconds=0.001)


async def reports(
    scheduler: Scheduler, clock: Clock, *, interval: float
) -> "AsyncGenerator[CreditReport]":
    """Yield the account now, and again when it has changed; the end is the scheduler's.

    What changes within *interval* seconds comes as one report, so a slow reader misses
    states in between and never piles them up.
    """
    changed = asyncio.Event()
    forget = scheduler.subscribe(changed.set)
    try:
        while True:
            changed.clear()
            ends = scheduler.closed
            report, told_at = scheduler.report(), clock.monotonic()
            yield report
            if ends:
                return
            # Credits come back with nobody doing anything.
            resumes = report.resumes_at
            wait = None if resumes is None else (resumes + _GRACE - clock.now()).total_seconds()
            timer = None if wait is None else clock.call_later(wait, changed.set)
            try:
                await changed.wait()
            finally:
                if timer is not None:
                    timer.cancel()
            if (rest := told_at + interval - clock.monotonic()) > 0:
                await clock.sleep(rest)
    finally:
        forget()
