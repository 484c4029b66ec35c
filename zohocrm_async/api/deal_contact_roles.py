"""Contacts of a deal and the parts they play."""

from collections.abc import Sequence

from zohocrm_async._endpoint import Caller, Resource
from zohocrm_async._given import all_given, given
from zohocrm_async._pages import Pager
from zohocrm_async.api.related_records import RelatedRecords
from zohocrm_async.models.common import Outcome, Reference
from zohocrm_async.models.deal_contact_roles import DealContact

_DEALS, _ROLES = "Deals", "Contact_Roles"


class DealContactRoles(Resource, family="deal_contact_roles"):
    """The contacts of a deal with their parts in it; ``crm.contact_roles`` lists the parts.

    Calls take 1 credit.
    """

    def __init__(self, client: Caller) -> None:
        super().__init__(client)
        self._related = RelatedRecords(client)

    def list(self, deal_id: str) -> Pager[DealContact]:
        """List the contacts of a deal, 200 a page. 1 credit a page.

        See
        https://www.zoho.com/crm/developer/docs/api/v7/get-contact-roles-of-a-specific-deal.html.

        Raises:
            RecordNotFound: no such deal.
        """
        return self._related.list(_DEALS, deal_id, _ROLES, into=DealContact)

    async def get(self, deal_id: str, contact_id: str) -> DealContact:
        """Return one contact of a deal.

        See
        https://www.zoho.com/crm/developer/docs/api/v7/get-contact-roles-of-a-specific-deal.html.

        Raises:
            RecordNotFound: no such deal, or the contact plays no part in it.
        """
        return await self._related.get(_DEALS, deal_id, _ROLES, contact_id, into=DealContact)

    async def add(self, deal_id: str, contacts: Sequence[DealContact]) -> tuple[Outcome, ...]:
        """Give contacts a part in a deal, or another one; one outcome for each, in order.

        See
        https://www.zoho.com/crm/developer/docs/api/v7/add-contact-roles-to-a-specific-deal.html.

        Raises:
            RecordNotFound: no such deal.
        """
        contacts = all_given(DealContact, contacts, "contacts", "deal_contact_roles.add")
        rows = [{"id": contact.id, **_role(contact.role)} for contact in contacts]
        return await self._related.link(_DEALS, deal_id, _ROLES, rows)

    async def add_one(self, deal_id: str, contact_id: str, role: Reference) -> Outcome:
        """Give one contact a part in a deal, or another one.

        See
        https://www.zoho.com/crm/developer/docs/api/v7/add-contact-roles-to-a-specific-deal.html.

        Raises:
            RecordNotFound: no such deal or contact.
        """
        role = given(Reference, role, "role", "deal_contact_roles.add_one")
        return await self._related.link_one(_DEALS, deal_id, _ROLES, contact_id, _role(role))

    async def remove(self, deal_id: str, contact_ids: Sequence[str]) -> tuple[Outcome, ...]:
        """Take contacts out of a deal; one outcome for each, in order.

        See
        https://www.zoho.com/crm/developer/docs/api/v7/remove-contact-role-from-a-specific-deal.html.

        Raises:
            RecordNotFound: no such deal.
        """
        return await self._related.unlink(_DEALS, deal_id, _ROLES, contact_ids)

    async def remove_one(self, deal_id: str, contact_id: str) -> Outcome:
        """Take one contact out of a deal.

        See
        https://www.zoho.com/crm/developer/docs/api/v7/remove-contact-role-from-a-specific-deal.html.

        Raises:
            RecordNotFound: no such deal, or the contact plays no part in it.
        """
        return await self._related.unlink_one(_DEALS, deal_id, _ROLES, contact_id)


def _role(role: Reference | None) -> dict[str, dict[str, str]]:
    return {"Contact_Role": {"id": role.id}} if role else {}
