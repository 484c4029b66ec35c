"""Who owns records."""

from collections.abc import Sequence

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async.models.common import ModuleReference, Outcome, Reference


class Ownership(Resource, family="ownership"):
    """Records handed to another owner; ``crm.mass_change_owner`` does whole custom views.

    Calls take 1 credit. *related_modules* are handed over with the records: by ``api_name``
    all the tasks, meetings, calls, contacts or deals that belong to them, by ``id`` one
    such record.
    """

    @endpoint(
        "POST /{module}/actions/change_owner",
        key="data",
        beside=("ids", "owner", "notify", "related_modules"),
        counts={"ids": (1, 500)},
        cut="ids",
        repeatable=True,
    )
    async def change(
        self,
        module: str,
        ids: Sequence[str],
        owner: Reference,
        *,
        notify: bool | None = None,
        related_modules: Sequence[ModuleReference] | None = None,
    ) -> tuple[Outcome, ...]:
        """Give records to another owner; one outcome for each, in order. 1 credit for 500.

        See https://www.zoho.com/crm/developer/docs/api/v7/change-owner.html.
        """
        ...

    @endpoint(
        "POST /{module}/{id}/actions/change_owner",
        key="data",
        beside=("owner", "notify", "related_modules"),
        repeatable=True,
    )
    async def change_one(
        self,
        module: str,
        id: str,
        owner: Reference,
        *,
        notify: bool | None = None,
        related_modules: Sequence[ModuleReference] | None = None,
    ) -> Outcome:
        """Give one record to another owner.

        See https://www.zoho.com/crm/developer/docs/api/v7/change-owner.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...
