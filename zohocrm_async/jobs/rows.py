"""The input of a job, read as a stream: files, iterables, async iterables."""

import contextlib
import csv
import hashlib
from collections import Counter
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, cast

import orjson
from attrs import frozen

from zohocrm_async._threads import in_thread
from zohocrm_async.exceptions import InvalidRequest

Values = Mapping[str, Any]
Source = str | Path | Iterable[Values] | AsyncIterable[Values]
"""A file (``.jsonl``, ``.ndjson``: one JSON object a line; else CSV), or mappings."""

_CHUNK = 200
_JSON_LINES = frozenset({".jsonl", ".ndjson"})
_NO_VALUES: Values = {}


@frozen
class Row:
    """One row of the input."""

    position: int
    """From 1; the header and empty lines do not count."""
    values: Values
    problem: str | None = None
    """What kept the row from being read."""

    def text(self, column: str) -> str:
        """Return the column's value without the blanks around it; none is ""."""
        value = self.values.get(column)
        return "" if value is None else str(value).strip()


@contextlib.asynccontextmanager
async def open_rows(
    source: Source, needed: Mapping[str, str], *, skip: int = 0
) -> AsyncGenerator[AsyncIterator[Row], None]:
    """Open *source*, see that the *needed* columns are there, and hand out its rows.

    Args:
        source: the input.
        needed: the columns that must be there, each with the option that names another;
            or with "", if texts name it: a row that lacks it is refused by itself, unless
            the header of a file shows that all rows do.
        skip: rows at the beginning that nobody waits for.

    Raises:
        InvalidRequest: a needed column is missing, or the file cannot be read.
    """
    if isinstance(source, str | Path):
        path = Path(source)
        read = _json_rows if path.suffix.lower() in _JSON_LINES else _csv_rows
        stream = _from_thread(read(path, needed, skip))
    else:
        stream = _numbered(source, skip)
    async with contextlib.aclosing(stream):
        first = await anext(stream, None)
        if first is not None and first.problem is None:
            _check(first.values, {name: option for name, option in needed.items() if option})
        rows = _chained(first, stream)
        async with contextlib.aclosing(rows):
            yield rows


def repeatable(source: Source) -> bool:
    """Whether *source* can be read more than once."""
    return not isinstance(source, Iterator | AsyncIterator)


def file_of(source: Source) -> Path | None:
    """Return where *source* is, if it is a file."""
    return Path(source).absolute() if isinstance(source, str | Path) else None


async def fingerprint(source: Source) -> str | None:
    """Return the SHA-256 of an input file, or None for any other input.

    Raises:
        InvalidRequest: the file cannot be read.
    """
    if not isinstance(source, str | Path):
        return None
    return await in_thread(None, partial(_digest, Path(source)))


def _digest(path: Path) -> str:
    with _explained(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


async def _chained(first: Row | None, rest: AsyncIterator[Row]) -> AsyncGenerator[Row, None]:
    if first is not None:
        yield first
        async for row in rest:
            yield row


async def _from_thread(rows: Generator[Row, None, None]) -> AsyncGenerator[Row, None]:
    try:
        while chunk := await in_thread(None, lambda: list(islice(rows, _CHUNK))):
            for row in chunk:
                yield row
    finally:
        await in_thread(None, rows.close)


async def _numbered(
    source: Iterable[Values] | AsyncIterable[Values], skip: int
) -> AsyncGenerator[Row, None]:
    position = 0
    if isinstance(source, AsyncIterable):
        async for values in source:
            position += 1
            if position > skip:
                yield _row(position, values)
        return
    for position, values in enumerate(islice(source, skip, None), skip + 1):
        yield _row(position, values)


def _row(position: int, values: Any) -> Row:
    if isinstance(values, Mapping):
        return Row(position, cast(Values, values))
    return Row(position, _NO_VALUES, f"is {type(values).__name__} and no mapping of columns")


def _csv_rows(path: Path, needed: Mapping[str, str], skip: int) -> Generator[Row, None, None]:
    with _explained(path), path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        if first.lstrip().startswith(("{", "[")):
            raise InvalidRequest(f"{path} is JSON: give an object a line, in a file named .jsonl")
        file.seek(0)
        # What spreadsheets write depends on the country.
        apart = next((mark for mark in ",;\t" if mark in first), ",")
        lines = csv.reader(file, delimiter=apart, strict=True)
        header = [name.strip() for name in next(lines, ())]
        _check_header(path, header, needed)
        filled = islice((line for line in lines if line), skip, None)
        for position, cells in enumerate(filled, skip + 1):
            problem = None
            if len(cells) != len(header):
                problem = f"has {len(cells)} cells, and the header has {len(header)}"
            yield Row(position, dict(zip(header, cells, strict=False)), problem)


def _json_rows(path: Path, needed: Mapping[str, str], skip: int) -> Generator[Row, None, None]:
    del needed  # the first object is looked at where every other input's is
    with _explained(path), path.open(encoding="utf-8-sig") as file:
        for position, line in enumerate(islice(_filled(file), skip, None), skip + 1):
            try:
                yield _row(position, orjson.loads(line))
            except orjson.JSONDecodeError as error:
                yield Row(position, _NO_VALUES, f"is not JSON: {error}")


def _filled(file: TextIO) -> Iterable[str]:
    return (line for line in file if line.strip())


def _check_header(path: Path, header: list[str], needed: Mapping[str, str]) -> None:
    if not any(header):
        raise InvalidRequest(f"{path} is empty: its first line names the columns")
    twice = [name for name, times in Counter(filter(None, header)).items() if times > 1]
    if twice:
        raise InvalidRequest(f"{path}: column {twice[0]!r} occurs twice: rename one")
    _check(header, needed)


def _check(columns: Iterable[str], needed: Mapping[str, str]) -> None:
    there = list(columns)
    missing = [(name, option) for name, option in needed.items() if name not in there]
    if missing:
        has = ", ".join(map(str, there)) or "none"
        raise InvalidRequest(
            tuple(
                f"the input has no column {name!r}; it has: {has}. {_way_out(name, option)}"
                for name, option in missing
            )
        )


def _way_out(name: str, option: str) -> str:
    if not option:
        return f"The text asks for it; write $${name} if no column is meant"
    return f"Name the right one by {option} (--{option.replace('_', '-')})"


@contextlib.contextmanager
def _explained(path: Path) -> Generator[None, None, None]:
    try:
        yield
    except OSError as error:
        # A pipe has no word of the system for it.
        why = error.strerror or "it is read more than once, so write it to a file first"
        raise InvalidRequest(f"{path} cannot be read: {why}") from error
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path} is not UTF-8: save it as CSV UTF-8") from error
    except csv.Error as error:
        raise InvalidRequest(
            f"{path} is no valid CSV: {error} (a file of JSON lines ends in .jsonl)"
        ) from error
