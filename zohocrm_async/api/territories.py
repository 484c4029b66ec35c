"""Territories, their users and their records."""

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async.models.common import Outcome, Reference
from zohocrm_async.models.territories import (
    NewTerritory,
    Territory,
    TerritoryTransfer,
    TerritoryUserCount,
)
from zohocrm_async.models.users import User


class Territories(Resource, family="territories"):
    """Territories of the organisation. Every call takes 1 credit."""

    @endpoint("GET /settings/territories", key="territories")
    def list(
        self,
        *,
        filters: Mapping[str, Any] | str | None = None,
        include: Sequence[str] | None = None,
        page: int = 1,
        per_page: int = 200,
        ids: Sequence[str] | None = None,
        include_inner_details: Sequence[str] | None = None,
    ) -> Pager[Territory]:
        """List the territories.

        See https://www.zoho.com/crm/developer/docs/api/v7/territories.html.
        """
        ...

    @endpoint("GET /settings/territories/{id}", key="territories")
    async def get(
        self, id: str, *, include_inner_details: Sequence[str] | None = None
    ) -> Territory:
        """Return one territory.

        See https://www.zoho.com/crm/developer/docs/api/v7/territories.html.

        Raises:
            RecordNotFound: no such territory.
        """
        ...

    @endpoint("GET /settings/territories/{id}/__child_territories", key="territories")
    def children(
        self,
        id: str,
        *,
        filters: Mapping[str, Any] | str | None = None,
        page: int = 1,
        per_page: int = 200,
        include: Sequence[str] | None = None,
        include_inner_details: Sequence[str] | None = None,
    ) -> Pager[Territory]:
        """List the territories below one.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-child-territories.html.
        """
        ...

    @endpoint(
        "POST /settings/territories",
        key="territories",
        look_at="List the territories (crm.territories.list).",
    )
    async def create(self, body: Sequence[NewTerritory]) -> tuple[Outcome, ...]:
        """Create territories; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/add-territories.html.
        """
        ...

    @endpoint("PUT /settings/territories/{id}", key="territories", repeatable=True)
    async def update(self, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one territory.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-territories.html.

        Raises:
            RecordNotFound: no such territory.
        """
        ...

    @endpoint("PUT /settings/territories", key="territories", repeatable=True)
    async def update_many(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Change several territories by their ``id``; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-territories.html.
        """
        ...

    @endpoint(
        "DELETE /settings/territories/{id}",
        key="territories",
        look_at="Ask for the territory (crm.territories.get).",
    )
    async def delete(self, id: str, *, delete_previous_forecasts: bool | None = None) -> Outcome:
        """Delete one territory.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-territories.html.

        Raises:
            RecordNotFound: no such territory.
        """
        ...

    @endpoint(
        "DELETE /settings/territories",
        key="territories",
        look_at="List the territories (crm.territories.list).",
    )
    async def delete_many(
        self, ids: Sequence[str], *, delete_previous_forecasts: bool | None = None
    ) -> tuple[Outcome, ...]:
        """Delete several territories; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-territories.html.
        """
        ...

    @endpoint(
        "POST /settings/territories/{id}/actions/transfer_and_delete",
        key="territories",
        look_at="Ask for the territory (crm.territories.get).",
    )
    async def transfer_and_delete(self, id: str, body: TerritoryTransfer) -> Outcome:
        """Delete a territory and give its records to another.

        See https://www.zoho.com/crm/developer/docs/api/v7/transfer-delete-territories.html.

        Raises:
            RecordNotFound: no such territory.
        """
        ...

    @endpoint(
        "POST /settings/territories/actions/transfer_and_delete",
        key="territories",
        look_at="List the territories (crm.territories.list).",
    )
    async def transfer_and_delete_many(
        self, body: Sequence[TerritoryTransfer]
    ) -> tuple[Outcome, ...]:
        """Delete territories and give their records to others.

        See https://www.zoho.com/crm/developer/docs/api/v7/transfer-delete-territories.html.
        """
        ...

    @endpoint(
        "GET /settings/territories/actions/associated_users_count", key="associated_users_count"
    )
    def user_counts(self, *, page: int = 1, per_page: int = 200) -> Pager[TerritoryUserCount]:
        """Count the users of every territory.

        See https://www.zoho.com/crm/developer/docs/api/v7/associated-user-count.html.
        """
        ...

    @endpoint("GET /settings/territories/{id}/users", key="users")
    def users(self, id: str, *, page: int = 1, per_page: int = 200) -> Pager[User]:
        """List the users of a territory.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-user-territory.html.
        """
        ...

    @endpoint("GET /settings/territories/{id}/users/{user_id}", key="users")
    async def user(self, id: str, user_id: str) -> User:
        """Return one user of a territory.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-user-territory.html.

        Raises:
            RecordNotFound: the user does not belong to it.
        """
        ...

    @endpoint("PUT /settings/territories/{id}/users", key="users", repeatable=True)
    async def add_users(self, id: str, body: Sequence[Reference]) -> tuple[Outcome, ...]:
        """Put users into a territory; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/associate-users-territory.html.
        """
        ...

    @endpoint("PUT /settings/territories/{id}/users/{user_id}", key="users", repeatable=True)
    async def add_user(self, id: str, user_id: str) -> Outcome:
        """Put one user into a territory.

        See https://www.zoho.com/crm/developer/docs/api/v7/associate-users-territory.html.

        Raises:
            RecordNotFound: no such territory or user.
        """
        ...

    @endpoint(
        "DELETE /settings/territories/{id}/users",
        key="users",
        look_at="List the users of the territory (crm.territories.users).",
    )
    async def remove_users(self, id: str, ids: Sequence[str]) -> tuple[Outcome, ...]:
        """Take users out of a territory; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/disassociate-users-territory.html.
        """
        ...

    @endpoint(
        "DELETE /settings/territories/{id}/users/{user_id}",
        key="users",
        look_at="List the users of the territory (crm.territories.users).",
    )
    async def remove_user(self, id: str, user_id: str) -> Outcome:
        """Take one user out of a territory.

        See https://www.zoho.com/crm/developer/docs/api/v7/disassociate-users-territory.html.

        Raises:
            RecordNotFound: the user does not belong to it.
        """
        ...

    @endpoint(
        "POST /{module}/actions/assign_territories",
        key="data",
        repeatable=True,
        counts={"body": (1, 100)},
    )
    async def assign(self, module: str, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Put up to 100 records into territories; one outcome for each.

        Each item names a record by ``id`` and its ``Territories``, each by ``id``.
        See https://www.zoho.com/crm/developer/docs/api/v7/assign-territories-to-records.html.
        """
        ...

    @endpoint("POST /{module}/{id}/actions/assign_territories", key="data", repeatable=True)
    async def assign_one(self, module: str, id: str, body: Mapping[str, Any]) -> Outcome:
        """Put one record into territories: ``{"Territories": [{"id": ...}]}``.

        See https://www.zoho.com/crm/developer/docs/api/v7/assign-territories-to-records.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    @endpoint(
        "POST /{module}/actions/remove_territories",
        key="data",
        repeatable=True,
        counts={"body": (1, 100)},
    )
    async def remove(self, module: str, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Take up to 100 records out of territories; one outcome for each.

        Each item names a record by ``id`` and its ``Territories``, each by ``id``.
        See https://www.zoho.com/crm/developer/docs/api/v7/remove-territories-of-records.html.
        """
        ...

    @endpoint("POST /{module}/{id}/actions/remove_territories", key="data", repeatable=True)
    async def remove_one(self, module: str, id: str, body: Mapping[str, Any]) -> Outcome:
        """Take one record out of territories.

        See https://www.zoho.com/crm/developer/docs/api/v7/remove-territories-of-records.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...
