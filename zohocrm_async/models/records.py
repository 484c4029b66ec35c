"""Records: a module's own fields, which only the organisation knows; and their past."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from attrs import AttrsInstance, field, frozen

from zohocrm_async.models.common import Reference, Word

Row = Mapping[str, Any] | AttrsInstance
"""What is written of a record: its field names with values, or an object of an attrs class."""


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


class DeletedType(Word):
    """Where a deleted record is."""

    RECYCLE = "recycle"
    PERMANENT = "permanent"


@frozen
class DeletedRecord:
    """What is left of a deleted record."""

    id: str
    type: DeletedType | None = None
    display_name: str | None = None
    deleted_time: datetime | None = None
    deleted_by: Reference | None = None
    created_by: Reference | None = None


@frozen
class FieldChange:
    """A field that an event changed."""

    api_name: str
    id: str | None = None
    old: Any = field(default=None, metadata={"wire": "_value.old"})
    new: Any = field(default=None, metadata={"wire": "_value.new"})
    data_type: str | None = None
    field_label: str | None = None
    enable_colour_code: bool | None = None
    pick_list_values: tuple[Mapping[str, Any], ...] = ()


@frozen
class TimelineRecord:
    """A record that an event is about."""

    id: str | None = None
    name: str | None = None
    module: str | None = field(default=None, metadata={"wire": "module.api_name"})


@frozen
class TimelineEvent:
    """Something that happened to a record."""

    id: str
    action: str | None = None
    """What happened, such as ``added``, ``updated`` or ``deleted``."""
    audited_time: datetime | None = None
    done_by: Reference | None = None
    source: str | None = None
    """What brought it about, such as ``crm_ui`` or ``crm_api``."""
    type: str | None = None
    record: TimelineRecord | None = None
    related_record: TimelineRecord | None = None
    converted_record: TimelineRecord | None = None
    field_history: tuple[FieldChange, ...] = ()
    automation_details: Mapping[str, Any] | None = None
    extension: Any = None
    """Of a signal: a mapping with its ``namespace``, ``id`` and ``signal``."""
