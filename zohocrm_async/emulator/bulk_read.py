"""Bulk reads: jobs that leave a ZIP archive with the records of a module.

See https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/create-job.html.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from zohocrm_async.emulator.bulk_criteria import matcher
from zohocrm_async.emulator.bulk_jobs import KEPT_READ, BulkJob, cell, zipped, zipped_text
from zohocrm_async.emulator.callbacks import callback_url
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import Refusal, Reply, SentFile, outcome, success_item
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.shapes import is_array, is_object
from zohocrm_async.emulator.state import Row, State

_UNREAD = frozenset({"Notes", "Attachments", "Emails"})
_BODY = frozenset({"query", "file_type", "callback"})
_QUERY = frozenset({"module", "fields", "criteria", "cvid", "page", "page_token"})
# What no column of a file holds.
_NO_COLUMN = frozenset({"subform", "fileupload", "imageupload", "multiselectlookup"})


def create(state: State, incoming: Incoming, _: Declared) -> Reply:
    """Take in a job."""
    body: Any = incoming.call.body
    query = _query(body)
    module = _module(state, query)
    callback = callback_url(body.get("callback"))
    file_type = _file_type(body, module)
    columns = _columns(state, module, query.get("fields"))
    match = _match(state, module, query)
    page = _page(query)
    now = state.local_now().isoformat()
    id_ = state.new_id()
    told: Row = {
        "id": id_,
        "operation": "read",
        "query": {**query, "module": {"api_name": module}, "page": page},
        "file_type": file_type,
        "created_by": {"id": state.owner["id"], "name": state.owner["name"]},
        "created_time": now,
    }

    def work(job: BulkJob) -> None:
        if module in state.bulk.fail:
            job.end = "FAILURE"
            job.row["result"] = {"error_message": {"code": "INTERNAL_ERROR"}}
            return
        rows = [row for row in state.records(module).values() if match(row)]
        _finish(state, job, rows, columns, page)

    state.bulk.begin(told, work, state.clock, details=_details, callback=callback, kept=KEPT_READ)
    details = {name: told[name] for name in ("id", "operation", "created_by", "created_time")}
    item = success_item("Added successfully.", code="ADDED_SUCCESSFULLY", state="ADDED", **details)
    return outcome("data", item, status=201)


def _finish(
    state: State,
    job: BulkJob,
    rows: list[Row],
    columns: Mapping[str, Callable[[Row], Any]],
    page: int,
) -> None:
    size = state.bulk.page_size
    part = rows[(page - 1) * size : page * size]
    more = len(rows) > page * size
    if job.row["file_type"] == "ics":
        archive = zipped_text(f"{job.id}.ics", _calendar(part))
    else:
        lines = ([cell(column(row)) for column in columns.values()] for row in part)
        archive = zipped(f"{job.id}.csv", tuple(columns), lines)
    module = job.row["query"]["module"]["api_name"]
    job.archive = archive[: len(archive) // 2] if module in state.bulk.damage else archive
    job.end = "COMPLETED"
    result: Row = {"page": page, "per_page": size, "count": len(part), "more_records": more}
    if more:
        token = {"b": _bound(job.row["query"]), "n": page + 1}
        result["next_page_token"] = base64.urlsafe_b64encode(orjson.dumps(token)).decode()
    job.row["result"] = {**result, "download_url": f"/crm/bulk/v7/read/{job.id}/result"}


def _details(job: BulkJob, word: str) -> Row:
    return {**job.row, "state": word}


def status(state: State, incoming: Incoming, _: Declared) -> Reply:
    """Return a job."""
    job = state.bulk.job(incoming.id, "read")
    return Reply({"data": [job.told(state.clock.monotonic())]})


def result(state: State, incoming: Incoming, _: Declared) -> Reply:
    """Return the archive of a job."""
    now = state.clock.monotonic()
    archive = state.bulk.result(state.bulk.job(incoming.id, "read"), now)
    state.bulk.check_rate(now)
    return Reply(None, file=SentFile(archive, f"{incoming.id}.zip", "application/zip"))


# --- what a body may say


def _query(body: Any) -> Row:
    if not is_object(body) or not is_object(body.get("query")):
        raise Refusal("MANDATORY_NOT_FOUND", "a required key is missing", api_name="query")
    query: Row = body["query"]
    for name in (*(body.keys() - _BODY), *(query.keys() - _QUERY)):
        raise Refusal("REQUEST_BODY_NOT_SUPPORTED", "the key is unknown", api_name=name)
    return query


def _file_type(body: Row, module: str) -> str:
    kind = body.get("file_type", "csv")
    if kind not in ("csv", "ics") or (kind == "ics" and module != "Events"):
        raise Refusal(
            "JOB_NOT_SUPPORTED", "files are csv, and those of Events ics", api_name="file_type"
        )
    if kind == "ics" and body["query"].get("fields"):
        raise Refusal("QUERY_NOT_SUPPORTED", "a calendar has fields of its own", api_name="fields")
    return str(kind)


def _calendar(events: list[Row]) -> str:
    """Return *events* as a calendar (RFC 5545)."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//emulator//EN"]
    for event in events:
        title = str(event.get("Event_Title", ""))
        for sign in "\\;,":
            title = title.replace(sign, f"\\{sign}")
        lines += ["BEGIN:VEVENT", f"UID:{event['id']}", f"SUMMARY:{title}"]
        for word, name in (("DTSTART", "Start_DateTime"), ("DTEND", "End_DateTime")):
            if event.get(name):
                moment = datetime.fromisoformat(event[name]).astimezone(UTC)
                lines.append(f"{word}:{moment:%Y%m%dT%H%M%SZ}")
        lines.append("END:VEVENT")
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _module(state: State, query: Row) -> str:
    module = query.get("module")
    name = module.get("api_name") if is_object(module) else None
    if not isinstance(name, str):
        raise Refusal("MANDATORY_NOT_FOUND", "a required key is missing", api_name="module")
    if name in _UNREAD:
        raise Refusal("MODULE_NOT_SUPPORTED", "the module is not read in bulk", api_name=name)
    try:
        return state.module_name(name)
    except Refusal:
        raise Refusal("MODULE_NOT_AVAILABLE", "no such module", api_name=name) from None


