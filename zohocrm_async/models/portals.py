"""Portals for people outside the organisation.

See https://www.zoho.com/crm/developer/docs/api/v7/get-portals.html.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import field, frozen

from zohocrm_async.models.common import FieldReference, ModuleReference, Reference


@frozen
class Portal:
    """A portal; its name stands for an id."""

    name: str
    active: bool | None = None
    zaid: str | None = None
    login_url: str | None = None
    created_time: datetime | None = None
    created_by: Reference | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None


@frozen
class PortalPermissions:
    """What a user type may do in a module."""

    view: bool | None = None
    delete_attachment: bool | None = None
    edit: bool | None = None
    edit_shared_records: bool | None = None
    create: bool | None = None
    create_attachment: bool | None = None
    delete: bool | None = None


@frozen
class PortalModule:
    """A module that a user type sees."""

    id: str
    api_name: str | None = None
    plural_label: str | None = None
    shared_type: str | None = None
    permissions: PortalPermissions | None = None
    fields: tuple[FieldReference, ...] = ()
    layouts: tuple[Reference, ...] = ()
    views: Mapping[str, Any] | None = None
    filters: tuple[FieldReference, ...] = ()


@frozen
class PortalUserType:
    """A kind of user of a portal."""

    id: str
    name: str | None = None
    active: bool | None = None
    default: bool | None = None
    personality_module: ModuleReference | None = None
    invitation_field: FieldReference | None = None
    modules: tuple[PortalModule, ...] = ()
    no_of_users: int | None = None
    active_user_count: int | None = None
    created_time: datetime | None = None
    created_by: Reference | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None


@frozen(kw_only=True)
class NewPortalUserType:
    """A kind of portal user to create."""

    name: str
    personality_module: ModuleReference
    modules: Sequence[PortalModule | Mapping[str, Any]]
    invitation_field: FieldReference | None = None


@frozen
class PortalUser:
    """Somebody who may use a portal."""

    personality_id: str
    name: str | None = None
    email: str | None = None
    active: bool | None = None
    confirm: bool | None = None
    module: str | None = None
    invited_time: datetime | None = None
    status_reason: str | None = field(default=None, metadata={"wire": "status_reason__s"})


@frozen(kw_only=True)
class PortalInvite:
    """Somebody to invite to a portal in a job."""

    id: str
    user_type_id: str
    type: str
    """``invite`` or ``reinvite``."""
    language: str | None = None


@frozen
class PortalInviteJob:
    """A job that invites people to a portal; *data* say what became of each."""

    job_id: str | None = None
    status: str | None = None
    message: str | None = None
    data: tuple[Mapping[str, Any], ...] = ()
