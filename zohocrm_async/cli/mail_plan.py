"""``zohocrm mail plan``: what mail run will do, cost and take."""

import typer

from zohocrm_async.cli.clients import check_module, check_sender, client
from zohocrm_async.cli.mail import (
    Content,
    Files,
    IdColumn,
    KeyColumn,
    Rows,
    Sender,
    Subject,
    TemplateId,
    ToColumn,
    content_format,
    content_text,
)
from zohocrm_async.cli.options import AsJson, Budget, Module
from zohocrm_async.cli.plan import SecondsPerCall, show_plan
from zohocrm_async.cli.running import run
from zohocrm_async.jobs import MailJob
from zohocrm_async.jobs.estimate import SECONDS_PER_CALL


def mail_plan(
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
    seconds_per_call: SecondsPerCall = SECONDS_PER_CALL,
    as_json: AsJson = False,
) -> None:
    """Say what mail run will do, cost and take; nothing is sent. Up to 5 credits.

    Every row is judged as a run would judge it. What the service itself refuses, such as
    a recipient who has opted out, nobody can know before.
    """
    if template is None and (subject is None or content is None):
        raise typer.BadParameter("give --subject and --content, or --template")

    async def work() -> bool:
        async with client() as crm:
            job = MailJob(
                crm,
                journal=rows.with_name(f"{rows.name}.journal"),
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
            await check_module(crm, job.module)
            await check_sender(crm, job.sender.email)
            show_plan(await job.plan(rows, seconds_per_call=seconds_per_call), as_json=as_json)
        return True

    run(work())
