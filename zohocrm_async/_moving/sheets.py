"""Rows as the columns and cells of a file that is written in bulk, and what became of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, cast

from attrs import frozen

from zohocrm_async._converter import text, unstructure
from zohocrm_async._error_words import api_error
from zohocrm_async.models.bulk_write import BulkFieldMapping, BulkRowResult
from zohocrm_async.models.common import Outcome

_MOST_COLUMNS = 200
_WRITTEN = {"ADDED": "insert", "UPDATED": "update"}


@frozen
class Sheet:
    """A table of cells: a column for each field, a row for each record."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    references: frozenset[str]
    """Columns that hold ids of other records."""
    ignore_empty: bool
    """Whether empty cells stand for what is not named, and not for no value."""

    @property
    def mappings(self) -> tuple[BulkFieldMapping, ...]:
        """Which column goes into which field."""
        return tuple(
            BulkFieldMapping(
                api_name=name, index=index, find_by="id" if name in self.references else None
            )
            for index, name in enumerate(self.columns)
        )

    def halves(self) -> "Iterator[Sheet]":
        """Yield two sheets of half the rows."""
        middle = len(self.rows) // 2
        for rows in (self.rows[:middle], self.rows[middle:]):
            yield Sheet(self.columns, rows, self.references, self.ignore_empty)

    def tells(self, results: Sequence[BulkRowResult]) -> bool:
        """Whether *results* are of these rows, in this order."""
        return len(results) == len(self.rows) and all(
            result.values[:1] == tuple(row[: len(result.values)][:1])
            for result, row in zip(results, self.rows, strict=True)
        )


class _NoCell(Exception):
    """A value has no place in a cell; the text is why."""


def sheet_of(rows: Sequence[Mapping[str, Any]], *, key: str | None) -> Sheet | str:
    """Return *rows* as a sheet, or why they cannot be one.

    An empty cell stands for a field that a row does not name or for one that it empties,
    in the whole sheet alike. Without a *key*, by which records are found, new ones are
    made, where it is the same.
    """
    rows = [{name: unstructure(value) for name, value in row.items()} for row in rows]
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    if not 0 < len(columns) <= _MOST_COLUMNS:
        return f"{len(columns)} fields are named, and a file has 1 to {_MOST_COLUMNS} columns"
    unnamed = any(len(row) < len(columns) for row in rows)
    emptied = any(value is None or value == "" for row in rows for value in row.values())
    if key is not None and key not in columns:
        return f"no row names {key}, by which records are found"
    if unnamed and emptied and key is not None:
        return "some rows leave out fields that others empty"
    references: set[str] = set()
    try:
        cells = [[_cell(name, row.get(name), references) for name in columns] for row in rows]
    except _NoCell as reason:
        return str(reason)
    plain = {
        name
        for row in rows
        for name, value in row.items()
        if name in references and value is not None and not isinstance(value, Mapping)
    }
    if plain:
        return f"{min(plain)} holds records in some rows and other values in others"
    return Sheet(columns, cells, frozenset(references), ignore_empty=unnamed)


def _cell(name: str, value: Any, references: set[str]) -> str:
    if value is None:
        return ""
    if isinstance(value, (str, bool, int, float, Decimal, date)):
        return text(value)
    if isinstance(value, Mapping):
        id_ = cast("Mapping[str, Any]", value).get("id")
        if isinstance(id_, str):
            references.add(name)
            return id_
    if isinstance(value, (list, tuple)):
        values = cast("Sequence[Any]", value)
        if all(isinstance(each, str) and ";" not in each for each in values):
            return ";".join(values)
    raise _NoCell(f"{name} holds what no cell of a file can")


def outcome_of(result: BulkRowResult, *, upserts: bool, operation: str) -> Outcome:
    """Return the outcome of a row, as a call of its own would have given it."""
    action = _WRITTEN.get(result.status)
    if action is not None:
        details = {"id": result.id}
        return Outcome("SUCCESS", "success", "", details, action=action if upserts else None)
    code, column = result.errors[0] if result.errors else (result.status, "")
    told = {f"{code}-{column}" for code, column in result.errors}
    item = {
        "code": code,
        "message": f"the row is {result.status.lower()}: {', '.join(sorted(told)) or 'no reason'}",
        "details": {"api_name": column} if column else {},
    }
    error = api_error(item, status=400, operation=operation)
    return Outcome(code, "error", error.message, error.details, error=error)
