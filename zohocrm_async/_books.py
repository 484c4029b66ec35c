"""The books that a client was given: opened before its first call, closed with it."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import attrs

from zohocrm_async._clock import Clock
from zohocrm_async._events import SchedulerEvent
from zohocrm_async.exceptions import SchedulerClosed
from zohocrm_async.options import Limits
from zohocrm_async.scheduler import Ledger, Scheduler
from zohocrm_async.scheduler.leases import SlotLeases
from zohocrm_async.scheduler.windows import DayWindow


class Books:
    """A ledger, slots and a count of mails that outlive the client, or are others' as well."""

    def __init__(
        self, ledger: Ledger | None, slots: SlotLeases | None, mails: DayWindow | None
    ) -> None:
        self.ledger, self.slots, self.mails = ledger, slots, mails
        self.are_open = ledger is None and slots is None and mails is None
        """Whether calls may go by them; a client's own need no opening."""
        self.closed = False
        """Whether they shall not be opened any more."""
        self._changing = asyncio.Lock()

    def scheduler(
        self, limits: Limits, clock: Clock, tell: Callable[[SchedulerEvent], None]
    ) -> Scheduler:
        """Return a scheduler that goes by them."""
        return Scheduler(
            limits,
            clock=clock,
            ledger=self.ledger,
            leases=self.slots,
            mails=self.mails,
            tell=tell,
        )

    async def open(self, limits: Limits, *, known: bool) -> Limits:
        """Make them ready, once; return *limits*, or what they remember if these are not *known*.

        Raises:
            SchedulerClosed: their client was closed.
        """
        async with self._changing:
            if self.closed:
                raise SchedulerClosed("the client was closed; make another")
            if not self.are_open:
                limits = await self._open(limits, known=known)
                self.are_open = True
            return limits

    async def _open(self, limits: Limits, *, known: bool) -> Limits:
        async with AsyncExitStack() as opened:
            remembered = None
            if self.ledger is not None:
                remembered = await self.ledger.open()
                opened.push_async_callback(self.ledger.close)
            if self.mails is not None:
                await self.mails.open()
                opened.push_async_callback(self.mails.close)
            shared = None
            if self.slots is not None:
                shared = await self.slots.open(limits if known else None)
            opened.pop_all()
        if known or shared is not None or remembered is None:
            return shared or limits
        # The question for the limits must fit into what the books say is left.
        return attrs.evolve(limits, credits=remembered)

    async def close(self) -> None:
        """Write what was spent, and give back what is held; once, as others may count on them."""
        async with self._changing:
            opened, self.are_open = self.are_open, False
            if opened:
                await self._close()

    async def _close(self) -> None:
        async with AsyncExitStack() as closing:
            for one in (self.slots, self.mails, self.ledger):
                if one is not None:
                    closing.push_async_callback(one.close)
