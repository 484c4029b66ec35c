"""Records shared with users."""

from collections.abc import Sequence

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.sharing import NewShare, Sharing

_NOTICES = ("notify", "notify_on_completion")


class Shares(Resource, family="shares"):
    """Records shared with users beyond what roles and rules allow. Calls take 1 credit."""

    @endpoint("GET /{module}/{id}/actions/share", renamed={"shared_to": "sharedTo"})
    async def _get(
        self, module: str, id: str, *, shared_to: str | None = None, view: str | None = None
    ) -> tuple[Sharing, ...]: ...

    async def get(
        self, module: str, id: str, *, shared_to: str | None = None, view: str | None = None
    ) -> Sharing:
        """Return with whom a record is shared: with all, or with the user *shared_to*.

        The *view* ``summary`` has the shares alone, ``manage`` also the users with whom the
        record could be shared. See
        https://www.zoho.com/crm/developer/docs/api/v7/get-shared-record-details.html.

        Raises:
            RecordNotFound: no such record.
        """
        found = await self._get(module, id, shared_to=shared_to, view=view)
        return found[0] if found else Sharing()

    @endpoint(
        "POST /{module}/{id}/actions/share",
        key="share",
        beside=_NOTICES,
        counts={"body": (1, 20)},
        look_at="Ask with whom the record is shared (crm.shares.get).",
    )
    async def create(
        self,
        module: str,
        id: str,
        body: Sequence[NewShare],
        *,
        notify: bool | None = None,
        notify_on_completion: bool | None = None,
    ) -> tuple[Outcome, ...]:
        """Share a record with users, ten at most; one outcome for each, in order.

        See https://www.zoho.com/crm/developer/docs/api/v7/share-record.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    @endpoint(
        "PUT /{module}/{id}/actions/share",
        key="share",
        beside=_NOTICES,
        counts={"body": (1, 20)},
        repeatable=True,
    )
    async def update(
        self,
        module: str,
        id: str,
        body: Sequence[NewShare],
        *,
        notify: bool | None = None,
        notify_on_completion: bool | None = None,
    ) -> tuple[Outcome, ...]:
        """Set with whom a record is shared; it is taken from whoever is not named.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-share-permissions.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    @endpoint("DELETE /{module}/{id}/actions/share", key="share", repeatable=True)
    async def delete(self, module: str, id: str) -> Outcome:
        """Share a record with nobody any more.

        See https://www.zoho.com/crm/developer/docs/api/v7/revoke-shared-record.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...
