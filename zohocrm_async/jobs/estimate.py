"""The plan of a job: what it will do, cost and take, without a call for any item."""

import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import frozen

from zohocrm_async._client import ZohoCRM
from zohocrm_async._threads import in_thread
from zohocrm_async.exceptions import APIError, InvalidRequest, JournalError
from zohocrm_async.jobs._database import Database
from zohocrm_async.jobs._statements import Addition
from zohocrm_async.jobs._watch import looks
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.job import Job, Order
from zohocrm_async.jobs.rows import Row, Source, open_rows
from zohocrm_async.jobs.timetable import PlanPart, Supply, timetable
from zohocrm_async.models.apis import Price
from zohocrm_async.options import Edition

_ACTION = {"mail": "send_mail", "merge": "merge"}
_BATCH = 2_000
_EXAMPLES = 100
SECONDS_PER_CALL = 1.0
"""What a call is taken to last where nobody says."""
SECONDS_PER_SCHEDULED_MERGE = 300.0
"""What a scheduled merge is taken to last at most."""


@frozen(kw_only=True)
class JobPlan:
    """What a job will do, cost and take, going by its rows and the limits now."""

    kind: str
    """``mail`` or ``merge``."""
    items: int
    """Items of the input: rows, or groups."""
    planned: int
    """Items that calls will be made for."""
    refused: Mapping[str, int]
    """Items that will be refused before any call, by code."""
    skipped: Mapping[str, int]
    """Items that ask for nothing, by code."""
    duplicates: int
    """Items among those whose record an earlier row has named."""
    examples: tuple[Item, ...]
    """The first hundred of those refused or skipped."""
    calls: int
    credits_min: int
    """Credits if all goes well and nothing is scheduled."""
    credits_max: int
    """Credits if every merge is scheduled and takes five minutes; less than the budget."""
    beyond_budget: int
    """Calls that the budget does not pay for."""
    price: str
    """What a call costs, and where that is said."""
    slots: int
    """Calls in flight at once."""
    seconds_per_call: float
    """What a call is taken to last."""
    allowance: int
    """Credits of any 24 hours that the job may use."""
    free: int
    """Credits that are free for it now."""
    daily_mails: int | None
    """Mails of the organisation's day; None: not known, or of no matter."""
    parts: tuple[PlanPart, ...]
    """When calls are made; none if they never all can be."""

    @property
    def ok(self) -> bool:
        """Whether every item will be tried, or need not be, and all that within the budget."""
        return not (self.refused or self.beyond_budget or (self.calls and not self.parts))

    @property
    def ends_at(self) -> datetime | None:
        """When the last call has ended; None without any."""
        return self.parts[-1].ends_at if self.parts else None


class Plannable(Job, Protocol):
    """A job whose calls are known by its module."""

    @property
    def module(self) -> str:
        """The records' module."""
        ...


async def plan(
    job: Plannable,
    source: Source,
    *,
    seconds_per_call: float = SECONDS_PER_CALL,
    uploads: int = 0,
) -> JobPlan:
    """Return what *job* would do with *source*. Costs up to 3 credits.

    Every row is read and judged as a run would judge it; no call is made for any.
    What the service itself will refuse, nobody can know before; nor what it costs to
    look up answers that get lost.

    Args:
        job: what to do.
        source: a CSV or JSON lines file, or mappings.
        seconds_per_call: what a call is taken to last.
        uploads: calls that upload files for all items.

    Raises:
        InvalidRequest: the input cannot be read or lacks a column, or *seconds_per_call*
            is no time.
    """
    if not seconds_per_call > 0:
        raise InvalidRequest(f"seconds_per_call is {seconds_per_call}: give more than 0")
    async with open_rows(source, job.needed) as rows:
        count = await _counted(job, rows)
    return await _priced(job, count, seconds_per_call, uploads)


