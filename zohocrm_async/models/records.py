"""Records: a module's own fields, which only the organisation knows."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from zohocrm_async.models.common import Reference


class Record(Mapping[str, Any]):
    """One record: a read-only mapping of its fields as they came."""

    __slots__ = ("_fields",)

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __hash__(self) -> int:
        return hash(self.get("id"))

    def __repr__(self) -> str:
        return f"Record({dict(self._fields)!r})"

    @property
    def id(self) -> str:
        """The record's id."""
        return str(self._fields["id"])

    @property
    def owner(self) -> Reference | None:
        """The user who owns the record, where the field was asked for."""
        return self._reference("Owner")

    @property
    def created_by(self) -> Reference | None:
        """The user who made the record, where the field was asked for."""
        return self._reference("Created_By")

    @property
    def modified_by(self) -> Reference | None:
        """The user who changed it last, where the field was asked for."""
        return self._reference("Modified_By")

    @property
    def created_time(self) -> datetime | None:
        """When the record was made, where the field was asked for."""
        return self._time("Created_Time")

    @property
    def modified_time(self) -> datetime | None:
        """When it was last changed, where the field was asked for."""
        return self._time("Modified_Time")

    def _reference(self, name: str) -> Reference | None:
        value: Any = self._fields.get(name)
        if not isinstance(value, dict):
            return None
        user = cast("dict[str, Any]", value)
        return Reference(str(user.get("id", "")), user.get("name"), user.get("email"))

    def _time(self, name: str) -> datetime | None:
        value = self._fields.get(name)
        return datetime.fromisoformat(value) if isinstance(value, str) else None
