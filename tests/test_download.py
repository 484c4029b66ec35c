"""Downloads: whole files where they belong, or nothing at all."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

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
        ("attachment", "download"),
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


@pytest.mark.parametrize("status", [204, 304, 404, 500])
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
