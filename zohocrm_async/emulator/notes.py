"""Notes of records: records of the module Notes that name their parent."""

from collections.abc import Mapping
from typing import Any

from zohocrm_async.emulator.checks import Check, keys, short, text
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import JSON, Refusal, Reply, outcomes, success_item
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.links import NOTES
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import unknown_id, unknown_item
from zohocrm_async.emulator.state import Row, State

_MOST = 100
_STAMP = ("id", "Created_Time", "Modified_Time", "Created_By", "Modified_By")


def _parent(value: Any, name: str, path: str) -> None:
    keys(value, name, path, {"module": _module, "id": text}, {"name": text})


def _module(value: Any, name: str, path: str) -> None:
    keys(value, name, path, {}, {"api_name": text, "id": text})


_NEEDED: Mapping[str, Check] = {"Note_Content": short(32_000)}
_MORE: Mapping[str, Check] = {"Note_Title": short(120), "Parent_Id": _parent}


def parent_problem(state: State, row: Mapping[str, Any], path: str) -> JSON | None:
    """Return the error of a new note whose record is not there, or None."""
    path = f"{path}.Parent_Id"
    parent: Any = row["Parent_Id"]
    try:
        _parent(parent, "Parent_Id", path)
    except Refusal as refusal:
        return refusal.item
    module = str(parent["module"].get("api_name"))
    if module not in state.modules or state.find(module, parent["id"]) is None:
        return unknown_item(parent["id"], f"{path}.id")
    return None


def _add_notes(state: State, incoming: Incoming, _: Declared) -> Reply:
    module = state.module_name(incoming.module)
    if state.find(module, incoming.id) is None:
        raise unknown_id(1)
    rows = incoming.items(_MOST)
    incoming.only_keys()
    parent: Row = {"id": incoming.id, "module": {"api_name": module}}
    items = [_added(state, row, parent, f"$.data[{n}]") for n, row in enumerate(rows)]
    return outcomes("data", items, status=201)


def _added(state: State, row: Row, parent: Row, path: str) -> JSON:
    try:
        keys(row, "data", path, _NEEDED, _MORE)
    except Refusal as refusal:
        return refusal.item
    [note] = state.insert(NOTES, [{"Note_Title": None, **row, "Parent_Id": parent}])
    return success_item("record added", **{name: note[name] for name in _STAMP})


NOTING: Mapping[str, Work] = {"notes.add": _add_notes}
