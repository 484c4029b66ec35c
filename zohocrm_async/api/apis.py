"""The organisation's own list of operations and prices."""

from collections.abc import Mapping
from typing import Any, Protocol, cast

from zohocrm_async._arguments import raw_call
from zohocrm_async._endpoint import Call, Resource, endpoint
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.apis import ApiFilter, Price, SupportedAPI
from zohocrm_async.scheduler.prices import Quote


class Pricing(Protocol):
    """Whoever knows the price list: the client."""

    async def quote(self, call: Call) -> Quote:
        """Return the price of *call*."""
        ...


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

    async def price(
        self, method: str, path: str, *, rows: int = 1, query: Mapping[str, Any] | None = None
    ) -> Price:
        """Return what a call costs, without making it.

        It costs nothing but the price list itself: 1 credit, once a day for all calls.
        More *rows* than one call takes are priced as the calls that they need.

        Args:
            method: the HTTP method.
            path: below ``/crm/{version}``, such as ``/Leads/upsert``.
            rows: the records of a call that writes.
            query: what else the price may depend on, such as ``cvid``.

        Raises:
            InvalidRequest: there can be no such call.
        """
        call = priced_call(method, path, rows=rows, query=query)
        quote = await cast("Pricing", self.client).quote(call)
        rule = call.operation.price
        asked = rule(call) if callable(rule) else 0
        if asked <= quote.maximum or not quote.maximum:
            return Price(quote.minimum, quote.maximum, quote.expected, quote.exact, quote.basis)
        calls = -(-asked // quote.maximum)
        return Price(
            calls * quote.minimum,
            calls * quote.maximum,
            asked,
            exact=quote.exact,
            why=f"{quote.basis}; {rows} rows take {calls} calls",
        )


def priced_call(method: str, path: str, *, rows: int, query: Mapping[str, Any] | None) -> Call:
    """Return a call that tells its price, with *rows* rows of no content.

    Raises:
        InvalidRequest: there can be no such call.
    """
    if rows < 0:
        raise InvalidRequest(f"rows is {rows}: give 0 or more", operation="apis.price")
    call = raw_call(method, path, query=query, body=None, headers=None, heavy=None, repeatable=None)
    if call.operation.method != "GET":
        call.body = {call.operation.key or "data": range(rows), "ids": range(rows)}
    return call
