"""Rows of settings-like resources: where they are, how they are found and told."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import JSON, Refusal, Reply, error_item, success_item
from zohocrm_async.emulator.queries import numbered_page_of
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.shapes import is_array, is_object
from zohocrm_async.emulator.state import SUBFORM_MODULES, Row, State

_MOST = 100
_MOST_OF = {
    "fields.create": 5,
    "fields.update_many": 5,
    "users.update_many": 10,
    "scoring_rules.create": 20,
    "scoring_rules.update_many": 10,
    "shift_hours.create": 50,
    "shift_hours.update_many": 50,
    "enrichment.create_organizations": 50,
    "enrichment.create_people": 50,
    "custom_views.sort_many": 200,
    "users.add_territories": 200,
}
# Collections of which every module or layout has its own.
_SCOPES = {
    "/settings/fields": "module",
    "/settings/layouts": "module",
    "/settings/custom_views": "module",
    "/settings/related_lists": "module",
    "/settings/tags": "module",
    "/settings/record_locking_configurations": "module",
    "/settings/duplicate_check_preference": "module",
    "/settings/webforms": "module",
    "/settings/pipeline": "layout_id",
}
# What stands for an id in a path.
_NAMES = {
    "/settings/modules": "api_name",
    "/settings/variables": "api_name",
    "/settings/variable_groups": "api_name",
    "/settings/portals": "name",
    "/__features": "api_name",
}
_UNIQUE = {
    "/settings/tags": "name",
    "/settings/modules": "api_name",
    "/settings/fields": "field_label",
    "/settings/profiles": "name",
    "/settings/roles": "name",
    "/settings/territories": "name",
    "/settings/user_groups": "name",
    "/settings/variables": "api_name",
    "/settings/global_picklists": "display_label",
    "/settings/pipeline": "display_value",
    "/settings/portals": "name",
    "/org/currencies": "iso_code",
    "/Contacts/roles": "name",
    "/users": "email",
}
# What the service made itself stays.
_FIXED = (("custom_field", False), ("custom", False), ("generated_type", "system"))


def collection(incoming: Incoming) -> str:
    """Return the path of the collection that a call is about."""
    path, last = incoming.call.path, incoming.operation.path.rpartition("/")[2]
    return path.rpartition("/")[0] if last.startswith("{") else path


def scope(state: State, incoming: Incoming, path: str) -> str | None:
    """Return the module or layout that a call names; None if its collection has none.

    Raises:
        Refusal: there is no such module.
    """
    name = _SCOPES.get(path)
    value = incoming.query.get(name, "") if name else ""
    if name == "module" and value:
        # The modules of subforms have fields, and are none otherwise.
        subform = value in SUBFORM_MODULES or state.settings.has("/settings/fields", value)
        return value if subform and path == "/settings/fields" else state.module_name(value)
    return value if name else None


def rows_of(state: State, incoming: Incoming, path: str) -> dict[str, Row]:
    """Return the rows that a call is about, all scopes together if it names none."""
    own = scope(state, incoming, path)
    if own is None or own:
        return state.settings.rows(path, own or "")
    return {id_: row for rows in state.settings.scopes(path) for id_, row in rows.items()}


def find_row(state: State, incoming: Incoming) -> Row:
    """Return the row that the end of the path names.

    Raises:
        Refusal: there is none.
    """
    path = collection(incoming)
    wanted = incoming.call.path.rpartition("/")[2]
    rows = rows_of(state, incoming, path)
    name = _NAMES.get(path)
    found = rows.get(wanted)
    if found is None and name is not None:
        found = next((row for row in rows.values() if row.get(name) == wanted), None)
    if found is None:
        raise unknown_id(incoming.call.path.count("/") - 1)
    return found


def unknown_id(index: int) -> Refusal:
    """Return the error of a path that names nothing."""
    return Refusal("INVALID_DATA", "the id given seems to be invalid", resource_path_index=index)


def check_required(incoming: Incoming, known: Declared) -> None:
    """Refuse a call without a parameter that it needs.

    Raises:
        Refusal: it is missing.
    """
    for name in known.required:
        if not incoming.query.get(name):
            raise Refusal(
                "REQUIRED_PARAM_MISSING", "a required parameter is missing", param_name=name
            )


def check_places(state: State, incoming: Incoming) -> None:
    """Refuse a call of a module, layout or portal that is not there.

    Raises:
        Refusal: names what it is.
    """
    module, layout = incoming.query.get("module"), incoming.query.get("layout_id")
    # Subforms have fields, and are no modules otherwise: who lists fields looks for himself.
    if module and not incoming.operation.path.startswith("/settings/fields"):
        state.module_name(module)
    if layout and not _is_layout(state, layout):
        raise Refusal("INVALID_DATA", "there is no such layout", param_name="layout_id")
    if not _is_layout(state, incoming.params.get("layout_id")):
        raise unknown_id(2)
    portal = incoming.params.get("portal")
    portals = state.settings.rows("/settings/portals").values() if portal else ()
    if portal and portal not in {name for row in portals for name in (row["id"], row["name"])}:
        raise unknown_id(2)


def _is_layout(state: State, layout: str | None) -> bool:
    rows = partial(state.settings.rows, "/settings/layouts")
    return layout is None or any(layout in rows(module) for module in state.modules)


def check_keys(incoming: Incoming, known: Declared) -> None:
    """Refuse a body with a key beside its items that nothing documents.

    Raises:
        Refusal: names the first such key.
    """
    body: Any = incoming.call.body
    if known.body is None or not is_object(body):
        return
    if known.items is not None and known.items not in body:
        return  # which is worse, and told by those who look for it
    for name in body:
        if name not in known.body:
            raise Refusal(
                "INVALID_DATA", "the key is unknown", api_name=name, json_path=f"$.{name}"
            )


def listed_in(incoming: Incoming, name: str) -> list[Any]:
    """Return the list that the body holds under *name*.

    Raises:
        Refusal: there is none, or nothing in it.
    """
    body: Any = incoming.call.body
    value = body.get(name) if is_object(body) else None
    if value is None or value == []:
        raise Refusal("MANDATORY_NOT_FOUND", "a required key is missing", api_name=name)
    if not is_array(value):
        raise Refusal(
            "INVALID_DATA", "the value is no list", api_name=name, expected_data_type="jsonarray"
        )
    return value


def ids_given(incoming: Incoming, name: str, most: int) -> list[str]:
    """Return the ids that the body holds under *name*.

    Raises:
        Refusal: there are none, or more than *most*.
    """
    ids = listed_in(incoming, name)
    if len(ids) > most:
        raise Refusal("LIMIT_EXCEEDED", "too many ids", api_name=name, maximum_length=most)
    return [str(id_) for id_ in ids]


def listed(rows: list[Row], incoming: Incoming, known: Declared) -> Reply:
    """Return *rows* as the answer of a list, in pages where it has them."""
    if not known.paged:
        return Reply({incoming.key: rows}) if rows else Reply(None, 204)
    page, info = numbered_page_of(rows, incoming)
    return Reply({incoming.key: page, "info": info}) if page else Reply(None, 204)


def fits(row: Row, incoming: Incoming) -> bool:
    """Whether a row has what the query says of it."""
    own = _SCOPES.get(collection(incoming))
    for name, wanted in incoming.query.items():
        if name == own:
            continue
        if name == "ids" and row["id"] not in wanted.split(","):
            return False
        value = row.get(name)
        if is_object(value):
            value = value.get("api_name") if name == "module" else value.get("id")
        if isinstance(value, bool):
            value = str(value).lower()
        if value is not None and wanted != "all" and str(value) != wanted:
            return False
    return True


def items_of(incoming: Incoming, known: Declared) -> list[Row]:
    """Return the items of the body, no more than the operation takes.

    Raises:
        Refusal: there are none, or too many.
    """
    return incoming.items(_MOST_OF.get(incoming.operation.name, _MOST) if known.many else 1)


def missing_key(
    row: Mapping[str, Any], key: str, index: int, needed: tuple[str, ...]
) -> JSON | None:
    """Return the error of an item without a key that it needs, or None."""
    for name in needed:
        if name not in row or row[name] == "":
            details = {"api_name": name, "json_path": f"$.{key}[{index}].{name}"}
            return error_item("MANDATORY_NOT_FOUND", "required field not found", details)
    return None


def stamped(state: State, row: Mapping[str, Any]) -> Row:
    """Return a new row with an id and what the service notes of new ones."""
    now = state.local_now().isoformat()
    return {
        "created_time": now,
        "created_by": state.owner,
        "modified_time": now,
        "modified_by": state.owner,
        **row,
        "id": state.new_id(),
    }


def told(row: Row) -> Row:
    """Return what the answer of a write tells of a row."""
    return {name: row[name] for name in ("id", "name", "api_name") if row.get(name)}


def duplicate(
    rows: Mapping[str, Row], path: str, new: Row, key: str, index: int, *, own: str = ""
) -> JSON | None:
    """Return the error of an item that is told like another row, or None; *own* is its id."""
    name = _UNIQUE.get(path)
    if name is None or name not in new:
        return None
    for row in rows.values():
        if row.get(name) == new[name] and row["id"] != own:
            details = {"api_name": name, "json_path": f"$.{key}[{index}].{name}", "id": row["id"]}
            return error_item("DUPLICATE_DATA", "duplicate data", details)
    return None


def check_transfer(state: State, incoming: Incoming, path: str) -> None:
    """Refuse a transfer to what is not there.

    Raises:
        Refusal: the query names an unknown id.
    """
    for name, value in incoming.query.items():
        if name.startswith("transfer_to") and value not in rows_of(state, incoming, path):
            raise Refusal("INVALID_DATA", "the id given seems to be invalid", param_name=name)


def drop(state: State, path: str, row: Row) -> JSON:
    """Delete a row unless the service made it; return the outcome."""
    if any(row.get(name) == value for name, value in _FIXED) or row.get("system_defined"):
        return error_item("NOT_ALLOWED", "what the service made cannot be deleted", told(row))
    for rows in state.settings.scopes(path):
        rows.pop(row["id"], None)
    return success_item("deleted", **told(row))


def unknown_item(id_: str, path: str = "$.ids") -> JSON:
    """Return the outcome of an id that is not there."""
    details = {"id": id_, "api_name": "id", "json_path": path}
    return error_item("INVALID_DATA", "the id given seems to be invalid", details)


def object_of(incoming: Incoming, name: str) -> Row:
    """Return the object that the body holds under *name*.

    Raises:
        Refusal: there is none.
    """
    body: Any = incoming.call.body
    value = body.get(name) if is_object(body) else None
    if value is None:
        raise Refusal("MANDATORY_NOT_FOUND", "a required key is missing", api_name=name)
    if not is_object(value):
        raise Refusal(
            "INVALID_DATA", "the value is no object", api_name=name, expected_data_type="jsonobject"
        )
    return value


def id_of(value: Any) -> str:
    """Return the id within a reference, or ""."""
    return str(value.get("id", "")) if is_object(value) else ""


def objects(value: Any) -> list[Row]:
    """Return the objects of a list, or none where there is no list."""
    items: list[Any] = value if is_array(value) else []
    return [item for item in items if is_object(item)]
