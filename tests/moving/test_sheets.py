"""Rows become a table of cells, and results of a table become outcomes."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from zohocrm_async._moving.sheets import Sheet, outcome_of, sheet_of
from zohocrm_async.exceptions import DuplicateData, MandatoryNotFound
from zohocrm_async.models import BulkRowResult, Reference


def sheet(*rows: dict[str, Any], key: str | None = "A") -> Sheet:
    found = sheet_of(rows, key=key)
    assert isinstance(found, Sheet), found
    return found


def test_every_value_has_a_cell() -> None:
    """As the service reads files."""
    row = {
        "Name": "Stone",
        "Amount": Decimal("12.50"),
        "Out": True,
        "Day": dt.date(2026, 3, 2),
        "At": dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC),
        "Likes": ("Tea", "Jam"),
        "Account": {"id": "5"},
        "Owner": Reference("6"),
        "Gone": None,
    }
    found = sheet(row, key=None)
    assert found.columns == tuple(row)
    assert found.rows == [
        [
            *("Stone", "12.50", "true", "2026-03-02", "2026-03-02T09:00:00+00:00"),
            *("Tea;Jam", "5", "6", ""),
        ]
    ]
    assert [m.api_name for m in found.mappings if m.find_by == "id"] == ["Account", "Owner"]


def test_rows_that_name_different_fields_share_the_columns() -> None:
    """Cells of what is not named are empty, and are to be ignored."""
    found = sheet({"A": 1}, {"B": 2})
    assert (found.rows, found.ignore_empty) == ([["1", ""], ["", "2"]], True)
    assert not sheet({"A": None}, {"A": 1}).ignore_empty


def test_nothing_and_not_named_cannot_be_told_apart_in_one_table() -> None:
    """But where new records are made, which have nothing there in either case."""
    rows: list[dict[str, Any]] = [{"A": None}, {"B": 2}]
    assert "leave out fields that others empty" in str(sheet_of(rows, key="A"))
    assert sheet(*rows, key=None).rows == [["", ""], ["", "2"]]


@pytest.mark.parametrize(
    "rows",
    [
        [{"A": {"name": "no id"}}],
        [{"A": [{"id": "1"}]}],
        [{"A": ["one;two"]}],
        [{"A": b"bytes"}],
        [{"A": {"id": "1"}}, {"A": "text"}],
        [{}],
        [{f"F{n}": 1 for n in range(201)}],
    ],
)
def test_what_no_table_holds_is_told(rows: list[dict[str, Any]]) -> None:
    """In words."""
    assert isinstance(sheet_of(rows, key=None), str)


def test_rows_that_are_to_be_found_name_what_they_are_found_by() -> None:
    """Or nothing could be."""
    assert str(sheet_of([{"A": 1}], key="id")).startswith("no row names id")


@pytest.mark.parametrize("rows", [2, 3, 5])
def test_halves_are_the_whole(rows: int) -> None:
    """In their order, and neither of them is."""
    found = sheet(*({"A": n} for n in range(rows)))
    one, other = found.halves()
    assert [*one.rows, *other.rows] == found.rows
    assert len(one.rows) == rows // 2


def test_results_are_told_apart_by_their_number_and_first_column() -> None:
    """So that none is given to another row."""
    found = sheet({"A": 1}, {"A": 2})
    one, two = (BulkRowResult("ADDED", "9", (), (value,)) for value in "12")
    assert found.tells([one, two])
    assert not found.tells([two, one])
    assert not found.tells([one])


def test_a_result_is_an_outcome() -> None:
    """As a call of its own would have given it."""
    added = outcome_of(BulkRowResult("ADDED", "9"), upserts=False, operation="test")
    assert (added.ok, added.id, added.action) == (True, "9", None)
    updated = outcome_of(BulkRowResult("UPDATED", "9"), upserts=True, operation="test")
    assert updated.action == "update"


def test_a_refused_row_has_the_error_of_its_first_word() -> None:
    """With all of them in the message."""
    result = BulkRowResult(
        "SKIPPED", None, (("MANDATORY_NOT_FOUND", "Company"), ("DUPLICATE_DATA", "Email"))
    )
    outcome = outcome_of(result, upserts=False, operation="test")
    assert isinstance(outcome.error, MandatoryNotFound)
    assert not isinstance(outcome.error, DuplicateData)
    assert outcome.details["api_name"] == "Company"
    assert "DUPLICATE_DATA-Email" in str(outcome.error)


def test_a_row_that_was_not_come_to_is_no_success() -> None:
    """Though nobody says why."""
    outcome = outcome_of(BulkRowResult("UNPROCESSED"), upserts=False, operation="test")
    assert (outcome.ok, outcome.code) == (False, "UNPROCESSED")
