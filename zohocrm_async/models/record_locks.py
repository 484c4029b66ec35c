"""Locks of records.

See https://www.zoho.com/crm/developer/docs/api/v7/get-record-locking-info.html.
"""

from datetime import datetime

from attrs import field, frozen

from zohocrm_async.models.common import ModuleReference, Reference, Word


class LockSource(Word):
    """Who locked a record: somebody, or a rule."""

    MANUAL = "Manual"
    AUTOMATIC = "Automatic"


@frozen
class LockedRecord:
    """The record that a lock holds."""

    id: str | None = None
    name: str | None = None
    module: ModuleReference | None = None


@frozen
class RecordLock:
    """A lock of a record. Pages spell the names of its fields in two ways."""

    id: str
    reason: str | None = field(
        default=None, metadata={"wire": "Locked_Reason__s", "also": "locked_reason__s"}
    )
    source: LockSource | None = field(
        default=None, metadata={"wire": "Lock_Source__s", "also": "lock_source__s"}
    )
    locked_by: Reference | None = field(
        default=None, metadata={"wire": "Locked_By__s", "also": "locked_by__s"}
    )
    locked_for: LockedRecord | None = field(
        default=None, metadata={"wire": "Locked_For__s", "also": "locked_for_s"}
    )
    locked_time: datetime | None = field(
        default=None, metadata={"wire": "Locked_Time__s", "also": "Locked_time__s"}
    )
    configuration_id: str | None = field(
        default=None,
        metadata={
            "wire": "Record_Locking_Configuration_Id__s",
            "also": "record_locking_configuration_id__s",
        },
    )
    rule_id: str | None = field(
        default=None,
        metadata={"wire": "Record_Locking_Rule_Id__s", "also": "record_locking_rule_id__s"},
    )
