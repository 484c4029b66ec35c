"""Records of any module, as they are written: created, changed, deleted, cloned."""

from collections.abc import Callable, Mapping
from typing import Any

from zohocrm_async.emulator import record_reads as reads
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import JSON, Refusal, Reply, error_item, outcomes, success_item
from zohocrm_async.emulator.external_ids import external_fields, record_id
from zohocrm_async.emulator.fields import unique_field
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.record_reads import check_boolean, ids_of, named
from zohocrm_async.emulator.record_values import OWN, Values
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import unknown_item
from zohocrm_async.emulator.shapes import is_array, is_array_of_objects, is_object
from zohocrm_async.emulator.state import Row, State
from zohocrm_async.emulator.timelines import list_timeline

_MOST_ROWS = 100
_TRIGGERS = frozenset({"workflow", "approval", "blueprint", "pathfinder", "orchestration"})
_FEATURES = ("apply_feature_execution", "skip_feature_execution")
_BESIDE = ("trigger", "lar_id", *_FEATURES)


def create_records(state: State, incoming: Incoming) -> Reply:
    """Create records; one outcome for each."""
    values = _values(state, incoming)
    items = [
        values.problem(row, index) or _created(values, row)
        for index, row in enumerate(_rows(incoming, _MOST_ROWS))
    ]
    return outcomes("data", items, status=201)


def update_records(state: State, incoming: Incoming) -> Reply:
    """Change records by their ids, or by what an external field holds; one outcome for each."""
    values = _values(state, incoming)
    name = values.external.get(values.module, "id")
    items: list[JSON] = []
    for index, row in enumerate(_rows(incoming, _MOST_ROWS)):
        path = f"$.data[{index}].{name}"
        if name not in row:
            details = {"api_name": name, "json_path": path}
            items.append(error_item("MANDATORY_NOT_FOUND", "required field not found", details))
            continue
        found = record_id(state, values.module, str(row[name]), values.external)
        record = state.records(values.module).get(found or "")
        if record is None:
            items.append(unknown_item(str(row[name]), path))
        else:
            items.append(_updated(values, record, row, index))
    return outcomes("data", items)


def update_record(state: State, incoming: Incoming) -> Reply:
    """Change one record."""
    values = _values(state, incoming)
    [row] = _rows(incoming, 1)
    record = named(state, values.module, incoming)
    return outcomes("data", [_updated(values, record, row, 0)])


def upsert_records(state: State, incoming: Incoming) -> Reply:
    """Create records, or change those that are there; one outcome for each."""
    values = _values(state, incoming)
    rows = _rows(incoming, _MOST_ROWS, "duplicate_check_fields")
    checked: Any = incoming.call.body.get("duplicate_check_fields", [unique_field(values.module)])
    if not is_array(checked) or not all(isinstance(name, str) for name in checked):
        raise Refusal(
            "INVALID_DATA", "the fields are no list of names", api_name="duplicate_check_fields"
        )
    items = [_upserted(values, row, index, checked) for index, row in enumerate(rows)]
    return outcomes("data", items)


def _upserted(values: Values, row: Row, index: int, checked: list[str]) -> JSON:
    found, name = _held(values, row, checked)
    if found is None and "id" in row:
        return unknown_item(str(row["id"]), f"$.data[{index}].id")
    problem = values.problem(row, index, record=found, new=found is None or name != "id")
    if problem is not None:
        return problem
    if found is None:
        return {**_created(values, row), "action": "insert", "duplicate_field": None}
    return {**_changed(values, found, row), "action": "update", "duplicate_field": name}


def _held(values: Values, row: Row, checked: list[str]) -> tuple[Row | None, str]:
    """Return the record that a row of an upsert is about, and the field that tells it."""
    own = values.external.get(values.module)
    if "id" in row:
        return values.state.find(values.module, str(row["id"])), "id"
    for name in (own, *checked) if own else checked:
        found = values.holder(name, row.get(name))
        if found is not None:
            return found, name
    return None, ""


def delete_records(state: State, incoming: Incoming) -> Reply:
    """Delete records by their ids; one outcome for each."""
    module = state.module_name(incoming.module)
    check_boolean(incoming.query, "wf_trigger")
    external = external_fields(incoming)
    return outcomes("data", [_deleted(state, module, id_, external) for id_ in ids_of(incoming)])


