"""Users of the organisation and when they are away."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async.models.common import Outcome, Reference
from zohocrm_async.models.jobs import JobStatus
from zohocrm_async.models.users import (
    NewUser,
    NewUserUnavailability,
    User,
    UserKind,
    UserTerritory,
    UserTransfer,
    UserUnavailability,
)


class Users(Resource, family="users"):
    """Users of the organisation. Every call takes 1 credit."""

    @endpoint("GET /users", key="users", headers={"if_modified_since": "If-Modified-Since"})
    def list(
        self,
        *,
        type: UserKind | str | None = None,
        page: int = 1,
        per_page: int = 200,
        ids: Sequence[str] | None = None,
        type__s: str | None = None,
        if_modified_since: datetime | None = None,
    ) -> Pager[User]:
        """List the users.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-users.html.
        """
        ...

    @endpoint("GET /users/{id}", key="users", headers={"if_modified_since": "If-Modified-Since"})
    async def get(self, id: str, *, if_modified_since: datetime | None = None) -> User:
        """Return one user.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-users.html.

        Raises:
            RecordNotFound: no such user.
            NotModified: nothing has changed since *if_modified_since*.
        """
        ...

    @endpoint("POST /users", key="users", look_at="List the users (crm.users.list).")
    async def create(self, body: NewUser) -> Outcome:
        """Invite one user.

        See https://www.zoho.com/crm/developer/docs/api/v7/add-user.html.

        Raises:
            DuplicateData: somebody has this address.
        """
        ...

    @endpoint("PUT /users/{id}", key="users", repeatable=True)
    async def update(self, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one user.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-user.html.

        Raises:
            RecordNotFound: no such user.
        """
        ...

    @endpoint("PUT /users", key="users", repeatable=True, counts={"body": (1, 10)})
    async def update_many(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Change up to 10 users by their ``id``; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-user.html.
        """
        ...

    @endpoint("DELETE /users/{id}", key="users", look_at="Ask for the user (crm.users.get).")
    async def delete(self, id: str) -> Outcome:
        """Delete one user; `transfer_and_delete` saves what is theirs.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-user.html.

        Raises:
            RecordNotFound: no such user.
        """
        ...

    @endpoint("GET /users/actions/count", key="count")
    async def count(self, *, type: UserKind | str | None = None) -> int:
        """Return the number of users.

        See https://www.zoho.com/crm/developer/docs/api/v7/users-count.html.
        """
        ...

    @endpoint(
        "POST /users/{id}/actions/transfer_and_delete",
        key="transfer_and_delete",
        look_at="Ask for the user (crm.users.get).",
    )
    async def transfer_and_delete(self, id: str, body: UserTransfer) -> Outcome:
        """Delete a user in a job that hands over what is theirs.

        See https://www.zoho.com/crm/developer/docs/api/v7/transfer_records-delete_user.html.

        Raises:
            RecordNotFound: no such user.
        """
        ...

    @endpoint(
        "POST /users/actions/transfer_and_delete",
        key="transfer_and_delete",
        look_at="List the users (crm.users.list).",
    )
    async def transfer_and_delete_many(self, body: Sequence[UserTransfer]) -> tuple[Outcome, ...]:
        """Delete users in a job that hands over what is theirs.

        See https://www.zoho.com/crm/developer/docs/api/v7/transfer_records-delete_user.html.
        """
        ...

    @endpoint("GET /users/actions/transfer_and_delete", key="transfer_and_delete")
    async def transfer_status(self, *, job_id: str) -> JobStatus:
        """Return how far a job of `transfer_and_delete` is.

        See https://www.zoho.com/crm/developer/docs/api/v7/transfer-records-delete-user-status.html.
        """
        ...

    @endpoint("GET /users/{id}/territories", key="territories")
    def territories(self, id: str, *, page: int = 1, per_page: int = 200) -> Pager[UserTerritory]:
        """List the territories of a user.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-user-territories.html.
        """
        ...

    @endpoint("GET /users/{id}/territories/{territory_id}", key="territories")
    async def territory(self, id: str, territory_id: str) -> UserTerritory:
        """Return one territory of a user.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-user-territories.html.

        Raises:
            RecordNotFound: the user does not belong to it.
        """
        ...

    @endpoint("PUT /users/{id}/territories", key="territories", repeatable=True)
    async def add_territories(self, id: str, body: Sequence[Reference]) -> tuple[Outcome, ...]:
        """Put a user into territories; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/add-update-user-territories.html.
        """
        ...

    @endpoint(
        "DELETE /users/{id}/territories/{territory_id}",
        key="territories",
        look_at="List the territories of the user (crm.users.territories).",
    )
    async def remove_territory(self, id: str, territory_id: str) -> Outcome:
        """Take a user out of one territory.

        See https://www.zoho.com/crm/developer/docs/api/v7/remove-territories-from-user.html.

        Raises:
            RecordNotFound: the user does not belong to it.
        """
        ...

    @endpoint(
        "DELETE /users/{id}/territories",
        key="territories",
        look_at="List the territories of the user (crm.users.territories).",
    )
    async def remove_territories(
        self, id: str, *, ids: Sequence[str] | None = None
    ) -> tuple[Outcome, ...]:
        """Take a user out of territories: all, or those of *ids*.

        See https://www.zoho.com/crm/developer/docs/api/v7/remove-territories-from-user.html.
        """
        ...


class UserUnavailabilities(Resource, family="user_unavailability"):
    """Times in which users are away. Every call takes 1 credit."""

    @endpoint("GET /settings/users_unavailability", key="users_unavailability")
    def list(
        self,
        *,
        include_inner_details: Sequence[str] | None = None,
        group_ids: Sequence[str] | None = None,
        role_ids: Sequence[str] | None = None,
        territory_ids: Sequence[str] | None = None,
        filters: Mapping[str, Any] | str | None = None,
        page: int = 1,
        per_page: int = 200,
    ) -> Pager[UserUnavailability]:
        """List the times away, of all users or of some.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-user-unavailability.html.
        """
        ...

    @endpoint("GET /settings/users_unavailability/{id}", key="users_unavailability")
    async def get(
        self,
        id: str,
        *,
        include_inner_details: Sequence[str] | None = None,
        filters: Mapping[str, Any] | str | None = None,
    ) -> UserUnavailability:
        """Return one time away.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-user-unavailability.html.

        Raises:
            RecordNotFound: no such absence.
        """
        ...

    @endpoint(
        "POST /settings/users_unavailability",
        key="users_unavailability",
        look_at="List the absences (crm.user_unavailability.list).",
    )
    async def create(self, body: NewUserUnavailability) -> Outcome:
        """Enter a time away.

        See https://www.zoho.com/crm/developer/docs/api/v7/post-user-unavailability.html.
        """
        ...

    @endpoint(
        "PUT /settings/users_unavailability/{id}", key="users_unavailability", repeatable=True
    )
    async def update(self, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one time away.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-user-unavailability.html.

        Raises:
            RecordNotFound: no such absence.
        """
        ...

    @endpoint("PUT /settings/users_unavailability", key="users_unavailability", repeatable=True)
    async def update_many(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Change several times away by their ``id``.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-user-unavailability.html.
        """
        ...

    @endpoint(
        "DELETE /settings/users_unavailability/{id}",
        key="users_unavailability",
        look_at="Ask for the absence (crm.user_unavailability.get).",
    )
    async def delete(self, id: str) -> Outcome:
        """Delete one time away.

        See https://www.zoho.com/crm/developer/docs/api/v7/del-user-unavailability.html.

        Raises:
            RecordNotFound: no such absence.
        """
        ...
