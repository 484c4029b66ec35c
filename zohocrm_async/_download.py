"""A download on its way to a file or to memory: whole, or nothing."""

import contextlib
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path, PureWindowsPath
from secrets import token_hex
from typing import IO, ParamSpec, TypeVar

from attrs import evolve

from zohocrm_async._threads import in_thread
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.files import Download

T = TypeVar("T")
P = ParamSpec("P")

# What goes to the disk at once: a thread for every packet would cost more than the packet.
_PIECE = 2**20
_NAMELESS = "download"
_MOST_BYTES = 255


class Spool:
    """Where the download of one attempt goes.

    A file is written beside its place and moved there when it is whole; in a directory
    it has the name that the service sends. Without a place it stays in memory.
    """

    def __init__(self, to: Path | None) -> None:
        self._to = to
        self._file: IO[bytes] | None = None

    async def open(self) -> None:
        """Make sure that the file can be written, before anything is asked for.

        Raises:
            InvalidRequest: it cannot.
        """
        if self._to is not None:
            await self._thread(self._begin, self._to)

    async def take(
        self, pieces: AsyncIterator[bytes], *, name: str | None, content_type: str | None
    ) -> Download:
        """Take in all *pieces* and put the file where it belongs."""
        waiting, size = bytearray(), 0
        async for piece in pieces:
            size += len(piece)
            waiting += piece
            if self._file is not None and len(waiting) >= _PIECE:
                await self._thread(self._file.write, waiting)
                waiting.clear()
        file = Download(name=_clean(name), content_type=content_type, size=size)
        if self._to is None or self._file is None:
            return evolve(file, content=bytes(waiting))
        name = file.name or _NAMELESS
        place = await self._thread(_finish, self._file, bytes(waiting), self._to, name)
        self._file = None
        return evolve(file, path=place)

    async def close(self) -> None:
        """Leave nothing behind of a download that did not end well."""
        file, self._file = self._file, None
        if file is not None:
            await in_thread(None, partial(_discard, file))

    def _begin(self, to: Path) -> None:
        # Kept by the thread itself: who waits for it may be cancelled.
        folder = to if to.is_dir() else to.parent
        # Who may read it is for the umask to say; tempfile would make it the owner's alone.
        self._file = (folder / f".{token_hex(8)}.part").open("xb")

    async def _thread(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await in_thread(None, partial(work, *args, **kwargs))
        except OSError as failure:
            problem = f"{self._to} cannot be written: {failure.strerror}"
        raise InvalidRequest(problem)


def _finish(file: IO[bytes], rest: bytes, to: Path, name: str) -> Path:
    with file:
        file.write(rest)
    place = to / _short(name) if to.is_dir() else to
    return Path(file.name).replace(place)


def _discard(file: IO[bytes]) -> None:
    with contextlib.suppress(OSError):
        file.close()
    Path(file.name).unlink(missing_ok=True)


def _short(name: str) -> str:
    """Return *name* cut to what file systems take, with its ending."""
    stem, dot, ending = name.rpartition(".")
    tail = (dot + ending).encode()[-_MOST_BYTES:]
    head = stem.encode()[: _MOST_BYTES - len(tail)]
    return head.decode(errors="ignore") + tail.decode(errors="ignore")


def _clean(name: str | None) -> str | None:
    """Return the last part of *name*, which comes over the network, or None."""
    last = PureWindowsPath(name or "").name  # which knows the separators of all systems, and drives
    return last if last.isprintable() and last not in {"", ".", ".."} else None
