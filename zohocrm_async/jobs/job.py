"""What a job is to those who carry it through."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from attrs import define, field, frozen

from zohocrm_async._client import ZohoCRM
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.progress import Watchers
from zohocrm_async.jobs.rows import Row
from zohocrm_async.options import Priority

GRACE = 120.0
"""Seconds after which what the service does not show was certainly not done."""

Record = Callable[[Item], Awaitable[None]]
"""Puts an item's state on disk; returns once it is there."""
Carry = Callable[[Item, Record], Awaitable[Item]]
"""Makes an item's calls and returns what it became."""


@frozen(kw_only=True)
class Terms:
    """What a job is, what it may spend, and how it queues."""

    kind: str
    """``mail`` or ``merge``."""
    heavy: bool
    """Whether its calls take heavy slots too."""
    journal: Path
    """Where the journal is."""
    budget: int | None
    """The most credits a run may spend; None: no end."""
    priority: Priority
    max_wait: float | None
    """Seconds that the job waits for credits before it stops; None: no end."""
    wait_for_next_day: bool = False
    """Whether it waits for the next day once the mails of a day are spent."""
    in_order: bool = True
    """Whether items come in the order of their rows, so that rows can be passed over unread."""


@frozen
class Order:
    """What a row asks for."""

    item: Item
    claims: tuple[str, ...] = ()
    """Records that no other item of the job may name."""
    carry: Carry | None = field(default=None, repr=False)
    """None: the row is refused."""
    calls: int = 1
    """How many calls it takes."""


class JobNotes(Protocol):
    """What is known of a whole job, wherever its journal is; see `Journal`."""

    @property
    def place(self) -> str:
        """Where the journal is, for messages."""
        ...

    async def note(self, name: str, value: str) -> None:
        """Keep a fact of the job, in place of what was noted by that name."""
        ...

    async def noted(self, name: str) -> str | None:
        """Return what was noted by *name*, or None."""
        ...

    async def holder(self, message_id: str) -> int | None:
        """Return the position of the item that has *message_id*, if any."""
        ...


class RunJournal(JobNotes, Protocol):
    """What a run needs of a journal: that of all items, or of those that are its own."""

    def now(self) -> datetime:
        """Return the time by the clock that dates the items."""
        ...

    async def add(
        self,
        item: Item,
        claims: Sequence[str] = (),
        taken: Callable[[Item], Item] | None = None,
    ) -> Item | None:
        """Put a new item on disk, or return the one in its way."""
        ...

    async def record(self, item: Item) -> None:
        """Put an item's new state on disk; return once it is there."""
        ...

    async def plan_again(self, state: ItemState, code: str) -> int:
        """Plan the items again that stand in *state* for the reason *code*."""
        ...

    def items(self, *states: ItemState) -> AsyncGenerator[Item, None]:
        """Yield the items, or those in one of *states*, in their order."""
        ...

    async def counts(self) -> Mapping[ItemState, int]:
        """Return how many items stand in each state that occurs."""
        ...


class Job(Protocol):
    """What the loop needs to know of a job."""

    @property
    def crm(self) -> ZohoCRM:
        """The organisation."""
        ...

    @property
    def terms(self) -> Terms:
        """What the job is, and what it may spend."""
        ...

    @property
    def needed(self) -> Mapping[str, str]:
        """The columns that must be there, each with the option that names another."""
        ...

    def options(self) -> Mapping[str, Any]:
        """Return the settings as JSON values, without credentials."""
        ...

    def opened(self, journal: JobNotes) -> AbstractAsyncContextManager["Job"]:
        """Open what a run needs, and give the job to go on with."""
        ...

    def arrange(self, rows: AsyncIterator[Row]) -> AsyncIterator[Row]:
        """Return the rows of the items, made of those of the input; positions ascend."""
        ...

    def order(self, row: Row) -> Order:
        """Return what *row* asks for, without any call."""
        ...

    def taken(self, item: Item, holder: Item) -> Item:
        """Return what becomes of *item*, of which *holder* has the key or a record already."""
        ...

    async def look_up(self, item: Item) -> Item:
        """Ask the service what became of *item*, whose answer was lost.

        Returns:
            The item as found; unknown with the code `ABSENT` if the service does not
            know of it so far; *item* itself if that cannot be told.
        """
        ...


@define
class Losses:
    """Answers that were lost, one after the other."""

    in_a_row: int = 0


@frozen(kw_only=True)
class Course:
    """How a run goes."""

    resend_absent: bool
    """Whether items of which the service certainly knows nothing are sent again."""
    grace: float
    """Seconds after which that is certain."""
    watchers: Watchers
    """Those who are told."""
    losses: Losses = field(factory=Losses)
    """What is counted on from run to run, where a job has many."""
