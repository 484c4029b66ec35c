"""The shared access token, against a real accounts server on the loopback address."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import token_sources
from attrs import evolve
from token_sources import CODE, REFRESH, Accounts, Make, says, settled

from zohocrm_async._clock import ManualClock
from zohocrm_async.auth import (
    AccessToken,
    ClientCredentials,
    FileTokenStore,
    MemoryTokenStore,
    Token,
)
from zohocrm_async.exceptions import (
    InvalidCredentials,
)
from zohocrm_async.options import DataCenter

accounts, pool, clock, make = (
    token_sources.accounts,
    token_sources.pool,
    token_sources.clock,
    token_sources.make,
)


# Asking


async def test_refresh_token_is_exchanged_in_the_body(accounts: Accounts, make: Make) -> None:
    """The form goes into the body; the URL holds no secret."""
    token = await make().get()
    assert token.access_token == "1000.token-1"
    assert accounts.forms == [
        {
            "grant_type": "refresh_token",
            "client_id": "id",
            "client_secret": "client-secret",
            "refresh_token": "refresh-1",
        }
    ]
    assert accounts.queries == [""]


async def test_client_credentials_name_scope_and_organisation(
    accounts: Accounts, make: Make
) -> None:
    """A self client asks with its scope and soid."""
    credentials = ClientCredentials(
        client_id="id", client_secret="s", scope=["ZohoCRM.modules.ALL", "x"], soid="123"
    )
    await make(credentials).get()
    assert accounts.forms[0]["grant_type"] == "client_credentials"
    assert accounts.forms[0]["scope"] == "ZohoCRM.modules.ALL,x"
    assert accounts.forms[0]["soid"] == "ZohoCRM.123"


async def test_token_is_kept(accounts: Accounts, make: Make, clock: ManualClock) -> None:
    """A token serves for nearly an hour without another request."""
    source = make()
    first = await source.get()
    clock.advance(3200)
    assert await source.get() is first
    assert len(accounts.forms) == 1


async def test_all_who_wait_share_one_refresh(accounts: Accounts, make: Make) -> None:
    """A hundred callers at once cause one request."""
    source = make()
    tokens = await asyncio.gather(*(source.get() for _ in range(100)))
    assert len({token.access_token for token in tokens}) == 1
    assert len(accounts.forms) == 1


async def test_cancelled_first_waiter_leaves_the_refresh_to_the_others(
    accounts: Accounts, make: Make
) -> None:
    """Who began the refresh may go; the others get their token from it."""
    accounts.open.clear()
    source = make()
    first = asyncio.create_task(source.get())
    await accounts.asked.wait()
    others = [asyncio.create_task(source.get()) for _ in range(3)]
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    accounts.open.set()
    assert {token.access_token for token in await asyncio.gather(*others)} == {"1000.token-1"}
    assert len(accounts.forms) == 1


async def test_all_waiters_cancelled_still_keeps_the_token(accounts: Accounts, make: Make) -> None:
    """A refresh that nobody waits for any more is not lost."""
    accounts.open.clear()
    source = make()
    only = asyncio.create_task(source.get())
    await accounts.asked.wait()
    only.cancel()
    with pytest.raises(asyncio.CancelledError):
        await only
    accounts.open.set()
    assert (await source.get()).access_token == "1000.token-1"
    assert len(accounts.forms) == 1


async def test_failure_reaches_all_who_wait(accounts: Accounts, make: Make) -> None:
    """One refused refresh is the answer to everybody who waited for it."""
    accounts.planned = says({"error": "invalid_client"})
    source = make()
    results = await asyncio.gather(*(source.get() for _ in range(5)), return_exceptions=True)
    assert all(isinstance(result, InvalidCredentials) for result in results)
    assert len(accounts.forms) == 1


# Renewal in time


async def test_old_token_serves_while_the_new_one_is_fetched(
    accounts: Accounts, make: Make, clock: ManualClock
) -> None:
    """In the last five minutes a refresh starts and nobody waits for it."""
    source = make()
    old = await source.get()
    clock.advance(3600 - 299)
    accounts.open.clear()
    assert await source.get() is old
    assert await source.get() is old
    accounts.open.set()
    await settled(accounts, 2)
    assert (await source.get()).access_token == "1000.token-2"
    assert len(accounts.forms) == 2


async def test_callers_wait_in_the_last_half_minute(make: Make, clock: ManualClock) -> None:
    """A token that might expire on its way is not given out."""
    source = make()
    await source.get()
    clock.advance(3600 - 29)
    assert (await source.get()).access_token == "1000.token-2"


async def test_short_lived_tokens_are_not_renewed_all_the_time(
    accounts: Accounts, make: Make, clock: ManualClock
) -> None:
    """A token of one minute serves for most of it."""
    accounts.lifetime = 60
    source = make()
    await source.get()
    clock.advance(40)
    assert (await source.get()).access_token == "1000.token-1"
    await settled(accounts, 1)
    assert len(accounts.forms) == 1


async def test_fixed_token_is_given_until_refused(accounts: Accounts, make: Make) -> None:
    """An AccessToken is never renewed; once refused, the error says what to do."""
    source = make(AccessToken(token="1000.fixed"))
    token = await source.get()
    assert token.access_token == "1000.fixed"
    await source.invalidate(token)
    with pytest.raises(InvalidCredentials, match="RefreshToken"):
        await source.get()
    assert accounts.forms == []


async def test_fixed_token_expires(make: Make, clock: ManualClock) -> None:
    """An AccessToken with an end says so when it comes."""
    source = make(AccessToken(token="t", expires_at=clock.now() + timedelta(minutes=1)))
    await source.get()
    clock.advance(60)
    with pytest.raises(InvalidCredentials, match="expired at 2026-01-01T00:01:00"):
        await source.get()


# Codes


async def test_code_is_exchanged_once_and_lives_on_in_the_store(
    accounts: Accounts, make: Make, clock: ManualClock, tmp_path: Path
) -> None:
    """Later refreshes and later starts use the refresh token, not the code."""
    store = FileTokenStore(tmp_path / "tokens.json")
    source = make(CODE, store=store)
    await source.get()
    for _ in range(2):  # a refresh answer brings no refresh token
        clock.advance(3600)
        await source.get()
    await source.invalidate(await source.get())
    await make(CODE, store=FileTokenStore(tmp_path / "tokens.json")).get()
    grants = [(form["grant_type"], form.get("refresh_token")) for form in accounts.forms]
    assert grants == [("authorization_code", None)] + [("refresh_token", "refresh-of-code")] * 3
    assert "redirect_uri" not in accounts.forms[0]


async def test_exchange_without_refresh_token_says_how_to_ask(
    accounts: Accounts, make: Make, clock: ManualClock
) -> None:
    """A code asked for without offline access serves for an hour, then explains."""
    accounts.extra = {"refresh_token": None}
    source = make(evolve(CODE, redirect_uri="https://app.example/cb"))
    await source.get()
    assert accounts.forms[0]["redirect_uri"] == "https://app.example/cb"
    clock.advance(3600)
    with pytest.raises(InvalidCredentials, match="access_type=offline"):
        await source.get()
    assert len(accounts.forms) == 1


# Sharing


async def test_clients_of_one_store_share_one_token(accounts: Accounts, make: Make) -> None:
    """Two clients with the same credentials and store ask once."""
    store = MemoryTokenStore()
    one, two = make(store=store), make(store=store)
    first, second = await asyncio.gather(one.get(), two.get())
    assert first == second
    assert len(accounts.forms) == 1


async def test_clients_of_different_credentials_do_not_share(make: Make) -> None:
    """A store keeps the tokens of several organisations apart."""
    store = MemoryTokenStore()
    first = await make(store=store).get()
    second = await make(evolve(REFRESH, refresh_token="refresh-2"), store=store).get()
    assert first != second


async def test_token_that_is_about_to_expire_is_not_taken_from_the_store(
    make: Make, clock: ManualClock
) -> None:
    """A stored token in its last half minute is renewed at once."""
    store = MemoryTokenStore()
    await make(store=store).get()
    clock.advance(3600 - 20)
    assert (await make(store=store).get()).access_token == "1000.token-2"


# Hosts


@pytest.mark.parametrize(
    ("data_center", "api_domain", "expected"),
    [
        (DataCenter.EU, "https://www.zohoapis.eu", "https://www.zohoapis.eu"),
        (DataCenter.EU, "https://sandbox.zohoapis.eu", "https://sandbox.zohoapis.eu"),
        (DataCenter.EU, "https://www.zohoapis.com", "https://www.zohoapis.eu"),
        (DataCenter.EU, "https://www.zohoapis.eu.evil.example", "https://www.zohoapis.eu"),
        (DataCenter.EU, None, "https://www.zohoapis.eu"),
        (DataCenter.EU.sandbox(), "https://www.zohoapis.eu", "https://sandbox.zohoapis.eu"),
    ],
)
async def test_api_domain_is_used_only_if_it_belongs_to_the_data_center(
    accounts: Accounts,
    make: Make,
    data_center: DataCenter,
    api_domain: str | None,
    expected: str,
) -> None:
    """A token goes to no host that the data centre does not own."""
    accounts.extra = {"api_domain": api_domain}
    source = make(data_center=evolve(data_center, accounts=accounts.url))
    assert source.api_url == data_center.api
    await source.get()
    assert source.api_url == expected


def test_token_shows_no_secret() -> None:
    """The repr of a token holds neither token."""
    token = Token(access_token="a-secret", refresh_token="r-secret", expires_at=datetime.now(UTC))
    assert "secret" not in repr(token)
