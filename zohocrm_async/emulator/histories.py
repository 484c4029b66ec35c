"""What was done to records: their timelines.

See https://www.zoho.com/crm/developer/docs/api/v7/timeline-of-a-record.html.
"""

from collections import deque
from collections.abc import Mapping
from typing import Any

from attrs import Factory, define, frozen

Row = dict[str, Any]
# A test may change one record for ever.
_MOST_KEPT = 1_000


@frozen
class Change:
    """One update of a record."""

    time: str
    by: Row
    fields: tuple[tuple[str, Any, Any], ...]
    """Names with the values before and after."""


@define(eq=False)
class Histories:
    """The updates of all records, by their ids."""

    _changes: dict[str, deque[Change]] = Factory(dict[str, deque[Change]])

    def note(self, record: Row, values: Mapping[str, Any], time: str, by: Row) -> None:
        """Keep what *values* are about to change of a record."""
        fields = tuple(
            (name, record.get(name), value)
            for name, value in values.items()
            if record.get(name) != value
        )
        if not fields:
            return
        kept = self._changes.setdefault(record["id"], deque(maxlen=_MOST_KEPT))
        kept.append(Change(time, by, fields))

    def of(self, record_id: str) -> tuple[Change, ...]:
        """Return the updates of a record, oldest first."""
        return tuple(self._changes.get(record_id, ()))

    def forget(self, record_id: str) -> None:
        """Drop the updates of a record that is no more."""
        self._changes.pop(record_id, None)
