"""Layouts of modules, and picklists that depend on others.

See https://www.zoho.com/crm/developer/docs/api/v7/layouts-meta.html.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import field, frozen

from zohocrm_async.models.common import FieldReference, ModuleReference, Reference
from zohocrm_async.models.fields import Field, PickListValue


@frozen
class LayoutSection:
    """A section of a layout with its fields."""

    id: str | None = None
    api_name: str | None = None
    name: str | None = None
    display_label: str | None = None
    sequence_number: int | None = None
    column_count: int | None = None
    tab_traversal: str | None = None
    generated_type: str | None = None
    is_subform_section: bool | None = field(default=None, metadata={"wire": "isSubformSection"})
    type: str | None = None
    fields: tuple[Field, ...] = ()
    properties: Mapping[str, Any] | None = None


@frozen
class LayoutProfile:
    """A profile that sees a layout."""

    id: str
    name: str | None = None
    default: bool | None = None
    default_view: Reference | None = field(default=None, metadata={"wire": "_default_view"})
    default_assignment_view: Reference | None = field(
        default=None, metadata={"wire": "_default_assignment_view"}
    )


@frozen
class Layout:
    """A layout of a module; *sections* hold its fields."""

    id: str
    api_name: str | None = None
    name: str | None = None
    display_label: str | None = None
    mode: str | None = None
    status: str | None = None
    visible: bool | None = None
    generated_type: str | None = None
    source: str | None = None
    display_type: int | None = None
    has_more_profiles: bool | None = None
    profiles: tuple[LayoutProfile, ...] = ()
    sections: tuple[LayoutSection, ...] = ()
    convert_mapping: Mapping[str, Any] | None = None
    actions_allowed: Mapping[str, bool] | None = None
    created_for: Reference | None = None
    show_business_card: bool | None = None
    created_time: datetime | None = None
    created_by: Reference | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None


@frozen
class DependentValue:
    """A choice of the parent with the choices of the child that go with it."""

    id: str
    display_value: str | None = None
    maps: tuple[PickListValue, ...] = ()
    actual_value: str | None = None


@frozen
class MapDependency:
    """How the choices of one picklist depend on those of another."""

    id: str
    parent: FieldReference | None = None
    internal: bool | None = None
    sub_module: ModuleReference | None = None
    active: bool | None = None
    source: int | None = None
    category: int | None = None
    pick_list_values: tuple[DependentValue, ...] = ()
    child: FieldReference | None = None


@frozen(kw_only=True)
class NewMapDependency:
    """A dependency between two picklists to create."""

    parent: FieldReference
    child: FieldReference
    pick_list_values: Sequence[Mapping[str, Any]]
    """Choices of the parent by ``id``, each with its ``maps``."""
