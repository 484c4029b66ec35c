"""Sample arguments for bulk jobs, backups and downloads, and what they ask for."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from world import World

from zohocrm_async import ZohoCRM
from zohocrm_async._wire import FormFile
from zohocrm_async.models import (
    AuditLogRequest,
    BulkReadQuery,
    BulkWrite,
    BulkWriteResource,
    ModuleReference,
)

LEADS = ModuleReference("Leads")
QUERY = BulkReadQuery(module=LEADS, fields=("Last_Name", "Email"))
ROWS = (("Last_Name", "Email"), ("Marsh", "marsh@example.com"))


def packed(
    rows: Iterable[Sequence[str]], *, name: str = "leads.csv", encoding: str = "utf-8"
) -> bytes:
    """Return a ZIP archive of one CSV file."""
    text, content = io.StringIO(newline=""), io.BytesIO()
    csv.writer(text).writerows(rows)
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text.getvalue().encode(encoding))
    return content.getvalue()


def written(file_id: str) -> BulkWrite:
    """Return a bulk write of a file whose columns are called as the fields."""
    resource = BulkWriteResource(module=LEADS, file_id=file_id)
    return BulkWrite(operation="insert", resource=(resource,))


ARGUMENTS: Mapping[str, Callable[[World], Mapping[str, Any]]] = {
    "bulk_read.create": lambda _: {"query": QUERY},
    "bulk_write.upload": lambda _: {"file": FormFile("leads.zip", packed(ROWS))},
    "bulk_write.create": lambda w: {"body": written(w.lead)},
    "bulk_write.download": lambda w: {"download_url": w.lead},
    "backup.download": lambda w: {"download_url": w.lead},
    "audit_log.download": lambda w: {"download_url": w.lead},
}


async def prepare(name: str, world: World, crm: ZohoCRM) -> None:
    """Make the job that an operation is about; its id, or the link to it, is the world's lead."""
    world.org.state.bulk.seconds = 0.0
    if name in {"bulk_read.get", "bulk_read.download"}:
        world.lead = (await crm.bulk_read.create(QUERY)).id or ""
        await ended(world)
    if name.startswith("bulk_write."):
        world.lead = await crm.bulk_write.upload(FormFile("leads.zip", packed(ROWS)))
    if name in {"bulk_write.get", "bulk_write.download"}:
        world.lead = (await crm.bulk_write.create(written(world.lead))).id or ""
        await ended(world)
    if name == "bulk_write.download":
        result = (await crm.bulk_write.get(world.lead)).result
        world.lead = (result.download_url if result else None) or ""
    if name.startswith("backup.") and name != "backup.create":
        rule = "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TH" if is_ahead(name) else None
        world.lead = (await crm.backup.create(rule)).id or ""
    if name in {"backup.links", "backup.download"}:
        await ended(world)
    if name == "backup.download":
        [world.lead] = (await crm.backup.links()).data_links
    if name == "audit_log.download":
        made = await crm.audit_log.create(AuditLogRequest())
        [world.lead] = (await crm.audit_log.get(made.id or "")).download_links


def is_ahead(name: str) -> bool:
    """Whether an operation is about a backup that is still to come."""
    return name in {"backup.get", "backup.cancel"}


async def ended(world: World) -> None:
    """Let the jobs end that are due."""
    await world.org.clock.sleep(0.001)
