"""Modules, their related lists and custom views.

See https://www.zoho.com/crm/developer/docs/api/v7/modules-api.html.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import field, frozen

from zohocrm_async.models.common import FieldReference, ModuleReference, Reference, Word
from zohocrm_async.models.criteria import Criteria


class GeneratedType(Word):
    """Where a module comes from."""

    DEFAULT = "default"
    WEB = "web"
    CUSTOM = "custom"
    LINKING = "linking"


class ModuleStatus(Word):
    """Whether a module is there to be used."""

    VISIBLE = "visible"
    SCHEDULED_FOR_DELETION = "scheduled_for_deletion"
    USER_HIDDEN = "user_hidden"
    SYSTEM_HIDDEN = "system_hidden"


@frozen
class Module:
    """A module, standard or custom; *fields* and *layouts* come with one alone."""

    api_name: str
    id: str | None = None
    module_name: str | None = None
    singular_label: str | None = None
    plural_label: str | None = None
    actual_singular_label: str | None = None
    actual_plural_label: str | None = None
    description: str | None = None
    generated_type: GeneratedType | None = None
    status: ModuleStatus | None = None
    visible: bool | None = None
    visibility: int | None = None
    viewable: bool | None = None
    creatable: bool | None = None
    editable: bool | None = None
    deletable: bool | None = None
    convertable: bool | None = None
    api_supported: bool | None = None
    quick_create: bool | None = None
    show_as_tab: bool | None = None
    sequence_number: int | None = None
    parent_module: ModuleReference | None = None
    """The module that a subform is of."""
    profiles: tuple[Reference, ...] = ()
    profile_count: int | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None
    per_page: int | None = None
    global_search_supported: bool | None = None
    filter_supported: bool | None = None
    kanban_view: bool | None = None
    kanban_view_supported: bool | None = None
    triggers_supported: bool | None = None
    inventory_template_supported: bool | None = None
    email_template_support: bool | None = field(
        default=None, metadata={"wire": "emailTemplate_support"}
    )
    email_parser_supported: bool | None = None
    business_card_fields: tuple[str, ...] = ()
    search_layout_fields: tuple[str, ...] = ()
    scoring_supported: bool | None = None
    webform_supported: bool | None = None
    is_blueprint_supported: bool | None = field(
        default=None, metadata={"wire": "isBlueprintSupported"}
    )
    feeds_required: bool | None = None
    recycle_bin_on_delete: bool | None = None
    web_link: str | None = None
    display_field: Any = None
    access_type: str | None = None


@frozen(kw_only=True)
class NewModule:
    """A custom module to create; *profiles* are the ones that may use it."""

    api_name: str
    singular_label: str
    plural_label: str
    profiles: Sequence[Reference]
    display_field: Mapping[str, Any] | None = None
    """The field that names its records: ``{"field_label": ..., "data_type": ...}``."""


@frozen
class RelatedList:
    """A list of related records that a module shows."""

    id: str
    api_name: str | None = None
    name: str | None = None
    display_label: str | None = None
    module: ModuleReference | None = None
    type: str | None = None
    action: str | None = None
    href: str | None = None
    sequence_number: str | None = None
    visible: bool | None = None
    status: str | None = None
    fields: tuple[FieldReference, ...] = ()
    sort_by: FieldReference | None = None
    sort_order: str | None = None
    connectedmodule: str | None = None
    linkingmodule: str | None = None
    customize_fields: bool | None = None
    customize_sort: bool | None = None
    customize_display_label: bool | None = None


class ViewAccess(Word):
    """Who sees a custom view."""

    PUBLIC = "public"
    ONLY_TO_ME = "only_to_me"
    SHARED = "shared"


@frozen
class ViewField:
    """A column of a custom view."""

    api_name: str
    id: str | None = None
    pin: bool | None = field(default=None, metadata={"wire": "_pin"})
    width: int | None = field(default=None, metadata={"wire": "_width"})


@frozen
class SharedTo:
    """A user, role, group or territory that a view is shared to."""

    id: str
    name: str | None = None
    type: str | None = None
    subordinates: bool | None = None


@frozen
class CustomView:
    """A custom view; *fields* and *criteria* come with one alone."""

    id: str
    name: str | None = None
    display_value: str | None = None
    system_name: str | None = None
    system_defined: bool | None = None
    default: bool | None = None
    category: str | None = None
    access_type: ViewAccess | None = None
    shared_to: tuple[SharedTo, ...] = ()
    criteria: Criteria | None = None
    fields: tuple[ViewField, ...] = ()
    sort_by: FieldReference | None = None
    sort_order: str | None = None
    module: Reference | None = None
    favorite: int | None = None
    offline: bool | None = None
    locked: bool | None = None
    created_time: datetime | None = None
    created_by: Reference | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None
    last_accessed_time: datetime | None = None
