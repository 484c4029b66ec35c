"""Blueprints: processes that records of a module go through, by the value of a field."""

from collections.abc import Iterable, Mapping
from typing import Any

from zohocrm_async.emulator.checks import keys, refuse, text, unknown
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import Refusal, Reply, success_item
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.record_values import Values
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import unknown_id
from zohocrm_async.emulator.shapes import is_array_of_objects, is_object
from zohocrm_async.emulator.state import Row, State

_EMPTY: tuple[Any, ...] = (None, "", [])


def add_blueprint(
    state: State, module: str, field: str, transitions: Iterable[Mapping[str, Any]]
) -> tuple[str, ...]:
    """Give a module a process; return the ids of its transitions, in order.

    A transition has a ``name``, the values of *field* that it leads ``from`` and ``to``,
    and perhaps ``fields``, the names of those that it asks for.
    """
    steps = [{"fields": (), **step, "id": state.new_id()} for step in transitions]
    state.blueprints[state.module_name(module)] = {
        "id": state.new_id(),
        "name": f"{module} process",
        "field": field,
        "transitions": steps,
    }
    return tuple(str(step["id"]) for step in steps)


def _record(state: State, incoming: Incoming) -> tuple[Row, Row]:
    """Return the record in the path and its process.

    Raises:
        Refusal: there is no such record, or it is in no process.
    """
    module = state.module_name(incoming.module)
    record = state.find(module, incoming.id)
    if record is None:
        raise unknown_id(1)
    process = state.blueprints.get(module)
    if process is None or record.get(process["field"]) not in _states(process):
        raise Refusal("RECORD_NOT_IN_PROCESS", "the record is in no process")
    return record, process


def _states(process: Row) -> set[Any]:
    return {step[end] for step in process["transitions"] for end in ("from", "to")}


def _open(record: Row, process: Row) -> list[Row]:
    value = record.get(process["field"])
    return [step for step in process["transitions"] if step["from"] == value]


def _get(state: State, incoming: Incoming, _: Declared) -> Reply:
    record, process = _record(state, incoming)
    module, name = state.module_name(incoming.module), str(process["field"])
    known = state.settings.rows("/settings/fields", module).values()
    fields = {str(row["api_name"]): row for row in known}
    field = fields.get(name, {})
    info = {
        "id": process["id"],
        "name": process["name"],
        "api_name": name,
        "field_id": field.get("id"),
        "field_label": field.get("field_label", name),
        "field_name": field.get("field_label", name),
        "field_value": record.get(name),
        "column_name": name.upper(),
        "is_continuous": False,
        "continuous": False,
        "current_picklist": {"value": record.get(name), "id": None, "colour_code": None},
        "escalation": None,
    }
    steps = [
        _transition(step, record, process, fields, number)
        for number, step in enumerate(_open(record, process), start=1)
    ]
    return Reply({"blueprint": {"process_info": info, "transitions": steps}})


def _transition(
    step: Row, record: Row, process: Row, fields: Mapping[str, Row], number: int
) -> Row:
    asked: list[str] = list(step["fields"])
    given = [name for name in asked if record.get(name) not in _EMPTY]
    return {
        "id": step["id"],
        "name": step["name"],
        "type": "manual",
        "sequence": number,
        "next_field_value": step["to"],
        "criteria_matched": True,
        "criteria_message": None,
        "execution_time": None,
        "percent_partial_save": 100.0 * len(given) / len(asked) if asked else 0.0,
        "data": {name: record.get(name) for name in asked},
        "fields": [
            {**fields.get(name, {"api_name": name}), "_type": "fields", "mandatory": True,
             "transition_sequence": place}
            for place, name in enumerate(asked, start=1)
        ],
        "next_transitions": [
            {"id": other["id"], "name": other["name"], "type": "manual", "criteria_matched": None}
            for other in process["transitions"]
            if other["from"] == step["to"]
        ],
    }  # fmt: skip


def _update(state: State, incoming: Incoming, _: Declared) -> Reply:
    record, process = _record(state, incoming)
    module = state.module_name(incoming.module)
    wanted, data = _given(incoming)
    step = next((each for each in _open(record, process) if each["id"] == wanted), None)
    if step is None:
        raise refuse("INVALID_DATA", "the transition is not open to the record",
                     "transition_id", "$.blueprint[0].transition_id")  # fmt: skip
    if state.is_locked(module, record["id"]):
        raise Refusal("RECORD_LOCKED", "the record is locked", id=record["id"])
    values = Values(state, module, {})
    problem = values.problem(data, 0, record=record, new=False)
    if problem is not None:
        raise Refusal(problem["code"], problem["message"], **problem["details"])
    lacking = [name for name in step["fields"] if {**record, **data}.get(name) in _EMPTY]
    if lacking and not data:
        raise Refusal("MANDATORY_NOT_FOUND", "required field not found", api_name=lacking[0],
                      parent_api_name="data")  # fmt: skip
    moved = {} if lacking else {process["field"]: step["to"]}
    state.change(record, {**values.stored(data, record), **moved})
    message = "transition saved partially" if lacking else "the transition is taken"
    return Reply(success_item(message), code="SUCCESS")


def _given(incoming: Incoming) -> tuple[str, Row]:
    """Return the transition that the body names, with its data.

    Raises:
        Refusal: it names none, or more than one.
    """
    body: Any = incoming.call.body
    steps = body.get("blueprint") if is_object(body) else None
    if steps is None:
        raise Refusal("MANDATORY_NOT_FOUND", "a required key is missing", api_name="blueprint")
    strange = next((name for name in body if name != "blueprint"), None)
    if strange is not None:
        raise unknown(strange, f"$.{strange}")
    if not is_array_of_objects(steps) or len(steps) != 1:
        raise Refusal("INVALID_DATA", "one transition is taken at a time", api_name="blueprint",
                      expected_data_type="jsonarray")  # fmt: skip
    [step] = steps
    keys(step, "blueprint", "$.blueprint[0]", {"transition_id": text}, {"data": _object})
    return step["transition_id"], step.get("data") or {}


def _object(value: Any, name: str, path: str) -> None:
    if not is_object(value):
        raise refuse("INVALID_DATA", "the value is no object", name, path,
                     expected_data_type="jsonobject")  # fmt: skip


BLUEPRINTS: Mapping[str, Work] = {"blueprints.get": _get, "blueprints.update": _update}
