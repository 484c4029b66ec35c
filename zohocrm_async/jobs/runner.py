"""The one loop of all jobs: rows in, calls out, every state on disk first."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, Protocol

from attrs import evolve, field, frozen

from zohocrm_async._client import ZohoCRM
from zohocrm_async.exceptions import ZohoCRMError
from zohocrm_async.jobs import verdicts
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.journal import Journal
from zohocrm_async.jobs.report import JobReport
from zohocrm_async.jobs.rows import Row, Source, fingerprint, open_rows
from zohocrm_async.options import Priority
from zohocrm_async.scheduler import Budget

logger = logging.getLogger("zohocrm_async.jobs")

OnItem = Callable[[Item], None]

# Items in hand for each slot: while one is sent, one is written down before and one after.
_IN_HAND = 3
# Rows between two looks at the limits, which may change while the job runs.
_LOOK_AFTER = 20
# Scheduled merges that are followed at once.
_MOST_FOLLOWED = 500


@frozen(kw_only=True)
class Terms:
    """What a job is, what it may spend, and how it queues."""

    kind: str
    """``mail`` or ``merge``."""
    heavy: bool
    """Whether its calls take heavy slots too."""
    journal: Path
    """Where the journal is made."""
    budget: int | None
    """The most credits it may spend; None: no end."""
    priority: Priority
    max_wait: float | None
    """Seconds that an item waits for credits before the job stops; None: no end."""


@frozen
class Order:
    """What a row asks for."""

    item: Item
    claims: tuple[str, ...] = ()
    """Records that no other item of the job may name."""
    send: Callable[[], Awaitable[Item]] | None = field(default=None, repr=False)
    """Makes the call and returns what the item became; None: the row is refused."""


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

    def order(self, row: Row) -> Order:
        """Return what *row* asks for, without any call."""
        ...

    def taken(self, item: Item, holder: int) -> Item:
        """Return what becomes of *item*, whose record row *holder* has named already."""
        ...

    async def follow(self, item: Item) -> Item:
        """Wait for the end of what the service does for *item* as a job of its own."""
        ...


async def run(job: Job, source: Source, on_item: OnItem | None = None) -> JobReport:
    """Carry *job* through over *source*.

    Cancelled, it takes no more rows, lets what is in flight come to its end, and
    then raises `asyncio.CancelledError`; the journal holds every state. Cancelled
    once more, it breaks off what is in flight, and those items are unknown.

    Args:
        job: what to do.
        source: a CSV or JSON lines file, or mappings.
        on_item: called once for each item, with the state this run leaves it in.

    Raises:
        InvalidRequest: the input cannot be read, or lacks a column.
        JournalError: the journal exists already, or cannot be written.
    """
    terms, clock = job.terms, job.crm.clock
    began = clock.monotonic()
    digest = await fingerprint(source)
    budget = job.crm.budget(
        f"{terms.kind} job {terms.journal.name}",
        credits=terms.budget,
        priority=terms.priority,
        max_wait=terms.max_wait,
    )
    async with (
        open_rows(source, job.needed) as rows,
        Journal.create(
            terms.journal, kind=terms.kind, options=job.options(), fingerprint=digest, clock=clock
        ) as journal,
        budget,
    ):
        this = Run(job, journal, budget, on_item)
        await this.carry_through(rows)
        return JobReport(
            counts=await journal.counts(),
            refusals=await journal.refusals(),
            credits=budget.spent,
            seconds=clock.monotonic() - began,
            stopped=this.stopped,
            journal=terms.journal,
        )


class Run:
    """One run of a job: owns its tasks, and ends when the last of them has."""

    def __init__(self, job: Job, journal: Journal, budget: Budget, on_item: OnItem | None) -> None:
        self.stopped: str | None = None
        self._job = job
        self._journal = journal
        self._budget = budget
        self._on_item = on_item
        self._feeder: set[asyncio.Task[None]] = set()
        self._sending: set[asyncio.Task[None]] = set()
        self._following: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()
        self._interrupted = False
        self._failure: BaseException | None = None

    async def carry_through(self, rows: AsyncIterator[Row]) -> None:
        """Take all rows, and return once nothing is in flight any more."""
        self._start(self._feeder, self._feed(rows))
        cancelled: asyncio.CancelledError | None = None
        while tasks := self._feeder | self._sending | self._following:
            try:
                await asyncio.wait(tasks)
            except asyncio.CancelledError as error:
                self._interrupt(again=cancelled is not None)
                cancelled = error
        if cancelled is not None:
            raise cancelled from self._failure
        if self._failure is not None:
            raise self._failure

    def _interrupt(self, *, again: bool) -> None:
        """Let what is in flight end, and nothing else; *again*: not even that."""
        self._interrupted = True
        self._stop("interrupted")
        self._budget.close()
        tasks = self._following | self._sending if again else self._following
        for task in tasks:
            task.cancel()

    def _stop(self, reason: str) -> None:
        self.stopped = self.stopped or reason
        for task in self._feeder:
            task.cancel()

    def _start(self, owner: set[asyncio.Task[None]], work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        owner.add(task)

        def ended(task: asyncio.Task[None]) -> None:
            owner.discard(task)
            self._room.set()
            error = None if task.cancelled() else task.exception()
            if error is not None:
                self._failure = self._failure or error
                self._stop(f"failed: {error}")

        task.add_done_callback(ended)

    async def _feed(self, rows: AsyncIterator[Row]) -> None:
        most = self._most()
        async for row in rows:
            if row.position % _LOOK_AFTER == 0:
                most = self._most()
            while len(self._sending) >= most or len(self._following) >= _MOST_FOLLOWED:
                self._room.clear()
                await self._room.wait()
            self._start(self._sending, self._carry(row))

    def _most(self) -> int:
        """Return how many items may be in hand."""
        report = self._job.crm.credits()
        slots = report.slots.limit
        if self._job.terms.heavy:
            slots = min(slots, report.heavy_slots.limit)
        return _IN_HAND * slots

    async def _carry(self, row: Row) -> None:
        order = self._job.order(row)
        item, claims = order.item, order.claims
        if order.send is not None:
            item = evolve(item, state=ItemState.SENDING)
        holder = await self._journal.add(item, claims)
        if holder is not None:
            item = self._job.taken(order.item, holder)
            await self._journal.add(item)
        elif order.send is not None:
            item = await self._sent(item, order.send)
        if item.state is ItemState.MERGING and item.job_id and not self._interrupted:
            self._start(self._following, self._follow(item))
        else:
            self._tell(item)

    async def _sent(self, item: Item, send: Callable[[], Awaitable[Item]]) -> Item:
        """Make the call, and write down what came of it."""
        try:
            outcome = await send()
        except ZohoCRMError as error:
            outcome = verdicts.after_sending(item, error)
            if verdicts.stops(error):
                self._stop(str(error))
        except BaseException as error:
            await self._journal.record(verdicts.cut_short(item, error))
            raise
        await self._journal.record(outcome)
        return outcome

    async def _follow(self, item: Item) -> None:
        try:
            outcome = await self._job.follow(item)
        except ZohoCRMError as error:
            outcome = verdicts.after_following(item, error)
            if verdicts.stops(error):
                self._stop(str(error))
        except asyncio.CancelledError:
            self._tell(item)
            raise
        await self._journal.record(outcome)
        self._tell(outcome)

    def _tell(self, item: Item) -> None:
        if self._on_item is None:
            return
        try:
            self._on_item(item)
        except Exception:
            logger.exception("on_item failed for item %s", item.key)
