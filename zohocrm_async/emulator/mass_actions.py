"""One change of many records: at once by their ids, or of a custom view as a job."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from zohocrm_async.emulator.bulk_criteria import matcher
from zohocrm_async.emulator.checks import (
    Check,
    anything,
    boolean,
    keys,
    list_of,
    missing,
    refuse,
    refused,
    text,
)
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import (
    JSON,
    Refusal,
    Reply,
    error_item,
    outcome,
    outcomes,
    success_item,
)
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.mass_jobs import Act, MassJob
from zohocrm_async.emulator.ownership import hand_over, owner_in
from zohocrm_async.emulator.people import TERRITORIES
from zohocrm_async.emulator.record_values import Values
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import id_of, objects, unknown_item
from zohocrm_async.emulator.shapes import is_array, is_object
from zohocrm_async.emulator.state import Row, State

_MOST_IDS, _MOST_OF_A_VIEW = 500, 50_000
_MOST_FIELDS = {"Deals": 3}
Problem = Callable[[str], JSON | None]
"""Acts on the record of an id; returns the error, or None."""


# --- which records


def _territory(value: Any, name: str, path: str) -> None:
    keys(value, name, path, {"id": text}, {"include_child": boolean})


_CHOICE: Mapping[str, Check] = {
    "ids": list_of(_MOST_IDS, text),
    "cvid": text,
    "territory": _territory,
    "criteria": anything,
}


def _body(
    incoming: Incoming, needed: Mapping[str, Check], more: Mapping[str, Check]
) -> Mapping[str, Any]:
    """Return the body, which names its records in one way.

    Raises:
        Refusal: a key is wrong, missing or unknown, or records are named in no or two ways.
    """
    body: Any = incoming.call.body
    if not is_object(body):
        raise Refusal("INVALID_DATA", "the body is no object", expected_data_type="jsonobject")
    keys(body, "data", "$", needed, more)
    given = [name for name in ("ids", "cvid") if body.get(name)]
    if not given:
        raise missing("ids" if "ids" in more else "cvid", "$")
    if len(given) > 1:
        raise refuse(
            "AMBIGUITY_DURING_PROCESSING", "the keys exclude each other", "ids", "$.ids",
            ambiguity_due_to=[{"api_name": name, "json_path": f"$.{name}"} for name in given],
        )  # fmt: skip
    return body


def _of_view(state: State, module: str, body: Mapping[str, Any]) -> list[str]:
    """Return the ids of a custom view's records, narrowed as the body says.

    Raises:
        Refusal: there is no such view or territory, or it has too many records.
    """
    view = state.settings.rows("/settings/custom_views", module).get(body["cvid"])
    if view is None:
        raise refuse("INVALID_DATA", "the id given seems to be invalid", "cvid", "$.cvid")
    rows: Iterable[Row] = state.records(module).values()
    known = state.settings.rows("/settings/fields", module).values()
    fields = {str(row["api_name"]): row for row in known}
    for criteria in (view.get("criteria"), *_criteria(body)):
        if criteria:
            rows = list(filter(matcher(criteria, fields), rows))
    territory = body.get("territory")
    if territory is not None:
        wanted = _territories(state, territory)
        rows = [row for row in rows if not wanted.isdisjoint(_ids(row.get("Territories")))]
    found = [str(row["id"]) for row in rows]
    if len(found) > _MOST_OF_A_VIEW:
        raise refuse("LIMIT_EXCEEDED", "the view has too many records", "cvid", "$.cvid",
                     limit=_MOST_OF_A_VIEW)  # fmt: skip
    return found


def _criteria(body: Mapping[str, Any]) -> list[Any]:
    criteria = body.get("criteria")
    return criteria if is_array(criteria) else [criteria]


def _ids(value: Any) -> set[str]:
    return {id_of(each) for each in objects(value)}


def _territories(state: State, territory: Row) -> set[str]:
    rows = state.settings.rows(TERRITORIES)
    if territory["id"] not in rows:
        raise refuse("INVALID_DATA", "the id given seems to be invalid", "id", "$.territory.id")
    found = {str(territory["id"])}
    while territory.get("include_child"):
        below = {id_ for id_, row in rows.items() if id_of(row.get("reporting_to")) in found}
        if below <= found:
            break
        found |= below
    return found


# --- jobs


def schedule(
    state: State, incoming: Incoming, kind: str, ids: Iterable[str], act: Act
) -> Mapping[str, Any]:
    """Begin a job; return the outcome that names it.

    Raises:
        Refusal: one of its kind is under way in the module.
    """
    job_id = state.new_id()
    module = state.module_name(incoming.module or "Leads")
    now, seconds = state.clock.monotonic(), state.mass_jobs.seconds
    job = MassJob(job_id, kind, module, tuple(ids), act, now + seconds / 2, now + seconds)
    state.mass_jobs.begin(job)
    return success_item("the job is scheduled", code="SCHEDULED", job_id=job_id)


def job_of(state: State, incoming: Incoming, kind: str) -> MassJob | None:
    """Return the job that the query names, or None."""
    module = state.module_name(incoming.module or "Leads")
    return state.mass_jobs.find(kind, module, incoming.query["job_id"])


def _status(kind: str, *counts: str) -> Work:
    def work(state: State, incoming: Incoming, _: Declared) -> Reply:
        job = job_of(state, incoming, kind)
        if job is None:
            return Reply(None, 204)
        told = {f"{name.title()}_Count": job.counts[name] for name in counts}
        stands = job.state(state.clock.monotonic())
        return Reply({"data": [{"Status": stands, "Total_Count": len(job.ids), **told}]})

    return work


# --- what is done


def _deleting(state: State, module: str) -> Problem:
    def delete(id_: str) -> JSON | None:
        if state.find(module, id_) is None:
            return unknown_item(id_)
        if state.is_locked(module, id_):
            return error_item("RECORD_LOCKED", "the record is locked", {"id": id_})
        state.remove(module, id_)
        return None

    return delete


def _setting(state: State, module: str, values: Row) -> Problem:
    def change(id_: str) -> JSON | None:
        record = state.find(module, id_)
        if record is None:
            return unknown_item(id_)
        if state.is_locked(module, id_):
            return error_item("RECORD_LOCKED", "the record is locked", {"id": id_})
        state.change(record, values)
        return None

    return change


def _done(problem: JSON | None, id_: str, message: str) -> JSON:
    return problem or success_item(message, id=id_)


def _update(state: State, incoming: Incoming, _: Declared) -> Reply:
    module = state.module_name(incoming.module)
    body = _body(incoming, {"data": anything}, {**_CHOICE, "over_write": boolean})
    values = _values(state, module, incoming)
    change = _setting(state, module, values)
    kept = body.get("over_write") is False

    def act(id_: str) -> str:
        record = state.find(module, id_) or {}
        if kept and any(record.get(name) not in (None, "") for name in values):
            return "not_updated"
        return "failed" if change(id_) else "updated"

    if "cvid" in body:
        ids = _of_view(state, module, body)
        return outcome("data", schedule(state, incoming, "mass_update", ids, act))
    return outcomes("data", [_done(change(id_), id_, "record updated") for id_ in body["ids"]])


def _values(state: State, module: str, incoming: Incoming) -> Row:
    """Return the values that the body sets, as records hold them.

    Raises:
        Refusal: there are too many, or one is not acceptable.
    """
    [values] = incoming.items(1)
    most = _MOST_FIELDS.get(module, 1)
    if not 1 <= len(values) <= most:
        raise refuse("LIMIT_EXCEEDED", "too many fields", "data", "$.data[0]", maximum_length=most)
    writing = Values(state, module, {})
    problem = writing.problem(values, 0, new=False)
    if problem is not None:
        raise refused(problem, problem["details"]["json_path"])
    return writing.stored(values)


def _delete(state: State, incoming: Incoming, _: Declared) -> Reply:
    module = state.module_name(incoming.module)
    more = {name: check for name, check in _CHOICE.items() if name != "criteria"}
    body = _body(incoming, {}, more)
    delete = _deleting(state, module)
    if "cvid" in body:
        ids = _of_view(state, module, body)
        act: Act = lambda id_: "failed" if delete(id_) else "deleted"  # noqa: E731
        return outcome("data", schedule(state, incoming, "mass_delete", ids, act))
    return outcomes("data", [_done(delete(id_), id_, "record deleted") for id_ in body["ids"]])


def _change_owner(state: State, incoming: Incoming, _: Declared) -> Reply:
    module = state.module_name(incoming.module)
    more = {name: check for name, check in _CHOICE.items() if name not in {"ids", "cvid"}}
    body = _body(incoming, {"cvid": text, "owner": anything}, more)
    owner = owner_in(state, body["owner"])

    def act(id_: str) -> str:
        record = state.find(module, id_)
        if record is not None and id_of(record.get("Owner")) == owner["id"]:
            return "not_updated"
        return "failed" if hand_over(state, (module, id_), owner) else "updated"

    ids = _of_view(state, module, body)
    item = schedule(state, incoming, "mass_change_owner", ids, act)
    return outcome("data", item, status=202)


MASS_ACTIONS: Mapping[str, Work] = {
    "mass_update.create": _update,
    "mass_update.status": _status("mass_update", "updated", "not_updated", "failed"),
    "mass_delete.create": _delete,
    "mass_delete.status": _status("mass_delete", "deleted", "failed"),
    "mass_change_owner.create": _change_owner,
    "mass_change_owner.status": _status("mass_change_owner", "updated", "not_updated", "failed"),
}
