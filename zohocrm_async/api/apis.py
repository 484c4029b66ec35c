"""The organisation's own list of operations and prices."""

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async.models.apis import ApiFilter, SupportedAPI


class Apis(Resource, family="apis"):
    """Operations that the organisation's API version knows, with their prices."""

    @endpoint("GET /__apis", key="__apis")
    async def list(self, filters: ApiFilter | None = None) -> tuple[SupportedAPI, ...]:
        """List operations, all or those of one scope, method or module. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/list-available-rest-apis.html.

        Raises:
            InvalidData: the filter's value is none that the service knows.
            ScopeMismatch: the token lacks ``ZohoCRM.apis.READ``.
        """
        ...