def fields_of(state: State, module: str) -> Mapping[str, Row]:
    """Return the fields of a module by their API names."""
    rows = state.settings.rows("/settings/fields", module).values()
    return {row["api_name"]: {"data_type": "text", **row} for row in rows}


def _columns(state: State, module: str, names: Any) -> Mapping[str, Callable[[Row], Any]]:
    """Return the columns of the file, each with what takes its value from a record."""
    known = fields_of(state, module)
    if names is None or names == []:
        kept = [n for n, field in known.items() if field["data_type"] not in _NO_COLUMN]
        return {"id": _held("id"), **{name: _held(name) for name in kept}}
    if not is_array(names):
        raise Refusal("INVALID_REQUEST", "the fields are no list", api_name="fields")
    columns: dict[str, Callable[[Row], Any]] = {"id": _held("id")}
    for name in map(str, names):
        column = _column(state, known, name)
        if column is None:
            raise Refusal("FIELD_NOT_AVAILABLE", "no such field", wrapped=True, api_name=name)
        columns[name] = column
    return columns


def _column(state: State, known: Mapping[str, Row], name: str) -> Callable[[Row], Any] | None:
    own, _, far = name.partition(".")
    field = known.get(own)
    if own == "id":
        return _held("id")
    if field is None or field["data_type"] in _NO_COLUMN:
        return None
    if not far:
        return _held(own)
    if field["data_type"] != "lookup":
        return None
    module = field["lookup"]["module"]["api_name"]
    if far != "id" and far not in fields_of(state, module):
        return None

    def looked_up(row: Row) -> Any:
        held = row.get(own)
        found = state.find(module, str(held.get("id"))) if is_object(held) else None
        return (found or {}).get(far)

    return looked_up


def _held(name: str) -> Callable[[Row], Any]:
    return lambda row: row.get(name)


def _match(state: State, module: str, query: Row) -> Callable[[Row], bool]:
    known = fields_of(state, module)
    matches: list[Callable[[Row], bool]] = []
    if "cvid" in query:
        views = state.settings.rows("/settings/custom_views", module)
        view = views.get(str(query["cvid"]))
        if view is None:
            raise Refusal("CVID_NOT_SUPPORTED", "no such view", wrapped=True, api_name="cvid")
        if view.get("criteria"):
            matches.append(matcher(view["criteria"], known))
    if "criteria" in query:
        matches.append(matcher(query["criteria"], known))
    return lambda row: all(match(row) for match in matches)


def _bound(query: Row) -> str:
    rest = {k: v for k, v in query.items() if k not in {"page", "page_token"}}
    return hashlib.sha256(orjson.dumps(rest, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _page(query: Row) -> int:
    if "page" in query and "page_token" in query:
        raise Refusal("INVALID_REQUEST", "page and page_token exclude each other", wrapped=True)
    if "page_token" in query:
        try:
            token = orjson.loads(base64.urlsafe_b64decode(query["page_token"]))
            bound, number = token["b"], int(token["n"])
        except (ValueError, KeyError, TypeError):
            bound, number = "", 0
        named = {**query, "module": {"api_name": query["module"]["api_name"]}}
        if bound != _bound(named):
            raise Refusal("INVALID_REQUEST", "the page token belongs to another query")
        return number
    page = query.get("page", 1)
    if not isinstance(page, int) or page < 1:
        raise Refusal("PAGE_RANGE_EXCEEDED", "the page is no number from 1 on", api_name="page")
    return page


BULK_READ: Mapping[str, Work] = {
    "bulk_read.create": create,
    "bulk_read.get": status,
    "bulk_read.download": result,
}
