"""What a client learns of its organisation by itself: limits and prices."""

from collections import deque
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any, TypeVar
from weakref import WeakValueDictionary

import attrs
import orjson

from zohocrm_async import _retry
from zohocrm_async._clock import Clock
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async._events import logger
from zohocrm_async._shared_answers import SharedAnswers
from zohocrm_async.exceptions import (
    APIError,
    ConfigurationError,
    TransportError,
    UnexpectedAnswer,
    ZohoCRMError,
)
from zohocrm_async.options import Edition, Limits
from zohocrm_async.scheduler import Catalogue, PriceEntry, Quote, Scheduler

# __apis names each path with its version, costs a credit, and seldom changes.
_DAY = 24 * 60 * 60.0
_RETRY_AFTER = 60 * 60.0
_PUBLISHED = Catalogue((), source="the published defaults")

# A list takes up to a megabyte, and the organisations of a process mostly have the same.
_catalogues: WeakValueDictionary[bytes, Catalogue] = WeakValueDictionary()
# Reading a list takes longer than asking for it; the next client mostly gets the same.
_latest: deque[Catalogue] = deque(maxlen=1)

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
        adapt: Callable[[Limits], Limits] | None,
    ) -> None:
        self.limits_known = limits_known
        """Whether the scheduler has the organisation's limits."""
        self._adapt = adapt
        self._carry = carry
        self._scheduler = scheduler
        self._clock = clock
        self._catalogue = _PUBLISHED
        self._stale_at = self._prices_stale_at = -1.0
        self._asked = SharedAnswers(clock, name="price list and limits", most=1)
        self._warned = self._guessed = False
        self._unsure = False
        """Whether a question that failed may be answered another time."""

    @property
    def fresh(self) -> Catalogue | None:
        """The price list, or None if it is to be asked for."""
        return self._catalogue if self._clock.monotonic() < self._stale_at else None

    async def catalogue(self) -> Catalogue:
        """Return the price list; ask for it once a day, all callers together."""
        if self.fresh is None:
            # One question for all: in turn, each would wait for the failures before its own.
            await self._asked.get("facts", self._learn, lifetime=0.0)
        return self._catalogue

    async def _learn(self) -> None:
        if not self.limits_known:
            await self._learn_limits()
        if self._clock.monotonic() >= self._prices_stale_at:
            await self._learn_prices()
        self._stale_at = self._prices_stale_at
        if not self.limits_known:
            self._stale_at = min(self._stale_at, self._clock.monotonic() + _RETRY_AFTER)

    async def _learn_limits(self) -> None:
        self._unsure = False
        limits = await self._ask("organization.get", "/org", _limits)
        # A service that is down now must not bind its client to a guess for ever.
        self.limits_known = not self._unsure
        if limits is None and not self._guessed:
            limits = self._scheduler.limits
        self._guessed = True
        if limits is not None:
            self._scheduler.set_limits(self._adapted(limits))

    async def _learn_prices(self) -> None:
        catalogue = await self._ask("apis.list", "/__apis", _catalogue)
        if catalogue is not None:
            self._catalogue = catalogue
        lifetime = _RETRY_AFTER if catalogue is None else _DAY
        self._prices_stale_at = self._clock.monotonic() + lifetime

    def _adapted(self, limits: Limits) -> Limits:
        if self._adapt is None:
            return limits
        adapted: Any = self._adapt(limits)
        if isinstance(adapted, Limits):
            return adapted
        raise ConfigurationError(
            f"the function given as limits returned {type(adapted).__name__}: return a Limits, "
            "such as attrs.evolve makes of the one it is given"
        )

    async def _ask(self, name: str, path: str, read: Callable[[Any], T]) -> T | None:
        """Return what *read* makes of the answer, or None with a warning: guesses serve too."""
        operation = Operation("GET", path, name=name, repeatable=True)
        quote = _PUBLISHED.quote("GET", path, exact=1, default=1)
        try:
            return read(await self._carry(Call(operation, path), quote))
        except (APIError, TransportError) as error:
            if isinstance(error, TransportError) and not error.sent:
                raise  # the call that asks would not be sent either
            self._unsure = _retry.passing(error)
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
    edition = Edition.of_license(details.edition)
    if edition is Edition.FREE and details.edition.lower() != "free":
        logger.warning(
            "the organisation's edition %r is not known here: the limits of the free one serve, "
            "as long as no others are given",
            details.edition,
        )
    limits = Limits.for_edition(edition, users=details.users)
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


def _catalogue(body: Any) -> Catalogue:
    try:
        key = sha256(orjson.dumps(body)).digest()
    except orjson.JSONEncodeError as error:
        raise UnexpectedAnswer(
            f"apis.list: the answer cannot be a price list: {error}", operation="apis.list"
        ) from error
    found = _catalogues.get(key)
    if found is None:
        found = _catalogues[key] = Catalogue(_entries(body), source="the organisation's __apis")
    _latest.append(found)
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
