"""What a client learns of its organisation by itself: limits and prices."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import attrs

from zohocrm_async._clock import Clock
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async._events import logger
from zohocrm_async.exceptions import APIError, TransportError, ZohoCRMError
from zohocrm_async.options import Edition, Limits, Priority
from zohocrm_async.scheduler import Budget, Catalogue, PriceEntry, Quote, Scheduler, current_budget

# __apis names each path with its version, costs a credit, and seldom changes.
_DAY = 24 * 60 * 60.0
_RETRY_AFTER = 60 * 60.0
_PUBLISHED = Catalogue((), source="the published defaults")
# Whoever happens to call first must not pay for what all use.
_OVERHEAD = Budget("price list and limits", priority=Priority.INTERACTIVE)

Carry = Callable[[Call, Quote], Awaitable[Any]]


class OrganizationFacts:
    """The organisation's price list and limits, asked for when first needed."""

    def __init__(
        self,
        carry: Carry,
        scheduler: Scheduler,
        clock: Clock,
        *,
        limits_known: bool,
    ) -> None:
        self.overrides: Mapping[str, Any] = {}
        """Limits to set whatever the organisation says."""
        self._carry = carry
        self._scheduler = scheduler
        self._clock = clock
        self._limits_known = limits_known
        self._catalogue = _PUBLISHED
        self._stale_at = -1.0
        self._lock = asyncio.Lock()
        self._warned = False

    @property
    def fresh(self) -> Catalogue | None:
        """The price list, or None if it is to be asked for."""
        return self._catalogue if self._clock.monotonic() < self._stale_at else None

    async def catalogue(self) -> Catalogue:
        """Return the price list; ask for it once a day, all callers together."""
        async with self._lock:
            if self._clock.monotonic() >= self._stale_at:
                outer = current_budget.set(_OVERHEAD)
                try:
                    await self._learn()
                finally:
                    current_budget.reset(outer)
        return self._catalogue

    async def _learn(self) -> None:
        from zohocrm_async.api.apis import Apis  # noqa: PLC0415  # loads on first use
        from zohocrm_async.api.organization import Organization  # noqa: PLC0415

        if not self._limits_known:
            found = await self._ask(Organization.operations["get"])
            self._scheduler.set_limits(self._limits(found))
            self._limits_known = True
        listed = await self._ask(Apis.operations["list"])
        lifetime = _RETRY_AFTER
        if listed:
            self._catalogue = Catalogue(_entries(listed), source="the organisation's __apis")
            lifetime = _DAY
        self._stale_at = self._clock.monotonic() + lifetime

    async def _ask(self, operation: Operation) -> Any:
        """Return the decoded answer, or None with a warning: published values serve too."""
        call = Call(operation, operation.path)
        quote = _PUBLISHED.quote("GET", operation.path, exact=1, default=1)
        try:
            return await self._carry(call, quote)
        except (APIError, TransportError) as error:
            self._warn(operation, error)
            return None

    def _warn(self, operation: Operation, error: ZohoCRMError) -> None:
        if not self._warned:
            logger.warning(
                "%s could not be read (%s): published prices and limits serve instead",
                operation.name,
                error,
            )
        self._warned = True

    def _limits(self, body: Any) -> Limits:
        from zohocrm_async._converter import structure  # noqa: PLC0415  # loads on first use
        from zohocrm_async.models.organization import Organization  # noqa: PLC0415

        limits = self._scheduler.limits
        if body:
            details: Organization = structure(body, Organization, "org", "organization.get")
            edition = Edition.of_license(details.edition)
            limits = Limits.for_edition(edition, users=details.users)
        return attrs.evolve(limits, **self.overrides)


def _entries(body: Mapping[str, Any]) -> list[PriceEntry]:
    from zohocrm_async._converter import structure  # noqa: PLC0415  # loads on first use
    from zohocrm_async.models.apis import SupportedAPI  # noqa: PLC0415

    listed: tuple[SupportedAPI, ...] = structure(
        body, tuple[SupportedAPI, ...], "__apis", "apis.list"
    )
    return [
        PriceEntry(kind.method, api.path, kind.min_credits, kind.max_credits)
        for api in listed
        for kind in api.operation_types
    ]
