"""What the tests of the page share: a real server with it, and what comes from that."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import aiohttp
import orjson
import uvicorn
from attrs import evolve
from fastapi import FastAPI, Header, HTTPException

from zohocrm_async import ClientPool, OrganizationSettings, ZohoCRM, dashboard
from zohocrm_async.dashboard._account import Account
from zohocrm_async.models import CreditReport, QueueReport, SlotReport, SpentMinute
from zohocrm_async.models.credits import RateReport, RefusalReport, WindowReport

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = {"X-Key": "may look"}
Crm = ZohoCRM | ClientPool


def spent(credits: int, *, hours: float) -> SpentMinute:
    """Return credits that were spent so many hours ago."""
    began = NOON - timedelta(hours=hours)
    return SpentMinute(
        began_at=began, resumes_at=began + timedelta(days=1), credits=credits, foreign=0
    )


def account(*history: SpentMinute, **changes: Any) -> Account:
    """Return an account in which nothing holds calls back, but for *changes* of its report."""
    used = sum(minute.credits for minute in history)
    report = CreditReport(
        allowance=1_000,
        floor=0,
        used=used,
        reserved=0,
        foreign=0,
        remaining=1_000 - used,
        resumes_at=None,
        slots=SlotReport(limit=20, in_force=20, in_flight=3, peak=7),
        heavy_slots=SlotReport(limit=10, in_force=10, in_flight=0, peak=0),
        parked_until=None,
        waiting=0,
        by_priority={"normal": QueueReport(waiting=0, longest_wait=0.0)},
        refused=RefusalReport(credits=0, concurrency=0, queue=0, deadline=0, windows=0, service=0),
        rates=RateReport(calls=0.0, credits=0.0),
        windows={"mails": WindowReport(limit=None, used=0, reserved=0, resumes_at=None)},
        by_budget={},
        by_operation={},
    )
    return Account(
        organisation=None,
        at=NOON,
        credits=evolve(report, **changes),
        history=history,
        recording=None,
    )


class Store:
    """Where a pool finds its organisations."""

    def __init__(self, **known: OrganizationSettings) -> None:
        self.known: Mapping[str, OrganizationSettings] = known

    async def load(self, name: str) -> OrganizationSettings | None:
        return self.known.get(name)


async def guard(x_key: Annotated[str | None, Header()] = None) -> None:
    """Let nobody look without the key."""
    if x_key != KEY["X-Key"]:
        raise HTTPException(401, "no key")


async def anybody() -> None:
    """Let everybody look."""


def application(crm: Crm, look: Callable[..., Awaitable[None]] = guard) -> FastAPI:
    """Return an application with the page below /zohocrm/."""

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[Mapping[str, Any]]:
        client: AbstractAsyncContextManager[Crm] = crm
        async with client:
            yield {"zohocrm": crm}

    app = FastAPI(lifespan=life)
    app.include_router(dashboard.router(look), prefix="/zohocrm")
    return app


@contextlib.asynccontextmanager
async def served(app: FastAPI, port: int = 0) -> AsyncIterator[str]:
    """Serve *app*, and return where its page stands; the server ends by itself or hangs."""
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical"))
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.001)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/zohocrm/"
    finally:
        server.should_exit = True
        await serving


async def until(true: Callable[[], object]) -> None:
    """Let the loop turn until something holds."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.001)


async def events(answer: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, Any]]:
    """Iterate over the events of a stream."""
    name = ""
    async for line in answer.content:
        field, _, value = line.decode().strip().partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, orjson.loads(value)
