"""An organisation from files of comma-separated values.

Columns are the module's fields. Four more help: ``Key`` names a row,
``Duplicate_Of`` is the key of the row it duplicates, ``Related_Records`` counts
what hangs on it (a merge of more than 1,000 becomes a job), and ``Bounced``
says that mails to its address bounced.
"""

import csv
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, TextIO

from attrs import frozen

from zohocrm_async.emulator.fields import read_text

_HELPERS = ("Key", "Duplicate_Of", "Related_Records", "Bounced")


@frozen
class LoadedRow:
    """One row: the record's fields, and what the helping columns say."""

    fields: Mapping[str, Any]
    key: str
    duplicate_of: str
    related_records: int
    bounced: bool


def demo_leads() -> Path:
    """Return the file of 2,000 invented leads that comes with the package."""
    return Path(str(files("zohocrm_async.emulator") / "data" / "leads.csv"))


def read_rows(source: Path | TextIO) -> list[LoadedRow]:
    """Read a file; blocks, so call it in a thread.

    Raises:
        ValueError: a value cannot be what its column holds; names the line.
        OSError: the file cannot be read.
    """
    if not isinstance(source, Path):
        return _rows(source, "the file")
    with source.open(encoding="utf-8-sig", newline="") as file:
        return _rows(file, str(source))


def _rows(file: TextIO, name: str) -> list[LoadedRow]:
    reader = csv.DictReader(file, restval="")
    columns = reader.fieldnames or ()
    if not any(columns) or not "".join(columns).isprintable():
        raise ValueError(f"{name} is empty or no CSV: its first line names the columns")
    rows: list[LoadedRow] = []
    for row in reader:
        try:
            rows.append(_row(row))
        except ValueError as error:
            raise ValueError(f"{name}, line {reader.line_num}: {error}") from error
    unknown = {row.duplicate_of for row in rows if row.duplicate_of} - {row.key for row in rows}
    if unknown:
        raise ValueError(f"{name}: Duplicate_Of names {min(unknown)!r}, which is no row's Key")
    return rows


def _row(row: Mapping[str | None, Any]) -> LoadedRow:
    if None in row:
        raise ValueError("more values than columns")
    texts = {str(name): str(text) for name, text in row.items()}
    fields = {
        name: value
        for name, text in texts.items()
        if name not in _HELPERS and (value := read_text(name, text)) is not None
    }
    return LoadedRow(
        fields,
        texts.get("Key", ""),
        texts.get("Duplicate_Of", ""),
        int(texts.get("Related_Records") or 0),
        texts.get("Bounced", "").lower() == "true",
    )
