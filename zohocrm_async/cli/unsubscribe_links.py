"""``zohocrm unsubscribe-links``: the links by which recipients opt out."""

from typing import Annotated

import typer
from attrs import asdict

from zohocrm_async.cli.clients import client_for_one_call
from zohocrm_async.cli.options import AsJson
from zohocrm_async.cli.output import json_lines, show, table
from zohocrm_async.cli.running import run
from zohocrm_async.models.unsubscribe_links import UnsubscribeLink


def list_links(as_json: AsJson = False) -> None:
    """List the unsubscribe links. Costs 2 credits."""
    run(_list(as_json=as_json))


def delete_link(
    link_id: Annotated[str, typer.Argument(metavar="ID", help="As unsubscribe-links list has it.")],
    as_json: AsJson = False,
) -> None:
    """Delete one unsubscribe link. Costs 2 credits; the Default link stays."""
    run(_delete(link_id, as_json=as_json))


async def _list(*, as_json: bool) -> bool:
    async with client_for_one_call() as crm:
        links = await crm.unsubscribe_links.list()
    if as_json:
        json_lines(asdict(link) for link in links)
    elif links:
        table(("ID", "NAME", "PAGE", "THEN", "CHANGED"), [_row(link) for link in links])
    else:
        show("no unsubscribe links")
    return True


async def _delete(link_id: str, *, as_json: bool) -> bool:
    async with client_for_one_call() as crm:
        outcome = await crm.unsubscribe_links.delete(link_id)
    if as_json:
        json_lines([{"id": link_id, "code": outcome.code, "message": outcome.message}])
    else:
        show(f"deleted unsubscribe link {link_id}")
    return True


def _row(link: UnsubscribeLink) -> tuple[str, ...]:
    changed = link.modified_time or link.created_time
    return (
        link.id,
        link.name or "",
        link.page_type or "",
        link.submission_action_type or "",
        changed.date().isoformat() if changed else "",
    )
