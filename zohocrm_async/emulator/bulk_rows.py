"""The rows of a bulk write: read from their file, written, and told one by one."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from attrs import frozen

from zohocrm_async._endpoint import Call, Operation
from zohocrm_async.api import declarations
from zohocrm_async.emulator import records
from zohocrm_async.emulator.bulk_jobs import BulkFile, cell, zipped
from zohocrm_async.emulator.bulk_read import fields_of
from zohocrm_async.emulator.errors import JSON, Refusal, Reply, error_item
from zohocrm_async.emulator.fields import needed_field, unique_field
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.shapes import is_array_of_objects, is_object
from zohocrm_async.emulator.state import Row, State

_MOST_ROWS, _MOST_COLUMNS, _AT_ONCE = 25_000, 200, 100
_DELIMITERS = ",;:|"
_ID: Row = {"api_name": "id", "data_type": "bigint"}
_NOT_WRITTEN = frozenset({"subform", "fileupload", "imageupload", "formula", "autonumber"})


@frozen
class Column:
    """A column that goes into a field; without an *index* all rows get *default*."""

    api_name: str
    index: int | None
    field: Row
    find_by: str
    default: Any = None


@frozen
class Sheet:
    """A file as it was read."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    columns: tuple[Column, ...]


@frozen
class Task:
    """What a bulk write is to do."""

    module: str
    operation: str
    find_by: str | None
    ignore_empty: bool
    table: Sheet
    version: int


# --- reading


def read_file(
    state: State,
    module: str,
    file: BulkFile,
    resource: Mapping[str, Any],
    *,
    operation: str,
    encoding: Any,
) -> Sheet:
    """Return the rows of a file and where they go.

    Raises:
        Refusal: as the service would refuse the file or the mapping.
    """
    lines = _lines(file, encoding)
    header, *rest = [*lines] or [[]]
    rows = tuple(tuple(line) for line in rest if line)
    if not header or not rows:
        raise Refusal("INVALID_FILE_FORMAT", "the file holds no rows")
    if len(header) > _MOST_COLUMNS:
        raise Refusal("HEADER_LIMIT_EXCEEDED", "too many columns", maximum_length=_MOST_COLUMNS)
    if len(rows) > _MOST_ROWS:
        raise Refusal("LIMIT_EXCEEDED", "too many rows", maximum_length=_MOST_ROWS)
    columns = _columns(state, module, header, resource.get("field_mappings"))
    named = {column.api_name for column in columns}
    needed = needed_field(module)
    if operation != "update" and needed not in named:
        raise Refusal("MANDATORY_FIELDS_NOT_MAPPED", "a required field is missing", api_name=needed)
    find_by = resource.get("find_by")
    if operation != "insert":
        known = {"id", unique_field(module)} | _unique(state, module)
        if not isinstance(find_by, str) or not known & named & {find_by}:
            raise Refusal("INVALID_FIELD", "records are not found by this", api_name="find_by")
    return Sheet(tuple(header), rows, columns)


def _unique(state: State, module: str) -> set[str]:
    return {name for name, field in fields_of(state, module).items() if field.get("unique")}


def _lines(file: BulkFile, encoding: Any) -> Iterator[list[str]]:
    encoding = "utf-8-sig" if encoding is None else str(encoding)
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as archive:
            names = archive.namelist()
            if len(names) != 1 or not names[0].lower().endswith(".csv"):
                raise Refusal("INVALID_FILE_FORMAT", "the archive holds no single CSV file")
            text = archive.read(names[0]).decode(encoding)
    except zipfile.BadZipFile:
        raise Refusal("INVALID_FILE_FORMAT", "the archive is damaged") from None
    except UnicodeError:
        raise Refusal(
            "INVALID_FORMAT", "the file has another encoding", api_name="character_encoding"
        ) from None
    except (LookupError, ValueError):
        raise Refusal(
            "INVALID_FORMAT", "the encoding is unknown", api_name="character_encoding"
        ) from None
    header = text.partition("\n")[0]
    delimiter = next((sign for sign in _DELIMITERS if sign in header), ",")
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _columns(state: State, module: str, header: Sequence[str], mappings: Any) -> tuple[Column, ...]:
    known = {**fields_of(state, module), "id": _ID}
    if mappings is None or mappings == []:
        mappings = [{"api_name": name, "index": index} for index, name in enumerate(header)]
    if not is_array_of_objects(mappings):
        raise Refusal("INVALID_DATA", "the mappings are no list", api_name="field_mappings")
    columns: list[Column] = []
    for mapping in mappings:
        name, _, far = str(mapping.get("api_name")).partition(".")
        field, index = known.get(name), mapping.get("index")
        if field is None or field["data_type"] in _NOT_WRITTEN:
            raise Refusal("INVALID_FIELD", "no such field", api_name=name)
        if index is None and "default_value" not in mapping:
            raise Refusal("COLUMN_INDEX_NOT_FOUND", "the column is not named", api_name=name)
        placed = isinstance(index, int) and 0 <= index < len(header)
        if index is not None and not placed:
            raise Refusal("COLUMN_INDEX_NOT_FOUND", "the file has no such column", api_name=name)
        default = mapping.get("default_value")
        default = default.get("value") if is_object(default) else default
        find_by = str(mapping.get("find_by") or far or "id")
        columns.append(Column(name, index, field, find_by, default))
    return tuple(columns)


# --- writing


