"""Modules, fields, money, the recycle bin, and what runs by itself."""

from collections.abc import Mapping
from typing import Any

from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.declared_types import check_object, item_problem
from zohocrm_async.emulator.errors import JSON, Refusal, Reply, outcome, outcomes, success_item
from zohocrm_async.emulator.generic import Work, get_row, list_rows
from zohocrm_async.emulator.metadata import module_row
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import (
    duplicate,
    items_of,
    listed,
    object_of,
    objects,
    stamped,
    unknown_id,
    unknown_item,
)
from zohocrm_async.emulator.shapes import is_object
from zohocrm_async.emulator.state import Row, State

_MODULES, _FIELDS, _CURRENCIES = "/settings/modules", "/settings/fields", "/org/currencies"
_CURRENCY_WORDS = {"USD": ("US Dollar", "$"), "GBP": ("British Pound", "£"), "CHF": ("Franc", "Fr")}


# --- modules and fields


def _all_modules(state: State) -> dict[str, Row]:
    """Return the rows of all modules, those that tests added included."""
    rows = state.settings.rows(_MODULES)
    told = {row.get("api_name") for row in rows.values()}
    for name in state.modules:
        if name not in told:
            row = module_row(state, name)
            rows[row["id"]] = row
    return rows


def _list_modules(state: State, incoming: Incoming, known: Declared) -> Reply:
    _all_modules(state)
    return list_rows(state, incoming, known)


def _get_module(state: State, incoming: Incoming, known: Declared) -> Reply:
    _all_modules(state)
    return get_row(state, incoming, known)


def _create_module(state: State, incoming: Incoming, known: Declared) -> Reply:
    rows = _all_modules(state)
    [body] = incoming.items(1)
    problem = item_problem(body, incoming, known, 0) or duplicate(
        rows, _MODULES, body, incoming.key, 0
    )
    if problem is None:
        name = str(body["api_name"])
        try:
            state.add_module(name)
        except ValueError:
            raise Refusal(
                "INVALID_DATA", "the name is no API name", wrapped=True, api_name="api_name",
                json_path="$.modules[0].api_name",
            ) from None  # fmt: skip
        row = module_row(state, name, **{k: v for k, v in body.items() if k != "api_name"})
        row["id"] = state.new_id()
        rows[row["id"]] = row
        problem = success_item("the module is created", id=row["id"], api_name=name)
    return outcomes(incoming.key, [problem], status=201)


def _create_fields(state: State, incoming: Incoming, known: Declared) -> Reply:
    rows = state.settings.rows(_FIELDS, state.module_name(incoming.query["module"]))
    items: list[JSON] = []
    for index, body in enumerate(items_of(incoming, known)):
        problem = item_problem(body, incoming, known, index)
        problem = problem or duplicate(rows, _FIELDS, body, incoming.key, index)
        if problem is None:
            name = str(body["field_label"]).replace(" ", "_")
            made = {"api_name": name, "display_label": body["field_label"], "type": "used"}
            choices = [
                {"id": state.new_id(), "actual_value": c.get("display_value"), "type": "used", **c}
                for c in objects(body.get("pick_list_values"))
            ]
            given = {**body, "pick_list_values": choices} if choices else body
            row = stamped(state, {**made, "custom_field": True, "visible": True, **given})
            rows[row["id"]] = row
            problem = success_item("the field is created", id=row["id"], api_name=name)
        items.append(problem)
    return outcomes(incoming.key, items, status=201)


def _pick_list_values(state: State, incoming: Incoming, known: Declared) -> Reply:
    fields = state.settings.rows(_FIELDS, state.module_name(incoming.query["module"]))
    if incoming.id not in fields:
        raise unknown_id(2)
    choices = objects(fields[incoming.id].get("pick_list_values"))
    if not choices:
        raise Refusal("NOT_ALLOWED", "the field is no picklist", resource_path_index=2)
    return listed(choices, incoming, known)


# --- money


