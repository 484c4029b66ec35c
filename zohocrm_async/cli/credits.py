"""``zohocrm credits``: what the organisation grants, and what is known of the window."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.live import Live

from zohocrm_async import ZohoCRM
from zohocrm_async._clock import Clock
from zohocrm_async.cli.clients import BRIEFLY, awaited, client, organisation
from zohocrm_async.cli.hosts import BROKER_PASSWORD, with_password
from zohocrm_async.cli.options import AsJson
from zohocrm_async.cli.output import grid, json_lines, screen, show, table
from zohocrm_async.cli.running import run
from zohocrm_async.exceptions import ConfigurationError, CreditsExhausted
from zohocrm_async.models.credits import CreditReport, SlotReport, WindowReport
from zohocrm_async.models.organization import Organization
from zohocrm_async.options import Edition

_EVERY = 1.0

Watch = Annotated[
    bool,
    typer.Option("--watch", help="Go on until interrupted, and show what changes. Costs nothing."),
]


Redis = Annotated[
    str | None,
    typer.Option(
        "--redis",
        metavar="URL",
        help="Where the processes of a service, or the workers of a job, share the account, such "
        f"as redis://host:6379/0; its password belongs into {BROKER_PASSWORD}.",
    ),
]
Name = Annotated[
    str | None,
    typer.Option(
        "--organisation",
        metavar="NAME",
        help="With --redis: what the service calls the organisation there; unless given, what "
        "jobs call it.",
    ),
]


def credits_of_window(
    as_json: AsJson = False,
    watch: Watch = False,
    redis: Redis = None,
    name: Name = None,
) -> None:
    """Show the organisation's limits and what is known of its 24-hour window.

    Costs up to 3 credits; the last line says how many. The service tells what others
    have spent only once half of the allowance is gone: until then this command knows no
    more than what this machine's own commands have spent, or with --redis all who share
    the account there.
    """
    if redis is None and name is not None:
        raise typer.BadParameter("--organisation goes with --redis")
    run(_credits(redis, name, as_json=as_json, watch=watch))


async def _credits(redis: str | None, name: str | None, *, as_json: bool, watch: bool) -> bool:
    shared = {} if redis is None else _shared(redis, name or organisation())
    async with client(retry=BRIEFLY, **shared) as crm:
        organization = await _organization(crm)
        if watch:
            await _watch(crm, organization, as_json=as_json)
        report = crm.credits()
    spent = _spent(report)
    if as_json:
        json_lines([_facts(organization, report)])
        return True
    table(_headings(organization), _rows(organization, report))
    show(f"This command spent {spent} credits.")
    if organization is None:
        show("That is too little to ask the organisation what it is.", style="dim")
    elif not report.foreign:
        show("What others spent is not known: the service tells once half is gone.", style="dim")
    return True


def _shared(url: str, name: str) -> dict[str, Any]:
    """Return what others share of the organisation *name* in Redis."""
    try:
        from zohocrm_async.redis import RedisFleet  # noqa: PLC0415  # an extra
    except ImportError as error:
        raise ConfigurationError(str(error)) from error
    fleet = RedisFleet(with_password(url, BROKER_PASSWORD))
    return {
        "token_store": fleet.token_store(),
        "ledger": fleet.ledger(name),
        "slots": fleet.slots(name),
        "mails": fleet.mails(name),
    }


async def _organization(crm: ZohoCRM) -> Organization | None:
    """Ask for the organisation; None if there is no credit left, which is worth showing."""
    try:
        async with awaited(crm):
            return await crm.organization.get()
    except CreditsExhausted:
        return None


async def _watch(crm: ZohoCRM, organization: Organization | None, *, as_json: bool) -> None:
    """Show the account as it changes, until the command is interrupted.

    Other processes that share the ledger say nothing when they spend: it is looked at
    once a second.
    """
    shown: dict[str, Any] | None = None
    with _display(organization, crm.clock, as_json=as_json) as display:
        while True:
            report = crm.credits()
            state = _state(organization, report)
            if state != shown:
                display(report)
            shown = state
            await crm.clock.sleep(_EVERY)


def _state(organization: Organization | None, report: CreditReport) -> dict[str, Any]:
    """Return what is shown anew when it changes."""
    # Times are reckoned from now, each look a shade differently; what they tell of changes
    # only with what else is told.
    told = _facts(organization, report)
    return {**told, "resumes_at": None, "parked_until": report.parked_until is not None}


@contextmanager
def _display(
    organization: Organization | None, clock: Clock, *, as_json: bool
) -> Generator[Callable[[CreditReport], None]]:
    """Yield what shows a report: a line, or a table that a terminal draws anew."""
    console, headings = screen(), _headings(organization)
    if as_json:
        yield lambda report: json_lines([_facts(organization, report)])
    elif not console.is_terminal:
        yield lambda report: show(_line(clock.now(), report))
    else:
        with Live(console=console, auto_refresh=False) as live:
            yield lambda report: live.update(
                grid(headings, _rows(organization, report)), refresh=True
            )


def _line(now: datetime, report: CreditReport) -> str:
    parts = [
        f"{now:%Y-%m-%d %H:%M:%S} UTC: {report.used:,} of {report.allowance:,} credits used",
        f"{report.foreign:,} of them by others",
        f"{report.reserved:,} held for calls",
        f"{report.remaining:,} free",
    ]
    if report.resumes_at is not None:
        parts.append(f"the next come back at {_time(report.resumes_at)}")
    if report.slots.in_force < report.slots.limit:
        parts.append(f"{report.slots.in_force} of {report.slots.limit} calls in flight granted")
    if report.parked_until is not None:
        parts.append(f"parked until {_time(report.parked_until)}")
    return ", ".join(parts)


def _headings(organization: Organization | None) -> tuple[str, str]:
    name = "not asked" if organization is None else organization.company_name or organization.id
    return "ORGANISATION", name


def _spent(report: CreditReport) -> int:
    return sum(operation.credits for operation in report.by_operation.values())


def _rows(organization: Organization | None, report: CreditReport) -> list[tuple[str, str]]:
    rows = [
        ("Credits of 24 hours", f"{report.allowance:,}"),
        ("Known to be used", f"{report.used:,}"),
        ("Of these by others", f"{report.foreign:,}"),
        ("Held for calls", f"{report.reserved:,}"),
        ("Free, at most", f"{report.remaining:,}"),
        ("The next come back at", _time(report.resumes_at)),
    ]
    if organization is not None:  # without it, they are not known either
        edition = f"{organization.edition}, {organization.users} users"
        rows = [
            ("Edition", edition),
            *rows,
            ("Calls in flight, at most", _slots(report.slots)),
            ("Heavy calls in flight, at most", _slots(report.heavy_slots)),
        ]
    for name, window in sorted(report.windows.items()):
        limit = _of_a_day(name, window, organization)
        of_all = "" if limit is None else f" of {limit:,}"
        rows.append((f"The day's {name}", f"{window.used:,}{of_all}"))
    if report.parked_until is not None:
        rows.append(("Parked until", _time(report.parked_until)))
    return rows


def _of_a_day(name: str, window: WindowReport, organization: Organization | None) -> int | None:
    """Return the calls of a day; where the environment sets the limits, it names none."""
    if window.limit is not None or organization is None or name != "mails":
        return window.limit
    return Edition.of_license(organization.edition).daily_mails(organization.users)


def _slots(slots: SlotReport) -> str:
    if slots.in_force == slots.limit:
        return str(slots.limit)
    return f"{slots.limit}, {slots.in_force} of them for now"


def _time(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M} UTC"


def _facts(organization: Organization | None, report: CreditReport) -> dict[str, Any]:
    return {
        "organization": organization and organization.company_name,
        "organization_id": organization and organization.id,
        "edition": organization and organization.edition,
        "users": organization and organization.users,
        "allowance": report.allowance,
        "used": report.used,
        "used_by_others": report.foreign,
        "reserved": report.reserved,
        "remaining": report.remaining,
        "resumes_at": report.resumes_at,
        "parked_until": report.parked_until,
        "concurrency": report.slots.limit,
        "concurrency_in_force": report.slots.in_force,
        "heavy_concurrency": report.heavy_slots.limit,
        "heavy_concurrency_in_force": report.heavy_slots.in_force,
        "windows": {
            name: {"limit": _of_a_day(name, window, organization), "used": window.used}
            for name, window in report.windows.items()
        },
        "spent_by_this_command": _spent(report),
    }
