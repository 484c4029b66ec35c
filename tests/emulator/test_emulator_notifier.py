"""zohocrm_async.emulator.notifier: who is told what, and what keeps it from harm."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from zohocrm_async.emulator import Emulator, poster

Answer = Callable[[web.BaseRequest], Awaitable[web.Response]]


def subscribe(org: Emulator, url: str, channel_id: str = "7", *events: str) -> None:
    """Put a channel into an organisation."""
    row = {
        "id": channel_id,
        "channel_id": channel_id,
        "events": [*(events or ("Leads.all",))],
        "notify_url": url,
        "channel_expiry": (org.clock.now() + timedelta(days=1)).isoformat(),
    }
    org.add_setting("/actions/watch", row)


def add_lead(org: Emulator) -> str:
    """Add a lead; return its id."""
    return org.add_records("Leads", [{"Last_Name": "Stone"}])[0]


@asynccontextmanager
async def listening(answer: Answer) -> AsyncIterator[str]:
    """Answer on a free port; give the URL."""
    runner = web.ServerRunner(web.Server(answer))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}/"
    finally:
        await runner.cleanup()


async def test_every_channel_is_told_in_the_order_of_things() -> None:
    """A change is told to each that asks for it."""
    seen: list[tuple[str, str]] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        body: Any = await request.json()
        seen.append((body["channel_id"], body["operation"]))
        return web.Response(status=202)

    async with Emulator() as org, listening(answer) as url:
        subscribe(org, url, "1")
        subscribe(org, url, "2", "Leads.delete")
        lead = add_lead(org)
        org.state.remove("Leads", lead)
        await org.notified()
        assert seen == [("1", "insert"), ("1", "delete"), ("2", "delete")]
        assert {kept.status for kept in org.notifications} == {202}


async def test_a_redirect_is_not_followed() -> None:
    """It might lead away from this machine."""
    paths: list[str] = []

    async def answer(request: web.BaseRequest) -> web.Response:
        paths.append(request.path)
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    async with Emulator() as org, listening(answer) as url:
        subscribe(org, url)
        add_lead(org)
        await org.notified()
        assert paths == ["/"]
        assert org.notifications[0].status == 302


async def test_a_receiver_that_never_answers_holds_nothing_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Neither the next notification nor the end."""
    monkeypatch.setattr(poster, "_SECONDS", 0.02)
    stop = asyncio.Event()

    async def answer(request: web.BaseRequest) -> web.Response:
        await stop.wait()
        return web.Response()

    async with listening(answer) as url:
        async with Emulator() as org:
            subscribe(org, url)
            add_lead(org)
            await org.notified()
            assert org.notifications[0].problem == "not posted: TimeoutError"
            add_lead(org)
        stop.set()


async def test_no_more_than_so_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those beyond are dropped; changes that join another wait with it."""
    monkeypatch.setattr(poster, "MOST_WAITING", 3)
    org = Emulator()
    for number in "12345":
        subscribe(org, "https://example.com/", number)
    add_lead(org)
    with pytest.raises(RuntimeError, match="open the emulator first"):
        await org.notified()
    async with org:
        await org.notified()
        assert [kept.channel_id for kept in org.notifications] == ["1", "2", "3"]


async def test_a_channel_that_has_ended_is_told_nothing() -> None:
    """By the emulator's clock."""
    async with Emulator() as org:
        subscribe(org, "https://example.com/")
        org.advance(hours=25)
        add_lead(org)
        await org.notified()
        assert org.notifications == ()


async def test_what_was_sent_hides_its_secrets() -> None:
    """The URL and the token are not shown."""
    async with Emulator() as org:
        subscribe(org, "https://example.com/?key=s3cret")
        add_lead(org)
        await org.notified()
        [kept] = org.notifications
        assert kept.body["query_params"] == {"key": "s3cret"}
        assert "s3cret" not in repr(kept)
