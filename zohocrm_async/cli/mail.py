"""``zohocrm mail``: one mail for each row of a file."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from zohocrm_async import ZohoCRM
from zohocrm_async.cli.clients import check_module, check_sender, client
from zohocrm_async.cli.hosted import start
from zohocrm_async.cli.hosts import Broker, Database, JobName, hosts_of
from zohocrm_async.cli.jobs import beside, journal_path, run_job
from zohocrm_async.cli.options import (
    AsJson,
    Budget,
    Grace,
    JournalFile,
    Module,
    ResendAbsent,
)
from zohocrm_async.cli.plan import SecondsPerCall, show_plan
from zohocrm_async.cli.running import errors_shown, run
from zohocrm_async.cli.sharing import with_options
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.jobs import MailJob
from zohocrm_async.jobs.estimate import SECONDS_PER_CALL
from zohocrm_async.jobs.job import GRACE
from zohocrm_async.models.mail import MailFormat

Rows = Annotated[
    Path,
    typer.Argument(metavar="ROWS.csv", exists=True, dir_okay=False, help="One row for each mail."),
]
Sender = Annotated[
    str, typer.Option("--from", metavar="ADDRESS", help="One of the allowed from addresses.")
]
Subject = Annotated[
    str | None, typer.Option(metavar="TEXT", help="May name columns: 'Hello $First_Name'.")
]
Content = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help="The mail's HTML (or .txt for plain text); may name columns as the subject does.",
    ),
]
IdColumn = Annotated[str, typer.Option(metavar="NAME", help="The column of record ids.")]
ToColumn = Annotated[
    str, typer.Option(metavar="NAME", help="The column of the recipients' addresses.")
]
TemplateId = Annotated[
    str | None,
    typer.Option(metavar="ID", help="A template of the CRM, in place of subject and content."),
]
Files = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE", exists=True, dir_okay=False, help="A file to attach; may be repeated."
    ),
]
KeyColumn = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Rows of the same value here are one mail; * takes the whole row. "
        "Unless given, a record gets one mail.",
    ),
]
DailyCap = Annotated[
    bool,
    typer.Option(
        "--stop-at-daily-cap",
        help="Stop once the organisation's mails of the day are spent, and do not wait "
        "for its next day.",
    ),
]


MakeMail = Callable[..., MailJob]


def _job(
    rows: Rows,
    *,
    module: Module,
    sender: Sender,
    subject: Subject = None,
    content: Content = None,
    id_column: IdColumn = "id",
    to_column: ToColumn = "Email",
    key_column: KeyColumn = None,
    template: TemplateId = None,
    attach: Files = None,
    budget: Budget = None,
) -> MakeMail:
    """Return what makes the job that the options describe, once there is a client."""
    if template is None and (subject is None or content is None):
        raise typer.BadParameter("give --subject and --content, or --template")
    return partial(
        MailJob,
        journal=beside(rows),
        module=module,
        sender=sender,
        subject=subject,
        content=None if content is None else content_text(content),
        id_column=id_column,
        to_column=to_column,
        key_column=key_column,
        template=template,
        files=attach or [],
        mail_format=content_format(content),
        budget=budget,
    )


@with_options(_job)
def mail_run(
    make_job: MakeMail,
    *,
    rows: Rows,
    journal: JournalFile = None,
    stop_at_daily_cap: DailyCap = False,
    resend_absent: ResendAbsent = False,
    grace: Grace = GRACE,
    broker: Broker = None,
    database: Database = None,
    name: JobName = None,
    as_json: AsJson = False,
) -> None:
    """Send one mail for each row of a CSV file, and report every one of them.

    No record gets two mails: a second row of the same record is skipped, a journal on
    disk knows each mail before it leaves, and a second run over the same journal is
    refused; 'mail resume' goes on with it after any end. A mail costs 20 credits; up to
    4 more are spent to check the module and the sender first. Ctrl-C ends it in good
    order. With --broker and --database workers send them ('zohocrm worker'), and this
    command shows how far they are; it can be left by Ctrl-C, and the same command joins.
    """
    wait = not stop_at_daily_cap
    if hosts := hosts_of(broker, database, name, journal):
        make = partial(make_job, journal=name or rows.name, wait_for_next_day=wait)
        settings = {"resend_absent": resend_absent, "grace": grace}
        run(start(hosts, make, _check, rows, as_json=as_json, **settings))
        return
    with errors_shown():
        path = journal_path(rows, journal)

    async def work() -> bool:
        async with client() as crm:
            job = make_job(crm, journal=path, wait_for_next_day=wait)
            await _check(crm, job)
            carry = partial(job.run, resend_absent=resend_absent, grace=grace)
            return await run_job(job, rows, as_json=as_json, carry=carry)

    run(work())


@with_options(_job)
def mail_plan(
    make_job: MakeMail,
    *,
    rows: Rows,
    seconds_per_call: SecondsPerCall = SECONDS_PER_CALL,
    as_json: AsJson = False,
) -> None:
    """Say what mail run will do, cost and take; nothing is sent. Up to 5 credits.

    Every row is judged as a run would judge it. What the service itself refuses, such as
    a recipient who has opted out, nobody can know before.
    """

    async def work() -> bool:
        async with client() as crm:
            job = make_job(crm)
            await _check(crm, job)
            show_plan(await job.plan(rows, seconds_per_call=seconds_per_call), as_json=as_json)
        return True

    run(work())


async def _check(crm: ZohoCRM, job: MailJob) -> None:
    await check_module(crm, job.module)
    await check_sender(crm, job.sender.email)


def content_text(path: Path) -> str:
    """Return the mail's text from a file.

    Raises:
        InvalidRequest: it is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path} is not UTF-8 text: save it as UTF-8") from error


def content_format(content: Path | None) -> MailFormat | None:
    """Return the format that the file's name tells; None leaves it to the service."""
    plain = content is not None and content.suffix.lower() == ".txt"
    return MailFormat.TEXT if plain else None