def carry_out(state: State, task: Task, name: str) -> tuple[bytes, Row]:
    """Write the rows; return the archive that tells what became of each, and the counts."""
    results: list[tuple[str, str, str]] = []
    for start in range(0, len(task.table.rows), _AT_ONCE):
        results += _write(state, task, task.table.rows[start : start + _AT_ONCE])
    header = task.table.header
    shown = [column for column in task.table.columns if column.index is not None][:3]
    lines = (
        [*(_cell(row, column) for column in shown), *result]
        for row, result in zip(task.table.rows, results, strict=True)
    )
    columns = [*(header[column.index or 0] for column in shown), "STATUS", "RECORD_ID", "ERRORS"]
    words = [status for status, _, _ in results]
    counts = {
        "added_count": words.count("ADDED"),
        "updated_count": words.count("UPDATED"),
        "skipped_count": words.count("SKIPPED"),
        "total_count": len(words),
    }
    return zipped(f"{task.module}-{name}", columns, lines), counts


def _cell(row: Sequence[str], column: Column) -> str:
    return row[column.index] if column.index is not None and column.index < len(row) else ""


def _write(state: State, task: Task, rows: Sequence[Sequence[str]]) -> list[tuple[str, str, str]]:
    """Write up to a hundred rows as the calls on records do."""
    items: list[JSON | None] = [None] * len(rows)
    groups: dict[str, list[tuple[int, Row]]] = {}
    found = _found(state, task)
    for index, row in enumerate(rows):
        try:
            values = _values(state, task, row)
            groups.setdefault(_place(task, values, found), []).append((index, values))
        except _BadCell as bad:
            items[index] = error_item("INVALID_DATA", "invalid data", {"api_name": bad.api_name})
    for operation, members in groups.items():
        answers = _call(state, task, operation, [values for _, values in members])
        for (index, _), item in zip(members, answers, strict=True):
            items[index] = item
    headers = {column.api_name: _header(task, column) for column in task.table.columns}
    return [_told(item or {}, headers) for item in items]


def _header(task: Task, column: Column) -> str:
    return column.api_name if column.index is None else task.table.header[column.index]


class _BadCell(Exception):
    def __init__(self, api_name: str) -> None:
        self.api_name = api_name
        super().__init__(api_name)


def _values(state: State, task: Task, row: Sequence[str]) -> Row:
    values: Row = {}
    for column in task.table.columns:
        text = _cell(row, column) or cell(column.default)
        if not text and (task.ignore_empty or task.operation == "insert"):
            continue
        try:
            values[column.api_name] = _read(state, column, text) if text else None
        except (KeyError, ValueError):
            raise _BadCell(column.api_name) from None
    return values


def _read(state: State, column: Column, text: str) -> Any:
    kind = column.field["data_type"]
    if kind in {"lookup", "ownerlookup", "userlookup"}:
        return _reference(state, column, text)
    return _READ.get(kind, str)(text)


def _number(text: str) -> float | int:
    number = float(text)
    return int(number) if number.is_integer() else number


_READ: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "currency": _number,
    "double": _number,
    "percent": _number,
    "boolean": lambda text: {"true": True, "false": False}[text.lower()],
    "date": lambda text: date.fromisoformat(text).isoformat(),
    "datetime": lambda text: datetime.fromisoformat(text).isoformat(),
    "multiselectpicklist": lambda text: text.split(";"),
}


def _reference(state: State, column: Column, text: str) -> Row:
    if column.field["data_type"] != "lookup":
        rows: Mapping[str, Row] = state.settings.rows("/users")
    else:
        rows = state.records(column.field["lookup"]["module"]["api_name"])
    if column.find_by == "id":
        record = rows[text]
    else:
        named = [row for row in rows.values() if row.get(column.find_by) == text]
        record = named[0] if named else rows[text]
    return {"id": record["id"], "name": record.get("full_name", record.get(column.api_name))}


def _found(state: State, task: Task) -> Mapping[str, str]:
    """Return the ids of the records by what they are found by, where that is no id."""
    name = task.find_by
    if task.operation != "update" or name is None or name == "id":
        return {}
    return {str(row.get(name)): row["id"] for row in state.records(task.module).values()}


def _place(task: Task, values: Row, found: Mapping[str, str]) -> str:
    """Return the operation on records that writes a row."""
    if task.operation == "insert":
        return "create"
    if task.operation == "update":
        if task.find_by != "id":
            values["id"] = found.get(str(values.get(str(task.find_by))), "0")
        return "update"
    if task.find_by == "id":
        return "update" if values.get("id") else "create"
    return "upsert"


_WORK: Mapping[str, Callable[[State, Incoming], Reply]] = {
    "create": records.create_records,
    "update": records.update_records,
    "upsert": records.upsert_records,
}


def _call(state: State, task: Task, operation: str, rows: list[Row]) -> list[JSON]:
    declaration: Any = declarations()[f"records.{operation}"]
    declared: Operation = declaration.operation
    body: Row = {"data": rows}
    if operation == "upsert":
        body["duplicate_check_fields"] = [task.find_by]
    call = Call(declared, f"/{task.module}", body=body)
    reply = _WORK[operation](state, Incoming(call, {"module": task.module}, task.version))
    items: list[JSON] = (reply.body or {})["data"]
    added = "insert" if operation == "create" else "update"
    return [item if item["status"] == "error" else {"action": added, **item} for item in items]


def _told(item: JSON, headers: Mapping[str, str]) -> tuple[str, str, str]:
    details: JSON = item["details"]
    if item["status"] == "error":
        name = str(details.get("api_name", ""))
        return "SKIPPED", "", f"{item['code']}-{headers.get(name, name)}"
    return "ADDED" if item["action"] == "insert" else "UPDATED", details["id"], ""
