"""Rules that lock records, and rules that find duplicates.

See https://www.zoho.com/crm/developer/docs/api/v7/get-record-locking-config.html.
"""

from collections.abc import Sequence
from datetime import datetime

from attrs import frozen

from zohocrm_async.models.common import FieldReference, ModuleReference, Reference, Word
from zohocrm_async.models.criteria import Criteria


class LockType(Word):
    """Who locks records."""

    MANUAL = "manual"
    AUTOMATIC = "automatic"
    BOTH = "both"


@frozen
class LockingRule:
    """What records are locked by themselves."""

    id: str | None = None
    name: str | None = None
    criteria: Criteria | None = None
    lock_existing_records: bool | None = None


@frozen
class RecordLockingConfiguration:
    """What a locked record of a module keeps people from."""

    id: str
    lock_type: LockType | None = None
    locked_for: str | None = None
    feature_type: str | None = None
    locking_rules: tuple[LockingRule, ...] = ()
    restricted_actions: tuple[str, ...] = ()
    restricted_communications: tuple[str, ...] = ()
    restricted_custom_buttons: tuple[Reference, ...] = ()
    excluded_fields: tuple[FieldReference, ...] = ()
    lock_excluded_profiles: tuple[Reference, ...] = ()
    lock_for_portal_users: bool | None = None
    system_defined: bool | None = None
    created_time: datetime | None = None
    created_by: Reference | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None


@frozen(kw_only=True)
class NewRecordLockingConfiguration:
    """A locking configuration to create."""

    lock_type: LockType | str
    locked_for: str | None = None
    feature_type: str | None = None
    locking_rules: Sequence[LockingRule] = ()
    restricted_actions: Sequence[str] = ()
    restricted_communications: Sequence[str] = ()
    restricted_custom_buttons: Sequence[Reference] = ()
    excluded_fields: Sequence[FieldReference] = ()
    lock_excluded_profiles: Sequence[Reference] = ()
    lock_for_portal_users: bool | None = None


@frozen
class FieldMapping:
    """Two fields that are compared."""

    mapped_field: FieldReference
    current_field: FieldReference


@frozen
class DuplicateCheckModule:
    """A module that records are compared with."""

    mapped_module: ModuleReference
    field_mappings: tuple[FieldMapping, ...] = ()


@frozen
class DuplicateCheck:
    """How a module looks for duplicates."""

    type: str
    type_configurations: tuple[DuplicateCheckModule, ...] = ()
