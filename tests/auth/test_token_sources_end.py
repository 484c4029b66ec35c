"""Token sources that revoke, close, or lose their store."""

import asyncio

import pytest
import token_sources
from aiohttp import web
from token_sources import CODE, REFRESH, Accounts, Make, says

from zohocrm_async.auth import (
    AccessToken,
    MemoryTokenStore,
    Token,
)
from zohocrm_async.exceptions import (
    ConfigurationError,
    InvalidCredentials,
    SchedulerClosed,
    UnexpectedAnswer,
)

accounts, pool, clock, make = (
    token_sources.accounts,
    token_sources.pool,
    token_sources.clock,
    token_sources.make,
)


async def test_revoke_posts_the_refresh_token(accounts: Accounts, make: Make) -> None:
    """The refresh token goes out in the body, and the access token is forgotten."""
    store = MemoryTokenStore()
    source = make(store=store)
    await source.get()
    await source.revoke()
    assert accounts.revoked == ["refresh-1"]
    assert await store.load(REFRESH.key(accounts.url)) is None
    await source.get()
    assert len(accounts.forms) == 2


async def test_revoke_takes_the_refresh_token_of_a_code_from_the_store(
    accounts: Accounts, make: Make
) -> None:
    """What a code became can be revoked as well."""
    source = make(CODE)
    await source.get()
    await source.revoke()
    assert accounts.revoked == ["refresh-of-code"]


async def test_refused_revoke_says_so(accounts: Accounts, make: Make) -> None:
    """A refresh token that the server does not know was not revoked."""
    accounts.planned = says({"error": "invalid_code"})
    with pytest.raises(InvalidCredentials, match="invalid_code"):
        await make().revoke()


async def test_a_page_revokes_nothing(accounts: Accounts, make: Make) -> None:
    """Whoever stands on the way may answer anything with 200."""
    accounts.planned = lambda _: web.Response(text="<html>Log in</html>", content_type="text/html")
    with pytest.raises(UnexpectedAnswer, match="status 200"):
        await make().revoke()


async def test_nothing_to_revoke_is_said(make: Make) -> None:
    """An access token alone cannot be revoked."""
    with pytest.raises(ConfigurationError, match="no refresh token"):
        await make(AccessToken(token="t")).revoke()


async def test_close_cancels_the_refresh_and_frees_who_waits(
    accounts: Accounts, make: Make
) -> None:
    """After close no task is left, and who waited is told why."""
    accounts.open.clear()
    source = make()
    waiting = asyncio.create_task(source.get())
    await accounts.asked.wait()
    await source.close()
    with pytest.raises(SchedulerClosed):
        await waiting
    with pytest.raises(SchedulerClosed):
        await source.get()
    assert not [task for task in asyncio.all_tasks() if "token refresh" in task.get_name()]


async def test_broken_store_after_a_refresh_costs_no_second_token(
    accounts: Accounts, make: Make
) -> None:
    """A token that could not be saved is used in this process all the same."""

    class FullDisk(MemoryTokenStore):
        async def save(self, key: str, token: Token) -> None:
            raise ConfigurationError("disk full")

    source = make(store=FullDisk())
    with pytest.raises(ConfigurationError, match="disk full"):
        await source.get()
    assert (await source.get()).access_token == "1000.token-1"
    assert len(accounts.forms) == 1


async def test_token_that_comes_as_the_client_closes_serves_nobody(
    accounts: Accounts, make: Make
) -> None:
    """Who waited for it could not make a call any more."""

    class Closing(MemoryTokenStore):
        async def save(self, key: str, token: Token) -> None:
            closings.append(asyncio.create_task(source.close()))

    closings: list[asyncio.Task[None]] = []
    source = make(store=Closing())
    with pytest.raises(SchedulerClosed, match="waited for a token"):
        await source.get()
    await asyncio.gather(*closings)
    assert len(accounts.forms) == 1
