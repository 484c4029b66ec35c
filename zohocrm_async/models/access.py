"""Profiles, roles and groups: what users may see and do.

See https://www.zoho.com/crm/developer/docs/api/v7/get-profiles.html.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import field, frozen

from zohocrm_async.models.common import Reference


@frozen
class Permission:
    """One permission of a profile."""

    id: str
    name: str | None = None
    display_label: str | None = None
    module: str | None = None
    customizable: bool | None = None
    enabled: bool | None = None
    parent_permissions: tuple[str, ...] = ()


@frozen
class Profile:
    """A profile; *permissions_details* come with one alone."""

    id: str
    name: str | None = None
    display_label: str | None = None
    description: str | None = None
    type: str | None = None
    custom: bool | None = None
    default: bool | None = None
    category: Any = None
    permission_type: str | None = None
    permissions_details: tuple[Permission, ...] = ()
    sections: tuple[Mapping[str, Any], ...] = ()
    default_view: Reference | None = field(default=None, metadata={"wire": "_default_view"})
    created_time: datetime | None = None
    created_by: Reference | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None


@frozen(kw_only=True)
class NewProfile:
    """The name of a profile that is made from another."""

    name: str
    description: str | None = None


@frozen
class Role:
    """A role, and whom it reports to."""

    id: str
    name: str | None = None
    display_label: str | None = None
    created_by: Reference | None = field(default=None, metadata={"wire": "created_by__s"})
    modified_by: Reference | None = field(default=None, metadata={"wire": "modified_by__s"})
    forecast_manager: Reference | None = None
    share_with_peers: bool | None = None
    modified_time: datetime | None = field(default=None, metadata={"wire": "modified_time__s"})
    description: str | None = None
    reporting_to: Reference | None = None
    created_time: datetime | None = field(default=None, metadata={"wire": "created_time__s"})
    admin_user: bool | None = None


@frozen(kw_only=True)
class NewRole:
    """A role to create."""

    name: str
    reporting_to: Reference
    description: str | None = None
    share_with_peers: bool | None = None
    forecast_manager: Reference | None = None


@frozen
class GroupUsers:
    """How many users a group has, by their state."""

    inactive: int | None = None
    deleted: int | None = None
    active: int | None = None


@frozen
class GroupSourcesCount:
    """What a group is made of, in numbers."""

    territories: int | None = None
    roles: int | None = None
    groups: int | None = None
    users: GroupUsers | None = None


@frozen
class GroupSource:
    """A user, role, territory or group that belongs to a group."""

    source: Reference
    type: str
    sub_territories: bool | None = None
    subordinates: bool | None = None


@frozen
class UserGroup:
    """A group of users; *sources* come where they are asked for."""

    id: str
    name: str | None = None
    sources_count: Mapping[str, Any] | None = None
    """How many of each kind; of users a number, or one for each status."""
    sources: tuple[GroupSource, ...] = ()
    description: str | None = None
    created_time: datetime | None = None
    modified_time: datetime | None = None
    modified_by: Reference | None = None
    created_by: Reference | None = None


@frozen(kw_only=True)
class NewUserGroup:
    """A group to create."""

    name: str
    sources: Sequence[GroupSource]
    description: str | None = None


@frozen
class GroupUserCount:
    """How many users belong to a group."""

    user_group: Reference | None = None
    count: int | None = None


@frozen
class GroupAssociation:
    """A place that uses a group."""

    type: str | None = None
    resource: Reference | None = None
    detail: Mapping[str, Any] | None = None
    details: Mapping[str, Any] | None = None
