"""Bulk writes: files that are uploaded and written as a job, row by row.

See https://www.zoho.com/crm/developer/docs/api/v7/bulk-write/create-job.html.
"""

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from zohocrm_async.emulator.bulk_jobs import BulkFile, BulkJob
from zohocrm_async.emulator.bulk_rows import Task, carry_out, read_file
from zohocrm_async.emulator.callbacks import callback_url
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import Refusal, Reply, SentFile, success_item
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.requests import Incoming, UploadedPart
from zohocrm_async.emulator.shapes import is_array, is_array_of_objects, is_object
from zohocrm_async.emulator.state import Row, State

_LARGEST = 25 * 1024 * 1024
_UNWRITTEN = frozenset(
    {"Quotes", "Sales_Orders", "Purchase_Orders", "Invoices", "Events", "Calls", "Notes"}
)
_OPERATIONS = ("insert", "update", "upsert")
_BODY = frozenset({"operation", "resource", "character_encoding", "ignore_empty", "callback"})
_RESOURCE = frozenset(
    {"type", "module", "file_id", "file_names", "find_by", "ignore_empty", "field_mappings"}
)


def upload(state: State, incoming: Incoming, zgid: str) -> Reply:
    """Keep a file; return its id."""
    headers = incoming.call.headers
    if headers.get("feature") != "bulk-write":
        raise Refusal("BAD_REQUEST", "the header feature is not bulk-write")
    if headers.get("X-CRM-ORG") != zgid:
        raise Refusal(
            "NO_PERMISSION", "the header X-CRM-ORG names another organisation", status=403
        )
    parts: Any = incoming.call.body
    part = parts[0] if is_array(parts) and len(parts) == 1 else None
    if not isinstance(part, UploadedPart):
        raise Refusal("BAD_REQUEST", "the form holds no single file")
    if part.size > _LARGEST:
        raise Refusal("FILE_TOO_LARGE", "the file is larger than 25 MB", status=413)
    if not zipfile.is_zipfile(io.BytesIO(part.content)):
        raise Refusal("INVALID_FILE_FORMAT", "only ZIP archives are taken")
    id_ = state.new_id()
    state.bulk.files[id_] = BulkFile(part.name or "", part.content)
    item = success_item(
        "file uploaded.",
        code="FILE_UPLOAD_SUCCESS",
        file_id=id_,
        created_time=state.local_now().isoformat(),
    )
    return Reply(item, code="FILE_UPLOAD_SUCCESS")


def create(state: State, incoming: Incoming, _: Declared) -> Reply:
    """Take in a job, once its file can be read and its columns are known."""
    body: Any = incoming.call.body
    if not is_object(body):
        raise Refusal("INVALID_DATA", "the body is no JSON object")
    for name in body.keys() - _BODY:
        raise Refusal("INVALID_FIELD", "the key is unknown", api_name=name)
    operation = body.get("operation")
    if operation not in _OPERATIONS:
        raise Refusal("INVALID_DATA", "the operation is unknown", api_name="operation")
    callback = callback_url(body.get("callback"))
    resource = _resource(body)
    module = _module(state, resource)
    file = state.bulk.files.get(str(resource.get("file_id")))
    if file is None:
        raise Refusal("INVALID_FILE_ID", "no such file", api_name="file_id")
    task = Task(
        module=module,
        operation=operation,
        find_by=resource.get("find_by"),
        ignore_empty=bool(resource.get("ignore_empty", body.get("ignore_empty", False))),
        table=read_file(
            state,
            module,
            file,
            resource,
            operation=operation,
            encoding=body.get("character_encoding"),
        ),
        version=incoming.version,
    )
    return _begin(state, body, file, task, callback)


def _begin(state: State, body: Row, file: BulkFile, task: Task, callback: str | None) -> Reply:
    id_ = state.new_id()
    told: Row = {
        "id": id_,
        "operation": task.operation,
        "character_encoding": body.get("character_encoding", "UTF-8"),
        "callback": body.get("callback"),
        "resource": [{**body["resource"][0], "code": "SUCCESS"}],
        "created_by": {"id": state.owner["id"], "name": state.owner["name"]},
        "created_time": state.local_now().isoformat(),
    }
    name = file.name.removesuffix(".zip") + ".csv"

    def work(job: BulkJob) -> None:
        if task.module in state.bulk.fail:
            job.end = "FAILED"
            return
        archive, counts = carry_out(state, task, name)
        job.archive = archive[: len(archive) // 2] if task.module in state.bulk.damage else archive
        job.row["resource"][0]["file"] = {"name": name, "status": "COMPLETED", **counts}
        job.row["result"] = {"download_url": f"/crm/bulk/v7/write/{id_}/result"}
        job.end = "COMPLETED"

    state.bulk.begin(told, work, state.clock, details=_details, callback=callback)
    item = success_item("success", id=id_, created_by=told["created_by"])
    return Reply(item, 201, "SUCCESS")


def _resource(body: Row) -> Row:
    resources = body.get("resource")
    if not is_array_of_objects(resources) or len(resources) != 1:
        raise Refusal("MISSING_REQUIRED_KEY", "give one resource", api_name="resource")
    resource = resources[0]
    for name in resource.keys() - _RESOURCE:
        raise Refusal("INVALID_FIELD", "the key is unknown", api_name=name)
    for name in ("type", "module", "file_id"):
        if name not in resource:
            raise Refusal("MISSING_REQUIRED_KEY", "a required key is missing", api_name=name)
    if resource["type"] != "data":
        raise Refusal("INVALID_DATA", "the type is unknown", api_name="type")
    if body["operation"] != "insert" and not resource.get("find_by"):
        raise Refusal("MANDATORY_NOT_FOUND", "a required key is missing", api_name="find_by")
    return resource


def _module(state: State, resource: Row) -> str:
    module = resource["module"]
    name = module.get("api_name") if is_object(module) else None
    try:
        known = state.module_name(str(name))
    except Refusal:
        known = None
    if known is None or known in _UNWRITTEN:
        raise Refusal("MODULE_NOT_AVAILABLE", "the module is not written in bulk", api_name=name)
    return known


def _details(job: BulkJob, word: str) -> Row:
    word = word.replace("QUEUED", "ADDED").replace(" ", "")
    resource = [{**each, "status": word} for each in job.row["resource"]]
    return {**job.row, "resource": resource, "status": word}


def status(state: State, incoming: Incoming, _: Declared) -> Reply:
    """Return a job."""
    job = state.bulk.job(incoming.id, "insert update upsert")
    return Reply(job.told(state.clock.monotonic()))


def result(state: State, incoming: Incoming) -> Reply:
    """Return the archive of a job."""
    job = state.bulk.job(incoming.id, "insert update upsert")
    archive = state.bulk.result(job, state.clock.monotonic())
    return Reply(None, file=SentFile(archive, f"{incoming.id}.zip", "application/zip"))


BULK_WRITE: Mapping[str, Work] = {
    "bulk_write.create": create,
    "bulk_write.get": status,
}
