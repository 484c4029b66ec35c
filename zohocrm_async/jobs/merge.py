"""A merge for each row of a file: a master and its duplicates."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

from attrs import evolve, field, frozen

from zohocrm_async._client import ZohoCRM
from zohocrm_async.api.merge import merge_problems
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.mail import RECORD_ID, id_problem, refused
from zohocrm_async.jobs.report import JobReport
from zohocrm_async.jobs.rows import Row, Source
from zohocrm_async.jobs.runner import OnItem, Order, Terms, run
from zohocrm_async.models.merge import MergeChild
from zohocrm_async.options import Priority

_BETWEEN = re.compile(r"[\s,;|]+")
_MOST_CHILDREN = 2


@frozen
class MergeJob:
    """One merge for each row: a master, and one or two children that go into it.

    Ids and field names in one cell stand apart by blanks, commas, semicolons or
    bars. The named fields take the first child's values; all others stay the
    master's. The journal at *journal* must not exist.

    Args:
        crm: the organisation.
        journal: where the journal is made.
        module: the records' module.
        master_column: the column of the master's id.
        children_column: the column of the children's ids.
        fields_column: the column of the fields, which may be missing.
        budget: the most credits to spend; a merge costs 50, and each look at a
            scheduled one costs 1.
        priority: how the calls queue.
        max_wait: seconds that a merge waits for credits before the job stops;
            None: no end.
    """

    crm: ZohoCRM = field(repr=False)
    journal: Path = field(kw_only=True, converter=Path)
    module: str = field(kw_only=True)
    master_column: str = field(kw_only=True, default="master")
    children_column: str = field(kw_only=True, default="children")
    fields_column: str = field(kw_only=True, default="fields")
    budget: int | None = field(kw_only=True, default=None)
    priority: Priority = field(kw_only=True, default=Priority.BULK)
    max_wait: float | None = field(kw_only=True, default=None)

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
        )

    @property
    def needed(self) -> Mapping[str, str]:
        """The columns that must be there, each with the option that names another."""
        return {self.master_column: "master_column", self.children_column: "children_column"}

    async def run(self, rows: Source, on_item: OnItem | None = None) -> JobReport:
        """Merge each of *rows*; see `zohocrm_async.jobs.runner.run`."""
        return await run(self, rows, on_item)

    def options(self) -> Mapping[str, Any]:
        """Return the settings as JSON values, without credentials."""
        return {
            "module": self.module,
            "master_column": self.master_column,
            "children_column": self.children_column,
            "fields_column": self.fields_column,
        }

    def order(self, row: Row) -> Order:
        """Return the merge that *row* asks for, or why it is refused."""
        master = row.text(self.master_column)
        known = RECORD_ID.fullmatch(master)
        item = Item(
            key=master if known else f"row {row.position}",
            position=row.position,
            record_id=master,
        )
        if row.problem:
            return refused(item, "MALFORMED_ROW", f"the row {row.problem}")
        if not known:
            return refused(item, "INVALID_ID", id_problem(master), self.master_column)
        ids = _parts(row.values.get(self.children_column))
        if fault := self._children_fault(item, ids):
            return fault
        fields = _parts(row.values.get(self.fields_column))
        children = [MergeChild(ids[0], fields), *map(MergeChild, ids[1:])]
        if problems := merge_problems(self.module, master, children):
            return refused(item, "INVALID_REQUEST", "; ".join(problems))
        return Order(item, claims=(master, *ids), send=partial(self._send, item, children))

    def taken(self, item: Item, holder: int) -> Item:
        """Return *item* as refused: row *holder* names one of its records."""
        return evolve(
            item,
            key=f"{item.key} row {item.position}",
            state=ItemState.REFUSED,
            code="RECORD_IN_TWO_GROUPS",
            message=f"row {holder} names a record of this group already: make one group of both",
        )

    async def follow(self, item: Item) -> Item:
        """Wait for the end of a scheduled merge."""
        await self.crm.merge.wait(self.module, item.record_id, str(item.job_id))
        return evolve(item, state=ItemState.MERGED)

    def _children_fault(self, item: Item, ids: Sequence[str]) -> Order | None:
        column = self.children_column
        if not ids:
            return refused(item, "INVALID_ID", "no child is given", column)
        if len(ids) > _MOST_CHILDREN:
            sentence = f"{len(ids)} children given: one merge takes one or two into a master"
            return refused(item, "TOO_MANY_CHILDREN", sentence, column)
        wrong = [id_ for id_ in ids if not RECORD_ID.fullmatch(id_)]
        return refused(item, "INVALID_ID", id_problem(wrong[0]), column) if wrong else None

    async def _send(self, item: Item, children: Sequence[MergeChild]) -> Item:
        outcome = await self.crm.merge.create(self.module, item.record_id, children)
        if outcome.job_id is not None:
            return evolve(item, state=ItemState.MERGING, job_id=outcome.job_id)
        if outcome.scheduled:
            return evolve(
                item,
                state=ItemState.UNKNOWN,
                code="NO_JOB_ID",
                message="the merge was scheduled, and its job was not named",
            )
        return evolve(item, state=ItemState.MERGED)


def _parts(value: Any) -> tuple[str, ...]:
    """Return the words of a cell, or the items of a list as JSON lines may hold one."""
    if isinstance(value, list | tuple):
        parts = cast("Sequence[object]", value)
        return tuple(str(part).strip() for part in parts)
    return tuple(part for part in _BETWEEN.split(str(value or "")) if part)
