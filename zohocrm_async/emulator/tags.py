"""Tags of modules and of records, and the territories of records."""

from collections.abc import Callable, Iterable, Mapping

from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.declared_types import item_problem
from zohocrm_async.emulator.errors import (
    JSON,
    Refusal,
    Reply,
    error_item,
    outcomes,
    success_item,
)
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.people import TERRITORIES
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import (
    id_of,
    ids_given,
    items_of,
    listed_in,
    objects,
    stamped,
    unknown_id,
    unknown_item,
)
from zohocrm_async.emulator.state import Row, State

TAGS = "/settings/tags"
_JOBS = "/settings/tags/actions/mass_delete"
_MOST_RECORDS, _MOST_TAGS = 500, 100


# --- tags of modules


def _find(state: State, tag_id: str) -> tuple[dict[str, Row], Row] | None:
    for rows in state.settings.scopes(TAGS):
        if tag_id in rows:
            return rows, rows[tag_id]
    return None


def _count(state: State, incoming: Incoming, _: Declared) -> Reply:
    module = state.module_name(incoming.query["module"])
    tag = state.settings.rows(TAGS, module).get(incoming.id)
    if tag is None:
        raise unknown_id(2)
    records = state.records(module).values()
    return Reply({"count": str(sum(tag["name"] in _names(record) for record in records))})


def _merge(state: State, incoming: Incoming, known: Declared) -> Reply:
    found = _find(state, incoming.id)
    if found is None:
        raise unknown_id(2)
    [body] = incoming.items(1)
    missing = item_problem(body, incoming, known, 0)
    other = str(body.get("conflict_id"))
    if missing is None and (other not in found[0] or other == incoming.id):
        missing = unknown_item(other, "$.tags[0].conflict_id")
    if missing is None:
        del found[0][incoming.id]
        missing = success_item("the tags are merged", id=other)
    return outcomes(incoming.key, [missing])


def _mass_delete(state: State, incoming: Incoming, known: Declared) -> Reply:
    [body] = incoming.items(1)
    missing = item_problem(body, incoming, known, 0)
    if missing is not None:
        return Reply(missing, 400, missing["code"])
    ids = [id_of(tag) for tag in objects(body["tags"])]
    if not 1 <= len(ids) <= _MOST_TAGS:
        raise Refusal(
            "INVALID_DATA", "the list has another length", api_name="tags",
            json_path="$.mass_delete[0].tags", minimum_length=1, maximum_length=_MOST_TAGS,
        )  # fmt: skip
    deleted = 0
    for id_ in ids:
        found = _find(state, id_)
        if found is not None:
            del found[0][id_]
            deleted += 1
    job: Row = {
        "status": "COMPLETED",
        "total_count": len(ids),
        "deleted_count": deleted,
        "failed_count": len(ids) - deleted,
    }
    job_id = state.new_id()
    state.settings.rows(_JOBS)[job_id] = {"id": job_id, "job_id": job_id, **job}
    item = success_item("the deletion is scheduled", code="SCHEDULED", job_id=job_id)
    return Reply(item, 202, "SCHEDULED")  # with no list around it


def _mass_delete_status(state: State, incoming: Incoming, _: Declared) -> Reply:
    job = state.settings.rows(_JOBS).get(incoming.query["job_id"])
    return Reply({incoming.key: [job]}) if job else Reply(None, 204)


# --- tags of records


def _names(record: Row) -> list[str]:
    return [str(tag.get("name")) for tag in objects(record.get("Tag"))]


def _given(incoming: Incoming) -> list[str]:
    """Return the names of the tags in the body.

    Raises:
        Refusal: there is none.
    """
    tags = objects(listed_in(incoming, "tags"))
    names = [str(tag["name"]) for tag in tags if tag.get("name")]
    if not names:
        raise Refusal("MANDATORY_NOT_FOUND", "a required key is missing", api_name="tags")
    return names


def _tagged(state: State, module: str, names: Iterable[str]) -> list[Row]:
    """Return the module's tags called *names*; those it lacks are made."""
    rows = state.settings.rows(TAGS, module)
    found: list[Row] = []
    for name in names:
        tag = next((row for row in rows.values() if row.get("name") == name), None)
        if tag is None:
            tag = stamped(state, {"name": name, "color_code": None})
            rows[tag["id"]] = tag
        found.append({"id": tag["id"], "name": tag["name"], "color_code": tag.get("color_code")})
    return found


