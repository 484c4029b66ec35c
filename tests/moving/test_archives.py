"""Archives with one CSV file are read and written piece by piece, and never half trusted."""

import asyncio
import io
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from zohocrm_async._moving.archives import folder, open_table, read_blocks, write_table
from zohocrm_async.exceptions import ArchiveUnreadable, ZohoCRMError

ROWS = [["1", "Müller"], ["2", 'a "b", c\nd'], ["3", ""]]
HEADER = "id,Last_Name\n"


def archive(*files: tuple[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", compression) as packed:
        for name, data in files:
            packed.writestr(name, data)
    return content.getvalue()


def csv_archive(text: str, encoding: str = "utf-8") -> bytes:
    return archive(("rows.csv", text.encode(encoding)))


async def read(source: bytes | Path) -> list[list[str]]:
    async with open_table(source) as table:
        return [row async for block in read_blocks(table, list) for row in block]


async def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Whatever signs the values hold."""
    size = write_table(tmp_path / "rows.zip", "rows.csv", ("id", "Last_Name"), ROWS)
    assert size == (tmp_path / "rows.zip").stat().st_size
    assert await read(tmp_path / "rows.zip") == ROWS


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_text_comes_back_as_it_went(rows: list[list[str]]) -> None:
    """Quotation marks, line ends, signs of any script."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "rows.zip"
        write_table(path, "rows.csv", ("a", "b"), rows)
        assert asyncio.run(read(path)) == rows


async def test_the_columns_come_with_the_table() -> None:
    """Without the mark that some programs begin files with."""
    async with open_table(csv_archive("\ufeff" + HEADER)) as table:
        assert table.columns == ("id", "Last_Name")


async def test_rows_come_in_blocks(tmp_path: Path) -> None:
    """No more than a block is ever read ahead."""
    write_table(tmp_path / "rows.zip", "rows.csv", ("id",), ([str(n)] for n in range(2_500)))
    async with open_table(tmp_path / "rows.zip") as table:
        sizes = []
        async for block in read_blocks(table, lambda row: row[0]):
            sizes.append(len(block))
            assert table.rows == sum(sizes)
    assert sizes == [1_000, 1_000, 500]


async def test_empty_lines_are_no_rows() -> None:
    """Such as the one that ends a file."""
    assert await read(csv_archive(HEADER + "1,A\n\n")) == [["1", "A"]]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (csv_archive(HEADER + "1,A\n" * 99)[:-30], "no whole ZIP archive"),
        (b"", "no whole ZIP archive"),
        (b"{}", "no whole ZIP archive"),
        (archive(("a.csv", b"x\n"), ("b.csv", b"x\n")), "holds a.csv, b.csv"),
        (archive(("a.ics", b"x\n")), "holds a.ics"),
        (archive(), "holds nothing"),
        (csv_archive("id,Last_Name\n1,Müller\n", "latin-1"), "not UTF-8"),
        (csv_archive(HEADER + "1,A,B\n"), "3 values for 2 columns"),
        (csv_archive(HEADER + "1\n"), "1 values for 2 columns"),
    ],
)
async def test_what_cannot_be_read_is_told_with_the_reason(content: bytes, reason: str) -> None:
    """By one error of ours, whatever the standard library raised."""
    with pytest.raises(ArchiveUnreadable, match=reason):
        await read(content)


async def test_damage_in_the_middle_tells_how_many_rows_were_good() -> None:
    """They have been given by then."""
    text = HEADER + "".join(f"{n},P{n}\n" for n in range(3_000))
    content = bytearray(archive(("rows.csv", text.encode()), compression=zipfile.ZIP_STORED))
    content[content.index(b"2999,P2999")] ^= 1  # the check sum of the file no longer holds
    seen: list[Sequence[str]] = []

    async def see() -> None:
        async with open_table(bytes(content)) as table:
            async for block in read_blocks(table, list):
                seen.extend(block)

    with pytest.raises(ArchiveUnreadable, match="cut short or damaged") as damaged:
        await see()
    assert len(seen) == 2_000
    assert damaged.value.rows >= 2_000
    assert isinstance(damaged.value, ZohoCRMError)


async def test_a_locked_archive_is_unreadable() -> None:
    """For which nobody has the word."""
    content = bytearray(csv_archive(HEADER))
    for start in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
        content[start] |= 1  # marked as encrypted
    with pytest.raises(ArchiveUnreadable, match="cannot be opened"):
        await read(bytes(content))


async def test_a_file_that_is_not_there_is_unreadable(tmp_path: Path) -> None:
    """By its name, without its folder."""
    with pytest.raises(ArchiveUnreadable, match=r"^gone\.zip"):
        await read(tmp_path / "gone.zip")


async def test_a_folder_is_gone_afterwards() -> None:
    """With all that is in it."""
    async with folder() as place:
        (place / "a").write_text("x")
    assert not place.exists()
