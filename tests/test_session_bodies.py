"""What attempts carry: bytes, forms and files."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import BodyPartReader, web
from wire_servers import failure_of, raw_server, request, web_server

from zohocrm_async._session import SessionPool
from zohocrm_async._wire import Form, FormFile, Request
from zohocrm_async.exceptions import (
    InvalidRequest,
    TransportError,
)


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


async def test_a_caller_who_goes_while_a_file_is_opened_leaves_none_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread cannot be cancelled: what it opens meanwhile is closed."""
    loop, begun, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    files: list[Any] = []
    open_file = Path.open

    def slowly(path: Path, mode: str) -> Any:
        files.append(open_file(path, mode))
        loop.call_soon_threadsafe(begun.set)
        go_on.wait()
        return files[0]

    path = tmp_path / "a"
    path.write_bytes(b"x")
    monkeypatch.setattr(Path, "open", slowly)
    async with SessionPool() as pool:
        form = Form((FormFile("a", path),))
        call = asyncio.create_task(pool.send(request("http://127.0.0.1:1", "POST", form)))
        await begun.wait()
        call.cancel()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert [file.closed for file in files] == [True]


@pytest.mark.parametrize("name", ["a\r\nX-Injected: 1", "", "tab\t"])
async def test_file_name_cannot_smuggle_headers(name: str) -> None:
    """A file name with a line break is refused, nothing sent."""
    async with raw_server() as server, SessionPool() as pool:
        with pytest.raises(InvalidRequest, match="file name"):
            await pool.send(request(server.url, "POST", Form((FormFile(name, b"x"),))))
    assert server.requests == []


@pytest.mark.parametrize(
    "failure", [ValueError("gone"), OSError(5, "gone"), aiohttp.ClientOSError(5, "gone")], ids=repr
)
async def test_a_stream_that_breaks_is_told_from_a_connection(failure: Exception) -> None:
    """It is not the host that failed."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one "
        raise failure

    uploads = Uploads()
    async with web_server(uploads.take) as url, SessionPool() as pool:
        told = await failure_of(pool, request(url, "POST", Form((FormFile("a.bin", pieces),))))
    assert isinstance(told, TransportError)
    assert told.sent
    assert str(told) == f"file a.bin cannot be read: {failure!r}"


async def test_a_connection_that_breaks_on_the_way_up_shows_no_url(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """aiohttp names the whole of it, if it is the writer that notices."""

    async def cut(*_: Any, **__: Any) -> None:
        raise aiohttp.ClientOSError(104, "Can not write request body for http://h/x?email=private")

    monkeypatch.setattr(aiohttp.ClientSession, "request", cut)
    async with SessionPool() as pool:
        failure = await failure_of(pool, request("http://h/x?email=private", "POST", b"x"))
    assert isinstance(failure, TransportError)
    assert "private" not in str(failure)
