"""What the tests of ledgers in files share."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from zohocrm_async._clock import ManualClock
from zohocrm_async.scheduler import block_ledger
from zohocrm_async.scheduler.sqlite_ledger import SQLiteLedger

ALLOWANCE = 10_000
DAY = 86_460.0
START = datetime(2026, 1, 1, tzinfo=UTC)

Open = Callable[..., Awaitable[SQLiteLedger]]


async def answered(*ledgers: SQLiteLedger) -> None:
    """Let the files answer all that they were asked."""
    while writing := [w for ledger in ledgers if (w := ledger._writing) is not None]:
        await asyncio.wait(writing)


async def hold(ledger: SQLiteLedger, amount: int) -> bool:
    """Reserve *amount* once it is set aside; whether it was to be had."""
    while ledger.free() < amount:
        if ledger.when(amount) != block_ledger._SOON:
            return False
        ledger.want(amount)
        await answered(ledger)
    ledger.reserve(amount)
    return True


async def spend(ledger: SQLiteLedger, amount: int) -> bool:
    if not await hold(ledger, amount):
        return False
    ledger.settle(amount, amount)
    return True


async def passes(clock: ManualClock, seconds: float, *ledgers: SQLiteLedger) -> None:
    """Let time pass, and first what the ledgers do every few seconds."""
    await answered(*ledgers)
    clock.advance(block_ledger._TICK)
    await answered(*ledgers)
    clock.advance(seconds - block_ledger._TICK)
    await answered(*ledgers)


async def crash(ledger: SQLiteLedger) -> None:
    """End as a process does that is killed: nothing more is written, the lock is gone."""
    await answered(ledger)
    assert ledger._thread is not None
    assert ledger._file is not None
    ledger._thread.submit(ledger._file.let_go).result()
    ledger._thread.shutdown()
    ledger._file = None


async def in_file(ledger: SQLiteLedger, statement: str) -> None:
    """Run *statement* on the connection of *ledger*."""
    assert ledger._thread is not None
    assert ledger._file is not None
    ledger._thread.submit(ledger._file._run, statement).result()


def later(**time: float) -> ManualClock:
    """Return the clock of another start of the machine."""
    return ManualClock(START + timedelta(**time))


@asynccontextmanager
async def ledgers(path: Path, clock: ManualClock) -> AsyncIterator[Open]:
    """Open ledgers of one file; those still open at the end are closed."""
    made: list[SQLiteLedger] = []

    async def make(time: ManualClock | None = None, allowance: int = ALLOWANCE) -> SQLiteLedger:
        ledger = SQLiteLedger(path, clock=time or clock)
        ledger.allowance = allowance
        await ledger.open()
        made.append(ledger)
        return ledger

    yield make
    for ledger in made:
        await ledger.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "org.sqlite3"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
async def opened(path: Path, clock: ManualClock) -> AsyncIterator[Open]:
    async with ledgers(path, clock) as make:
        yield make
