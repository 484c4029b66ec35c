"""What a client offers around its scheduler: budgets, the account, and what is ahead."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from attrs import NOTHING, NothingType

from zohocrm_async import _stream
from zohocrm_async._clock import Clock
from zohocrm_async._endpoint import Call
from zohocrm_async.exceptions import ConfigurationError
from zohocrm_async.options import Priority, WhenSpent
from zohocrm_async.scheduler import Budget, Quote, Scheduler

if TYPE_CHECKING:
    from zohocrm_async.models.credits import CreditReport, Forecast, SpentMinute


class Scheduled(ABC):
    """Whoever makes calls by a scheduler."""

    clock: Clock
    _scheduler: Scheduler

    @abstractmethod
    async def quote(self, call: Call) -> Quote:
        """Return what is known of the price of *call*, without making it."""

    @property
    def closed(self) -> bool:
        """Whether new calls are refused: it is closed, or about to be."""
        return self._scheduler.closed

    def budget(
        self,
        name: str,
        *,
        credits: int | None = None,
        priority: Priority | None = None,
        max_wait: float | NothingType | None = NOTHING,
        weight: float | None = None,
        concurrency: int | None = None,
        rate: float | None = None,
        deadline: float | datetime | None = None,
        when_spent: WhenSpent | str = WhenSpent.REFUSE,
        pace: float | timedelta | None = None,
    ) -> Budget:
        """Return a budget: ``async with`` charges every call awaited inside to it.

        A budget inside another keeps to the limits of both, and takes from it what it is
        not given.

        Args:
            name: what reports call it.
            credits: the most it may spend; None: no end.
            priority: which calls go first.
            max_wait: seconds that its calls wait for credits, in place of
                `Limits.max_wait`; None: no end.
            weight: its share beside other budgets of its priority, 1 unless given.
            concurrency: its calls in flight at once.
            rate: its calls a second.
            deadline: by when its calls must have started: seconds from its beginning, or
                an aware datetime.
            when_spent: ``refuse`` raises `BudgetExceeded`; ``wait`` waits for more.
            pace: over how long its credits are spread evenly: seconds, or a timedelta.
        """
        return self._scheduler.budget(
            name,
            credits=credits,
            priority=priority,
            max_wait=max_wait,
            weight=weight,
            concurrency=concurrency,
            rate=rate,
            deadline=deadline,
            when_spent=when_spent,
            pace=pace,
        )

    def credits(self) -> "CreditReport":
        """Return the state of the 24-hour window, the slots and the budgets."""
        return self._scheduler.report()

    def credits_history(self) -> "tuple[SpentMinute, ...]":
        """Return the minutes of the 24-hour window in which credits were spent, oldest first.

        Their credits sum up to `CreditReport.used`. A ledger that outlives the process, or
        that others share, knows what was spent before this client began, and elsewhere.
        """
        return self._scheduler.history()

    def credits_stream(self, *, interval: float = 1.0) -> "AsyncGenerator[CreditReport]":
        """Iterate over `credits` as they change, until the client is closed.

        The first report comes at once, every further one *interval* seconds after the
        last at the soonest, with all that has changed meanwhile.
        """
        if not interval >= 0:
            raise ConfigurationError(f"interval is {interval!r}: give 0 or more seconds")
        return _stream.reports(self._scheduler, self.clock, interval=interval)

    async def forecast(
        self,
        calls: int,
        method: str,
        path: str,
        *,
        rows: int = 1,
        query: Mapping[str, Any] | None = None,
        seconds_per_call: float | None = None,
        budget: Budget | None = None,
    ) -> "Forecast":
        """Return what *calls* calls cost at most, and when they can be done at the earliest.

        Nothing is sent but the question for the price list, once a day. *rows* and
        *query* are those of one call, as in ``crm.apis.price``; *seconds_per_call* is
        what a call takes, where slots may be what binds.
        """
        from zohocrm_async.api.apis import priced_call  # noqa: PLC0415  # loads on first use

        call = priced_call(method, path, rows=rows, query=query)
        return self._scheduler.forecast(
            calls,
            await self.quote(call),
            heavy=call.heavy,
            seconds_per_call=seconds_per_call,
            budget=budget,
            windows=call.operation.windows,
            slots=call.operation.slots,
        )
