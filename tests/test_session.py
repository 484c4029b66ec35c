"""One attempt on the wire, against real servers on the loopback address."""

import asyncio
import gzip
import os
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import BodyPartReader, web

from zohocrm_async._clock import ManualClock
from zohocrm_async._deadlines import Attempt
from zohocrm_async._session import SessionPool
from zohocrm_async._wire import Answer, Form, FormFile, Request
from zohocrm_async.exceptions import (
    ConfigurationError,
    ConnectionFailed,
    InvalidRequest,
    TimedOut,
    TransportError,
    UnexpectedAnswer,
    ZohoCRMError,
)
from zohocrm_async.options import Timeouts

SECRET = "1000.secret-token"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class RawServer:
    """A server that counts what arrives and answers as the script says."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.connections = 0
        self.url = ""
        self.answer: Callable[[int], bytes | None] = lambda _: OK

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                lines = head.split("\r\n")
                for line in lines:
                    name, _, value = line.partition(":")
                    if name.lower() == "content-length":
                        await reader.readexactly(int(value))
                self.requests.append(lines[0])
                answer = self.answer(len(self.requests))
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
                if b"Connection: close" in answer:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def raw_server() -> AsyncIterator[RawServer]:
    server = RawServer()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        listening.close()


@asynccontextmanager
async def web_server(
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> AsyncIterator[str]:
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def request(url: str, method: str = "GET", body: bytes | Form | None = None) -> Request:
    return Request(method, url, {"Authorization": f"Zoho-oauthtoken {SECRET}"}, body)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def failure_of(pool: SessionPool, sent: Request) -> ZohoCRMError:
    with pytest.raises(ZohoCRMError) as caught:
        await pool.send(sent)
    return caught.value


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


async def test_errors_show_neither_token_nor_query() -> None:
    """Whatever goes wrong, the traceback holds no secret and no foreign error."""
    answers: list[bytes | None] = [
        None,
        b"this is not HTTP\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 9\r\n\r\n",
    ]
    for answer in answers:
        async with raw_server() as server, SessionPool() as pool:
            server.answer = lambda _, planned=answer: planned  # type: ignore[misc]  # a default binds it
            failure = await failure_of(pool, request(f"{server.url}/x?email=private"))
        shown = "".join(traceback.format_exception(failure)) + repr(failure)
        assert SECRET not in shown
        assert "private" not in shown
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


# Proxies


async def test_given_proxy_is_used() -> None:
    """A given proxy gets the request, with the password of its URL."""
    async with raw_server() as proxy:
        address = proxy.url.replace("//", "//user:pass@")
        async with SessionPool(proxy=address) as pool:
            await pool.send(request("http://crm.invalid/path"))
    assert proxy.requests == ["GET http://crm.invalid/path HTTP/1.1"]


async def test_environment_proxy_is_used_unless_excepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY leads the way, except to the hosts of NO_PROXY."""
    async with raw_server() as proxy, raw_server() as direct:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        async with SessionPool() as pool:
            await pool.send(request("http://crm.invalid/path"))
            await pool.send(request(f"{direct.url}/near"))
    assert proxy.requests == ["GET http://crm.invalid/path HTTP/1.1"]
    assert direct.requests == ["GET /near HTTP/1.1"]


async def test_netrc_does_not_replace_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A .netrc entry for the host changes nothing."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", os.fspath(netrc))
    shown = []

    async def record(asked: web.Request) -> web.Response:
        shown.append(asked.headers["Authorization"])
        return web.Response()

    async with web_server(record) as url, SessionPool() as pool:
        await pool.send(request(url))
    assert shown == [f"Zoho-oauthtoken {SECRET}"]


