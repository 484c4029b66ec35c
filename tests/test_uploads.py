"""Files on their way up: what is refused before anything is sent."""

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from zohocrm_async._uploads import form_of
from zohocrm_async._wire import FormFile
from zohocrm_async.exceptions import InvalidRequest

PNG = b"\x89PNG\r\n\x1a\n"


async def problems(*files: Path | FormFile, **rules: Any) -> tuple[str, ...]:
    """Return what is wrong with *files*."""
    try:
        await form_of(files, operation="photos.upload", **rules)
    except InvalidRequest as refused:
        return refused.problems
    return ()


async def test_a_path_goes_up_under_its_own_name(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_bytes(b"abc")
    form = await form_of([source], operation="files.upload")
    assert form.files == (FormFile("a.txt", source),)


async def test_a_refusal_names_the_call() -> None:
    with pytest.raises(InvalidRequest) as refused:
        await form_of([], operation="files.upload")
    assert refused.value.operation == "files.upload"


async def test_a_stream_is_taken_unread() -> None:
    """It can be read once only, when it is sent."""

    async def pieces() -> AsyncIterator[bytes]:
        raise AssertionError("read too early")
        yield b""

    file = FormFile("a.png", pieces)
    assert (await form_of([file], operation="photos.upload", images=True)).files == (file,)


async def test_every_problem_is_told(tmp_path: Path) -> None:
    missing = tmp_path / "missing.txt"
    large = FormFile("large.txt", b"x" * 11)
    assert await problems(missing, large, tmp_path, most=2, largest=10) == (
        "3 files given: one call takes 1 to 2",
        f"{missing} is no file that can be read: No such file or directory",
        "large.txt has 11 bytes: 10 at most",
        f"{tmp_path} is no file that can be read: Is a directory",
    )


@pytest.mark.parametrize("count", [0, 2])
async def test_one_file_is_one_file(count: int) -> None:
    found = await problems(*[FormFile("a", b"x")] * count)
    assert found == (f"{count} files given: one call takes 1",)


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("a.pdf", "'a.pdf'"),
        (b"bytes", "an object of type bytes"),
        (None, "an object of type NoneType"),
        ([], "an object of type list"),
    ],
)
async def test_what_is_no_file_is_told_what_is_one(file: Any, shown: str) -> None:
    way_out = "give a pathlib.Path, or a zohocrm_async.FormFile"
    assert await problems(file) == (f"{shown} is no file: {way_out}",)


@pytest.mark.parametrize(
    ("files", "shown"),
    [
        ("a.pdf", "'a.pdf'"),
        (FormFile("a.pdf", b""), "an object of type FormFile"),
        (b"bytes", "an object of type bytes"),
        (None, "an object of type NoneType"),
    ],
)
async def test_a_list_of_one_file_is_a_list(files: Any, shown: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        await form_of(files, operation="files.upload")
    assert str(refused.value) == f"{shown} is no list of files: give a list, even of one"
    assert refused.value.operation == "files.upload"


@pytest.mark.parametrize(
    ("content", "shown"), [("text", "'text'"), (None, "an object of type NoneType")]
)
async def test_content_that_cannot_be_sent_is_named(content: Any, shown: str) -> None:
    way_out = "give bytes, a pathlib.Path or a function that begins a stream"
    assert await problems(FormFile("a.txt", content)) == (
        f"the content of a.txt is {shown}: {way_out}",
    )


@pytest.mark.skipif(sys.platform == "win32", reason="there are no named pipes in folders")
async def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    """Nobody may ever write to it, and no thread could be called back."""
    os.mkfifo(tmp_path / "pipe")
    [told] = await problems(tmp_path / "pipe")
    assert told == f"{tmp_path / 'pipe'} is no file that can be read: It is a pipe or a device"


@pytest.mark.parametrize("beginning", [PNG, b"\xff\xd8\xff\xe0", b"GIF89a", b"BM6"])
async def test_an_image_is_told_by_how_it_begins(tmp_path: Path, beginning: bytes) -> None:
    source = tmp_path / "photo"
    source.write_bytes(beginning + b"...")
    assert await problems(source, images=True) == ()
    assert await problems(FormFile("photo", beginning), images=True) == ()


@pytest.mark.parametrize("content", [b"", b"text", b"%PDF-1.4", PNG[1:]])
async def test_anything_else_is_no_image(content: bytes) -> None:
    assert await problems(FormFile("a.png", content), images=True) == (
        "a.png is no image: give a PNG, JPEG, GIF, BMP file",
    )


async def test_what_is_no_image_may_go_where_no_image_is_asked_for() -> None:
    assert await problems(FormFile("a.txt", b"text"), largest=4) == ()


async def test_a_file_whose_content_cannot_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system names it where it cannot be opened, and not afterwards."""

    def broken(path: Path, mode: str) -> Any:
        raise OSError(5, "Input/output error")

    source = tmp_path / "a.txt"
    source.write_bytes(b"abc")
    monkeypatch.setattr(Path, "open", broken)
    assert await problems(source) == (f"{source} is no file that can be read: Input/output error",)
