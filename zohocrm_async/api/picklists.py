"""Picklists that several fields share."""

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.picklists import (
    GlobalPicklist,
    NewGlobalPicklist,
    PicklistAssociation,
    PicklistReplacement,
    PicklistValueAssociation,
    ReplacedValue,
)


class GlobalPicklists(Resource, family="global_picklists"):
    """Picklists that several fields share. Every call takes 1 credit."""

    @endpoint("GET /settings/global_picklists", key="global_picklists")
    async def list(
        self,
        *,
        include: Sequence[str] | None = None,
        include_inner_details: Sequence[str] | None = None,
    ) -> tuple[GlobalPicklist, ...]:
        """List the global picklists.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-global-picklist.html.
        """
        ...

    @endpoint("GET /settings/global_picklists/{id}", key="global_picklists")
    async def get(
        self,
        id: str,
        *,
        include: Sequence[str] | None = None,
        include_inner_details: Sequence[str] | None = None,
    ) -> GlobalPicklist:
        """Return one global picklist.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-global-picklist.html.

        Raises:
            RecordNotFound: no such picklist.
        """
        ...

    @endpoint(
        "POST /settings/global_picklists",
        key="global_picklists",
        look_at="List the picklists (crm.global_picklists.list).",
    )
    async def create(self, body: NewGlobalPicklist) -> Outcome:
        """Create a global picklist.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-global-picklists.html.

        Raises:
            DuplicateData: a picklist has this label.
        """
        ...

    @endpoint("PATCH /settings/global_picklists/{id}", key="global_picklists", repeatable=True)
    async def update(self, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one global picklist.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-global-picklist.html.

        Raises:
            RecordNotFound: no such picklist.
        """
        ...

    @endpoint("PATCH /settings/global_picklists", key="global_picklists", repeatable=True)
    async def update_many(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Change several global picklists by their ``id``.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-global-picklist.html.
        """
        ...

    @endpoint(
        "DELETE /settings/global_picklists/{id}",
        key="global_picklists",
        look_at="Ask for the picklist (crm.global_picklists.get).",
    )
    async def delete(self, id: str) -> Outcome:
        """Delete one global picklist.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-global-picklist.html.

        Raises:
            RecordNotFound: no such picklist.
        """
        ...

    @endpoint(
        "DELETE /settings/global_picklists",
        key="global_picklists",
        look_at="List the picklists (crm.global_picklists.list).",
    )
    async def delete_many(self, ids: Sequence[str]) -> tuple[Outcome, ...]:
        """Delete several global picklists; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-global-picklist.html.
        """
        ...

    @endpoint("GET /settings/global_picklists/{id}/actions/associations", key="associations")
    def associations(
        self,
        id: str,
        *,
        include_inner_details: Sequence[str] | None = None,
        page: int = 1,
        per_page: int = 200,
    ) -> Pager[PicklistAssociation]:
        """List the fields that use a global picklist.

        See https://www.zoho.com/crm/developer/docs/api/v7/global-picklist-associations.html.
        """
        ...

    @endpoint(
        "GET /settings/global_picklists/{id}/actions/pick_list_values_associations",
        key="pick_list_values_associations",
    )
    async def value_associations(
        self, id: str, *, picklist_value_id: str | None = None
    ) -> tuple[PicklistValueAssociation, ...]:
        """List the places that use a choice of a global picklist.

        See https://www.zoho.com/crm/developer/docs/api/v7/global-picklist-field-association.html.
        """
        ...

    @endpoint(
        "POST /settings/global_picklists/{id}/actions/replace_picklist_values",
        key="replace_picklist_values",
        look_at="Ask for what is being replaced (crm.global_picklists.replaced_values).",
    )
    async def replace_values(
        self, id: str, body: Sequence[PicklistReplacement]
    ) -> tuple[Outcome, ...]:
        """Replace choices by others in all records, as a job.

        See https://www.zoho.com/crm/developer/docs/api/v7/replace-global-picklist-options.html.

        Raises:
            RecordNotFound: no such picklist.
        """
        ...

    @endpoint("GET /settings/global_picklists/{id}/actions/replaced_values", key="replaced_values")
    async def replaced_values(self, id: str) -> tuple[ReplacedValue, ...]:
        """List the choices whose replacement is going on.

        See https://www.zoho.com/crm/developer/docs/api/v7/gpl-replace-status.html.
        """
        ...
