"""A form as aiohttp sends it, made anew for each attempt."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import aiohttp

from zohocrm_async._threads import in_thread
from zohocrm_async._wire import Form, FormFile
from zohocrm_async.exceptions import InvalidRequest


class SourceFailed(Exception):
    """A stream that a body is read from broke; the connection did not."""


@asynccontextmanager
async def multipart(form: Form) -> AsyncGenerator[aiohttp.FormData, None]:
    """Yield the body of one attempt; its files are open meanwhile."""
    # Names go out as a browser sends them: percent signs would stay in the
    # name that the recipient of the file sees.
    data = aiohttp.FormData(quote_fields=False, default_to_multipart=True)
    for name, value in form.fields.items():
        data.add_field(name, value)
    async with AsyncExitStack() as opened:
        for file in form.files:
            content = await _content(file, opened)
            name = _printable(file.name)
            data.add_field("file", content, filename=name, content_type=file.content_type)
        yield data


async def _content(file: FormFile, opened: AsyncExitStack) -> Any:
    content = file.content
    if isinstance(content, bytes):
        return BytesIO(content)
    if not isinstance(content, Path):
        return _told(file.name, content())
    # aiohttp reads an open file piece by piece in threads, and knows its
    # length, so that the request needs no chunked encoding.
    try:
        return await in_thread(None, partial(_open, content, opened))
    except OSError as failure:
        problem = f"file {content} cannot be read: {failure.strerror}"
    raise InvalidRequest(problem)


async def _told(name: str, pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """Yield *pieces*, and say so where it is they that fail."""
    try:
        async for piece in pieces:
            yield piece
    except Exception as failure:
        raise SourceFailed(f"file {name} cannot be read: {failure!r}") from failure


def _open(path: Path, opened: AsyncExitStack) -> BinaryIO:
    stream = path.open("rb")
    # Noted by the thread itself: who waits for it may be cancelled.
    opened.push_async_callback(asyncio.to_thread, stream.close)
    return stream


def _printable(name: str) -> str:
    if not name or not name.isprintable():
        raise InvalidRequest(f"file name {name!r} is empty or holds a control character")
    return name
