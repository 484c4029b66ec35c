"""Rows of the CSV file in a ZIP archive, read and written piece by piece.

Neither the archive nor the file in it is ever in memory as a whole: rows are read a
block at a time, in a thread, when somebody asks for them.
"""

import csv
import io
import tempfile
import zipfile
import zlib
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

from zohocrm_async._threads import in_thread
from zohocrm_async.exceptions import ArchiveUnreadable

T = TypeVar("T")
_BLOCK = 1_000
# What the standard library raises of archives that are cut short, damaged or locked.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    csv.Error,
)


class Table:
    """The open CSV file of an archive: its columns, and its rows in blocks."""

    def __init__(self, name: str, source: Path | BinaryIO) -> None:
        self.name = name
        self.rows = 0
        """Rows that were read so far."""
        try:
            self._archive = zipfile.ZipFile(source)
        except _DAMAGE as damage:
            raise self._unreadable("it is no whole ZIP archive") from damage
        try:
            self._lines = csv.reader(self._open())
            self.columns = tuple(self._next() or ())
        except BaseException:
            self.close()
            raise

    def _open(self) -> io.TextIOWrapper:
        members = [m for m in self._archive.infolist() if not m.is_dir()]
        tables = [m for m in members if m.filename.lower().endswith(".csv")]
        if len(tables) != 1:
            held = ", ".join(member.filename for member in members[:5]) or "nothing"
            raise self._unreadable(f"it should hold one CSV file and holds {held}")
        try:
            stream = self._archive.open(tables[0])
        except _DAMAGE as damage:
            raise self._unreadable(f"{tables[0].filename} cannot be opened") from damage
        # With a byte order mark or without; line ends within values stay as they are.
        return io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")

    def _next(self) -> list[str] | None:
        try:
            return next(self._lines, None)
        except UnicodeDecodeError as error:
            raise self._unreadable("the file is not UTF-8") from error
        except _DAMAGE as damage:
            raise self._unreadable("it is cut short or damaged") from damage

    def block(self, convert: Callable[[Sequence[str]], T], size: int = _BLOCK) -> list[T]:
        """Return the next rows, converted; none at the end.

        Raises:
            ArchiveUnreadable: the archive is damaged, not UTF-8, or a row too short.
        """
        found: list[T] = []
        width = len(self.columns)
        while len(found) < size and (row := self._next()) is not None:
            if not row:
                continue  # an empty line at the end
            if len(row) != width:
                raise self._unreadable(f"a row has {len(row)} values for {width} columns")
            found.append(convert(row))
            self.rows += 1
        return found

    def close(self) -> None:
        """Close the archive."""
        self._archive.close()

    def _unreadable(self, reason: str) -> ArchiveUnreadable:
        return ArchiveUnreadable(self.name, reason, rows=self.rows)


@asynccontextmanager
async def open_table(source: Path | bytes) -> AsyncGenerator[Table]:
    """Open the CSV file of an archive, given by its path or as its bytes.

    Raises:
        ArchiveUnreadable: it is no archive, or holds no CSV file.
    """
    if isinstance(source, bytes):
        name, opened = "the archive", io.BytesIO(source)
        table = await in_thread(None, lambda: Table(name, opened))
    else:
        table = await in_thread(None, lambda: Table(source.name, source))
    try:
        yield table
    finally:
        await in_thread(None, table.close)


async def read_blocks(
    table: Table, convert: Callable[[Sequence[str]], T]
) -> AsyncGenerator[Sequence[T]]:
    """Yield the rows of *table* in blocks, each row by *convert*, which runs in a thread.

    A block is read when the one before it is used up, so that a slow reader holds no
    more than one.

    Raises:
        ArchiveUnreadable: as it goes; ``rows`` were read before.
    """
    while block := await in_thread(None, lambda: table.block(convert)):
        yield block


def write_table(
    path: Path, name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]
) -> int:
    """Write a ZIP archive with one CSV file called *name*; return the archive's bytes.

    It blocks: call it in a thread.
    """
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name, "w", force_zip64=True) as member,
        io.TextIOWrapper(member, encoding="utf-8", newline="") as text,
    ):
        writer = csv.writer(text)
        writer.writerow(columns)
        writer.writerows(rows)
    return path.stat().st_size


@asynccontextmanager
async def folder() -> AsyncGenerator[Path]:
    """Make a temporary folder, which is gone afterwards with all that is in it."""
    made = await in_thread(None, lambda: tempfile.TemporaryDirectory(prefix="zohocrm-"))
    try:
        yield Path(made.name)
    finally:
        await in_thread(None, made.cleanup)
