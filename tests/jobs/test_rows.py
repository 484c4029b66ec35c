"""Rows: a stream from any source, faults named, nothing held."""

import asyncio
import hashlib
import os
import tracemalloc
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.jobs.rows import Row, Source, fingerprint, open_rows

NEEDED = {"id": "id_column", "Email": "to_column"}


async def read(source: Source, needed: Mapping[str, str] = NEEDED) -> list[Row]:
    async with open_rows(source, needed) as rows:
        return [row async for row in rows]


def written(folder: Path, content: str | bytes, name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


async def test_csv_gives_a_row_for_each_line(tmp_path: Path) -> None:
    """Empty lines do not count, quotes hold commas and line breaks, a BOM is no text."""
    path = written(
        tmp_path, '\ufeffid, Email ,Note\r\n1,a@b.example,"x,\ny"\r\n\r\n2,c@d.example,\n'
    )
    first, second = await read(path)
    assert first == Row(1, {"id": "1", "Email": "a@b.example", "Note": "x,\ny"})
    assert second == Row(2, {"id": "2", "Email": "c@d.example", "Note": ""})
    assert await read(str(path)) == [first, second]


async def test_json_lines_give_a_row_for_each_object(tmp_path: Path) -> None:
    """Values keep their kinds, and a line that is no object is told of its row alone."""
    lines = '{"id": 1, "Email": "a@b.example"}\n\n[1]\n{"id"\n{"id": "4", "Email": null}\n'
    rows = await read(written(tmp_path, lines, "rows.jsonl"))
    assert [row.position for row in rows] == [1, 2, 3, 4]
    assert rows[0].values == {"id": 1, "Email": "a@b.example"}
    assert rows[1].problem == "is list and no mapping of columns"
    assert rows[2].problem is not None
    assert "not JSON" in rows[2].problem
    assert rows[3].problem is None
    assert (rows[0].text("id"), rows[3].text("Email"), rows[3].text("none")) == ("1", "", "")


async def test_iterables_of_both_kinds_are_read() -> None:
    """A list, a generator and an async generator give the same rows."""
    values = [{"id": "1", "Email": "a"}, {"id": "2", "Email": "b"}]

    async def later() -> AsyncIterator[dict[str, str]]:
        for value in values:
            await asyncio.sleep(0)
            yield value

    expected = [Row(1, values[0]), Row(2, values[1])]
    assert await read(values) == expected
    assert await read(iter(values)) == expected
    assert await read(later()) == expected
    assert await read([]) == []


async def test_what_is_no_mapping_is_told_of_its_row() -> None:
    """One bad value does not end the others."""
    source: Any = [7, {"id": "1", "Email": "a"}]
    first, second = await read(source)
    assert (first.problem, second.problem) == ("is int and no mapping of columns", None)


@pytest.mark.parametrize("content", ["id,Mail\n1,a@b.example\n", "id,Mail\n"])
async def test_a_missing_column_is_named_with_those_that_are_there(
    tmp_path: Path, content: str
) -> None:
    """The way out is named too: the option that chooses another."""
    with pytest.raises(InvalidRequest) as refused:
        await read(written(tmp_path, content))
    assert refused.value.problems == (
        (
            "the input has no column 'Email'; it has: id, Mail. "
            "Name the right one by to_column (--to-column)"
        ),
    )


async def test_a_header_shows_at_once_that_a_text_asks_for_what_no_row_has(
    tmp_path: Path,
) -> None:
    """Elsewhere another row may well have it, so each is judged by itself."""
    needed = {"Name": "", "id": "id_column"}
    with pytest.raises(InvalidRequest, match=r"'Name'; it has: id, Email.*write \$\$Name if no"):
        async with open_rows(written(tmp_path, "id,Email\n1,a@b.example\n"), needed):
            pytest.fail("it was opened")
    async with open_rows([{"id": "1"}, {"id": "2", "Name": "x"}], needed) as rows:
        assert len([row async for row in rows]) == 2


@pytest.mark.parametrize("mark", [",", ";", "\t"])
async def test_columns_stand_apart_as_the_header_s_do(tmp_path: Path, mark: str) -> None:
    """Spreadsheets write commas, semicolons or tabs, by country."""
    text = f'id{mark}Email{mark}Name\n1{mark}a@b.example{mark}"Stone, Reed; Co"\n'
    [row] = await read(written(tmp_path, text))
    assert row.values == {"id": "1", "Email": "a@b.example", "Name": "Stone, Reed; Co"}


async def test_a_missing_column_of_an_iterable_is_seen_at_its_first_row() -> None:
    """All that is missing is listed at once."""
    with pytest.raises(InvalidRequest) as refused:
        await read([{"a": 1}])
    assert len(refused.value.problems) == 2


async def test_a_line_of_another_width_is_told_of_its_row(tmp_path: Path) -> None:
    """A stray comma would move values into columns of other meaning."""
    rows = await read(written(tmp_path, "id,Email\n1,a,b\n2\n3,c\n"))
    assert [row.problem for row in rows] == [
        "has 3 cells, and the header has 2",
        "has 1 cells, and the header has 2",
        None,
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "is empty"),
        ("id,Email,id\n", "'id' occurs twice"),
        ("id,Email\n1,Jos\xe9\n".encode("latin-1"), "is not UTF-8"),
        ('id,Email\n1,"a\n', "is no valid CSV"),
        ('[{"id": "1"}]', r"is JSON: give an object a line, in a file named \.jsonl"),
        ('{"id": "1"}\n', "is JSON"),
    ],
)
async def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, content: str | bytes, says: str
) -> None:
    """The message names the file and what is wrong with it."""
    path = written(tmp_path, content)
    with pytest.raises(InvalidRequest, match=says) as refused:
        await read(path)
    assert str(path) in str(refused.value)


