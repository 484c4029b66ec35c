"""The journal of one part of a job, as long as its claim is ours."""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import NoReturn, Self, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.taskiq import _changes, _claims
from zohocrm_async.taskiq._database import Database
from zohocrm_async.taskiq._grouped import Grouped
from zohocrm_async.taskiq._kept_claim import KeptClaim, Work
from zohocrm_async.taskiq._reader import JobReader
from zohocrm_async.taskiq._rows import CHANGED, values

T = TypeVar("T")


class PartJournal(JobReader):
    """One part of a job, claimed; an async context manager that keeps the claim.

    It shows the items of the part alone; notes and `holder` are of the whole job. A
    database that is away is tried again for as long as the claim must still be ours.
    On leaving, the claim is given back with the credits that were not spent, and what
    is still being sent is unknown.

    Made by `SqlJournal.claim`.
    """

    def __init__(self, database: Database, name: str, kept: KeptClaim) -> None:
        claim = kept.claim
        super().__init__(database, name, claim.job, claim.first, claim.last)
        self.number = claim.number
        """The part's, from 1."""
        self._kept = kept
        self._changes = Grouped(self._commit)

    async def __aenter__(self) -> Self:
        try:
            await self._kept.open()
        except BaseException:
            await self._kept.close()
            raise
        self._changes.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self._changes.close()
        finally:
            await self._kept.close()

    @property
    def lost(self) -> bool:
        """Whether another may have the part by now: nothing of it must be sent any more.

        Known without asking anybody, so that it can be looked at before each call leaves.
        """
        return self._kept.lost

    def check(self) -> None:
        """Raise `ClaimLost` if the part is `lost`."""
        self._kept.check()

    async def interrupted(self) -> str:
        """Return why the part must not go on, once so: its claim is lost, or the job stopped."""
        return await self._kept.interrupted()

    def now(self) -> datetime:
        """Return the database's time, by which the times of the items are."""
        return self._kept.now()

    @property
    def spent(self) -> int:
        """Credits that were spent under the claim; told to all by each sign of life."""
        return self._kept.spent

    @spent.setter
    def spent(self, credits: int) -> None:  # noqa: A002  # the service's word
        self._kept.spent = credits

    async def add(
        self,
        item: Item,
        claims: Sequence[str] = (),
        taken: Callable[[Item], Item] | None = None,
    ) -> NoReturn:
        """Refuse *item*: all items of a job are written before any is sent.

        Raises:
            JournalError: always.
        """
        del claims, taken
        raise JournalError(f"{self.place} has no item {item.key!r}, and takes none while it runs")

    async def record(self, item: Item) -> None:
        """Put an item's new state into the database; return once it is there.

        What was sent is written as long as nobody else has the part; nothing is begun
        once it is `lost`.

        Raises:
            JournalError: the new state cannot follow the one in the database, or the
                claim is lost.
        """
        if item.state is ItemState.SENDING:
            self.check()
        await self._changes.write(item)

    async def plan_again(self, state: ItemState, code: str) -> int:
        """Plan the items of the part again that stand in *state* for the reason *code*.

        What the job refused by itself stays refused, as it would be again.

        Returns:
            How many there were.
        """
        work = partial(self._kept.write, partial(self._plan_again, state, code))
        return await self._kept.patiently(work)

    async def grant(self, wanted: int, *, shares: int = 1) -> int:
        """Take up to *wanted* credits of the job's budget for this part; return how many.

        No more than one of so many *shares* of the budget are taken at once, or 1,000.

        What is not spent of them is given back at the end. A job without a budget
        grants all.

        Raises:
            JournalError: another has the part.
        """
        return await self._run(lambda c: _claims.grant(c, self._kept.claim, wanted, shares))

    async def finish(self) -> bool:
        """Have the part done, if nothing in it is left to be sent or followed.

        Returns:
            Whether the job has ended by that.

        Raises:
            JournalError: another has the part.
        """
        return await self._run(lambda c: _claims.finish(self._database, c, self._kept.claim))

    async def _commit(self, group: Sequence[Item]) -> Sequence[Exception | None]:
        attempts = itertools.count()
        # Of two look-ups that find one e-mail, the later has to see what the earlier wrote.
        alone = any(map(_changes.found_by_look_up, group))

        async def attempt() -> list[Exception | None]:
            again = next(attempts) > 0
            return await self._kept.write(partial(self._write, group, again), alone=alone)

        return await self._kept.patiently(attempt)

    async def _write(
        self,
        group: Sequence[Item],
        again: bool,  # bound by partial
        connection: AsyncConnection,
    ) -> list[Exception | None]:
        """Make all changes of *group*; if *again*, it may have been made before."""
        problems: list[Exception | None] = [None] * len(group)
        for numbers in _rounds(group):
            changed = [group[number] for number in numbers]
            kept = await _changes.change(self._database, connection, self._kept.claim, changed)
            for number, item in zip(numbers, changed, strict=True):
                if item.position in kept and not (again and self._is(item, kept[item.position])):
                    problems[number] = self._problem(item, kept[item.position])
        return problems

    def _is(self, item: Item, kept: Item | None) -> bool:
        """Whether the item stands as it was to be written."""
        if kept is None:
            return False
        wanted, there = values(self._job, item), values(self._job, kept)
        return all(wanted[name] == there[name] for name in CHANGED)

    def _problem(self, item: Item, kept: Item | None) -> JournalError:
        if kept is None:
            why = f"is not in part {self.number}"
        elif kept.state is ItemState.UNKNOWN and _changes.found_by_look_up(item):
            why = f"cannot have e-mail {item.message_id}, which another item has by now"
        else:
            why = f"is {kept.state} and cannot become {item.state}"
        return JournalError(f"{self.place}: item {item.key!r} {why}")

    async def _run(self, work: Work[T], *, reads: bool = False) -> T:
        return await self._kept.ask(work, reads=reads)


def _rounds(group: Sequence[Item]) -> list[list[int]]:
    """Return the numbers of *group* in as few lists as can be, none with an item twice."""
    rounds: list[list[int]] = []
    times = Counter[int]()
    for number, item in enumerate(group):
        if times[item.position] == len(rounds):
            rounds.append([])
        rounds[times[item.position]].append(number)
        times[item.position] += 1
    return rounds
