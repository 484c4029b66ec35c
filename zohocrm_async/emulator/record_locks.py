"""Locks of records, one for each at most."""

from collections.abc import Mapping

from zohocrm_async.emulator.checks import keys, short
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import JSON, Refusal, Reply, outcomes, success_item
from zohocrm_async.emulator.fields import name_field
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.links import End
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import unknown_id, unknown_item
from zohocrm_async.emulator.state import Row, State

_REASON = {"Locked_Reason__s": short(3_000)}


def lock_of(state: State, end: End) -> Row | None:
    """Return what is known of a record's lock; None for a record that is not locked."""
    if end not in state.locked:
        return None
    if end not in state.locks:
        state.locks[end] = _lock(state, end, "locked by hand")
    return state.locks[end]


def changed(state: State, end: End, row: Row, path: str) -> JSON:
    """Give another reason for a lock; return the outcome.

    Raises:
        Refusal: the reason is none.
    """
    lock = lock_of(state, end)
    given = {name: value for name, value in row.items() if name != "id"}
    keys(given, "data", path, _REASON)
    if lock is None or lock["id"] != row.get("id"):
        return unknown_item(str(row.get("id")), "the URL")
    lock.update(given, Modified_Time=state.local_now().isoformat())
    return success_item("relation updated", id=lock["id"])


def release(state: State, end: End) -> None:
    """Unlock a record."""
    state.locked.discard(end)
    state.locks.pop(end, None)


def _lock(state: State, end: End, reason: str) -> Row:
    module, id_ = end
    record, now = state.find(module, id_) or {}, state.local_now().isoformat()
    return {
        "id": state.new_id(),
        "Locked_Reason__s": reason,
        "Lock_Source__s": "Manual",
        "Locked_Time__s": now,
        "Locked_By__s": state.owner,
        "Locked_For__s": {
            "id": id_,
            "name": record.get(name_field(module)),
            "module": {"api_name": module},
        },
        "Record_Locking_Configuration_Id__s": None,
        "Record_Locking_Rule_Id__s": None,
        "Created_Time": now,
        "Modified_Time": now,
        "Created_By": state.owner,
        "Modified_By": state.owner,
    }


def _lock_record(state: State, incoming: Incoming, _: Declared) -> Reply:
    end = state.module_name(incoming.module), incoming.id
    if state.find(*end) is None:
        raise unknown_id(1)
    [row] = incoming.items(1)
    incoming.only_keys()
    keys(row, "data", "$.data[0]", _REASON)
    if state.is_locked(*end):
        raise Refusal("NOT_ALLOWED", "the record is locked already", status=403, wrapped=True)
    state.locked.add(end)
    lock = state.locks[end] = _lock(state, end, row["Locked_Reason__s"])
    told = ("id", "Created_Time", "Modified_Time", "Created_By", "Modified_By")
    item = success_item("the record is locked", **{name: lock[name] for name in told})
    return outcomes("data", [item], status=201)


LOCKING: Mapping[str, Work] = {"record_locks.lock": _lock_record}
