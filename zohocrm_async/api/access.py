"""Profiles, roles and groups: what users may see and do."""

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async.models.access import (
    GroupAssociation,
    GroupSource,
    GroupSourcesCount,
    GroupUserCount,
    NewProfile,
    NewRole,
    NewUserGroup,
    Profile,
    Role,
    UserGroup,
)
from zohocrm_async.models.common import Outcome


class Profiles(Resource, family="profiles"):
    """Profiles: what users may do. Every call takes 1 credit."""

    @endpoint("GET /settings/profiles", key="profiles")
    async def list(
        self,
        *,
        include_lite_profile: bool | None = None,
        type: str | None = None,
        include_types: Sequence[str] | None = None,
        filters: Mapping[str, Any] | str | None = None,
    ) -> tuple[Profile, ...]:
        """List the profiles.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-profiles.html.
        """
        ...

    @endpoint("GET /settings/profiles/{id}", key="profiles")
    async def get(self, id: str) -> Profile:
        """Return one profile, with its permissions.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-profiles.html.

        Raises:
            RecordNotFound: no such profile.
        """
        ...

    @endpoint(
        "POST /settings/profiles/{id}/actions/clone",
        key="profiles",
        look_at="List the profiles (crm.profiles.list).",
    )
    async def clone(self, id: str, body: NewProfile) -> Outcome:
        """Create a profile from another.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-profile.html.

        Raises:
            RecordNotFound: no such profile.
            DuplicateData: a profile has this name.
        """
        ...

    @endpoint("PUT /settings/profiles/{id}", key="profiles", repeatable=True)
    async def update(self, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one profile: its ``permissions_details``, its name.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-profile-permission.html.

        Raises:
            RecordNotFound: no such profile.
        """
        ...

    @endpoint(
        "DELETE /settings/profiles/{id}",
        key="profiles",
        look_at="Ask for the profile (crm.profiles.get).",
    )
    async def delete(self, id: str, *, transfer_to: str) -> Outcome:
        """Delete one profile; its users get the one of *transfer_to*.

        See https://www.zoho.com/crm/developer/docs/api/v7/transfer-delete-profile.html.

        Raises:
            RecordNotFound: no such profile.
        """
        ...


class Roles(Resource, family="roles"):
    """Roles: who reports to whom. Every call takes 1 credit."""

    @endpoint("GET /settings/roles", key="roles")
    async def list(self) -> tuple[Role, ...]:
        """List the roles.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-roles.html.
        """
        ...

    @endpoint("GET /settings/roles/{id}", key="roles")
    async def get(self, id: str) -> Role:
        """Return one role.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-roles.html.

        Raises:
            RecordNotFound: no such role.
        """
        ...

    @endpoint("POST /settings/roles", key="roles", look_at="List the roles (crm.roles.list).")
    async def create(self, body: Sequence[NewRole]) -> tuple[Outcome, ...]:
        """Create roles; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-role.html.
        """
        ...

    @endpoint("PUT /settings/roles/{id}", key="roles", repeatable=True)
    async def update(self, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one role.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-role.html.

        Raises:
            RecordNotFound: no such role.
        """
        ...

    @endpoint("PUT /settings/roles", key="roles", repeatable=True)
    async def update_many(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Change several roles by their ``id``; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-role.html.
        """
        ...

    @endpoint(
        "DELETE /settings/roles/{id}", key="roles", look_at="Ask for the role (crm.roles.get)."
    )
    async def delete(self, id: str, *, transfer_to_id: str) -> Outcome:
        """Delete one role; its users get the one of *transfer_to_id*.

        See https://www.zoho.com/crm/developer/docs/api/v7/transfer-users-and-delete-role.html.

        Raises:
            RecordNotFound: no such role.
        """
        ...


class UserGroups(Resource, family="user_groups"):
    """Groups of users, roles and territories. Every call takes 1 credit."""

    @endpoint("GET /settings/user_groups", key="user_groups")
    def list(
        self,
        *,
        include: Sequence[str] | None = None,
        name: str | None = None,
        page: int = 1,
        per_page: int = 200,
        filters: Mapping[str, Any] | str | None = None,
    ) -> Pager[UserGroup]:
        """List the groups.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-user-groups.html.
        """
        ...

    @endpoint("GET /settings/user_groups/{id}", key="user_groups")
    async def get(self, id: str) -> UserGroup:
        """Return one group, with its sources.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-user-groups.html.

        Raises:
            RecordNotFound: no such group.
        """
        ...

    @endpoint(
        "POST /settings/user_groups",
        key="user_groups",
        look_at="List the groups (crm.user_groups.list).",
    )
    async def create(self, body: NewUserGroup) -> Outcome:
        """Create a group.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-user-group.html.

        Raises:
            DuplicateData: a group has this name.
        """
        ...

    @endpoint("PUT /settings/user_groups/{id}", key="user_groups", repeatable=True)
    async def update(self, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one group.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-user-group.html.

        Raises:
            RecordNotFound: no such group.
        """
        ...

    @endpoint("PUT /settings/user_groups", key="user_groups", repeatable=True)
    async def update_many(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Change several groups by their ``id``.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-user-group.html.
        """
        ...

    @endpoint(
        "DELETE /settings/user_groups/{id}",
        key="user_groups",
        look_at="Ask for the group (crm.user_groups.get).",
    )
    async def delete(self, id: str) -> Outcome:
        """Delete one group, as a job.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-user-group.html.

        Raises:
            RecordNotFound: no such group.
        """
        ...

    @endpoint(
        "GET /settings/user_groups/actions/associated_users_count", key="associated_users_count"
    )
    def user_counts(
        self, *, page: int = 1, per_page: int = 200, filters: Mapping[str, Any] | str | None = None
    ) -> Pager[GroupUserCount]:
        """Count the users of every group.

        See https://www.zoho.com/crm/developer/docs/api/v7/associated-user-count-user-group.html.
        """
        ...

    @endpoint(
        "GET /settings/user_groups/{group}/associated_users/actions/grouped_counts",
        key="user_groups",
    )
    async def grouped_counts(self, group: str, *, group_by: str) -> tuple[UserGroup, ...]:
        """Count the users of a group, grouped by one of their attributes."""
        ...

    @endpoint("GET /settings/user_groups/{id}/actions/associations", key="associations")
    async def associations(self, id: str) -> tuple[GroupAssociation, ...]:
        """List the places that use a group.

        See https://www.zoho.com/crm/developer/docs/api/v7/user-groups-associations.html.
        """
        ...

    @endpoint("GET /settings/user_groups/{id}/actions/sources_count", key="sources_count")
    async def sources_count(self, id: str) -> GroupSourcesCount:
        """Count what a group is made of.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-sources-count.html.
        """
        ...

    @endpoint("GET /settings/user_groups/{id}/sources", key="sources")
    def sources(
        self,
        id: str,
        *,
        type: str | None = None,
        user_type: str | None = None,
        page: int = 1,
        per_page: int = 200,
    ) -> Pager[GroupSource]:
        """List what a group is made of.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-sources-by-type.html.
        """
        ...

    @endpoint("GET /users/{id}/actions/associated_groups", key="user_groups")
    def of_user(
        self, id: str, *, include: Sequence[str] | None = None, page: int = 1, per_page: int = 200
    ) -> Pager[UserGroup]:
        """List the groups that a user belongs to.

        See https://www.zoho.com/crm/developer/docs/api/v7/associated-groups-of-a-user.html.
        """
        ...
