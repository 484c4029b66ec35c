"""The timeline of a record: how it was made, and each change since.

See https://www.zoho.com/crm/developer/docs/api/v7/timeline-of-a-record.html.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson

from zohocrm_async.emulator.errors import Refusal, Reply
from zohocrm_async.emulator.histories import Change
from zohocrm_async.emulator.queries import tokened_page_of
from zohocrm_async.emulator.record_values import display_name, fields_of
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import unknown_id
from zohocrm_async.emulator.shapes import is_array, is_object
from zohocrm_async.emulator.state import Row, State

_DETAILS = frozenset(
    f"field_history.{name}"
    for name in ("data_type", "field_label", "enable_colour_code", "pick_list_values")
)
_FILTERED = ("action", "audited_time", "done_by", "source")


def list_timeline(state: State, incoming: Incoming) -> Reply:
    """List what was done to a record."""
    module = state.module_name(incoming.module)
    record = state.find(module, incoming.id)
    if record is None:
        raise unknown_id(1)
    details = _details(incoming.query)
    made = Change(record["Created_Time"], record["Created_By"], ())
    events = [_event(module, record, made, 1)]
    described = partial(_described, fields_of(state, module), details)
    for number, change in enumerate(state.histories.of(record["id"]), start=2):
        history = [_told(field, described) for field in change.fields]
        events.append(_event(module, record, change, number) | {"field_history": history})
    events = _ordered(_kept(events, incoming.query), incoming.query)
    page, info = tokened_page_of(events, incoming, state.clock.now().timestamp())
    return Reply({"__timeline": page, "info": info}) if page else Reply(None, 204)


def _details(query: Mapping[str, str]) -> frozenset[str]:
    names = {name for name in query.get("include_inner_details", "").split(",") if name}
    if not names <= _DETAILS:
        raise Refusal(
            "INVALID_DATA", "a detail is unknown", param_name="include_inner_details",
            supported_values=sorted(_DETAILS),
        )  # fmt: skip
    if "include_timeline_type" in query and "include" not in query:
        raise Refusal("DEPENDENT_FIELD_MISSING", "a parameter is missing", param_name="include")
    return frozenset(name.partition(".")[2] for name in names)


def _event(module: str, record: Row, change: Change, number: int) -> Row:
    return {
        "id": str(int(record["id"]) + number * 10**9),
        "type": "timeline",
        "action": "updated" if change.fields else "added",
        "source": "crm_api",
        "audited_time": change.time,
        "done_by": {"id": change.by["id"], "name": change.by["name"]},
        "record": {
            "id": record["id"],
            "name": display_name(module, record),
            "module": {"api_name": module},
        },
        "related_record": None,
        "automation_details": None,
        "extension": None,
        "field_history": None,
    }


def _told(field: tuple[str, Any, Any], described: Callable[[str], Row]) -> Row:
    name, old, new = field
    return {
        "api_name": name,
        "_value": {"old": _shown(old), "new": _shown(new)},
        **described(name),
    }


def _shown(value: Any) -> Any:
    if is_object(value):
        return value.get("name", value.get("id"))
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def _described(fields: Mapping[str, Row], details: frozenset[str], name: str) -> Row:
    known = {"enable_colour_code": False, **fields.get(name, {})}
    return {"id": known.get("id"), **{detail: known.get(detail) for detail in sorted(details)}}


def _kept(events: list[Row], query: Mapping[str, str]) -> list[Row]:
    """Return the events that the query's filter keeps."""
    if "filters" not in query:
        return events
    try:
        wanted: Any = orjson.loads(query["filters"])
    except orjson.JSONDecodeError:
        wanted = None
    field: Any = wanted.get("field") if is_object(wanted) else None
    name = field.get("api_name") if is_object(field) else None
    value: Any = wanted.get("value") if is_object(wanted) else None
    comparator = wanted.get("comparator") if is_object(wanted) else None
    if name not in _FILTERED or (comparator == "between") is not is_array(value):
        raise Refusal("INVALID_DATA", "the filter cannot be read", param_name="filters")
    if comparator == "between":
        return [event for event in events if value[0] <= event[name] <= value[-1]]
    if comparator != "equal":
        raise Refusal("INVALID_DATA", "the comparator is unknown", param_name="filters")
    return [event for event in events if _shown_id(event[name]) == _shown_id(value)]


def _shown_id(value: Any) -> Any:
    return value.get("id") if is_object(value) else value


def _ordered(events: list[Row], query: Mapping[str, str]) -> list[Row]:
    if query.get("sort_by", "audited_time") != "audited_time":
        raise Refusal("INVALID_DATA", "the list is not sorted by this", param_name="sort_by")
    order = query.get("sort_order", "desc")
    if order not in {"asc", "desc"}:
        raise Refusal("INVALID_DATA", "the order is unknown", param_name="sort_order")
    return events if order == "asc" else events[::-1]
