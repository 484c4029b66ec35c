"""Forms on web sites that make records.

See https://www.zoho.com/crm/developer/docs/api/v7/.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from zohocrm_async.models.common import ModuleReference, Reference


@frozen
class WebFormField:
    """A field of a web form."""

    id: str | None = None
    api_name: str | None = None
    field_label: str | None = None
    field_name: str | None = None
    required: bool | None = None
    hidden: bool | None = None
    help: str | None = None
    date_format: str | None = None
    module: ModuleReference | None = None
    layout: Reference | None = None


@frozen
class WebForm:
    """A form on a web site."""

    id: str
    name: str | None = None
    active: bool | None = None
    type: str | None = None
    module: ModuleReference | None = None
    layout: Reference | None = None
    owner: Reference | None = None
    notify_owner: Reference | None = None
    fields: tuple[WebFormField, ...] = ()
    form_fields: tuple[WebFormField, ...] = ()
    landing_url: str | None = None
    location_url: tuple[str, ...] = ()
    action_on_submit: str | None = None
    action_value: str | None = None
    assignment_rule: Reference | None = None
    approval_request: bool | None = None
    create_contact: bool | None = None
    double_optin_enabled: bool | None = None
    visitor_tracking: str | None = None
    tags: tuple[Reference, ...] = ()
    embed_code: str | None = None
    iframe_code: str | None = None
    source_code: str | None = None
    code_formats: tuple[str, ...] = ()
    created_time: datetime | None = None
    created_by: Reference | None = None
    last_submitted_time: datetime | None = None


@frozen(kw_only=True)
class NewWebForm:
    """A web form to create."""

    name: str
    module: ModuleReference
    layout: Reference
    fields: Sequence[Mapping[str, Any]] = ()
    landing_url: str | None = None
    location_url: Sequence[str] = ()
    owner: Reference | None = None
    type: str | None = None
    action_on_submit: str | None = None
    action_value: str | None = None
    assignment_rule: Reference | None = None
    notify_owner: Reference | None = None
    tags: Sequence[Reference] = ()
