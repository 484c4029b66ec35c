"""Running a job as a command: progress while it runs, a report of every item after."""

import asyncio
import contextlib
import csv
import sys
from collections import Counter
from collections.abc import Generator
from pathlib import Path

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from zohocrm_async.cli.output import aside, note, show, table, watched
from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs import Item, ItemState, JobReport, Journal, MailJob, MergeJob
from zohocrm_async.jobs.items import DONE
from zohocrm_async.jobs.report import json_line

_SHOWN = 20
_JSON_LINES = frozenset({".jsonl", ".ndjson"})


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
def bars() -> Generator[Progress]:
    """Draw progress bars on stderr, if a human looks."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
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
        """Count *item*, which the job has done with."""
        self.states[item.state] += 1
        self._progress.update(self._bar, advance=1, states=str(self))

    def __str__(self) -> str:
        return ", ".join(f"{count:,} {state}" for state, count in sorted(self.states.items()))


async def run_job(job: MailJob | MergeJob, rows: Path, *, as_json: bool) -> bool:
    """Run *job* over the file *rows* and report every item; whether all went well."""
    total = await asyncio.to_thread(rows_in, rows) if watched() else None
    with bars() as progress:
        watch = Watch(progress, rows.name, total)
        try:
            report = await job.run(rows, on_item=watch)
        except asyncio.CancelledError:
            progress.stop()
            done = str(watch) if watch.states else "no item was taken"
            note(f"Interrupted. What was in flight has ended: {done}.")
            note(f"{job.journal} holds the state of every item that was taken.")
            if as_json:
                await _print_items(job.journal)
            raise
    await (_print_items(report.journal) if as_json else _print_report(report))
    if report.stopped:
        note(f"error: stopped early: {report.stopped}", style="red")
    return report.ok


def rows_in(rows: Path) -> int:
    """Return how many rows the bar has to show; about as many, where the file is damaged."""
    with rows.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        if rows.suffix.lower() in _JSON_LINES:
            return sum(1 for line in file if line.strip())
        return max(sum(1 for row in csv.reader(file) if row) - 1, 0)


async def _print_items(path: Path) -> None:
    async with Journal.open(path) as journal:
        async for item in journal.items():
            sys.stdout.write(json_line(item) + "\n")


async def _print_report(report: JobReport) -> None:
    sums: list[tuple[str, str]] = []
    for state in (state for state in ItemState if state in report.counts):
        sums.append((state, f"{report.counts[state]:,}"))
        if state is ItemState.REFUSED:
            sums += [(f"  {code}", f"{count:,}") for code, count in report.refusals.items()]
    table(("STATE", "ITEMS"), sums, right=(1,))
    failed = sum(count for state, count in report.counts.items() if state not in DONE)
    if failed:
        table(("ROW", "RECORD", "STATE", "WHY"), await _first_failed(report.journal))
    if failed > _SHOWN:
        show(f"... and {failed - _SHOWN:,} more; --json prints every item.")
    show(f"{report.credits:,} credits, {report.seconds:.1f} s. Journal: {report.journal}")


async def _first_failed(path: Path) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    async with Journal.open(path) as journal:
        async for item in journal.items():
            if len(rows) < _SHOWN and item.state not in DONE:
                rows.append(_row(item))
    return rows


def _row(item: Item) -> tuple[str, ...]:
    why = ": ".join(part for part in (item.code, item.message) if part)
    return (str(item.position), item.record_id, str(item.state), why)