async def test_refusing_proxy_means_not_sent() -> None:
    """A proxy that refuses the tunnel has passed nothing on."""
    async with raw_server() as proxy:
        proxy.answer = lambda _: (
            b"HTTP/1.1 407 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        )
        async with SessionPool(proxy=proxy.url) as pool:
            failure = await failure_of(pool, request("https://crm.invalid/path"))
    assert isinstance(failure, ConnectionFailed)
    assert not failure.sent
    assert "proxy" in str(failure)
    assert proxy.requests == ["CONNECT crm.invalid:443 HTTP/1.1"]


async def test_unreachable_proxy_keeps_its_password() -> None:
    """The error of an unreachable proxy does not show the proxy's password."""
    async with SessionPool(proxy=f"http://user:hidden@127.0.0.1:{free_port()}") as pool:
        failure = await failure_of(pool, request("http://crm.invalid/path"))
    assert isinstance(failure, ConnectionFailed)
    assert "proxy" in str(failure)
    assert "hidden" not in str(failure)


@pytest.mark.parametrize("proxy", ["socks5://user:hidden@127.0.0.1:1", "http://", "http://[x"])
def test_malformed_proxy_is_refused(proxy: str) -> None:
    """A proxy that is no http URL is refused at once, without showing its password."""
    with pytest.raises(ConfigurationError, match="proxy") as caught:
        SessionPool(proxy=proxy)
    assert "hidden" not in str(caught.value)


# Bodies


async def test_large_body_arrives_whole() -> None:
    """A body of several megabytes goes out as given, with its length."""
    bodies = []

    async def record(asked: web.Request) -> web.Response:
        bodies.append((asked.content_length, asked.content_type, await asked.read()))
        return web.Response()

    body = b"12345678" * 300_000
    headers = {"Content-Type": "application/json"}
    async with web_server(record) as url, SessionPool() as pool:
        await pool.send(Request("POST", url, headers, body))
    assert bodies == [(len(body), "application/json", body)]


class Uploads:
    """Takes multipart uploads and remembers them."""

    def __init__(self) -> None:
        self.parts: list[tuple[str | None, str | None, str | None, bytes]] = []
        self.lengths: list[int | None] = []

    async def take(self, asked: web.Request) -> web.Response:
        self.lengths.append(asked.content_length)
        async for part in await asked.multipart():
            assert isinstance(part, BodyPartReader)
            kind = part.headers.get("Content-Type")
            self.parts.append((part.name, part.filename, kind, bytes(await part.read())))
        return web.Response()


async def test_form_holds_fields_and_files(tmp_path: Path) -> None:
    """Fields, bytes, paths and streams arrive as parts, named as given."""
    path = tmp_path / "on disk"
    path.write_bytes(b"disk" * 50_000)

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    form = Form(
        files=(
            FormFile('Größe "1".txt', b"bytes" * 300_000, "text/plain"),
            FormFile("disk.bin", path),
            FormFile("stream.bin", pieces),
        ),
        fields={"type": "attachment"},
    )
    uploads = Uploads()
    async with web_server(uploads.take) as url, SessionPool() as pool:
        for _ in range(2):  # a second attempt sends the same
            await pool.send(request(url, "POST", form))
    assert uploads.parts[:4] == uploads.parts[4:]
    assert [part[:2] for part in uploads.parts[:4]] == [
        ("type", None),
        ("file", 'Größe "1".txt'),
        ("file", "disk.bin"),
        ("file", "stream.bin"),
    ]
    assert uploads.parts[0][3] == b"attachment"
    assert uploads.parts[1][2:] == ("text/plain", b"bytes" * 300_000)
    assert uploads.parts[2][3] == b"disk" * 50_000
    assert uploads.parts[3][3] == b"one two"


async def test_files_on_disk_go_out_with_their_length(tmp_path: Path) -> None:
    """Bytes and files need no chunked encoding, which some hosts refuse."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * 200_000)
    uploads = Uploads()
    async with web_server(uploads.take) as url, SessionPool() as pool:
        await pool.send(request(url, "POST", Form((FormFile("a", b"1"), FormFile("b", path)))))
    assert uploads.lengths[0] is not None
    assert uploads.lengths[0] > 200_000


async def test_missing_file_is_named_and_nothing_sent(tmp_path: Path) -> None:
    """A file that cannot be read is named before anything is sent."""
    form = Form((FormFile("a", tmp_path / "absent.pdf"),))
    async with raw_server() as server, SessionPool() as pool:
        with pytest.raises(InvalidRequest, match=r"absent\.pdf"):
            await pool.send(request(server.url, "POST", form))
    assert server.requests == []


@pytest.mark.parametrize("name", ["a\r\nX-Injected: 1", "", "tab\t"])
async def test_file_name_cannot_smuggle_headers(name: str) -> None:
    """A file name with a line break is refused, nothing sent."""
    async with raw_server() as server, SessionPool() as pool:
        with pytest.raises(InvalidRequest, match="file name"):
            await pool.send(request(server.url, "POST", Form((FormFile(name, b"x"),))))
    assert server.requests == []


async def test_stream_that_fails_half_way_may_have_been_sent() -> None:
    """A stream that breaks in the middle is a failed attempt of ours."""

    async def broken() -> AsyncIterator[bytes]:
        yield b"one"
        raise RuntimeError("the source is gone")

    uploads = Uploads()
    async with web_server(uploads.take) as url, SessionPool() as pool:
        failure = await failure_of(pool, request(url, "POST", Form((FormFile("a", broken),))))
    assert isinstance(failure, TransportError)
    assert failure.sent
