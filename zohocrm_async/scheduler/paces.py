"""Calls that wait for the rate of their kind or budget before they line up."""

import asyncio

from zohocrm_async.exceptions import ZohoCRMError
from zohocrm_async.scheduler.permit import Permit


class Paces:
    """Waits for rate limiters, and can be told to stop."""

    def __init__(self) -> None:
        self._scopes: dict[Permit, asyncio.Timeout] = {}
        self._refusals: dict[Permit, ZohoCRMError] = {}

    def __len__(self) -> int:
        return len(self._scopes)

    def waiting(self) -> tuple[Permit, ...]:
        """Return the calls that wait here."""
        return tuple(self._scopes)

    async def wait(self, permit: Permit) -> None:
        """Wait until every rate of *permit* and of its budgets lets it go."""
        line = () if permit.budget is None else permit.budget.line
        try:
            async with asyncio.timeout(None) as self._scopes[permit]:
                for limiter in permit.rates:
                    await limiter.acquire()
                for budget in line:
                    if budget.limiter is not None:
                        await budget.limiter.acquire()
        except TimeoutError:
            raise self._refusals[permit] from None
        finally:
            del self._scopes[permit]
            self._refusals.pop(permit, None)

    def refuse(self, permit: Permit, refusal: ZohoCRMError) -> None:
        """Let *permit*, which waits, raise *refusal*."""
        if permit not in self._refusals:  # else it is on its way out
            self._refusals[permit] = refusal
            self._scopes[permit].reschedule(0.0)
