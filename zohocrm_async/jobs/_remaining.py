"""Which rows of the input a journal still waits for."""

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

from attrs import frozen

from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.journal import Journal
from zohocrm_async.jobs.rows import Row

UNFINISHED = (ItemState.PLANNED, ItemState.MERGING)
"""States in which an item is carried on by its row."""

Task = tuple[Row, Item | None]
"""A row, and its item where the journal has one."""


@frozen
class Remaining:
    """The rows that a journal waits for: of unfinished items, and of none yet."""

    journal: Journal
    size: int
    """Items in the journal."""
    last: int
    """The last position in it."""
    skip: int
    """Rows at the beginning that it does not wait for."""
    further: bool
    """Whether rows are taken that the journal does not know."""

    @classmethod
    async def of(cls, journal: Journal, *, further: bool = True) -> "Remaining":
        """Look what *journal* waits for; nobody else may write into it meanwhile."""
        size, last = await journal.extent()
        async with contextlib.aclosing(journal.items(*UNFINISHED)) as items:
            unfinished = await anext(items, None)
        skip = last if size == last else 0  # else rows before the last one were not taken
        if unfinished is not None:
            skip = min(skip, unfinished.position - 1)
        return cls(journal, size, last, skip, further)

    async def among(self, rows: AsyncIterator[Row]) -> AsyncGenerator[Task, None]:
        """Yield those of *rows* that are waited for, each with its item.

        Raises:
            JournalError: the input ends before a row of which the journal has an item.
        """
        async with (
            contextlib.aclosing(self.journal.items(*UNFINISHED)) as items,
            contextlib.aclosing(self.journal.positions(self.skip)) as known,
        ):
            item = await _until(items, self.last)
            position = await anext(known, 0) if self.size != self.last else 0
            async for row in rows:
                while 0 < position < row.position:
                    position = await anext(known, 0)
                if item is not None and item.position <= row.position:
                    self._check(item, row)
                    yield row, item
                    item = await _until(items, self.last)
                elif self.further and (row.position > self.last or self._hole(row, position)):
                    yield row, None
                if item is None and not self.further:
                    return
            self._check(item, None)

    def _check(self, item: Item | None, row: Row | None) -> None:
        if item is not None and (row is None or row.position != item.position):
            raise JournalError(
                f"{self.journal.path} waits for row {item.position}, and the input has none: "
                "give the rows of its first run"
            )

    def _hole(self, row: Row, position: int) -> bool:
        return self.size != self.last and position != row.position


async def _until(items: AsyncIterator[Item], last: int) -> Item | None:
    """Return the next item, unless it was added after *last*."""
    item = await anext(items, None)
    return item if item is not None and item.position <= last else None
