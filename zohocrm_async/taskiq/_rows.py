"""Items and rows as the database keeps them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from attrs import evolve
from sqlalchemy import RowMapping

from zohocrm_async.jobs.groups import GroupRow
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.rows import Row

_TEXTS = ("record_id", "message_id", "job_id", "code", "message", "field", "trace")
# PostgreSQL's indexes take 2,704 bytes.
_LONGEST = 2_000
COLUMNS = (
    *("job", "position", "key", "record_id", "state", "message_id", "job_id", "code"),
    *("message", "field", "step", "trace"),
)
"""What is said of a new item."""
CHANGED = ("state", "message_id", "job_id", "code", "message", "field", "step")
"""What a new state of an item says."""


def storable(text: str) -> bool:
    """Whether a database keeps *text* as it is, and in an index."""
    return text == kept(text) and len(text.encode()) <= _LONGEST


def kept(text: str) -> str:
    """Return *text* with what no database keeps written out."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\x00")


def legible(item: Item) -> Item:
    """Return *item* as a database can keep it; one whose key it cannot keep is refused."""
    if storable(item.key):
        return item
    return evolve(
        item,
        key=f"row {item.position}",
        state=ItemState.REFUSED,
        code="INVALID_KEY",
        message=(
            f"the key is longer than {_LONGEST:,} bytes, or has a character that no database "
            "keeps (NUL, or half of a pair)"
        ),
    )


def values(job: int, item: Item) -> dict[str, Any]:
    """Return what a statement is given of *item*."""
    found: dict[str, Any] = {
        "job": job,
        "position": item.position,
        "key": item.key,
        "state": item.state.value,
        "step": item.step,
    }
    for name in _TEXTS:
        text = getattr(item, name)
        found[name] = None if text is None else kept(text)
    return found


def item_of(row: RowMapping) -> Item:
    """Return the item in *row*, which may hold more."""
    return Item(
        key=row["key"],
        position=row["position"],
        record_id=row["record_id"],
        state=ItemState(row["state"]),
        message_id=row["message_id"],
        job_id=row["job_id"],
        code=row["code"],
        message=row["message"],
        field=row["field"],
        began_at=_moment(row["began_at"]),
        updated_at=_moment(row["updated_at"]),
        step=row["step"],
        trace=row["trace"],
    )


def moment(seconds: float) -> datetime:
    """Return a time of the database, to the millisecond."""
    return datetime.fromtimestamp(round(seconds, 3), UTC)


def content_of(row: Row) -> str:
    """Return *row* as JSON; what JSON has no form for becomes text."""
    records = row.records if isinstance(row, GroupRow) else None
    found = _plain(row) | ({"records": [_plain(one) for one in records]} if records else {})
    return json.dumps(found, default=str, skipkeys=True)


def row_of(content: str) -> Row:
    """Return the row that `content_of` made *content* of."""
    found: dict[str, Any] = json.loads(content)
    records = found.get("records")
    if records is None:
        return _row(found)
    first = _row(found)
    return GroupRow(first.position, first.values, first.problem, tuple(map(_row, records)))


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else moment(seconds)


def _plain(row: Row) -> dict[str, Any]:
    found = {"position": row.position, "values": dict(row.values)}
    return found if row.problem is None else {**found, "problem": row.problem}


def _row(found: Mapping[str, Any]) -> Row:
    return Row(found["position"], found["values"], found.get("problem"))
