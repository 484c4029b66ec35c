"""``resume``, ``retry`` and ``report``: a journal says itself what its job is."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from zohocrm_async.cli import hosted
from zohocrm_async.cli.clients import client
from zohocrm_async.cli.hosts import Broker, BrokerURL, Database, DatabaseURL, Hosts
from zohocrm_async.cli.jobs import Form, print_file, print_report, run_job
from zohocrm_async.cli.options import AsJson, Budget, Grace, ResendAbsent
from zohocrm_async.cli.running import errors_shown, run
from zohocrm_async.exceptions import InvalidRequest, JournalError
from zohocrm_async.jobs import Journal, MailJob, MergeJob, runner
from zohocrm_async.jobs.job import GRACE
from zohocrm_async.jobs.journal import JournalHead

_JOBS: dict[str, type[MailJob] | type[MergeJob]] = {"mail": MailJob, "merge": MergeJob}

JournalPath = Annotated[
    Path,
    typer.Argument(
        metavar="JOURNAL",
        dir_okay=False,
        help="The journal of the first run; with --broker, the name of the job.",
    ),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The name of the job.")]
RowsFile = Annotated[
    Path | None,
    typer.Option(
        "--rows",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="The input, if it is not where it was; it must not have changed.",
    ),
]
Refused = Annotated[
    list[str],
    typer.Option("--refused", metavar="CODE", help="The code to try again; may be repeated."),
]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print every item as a line of CSV.")]
AsTable = Annotated[bool, typer.Option("--table", help="Print every item as a line of a table.")]


def resume(
    context: typer.Context,
    journal: JournalPath,
    *,
    rows: RowsFile = None,
    resend_absent: ResendAbsent = False,
    grace: Grace = GRACE,
    budget: Budget = None,
    broker: Broker = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Go on with a job that was interrupted, stopped or killed.

    What is done stays done. What was not sent is sent, and what was left unknown is
    looked up at the service, 2 credits or so each.
    """
    again = {"resend_absent": resend_absent, "grace": grace}
    hosts = Hosts.given(broker, database)
    run(_go_on(context, journal, rows, hosts, as_json=as_json, budget=budget, again=again))


def retry(
    context: typer.Context,
    journal: JournalPath,
    *,
    refused: Refused,
    rows: RowsFile = None,
    resend_absent: ResendAbsent = False,
    grace: Grace = GRACE,
    budget: Budget = None,
    broker: Broker = None,
    database: Database = None,
    as_json: AsJson = False,
) -> None:
    """Try again what the service refused for a reason that is gone, and go on.

    The report names the codes. What the job refused by itself would be refused again:
    correct those rows in a file of their own, and run it as another job.
    """
    again = {"resend_absent": resend_absent, "grace": grace, "retry": refused}
    hosts = Hosts.given(broker, database)
    run(_go_on(context, journal, rows, hosts, as_json=as_json, budget=budget, again=again))


def report(
    context: typer.Context,
    journal: JournalPath,
    *,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    as_table: AsTable = False,
    broker: Broker = None,
    database: Database = None,
) -> None:
    """Say what became of every item of a job. Asks nothing of the service.

    The sums, all that is unknown and the first of what failed; or every item, in one of
    three forms.
    """
    wanted = {Form.JSON: as_json, Form.CSV: as_csv, Form.TABLE: as_table}
    forms = [form for form, is_wanted in wanted.items() if is_wanted]
    if len(forms) > 1:
        raise typer.BadParameter(f"give one of {', '.join(f'--{form}' for form in forms)}")
    if hosts := Hosts.given(broker, database):
        run(hosted.report(hosts, _kind(context), journal.as_posix(), *forms))
        return
    with errors_shown():
        if not journal.is_file():
            raise JournalError(f"{journal}: there is no journal")
    run(_report(context, journal, *forms))


def join(
    context: typer.Context,
    name: Name,
    *,
    broker: BrokerURL,
    database: DatabaseURL,
    as_json: AsJson = False,
) -> None:
    """Watch a job on many hosts until it ends, and report every item; Ctrl-C leaves it."""
    run(hosted.join(Hosts.of(broker, database), _kind(context), name, as_json=as_json))


def stop(context: typer.Context, name: Name, *, broker: BrokerURL, database: DatabaseURL) -> None:
    """Stop a job on many hosts: its workers end what is in flight and take no more."""
    run(hosted.stop(Hosts.of(broker, database), _kind(context), name))


def delete(context: typer.Context, name: Name, *, broker: BrokerURL, database: DatabaseURL) -> None:
    """Delete a job on many hosts that does not run, with its report: its name is free again.

    Nothing tells any more what it did: the same job run again does everything again.
    """
    run(hosted.delete(Hosts.of(broker, database), _kind(context), name))


async def _report(context: typer.Context, journal: Path, form: Form | None = None) -> bool:
    await _head(context, journal)
    if form is not None:
        await print_file(journal, form)
        return True
    report = await runner.report(journal)
    async with Journal.open(journal) as opened:
        await print_report(report, opened.items)
    return True


async def _go_on(
    context: typer.Context,
    journal: Path,
    rows: Path | None,
    hosts: Hosts | None,
    *,
    budget: int | None,
    as_json: bool,
    again: Mapping[str, Any],
) -> bool:
    if hosts is not None:
        if rows is not None:
            raise InvalidRequest("--rows: the database has the rows of the job; leave it out")
        name = journal.as_posix()
        kind = _kind(context)
        return await hosted.go_on(hosts, kind, name, as_json=as_json, budget=budget, **again)
    head = await _head(context, journal)
    source = rows or _source(journal, head)
    async with client() as crm:
        job = _JOBS[head.kind].from_head(crm, journal, head, budget=budget)
        return await run_job(job, source, as_json=as_json, carry=partial(job.resume, **again))


async def _head(context: typer.Context, journal: Path) -> JournalHead:
    """Return what *journal* says of its job.

    Raises:
        InvalidRequest: it is a job of mails, and the command one for merges, or the reverse.
    """
    async with Journal.open(journal) as opened:
        head = await opened.head()
    command = context.info_name
    if head.kind != _kind(context):
        raise InvalidRequest(
            f"{journal} is of a {head.kind} job: zohocrm {head.kind} {command} {journal}"
        )
    return head


def _kind(context: typer.Context) -> str:
    """Return ``mail`` or ``merge``, whose command it is."""
    return (context.parent and context.parent.info_name) or ""


def _source(journal: Path, head: JournalHead) -> Path:
    if head.source is None:
        raise InvalidRequest(f"{journal} was begun by a program, with no file: give --rows")
    if not head.source.is_file():
        raise InvalidRequest(f"{head.source} is not there any more: say by --rows where it is")
    return head.source
