"""Running a job as a command: progress while it runs, a report of every item after."""

import asyncio
import contextlib
import csv
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from zohocrm_async.cli.output import aside, json_lines, note, show, table, watched
from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs import Item, ItemState, JobReport, Journal

_SHOWN = 20
_BATCH = 500
_ENDED = frozenset(ItemState) - {ItemState.PLANNED, ItemState.SENDING, ItemState.MERGING}


class Job(Protocol):
    """A job of mails or merges."""

    async def run(
        self, rows: Path, on_item: Callable[[Item], None] | None = None
    ) -> JobReport:
        """Run the job over *rows*."""
        ...


def journal_path(rows: Path, given: Path | None) -> Path:
    """Return where the journal goes, which must be nowhere yet.

    Raises:
        JournalError: there is one; its job may have done everything already.
    """
    path = given or rows.with_name(f"{rows.name}.journal")
    if path.exists():
        raise JournalError(
            f"{path} exists: {rows.name} was run already, and running it again could do "
            "everything twice; give another --journal, or delete this one to begin anew"
        )
    return path


@contextlib.contextmanager
def bars() -> Iterator[Progress]:
    """Draw progress bars on stderr, if a human looks."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[states]}"),
        TimeRemainingColumn(compact=True),
        console=aside(),
        disable=not watched(),
    ) as progress:
        yield progress


class Watch:
    """Counts a job's items as they end, and moves its bar."""

    def __init__(self, progress: Progress, name: str, total: int | None) -> None:
        self.states: Counter[ItemState] = Counter()
        self._progress = progress
        self._bar = progress.add_task(name, total=total, states="")

    def __call__(self, item: Item) -> None:
        """Take in an *item* whose state is new."""
        if item.state in _ENDED:
            self.states[item.state] += 1
            self._progress.update(self._bar, advance=1, states=str(self))

    def __str__(self) -> str:
        return ", ".join(f"{count:,} {state}" for state, count in sorted(self.states.items()))


async def run_job(job: Job, rows: Path, journal: Path, *, as_json: bool) -> bool:
    """Run *job* over the file *rows* and report every item; whether all went well."""
    total = await asyncio.to_thread(_count, rows) if watched() else None
    with bars() as progress:
        watch = Watch(progress, rows.name, total)
        try:
            report = await job.run(rows, on_item=watch)
        except asyncio.CancelledError:
            progress.stop()
            note(f"Interrupted; what was in flight has ended: {watch or 'nothing was sent'}.")
            note(f"{journal} holds every item's state.")
            raise
    if as_json:
        await _print_items(journal)
    else:
        await _print_report(report, journal)
    if report.stopped:
        note(f"error: stopped early: {report.stopped}", style="red")
    return report.ok


def _count(rows: Path) -> int:
    """Return how many rows the bar has to show; roughly, where the file is damaged."""
    with rows.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        if rows.suffix.lower() in JSON_LINES:
            return sum(1 for line in file if line.strip())
        return max(sum(1 for row in csv.reader(file) if row) - 1, 0)


async def _print_items(path: Path) -> None:
    async with Journal.open(path) as journal:
        async for item in journal.items():
            json_lines([as_json(item)])


async def _print_report(report: JobReport, path: Path) -> None:
    rows = [(str(state), "", f"{n:,}") for state, n in report.counts.items()]
    rows += [("", code, f"{n:,}") for code, n in report.refusals.items()]
    table(("STATE", "REASON", "ITEMS"), rows, right=(2,))
    async with Journal.open(path) as journal:
        ...
    show(
        f"{report.total:,} items, {report.credits:,} credits, {report.seconds:.1f} s. "
        f"Journal: {path}"
    )
