"""What routes cost and how long they take: the price list, the window, and assumptions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from zohocrm_async._coql import MOST_ROWS
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.moving import RoutePlan

if TYPE_CHECKING:
    from zohocrm_async._client import ZohoCRM


def some(number: int, one: str, many: str = "") -> str:
    """Return so many of a thing in words."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def query_rows(left: int | None) -> int:
    """Return the rows of the next query: as few as will do, for the price goes by them."""
    sizes = (200, 1_000) if left is not None else ()
    return next((rows for rows in sizes if (left or 0) <= rows), MOST_ROWS)


def query_sizes(count: int) -> list[int]:
    """Return the rows of each query that *count* records take."""
    full, left = divmod(count, MOST_ROWS)
    return [MOST_ROWS] * full + ([query_rows(left)] if left or not full else [])


class Costs:
    """What calls cost one client, and how long it waits for so many credits."""

    def __init__(self, crm: "ZohoCRM") -> None:
        self._crm = crm

    async def of(self, operation: Operation, *, path: str | None = None, body: Any = None) -> int:
        """Return the credits of one call of *operation*."""
        place = (path or operation.path).replace("{version}", self._crm.version)
        quote = await self._crm.quote(Call(operation, place.replace("{id}", "1"), body=body))
        return quote.expected

    async def plan(
        self, route: str, *, calls: int, credits_: int, seconds: float, why: str, not_: str
    ) -> RoutePlan:
        """Return the plan of a route; *not_* is why it cannot be taken, or ""."""
        wait = await self._wait(credits_)
        if wait is None:
            not_ = not_ or f"there are never {credits_} credits for it"
        return RoutePlan(
            route=route,
            possible=not not_,
            credits=credits_,
            calls=calls,
            seconds=None if wait is None else max(seconds, wait),
            why=not_ or why,
        )

    async def _wait(self, credits_: int) -> float | None:
        """Return the seconds until so many credits can have been spent; None for never."""
        # A count is a call of one credit; so many of them take as long as any others.
        ahead = await self._crm.forecast(credits_, "GET", "/Leads/actions/count")
        if ahead.ends_at is None:
            return None
        return max(0.0, (ahead.ends_at - self._crm.clock.now()).total_seconds())


def choose(plans: Sequence[RoutePlan], route: str | None, operation: str) -> tuple[RoutePlan, str]:
    """Return the plan of the cheapest route, or of the one that is asked for, and why.

    Raises:
        InvalidRequest: it cannot be taken, or none can.
    """
    possible = [plan for plan in plans if plan.possible]
    if route is not None:
        asked = next((plan for plan in plans if plan.route == route), None)
        if asked is None:
            words = ", ".join(plan.route for plan in plans)
            raise InvalidRequest(f"route is {route!r}: say one of {words}", operation=operation)
        if not asked.possible:
            raise InvalidRequest(f"the route {route} is closed: {asked.why}", operation=operation)
        return asked, "asked for"
    if not possible:
        closed = tuple(f"the route {plan.route} is closed: {plan.why}" for plan in plans)
        raise InvalidRequest(closed, operation=operation)
    best = min(possible, key=lambda plan: (plan.credits, plan.seconds or 0.0))
    others = ", ".join(
        f"{plan.route} {plan.credits}" if plan.possible else f"{plan.route} is closed"
        for plan in plans
        if plan is not best
    )
    return best, f"the cheapest: {some(best.credits, 'credit')} ({others})"
