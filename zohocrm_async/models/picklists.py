"""Picklists that several fields share.

See https://www.zoho.com/crm/developer/docs/api/v7/get-global-picklist.html.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from zohocrm_async.models.common import FieldReference, ModuleReference, Reference


@frozen
class GlobalPickListValue:
    """A choice of a global picklist."""

    display_value: str
    id: str | None = None
    actual_value: str | None = None
    reference_value: str | None = None
    sequence_number: int | None = None
    type: str | None = None


@frozen
class GlobalPicklist:
    """A picklist that several fields share."""

    id: str
    api_name: str | None = None
    display_label: str | None = None
    actual_label: str | None = None
    description: str | None = None
    presence: bool | None = None
    customizable: bool | None = None
    source: str | None = None
    pick_list_values: tuple[GlobalPickListValue, ...] = ()
    pick_list_values_sorted_lexically: bool | None = None
    associated_fields_count: int | None = None
    used_in_modules: tuple[ModuleReference, ...] = ()
    created_time: datetime | None = None
    created_by: Reference | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None


@frozen(kw_only=True)
class NewPickListValue:
    """A choice to put into a global picklist."""

    display_value: str
    actual_value: str | None = None
    sequence_number: int | None = None
    type: str = "used"
    """``used``, or ``unused`` for one that is kept but not offered."""


@frozen(kw_only=True)
class NewGlobalPicklist:
    """A global picklist to create."""

    display_label: str
    pick_list_values: Sequence[NewPickListValue]
    description: str | None = None
    pick_list_values_sorted_lexically: bool | None = None


@frozen
class PicklistAssociation:
    """A field that uses a global picklist."""

    field: FieldReference | None = None
    module: ModuleReference | None = None
    layouts: tuple[Reference, ...] = ()


@frozen
class PicklistUse:
    """A place where a choice of a global picklist is used."""

    id: str | None = None
    name: str | None = None
    details: Any = None
    """Where exactly: a list of places, or one mapping, as the kind of place has it."""


@frozen
class PicklistValueAssociation:
    """Where one choice of a global picklist is used."""

    resources: tuple[PicklistUse, ...] = ()
    type: str | None = None


@frozen(kw_only=True)
class PicklistReplacement:
    """One choice to be replaced by another in all records."""

    old_value: Mapping[str, Any]
    new_value: Mapping[str, Any]
    """Both as ``{"id": ..., "display_value": ...}``."""


@frozen
class ReplacedValue:
    """A choice whose replacement is going on."""

    display_value: str | None = None
    actual_value: str | None = None
    reference_value: str | None = None
