"""Backups of all data, at once or again and again by a rule; files of the audit log.

See https://www.zoho.com/crm/developer/docs/api/v7/schedule-data-backup.html.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from zohocrm_async.emulator.bulk_jobs import BulkJob, cell, zipped
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import Refusal, Reply, SentFile, success_item
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.queries import numbered_page_of
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.shapes import is_object
from zohocrm_async.emulator.state import Row, State

_PATH = "/crm/bulk/backup"
_HISTORY = "/crm/bulk/backup/history"
_LINKS = "/crm/bulk/backup/urls"
_RULE = re.compile(
    r"(RRULE:)?FREQ=(WEEKLY|MONTHLY);INTERVAL=([1-9]|[1-4][0-9]|5[0-2]);"
    r"(BYDAY=[1-4]?(SU|MO|TU|WE|TH|FR|SA)|BYMONTHDAY=([1-9]|[12][0-9]|3[01]));?"
)


def _current(state: State) -> Row | None:
    return next(iter(state.settings.rows(_PATH).values()), None)


def _get(state: State, _: Incoming, __: Declared) -> Reply:
    backup = _current(state)
    return Reply({"backup": backup}) if backup else Reply(None, 204)


def _create(state: State, incoming: Incoming, _: Declared) -> Reply:
    body: Any = incoming.call.body
    given: Any = body.get("backup", {}) if is_object(body) else {}
    unknown = given.keys() - {"rrule"} if is_object(given) else {"backup"}
    if unknown:
        raise Refusal("INVALID_DATA", "the key is unknown", api_name=min(unknown))
    rule = given.get("rrule")
    if rule is not None and not (isinstance(rule, str) and _RULE.fullmatch(rule)):
        raise Refusal("INVALID_DATA", "the rule is none", api_name="rrule")
    if _current(state) is not None:
        raise Refusal("BACKUP_ALREADY_SCHEDULED", "a backup is scheduled already")
    id_, now = state.new_id(), state.local_now()
    requester = {"id": state.owner["id"], "name": state.owner["name"], "zuid": "1"}
    row: Row = {
        "id": id_,
        "rrule": rule,
        "status": "scheduled",
        "scheduled_date": now.isoformat(),
        "start_date": now.isoformat(),
        "requester": requester,
    }
    state.settings.rows(_PATH)[id_] = row
    _note(state, "backup_scheduled", rule)
    if rule is None:
        told: Row = {"id": id_, "operation": "backup"}
        state.bulk.begin(told, lambda job: _back_up(state, job), state.clock)
    return _outcome("backup is scheduled", id_, 201)


def _back_up(state: State, job: BulkJob) -> None:
    if state.settings.rows(_PATH).pop(job.id, None) is None:
        return  # it was cancelled
    tables = {name: list(state.records(name).values()) for name in state.modules}
    full = {name: rows for name, rows in tables.items() if rows}
    name = next(iter(full), "Leads")
    rows = tables[name]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = ([cell(row.get(column)) for column in columns] for row in rows)
    job.archive = zipped(f"{name}.csv", columns, lines)
    job.end = "COMPLETED"
    _note(state, "backup_completed", None)
    expires = state.local_now() + timedelta(seconds=job.kept)
    links = {
        "data_links": [f"/crm/bulk/v7/backup/{job.id}/result"],
        "attachment_links": [],
        "expiry_date": expires.isoformat(),
    }
    state.settings.rows(_LINKS)["1"] = links


def _note(state: State, action: str, rule: str | None) -> None:
    id_ = state.new_id()
    state.settings.rows(_HISTORY)[id_] = {
        "id": id_,
        "action": action,
        "state": "success",
        "done_by": {"id": state.owner["id"], "name": state.owner["name"]},
        "log_time": state.local_now().isoformat(),
        "repeat_type": None if rule is None else "recurring",
        "file_name": None,
        "count": 1,
    }


def _history(state: State, incoming: Incoming, _: Declared) -> Reply:
    rows = list(state.settings.rows(_HISTORY).values())[::-1]
    page, info = numbered_page_of(rows, incoming)
    return Reply({"history": page, "info": info}) if page else Reply(None, 204)


def _links(state: State, _: Incoming, __: Declared) -> Reply:
    links = state.settings.rows(_LINKS).get("1")
    return Reply({"urls": links}) if links else Reply(None, 204)


def _cancel(state: State, incoming: Incoming, _: Declared) -> Reply:
    if state.settings.rows(_PATH).pop(incoming.id, None) is None:
        raise Refusal("RESOURCE_NOT_FOUND", "no such backup is scheduled", status=404)
    _note(state, "backup_cancelled", None)
    return _outcome("backup is cancelled", incoming.id, 200)


def _outcome(message: str, id_: str, status: int) -> Reply:
    return Reply({"backup": success_item(message, id=id_)}, status, "SUCCESS")


def result(state: State, incoming: Incoming) -> Reply:
    """Return the archive of a backup."""
    job = state.bulk.job(incoming.id, "backup")
    archive = state.bulk.result(job, state.clock.monotonic())
    return Reply(None, file=SentFile(archive, f"Data_{incoming.id}.zip", "application/zip"))


def audit_log(state: State, incoming: Incoming) -> Reply:
    """Return the file of an export of the audit log: what its records tell of themselves."""
    if incoming.id not in state.settings.rows("/settings/audit_log_export"):
        raise Refusal("RESOURCE_NOT_FOUND", "no such export", status=404)
    lines = (
        [row["Created_Time"], "added", module, row["id"], row["Created_By"]["name"]]
        for module in state.modules
        for row in state.records(module).values()
    )
    columns = ("Audited Time", "Action", "Module", "Record Id", "Done By")
    archive = zipped("AuditLog.csv", columns, lines)
    return Reply(None, file=SentFile(archive, f"AuditLog_{incoming.id}.zip", "application/zip"))


BACKUPS: Mapping[str, Work] = {
    "backup.get": _get,
    "backup.create": _create,
    "backup.history": _history,
    "backup.links": _links,
    "backup.cancel": _cancel,
}
