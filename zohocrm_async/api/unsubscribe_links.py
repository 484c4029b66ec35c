"""Unsubscribe links of the organisation."""

from collections.abc import Sequence

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._given import all_given, given
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.unsubscribe_links import (
    NewUnsubscribeLink,
    UnsubscribeLink,
    UnsubscribeLinkAssociation,
    UnsubscribeLinkChange,
)


class UnsubscribeLinks(Resource, family="unsubscribe_links"):
    """Links by which recipients opt out. Every call takes 1 credit."""

    @endpoint("GET /settings/unsubscribe_links", key="unsubscribe_links")
    async def list(self) -> tuple[UnsubscribeLink, ...]:
        """List the links.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-unsubscribe-links.html.
        """
        ...

    @endpoint("GET /settings/unsubscribe_links/{id}", key="unsubscribe_links")
    async def get(self, id: str) -> UnsubscribeLink:
        """Return one link.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-unsubscribe-links.html.

        Raises:
            RecordNotFound: no such link.
        """
        ...

    @endpoint(
        "POST /settings/unsubscribe_links",
        key="unsubscribe_links",
        look_at="List the links (crm.unsubscribe_links.list) for its name.",
    )
    async def _create(self, body: NewUnsubscribeLink) -> Outcome: ...

    async def create(self, link: NewUnsubscribeLink) -> Outcome:
        """Create a link; its id is the outcome's.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-unsubscribe-link.html.

        Raises:
            InvalidRequest: keys do not go together; lists every reason.
            DuplicateData: a link has this name.
        """
        link = given(NewUnsubscribeLink, link, "link", "unsubscribe_links.create")
        problems = tuple(link.problems())
        if problems:
            raise InvalidRequest(problems, operation="unsubscribe_links.create")
        return await self._create(link)

    @endpoint("PUT /settings/unsubscribe_links/{id}", key="unsubscribe_links", repeatable=True)
    async def update(self, id: str, body: UnsubscribeLinkChange) -> Outcome:
        """Change one link.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-unsubscribe-link.html.

        Raises:
            RecordNotFound: no such link.
        """
        ...

    @endpoint("PUT /settings/unsubscribe_links", key="unsubscribe_links", repeatable=True)
    async def _update_many(self, body: Sequence[UnsubscribeLinkChange]) -> tuple[Outcome, ...]: ...

    async def update_many(self, changes: Sequence[UnsubscribeLinkChange]) -> tuple[Outcome, ...]:
        """Change several links; one outcome for each, in order.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-unsubscribe-link.html.

        Raises:
            InvalidRequest: a change names no link.
        """
        operation = "unsubscribe_links.update_many"
        changes = all_given(UnsubscribeLinkChange, changes, "changes", operation)
        missing = [index for index, change in enumerate(changes) if not change.id]
        if missing:
            raise InvalidRequest(
                tuple(f"change {index} has no id: it cannot tell its link" for index in missing),
                operation=operation,
            )
        return await self._update_many(changes)

    # Not repeatable: the repeat of a delete that was done is refused as unknown id.
    @endpoint(
        "DELETE /settings/unsubscribe_links/{id}",
        key="unsubscribe_links",
        look_at="Ask for the link (crm.unsubscribe_links.get).",
    )
    async def delete(self, id: str) -> Outcome:
        """Delete one link.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-unsubscribe-link.html.

        Raises:
            RecordNotFound: no such link.
            NotAllowed: it is the Default link.
        """
        ...

    @endpoint("GET /settings/unsubscribe_link/actions/associations", key="associations")
    async def associations(self) -> tuple[UnsubscribeLinkAssociation, ...]:
        """List the links with the places that use them.

        See https://www.zoho.com/crm/developer/docs/api/v7/unsubscribe-link-associations.html.
        """
        ...
