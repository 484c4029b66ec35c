"""A record is a read-only mapping of its own fields."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from zohocrm_async.models import Record, Reference

LEAD = Record(
    {
        "id": "1",
        "Last_Name": "Boyle",
        "Owner": {"id": "7", "name": "Patricia", "email": "p@example.com"},
        "Created_Time": "2026-01-31T09:00:00+05:30",
        "Modified_Time": None,
    }
)


def test_it_is_a_mapping_that_cannot_be_changed() -> None:
    assert isinstance(LEAD, Mapping)
    assert (LEAD["Last_Name"], LEAD.get("Email"), len(LEAD)) == ("Boyle", None, 5)
    with pytest.raises(TypeError):
        LEAD["Last_Name"] = "x"  # type: ignore[index]  # that is the point


def test_system_fields_are_typed() -> None:
    assert LEAD.id == "1"
    assert LEAD.owner == Reference("7", "Patricia", "p@example.com")
    assert LEAD.created_time == datetime(2026, 1, 31, 3, 30, tzinfo=UTC)
    assert LEAD.modified_time is None
    assert LEAD.created_by is None


def test_records_are_equal_by_their_fields() -> None:
    assert Record({"id": "1"}) == Record({"id": "1"})
    assert Record({"id": "1"}) == {"id": "1"}
    assert len({Record({"id": "1"}), Record({"id": "1"})}) == 1
