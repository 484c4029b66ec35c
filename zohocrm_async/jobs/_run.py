"""The one loop of all jobs: rows in, calls out, every state on disk first."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from zohocrm_async.exceptions import (
    CreditsExhausted,
    JournalError,
    MailLimitExceeded,
    SchedulerClosed,
    WindowExhausted,
    ZohoCRMError,
)
from zohocrm_async.jobs import verdicts
from zohocrm_async.jobs._remaining import Task
from zohocrm_async.jobs._seats import Seats
from zohocrm_async.jobs.items import ABSENT, Item, ItemState
from zohocrm_async.jobs.job import Carry, Course, Job, Order, RunJournal
from zohocrm_async.jobs.pauses import Gate, next_mail_day
from zohocrm_async.jobs.progress import Resumed, Stopped, Waiting
from zohocrm_async.scheduler import Budget

logger = logging.getLogger("zohocrm_async.jobs")

Again = Callable[[], AbstractAsyncContextManager[AsyncIterator[Task]]]

# Items in hand for each slot: while one is sent, one is written down before and one after.
_IN_HAND = 3
# So many lost answers in a row are no bad luck: whatever is sent now is in doubt as well.
_MOST_LOST = 50


class Run:
    """One run of a job: owns its tasks, and ends when the last of them has."""

    def __init__(self, job: Job, journal: RunJournal, budget: Budget, course: Course) -> None:
        self.stopped: str | None = None
        self.cause: ZohoCRMError | None = None
        """The error that stopped it, if one did."""
        self._job = job
        self.journal = journal
        self._budget = budget
        self._course = course
        self._watchers = course.watchers
        self._clock = job.crm.clock
        self._gate = Gate(self._clock)
        self._owned: set[asyncio.Task[None]] = set()
        self._driver: asyncio.Task[None] | None = None
        self._waiter: asyncio.Task[None] | None = None
        self._seats = Seats(self._in_hand, self._start)
        self._interrupted = False
        self._failure: BaseException | None = None

    # --- life

    async def carry_through(self, tasks: AsyncIterator[Task], again: Again | None) -> None:
        """Take all *tasks*, and return once nothing is in flight any more.

        Args:
            tasks: rows, each with its item if the journal has one.
            again: opens those of unfinished items once more, where that can be.
        """
        self._driver = self._start(self._drive(tasks, again))
        cancelled: asyncio.CancelledError | None = None
        while self._owned:
            try:
                await asyncio.wait(self._owned)
            except asyncio.CancelledError as error:
                self._interrupt(again=cancelled is not None)
                cancelled = error
        if cancelled is not None:
            raise cancelled from self._failure
        if self._failure is not None:
            raise self._failure

    async def _drive(self, tasks: AsyncIterator[Task], again: Again | None) -> None:
        await self._seats.each(tasks, self._carry)
        await self._look_up()
        absent = 0
        if self._course.resend_absent:
            absent = await self.journal.plan_again(ItemState.UNKNOWN, ABSENT)
        counts = await self.journal.counts()
        if not (absent or counts.get(ItemState.MERGING)) or self._gate.shut:
            return
        if again is None:
            await self._stop("the rows cannot be read again: resume with the same rows")
            return
        async with again() as rest:
            await self._seats.each(rest, self._carry)
        await self._look_up()

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._owned.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._owned.discard(task)
        self._seats.left(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._failure = self._failure or error
            self._end(f"failed: {error}")

    def _interrupt(self, *, again: bool) -> None:
        """Let what is in flight end, and nothing else; *again*: not even that."""
        self._interrupted = True
        self._end("interrupted")
        self._budget.close()
        for task in tuple(self._owned) if again else self._seats.followers:
            task.cancel()

    async def _stop(self, reason: str, cause: ZohoCRMError | None = None) -> None:
        if self._end(reason):
            self.cause = cause
            await self._watchers.tell(Stopped(reason))

    def _end(self, reason: str) -> bool:
        """Take no more rows; whether that is news."""
        news = self.stopped is None
        self.stopped = self.stopped or reason
        self._gate.shut_down()
        self._seats.close()
        if self._driver is not None and self._driver is not asyncio.current_task():
            self._driver.cancel()
        if self._waiter is not None:
            self._waiter.cancel()
        return news

    def _in_hand(self) -> int:
        """Return how many items may be in hand at once."""
        report = self._job.crm.credits()
        slots = report.slots.limit
        if self._job.terms.heavy:
            slots = min(slots, report.heavy_slots.limit)
        return _IN_HAND * slots

    async def take_seat(self) -> None:
        """Have the current task's item in hand, once the job does not wait.

        Raises:
            SchedulerClosed: the job has stopped.
        """
        await self._seats.take()
        if not await self._gate.passed():
            raise SchedulerClosed(f"the job has stopped: {self.stopped}")

    def leave_seat(self) -> None:
        """Let another item be in hand while the current task's is followed."""
        self._seats.leave()

    # --- one item

    async def _carry(self, task: Task) -> None:
        row, known = task
        order = self._job.order(row)
        item = await (self._enter(order) if known is None else self._reenter(order, known))
        if item is None or order.carry is None:
            return
        hand = _Hand(self, item)
        while not await self._attempted(hand, order.carry):
            if not await self._gate.passed():
                break
            if hand.item.state is ItemState.PLANNED:
                await hand.record(hand.item.became(ItemState.SENDING))
        await self._watchers.ended(hand.item)

    async def _enter(self, order: Order) -> Item | None:
        """Put a new item on disk; return it if it is to be carried through."""
        if order.carry is None:
            item = order.item
        elif not await self._gate.passed():
            return None  # nobody has taken the row
        else:
            item = order.item.became(ItemState.SENDING)
        holder = await self.journal.add(
            item, order.claims, lambda holder: self._job.taken(order.item, holder)
        )
        if holder is None and order.carry is not None:
            return item
        ended = item if holder is None else self._job.taken(order.item, holder)
        await self._watchers.ended(ended)
        return None

    async def _reenter(self, order: Order, known: Item) -> Item | None:
        """Take up an item that the journal has; return it if it is to be carried through."""
        if known.key != order.item.key:
            raise JournalError(
                f"{self.journal.place} has {known.key!r} for row {known.position}, and the input "
                f"now has {order.item.key!r}: give the rows of its first run"
            )
        if order.carry is None:
            await self.journal.record(order.item)
            await self._watchers.ended(order.item)
            return None
        if known.state is not ItemState.PLANNED:
            return known
        if not await self._gate.passed():
            return None
        item = known.became(ItemState.SENDING)
        await self.journal.record(item)
        return item

    async def _attempted(self, hand: "_Hand", carry: Carry) -> bool:
        """Carry an item on; False if the job has to wait before it can go on."""
        try:
            outcome = await carry(hand.item, hand.record)
        except JournalError:
            raise  # no word of the service: what was on its way is unknown at the next opening
        except ZohoCRMError as error:
            following = hand.item.state is ItemState.MERGING
            judge = verdicts.after_following if following else verdicts.after_sending
            outcome = judge(hand.item, error)
            waits = await self._waits(error) if verdicts.stops(error) else None
            if waits is False:
                await self._stop(str(error), error)
            await self.journal.record(outcome)
            hand.item = outcome
            await self._count(outcome)
            return not waits
        except BaseException as error:
            if hand.item.state is ItemState.SENDING:
                await self.journal.record(verdicts.cut_short(hand.item, error))
            else:
                await self._watchers.ended(hand.item)
            raise
        await self.journal.record(outcome)
        hand.item = outcome
        await self._count(outcome)
        return True

    async def _count(self, outcome: Item) -> None:
        """Stop a job all of whose answers get lost."""
        losses = self._course.losses
        losses.in_a_row = losses.in_a_row + 1 if outcome.state is ItemState.UNKNOWN else 0
        if losses.in_a_row == _MOST_LOST:
            losses.in_a_row = 0
            await self._stop(f"the last {_MOST_LOST} answers were lost: {outcome.message}")

    # --- waiting of the whole job

    async def _waits(self, error: ZohoCRMError) -> bool:
        """Close the gate if all can go on later; whether that is so."""
        until = await self._resumption(error)
        if until is None or self._gate.shut:
            return False
        if self._gate.close(until):
            await self._watchers.tell(Waiting(until, str(error)))
            if self._waiter is None or self._waiter.done():
                self._waiter = self._start(self._wait())
        return True

    async def _wait(self) -> None:
        while not self._gate.shut and self._gate.until is not None:
            await self._gate.reopened()
            # Those who are told may take their time, and the gate be closed again meanwhile.
            await self._watchers.tell(Resumed())

    async def _resumption(self, error: ZohoCRMError) -> datetime | None:
        """Return when the job can go on after *error*; None: not within its patience."""
        if isinstance(error, MailLimitExceeded) and self._job.terms.wait_for_next_day:
            if self._gate.until is not None:
                return self._gate.until  # another item has met the cap already
            return await next_mail_day(self._job.crm)
        if isinstance(error, WindowExhausted) and self._job.terms.wait_for_next_day:
            return error.resumes_at
        if isinstance(error, CreditsExhausted) and error.resumes_at is not None:
            patience = self._job.terms.max_wait
            seconds = (error.resumes_at - self._clock.now()).total_seconds()
            return error.resumes_at if patience is None or seconds <= patience else None
        return None

    # --- what was left unknown

    async def _look_up(self) -> None:
        """Look what became of the items whose answers were lost."""
        early = await self._look_pass()
        if early is None or not self._course.resend_absent:
            return
        await self._watchers.tell(Waiting(early, "what was lost may still show up"))
        await self._clock.sleep((early - self.journal.now()).total_seconds())
        await self._watchers.tell(Resumed())
        await self._look_pass()

    async def _look_pass(self) -> datetime | None:
        """Look all up; return when the last of the missing is certainly absent, if too early."""
        latest: list[datetime] = []
        async with contextlib.aclosing(self._doubtful()) as items:
            await self._seats.each(items, partial(self._look, latest))
        return max(latest, default=None)

    async def _doubtful(self) -> AsyncGenerator[Item, None]:
        async with contextlib.aclosing(self.journal.items(ItemState.UNKNOWN)) as items:
            async for item in items:
                if item.code != ABSENT:
                    yield item

    async def _look(self, latest: list[datetime], item: Item) -> None:
        found: Item | None = None
        while found is None:
            if not await self._gate.passed():
                return
            try:
                found = await self._job.look_up(item)
            except ZohoCRMError as error:
                if not verdicts.stops(error):
                    return
                if not await self._waits(error):
                    await self._stop(f"lost answers could not be looked up: {error}", error)
        now = self.journal.now()
        certain = (item.updated_at or now) + timedelta(seconds=self._course.grace)
        if found.code == ABSENT and now < certain:
            latest.append(certain)
            found = item
        if found != item:
            await self.journal.record(found)
        await self._watchers.ended(found)


class _Hand:
    """An item in hand, as it stands on disk."""

    __slots__ = ("_run", "item")

    def __init__(self, run: Run, item: Item) -> None:
        self.item = item
        self._run = run

    async def record(self, item: Item) -> None:
        """Put the item's state on disk; while the service merges, it needs no seat."""
        run = self._run
        if item.state is ItemState.SENDING:
            await run.take_seat()
        await run.journal.record(item)
        self.item = item
        if item.state is ItemState.MERGING and item.job_id:
            run.leave_seat()