def _available_currencies(state: State, incoming: Incoming, known: Declared) -> Reply:
    told = {row.get("iso_code") for row in state.settings.rows(_CURRENCIES).values()}
    rows: list[Row] = [
        {
            "iso_code": code,
            "display_name": name,
            "display_value": f"{name} - {code}",
            "symbol": sign,
        }
        for code, (name, sign) in _CURRENCY_WORDS.items()
        if code not in told
    ]
    return listed(rows, incoming, known)


def _enable_currencies(state: State, incoming: Incoming, known: Declared) -> Reply:
    body = object_of(incoming, "base_currency")
    check_object(body, incoming, known)
    rows = state.settings.rows(_CURRENCIES)
    rows.clear()
    row = stamped(state, {"is_base": True, "is_active": True, **body})
    rows[row["id"]] = row
    return Reply({incoming.key: success_item("enabled", id=row["id"])}, 201, "SUCCESS")


def _change_base(state: State, incoming: Incoming, known: Declared) -> Reply:
    body = object_of(incoming, "base_currency")
    check_object(body, incoming, known)
    rows = state.settings.rows(_CURRENCIES)
    row = rows.get(str(body.get("id")))
    if row is None:
        raise Refusal("INVALID_DATA", "the id given seems to be invalid", api_name="id")
    for other in rows.values():
        other["is_base"] = other is row
    row.update({name: value for name, value in body.items() if name not in {"id", "is_base"}})
    return Reply({incoming.key: success_item("updated", id=row["id"])}, code="SUCCESS")


def _taxes(state: State) -> Row:
    return next(iter(state.settings.rows("/org/taxes").values()))


def _get_tax(state: State, incoming: Incoming, _: Declared) -> Reply:
    taxes = [tax for tax in objects(_taxes(state)["taxes"]) if tax.get("id") == incoming.id]
    if not taxes:
        raise unknown_id(2)
    return Reply({incoming.key: {"taxes": taxes}})


def _update_taxes(state: State, incoming: Incoming, known: Declared) -> Reply:
    body, row = object_of(incoming, incoming.key), _taxes(state)
    check_object(body, incoming, known)
    taxes = {str(tax.get("id")): tax for tax in objects(row["taxes"])}
    for tax in objects(body.get("taxes")):
        own = str(tax.get("id") or state.new_id())
        if "_delete" in tax:
            taxes.pop(own, None)
        else:
            taxes[own] = {**taxes.get(own, {}), **tax, "id": own}
    row["taxes"] = list(taxes.values())
    if is_object(body.get("preference")):
        row["preference"] = {**row["preference"], **body["preference"]}
    return Reply({incoming.key: success_item("updated", id=row["id"])}, code="SUCCESS")


def _feature(name: str) -> Work:
    def work(state: State, incoming: Incoming, _: Declared) -> Reply:
        rows = state.settings.rows("/__features").values()
        return Reply({incoming.key: [row for row in rows if row.get("api_name") == name]})

    return work


# --- the recycle bin


def _deleted(state: State) -> dict[str, Row]:
    return {
        row["id"]: {
            "id": row["id"],
            "module": {"api_name": module},
            "display_name": row["display_name"],
            "deleted_by": row["deleted_by"],
            "deleted_time": row["deleted_time"],
            "owner": state.owner,
        }
        for module in state.modules
        for row in state.deleted(module)
        if row["type"] == "recycle"
    }


def _list_deleted(state: State, incoming: Incoming, known: Declared) -> Reply:
    ids = incoming.query.get("ids")
    rows = [r for r in _deleted(state).values() if ids is None or r["id"] in ids.split(",")]
    return listed(rows, incoming, known)


def _get_deleted(state: State, incoming: Incoming, _: Declared) -> Reply:
    row = _deleted(state).get(incoming.id)
    if row is None:
        raise unknown_id(2)
    return Reply({incoming.key: [row]})


def _purge(state: State, id_: str) -> None:
    for module in state.modules:
        rows = state.deleted(module)
        for row in rows:
            if row["id"] == id_:
                row["type"] = "permanent"


def _purge_one(state: State, incoming: Incoming, _: Declared) -> Reply:
    if incoming.id not in _deleted(state):
        raise unknown_id(2)
    _purge(state, incoming.id)
    return outcome(incoming.key, success_item("deleted for good", id=incoming.id))


