"""What the tests of channels share: a server that they post to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import attrs
import pytest
from aiohttp import web

from zohocrm_async import ZohoCRM
from zohocrm_async.models import (
    Channel,
    NewChannel,
    Notification,
)
from zohocrm_async.notifications import new_token, parse

ID, OTHER = "1000000068001", "1000000068002"
TOKEN = new_token()
WATCH = "/actions/watch"


class Receiver:
    """A server that channels post to."""

    def __init__(self) -> None:
        self.url = ""
        self.bodies: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(self, request: web.BaseRequest) -> web.Response:
        await self.bodies.put(await request.read())
        return web.Response()

    async def next(self, token: str = TOKEN) -> Notification:
        """Return what arrives next, checked."""
        async with asyncio.timeout(30):
            return parse(await self.bodies.get(), tokens={ID: token, OTHER: token})


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    runner = web.ServerRunner(web.Server(receiver.take))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        receiver.url = f"http://{host}:{port}/hook?from=crm"
        yield receiver
    finally:
        await runner.cleanup()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    """A server on the loopback address."""
    async with receiving() as receiver:
        yield receiver


def channel(url: str = "http://127.0.0.1:9/", **other: Any) -> NewChannel:
    """Return a channel to make."""
    return attrs.evolve(
        NewChannel(channel_id=ID, events=["Leads.all"], notify_url=url, token=TOKEN), **other
    )


async def listed(crm: ZohoCRM) -> dict[str, Channel]:
    """Return the channels by id."""
    return {found.channel_id: found async for found in crm.notifications.list()}


async def until(holds: Callable[[], bool]) -> None:
    """Return once something holds."""
    async with asyncio.timeout(30):
        while not holds():
            await asyncio.sleep(0)
