"""Slots that processes share: what the scheduler asks of whoever lends them."""

from typing import Protocol

from attrs import frozen

from zohocrm_async.exceptions import ZohoCRMError
from zohocrm_async.options import Limits
from zohocrm_async.scheduler.slots import SlotPool

ByClass = tuple[int, int, int]
"""Slots for calls of each class of priority, INTERACTIVE first."""


class LeaseLapsed(Exception):  # no error: the call lines up again
    """The slot of a call went to another process before the call could leave."""


@frozen
class Need:
    """What the calls of a process hold, and what others wait for, and for nothing else."""

    in_flight: ByClass = (0, 0, 0)
    heavy_in_flight: ByClass = (0, 0, 0)
    """The heavy slots that they hold beside."""
    waiting: ByClass = (0, 0, 0)
    """For light calls."""
    heavy_waiting: ByClass = (0, 0, 0)
    """The heavy slots for heavy calls."""
    beside: ByClass = (0, 0, 0)
    """What these need of all slots."""
    at_once: ByClass = (0, 0, 0)
    """What one call waits for that takes several, as fewer are of no use to it."""
    heavy_at_once: ByClass = (0, 0, 0)
    went: int = 0
    """How many calls of several slots have gone, none of more waiting."""


class Borrower(Protocol):
    """The gate of a process, which grants what it has on loan."""

    @property
    def slots(self) -> SlotPool:
        """All calls in flight."""
        ...

    @property
    def heavy(self) -> SlotPool:
        """The heavy ones among them."""
        ...

    def need(self) -> Need:
        """Return what its calls use and want now."""
        ...

    def dispatch(self) -> None:
        """Grant what can go, as more may be on loan."""
        ...

    def refuse_all(self, error: ZohoCRMError) -> None:
        """Refuse those who wait, as no slots will come."""
        ...


class SlotLeases(Protocol):
    """Lends this process a part of the slots that all processes of an organisation share.

    It sets what the pools of the borrower may use (`SlotPool.lend`) and wakes it.
    """

    until: float
    """When what is on loan lapses, in the clock's seconds; no call may leave later."""

    def join(self, borrower: Borrower) -> None:
        """Lend to *borrower*, and to it alone."""
        ...

    def configure(self, limits: Limits) -> None:
        """Take *limits* for those of the organisation."""
        ...

    def changed(self) -> None:
        """Take note that calls came, went or ended."""
        ...

    def lapse(self) -> None:
        """Take back what is on loan, as its time is over."""
        ...

    async def open(self, limits: Limits | None) -> Limits | None:
        """Make ready; return the limits that the organisation's processes work with, if any.

        *limits* are those that were configured; None: they are not known yet.
        """
        ...

    async def close(self) -> None:
        """Give everything back."""
        ...
