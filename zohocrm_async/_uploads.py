"""Files on their way up: checked before anything is sent."""

import asyncio
import errno
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

from zohocrm_async._wire import Form, FormFile
from zohocrm_async.exceptions import InvalidRequest

MEGABYTE = 1024 * 1024
# How the images begin that records and organisations take for photos.
_IMAGES: Mapping[str, bytes] = {
    "PNG": b"\x89PNG\r\n\x1a\n",
    "JPEG": b"\xff\xd8\xff",
    "GIF": b"GIF8",
    "BMP": b"BM",
}
_BEGINNINGS = tuple(_IMAGES.values())
_LONGEST_BEGINNING = max(map(len, _BEGINNINGS))


async def form_of(
    files: Sequence[Path | FormFile],
    *,
    operation: str,
    most: int = 1,
    largest: int | None = None,
    images: bool = False,
) -> Form:
    """Return the form that uploads *files*, each streamed when it is sent.

    Args:
        files: paths, or files with a name of their own.
        operation: what is called.
        most: how many files one call takes.
        largest: bytes that each may have.
        images: whether they have to be images.

    Raises:
        InvalidRequest: a file is missing or too large, is no image or no file at all,
            or too many are given.
    """
    parts = _parts(files, operation)
    problems = [] if 1 <= len(parts) <= most else [_count(len(parts), most)]
    problems += await asyncio.to_thread(_problems, parts, largest, images=images)
    if problems:
        raise InvalidRequest(tuple(problems), operation=operation)
    return Form(tuple(parts))


def _parts(files: object, operation: str) -> list[FormFile]:
    """Return *files* as they go up; refuse what is none."""
    if isinstance(files, str | bytes) or not isinstance(files, Iterable):
        problem = f"{_shown(files)} is no list of files: give a list, even of one"
        raise InvalidRequest(problem, operation=operation)
    given: list[Any] = [*files]
    parts = [FormFile(file.name, file) if isinstance(file, Path) else file for file in given]
    problems = tuple(
        f"{_shown(part)} is no file: give a pathlib.Path, or a zohocrm_async.FormFile"
        if not isinstance(part, FormFile)
        else f"the content of {part.name} is {_shown(part.content)}: give bytes, a pathlib.Path "
        "or a function that begins a stream"
        for part in parts
        if not (isinstance(part, FormFile) and _is_content(part.content))
    )
    if problems:
        raise InvalidRequest(problems, operation=operation)
    return parts


def _is_content(value: object) -> bool:
    return isinstance(value, bytes | Path) or callable(value)


def _shown(value: object) -> str:
    return (
        f"{value!r:.80}" if isinstance(value, str) else f"an object of type {type(value).__name__}"
    )


def _count(given: int, most: int) -> str:
    allowed = "1" if most == 1 else f"1 to {most}"
    return f"{given} files given: one call takes {allowed}"


def _problems(parts: Sequence[FormFile], largest: int | None, *, images: bool) -> list[str]:
    found: list[str] = []
    for part in parts:
        try:
            size, beginning = _measure(part.content)
        except OSError as failure:
            found.append(f"{part.content!s} is no file that can be read: {failure.strerror}")
            continue
        if largest is not None and size > largest:
            found.append(f"{part.name} has {size} bytes: {largest} at most")
        if images and beginning is not None and not beginning.startswith(_BEGINNINGS):
            found.append(f"{part.name} is no image: give a {', '.join(_IMAGES)} file")
    return found


def _measure(content: object) -> tuple[int, bytes | None]:
    """Return the size and how it begins; 0 and None of what is streamed from elsewhere."""
    if isinstance(content, bytes):
        return len(content), content[:_LONGEST_BEGINNING]
    if not isinstance(content, Path):
        return 0, None
    found = content.stat()
    if not (S_ISREG(found.st_mode) or S_ISDIR(found.st_mode)):
        # To open a pipe may take for ever.
        raise OSError(errno.EINVAL, "It is a pipe or a device", str(content))
    with content.open("rb") as file:
        return found.st_size, file.read(_LONGEST_BEGINNING)
