"""Downloads: whole files where they belong, or nothing at all."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from wire_servers import web_server

from zohocrm_async._download import Spool
from zohocrm_async._session import SessionPool
from zohocrm_async._wire import Answer, Request
from zohocrm_async.exceptions import InvalidRequest, UnexpectedAnswer
from zohocrm_async.models.files import Download

LARGE = bytes(range(256)) * 12_000
NAMED = {"Content-Disposition": "attachment;filename*=UTF-8''Gr%C3%B6%C3%9Fe.bin"}


def server_of(response: web.Response) -> AbstractAsyncContextManager[str]:
    async def answer(_: web.Request) -> web.Response:
        return response

    return web_server(answer)


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def fetch(url: str, to: Path | None = None) -> Answer:
    async with SessionPool() as pool:
        return await pool.send(Request("GET", url, {}, to=to, download=True))


async def test_a_file_has_the_name_it_is_given(tmp_path: Path) -> None:
    """It is on the disk in full, and nothing else is."""
    async with server_of(web.Response(body=LARGE, headers=NAMED)) as url:
        answer = await fetch(url, tmp_path / "mine.bin")
    expected = Download("Größe.bin", "application/octet-stream", len(LARGE), tmp_path / "mine.bin")
    assert (answer.download, answer.body) == (expected, b"")
    assert files_in(tmp_path) == {"mine.bin": LARGE}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("attachment;filename=a.pdf", "a.pdf"),
        ('attachment;filename="../../a.pdf"', "a.pdf"),
        ('attachment;filename="..\\\\a.pdf"', "a.pdf"),
        ('attachment;filename=".."', "download"),
        ('attachment;filename="C:a.pdf"', "a.pdf"),
        ('attachment;filename="C:"', "download"),
        ('attachment;filename="10:30.pdf"', "10:30.pdf"),
        ("attachment", "download"),
        ("attachment;filename*=nothing''%ff", "download"),
        ("attachment;filename=", "download"),
        (f"attachment;filename*=UTF-8''{'%E3%81%82' * 90}.pdf", "あ" * 83 + ".pdf"),
    ],
)
async def test_in_a_folder_it_has_the_name_that_is_sent(
    tmp_path: Path, sent: str, kept: str
) -> None:
    """But never one that leads out of the folder."""
    headers = {"Content-Disposition": sent}
    async with server_of(web.Response(body=b"x", headers=headers)) as url:
        answer = await fetch(url, tmp_path)
    assert answer.download is not None
    assert answer.download.path == tmp_path / kept
    assert files_in(tmp_path) == {kept: b"x"}


async def test_without_a_place_it_stays_in_memory() -> None:
    async with server_of(web.Response(body=b"abc", content_type="text/csv")) as url:
        answer = await fetch(url)
    assert answer.download == Download(None, "text/csv", 3, content=b"abc")
    assert "abc" not in repr(answer)


@pytest.mark.parametrize("status", [202, 204, 206, 304, 404, 500])
async def test_an_answer_that_is_no_file_is_read_as_ever(tmp_path: Path, status: int) -> None:
    """And leaves no file."""
    body = None if status in {204, 304} else b"{}"
    async with server_of(web.Response(status=status, body=body)) as url:
        answer = await fetch(url, tmp_path / "x")
    assert (answer.status, answer.download, answer.body) == (status, None, body or b"")
    assert not files_in(tmp_path)


async def test_a_file_cut_short_leaves_what_was_there(tmp_path: Path) -> None:
    """A half download never takes the place of a whole one."""
    place = tmp_path / "kept"
    place.write_bytes(b"before")

    async def cut(asked: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "9000"})
        await response.prepare(asked)
        await response.write(b"half")
        assert asked.transport is not None
        asked.transport.close()
        return response

    async with web_server(cut) as url:
        with pytest.raises(UnexpectedAnswer):
            await fetch(url, place)
    assert files_in(tmp_path) == {"kept": b"before"}


async def test_a_place_that_is_not_there_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response()

    async with web_server(answer) as url:
        with pytest.raises(InvalidRequest, match="nowhere/x cannot be written: No such file"):
            await fetch(url, tmp_path / "nowhere" / "x")
    assert not asked


async def test_a_reader_that_stops_leaves_nothing(tmp_path: Path) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"x"
        raise ZeroDivisionError

    spool = Spool(tmp_path / "x")
    await spool.open()
    with pytest.raises(ZeroDivisionError):
        await spool.take(pieces(), name=None, content_type=None)
    await spool.close()
    assert not files_in(tmp_path)


async def test_a_caller_who_goes_while_the_file_is_made_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread cannot be cancelled: what it makes meanwhile is taken away again."""
    loop, begun, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    make = Path.open

    def slowly(path: Path, mode: str) -> Any:
        file = make(path, mode)
        loop.call_soon_threadsafe(begun.set)
        go_on.wait()
        return file

    monkeypatch.setattr(Path, "open", slowly)
    call = asyncio.create_task(fetch("http://127.0.0.1:1/x", tmp_path / "x"))
    await begun.wait()
    call.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not files_in(tmp_path)


async def test_a_file_that_cannot_be_written_costs_no_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes still is not read to its end: the next call has the only connection."""
    make = Path.open

    def read_only(path: Path, mode: str) -> Any:
        make(path, mode).close()
        return make(path, "rb", buffering=0)

    async def answer(asked: web.Request) -> web.Response:
        return web.Response(body=LARGE if asked.path == "/file" else b"{}")

    async with web_server(answer) as url, SessionPool(connections=1) as pool:
        with monkeypatch.context() as patch:
            patch.setattr(Path, "open", read_only)
            with pytest.raises(InvalidRequest, match="cannot be written") as caught:
                await pool.send(Request("GET", f"{url}/file", {}, to=tmp_path / "x", download=True))
        # The error, and with it all that its frames hold, is still there.
        assert caught.value.problems
        assert (await asyncio.wait_for(pool.send(Request("GET", url, {})), 5)).body == b"{}"
    assert not files_in(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="there is no umask")
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600)])
async def test_who_may_read_it_is_for_the_umask_to_say(
    tmp_path: Path, umask: int, mode: int
) -> None:
    """As for any file that the program makes."""
    before = os.umask(umask)
    try:
        async with server_of(web.Response(body=b"x")) as url:
            await fetch(url, tmp_path / "x")
    finally:
        os.umask(before)
    assert (tmp_path / "x").stat().st_mode & 0o777 == mode