class _Count:
    """Orders, judged by the journal's own rules for what comes twice."""

    def __init__(self, job: Job, path: Path) -> None:
        self.states: Counter[tuple[ItemState, str]] = Counter()
        self.calls = 0
        self.duplicates = 0
        self.examples: list[Item] = []
        self._job = job
        self._database = Database.create(path, {})

    def take(self, orders: Sequence[Order]) -> None:
        """Count *orders* in, as a run would put them into its journal."""
        additions = [Addition(order.item, order.claims) for order in orders]
        for order, held in zip(orders, self._database.apply(additions), strict=True):
            if isinstance(held, JournalError):
                raise held
            item = order.item if held is None else self._job.taken(order.item, held)
            self.states[item.state, item.code or ""] += 1
            if item.state is ItemState.PLANNED:
                self.calls += order.calls
            elif len(self.examples) < _EXAMPLES:
                self.examples.append(item)
            self.duplicates += held is not None

    def codes(self, state: ItemState) -> Mapping[str, int]:
        """Return how many items stand in *state* for each code, the most frequent first."""
        return {code: n for (of, code), n in self.states.most_common() if of is state}

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


async def _counted(job: Job, rows: AsyncIterator[Row]) -> _Count:
    thread = ThreadPoolExecutor(1, thread_name_prefix="plan")
    folder = tempfile.TemporaryDirectory(prefix="plan-")
    try:
        count = await in_thread(thread, partial(_Count, job, Path(folder.name) / "plan"))
        try:
            orders: list[Order] = []
            async for row in job.arrange(rows):
                orders.append(job.order(row))
                if len(orders) == _BATCH:
                    await in_thread(thread, partial(count.take, orders))
                    orders = []
            await in_thread(thread, partial(count.take, orders))
        finally:
            await in_thread(thread, count.close)
    finally:
        await in_thread(None, folder.cleanup)
        thread.shutdown(wait=False)
    return count


async def _priced(job: Plannable, count: _Count, seconds_per_call: float, uploads: int) -> JobPlan:
    crm, terms = job.crm, job.terms
    supply, price = await _supply(job, seconds_per_call)
    once = uploads * (await crm.apis.price("POST", "/files")).maximum if uploads else 0
    looked_at = looks(SECONDS_PER_SCHEDULED_MERGE) if terms.kind == "merge" else 0
    affordable = count.calls
    if terms.budget is not None:
        affordable = min(count.calls, max(terms.budget - once, 0) // supply.price)
    most = once + affordable * (price.maximum + looked_at)
    return JobPlan(
        kind=terms.kind,
        items=count.states.total(),
        planned=sum(count.codes(ItemState.PLANNED).values()),
        refused=count.codes(ItemState.REFUSED),
        skipped=count.codes(ItemState.SKIPPED),
        duplicates=count.duplicates,
        examples=tuple(count.examples),
        calls=count.calls,
        credits_min=once + affordable * price.minimum,
        credits_max=most if terms.budget is None else min(most, terms.budget),
        beyond_budget=count.calls - affordable,
        price=f"{price.maximum} credits a call, by {price.why}",
        slots=supply.slots,
        seconds_per_call=seconds_per_call,
        allowance=supply.allowance,
        free=supply.free,
        daily_mails=supply.mails_a_day,
        parts=timetable(affordable, supply, crm.clock.now()),
    )


async def _supply(job: Plannable, seconds_per_call: float) -> tuple[Supply, Price]:
    """Return what the job can draw on, and the price of a call."""
    crm, terms = job.crm, job.terms
    # What asks for the price learns the organisation's limits, too.
    price = await crm.apis.price("POST", f"/{job.module}/0/actions/{_ACTION[terms.kind]}")
    cap, zone = await _mails(crm) if terms.kind == "mail" else (None, UTC)
    report = crm.credits()
    slots = report.slots.limit
    if terms.heavy:
        slots = min(slots, report.heavy_slots.limit)
    supply = Supply(
        price=max(price.maximum, 1),
        slots=slots,
        seconds_per_call=seconds_per_call,
        allowance=report.allowance - report.floor,
        free=max(report.remaining - report.floor, 0),
        mails_a_day=cap,
        zone=zone,
    )
    return supply, price


async def _mails(crm: ZohoCRM) -> tuple[int | None, tzinfo]:
    """Return the mails of the organisation's day, as far as it tells, and its time zone."""
    try:
        organization = await crm.organization.get()
    except APIError:
        return None, UTC  # a token that may only send mails cannot tell
    cap = Edition.of_license(organization.edition).daily_mails(organization.users)
    try:
        return cap, ZoneInfo(organization.time_zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return cap, UTC
