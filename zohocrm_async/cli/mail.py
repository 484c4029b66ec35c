"""``zohocrm mail``: one mail for each row of a file."""

from pathlib import Path
from typing import Annotated

import typer

from zohocrm_async.cli.clients import check_module, check_sender, client
from zohocrm_async.cli.jobs import journal_path, run_job
from zohocrm_async.cli.options import AsJson, Budget, JournalFile, Module
from zohocrm_async.cli.running import errors_shown, run
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.jobs import MailJob
from zohocrm_async.models.mail import MailFormat


def mail_run(
    rows: Annotated[
        Path,
        typer.Argument(
            metavar="ROWS.csv", exists=True, dir_okay=False, help="One row for each mail."
        ),
    ],
    *,
    module: Module,
    sender: Annotated[
        str,
        typer.Option("--from", metavar="ADDRESS", help="One of the allowed from addresses."),
    ],
    subject: Annotated[
        str | None, typer.Option(metavar="TEXT", help="May name columns: 'Hello $First_Name'.")
    ] = None,
    content: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="The mail's HTML (or .txt for plain text); may name columns as the subject does.",
        ),
    ] = None,
    id_column: Annotated[
        str, typer.Option(metavar="NAME", help="The column of record ids.")
    ] = "id",
    to_column: Annotated[
        str, typer.Option(metavar="NAME", help="The column of the recipients' addresses.")
    ] = "Email",
    template: Annotated[
        str | None,
        typer.Option(metavar="ID", help="A template of the CRM, in place of subject and content."),
    ] = None,
    attach: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", exists=True, dir_okay=False, help="A file to attach; may be repeated."
        ),
    ] = None,
    journal: JournalFile = None,
    budget: Budget = None,
    as_json: AsJson = False,
) -> None:
    """Send one mail for each row of a CSV file, and report every one of them.

    No record gets two mails: a second row of the same record is skipped, a journal on
    disk knows each mail before it leaves, and a second run over the same journal is
    refused. A mail costs 20 credits; up to 4 more are spent to check the module and the
    sender first. Ctrl-C ends it in good order.
    """
    if template is None and (subject is None or content is None):
        raise typer.BadParameter("give --subject and --content, or --template")
    with errors_shown():
        path = journal_path(rows, journal)
        text = None if content is None else _text(content)

    async def work() -> bool:
        async with client() as crm:
            await check_module(crm, module)
            await check_sender(crm, sender)
            files = await crm.files.upload(attach) if attach else ()
            job = MailJob(
                crm,
                journal=path,
                module=module,
                sender=sender,
                subject=subject,
                content=text,
                id_column=id_column,
                to_column=to_column,
                template=template,
                attachments=[file.id for file in files],
                mail_format=_format(content),
                budget=budget,
            )
            return await run_job(job, rows, as_json=as_json)

    run(work())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path} is not UTF-8 text: save it as UTF-8") from error


def _format(content: Path | None) -> MailFormat | None:
    plain = content is not None and content.suffix.lower() == ".txt"
    return MailFormat.TEXT if plain else None
