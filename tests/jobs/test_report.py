"""Reports: sums, and a line for each item."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.report import JobReport, csv_header, csv_line, item_row, json_line

ITEM = Item(
    key="7",
    position=3,
    record_id="7",
    state=ItemState.REFUSED,
    code="NOT_ALLOWED",
    message='opted out, "for good"\n=HYPERLINK(1)',
    began_at=datetime(2026, 3, 1, 10, tzinfo=UTC),
    step=2,
)


def report(counts: dict[ItemState, int], stopped: str | None = None) -> JobReport:
    return JobReport(
        counts=counts, refusals={}, credits=0, seconds=0.0, stopped=stopped, journal=Path("j")
    )


def test_a_line_says_what_became_of_an_item() -> None:
    """The same in every form."""
    row = item_row(ITEM)
    assert list(row) == [
        "key", "record_id", "state", "message_id", "code", "message", "job_id", "field",
        "step", "began_at",
    ]  # fmt: skip
    assert (row["state"], row["message_id"], row["code"]) == ("refused", None, "NOT_ALLOWED")
    assert (row["step"], row["began_at"]) == (2, "2026-03-01T10:00:00.000+00:00")
    assert json.loads(json_line(ITEM)) == row
    (read,) = csv.DictReader([csv_header() + "\n", *csv_line(ITEM).splitlines(keepends=True)])
    assert read == {name: "" if value is None else str(value) for name, value in row.items()}
    assert "\n" not in json_line(ITEM)


def test_a_report_is_ok_when_nothing_is_left_to_do() -> None:
    """Refused, unknown, planned, sending or merging items are left, and so are untaken rows."""
    done = {ItemState.SENT: 2, ItemState.SCHEDULED: 1, ItemState.SKIPPED: 1, ItemState.MERGED: 1}
    assert report(done).ok
    assert report(done).total == 5
    assert not report(done, stopped="the budget is spent").ok
    for state in ("refused", "unknown", "planned", "sending", "merging"):
        assert not report({**done, ItemState(state): 1}).ok
