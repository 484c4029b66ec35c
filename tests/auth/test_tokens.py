"""The shared access token, against a real accounts server on the loopback address."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from attrs import evolve

from zohocrm_async._clock import ManualClock
from zohocrm_async._session import SessionPool
from zohocrm_async.auth import (
    AccessToken,
    AuthorizationCode,
    ClientCredentials,
    Credentials,
    FileTokenStore,
    MemoryTokenStore,
    RefreshToken,
    Token,
    TokenSource,
    TokenStore,
)
from zohocrm_async.exceptions import (
    ConfigurationError,
    InvalidCredentials,
    SchedulerClosed,
    TokenThrottled,
    TransportError,
)
from zohocrm_async.options import DataCenter

REFRESH = RefreshToken(client_id="id", client_secret="client-secret", refresh_token="refresh-1")
CODE = AuthorizationCode(client_id="id", client_secret="client-secret", code="code-1")
Planned = Callable[[web.Request], web.Response]


class Accounts:
    """An accounts server: mints numbered tokens, unless something is planned."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.revoked: list[str] = []
        self.queries: list[str] = []
        self.url = ""
        self.lifetime = 3600
        self.extra: dict[str, Any] = {}
        self.planned: Planned | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.asked = asyncio.Event()

    async def token(self, request: web.Request) -> web.Response:
        self.forms.append(dict((await request.post()).items()))  # type: ignore[arg-type]  # no files
        self.queries.append(request.query_string)
        self.asked.set()
        await self.open.wait()
        if self.planned is not None:
            return self.planned(request)
        answer = {
            "access_token": f"1000.token-{len(self.forms)}",
            "expires_in": self.lifetime,
            "token_type": "Bearer",
            **self.extra,
        }
        if self.forms[-1]["grant_type"] == "authorization_code":
            answer.setdefault("refresh_token", "refresh-of-code")
        return web.json_response(answer)

    async def revoke(self, request: web.Request) -> web.Response:
        self.revoked.append(str((await request.post())["token"]))
        return self.planned(request) if self.planned else web.json_response({"status": "success"})

    @property
    def data_center(self) -> DataCenter:
        return DataCenter("test", accounts=self.url, api="https://api.test", content=self.url)


@asynccontextmanager
async def accounts_server() -> AsyncIterator[Accounts]:
    accounts = Accounts()
    app = web.Application()
    app.router.add_post("/oauth/v2/token", accounts.token)
    app.router.add_post("/oauth/v2/token/revoke", accounts.revoke)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    accounts.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield accounts
    finally:
        accounts.open.set()
        await runner.cleanup()


@pytest.fixture
async def accounts() -> AsyncIterator[Accounts]:
    async with accounts_server() as server:
        yield server


@pytest.fixture
async def pool() -> AsyncIterator[SessionPool]:
    async with SessionPool() as opened:
        yield opened


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


Make = Callable[..., TokenSource]


@pytest.fixture
async def make(accounts: Accounts, pool: SessionPool, clock: ManualClock) -> AsyncIterator[Make]:
    """Make token sources of that server, closed in the end."""
    sources = []

    def new(
        credentials: Credentials = REFRESH,
        *,
        store: TokenStore | None = None,
        data_center: DataCenter | None = None,
    ) -> TokenSource:
        source = TokenSource(
            credentials,
            data_center or accounts.data_center,
            pool,
            store or MemoryTokenStore(),
            clock,
        )
        sources.append(source)
        return source

    yield new
    for source in sources:
        await source.close()


def says(payload: object, status: int = 200) -> Planned:
    return lambda _: web.json_response(payload, status=status)


async def settled(accounts: Accounts, count: int) -> None:
    """Wait until the server was asked *count* times and its answer is taken in."""
    async with asyncio.timeout(5):
        while len(accounts.forms) < count:
            accounts.asked.clear()
            await accounts.asked.wait()
        while len(asyncio.all_tasks()) > 1:
            tasks = [task for task in asyncio.all_tasks() if "token refresh" in task.get_name()]
            if not tasks:
                return
            await asyncio.wait(tasks)


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


# Refused tokens


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


# The limit of the token endpoint


async def test_sixth_refresh_in_a_row_is_refused_here(
    accounts: Accounts, make: Make, clock: ManualClock
) -> None:
    """The server's limit is kept by us; the error says when to go on."""
    source = make()
    for _ in range(5):
        await source.invalidate(await source.get())
    with pytest.raises(TokenThrottled) as caught:
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


# Revoke and close


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


def test_token_shows_no_secret() -> None:
    """The repr of a token holds neither token."""
    token = Token(access_token="a-secret", refresh_token="r-secret", expires_at=datetime.now(UTC))
    assert "secret" not in repr(token)
