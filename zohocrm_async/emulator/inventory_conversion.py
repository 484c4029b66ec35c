"""Quotes that become sales orders or invoices, sales orders that become invoices."""

from collections.abc import Mapping
from typing import Any

from zohocrm_async.emulator.checks import anything, boolean, keys, list_of, refuse, text
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import Refusal, Reply, outcomes, success_item, unknown_module
from zohocrm_async.emulator.fields import name_field
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.lead_conversion import conversion_state
from zohocrm_async.emulator.mass_actions import job_of, schedule
from zohocrm_async.emulator.ownership import owner_in
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import unknown_id
from zohocrm_async.emulator.shapes import is_array, is_object
from zohocrm_async.emulator.state import Row, State

_MOST, _KIND = 50, "inventory_conversion"
_TARGETS = {"Quotes": ("Sales_Orders", "Invoices"), "Sales_Orders": ("Invoices",)}
_ITEMS = {
    "Quotes": "Quoted_Items",
    "Sales_Orders": "Ordered_Items",
    "Invoices": "Invoiced_Items",
}
_PARENT = {"Quotes": "Quote_Name", "Sales_Orders": "Sales_Order"}
_NOT_COPIED = frozenset(
    {
        *("id", "Created_Time", "Modified_Time", "Created_By", "Modified_By", "Tag"),
        *("Status", "Quote_Stage", "Valid_Till", "$converted", *_ITEMS.values()),
    }
)


def _module(value: Any, name: str, path: str) -> None:
    keys(value, name, path, {"api_name": text, "id": text})


def _target(value: Any, name: str, path: str) -> None:
    keys(value, name, path, {"module": _module}, {"carry_over_tags": boolean})


_NEEDED = {"convert_to": list_of(1, _target)}


def _source(state: State, incoming: Incoming) -> str:
    """Return the module in the path, whose records can be converted.

    Raises:
        Refusal: there is no such module, or its records cannot.
    """
    module = state.module_name(incoming.module)
    if module not in _TARGETS:
        raise unknown_module()
    return module


def _to(state: State, source: str, body: Mapping[str, Any], path: str) -> Row:
    """Return what to convert to, as the body says.

    Raises:
        Refusal: it says nothing, or names a module that *source* does not become.
    """
    targets = body["convert_to"]
    place = f"{path}.convert_to[0].module"
    if not is_array(targets) or not targets:
        raise refuse("INVALID_DATA", "the list is empty", "convert_to", f"{path}.convert_to")
    target: Row = targets[0]
    if target["module"]["api_name"] not in _TARGETS[source]:
        raise refuse("INVALID_DATA", "the module does not come of this one", "api_name",
                     f"{place}.api_name", supported_values=list(_TARGETS[source]))  # fmt: skip
    modules = state.settings.rows("/settings/modules")
    known = modules.get(target["module"]["id"], {})
    if known.get("api_name") != target["module"]["api_name"]:
        raise refuse("INVALID_DATA", "the id given seems to be invalid", "id", f"{place}.id")
    return target


def _convert(state: State, incoming: Incoming, _: Declared) -> Reply:
    source = _source(state, incoming)
    record = state.find(source, incoming.id)
    if record is None:
        raise unknown_id(1)
    [body] = incoming.items(1)
    incoming.only_keys()
    keys(body, "data", "$.data[0]", _NEEDED)
    target = _to(state, source, body, "$.data[0]")
    made = _converted(state, source, record, target, record["Owner"])
    details: dict[str, Any] = {
        target["module"]["api_name"]: {"id": made["id"], "name": made.get("Subject")}
    }
    return outcomes("data", [success_item("the record is converted", **details)])


def _converted(state: State, source: str, record: Row, target: Row, owner: Row) -> Row:
    """Make the record that *record* becomes.

    Raises:
        Refusal: it is converted already, or locked.
    """
    if record.get("$converted") is True:
        raise Refusal("ID_ALREADY_CONVERTED", "the record is converted already", wrapped=True,
                      id=record["id"])  # fmt: skip
    if state.is_locked(source, record["id"]):
        raise Refusal("RECORD_LOCKED", "the record is locked", wrapped=True, id=record["id"])
    module = str(target["module"]["api_name"])
    copied = {name: value for name, value in record.items() if name not in _NOT_COPIED}
    items = [
        {key: value for key, value in item.items() if key != "id"}
        for item in record.get(_ITEMS[source]) or ()
    ]
    tags = {"Tag": record["Tag"]} if target.get("carry_over_tags") and "Tag" in record else {}
    parent = {"id": record["id"], "name": record.get(name_field(source))}
    own = {
        "Owner": owner,
        _PARENT[source]: parent,
        _ITEMS[module]: [{**item, "id": state.new_id()} for item in items],
    }
    [made] = state.insert(module, [{**copied, **own, **tags}])
    state.change(record, {"$converted": True})
    return made


def _related(value: Any, name: str, path: str) -> None:
    keys(value, name, path, {"api_name": text, "id": text})


def _convert_many(state: State, incoming: Incoming, _: Declared) -> Reply:
    source = _source(state, incoming)
    body: Any = incoming.call.body
    if not is_object(body):
        raise Refusal("INVALID_DATA", "the body is no object", expected_data_type="jsonobject")
    more = {"assign_to": anything, "related_modules": list_of(10, _related)}
    keys(body, "data", "$", {**_NEEDED, "ids": list_of(_MOST, text)}, more)
    target = _to(state, source, body, "$")
    given = body.get("assign_to")
    owner = None if given is None else owner_in(state, given, "assign_to")

    def act(id_: str) -> str:
        record = state.find(source, id_)
        if record is None:
            return "failed"
        try:
            _converted(state, source, record, target, owner or record["Owner"])
        except Refusal:
            return "not_converted"
        return "converted"

    item = schedule(state, incoming, _KIND, body["ids"], act)
    return Reply(item, 202, str(item["code"]))


def _status(state: State, incoming: Incoming, _: Declared) -> Reply:
    _source(state, incoming)
    job = job_of(state, incoming, _KIND)
    if job is None:
        return Reply(None, 204)
    told = {f"{name}_count": job.counts[name] for name in ("converted", "not_converted", "failed")}
    status = conversion_state(state, job)
    return Reply({"data": [{"status": status, "total_count": len(job.ids), **told}]})


INVENTORY_CONVERSION: Mapping[str, Work] = {
    "inventory_conversion.convert": _convert,
    "inventory_conversion.convert_many": _convert_many,
    "inventory_conversion.status": _status,
}
