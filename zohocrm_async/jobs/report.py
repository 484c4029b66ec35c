"""What is told of a job: its sums, and a line for each item."""

import csv
import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import orjson
from attrs import frozen

from zohocrm_async.jobs.items import DONE, Item, ItemState

COLUMNS = (
    *("key", "record_id", "state", "message_id", "code", "message", "job_id", "field"),
    *("step", "began_at"),
)
"""What a line says of an item, in this order."""


@frozen(kw_only=True)
class JobReport:
    """What a run did."""

    counts: Mapping[ItemState, int]
    """Items in each state that occurs."""
    refusals: Mapping[str, int]
    """Refused items by code, the most frequent first."""
    credits: int
    """Credits that the run spent."""
    seconds: float
    stopped: str | None
    """Why rows were left in the input; None if all were taken."""
    journal: Path

    @property
    def total(self) -> int:
        """Rows that were taken from the input."""
        return sum(self.counts.values())

    @property
    def ok(self) -> bool:
        """Whether every row of the input is done, or skipped as another's repetition."""
        return self.stopped is None and DONE.issuperset(self.counts)


def item_row(item: Item) -> dict[str, str | int | None]:
    """Return what a line says of *item*, by `COLUMNS`; times are ISO 8601, UTC."""
    return {name: _plain(getattr(item, name)) for name in COLUMNS}


def _plain(value: object) -> str | int | None:
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    return value if value is None or isinstance(value, int) else str(value)


def json_line(item: Item) -> str:
    """Return *item* as a JSON object, without a line break."""
    return orjson.dumps(item_row(item)).decode()


def csv_header() -> str:
    """Return the first line of a CSV report, without its line break."""
    return ",".join(COLUMNS)


def csv_line(item: Item) -> str:
    """Return *item* as a line of CSV, without its line break."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(item_row(item).values())
    return line.getvalue()
