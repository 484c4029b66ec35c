"""A client is closed once and whole, however often and in whatever state it is asked to."""

import asyncio
from pathlib import Path

import pytest

from zohocrm_async import (
    ClientClosed,
    ClientPool,
    Event,
    OrganizationSettings,
    Retry,
    RetryPlanned,
    SessionPool,
    SQLiteLedger,
    exceptions as errors,
)
from zohocrm_async._clock import ManualClock
from zohocrm_async.emulator import Emulator, Fault


async def test_books_of_several_clients_are_let_go_once_by_each(
    org: Emulator, tmp_path: Path
) -> None:
    """A client that is closed twice does not close them for another."""
    ledger = SQLiteLedger(tmp_path / "ledger")
    async with org.client(ledger=ledger) as other:
        async with org.client(ledger=ledger) as crm:
            await crm.organization.get()
            await crm.close()
        await other.organization.get()
        assert other.credits().used == org.credits_used


async def test_the_end_is_told_once(org: Emulator) -> None:
    told: list[Event] = []
    async with org.client(hooks=[told.append]) as crm:
        await crm.close()
    assert sum(isinstance(event, ClientClosed) for event in told) == 1


async def test_a_closed_client_is_not_opened_again(org: Emulator, tmp_path: Path) -> None:
    """Neither by a block nor by a call; what it would have opened stays as it is."""
    crm = org.client(ledger=SQLiteLedger(tmp_path / "ledger"))
    await crm.close()
    with pytest.raises(errors.SchedulerClosed, match="make another"):
        await crm.organization.get()
    with pytest.raises(errors.SchedulerClosed, match="make another"):
        async with crm:
            pytest.fail("it was opened")
    assert not (tmp_path / "ledger").exists()


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set once a session pool is closed."""
    event, close = asyncio.Event(), SessionPool.close

    async def note(pool: SessionPool) -> None:
        await close(pool)
        event.set()

    monkeypatch.setattr(SessionPool, "close", note)
    return event


async def test_a_pool_whose_closing_is_cancelled_leaves_no_connection_open(
    org: Emulator, closed: asyncio.Event
) -> None:
    class Store:
        async def load(self, name: str) -> OrganizationSettings:
            return OrganizationSettings(
                credentials=org.credentials, data_center=org.data_center, limits=org.limits
            )

    pool = ClientPool(Store())
    async with pool.organisation("acme") as crm:
        await crm.organization.get()
    closing = asyncio.create_task(pool.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert closed.is_set()


async def test_closing_that_is_cancelled_leaves_nothing_open(
    org: Emulator, closed: asyncio.Event
) -> None:
    """Here while the token refresh ends that was under way."""
    org.fail_next(Fault.LATE, path="/oauth/v2/token", seconds=60)
    crm = org.client()
    call = asyncio.create_task(crm.organization.get())
    while not crm.credits().slots.in_flight:
        await asyncio.sleep(0)
    closing = asyncio.create_task(crm.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert closed.is_set()
    with pytest.raises(errors.SchedulerClosed):
        await call


async def test_a_call_that_pauses_learns_at_once(org: Emulator) -> None:
    """It would go on in half a minute, to be refused then."""
    org.fail_next(Fault.SERVER_ERROR, path="/org")
    planned = asyncio.Event()

    def note(event: Event) -> None:
        if isinstance(event, RetryPlanned):
            planned.set()

    retry = Retry(base=60, ceiling=60)
    async with org.client(retry=retry, hooks=[note], clock=ManualClock()) as crm:
        call = asyncio.create_task(crm.organization.get())
        await planned.wait()
    with pytest.raises(errors.SchedulerClosed):
        await call
