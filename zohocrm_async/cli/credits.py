"""``zohocrm credits``: what the organisation grants, and what is known of the window."""

from typing import Any

from zohocrm_async.cli.clients import BRIEFLY, client
from zohocrm_async.cli.options import AsJson
from zohocrm_async.cli.output import json_lines, show, table
from zohocrm_async.cli.running import run
from zohocrm_async.models.credits import CreditReport
from zohocrm_async.models.organization import Organization


def credits_of_window(as_json: AsJson = False) -> None:
    """Show the organisation's limits and what is known of its 24-hour window.

    Costs up to 3 credits; the last line says how many. The service tells what others
    have spent only once half of the allowance is gone: until then this command knows no
    more than its own calls.
    """
    run(_credits(as_json=as_json))


async def _credits(*, as_json: bool) -> bool:
    async with client(retry=BRIEFLY) as crm:
        organization = await crm.organization.get()
        report = crm.credits()
    spent = sum(operation.credits for operation in report.by_operation.values())
    if as_json:
        json_lines([_facts(organization, report, spent)])
        return True
    table(
        ("ORGANISATION", organization.company_name or organization.id), _rows(organization, report)
    )
    show(f"This command spent {spent} credits.")
    if not report.foreign:
        show("What others spent is not known: the service tells once half is gone.", style="dim")
    return True


def _rows(organization: Organization, report: CreditReport) -> list[tuple[str, str]]:
    return [
        ("Edition", f"{organization.edition}, {organization.users} users"),
        ("Credits of 24 hours", f"{report.allowance:,}"),
        ("Known to be used", f"{report.used:,}"),
        ("Free, at most", f"{report.remaining:,}"),
        ("Calls in flight, at most", str(report.slots.limit)),
        ("Heavy calls in flight, at most", str(report.heavy_slots.limit)),
    ]


def _facts(organization: Organization, report: CreditReport, spent: int) -> dict[str, Any]:
    return {
        "organization": organization.company_name,
        "organization_id": organization.id,
        "edition": organization.edition,
        "users": organization.users,
        "allowance": report.allowance,
        "used": report.used,
        "used_by_others": report.foreign,
        "remaining": report.remaining,
        "resumes_at": report.resumes_at,
        "concurrency": report.slots.limit,
        "heavy_concurrency": report.heavy_slots.limit,
        "spent_by_this_command": spent,
    }
