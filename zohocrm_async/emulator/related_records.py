"""Related records: children, linked records, notes and locks of a record."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from zohocrm_async.emulator import record_locks
from zohocrm_async.emulator.checks import anything, keys, text
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import JSON, Refusal, Reply, outcomes, success_item
from zohocrm_async.emulator.external_ids import external_fields, record_id
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.links import (
    CONTACT_ROLES,
    LOCKS,
    NOTES,
    End,
    RelatedList,
    names_parent,
    related_list,
)
from zohocrm_async.emulator.queries import page_of
from zohocrm_async.emulator.record_reads import header_time, ids_of
from zohocrm_async.emulator.record_values import fields_of
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import unknown_id, unknown_item
from zohocrm_async.emulator.state import Row, State

_MOST, _MOST_FIELDS = 100, 50
_ROLES = "/Contacts/roles"


# --- where a call leads


def _place(state: State, incoming: Incoming) -> tuple[End, RelatedList]:
    """Return the record in the path, and the list of it.

    Raises:
        Refusal: there is no such module, record or list.
    """
    module = state.module_name(incoming.module)
    found = record_id(state, module, incoming.id, external_fields(incoming))
    if found is None:
        raise unknown_id(1)
    listed = related_list(module, incoming.params["related_list"], state.modules)
    return (module, found), listed


def related_rows(state: State, end: End, related: RelatedList) -> dict[str, Row]:
    """Return the records of a related list by id, oldest first, with what their links say."""
    if related.name == LOCKS:
        lock = record_locks.lock_of(state, end)
        return {} if lock is None else {lock["id"]: lock}
    records = state.records(related.module)
    found = {
        id_: {**records[id_], **row}
        for id_, row in state.links.of(end, related.module)
        if related.linked and id_ in records
    }
    if related.named:
        fields = fields_of(state, related.module)
        for id_, record in records.items():
            if id_ not in found and names_parent(record, related.module, fields, end):
                found[id_] = record
    return dict(sorted(found.items()))


def _view(row: Row, names: list[str], related: RelatedList) -> Row:
    says = [name for name in related.says if name in row]
    return {"id": row["id"], **{name: row.get(name) for name in [*names, *says]}}


# --- reading


def _list(state: State, incoming: Incoming, _: Declared) -> Reply:
    end, related = _place(state, incoming)
    return _listed(state, incoming, end, related)


def _list_of_deleted(state: State, incoming: Incoming, _: Declared) -> Reply:
    module = state.module_name(incoming.module)
    if incoming.id not in {row["id"] for row in state.deleted(module)}:
        raise unknown_id(2)
    related = related_list(module, incoming.params["related_list"], state.modules)
    return _listed(state, incoming, (module, incoming.id), related)


def _listed(state: State, incoming: Incoming, end: End, related: RelatedList) -> Reply:
    names = _fields(incoming)
    rows = list(related_rows(state, end, related).values())
    if "ids" in incoming.query:
        wanted = incoming.query["ids"].split(",")
        rows = [row for row in rows if row["id"] in wanted]
    since = incoming.call.headers.get("If-Modified-Since")
    if since is not None:
        newest = header_time(since)
        rows = [row for row in rows if datetime.fromisoformat(row["Modified_Time"]) > newest]
        if not rows:
            return Reply(None, 304)
    page, info = page_of(rows, incoming, state.clock.now().timestamp())
    if not page:
        return Reply(None, 204)
    return Reply({"data": [_view(row, names, related) for row in page], "info": info})


def _get(state: State, incoming: Incoming, _: Declared) -> Reply:
    end, related = _place(state, incoming)
    names = _fields(incoming)
    row = related_rows(state, end, related).get(_related_id(state, incoming, related))
    return Reply(None, 204) if row is None else Reply({"data": [_view(row, names, related)]})


def _fields(incoming: Incoming) -> list[str]:
    names = [name for name in incoming.query.get("fields", "").split(",") if name]
    if not names:
        raise Refusal(
            "REQUIRED_PARAM_MISSING", "a required parameter is missing", param_name="fields"
        )
    if len(names) > _MOST_FIELDS:
        raise Refusal(
            "LIMIT_EXCEEDED", "too many fields", param_name="fields", maximum_length=_MOST_FIELDS
        )
    return names


def _related_id(state: State, incoming: Incoming, related: RelatedList) -> str:
    """Return the id of the related record in the path, which may be an external one."""
    given = incoming.params["related_id"]
    if related.name == LOCKS:
        return given
    return record_id(state, related.module, given, external_fields(incoming)) or given


# --- linking


def _link(state: State, incoming: Incoming, _: Declared) -> Reply:
    end, related = _place(state, incoming)
    rows = incoming.items(_MOST)
    incoming.only_keys()
    return outcomes(
        "data", [_linked(state, end, related, row, f"$.data[{n}]") for n, row in enumerate(rows)]
    )


def _link_one(state: State, incoming: Incoming, _: Declared) -> Reply:
    end, related = _place(state, incoming)
    [row] = incoming.items(1)
    incoming.only_keys()
    id_ = _related_id(state, incoming, related)
    return outcomes("data", [_linked(state, end, related, {**row, "id": id_}, "$.data[0]")])


def _linked(state: State, end: End, related: RelatedList, row: Row, path: str) -> JSON:
    try:
        return _put(state, end, related, row, path)
    except Refusal as refusal:
        return refusal.item


def _put(state: State, end: End, related: RelatedList, row: Row, path: str) -> JSON:
    if related.name == LOCKS:
        return record_locks.changed(state, end, row, path)
    if related.name == NOTES:
        return _changed_note(state, end, related, row, path)
    if not related.linked:
        raise Refusal("CANNOT_BE_UPDATED", "the relation cannot be updated", wrapped=True,
                      id=row.get("id"), resource_path_index=2)  # fmt: skip
    needed = ("id", "Contact_Role") if related.name == CONTACT_ROLES else ("id",)
    more = dict.fromkeys(related.says, anything)
    keys(row, "data", path, {**dict.fromkeys(needed, anything), "id": text}, more)
    if state.find(related.module, row["id"]) is None:
        return unknown_item(row["id"], f"{path}.id")
    values = {name: _said(state, name, row[name], path) for name in related.says if name in row}
    new = state.links.put(end, (related.module, row["id"]), values)
    return success_item("relation added" if new else "relation updated", id=row["id"])


def _said(state: State, name: str, value: Any, path: str) -> Any:
    """Return what a link says under *name*; a role is one that there is."""
    if name != "Contact_Role":
        return value
    keys(value, name, f"{path}.{name}", {"id": text}, {"name": text})
    role = state.settings.rows(_ROLES).get(value["id"])
    if role is None:
        raise Refusal("INVALID_DATA", "the id given seems to be invalid", wrapped=True,
                      api_name="id", json_path=f"{path}.{name}.id")  # fmt: skip
    return {"id": role["id"], "name": role["name"]}


def _changed_note(state: State, end: End, related: RelatedList, row: Row, path: str) -> JSON:
    note = related_rows(state, end, related).get(str(row.get("id")))
    if note is None:
        return unknown_item(str(row.get("id")), f"{path}.id")
    more = {"Note_Title": text, "Note_Content": text}
    keys(row, "data", path, {"id": text}, more)
    state.change(note, {name: value for name, value in row.items() if name != "id"})
    return success_item("relation updated", id=note["id"])


# --- unlinking


def _unlink(state: State, incoming: Incoming, _: Declared) -> Reply:
    end, related = _place(state, incoming)
    items = [_unlinked(state, end, related, id_, "$.ids") for id_ in ids_of(incoming)]
    return outcomes("data", items)


def _unlink_one(state: State, incoming: Incoming, _: Declared) -> Reply:
    end, related = _place(state, incoming)
    id_ = _related_id(state, incoming, related)
    return outcomes("data", [_unlinked(state, end, related, id_, "the URL")])


def _unlinked(state: State, end: End, related: RelatedList, id_: str, path: str) -> JSON:
    if id_ not in related_rows(state, end, related):
        return unknown_item(id_, path)
    if related.name == LOCKS:
        record_locks.release(state, end)
    elif related.name == NOTES:
        state.remove(NOTES, id_)
    elif not state.links.drop(end, (related.module, id_)):
        refusal = Refusal("CANNOT_BE_UPDATED", "the relation cannot be updated", id=id_)
        return refusal.item
    return success_item("relation removed", id=id_)


RELATED: Mapping[str, Work] = {
    "related_records.list": _list,
    "related_records.get": _get,
    "related_records.link": _link,
    "related_records.link_one": _link_one,
    "related_records.unlink": _unlink,
    "related_records.unlink_one": _unlink_one,
    "related_records.of_deleted": _list_of_deleted,
}
