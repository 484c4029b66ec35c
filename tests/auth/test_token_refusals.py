"""What token sources make of refusals, throttling and failures of the accounts server."""

import asyncio
import logging

import pytest
import token_sources
from aiohttp import web
from token_sources import REFRESH, Accounts, Make, says, settled

from zohocrm_async._clock import ManualClock
from zohocrm_async._session import SessionPool
from zohocrm_async.auth import (
    MemoryTokenStore,
    Token,
    TokenSource,
)
from zohocrm_async.exceptions import (
    InvalidCredentials,
    TokenThrottled,
    TransportError,
)
from zohocrm_async.options import DataCenter

accounts, pool, clock, make = (
    token_sources.accounts,
    token_sources.pool,
    token_sources.clock,
    token_sources.make,
)


async def test_failed_early_refresh_is_tried_again_after_a_pause(
    accounts: Accounts, make: Make, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """While the old token serves, a failing server is asked twice a minute at most."""
    source = make()
    old = await source.get()
    accounts.planned = lambda _: web.Response(status=503, text="<html>")
    clock.advance(3600 - 290)
    with caplog.at_level(logging.WARNING):
        assert await source.get() is old
        await settled(accounts, 2)
        assert await source.get() is old
        await settled(accounts, 2)
    assert len(accounts.forms) == 2
    assert "not renewed yet" in caplog.text
    assert "1000.token" not in caplog.text
    accounts.planned = None
    clock.advance(31)
    assert await source.get() is old
    await settled(accounts, 3)
    assert (await source.get()).access_token == "1000.token-3"


async def test_invalidated_token_is_replaced_once(accounts: Accounts, make: Make) -> None:
    """Many late refusals of one token cause one refresh."""
    source = make()
    old = await source.get()
    for _ in range(3):
        await source.invalidate(old)
        assert (await source.get()).access_token == "1000.token-2"
    assert len(accounts.forms) == 2


async def test_refused_token_is_not_taken_from_the_store_again(
    accounts: Accounts, make: Make
) -> None:
    """A token refused in one client is not handed to another by the store."""
    store = MemoryTokenStore()
    source = make(store=store)
    await source.invalidate(await source.get())
    accounts.planned = says({"error": "general_error"})
    with pytest.raises(InvalidCredentials):
        await make(store=store).get()
    assert len(accounts.forms) == 2


async def test_late_refusal_of_an_older_token_changes_nothing(make: Make) -> None:
    """The current token is neither forgotten nor looked up again for an old one's 401."""

    class CountingStore(MemoryTokenStore):
        loads = 0

        async def load(self, key: str) -> Token | None:
            self.loads += 1
            return await super().load(key)

    store = CountingStore()
    source = make(store=store)
    old = await source.get()
    await source.invalidate(old)
    new = await source.get()
    loads = store.loads
    await source.invalidate(old)
    assert await source.get() is new
    assert store.loads == loads


async def test_refused_token_stays_refused_if_its_caller_goes(
    accounts: Accounts, make: Make
) -> None:
    """A caller cancelled while it tells of a 401 does not bring the token back."""
    store = MemoryTokenStore()
    source = make(store=store)
    old = await source.get()
    async with store.lock(REFRESH.key(accounts.url)):
        telling = asyncio.create_task(source.invalidate(old))
        await asyncio.sleep(0)
        telling.cancel()
        with pytest.raises(asyncio.CancelledError):
            await telling
    assert (await source.get()).access_token == "1000.token-2"


async def test_sixth_refresh_in_a_row_is_refused_here(
    accounts: Accounts, make: Make, clock: ManualClock
) -> None:
    """The server's limit is kept by us; the error says when to go on."""
    source = make()
    for _ in range(5):
        await source.invalidate(await source.get())
    with pytest.raises(TokenThrottled, match="in 120 s") as caught:
        await source.get()
    assert caught.value.retry_after == pytest.approx(120)
    assert len(accounts.forms) == 5
    clock.advance(600)
    assert (await source.get()).access_token == "1000.token-6"


async def test_request_that_never_left_does_not_count(
    pool: SessionPool, clock: ManualClock
) -> None:
    """An unreachable accounts server uses up nothing of the limit."""
    nowhere = DataCenter("x", "http://127.0.0.1:9", "http://127.0.0.1:9", "http://127.0.0.1:9")
    source = TokenSource(REFRESH, nowhere, pool, MemoryTokenStore(), clock)
    for _ in range(8):
        with pytest.raises(TransportError) as caught:
            await source.get()
        assert not caught.value.sent
    await source.close()


@pytest.mark.parametrize(
    ("payload", "status"),
    [
        ({"error": "Access Denied", "error_description": "too many", "status": "failure"}, 400),
        ({"error": "access_denied"}, 200),
        ({}, 429),
    ],
)
async def test_servers_throttle_stops_all_asking_for_ten_minutes(
    accounts: Accounts, make: Make, clock: ManualClock, payload: object, status: int
) -> None:
    """After "Access Denied" nobody asks again before the block is over."""
    accounts.planned = says(payload, status)
    source = make()
    with pytest.raises(TokenThrottled) as caught:
        await source.get()
    assert caught.value.retry_after == 600
    accounts.planned = None
    clock.advance(599)
    with pytest.raises(TokenThrottled) as caught:
        await source.get()
    assert caught.value.retry_after == pytest.approx(1)
    assert len(accounts.forms) == 1
    clock.advance(1)
    assert (await source.get()).access_token == "1000.token-2"


async def test_refusal_is_remembered_for_a_minute(
    accounts: Accounts, make: Make, clock: ManualClock
) -> None:
    """Calls in a row with dead credentials do not hide the reason behind the limit."""
    accounts.planned = says({"error": "invalid_code"})
    source = make()
    for _ in range(20):
        with pytest.raises(InvalidCredentials) as caught:
            await source.get()
        assert caught.value.code == "invalid_code"
    assert len(accounts.forms) == 1
    accounts.planned = None
    clock.advance(60)
    await source.get()


async def test_a_failing_server_uses_up_nothing_of_the_limit(
    accounts: Accounts, make: Make, clock: ManualClock
) -> None:
    """It made no token. It is asked once a second, and serves once it is back."""
    accounts.planned = lambda _: web.Response(status=502, text="<html>")
    source = make()
    for _ in range(8):
        for _ in range(3):
            with pytest.raises(TransportError, match="status 502 and no token"):
                await source.get()
        clock.advance(1)
    assert len(accounts.forms) == 8
    accounts.planned = None
    assert (await source.get()).access_token == "1000.token-9"


async def test_network_failure_is_not_the_calls_own(accounts: Accounts, make: Make) -> None:
    """A lost answer of the accounts server cannot make a call's outcome unknown."""

    def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    accounts.planned = cut
    with pytest.raises(TransportError) as caught:
        await make().get()
    assert not caught.value.sent


async def test_lost_answers_do_not_use_up_the_limit_at_once(
    accounts: Accounts, make: Make, clock: ManualClock
) -> None:
    """Each may have brought a token: the server is asked again after a second."""

    def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    accounts.planned = cut
    source = make()
    for _ in range(8):
        with pytest.raises(TransportError):
            await source.get()
    assert len(accounts.forms) == 1
    accounts.planned = None
    clock.advance(1)
    assert (await source.get()).access_token == "1000.token-2"
