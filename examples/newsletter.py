"""Send a mail to the last fifty leads of an organisation, within a budget of credits.

Takes the organisation from the environment: run `zohocrm emulator` for one. For any number of
leads, and where a program that is killed must mail nobody twice, there is `MailJob`.
"""

import asyncio

from zohocrm_async import Priority, ZohoCRM
from zohocrm_async.exceptions import APIError, OutcomeUnknown
from zohocrm_async.models import Address, Mail, Record


async def greet(crm: ZohoCRM, sender: str, lead: Record) -> str:
    """Send one mail and say what became of it."""
    mail = Mail(
        from_=Address(sender),
        to=[Address(lead["Email"])],
        subject="News",
        content=f"<p>Dear {lead['Last_Name']}</p>",
    )
    try:
        sent = await crm.mail.send("Leads", lead.id, mail)
    except OutcomeUnknown as error:
        return f"unknown: {error.look_at}"
    except APIError as error:
        return f"refused: {error.message}"
    return f"sent as {sent.message_id[:8]}"


async def main() -> None:
    """Read the leads and mail them, as many at once as the slots allow."""
    async with ZohoCRM.from_env() as crm:
        sender = (await crm.mail.from_addresses())[0].email
        page = await crm.records.list("Leads", fields=["Last_Name", "Email"], per_page=50)
        async with (
            crm.budget("newsletter", credits=2_000, priority=Priority.BULK) as budget,
            asyncio.TaskGroup() as group,
        ):
            leads = [lead for lead in page if lead["Email"]]
            tasks = [group.create_task(greet(crm, sender, lead)) for lead in leads]
        for lead, task in zip(leads, tasks, strict=True):
            print(lead["Email"], task.result())
        print(f"{budget.spent} credits spent, {crm.credits().remaining} left")


if __name__ == "__main__":
    asyncio.run(main())
