"""Fields of modules: what the organisation may store, and how.

See https://www.zoho.com/crm/developer/docs/api/v7/field-meta.html.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from zohocrm_async.models.common import Reference, Word


class DataType(Word):
    """What a field holds."""

    TEXT = "text"
    TEXTAREA = "textarea"
    EMAIL = "email"
    PHONE = "phone"
    WEBSITE = "website"
    PICKLIST = "picklist"
    MULTISELECTPICKLIST = "multiselectpicklist"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    BIGINT = "bigint"
    CURRENCY = "currency"
    DOUBLE = "double"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    AUTONUMBER = "autonumber"
    FORMULA = "formula"
    LOOKUP = "lookup"
    MULTISELECTLOOKUP = "multiselectlookup"
    USERLOOKUP = "userlookup"
    OWNERLOOKUP = "ownerlookup"
    MULTIUSERLOOKUP = "multiuserlookup"
    SUBFORM = "subform"
    FILEUPLOAD = "fileupload"
    IMAGEUPLOAD = "imageupload"
    PROFILEIMAGE = "profileimage"
    ROLLUP_SUMMARY = "rollup_summary"
    BIGDECIMAL = "bigdecimal"


@frozen
class PickListValue:
    """A choice of a picklist field."""

    id: str | None = None
    display_value: str | None = None
    actual_value: str | None = None
    reference_value: str | None = None
    sequence_number: int | None = None
    type: str | None = None
    colour_code: str | None = None
    show_value: bool | None = None
    expected_data_type: str | None = None
    probability: int | None = None
    forecast_type: str | None = None
    deal_category: Any = None
    maps: tuple[Mapping[str, Any], ...] = ()


@frozen
class LookupModule:
    """The module that a lookup leads to; Zoho calls it by two keys."""

    api_name: str | None = None
    module: str | None = None
    id: str | None = None

    @property
    def name(self) -> str | None:
        """The API name, under whichever key it came."""
        return self.api_name or self.module


@frozen
class FieldLookup:
    """What a lookup field points at."""

    id: str | None = None
    api_name: str | None = None
    display_label: str | None = None
    module: LookupModule | None = None


@frozen
class Subform:
    """The subform module behind a subform field."""

    id: str | None = None
    module: str | None = None


@frozen
class MultiSelectLookup:
    """The modules and fields behind a lookup of many records."""

    id: str | None = None
    api_name: str | None = None
    display_label: str | None = None
    linking_module: LookupModule | None = None
    connected_module: LookupModule | None = None
    lookup_apiname: str | None = None
    connectedfield_apiname: str | None = None
    connectedlookup_apiname: str | None = None
    record_access: bool | None = None


@frozen
class AutoNumber:
    """How a field numbers records."""

    starting_number_length: int | None = None
    prefix: str | None = None
    start_number: int | None = None
    suffix: str | None = None


@frozen
class Formula:
    """What a formula field works out."""

    return_type: str | None = None
    expression: str | None = None
    assume_default: bool | None = None
    dynamic: bool | None = None
    stop_compute_conditionally: bool | None = None


@frozen
class CurrencyFormat:
    """How a currency field rounds."""

    rounding_option: str | None = None
    precision: int | None = None


@frozen
class FieldWays:
    """Ways of writing that a field allows."""

    web_update: bool | None = None
    api_create: bool | None = None
    web_create: bool | None = None
    api_update: bool | None = None


@frozen
class FieldForms:
    """Forms that show a field."""

    view: bool | None = None
    edit: bool | None = None
    quick_create: bool | None = None
    create: bool | None = None


@frozen
class UniqueField:
    """How a field tells duplicates."""

    casesensitive: Any = None


@frozen
class FieldProfile:
    """What a profile may do with a field."""

    id: str
    name: str | None = None
    permission_type: str | None = None


@frozen
class Field:
    """A field of a module."""

    api_name: str
    id: str | None = None
    field_label: str | None = None
    display_label: str | None = None
    data_type: DataType | None = None
    json_type: str | None = None
    length: int | None = None
    decimal_place: int | None = None
    custom_field: bool | None = None
    system_mandatory: bool | None = None
    read_only: bool | None = None
    field_read_only: bool | None = None
    visible: bool | None = None
    default_value: Any = None
    pick_list_values: tuple[PickListValue, ...] = ()
    pick_list_values_sorted_lexically: bool | None = None
    unique: UniqueField | None = None
    lookup: FieldLookup | None = None
    multiselectlookup: MultiSelectLookup | None = None
    multiuserlookup: MultiSelectLookup | None = None
    subform: Subform | None = None
    associated_module: LookupModule | None = None
    auto_number: AutoNumber | None = None
    formula: Formula | None = None
    currency: CurrencyFormat | None = None
    rollup_summary: Mapping[str, Any] | None = None
    external: Mapping[str, Any] | None = None
    tooltip: Mapping[str, Any] | None = None
    textarea: Any = None
    history_tracking: Any = None
    private: Any = None
    profiles: tuple[FieldProfile, ...] = ()
    view_type: FieldForms | None = None
    operation_type: FieldWays | None = None
    created_source: str | None = None
    type: str | None = None
    display_field: bool | None = None
    filterable: bool | None = None
    searchable: bool | None = None
    sortable: bool | None = None
    mass_update: bool | None = None
    webhook: bool | None = None
    businesscard_supported: bool | None = None
    blueprint_supported: bool | None = None
    enable_colour_code: bool | None = None
    separator: bool | None = None
    virtual_field: bool | None = None
    quick_sequence_number: Any = None
    sequence_number: int | None = None
    convert_mapping: Any = None
    crypt: Any = None
    global_picklist: Any = None
    refer_from_field: Any = None
    layout_associations: tuple[Reference, ...] = ()
    allowed_modules: tuple[LookupModule, ...] = ()
    created_time: datetime | None = None
    modified_time: datetime | None = None


@frozen(kw_only=True)
class NewField:
    """A custom field to create; each data type asks for its own keys."""

    field_label: str
    data_type: DataType | str
    length: int | None = None
    decimal_place: int | None = None
    pick_list_values: Sequence[Mapping[str, Any]] = ()
    pick_list_values_sorted_lexically: bool | None = None
    enable_colour_code: bool | None = None
    unique: Mapping[str, Any] | None = None
    tooltip: Mapping[str, Any] | None = None
    textarea: Mapping[str, Any] | None = None
    external: Mapping[str, Any] | None = None
    currency: Mapping[str, Any] | None = None
    auto_number: Mapping[str, Any] | None = None
    formula: Mapping[str, Any] | None = None
    rollup_summary: Mapping[str, Any] | None = None
    lookup: Mapping[str, Any] | None = None
    multiselectlookup: Mapping[str, Any] | None = None
    multiuserlookup: Mapping[str, Any] | None = None
    subform: Mapping[str, Any] | None = None
    global_picklist: Mapping[str, Any] | None = None
    profiles: Sequence[Mapping[str, Any]] = ()
    crypt: Mapping[str, Any] | None = None
    private: Mapping[str, Any] | None = None
