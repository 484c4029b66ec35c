"""The organisation that the token belongs to."""

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async.models.organization import Organization as Details


class Organization(Resource, family="organization"):
    """The organisation. Every call takes 1 credit."""

    @endpoint("GET /org", key="org")
    async def get(self) -> Details:
        """Return the organisation with its edition and time zone.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-org-data.html.

        Raises:
            ScopeMismatch: the token lacks ``ZohoCRM.org.READ``.
        """
        ...