def _add(state: State, module: str, record: Row, incoming: Incoming) -> None:
    tags = _tagged(state, module, _given(incoming))
    new = {tag["name"] for tag in tags}
    kept = [] if incoming.call.body.get("over_write") is True else objects(record.get("Tag"))
    record["Tag"] = [tag for tag in kept if tag.get("name") not in new] + tags


def _remove(_: State, __: str, record: Row, incoming: Incoming) -> None:
    gone = set(_given(incoming))
    record["Tag"] = [tag for tag in objects(record.get("Tag")) if tag.get("name") not in gone]


Change = Callable[[State, str, Row, Incoming], None]


def _on_many(change: Change) -> Work:
    def work(state: State, incoming: Incoming, _: Declared) -> Reply:
        module = state.module_name(incoming.module)
        _given(incoming)
        ids = ids_given(incoming, "ids", _MOST_RECORDS)
        return outcomes("data", [_on_record(state, module, id_, change, incoming) for id_ in ids])

    return work


def _on_one(change: Change) -> Work:
    def work(state: State, incoming: Incoming, _: Declared) -> Reply:
        module = state.module_name(incoming.module)
        if state.find(module, incoming.id) is None:
            raise unknown_id(1)
        return outcomes("data", [_on_record(state, module, incoming.id, change, incoming)])

    return work


def _on_record(
    state: State, module: str, record_id: str, change: Change, incoming: Incoming
) -> JSON:
    record = state.find(module, record_id)
    if record is None:
        return unknown_item(record_id)
    change(state, module, record, incoming)
    return success_item("tags updated", id=record_id, tags=_names(record))


# --- territories of records


def _assign(state: State, record: Row, ids: list[str]) -> None:
    rows = state.settings.rows(TERRITORIES)
    kept = [each for each in objects(record.get("Territories")) if id_of(each) not in ids]
    record["Territories"] = kept + [{"id": id_, "name": rows[id_].get("name")} for id_ in ids]


def _unassign(_: State, record: Row, ids: list[str]) -> None:
    kept = [each for each in objects(record.get("Territories")) if id_of(each) not in ids]
    record["Territories"] = kept


Assign = Callable[[State, Row, list[str]], None]


def _territories(change: Assign) -> Work:
    def work(state: State, incoming: Incoming, known: Declared) -> Reply:
        module = state.module_name(incoming.module)
        own = incoming.params.get("id")
        if own is not None and state.find(module, own) is None:
            raise unknown_id(1)
        items = [
            _assigned(state, module, own or str(row.get("id")), row, change, index=index)
            for index, row in enumerate(items_of(incoming, known))
        ]
        return outcomes("data", items)

    return work


def _assigned(
    state: State, module: str, record_id: str, row: Row, change: Assign, *, index: int
) -> JSON:
    record = state.find(module, record_id)
    if record is None:
        return unknown_item(record_id, f"$.data[{index}].id")
    ids = [id_of(each) for each in objects(row.get("Territories"))]
    if not ids:
        details = {"api_name": "Territories", "json_path": f"$.data[{index}].Territories"}
        return error_item("MANDATORY_NOT_FOUND", "required field not found", details)
    known = state.settings.rows(TERRITORIES)
    for id_ in ids:
        if id_ not in known:
            return unknown_item(id_, f"$.data[{index}].Territories")
    change(state, record, ids)
    return success_item("territories updated", id=record_id)


TAGGING: Mapping[str, Work] = {
    "tags.count": _count,
    "tags.merge": _merge,
    "tags.mass_delete": _mass_delete,
    "tags.mass_delete_status": _mass_delete_status,
    "tags.add": _on_many(_add),
    "tags.add_one": _on_one(_add),
    "tags.remove": _on_many(_remove),
    "tags.remove_one": _on_one(_remove),
    "territories.assign": _territories(_assign),
    "territories.assign_one": _territories(_assign),
    "territories.remove": _territories(_unassign),
    "territories.remove_one": _territories(_unassign),
}
