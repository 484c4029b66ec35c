"""Channels of notifications: made, listed, changed, ended.

See https://www.zoho.com/crm/developer/docs/api/v7/notifications/enable.html.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import (
    JSON,
    Refusal,
    Reply,
    error_item,
    outcomes,
    success_item,
)
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import listed, missing_key, objects
from zohocrm_async.emulator.shapes import is_array, is_object
from zohocrm_async.emulator.state import Row, State

_PATH = "/actions/watch"
_NEVER = "9999-12-31T00:00:00+00:00"
_MOST, _MOST_FIELDS, _MOST_CONDITIONS = 50, 10, 2
_LONGEST_TOKEN, _LONGEST_URL = 50, 255
_DAY, _WEEK, _HOUR = timedelta(days=1), timedelta(days=7), timedelta(hours=1)
_WEEK_SINCE = 6
_EVENT = re.compile(r"(\w+)\.(create|edit|delete|all)")
_NUMBER = re.compile(r"\d+")
_NEEDED = ("channel_id", "events", "notify_url")
_KEYS = frozenset(
    {
        *_NEEDED,
        *("token", "channel_expiry", "return_affected_field_values", "notification_condition"),
        "notify_on_related_action",
    }
)
_SWITCHES = ("return_affected_field_values", "notify_on_related_action", "_delete_events")
# As the samples of the pages have it, whatever the version of the call.
_RESOURCES = "https://www.zohoapis.com/crm/v2/"


def channels(state: State) -> dict[str, Row]:
    """Return the channels that have not ended, by id."""
    rows = state.settings.rows(_PATH)
    if not rows:
        return {}  # as nearly always: this is asked with every change of a record
    now = state.clock.now()
    for id_ in [
        id_ for id_, row in rows.items() if _time(row.get("channel_expiry", _NEVER)) <= now
    ]:
        del rows[id_]
    # What a test puts in may lack what makes a channel.
    return {id_: row for id_, row in rows.items() if row.keys() >= {*_NEEDED}}


def fields_of(condition: Row) -> Iterable[str]:
    """Yield the names of the fields that a condition is about."""
    if is_object(condition.get("field")):
        yield str(condition["field"].get("api_name"))
    for part in objects(condition.get("group")):
        yield from fields_of(part)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


# --- what an item may hold


def _wrong(name: str, index: int, message: str, **details: Any) -> JSON:
    found = {"api_name": name, "json_path": f"$.watch[{index}].{name}", **details}
    return error_item("INVALID_DATA", message, found)


def _problem(state: State, row: Row, index: int, needed: tuple[str, ...]) -> JSON | None:
    """Return the error of an item, or None."""
    missing = missing_key(row, "watch", index, needed)
    if missing is not None:
        return missing
    checks = (_unknown_key, _bad_number, _bad_event, _bad_text, _bad_condition, _bad_switch)
    return next((wrong for check in checks if (wrong := check(state, row, index))), None)


def _unknown_key(_: State, row: Row, index: int) -> JSON | None:
    unknown = sorted(row.keys() - _KEYS - {"_delete_events"})
    return _wrong(unknown[0], index, "the key is unknown") if unknown else None


def _bad_number(_: State, row: Row, index: int) -> JSON | None:
    value = row.get("channel_id")
    if isinstance(value, bool) or not _NUMBER.fullmatch(str(value)):
        return _wrong("channel_id", index, "invalid data", expected_data_type="long")
    return None


def _bad_event(state: State, row: Row, index: int) -> JSON | None:
    events = row.get("events", ["users.all"])
    if not is_array(events) or not events:
        return _wrong("events", index, "invalid data", expected_data_type="jsonarray")
    for number, event in enumerate(events):
        match = _EVENT.fullmatch(str(event))
        if match is None or match[1] not in {*state.modules, "users"}:
            path = f"$.watch[{index}].events[{number}]"
            return _wrong("events", index, "invalid data", json_path=path)
    return None


def _bad_text(_: State, row: Row, index: int) -> JSON | None:
    for name, most in (("token", _LONGEST_TOKEN), ("notify_url", _LONGEST_URL)):
        value = row.get(name)
        if value is not None and not isinstance(value, str):
            return _wrong(name, index, "invalid data", expected_data_type="string")
        if value is not None and len(value) > most:
            return _wrong(name, index, "invalid data", maximum_length=most)
    url, expiry = urlsplit(row.get("notify_url") or "http://ok"), row.get("channel_expiry")
    if url.scheme not in {"http", "https"} or not url.netloc:
        return _wrong("notify_url", index, "invalid data", expected_data_type="website")
    if expiry is not None and not _is_time(expiry):
        return _wrong("channel_expiry", index, "invalid data", expected_data_type="datetime")
    return None


def _is_time(value: Any) -> bool:
    try:
        return _time(value).tzinfo is not None
    except (TypeError, ValueError):
        return False


def _bad_condition(state: State, row: Row, index: int) -> JSON | None:
    conditions: Any = row.get("notification_condition") or []
    if not is_array(conditions) or len(conditions) > _MOST_CONDITIONS:
        return _wrong("notification_condition", index, "invalid data")
    for condition in list[Any](conditions):
        if not is_object(condition):
            return _wrong("notification_condition", index, "invalid data")
        if "field_selection" in condition and "type" not in condition:
            details = {"api_name": "type", "json_path": f"$.watch[{index}].notification_condition"}
            return error_item("DEPENDENT_FIELD_MISSING", "dependent field missing", details)
        problem = _bad_selection(state, condition)
        if problem:
            return _wrong(problem, index, "invalid data")
    return None


def _bad_selection(state: State, condition: Row) -> str | None:
    """Return the name of the key that is wrong, or None."""
    module, selection = condition.get("module"), condition.get("field_selection")
    if condition.get("type") != "field_selection":
        return "type"
    if not is_object(module) or module.get("api_name") not in state.modules:
        return "module"
    if not is_object(selection):
        return "field_selection"
    fields = list(fields_of(selection))
    known = state.settings.rows("/settings/fields", str(module["api_name"])).values()
    if not 1 <= len(fields) <= _MOST_FIELDS or not {*fields} <= {f.get("api_name") for f in known}:
        return "group"
    operators = {str(part.get("group_operator")) for part in _groups(selection)}
    return None if operators <= {"and", "or"} else "group_operator"


def _groups(selection: Row) -> Iterable[Row]:
    if selection.get("group"):
        yield selection
        for part in objects(selection["group"]):
            yield from _groups(part)


def _bad_switch(_: State, row: Row, index: int) -> JSON | None:
    for name in _SWITCHES:
        if not isinstance(row.get(name, False), bool):
            return _wrong(name, index, "invalid data", expected_data_type="boolean")
    return None


# --- what is done with it


def _stored(state: State, incoming: Incoming, row: Row) -> JSON:
    """Keep a channel; return the outcome."""
    now = state.local_now()
    longest = _WEEK if incoming.version >= _WEEK_SINCE else _DAY
    end = _time(row["channel_expiry"]) if row.get("channel_expiry") else now
    if not now < end <= state.clock.now() + longest:
        end = now + _HOUR
    channel_id = str(row["channel_id"])
    kept = {**row, "id": channel_id, "channel_id": channel_id, "channel_expiry": end.isoformat()}
    state.settings.rows(_PATH)[channel_id] = kept
    return success_item("subscribed", events=_resources(state, kept))


def _resources(state: State, row: Row) -> list[Row]:
    """Return what the service tells of the modules of a channel."""
    ids = {m["api_name"]: m["id"] for m in state.settings.rows("/settings/modules").values()}
    return [
        {
            "channel_expiry": row.get("channel_expiry"),
            "resource_uri": f"{_RESOURCES}{name}",
            "resource_id": ids.get(name),
            "resource_name": name,
            "channel_id": row["channel_id"],
        }
        for name in dict.fromkeys(event.partition(".")[0] for event in row["events"])
    ]


def _rows(incoming: Incoming) -> list[Row]:
    rows = incoming.items(_MOST)
    incoming.only_keys()
    return rows


def _not_subscribed(channel_id: str) -> JSON:
    return error_item("NOT_SUBSCRIBED", "the channel is not subscribed", {"channel_id": channel_id})


def _create(state: State, incoming: Incoming, _: Declared) -> Reply:
    items: list[JSON] = []
    for index, row in enumerate(_rows(incoming)):
        problem = _problem(state, row, index, _NEEDED)
        if problem is None and str(row["channel_id"]) in channels(state):
            details = {"channel_id": row["channel_id"]}
            problem = error_item("ALREADY_USED", "the channel is subscribed already", details)
        items.append(problem or _stored(state, incoming, row))
    return outcomes("watch", items, status=201)


def _replace(state: State, incoming: Incoming, _: Declared) -> Reply:
    items: list[JSON] = []
    for index, row in enumerate(_rows(incoming)):
        problem = _problem(state, row, index, _NEEDED)
        if problem is None and str(row["channel_id"]) not in channels(state):
            problem = _not_subscribed(str(row["channel_id"]))
        items.append(problem or _stored(state, incoming, row))
    return outcomes("watch", items)


def _update(state: State, incoming: Incoming, _: Declared) -> Reply:
    items: list[JSON] = []
    for index, row in enumerate(_rows(incoming)):
        needed = ("channel_id", "events") if "_delete_events" in row else _NEEDED
        problem = _problem(state, row, index, needed)
        known = channels(state).get(str(row.get("channel_id")))
        if problem is None and known is None:
            problem = _not_subscribed(str(row["channel_id"]))
        items.append(problem or _changed(state, incoming, known or {}, row))
    return outcomes("watch", items)


def _changed(state: State, incoming: Incoming, known: Row, row: Row) -> JSON:
    if not row.get("_delete_events"):
        kept = {name: value for name, value in known.items() if name in _KEYS}
        return _stored(state, incoming, {**kept, **row})
    gone = {*row["events"]}
    if not gone <= {*known["events"]}:
        return _not_subscribed(known["channel_id"])
    known["events"] = [event for event in known["events"] if event not in gone]
    if not known["events"]:
        del state.settings.rows(_PATH)[known["channel_id"]]
    return success_item("unsubscribed", channel_id=known["channel_id"])


def _delete(state: State, incoming: Incoming, _: Declared) -> Reply:
    items: list[JSON] = []
    for id_ in incoming.query["channel_ids"].split(","):
        row = channels(state).get(id_)
        if row is None:
            items.append(_not_subscribed(id_))
            continue
        resource = _resources(state, row)[0]
        items.append(
            success_item(
                "unsubscribed",
                resource_uri=resource["resource_uri"],
                resource_id=resource["resource_id"],
                channel_id=id_,
            )
        )
        del state.settings.rows(_PATH)[id_]
    return outcomes("watch", items)


def _list(state: State, incoming: Incoming, known: Declared) -> Reply:
    module, channel_id = incoming.query.get("module"), incoming.query.get("channel_id")
    if module is not None and module not in state.modules:
        raise Refusal("INVALID_MODULE", "the module is unknown", param_name="module")
    found = [
        {**_told(row), **resource, "events": _events(row, resource["resource_name"])}
        for row in channels(state).values()
        for resource in _resources(state, row)
        if module in {None, resource["resource_name"]} and channel_id in {None, row["channel_id"]}
    ]
    return listed(found, incoming, known)


def _told(row: Row) -> Row:
    given = {name: row.get(name) for name in sorted(_KEYS)}
    switches = {name: bool(row.get(name, name == "notify_on_related_action")) for name in _SWITCHES}
    del switches["_delete_events"]
    return {**given, **switches}


def _events(row: Row, module: str) -> list[str]:
    return [event for event in row["events"] if event.partition(".")[0] == module]


NOTIFYING: Mapping[str, Work] = {
    "notifications.list": _list,
    "notifications.create": _create,
    "notifications.replace": _replace,
    "notifications.update": _update,
    "notifications.delete": _delete,
}
