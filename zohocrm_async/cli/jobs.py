"""Running a job as a command: progress while it runs, a report of every item after."""

import asyncio
import contextlib
import csv
import enum
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from attrs import evolve

from zohocrm_async.cli.output import note, show, table
from zohocrm_async.cli.watching import told
from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs import Item, ItemState, JobReport, Journal, MailJob, MergeJob, runner
from zohocrm_async.jobs.items import DONE
from zohocrm_async.jobs.report import csv_header, csv_line, json_line


class Form(enum.StrEnum):
    """How items are printed."""

    JSON = "json"
    CSV = "csv"
    TABLE = "table"


Carry = Callable[..., Coroutine[Any, Any, JobReport]]
Items = Callable[..., AsyncIterator[Item]]
"""Yields the items of a journal; all, or those in one of the states given."""

_SHOWN = 20
# Nothing went wrong with what is planned: it waits for a resume.
_QUIET = DONE | {ItemState.PLANNED}
_JSON_LINES = frozenset({".jsonl", ".ndjson"})
_OPEN = frozenset({ItemState.PLANNED, ItemState.UNKNOWN, ItemState.MERGING})


def beside(rows: Path) -> Path:
    """Return where the journal of *rows* goes unless somebody says where."""
    return rows.with_name(f"{rows.name}.journal")


def journal_path(rows: Path, given: Path | None, kind: str = "mail") -> Path:
    """Return where the journal goes, which must be nowhere yet.

    Raises:
        JournalError: there is one; its job may have done everything already.
    """
    path = given or beside(rows)
    if path.exists():
        raise JournalError(
            f"{path} exists: {rows.name} was run already, and running it again could do "
            f"everything twice; go on with 'zohocrm {kind} resume {path}', give another "
            "--journal, or delete this one to begin anew"
        )
    return path


async def run_job(
    job: MailJob | MergeJob, rows: Path, *, as_json: bool, carry: Carry | None = None
) -> bool:
    """Carry *job* through over the file *rows* and report every item; whether all went well.

    *carry* is the job's `run` unless given, or its `resume`.
    """
    terms = job.terms
    count = partial(rows_in, rows) if terms.in_order else None
    async with told(job.crm, terms, rows.name, count) as (watch, progress):
        try:
            report = await (carry or job.run)(rows, on_event=watch.event)
        except asyncio.CancelledError:
            progress.stop()
            note(f"Interrupted. {await _left(job)}.")
            if job.journal.exists():  # nothing else goes on any more
                note(f"{job.journal} holds the state of every item that was taken.", _how_on(job))
                if as_json:
                    await print_file(job.journal)
            raise
    if as_json:
        await print_file(report.journal)
    else:
        async with Journal.open(report.journal) as journal:
            await print_report(report, journal.items)
    return concluded(report, _how_on(job))


async def _left(job: MailJob | MergeJob) -> str:
    """Say how an interrupted job stands: a second Ctrl-C breaks off what is in flight."""
    if not job.journal.exists():
        return "No item was taken"
    counts = (await runner.report(job.journal)).counts
    unknown = ItemState.UNKNOWN in counts
    ended = "What became of some is unknown" if unknown else "What was in flight has ended"
    return f"{ended}: " + ", ".join(f"{count:,} {state}" for state, count in counts.items())


def concluded(report: JobReport, how_on: str) -> bool:
    """Say why a job stopped and how it goes on, if it can; whether all went well."""
    if report.stopped:
        note(f"error: stopped early: {report.stopped}", style="red")
    if report.stopped or _OPEN.intersection(report.counts):
        note(how_on)
    return report.ok


def _how_on(job: MailJob | MergeJob) -> str:
    return f"Go on with: zohocrm {job.terms.kind} resume {job.journal}"


def rows_in(rows: Path) -> int:
    """Return how many rows the bar has to show; about as many, where the file is damaged."""
    with rows.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        if rows.suffix.lower() in _JSON_LINES:
            return sum(1 for line in file if line.strip())
        lines = 0
        with contextlib.suppress(csv.Error):  # which the job itself will tell
            for row in csv.reader(file):
                lines += bool(row)
        return max(lines - 1, 0)


async def print_file(path: Path, form: Form = Form.JSON) -> None:
    """Print every item of the journal in the file *path*, a line each."""
    async with Journal.open(path) as journal:
        await print_items(journal.items, form)


async def print_items(items: Items, form: Form = Form.JSON) -> None:
    """Print every item of a journal, a line each."""
    line, head = _FORMS[form]
    if head:
        sys.stdout.write(head + "\n")
    async for item in items():
        sys.stdout.write(line(item) + "\n")


def _text_line(item: Item) -> str:
    *cells, why = _row(item)
    what = " ".join((why or item.message_id or "").split())
    return _LINE.format(*cells, what)


_COLUMNS = ("ROW", "RECORD", "STATE", "STEP", "WHEN", "WHY")
_LINE = "{:>8}  {:20}  {:9}  {:>4}  {:19}  {}"
_FORMS: Mapping[Form, tuple[Callable[[Item], str], str]] = {
    Form.JSON: (json_line, ""),
    Form.CSV: (csv_line, csv_header()),
    Form.TABLE: (_text_line, _LINE.format(*_COLUMNS[:-1], "WHAT")),
}


async def print_report(report: JobReport, items: Items, place: str | None = None) -> None:
    """Print the sums of a job, what failed of its *items* and why, and all that is unknown."""
    sums: list[tuple[str, str]] = []
    for state in (state for state in ItemState if state in report.counts):
        sums.append((state, f"{report.counts[state]:,}"))
        if state is ItemState.REFUSED:
            sums += [(f"  {code}", f"{count:,}") for code, count in report.refusals.items()]
    if sums:
        table(("STATE", "ITEMS"), sums, right=(1,))
    else:
        show("The input has no rows.")
    failed = sum(count for state, count in report.counts.items() if state not in _QUIET)
    if failed:
        rows = await _failed(items)
        filled = [n for n in range(len(_COLUMNS)) if any(row[n] for row in rows)]
        table(
            [_COLUMNS[n] for n in filled],
            [[row[n] for n in filled] for row in rows],
            right=[at for at, n in enumerate(filled) if _COLUMNS[n] in {"ROW", "STEP"}],
        )
        if failed > len(rows):
            show(f"... and {failed - len(rows):,} more; report --table prints every item.")
    show(f"{report.credits:,} credits, {report.seconds:.1f} s. Journal: {place or report.journal}")


async def _failed(items: Items) -> list[tuple[str, ...]]:
    """Return a row for each item that is unknown, and for the first of the others."""
    rows: list[tuple[str, ...]] = []
    others = 0
    states = [state for state in ItemState if state not in _QUIET]
    async for item in items(*states):
        unknown = item.state is ItemState.UNKNOWN
        others += not unknown
        if unknown or others <= _SHOWN:
            # When it was is for whoever looks for what became of it.
            rows.append(_row(item if unknown else evolve(item, began_at=None)))
    return rows


def _row(item: Item) -> tuple[str, ...]:
    why = ": ".join(part for part in (item.code, item.message) if part)
    began = item.began_at
    when = "" if began is None else f"{began.astimezone():%Y-%m-%d %H:%M:%S}"
    step = str(item.step or "")  # mails have no steps
    return (str(item.position), item.record_id, str(item.state), step, when, why)
