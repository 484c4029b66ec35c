"""Records of any module: read, write, search."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zohocrm_async.emulator import queries
from zohocrm_async.emulator.errors import JSON, Refusal, Reply, error_item, outcomes, success_item
from zohocrm_async.emulator.fields import invalid_field, missing_field, unique_field
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.shapes import is_array
from zohocrm_async.emulator.state import Row, State

_MOST_ROWS = 100
_MOST_FIELDS = 50
_TRIGGERS = frozenset({"workflow", "approval", "blueprint", "pathfinder", "orchestration"})
_OWN = ("id", "Created_Time", "Modified_Time", "Created_By", "Modified_By")
_BESIDE = ("trigger", "lar_id", "apply_feature_execution", "skip_feature_execution")


def list_records(state: State, incoming: Incoming) -> Reply:
    """List the records of a module."""
    records = state.records(incoming.module)
    if "fields" not in incoming.query:
        raise Refusal(
            "REQUIRED_PARAM_MISSING", "a required parameter is missing", param_name="fields"
        )
    fields = _fields(incoming)
    rows = list(records.values())
    if "ids" in incoming.query:
        rows = [records[id_] for id_ in incoming.query["ids"].split(",") if id_ in records]
    if incoming.query.get("converted", "false") == "true":
        rows = [row for row in rows if row.get("Converted") is True]
    since = incoming.call.headers.get("If-Modified-Since")
    if since is not None:
        rows = [row for row in rows if _time(row["Modified_Time"]) > _header_time(since)]
        if not rows:
            return Reply(None, 304)
    page, info = queries.page_of(rows, incoming, state.clock.now().timestamp())
    if not page:
        return Reply(None, 204)
    return Reply({"data": [_view(row, fields) for row in page], "info": info})


def _fields(incoming: Incoming) -> list[str] | None:
    text = incoming.query.get("fields")
    if text is None:
        return None
    fields = [name for name in text.split(",") if name]
    if not fields:
        raise Refusal("INVALID_DATA", "no field is named", param_name="fields")
    if len(fields) > _MOST_FIELDS:
        raise Refusal(
            "LIMIT_EXCEEDED", "too many fields", param_name="fields", maximum_length=_MOST_FIELDS
        )
    return fields


def _view(row: Row, fields: list[str] | None) -> JSON:
    if fields is None:
        return row
    return {"id": row["id"], **{name: row.get(name) for name in fields}}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _header_time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise Refusal("INVALID_DATA", "the header is no ISO 8601 time with an offset")
    return time


def get_record(state: State, incoming: Incoming) -> Reply:
    """Return one record."""
    record = state.find(incoming.module, incoming.id)
    if record is None:
        raise Refusal("INVALID_DATA", "the id given seems to be invalid", resource_path_index=1)
    return Reply({"data": [_view(record, _fields(incoming))]})


def create_records(state: State, incoming: Incoming) -> Reply:
    """Create records; one outcome for each."""
    module = state.module_name(incoming.module)
    rows = _rows(incoming)
    items = [
        _problem(module, row, index, new=True) or _created(state, module, row)
        for index, row in enumerate(rows)
    ]
    return outcomes("data", items, status=201)


def update_records(state: State, incoming: Incoming) -> Reply:
    """Change records by their ids; one outcome for each."""
    module = state.module_name(incoming.module)
    items: list[JSON] = []
    for index, row in enumerate(_rows(incoming)):
        path = f"$.data[{index}].id"
        record = state.find(module, str(row.get("id")))
        if "id" not in row:
            details = {"api_name": "id", "json_path": path}
            items.append(error_item("MANDATORY_NOT_FOUND", "required field not found", details))
        elif record is None:
            items.append(_unknown(str(row["id"]), path))
        else:
            problem = _problem(module, row, index, new=False)
            items.append(problem or _changed(state, module, record, row))
    return outcomes("data", items)


def upsert_records(state: State, incoming: Incoming) -> Reply:
    """Create records, or change those that are there; one outcome for each."""
    module = state.module_name(incoming.module)
    rows = _rows(incoming, "duplicate_check_fields")
    checked: Any = incoming.call.body.get("duplicate_check_fields", [unique_field(module)])
    if not is_array(checked) or not all(isinstance(name, str) for name in checked):
        raise Refusal(
            "INVALID_DATA", "the fields are no list of names", api_name="duplicate_check_fields"
        )
    items: list[JSON] = []
    for index, row in enumerate(rows):
        problem = _problem(module, row, index, new=True)
        if problem is not None:
            items.append(problem)
            continue
        found, name = _duplicate(state, module, row, checked)
        if found is None:
            items.append({**_created(state, module, row), "action": "insert"})
        else:
            item = _changed(state, module, found, row)
            items.append({**item, "action": "update", "duplicate_field": name})
    return outcomes("data", items)


def delete_records(state: State, incoming: Incoming) -> Reply:
    """Delete records by their ids; one outcome for each."""
    module = state.module_name(incoming.module)
    ids = [id_ for id_ in incoming.query.get("ids", "").split(",") if id_]
    if not ids:
        raise Refusal("REQUIRED_PARAM_MISSING", "a required parameter is missing", param_name="ids")
    if len(ids) > _MOST_ROWS:
        raise Refusal("LIMIT_EXCEEDED", "too many ids", param_name="ids", maximum_length=_MOST_ROWS)
    return outcomes("data", [_deleted(state, module, id_) for id_ in ids])


def search_records(state: State, incoming: Incoming) -> Reply:
    """Search the records of a module."""
    rows = queries.search(state.records(incoming.module).values(), incoming.query)
    page, info = queries.numbered_page_of(rows, incoming)
    if not page:
        return Reply(None, 204)
    fields = _fields(incoming)
    return Reply({"data": [_view(row, fields) for row in page], "info": info})


def count_records(state: State, incoming: Incoming) -> Reply:
    """Count the records of a module, all or those that a search finds."""
    records = state.records(incoming.module)
    if not queries.is_search(incoming.query):
        return Reply({"count": len(records)})
    return Reply({"count": len(queries.search(records.values(), incoming.query))})


def deleted_records(state: State, incoming: Incoming) -> Reply:
    """List the deleted records of a module, all of them in the recycle bin."""
    kind = incoming.query.get("type", "all")
    if kind not in {"all", "recycle", "permanent"}:
        raise Refusal("INVALID_DATA", "the type is unknown", param_name="type")
    rows = state.deleted(incoming.module) if kind != "permanent" else []
    page, info = queries.numbered_page_of(rows, incoming)
    return Reply({"data": page, "info": info}) if page else Reply(None, 204)


def _rows(incoming: Incoming, *beside: str) -> list[dict[str, Any]]:
    rows = incoming.items(_MOST_ROWS)
    incoming.only_keys(*_BESIDE, *beside)
    triggers: Any = incoming.call.body.get("trigger", [])
    if not is_array(triggers) or not _TRIGGERS.issuperset(map(str, triggers)):
        raise Refusal(
            "INVALID_DATA", "a trigger is unknown", api_name="trigger",
            supported_values=sorted(_TRIGGERS),
        )  # fmt: skip
    return rows


def _problem(module: str, row: Mapping[str, Any], index: int, *, new: bool) -> JSON | None:
    return missing_field(module, row, index, new=new) or invalid_field(row, index)


def _created(state: State, module: str, row: Mapping[str, Any]) -> JSON:
    record = state.insert(module, [_writable(row)])[0]
    return success_item("record added", **_stamp(record))


def _changed(state: State, module: str, record: Row, row: Mapping[str, Any]) -> JSON:
    if state.is_locked(module, record["id"]):
        return error_item("RECORD_LOCKED", "the record is locked", {"id": record["id"]})
    state.change(record, _writable(row))
    return success_item("record updated", **_stamp(record))


def _writable(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a caller may set; the service's own fields are left alone."""
    return {name: value for name, value in row.items() if name not in _OWN}


def _deleted(state: State, module: str, id_: str) -> JSON:
    if state.find(module, id_) is None:
        return _unknown(id_, "$.ids")
    if state.is_locked(module, id_):
        return error_item("RECORD_LOCKED", "the record is locked", {"id": id_})
    state.remove(module, id_)
    return success_item("record deleted", id=id_)


def _unknown(id_: str, path: str) -> JSON:
    details = {"id": id_, "api_name": "id", "json_path": path}
    return error_item("INVALID_DATA", "the id given seems to be invalid", details)


def _stamp(record: Row) -> dict[str, Any]:
    return {name: record[name] for name in _OWN}


def _duplicate(
    state: State, module: str, row: Mapping[str, Any], checked: list[str]
) -> tuple[Row | None, str]:
    for name in checked:
        wanted = row.get(name)
        if wanted in (None, ""):
            continue
        for record in state.records(module).values():
            if record.get(name) == wanted:
                return record, name
    return None, ""
