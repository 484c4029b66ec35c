"""One attempt on the wire, against real servers on the loopback address."""

import asyncio
import gzip
import threading
import traceback

import pytest
from aiohttp import web
from attrs import evolve
from wire_servers import (
    SECRET,
    failure_of,
    raw_server,
    request,
    web_server,
)

from zohocrm_async import _session
from zohocrm_async._session import SessionPool
from zohocrm_async._wire import Answer
from zohocrm_async.exceptions import (
    ConfigurationError,
    ConnectionFailed,
)


async def test_answer_carries_status_headers_body_and_duration() -> None:
    """An answer of any status is returned, its headers found in any case."""

    async def teapot(_: web.Request) -> web.Response:
        return web.Response(status=418, body=b"{}", headers={"X-API-CREDITS-REMAINING": "7"})

    async with web_server(teapot) as url, SessionPool() as pool:
        answer = await pool.send(request(url))
    assert answer.status == 418
    assert answer.headers["x-api-credits-remaining"] == "7"
    assert answer.body == b"{}"
    assert answer.seconds > 0


async def test_url_goes_out_as_built() -> None:
    """What is percent-encoded in the URL stays so; nothing is quoted anew."""
    async with raw_server() as server, SessionPool() as pool:
        await pool.send(request(f"{server.url}/a%2Fb?criteria=%28Email%3Aequals%3Aa%2Bb%27%29"))
    assert server.requests == ["GET /a%2Fb?criteria=%28Email%3Aequals%3Aa%2Bb%27%29 HTTP/1.1"]


async def test_connection_is_kept_and_shared() -> None:
    """Calls that follow each other use one connection."""
    async with raw_server() as server, SessionPool() as pool:
        for _ in range(3):
            await pool.send(request(server.url))
    assert server.connections == 1


async def test_connections_are_bounded() -> None:
    """No more connections are open at once than the pool was given."""
    open_now = peak = 0
    two_in = asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        nonlocal open_now, peak
        open_now += 1
        peak = max(peak, open_now)
        if open_now == 2:
            two_in.set()
        await two_in.wait()
        open_now -= 1
        return web.Response()

    async with web_server(slow) as url, SessionPool(connections=2) as pool:
        await asyncio.gather(*(pool.send(request(url)) for _ in range(6)))
    assert peak == 2


async def test_gzip_is_undone() -> None:
    """A compressed answer arrives as it was before."""

    async def compressed(asked: web.Request) -> web.Response:
        assert "gzip" in asked.headers["Accept-Encoding"]
        return web.Response(body=gzip.compress(b"plain"), headers={"Content-Encoding": "gzip"})

    async with web_server(compressed) as url, SessionPool() as pool:
        assert (await pool.send(request(url))).body == b"plain"


async def test_redirect_is_not_followed() -> None:
    """A redirect is an answer: the token never travels on to another host."""
    paths = []

    async def moved(asked: web.Request) -> web.Response:
        paths.append(asked.path)
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    async with web_server(moved) as url, SessionPool() as pool:
        assert (await pool.send(request(f"{url}/here"))).status == 302
    assert paths == ["/here"]


async def test_cookies_are_not_kept() -> None:
    """What one answer sets, the next request does not bring back."""
    cookies = []

    async def baker(asked: web.Request) -> web.Response:
        cookies.append(asked.headers.get("Cookie"))
        return web.Response(headers={"Set-Cookie": "_zcsr_tmp=1"})

    async with web_server(baker) as url, SessionPool() as pool:
        # Of a bare address even a real cookie jar would keep nothing.
        named = url.replace("127.0.0.1", "localhost")
        await pool.send(request(named))
        await pool.send(request(named))
    assert cookies == [None, None]


