"""Leads that become contacts, accounts and deals, and inventory records that become others.

See https://www.zoho.com/crm/developer/docs/api/v7/convert-lead.html and
https://www.zoho.com/crm/developer/docs/api/v7/inventory-convert.html.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import field, frozen

from zohocrm_async.models.common import FieldReference, ModuleReference, Reference
from zohocrm_async.models.records import Record


@frozen(kw_only=True)
class LeadConversion:
    """How a lead is converted; by default into a new contact, and an account for its company."""

    overwrite: bool | None = None
    """Whether the lead's values replace those of an existing contact or account."""
    notify_lead_owner: bool | None = None
    notify_new_entity_owner: bool | None = None
    account: Reference | None = field(default=None, metadata={"wire": "Accounts"})
    """An account that is there already."""
    contact: Reference | None = field(default=None, metadata={"wire": "Contacts"})
    """A contact that is there already."""
    deal: Mapping[str, Any] | None = field(default=None, metadata={"wire": "Deals"})
    """The fields of a deal to create."""
    assign_to: Reference | None = None
    """The user who will own the new records."""
    move_attachments_to: ModuleReference | None = None
    carry_over_tags: Mapping[str, Sequence[str]] | None = None
    """The names of the tags that the records of a module take over, by the module."""
    add_to_existing_record: bool | None = None
    """Whether records that match (``crm.lead_conversion.options``) are taken."""


@frozen
class ConversionOutcome:
    """What a conversion made, or found and took."""

    code: str
    message: str = ""
    contact: Reference | None = field(default=None, metadata={"wire": "details.Contacts"})
    account: Reference | None = field(default=None, metadata={"wire": "details.Accounts"})
    deal: Reference | None = field(default=None, metadata={"wire": "details.Deals"})
    sales_order: Reference | None = field(default=None, metadata={"wire": "details.Sales_Orders"})
    invoice: Reference | None = field(default=None, metadata={"wire": "details.Invoices"})


@frozen
class MatchedField:
    """A field by which a record matches a lead."""

    field: FieldReference | None = None
    matched_lead_value: str | None = None


@frozen
class MatchedFields:
    """By which fields the records of each module match a lead."""

    contacts: tuple[MatchedField, ...] = field(default=(), metadata={"wire": "Contacts"})
    accounts: tuple[MatchedField, ...] = field(default=(), metadata={"wire": "Accounts"})
    deals: tuple[MatchedField, ...] = field(default=(), metadata={"wire": "Deals"})


@frozen
class ConversionOptions:
    """Records that match a lead, so that a conversion can take them."""

    contacts: tuple[Record, ...] = field(default=(), metadata={"wire": "Contacts"})
    accounts: tuple[Record, ...] = field(default=(), metadata={"wire": "Accounts"})
    deals: tuple[Record, ...] = field(default=(), metadata={"wire": "Deals"})
    module_preference: ModuleReference | None = None
    preference_field_matched_value: MatchedFields | None = None
    modules_with_multiple_layouts: tuple[ModuleReference, ...] = ()
