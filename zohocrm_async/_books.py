"""The books that a client was given: opened before its first call, closed with it."""

from contextlib import AsyncExitStack

import attrs
from attrs import frozen

from zohocrm_async.options import Limits
from zohocrm_async.scheduler import Ledger
from zohocrm_async.scheduler.leases import SlotLeases
from zohocrm_async.scheduler.windows import DayWindow


@frozen
class Books:
    """A ledger, slots and a count of mails that outlive the client, or are others' as well."""

    ledger: Ledger | None
    slots: SlotLeases | None
    mails: DayWindow | None

    @property
    def are_private(self) -> bool:
        """Whether the client has none but its own."""
        return self.ledger is None and self.slots is None and self.mails is None

    async def open(self, limits: Limits, *, known: bool) -> Limits:
        """Make them ready; return *limits*, or what they remember where these are not *known*."""
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
        """Write what was spent, and give back what is held."""
        async with AsyncExitStack() as closing:
            for one in (self.slots, self.mails, self.ledger):
                if one is not None:
                    closing.push_async_callback(one.close)