def _purge_many(state: State, incoming: Incoming, _: Declared) -> Reply:
    deleted = _deleted(state)
    ids = [id_ for id_ in incoming.query.get("ids", "").split(",") if id_]
    if not ids and "filters" not in incoming.query:
        raise Refusal("REQUIRED_PARAM_MISSING", "a required parameter is missing", param_name="ids")
    items: list[JSON] = []
    for id_ in ids or list(deleted):
        _purge(state, id_)
        known = id_ in deleted
        items.append(success_item("deleted for good", id=id_) if known else unknown_item(id_))
    return outcomes(incoming.key, items) if items else Reply(None, 204)


# --- jobs and functions


def _export_audit_log(state: State, incoming: Incoming, known: Declared) -> Reply:
    [body] = incoming.items(1)
    problem = item_problem(body, incoming, known, 0)
    if problem is not None:
        return outcomes(incoming.key, [problem])
    now = state.local_now().isoformat()
    row = stamped(
        state,
        {
            "criteria": body.get("criteria"),
            "status": "finished",
            "job_start_time": now,
            "job_end_time": now,
            "download_links": [],
        },
    )
    row["download_links"] = [f"/crm/v7/settings/audit_log_export/{row['id']}/result"]
    state.settings.rows("/settings/audit_log_export")[row["id"]] = row
    item = success_item("the export is scheduled", code="SCHEDULED", id=row["id"])
    return outcome(incoming.key, item, status=202)


def _enrich(state: State, incoming: Incoming, known: Declared) -> Reply:
    state.module_name(incoming.query["module"])
    items: list[JSON] = []
    for index, body in enumerate(items_of(incoming, known)):
        missing = item_problem(body, incoming, known, index)
        if missing is None:
            row = stamped(state, {"status": "SCHEDULED", **body})
            state.settings.rows(incoming.call.path)[row["id"]] = row
            missing = success_item("scheduled", code="SCHEDULED", id=row["id"])
        items.append(missing)
    return outcomes(incoming.key, items, status=202)


def _digest(state: State, incoming: Incoming, known: Declared) -> Reply:
    items: list[JSON] = []
    for index, body in enumerate(items_of(incoming, known)):
        missing = item_problem(body, incoming, known, index)
        if missing is None and state.find(str(body["module"]), str(body["record_id"])) is None:
            missing = unknown_item(str(body["record_id"]), f"$.__digest[{index}].record_id")
        items.append(missing or success_item("asked for", record_id=body["record_id"]))
    return outcomes(incoming.key, items)


def _run_function(_: State, incoming: Incoming, __: Declared) -> Reply:
    arguments: Any = incoming.query["arguments"]
    details = {"output": arguments, "output_type": "string", "id": incoming.params["name"]}
    return Reply(success_item("function executed successfully", code="success", **details))


def _preview(state: State, incoming: Incoming, _: Declared) -> Reply:
    rows = state.settings.rows("/settings/webforms", state.module_name(incoming.query["module"]))
    row = rows.get(incoming.params["form_id"])
    if row is None:
        raise unknown_id(2)
    return Reply({incoming.key: [row]})


COMPANY: Mapping[str, Work] = {
    "modules.list": _list_modules,
    "modules.get": _get_module,
    "modules.create": _create_module,
    "fields.create": _create_fields,
    "fields.pick_list_values": _pick_list_values,
    "currencies.available": _available_currencies,
    "currencies.enable": _enable_currencies,
    "currencies.update_base": _change_base,
    "taxes.get_one": _get_tax,
    "taxes.update": _update_taxes,
    "features.user_licenses": _feature("user_licenses"),
    "features.data_enrichment": _feature("data_enrichment"),
    "recycle_bin.list": _list_deleted,
    "recycle_bin.get": _get_deleted,
    "recycle_bin.delete": _purge_one,
    "recycle_bin.delete_many": _purge_many,
    "audit_log.create": _export_audit_log,
    "enrichment.create_organizations": _enrich,
    "enrichment.create_people": _enrich,
    "digests.create": _digest,
    "functions.run": _run_function,
    "functions.run_with": _run_function,
    "web_forms.preview": _preview,
}
