"""What the tests of tokens share: an accounts server, and sources that ask it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from zohocrm_async._clock import ManualClock
from zohocrm_async._session import SessionPool
from zohocrm_async.auth import (
    AuthorizationCode,
    Credentials,
    MemoryTokenStore,
    RefreshToken,
    TokenSource,
    TokenStore,
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
