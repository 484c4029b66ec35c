"""Groups of duplicates, each merged into one record, and none twice."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Self

from attrs import Factory, evolve, field, frozen

from zohocrm_async._client import ZohoCRM
from zohocrm_async.exceptions import MergeFailed
from zohocrm_async.jobs._gather import gathered
from zohocrm_async.jobs._watch import MergeWatch
from zohocrm_async.jobs.durable import DurableJob
from zohocrm_async.jobs.estimate import SECONDS_PER_CALL, JobPlan, plan
from zohocrm_async.jobs.groups import FieldRule, MasterRule, Rules, Unfit, chain
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.job import JobNotes, Order, Record, Terms
from zohocrm_async.jobs.journal import JournalHead
from zohocrm_async.jobs.lookup_merge import look_up
from zohocrm_async.jobs.preview import Preview, previews
from zohocrm_async.jobs.rows import Row, Source, open_rows
from zohocrm_async.jobs.steps import Steps
from zohocrm_async.models.merge import MergeState
from zohocrm_async.options import Priority


def _given(job: "MergeJob") -> Rules:
    return Rules(
        master_column=job.master_column,
        children_column=job.children_column,
        fields_column=job.fields_column,
        group_column=job.group_column,
        id_column=job.id_column,
        created_column=job.created_column,
        modified_column=job.modified_column,
        master_rule=job.master_rule,
        take=job.take,
    )


def _own_watch(job: "MergeJob") -> MergeWatch:
    return MergeWatch(job.crm, job.module)


@frozen
class MergeJob(DurableJob):
    """One merged record for each group: its master, with the other records gone into it.

    Without *group_column* each row is a group: a master and its children, any
    number of them. With it each row is a record, and the rules choose the master
    and the fields. More than two children take a chain of calls on one master.

    Ids and field names in one cell stand apart by blanks, commas, semicolons or
    bars. A field in a group's cell takes the first child's value, or with
    ``Field=id`` that record's; in a record's cell it takes the record's own. All
    others stay the master's. The journal at *journal* must not exist.

    Args:
        crm: the organisation.
        journal: where the journal is made; the name of the job, where
            `zohocrm_async.taskiq.Jobs` start it.
        module: the records' module.
        master_column: the column of the master's id; with *group_column* the one
            that marks the master, for ``master_rule="column"``.
        children_column: the column of the children's ids.
        fields_column: the column of the fields, which may be missing.
        group_column: the column whose value the records of a group share.
        id_column: the column of a record's id, with *group_column*.
        created_column: when a record was created, for the oldest and newest master.
        modified_column: when it was last changed, for fields that take the newest.
        master_rule: ``oldest``, ``newest``, ``most_filled`` or ``column``.
        take: for fields, ``newest``, ``first_filled`` or ``keep``; by their columns.
        budget: the most credits to spend; a call costs 50, and each look at a
            scheduled merge costs 1.
        priority: how the calls queue.
        max_wait: seconds that a merge waits for credits before the job stops;
            None: no end.

    Raises:
        InvalidRequest: a rule is none, or cannot be kept.
    """

    crm: ZohoCRM = field(repr=False)
    journal: Path = field(kw_only=True, converter=Path)
    module: str = field(kw_only=True)
    master_column: str = field(kw_only=True, default="master")
    children_column: str = field(kw_only=True, default="children")
    fields_column: str = field(kw_only=True, default="fields")
    group_column: str | None = field(kw_only=True, default=None)
    id_column: str = field(kw_only=True, default="id")
    created_column: str = field(kw_only=True, default="Created_Time")
    modified_column: str = field(kw_only=True, default="Modified_Time")
    master_rule: str | MasterRule = field(kw_only=True, default=MasterRule.OLDEST)
    take: Mapping[str, str | FieldRule] = field(kw_only=True, factory=dict[str, str | FieldRule])
    budget: int | None = field(kw_only=True, default=None)
    priority: Priority = field(kw_only=True, default=Priority.BULK)
    max_wait: float | None = field(kw_only=True, default=None)
    rules: Rules = field(init=False, repr=False, default=Factory(_given, takes_self=True))
    """How the rows are read."""
    _watch: MergeWatch = field(
        kw_only=True,
        default=Factory(_own_watch, takes_self=True),
        alias="_watch",
        repr=False,
        eq=False,
    )

    @property
    def terms(self) -> Terms:
        """What the job is, and what it may spend."""
        return Terms(
            kind="merge",
            heavy=False,
            journal=self.journal,
            budget=self.budget,
            priority=self.priority,
            max_wait=self.max_wait,
            in_order=self.group_column is None,
        )

    @property
    def needed(self) -> Mapping[str, str]:
        """The columns that must be there, each with the option that names another."""
        return self.rules.needed

    def options(self) -> Mapping[str, Any]:
        """Return the settings as JSON values, without credentials."""
        return {"module": self.module, **self.rules.options()}

    def arrange(self, rows: AsyncIterator[Row]) -> AsyncIterator[Row]:
        """Return *rows*, one for each group."""
        if self.group_column is None:
            return rows
        return gathered(rows, self.group_column)

    def order(self, row: Row) -> Order:
        """Return the calls that *row* asks for, or why it is refused."""
        item = Item(key=f"row {row.position}", position=row.position)
        try:
            found = chain(row, self.rules, self.module)
        except Unfit as why:
            alone = why.code == "ALONE"
            return Order(
                evolve(
                    item,
                    key=why.master or item.key,
                    record_id=why.master,
                    state=ItemState.SKIPPED if alone else ItemState.REFUSED,
                    code=why.code,
                    message=str(why),
                    field=why.column,
                )
            )
        item = evolve(item, key=found.master, record_id=found.master, trace=Steps.trace(found))
        return Order(item, claims=found.records, carry=self._carry, calls=len(found.steps))

    def taken(self, item: Item, holder: Item) -> Item:
        """Return *item* as skipped if *holder* is the same merge, and else as refused."""
        item = evolve(item, key=f"{item.key} row {item.position}")
        row = f"row {holder.position}"
        if item.state is not ItemState.PLANNED:
            return item  # refused for a reason of its own
        if holder.record_id == item.record_id and Steps.of(holder).same(Steps.of(item)):
            why = f"{row} is the same merge"
            return evolve(item, state=ItemState.SKIPPED, code="DUPLICATE", message=why)
        why = f"{row} names a record of this group already: make one group of both"
        return evolve(item, state=ItemState.REFUSED, code="RECORD_IN_TWO_GROUPS", message=why)

    @classmethod
    def from_head(cls, crm: ZohoCRM, journal: Path, head: JournalHead, **settings: Any) -> Self:
        """Make the job that *journal*, whose head is *head*, was begun with."""
        return cls(crm, journal=journal, **{**head.options, **settings})

    async def plan(self, rows: Source, *, seconds_per_call: float = SECONDS_PER_CALL) -> JobPlan:
        """Say what the job will do with *rows*, cost and take; up to 3 credits."""
        return await plan(self, rows, seconds_per_call=seconds_per_call)

    async def preview(self, rows: Source) -> AsyncGenerator[Preview, None]:
        """Yield for each group what it would become; 1 credit a record."""
        async with (
            open_rows(rows, self.needed) as opened,
            contextlib.aclosing(
                previews(self.crm, self.module, self.rules, self.arrange(opened))
            ) as found,
        ):
            async for preview in found:
                yield preview

    @contextlib.asynccontextmanager
    async def opened(self, journal: JobNotes) -> AsyncGenerator[Self, None]:
        """Give the job one watch over all its scheduled merges."""
        del journal
        watch = MergeWatch(self.crm, self.module)
        try:
            yield evolve(self, _watch=watch)
        finally:
            await watch.close()

    async def look_up(self, item: Item) -> Item:
        """Ask the service what became of *item*, whose answer was lost."""
        return await look_up(self.crm, self.module, item, Steps.of(item))

    async def _carry(self, item: Item, record: Record) -> Item:
        """Make the calls of *item* that are not done, each after the one before has ended."""
        steps = Steps.of(item)
        if item.state is ItemState.MERGING and item.job_id is not None:
            await record(item)  # of an earlier run: gives its seat to another
        while True:
            if item.state is ItemState.MERGING and item.job_id is not None:
                item = await self._followed(item, item.job_id, steps)
            elif item.state is ItemState.SENDING:
                item = await self._send(item, steps)
            if item.state is not ItemState.MERGING:
                return item
            # On its own, so that what is done is on disk even if no further call is made.
            await record(item)
            if item.job_id is None:
                item = evolve(item, state=ItemState.SENDING, code=None, message=None, field=None)
                await record(item)

    async def _send(self, item: Item, steps: Steps) -> Item:
        children = steps.next(item)
        outcome = await self.crm.merge.create(self.module, item.record_id, children)
        item = evolve(item, job_id=None)  # not that of an earlier attempt
        if outcome.job_id is not None:
            return evolve(item, state=ItemState.MERGING, job_id=outcome.job_id)
        if outcome.scheduled:
            return evolve(
                item,
                state=ItemState.UNKNOWN,
                code="NO_JOB_ID",
                message="the merge was scheduled, and its job was not named",
            )
        return steps.after(item)

    async def _followed(self, item: Item, job_id: str, steps: Steps) -> Item:
        """Return *item* as it is once its scheduled merge has ended."""
        end = await self._watch.ended(item.record_id, job_id)
        if end == MergeState.FAILURE:
            raise MergeFailed(
                module=self.module, master_id=item.record_id, job_id=job_id, state=str(end)
            )
        if end is None:
            sentence = f"the service knows no merge job {job_id}"
            lost = evolve(
                item, state=ItemState.UNKNOWN, job_id=None, code="JOB_UNKNOWN", message=sentence
            )
            return await self.look_up(lost)
        return steps.after(item)
