"""Attempts that come to nothing: how far each got is told."""

import asyncio
import gzip
import socket

import pytest
from aiohttp import web
from wire_servers import (
    OK,
    failure_of,
    free_port,
    raw_server,
    request,
    web_server,
)

from zohocrm_async import _session
from zohocrm_async._clock import ManualClock
from zohocrm_async._deadlines import Attempt
from zohocrm_async._session import SessionPool
from zohocrm_async._wire import Request
from zohocrm_async.exceptions import (
    ConfigurationError,
    ConnectionFailed,
    InvalidRequest,
    TimedOut,
    UnexpectedAnswer,
)
from zohocrm_async.options import Timeouts


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST", "PATCH"])
async def test_dead_kept_connection_is_not_retried(method: str) -> None:
    """A call on a connection that dies is sent once, whatever its method."""
    async with raw_server() as server, SessionPool() as pool:
        server.answer = lambda count: OK if count == 1 else None
        await pool.send(request(server.url, "GET"))
        sent: list[None] = []
        with pytest.raises(ConnectionFailed) as caught:
            await pool.send(request(server.url, method, b"x"), on_sent=lambda: sent.append(None))
        assert caught.value.sent
        assert len(sent) == 1
        assert [line.split()[0] for line in server.requests] == ["GET", method]
        server.answer = lambda _: OK
        assert (await pool.send(request(server.url))).status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_reset_connection_is_not_retried(method: str) -> None:
    """A reset in place of an answer is one attempt, too."""
    resets = 0

    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal resets
        await reader.readuntil(b"\r\n\r\n")
        resets += 1
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        writer.transport.abort()

    listening = await asyncio.start_server(reset, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with SessionPool() as pool:
        failure = await failure_of(pool, request(f"http://127.0.0.1:{port}", method))
    listening.close()
    assert isinstance(failure, ConnectionFailed)
    assert failure.sent
    assert resets == 1


async def test_unreachable_host_means_not_sent() -> None:
    """A refused connection is certain not to have reached anybody."""
    async with SessionPool() as pool:
        failure = await failure_of(pool, request(f"http://127.0.0.1:{free_port()}/x"))
    assert isinstance(failure, ConnectionFailed)
    assert not failure.sent
    assert "127.0.0.1" in str(failure)


async def test_unknown_host_is_named() -> None:
    """A host without an address is named in the error."""
    async with SessionPool() as pool:
        failure = await failure_of(pool, request("https://nowhere.invalid/crm"))
    assert isinstance(failure, ConnectionFailed)
    assert "nowhere.invalid" in str(failure)
    assert not failure.sent


@pytest.mark.parametrize("host", ["a..example", f"{'a' * 64}.example", "xn--a.invalid"])
async def test_what_is_no_name_of_a_host_is_named(host: str) -> None:
    """Whoever finds that out, the error is ours."""
    async with SessionPool() as pool:
        failure = await failure_of(pool, request(f"https://{host}/crm"))
    assert isinstance(failure, ConfigurationError | ConnectionFailed)
    assert host in str(failure)


async def test_host_that_hangs_up_before_tls_says_so() -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.close()

    listening = await asyncio.start_server(deaf, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with SessionPool() as pool:
        failure = await failure_of(pool, request(f"https://127.0.0.1:{port}"))
    listening.close()
    assert isinstance(failure, ConnectionFailed)
    assert not failure.sent
    assert str(failure).partition(": ")[2]


async def test_host_without_tls_is_a_failed_connection() -> None:
    """A host that speaks no TLS where it should was not reached."""

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(OK)
        writer.close()

    listening = await asyncio.start_server(plain, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    async with SessionPool() as pool:
        failure = await failure_of(pool, request(f"https://127.0.0.1:{port}"))
    listening.close()
    assert isinstance(failure, ConnectionFailed)
    assert not failure.sent


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/x", "http:///x", "nonsense"])
async def test_url_of_another_kind_is_refused(url: str) -> None:
    """A base that is no http or https URL is a wrong setting."""
    async with SessionPool() as pool:
        assert isinstance(await failure_of(pool, request(url)), ConfigurationError)


@pytest.mark.parametrize("path", ["/a b", "/ü", "/a\r\nHost: evil", "/a\x00", "/\u2028"])
async def test_url_that_is_not_encoded_is_refused(path: str) -> None:
    """Nothing that could break out of the request line is sent."""
    async with raw_server() as server, SessionPool() as pool:
        with pytest.raises(InvalidRequest, match="percent-encoded"):
            await pool.send(request(f"{server.url}{path}"))
        with pytest.raises(InvalidRequest, match="broken host"):
            await pool.send(request("http://[/x"))
    assert server.requests == []


async def test_silent_host_times_out_as_sent() -> None:
    """No answer within the read timeout is a TimedOut that may have acted."""
    release = asyncio.Event()

    async def silent(_: web.Request) -> web.Response:
        await release.wait()
        return web.Response()

    async with web_server(silent) as url, SessionPool(timeouts=Timeouts(read=0.05)) as pool:
        failure = await failure_of(pool, request(url, "POST"))
        release.set()
    assert isinstance(failure, TimedOut)
    assert failure.sent
    assert "Timeouts.read" in str(failure)


async def test_silence_is_told_by_the_clock() -> None:
    """The time that a short request waits for its answer is the injected clock's."""
    clock, asked, release = ManualClock(), asyncio.Event(), asyncio.Event()

    async def silent(_: web.Request) -> web.Response:
        asked.set()
        await release.wait()
        return web.Response()

    async with web_server(silent) as url, SessionPool(clock=clock) as pool:
        call = asyncio.create_task(pool.send(request(url, "POST", b"{}")))
        await asked.wait()
        clock.advance(Timeouts().read)
        with pytest.raises(TimedOut, match=r"Timeouts\.read") as caught:
            await call
        release.set()
        assert caught.value.sent
        assert caught.value.__context__ is None
        assert (await pool.send(request(url))).status == 200


async def test_pieces_that_come_in_time_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer in pieces may take longer than one piece may."""
    clock, heard, go_on = ManualClock(), asyncio.Semaphore(0), asyncio.Semaphore(0)
    hear = Attempt.hear

    def tell(attempt: Attempt) -> None:
        hear(attempt)
        heard.release()

    async def pieces(asker: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(asker)
        for _ in range(6):
            await response.write(b"piece ")
            await go_on.acquire()
        return response

    monkeypatch.setattr(Attempt, "hear", tell)
    async with web_server(pieces) as url, SessionPool(clock=clock) as pool:
        call = asyncio.create_task(pool.send(request(url)))
        for _ in ("sent", "headers"):
            await heard.acquire()
        for _ in range(6):
            await heard.acquire()
            clock.advance(Timeouts().read * 0.4)
            go_on.release()
        assert (await call).body == b"piece " * 6


async def test_long_request_times_out_as_well() -> None:
    """The answer to a request that takes its time to leave is not waited for in vain."""
    release = asyncio.Event()

    async def silent(_: web.Request) -> web.Response:
        await release.wait()
        return web.Response()

    async with web_server(silent) as url, SessionPool(timeouts=Timeouts(read=0.05)) as pool:
        failure = await failure_of(pool, request(url, "POST", b"x" * 200_000))
        release.set()
    assert isinstance(failure, TimedOut)
    assert "Timeouts.read" in str(failure)


async def test_trickling_host_times_out_in_total() -> None:
    """An answer that never ends is cut off by the total timeout."""

    async def trickle(asked: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(asked)
        try:
            while True:
                await response.write(b" ")
                await asyncio.sleep(0.01)
        except ConnectionError:
            return response

    async with web_server(trickle) as url, SessionPool(timeouts=Timeouts(total=0.1)) as pool:
        failure = await failure_of(pool, request(url))
    assert isinstance(failure, TimedOut)
    assert "Timeouts.total" in str(failure)


async def test_connect_timeout_means_not_sent() -> None:
    """A host that accepts no connection in time is certain not to have acted."""
    # Its queue of connections is full, so that another one is left hanging.
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in (first, second):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        async with SessionPool(timeouts=Timeouts(connect=0.1)) as pool:
            failure = await failure_of(pool, request(url))
    assert isinstance(failure, TimedOut)
    assert not failure.sent
    assert "Timeouts.connect" in str(failure)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\nplain",
        b"this is not HTTP\r\nConnection: close\r\n\r\n",
    ],
    ids=["short", "chunk cut", "no gzip", "no HTTP"],
)
async def test_broken_answer_is_unexpected(answer: bytes) -> None:
    """A body cut short or undecodable is an UnexpectedAnswer, sent."""
    async with raw_server() as server, SessionPool() as pool:
        server.answer = lambda _: answer
        failure = await failure_of(pool, request(server.url))
    assert isinstance(failure, UnexpectedAnswer)
    assert failure.sent
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        (b"X: y\r\n" * 1000, "Too many headers"),
        (b"X: " + b"y" * 9000 + b"\r\n", "more than 8190 bytes"),
        (b"Content-Length: -2\r\n", "Content-Length"),
        (b"no colon\r\n", "header"),
    ],
    ids=["many", "long", "negative", "no header"],
)
async def test_what_is_wrong_with_an_answer_is_told(head: bytes, reason: str) -> None:
    async with raw_server() as server, SessionPool() as pool:
        server.answer = lambda _: b"HTTP/1.1 200 OK\r\nConnection: close\r\n" + head + b"\r\n"
        failure = await failure_of(pool, request(server.url))
    assert isinstance(failure, UnexpectedAnswer)
    assert reason in str(failure)


async def test_answer_beyond_measure_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes may unpack to all the memory there is."""
    monkeypatch.setattr(_session, "_MOST", 2**20)

    async def bomb(_: web.Request) -> web.Response:
        packed = gzip.compress(b" " * 2**21)
        return web.Response(body=packed, headers={"Content-Encoding": "gzip"})

    async with web_server(bomb) as url, SessionPool() as pool:
        failure = await failure_of(pool, request(url))
    assert isinstance(failure, UnexpectedAnswer)
    assert "more than 1 MB" in str(failure)


async def test_file_that_does_not_begin_times_out() -> None:
    """A file may take its time; what comes before it may not."""
    clock, asked, release = ManualClock(), asyncio.Event(), asyncio.Event()

    async def silent(_: web.Request) -> web.Response:
        asked.set()
        await release.wait()
        return web.Response()

    async with web_server(silent) as url, SessionPool(clock=clock) as pool:
        call = asyncio.create_task(pool.send(Request("GET", url, {}, download=True)))
        await asked.wait()
        clock.advance(Timeouts().read)
        with pytest.raises(TimedOut, match=r"Timeouts\.read"):
            async with asyncio.timeout(5):
                await call
        release.set()
