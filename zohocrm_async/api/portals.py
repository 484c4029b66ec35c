"""Portals for people outside the organisation."""

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._given import all_given
from zohocrm_async._pages import Pager
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.portals import (
    NewPortalUserType,
    Portal,
    PortalInvite,
    PortalInviteJob,
    PortalUser,
    PortalUserType,
)

_MOST_INVITES = 100


class Portals(Resource, family="portals"):
    """Portals for people outside the organisation, by their names.

    Every call takes 1 credit.
    """

    @endpoint("GET /settings/portals", key="portals")
    async def list(self) -> tuple[Portal, ...]:
        """List the portals.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-portals.html.
        """
        ...

    @endpoint("GET /settings/portals/{portal}", key="portals")
    async def get(self, portal: str) -> Portal:
        """Return one portal.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-portals.html.

        Raises:
            RecordNotFound: no such portal.
        """
        ...

    @endpoint(
        "POST /settings/portals", key="portals", look_at="List the portals (crm.portals.list)."
    )
    async def create(self, body: Mapping[str, Any]) -> Outcome:
        """Create a portal.

        Give its ``name``.
        See https://www.zoho.com/crm/developer/docs/api/v7/create-portal.html.

        Raises:
            DuplicateData: a portal has this name.
        """
        ...

    @endpoint("PUT /settings/portals/{portal}", key="portals", repeatable=True)
    async def update(self, portal: str, body: Mapping[str, Any]) -> Outcome:
        """Change one portal: its ``name``, whether it is ``active``.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-portal.html.

        Raises:
            RecordNotFound: no such portal.
        """
        ...

    @endpoint("GET /settings/portals/{portal}/user_type", key="user_type")
    async def user_types(
        self, portal: str, *, include: Sequence[str] | None = None
    ) -> tuple[PortalUserType, ...]:
        """List the kinds of users of a portal.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-user-types.html.
        """
        ...

    @endpoint("GET /settings/portals/{portal}/user_type/{user_type_id}", key="user_type")
    async def user_type(self, portal: str, user_type_id: str) -> PortalUserType:
        """Return one kind of user, with what it may do.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-user-types.html.

        Raises:
            RecordNotFound: no such kind.
        """
        ...

    @endpoint(
        "POST /settings/portals/{portal}/user_type",
        key="user_type",
        look_at="List the kinds of users (crm.portals.user_types).",
    )
    async def create_user_type(self, portal: str, body: NewPortalUserType) -> Outcome:
        """Create a kind of user.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-user-type.html.
        """
        ...

    @endpoint(
        "PUT /settings/portals/{portal}/user_type/{user_type_id}", key="user_type", repeatable=True
    )
    async def update_user_type(
        self, portal: str, user_type_id: str, body: Mapping[str, Any]
    ) -> Outcome:
        """Change one kind of user.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-user-type.html.

        Raises:
            RecordNotFound: no such kind.
        """
        ...

    @endpoint(
        "DELETE /settings/portals/{portal}/user_type/{user_type_id}",
        key="user_type",
        look_at="List the kinds of users (crm.portals.user_types).",
    )
    async def delete_user_type(self, portal: str, user_type_id: str) -> Outcome:
        """Delete one kind of user.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-user-type.html.

        Raises:
            RecordNotFound: no such kind.
        """
        ...

    @endpoint("GET /settings/portals/{portal}/user_type/{user_type_id}/users", key="users")
    def users(
        self,
        portal: str,
        user_type_id: str,
        *,
        type: str,
        filters: Mapping[str, Any] | str | None = None,
        page: int = 1,
        per_page: int = 200,
    ) -> Pager[PortalUser]:
        """List the users of a kind.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-users-user-type.html.
        """
        ...

    @endpoint(
        "DELETE /settings/portals/{portal}/user_type/{user_type_id}/users",
        key="users",
        look_at="List the users of the kind (crm.portals.users).",
    )
    async def delete_users(
        self, portal: str, user_type_id: str, personality_ids: Sequence[str]
    ) -> tuple[Outcome, ...]:
        """Take users from a portal; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-user-from-portal.html.
        """
        ...

    @endpoint(
        "POST /settings/portals/{portal}/user_type/{user_type_id}/users/action/transfer",
        key="users",
        look_at="List the users of the kind (crm.portals.users).",
    )
    async def transfer_users(
        self,
        portal: str,
        user_type_id: str,
        *,
        personality_ids: Sequence[str],
        transfer_To: str,  # noqa: N803  # spelled so by the service
    ) -> tuple[Outcome, ...]:
        """Give users another kind; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/transfer-users-del-user-type.html.
        """
        ...

    @endpoint(
        "PUT /settings/portals/{portal}/user_type/{user_type_id}/users/{user_id}"
        "/actions/change_status",
        key="change_status",
        repeatable=True,
    )
    async def change_status(
        self, portal: str, user_type_id: str, user_id: str, *, active: bool
    ) -> Outcome:
        """Let a user into a portal, or keep them out.

        See https://www.zoho.com/crm/developer/docs/api/v7/change-user-status-portal.html.

        Raises:
            RecordNotFound: no such user.
        """
        ...

    @endpoint(
        "POST /{module}/{id}/actions/portal_invite",
        key="portal_invite",
        look_at="List the users of the kind (crm.portals.users).",
    )
    async def invite(
        self, module: str, id: str, *, user_type_id: str, type: str, language: str | None = None
    ) -> Outcome:
        """Invite the person of a record to a portal.

        See https://www.zoho.com/crm/developer/docs/api/v7/invite-user.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    @endpoint(
        "POST /{module}/actions/portal_invite",
        key="portal_invite",
        look_at="Ask for the jobs (crm.portals.invite_status).",
    )
    async def _invite_many(self, module: str, body: Mapping[str, Any]) -> Outcome: ...

    async def invite_many(self, module: str, invites: Sequence[PortalInvite]) -> Outcome:
        """Invite up to 100 people as a job, whose ``job_id`` is in the ``details``.

        See https://www.zoho.com/crm/developer/docs/api/v7/portal-bulk-invite-users.html.

        Raises:
            InvalidRequest: there are no invites, or more than 100.
        """
        operation = "portals.invite_many"
        invites = all_given(PortalInvite, invites, "invites", operation)
        if not 1 <= len(invites) <= _MOST_INVITES:
            raise InvalidRequest(
                f"{len(invites)} invites: a job takes 1 to {_MOST_INVITES}", operation=operation
            )
        return await self._invite_many(module, {"data": invites})

    @endpoint("GET /{module}/actions/portal_invite", key="portal_invite")
    async def invite_status(
        self, module: str, *, job_id: str | None = None
    ) -> tuple[PortalInviteJob, ...]:
        """Return the invitation jobs of a module, or the one with *job_id*.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-portal-invite-users-job-status.html.
        """
        ...