def delete_record(state: State, incoming: Incoming) -> Reply:
    """Delete one record."""
    module = state.module_name(incoming.module)
    check_boolean(incoming.query, "wf_trigger")
    record = named(state, module, incoming)
    return outcomes("data", [_deleted(state, module, record["id"], {})])


def clone_record(state: State, incoming: Incoming) -> Reply:
    """Make a copy of a record, with other values where the body gives them."""
    module = state.module_name(incoming.module)
    values = Values(state, module, {})
    record = named(state, module, incoming)
    row: Row = {}
    if incoming.call.body not in (None, {}):
        [row] = incoming.items(1)
        incoming.only_keys("skip_feature_execution")
        _check_features(incoming.call.body)
    copy = {name: value for name, value in record.items() if name not in OWN}
    for name, value in copy.items():
        if is_array_of_objects(value) and name != "Tag":  # rows of a subform get ids of their own
            copy[name] = [
                {key: item for key, item in each.items() if key != "id"} for each in value
            ]
    problem = values.problem({**copy, **row}, 0)
    return outcomes("data", [problem or _created(values, {**copy, **row})], status=201)


def _values(state: State, incoming: Incoming) -> Values:
    return Values(state, state.module_name(incoming.module), external_fields(incoming))


def _rows(incoming: Incoming, most: int, *beside: str) -> list[Row]:
    rows = incoming.items(most)
    incoming.only_keys(*_BESIDE, *beside)
    triggers: Any = incoming.call.body.get("trigger", [])
    if not is_array(triggers) or not _TRIGGERS.issuperset(map(str, triggers)):
        raise Refusal(
            "INVALID_DATA", "a trigger is unknown", api_name="trigger",
            supported_values=sorted(_TRIGGERS),
        )  # fmt: skip
    _check_features(incoming.call.body)
    return rows


def _check_features(body: JSON) -> None:
    for name in _FEATURES:
        given: Any = body.get(name, [])
        if not is_array(given) or not all(is_object(each) and each.get("name") for each in given):
            raise Refusal(
                "INVALID_DATA", "a feature is an object with its name", api_name=name,
                json_path=f"$.{name}", expected_data_type="jsonarray",
            )  # fmt: skip


def _created(values: Values, row: Mapping[str, Any]) -> JSON:
    record = values.state.insert(values.module, [values.stored(row)])[0]
    values.name_parents(record)
    values.written(record)
    return success_item("record added", **_stamp(record))


def _updated(values: Values, record: Row, row: Row, index: int) -> JSON:
    problem = values.problem(row, index, record=record, new=False)
    return problem or _changed(values, record, row)


def _changed(values: Values, record: Row, row: Mapping[str, Any]) -> JSON:
    if values.state.is_locked(values.module, record["id"]):
        return error_item("RECORD_LOCKED", "the record is locked", {"id": record["id"]})
    values.state.change(record, values.stored(row, record))
    values.written(record)
    return success_item("record updated", **_stamp(record))


def _deleted(state: State, module: str, given: str, external: Mapping[str, str]) -> JSON:
    found = record_id(state, module, given, external)
    if found is None:
        return unknown_item(given)
    if state.is_locked(module, found):
        return error_item("RECORD_LOCKED", "the record is locked", {"id": found})
    state.remove(module, found)
    return success_item("record deleted", id=found)


def _stamp(record: Row) -> dict[str, Any]:
    return {name: record[name] for name in OWN}


def _work(answer: Callable[[State, Incoming], Reply]) -> Work:
    def work(state: State, incoming: Incoming, _: Declared) -> Reply:
        return answer(state, incoming)

    return work


RECORDS: Mapping[str, Work] = {
    f"records.{name}": _work(answer)
    for name, answer in {
        "list": reads.list_records,
        "get": reads.get_record,
        "search": reads.search_records,
        "count": reads.count_records,
        "deleted": reads.deleted_records,
        "timeline": list_timeline,
        "rich_text": reads.rich_text,
        "rich_text_one": reads.rich_text_one,
        "create": create_records,
        "update": update_records,
        "update_one": update_record,
        "upsert": upsert_records,
        "delete": delete_records,
        "delete_one": delete_record,
        "clone": clone_record,
    }.items()
}