async def test_errors_show_neither_token_nor_query() -> None:
    """Whatever goes wrong, the traceback holds no secret and no foreign error."""
    answers: list[bytes | None] = [
        None,
        b"this is not HTTP\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"Connection: close\r\n\r\n",
    ]
    for answer in answers:
        async with raw_server() as server, SessionPool() as pool:
            server.answer = lambda _, planned=answer: planned  # type: ignore[misc]  # a default binds it
            failure = await failure_of(pool, request(f"{server.url}/x?email=private"))
        shown = "".join(traceback.format_exception(failure)) + repr(failure)
        assert "private" not in shown
        told = traceback.TracebackException.from_exception(failure, capture_locals=True)
        assert SECRET not in shown + "".join(told.format())
        assert failure.__context__ is None
        assert failure.__cause__ is None


async def test_sent_is_told_before_the_server_sees_the_request() -> None:
    """By the time a server knows of a request, on_sent was called."""
    order: list[str] = []

    async def seen(_: web.Request) -> web.Response:
        order.append("seen")
        return web.Response()

    async with web_server(seen) as url, SessionPool() as pool:
        await pool.send(request(url), on_sent=lambda: order.append("sent"))
    assert order == ["sent", "seen"]


async def test_cancelled_call_frees_its_connection() -> None:
    """A cancelled call leaves the pool usable by the next."""
    begun = asyncio.Event()
    release = asyncio.Event()

    async def slow(asked: web.Request) -> web.Response:
        begun.set()
        if asked.path == "/slow":
            await release.wait()
        return web.Response()

    async with web_server(slow) as url, SessionPool(connections=1) as pool:
        task = asyncio.create_task(pool.send(request(f"{url}/slow")))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (await pool.send(request(url))).status == 200
        release.set()


@pytest.mark.parametrize("kind", ["short", "long", "download"])
async def test_pool_that_closes_ends_the_calls_in_flight(kind: str) -> None:
    """Nobody waits on for the rest of an answer that cannot come any more."""
    begun, release = asyncio.Event(), asyncio.Event()

    async def half(asked: web.Request) -> web.StreamResponse:
        await asked.read()
        response = web.StreamResponse(headers={"Content-Length": "9"})
        await response.prepare(asked)
        await response.write(b"half")
        begun.set()
        await release.wait()
        return response

    pool = SessionPool()
    async with web_server(half) as url:
        sent = request(url, "POST", b"x" * (200_000 if kind == "long" else 2))
        call = asyncio.create_task(pool.send(evolve(sent, download=kind == "download")))
        await begun.wait()
        await asyncio.sleep(0)
        await pool.close()
        with pytest.raises(ConnectionFailed, match="session pool was closed") as caught:
            async with asyncio.timeout(5):
                await call
        release.set()
    assert caught.value.sent


async def test_closed_pool_says_so() -> None:
    """A closed pool sends nothing, and closing twice does no harm."""
    pool = SessionPool()
    async with raw_server() as server:
        await pool.send(request(server.url))
        await pool.close()
        await pool.close()
        with pytest.raises(ConfigurationError, match="closed"):
            await pool.send(request(server.url))
        assert len(server.requests) == 1


async def test_pool_closed_while_a_proxy_is_looked_for_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No error of aiohttp's, which would not be retried, reported or caught as ours."""
    loop, asked, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def slowly() -> dict[str, str]:
        loop.call_soon_threadsafe(asked.set)
        go_on.wait()
        return {}

    monkeypatch.setattr(_session, "getproxies", slowly)
    pool = SessionPool()
    call = asyncio.create_task(pool.send(request("http://127.0.0.1:1")))
    await asked.wait()
    await pool.close()
    go_on.set()
    with pytest.raises(ConnectionFailed, match="closed"):
        await call


def test_pool_of_another_loop_says_so() -> None:
    """A pool is not carried from one event loop to another."""
    pool = SessionPool()

    async def use() -> Answer:
        async with raw_server() as server:
            return await pool.send(request(server.url))

    with asyncio.Runner() as first, asyncio.Runner() as second:
        assert first.run(use()).status == 200
        with pytest.raises(ConfigurationError, match="event loop"):
            second.run(use())
        first.run(pool.close())


def test_pool_without_connections_is_refused() -> None:
    """A pool needs at least one connection."""
    with pytest.raises(ConfigurationError, match="connections"):
        SessionPool(connections=0)
