"""What a client learns of its organisation by itself: limits and prices."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import attrs

from zohocrm_async._clock import Clock
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async._events import logger
from zohocrm_async.exceptions import (
    APIError,
    ConfigurationError,
    TransportError,
    ZohoCRMError,
)
from zohocrm_async.options import Edition, Limits, Priority
from zohocrm_async.scheduler import Budget, Catalogue, PriceEntry, Quote, Scheduler, current_budget

# __apis names each path with its version, costs a credit, and seldom changes.
_DAY = 24 * 60 * 60.0
_RETRY_AFTER = 60 * 60.0
_PUBLISHED = Catalogue((), source="the published defaults")

# A list takes up to a megabyte, and the organisations of a process mostly have the same.
_catalogues: WeakValueDictionary[bytes, Catalogue] = WeakValueDictionary()

T = TypeVar("T")
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
        self.limits_known = limits_known
        """Whether the scheduler has the organisation's limits."""
        self._carry = carry
        self._scheduler = scheduler
        self._clock = clock
        self._catalogue = _PUBLISHED
        self._stale_at = -1.0
        self._lock = asyncio.Lock()
        self._warned = False
        # Whoever happens to call first must not pay for what all use.
        self._overhead = Budget("price list and limits", priority=Priority.INTERACTIVE)

    @property
    def fresh(self) -> Catalogue | None:
        """The price list, or None if it is to be asked for."""
        return self._catalogue if self._clock.monotonic() < self._stale_at else None

    async def catalogue(self) -> Catalogue:
        """Return the price list; ask for it once a day, all callers together."""
        async with self._lock:
            if self._clock.monotonic() >= self._stale_at:
                outer = current_budget.set(self._overhead)
                try:
                    await self._learn()
                finally:
                    current_budget.reset(outer)
        return self._catalogue

    async def _learn(self) -> None:
        if not self.limits_known:
            limits = await self._ask("organization.get", "/org", _limits) or self._scheduler.limits
            self._scheduler.set_limits(attrs.evolve(limits, **self.overrides))
            self.limits_known = True
        entries = await self._ask("apis.list", "/__apis", _entries)
        if entries is not None:
            self._catalogue = _catalogue(entries)
        lifetime = _RETRY_AFTER if entries is None else _DAY
        self._stale_at = self._clock.monotonic() + lifetime

    async def _ask(self, name: str, path: str, read: Callable[[Any], T]) -> T | None:
        """Return what *read* makes of the answer, or None with a warning: guesses serve too."""
        operation = Operation("GET", path, name=name, repeatable=True)
        quote = _PUBLISHED.quote("GET", path, exact=1, default=1)
        try:
            return read(await self._carry(Call(operation, path), quote))
        except (APIError, TransportError) as error:
            if isinstance(error, TransportError) and not error.sent:
                raise  # the call that asks would not be sent either
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


def _limits(body: Any) -> Limits:
    from zohocrm_async._converter import structure  # noqa: PLC0415  # loads on first use
    from zohocrm_async.models.organization import Organization  # noqa: PLC0415

    details: Organization = structure(body, Organization, "org", "organization.get")
    limits = Limits.for_edition(Edition.of_license(details.edition), users=details.users)
    if details.time_zone is None:
        return limits
    try:
        return attrs.evolve(limits, time_zone=details.time_zone)
    except ConfigurationError:
        logger.warning(
            "the organisation's time zone %r is not known here: its days are taken to be UTC's",
            details.time_zone,
        )
        return limits


def _catalogue(entries: Sequence[PriceEntry]) -> Catalogue:
    key = sha256(repr(entries).encode()).digest()
    found = _catalogues.get(key)
    if found is None:
        found = _catalogues[key] = Catalogue(entries, source="the organisation's __apis")
    return found


def _entries(body: Any) -> list[PriceEntry]:
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