async def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Before its rows are asked for, and when its fingerprint is."""
    for ask in (read, fingerprint):
        with pytest.raises(InvalidRequest, match=r"none\.csv cannot be read: No such file"):
            await ask(tmp_path / "none.csv")


async def test_a_pipe_is_no_input() -> None:
    """A job reads its input again, to know it and to resume."""
    reading, writing = os.pipe()
    os.write(writing, b"id,Email\n1,a@b.example\n")
    os.close(writing)
    with os.fdopen(reading), pytest.raises(InvalidRequest, match="write it to a file first"):
        async with open_rows(f"/dev/fd/{reading}", {}):
            pass


async def test_the_fingerprint_is_that_of_the_file(tmp_path: Path) -> None:
    """Other inputs have none."""
    path = written(tmp_path, "id\n1\n")
    assert await fingerprint(path) == hashlib.sha256(b"id\n1\n").hexdigest()
    assert await fingerprint([]) is None


async def test_leaving_early_closes_the_file(tmp_path: Path) -> None:
    """A job that stops leaves no open file (an unclosed one would be a warning)."""
    path = written(tmp_path, "id,Email\n" + "1,a\n" * 1_000)
    async with open_rows(path, NEEDED) as rows:
        assert (await anext(rows)).position == 1


async def test_a_reader_that_is_cancelled_closes_the_file(tmp_path: Path) -> None:
    """Cancelled at any moment of a chunk, the thread is waited for."""
    path = written(tmp_path, "id,Email\n" + "1,a\n" * 20_000)
    for turns in range(12):
        reading = asyncio.create_task(read(path))
        for _ in range(turns):
            await asyncio.sleep(0)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading


async def test_memory_does_not_grow_with_the_input(tmp_path: Path) -> None:
    """Ten times the rows take no more memory, from a file or a generator."""

    def rows(number: int) -> Iterator[dict[str, str]]:
        return ({"id": str(n), "Email": "x" * 100} for n in range(number))

    async def peak(source: Source) -> int:
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        async with open_rows(source, NEEDED) as stream:
            async for _ in stream:
                pass
        return tracemalloc.get_traced_memory()[1] - before

    files = [
        written(tmp_path, "id,Email\n" + ("1," + "x" * 100 + "\n") * number, f"{number}.csv")
        for number in (1_000, 10_000)
    ]
    tracemalloc.start()
    try:
        small, large = [await peak(path) for path in files]
        few, many = [await peak(rows(number)) for number in (1_000, 10_000)]
    finally:
        tracemalloc.stop()
    # Held, ten times the rows would take ten times as much; chunks may overlap by one.
    assert large < small * 3
    assert many < few * 3 + 10_000


@given(
    st.lists(
        st.tuples(st.text("ab,\"' é$", max_size=6), st.text('x;\t\r\n"', max_size=6)),
        max_size=30,
    )
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_values_come_through_csv_unharmed(
    tmp_path_factory: pytest.TempPathFactory, pairs: list[tuple[str, str]]
) -> None:
    """What a CSV writer writes, quoted, is what the rows hold."""
    quoted = ['"id","Email"']
    quoted += [",".join('"' + cell.replace('"', '""') + '"' for cell in pair) for pair in pairs]
    path = written(tmp_path_factory.mktemp("csv"), "\r\n".join(quoted))
    found = asyncio.run(read(path))
    assert [(row.values["id"], row.values["Email"]) for row in found] == pairs
    assert all(row.problem is None for row in found)
