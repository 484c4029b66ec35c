"""Settings-like resources: stored, listed, got, created, updated, deleted.

Which of these an operation does follows from its method and path; what it takes, from
its declaration.
"""

from collections.abc import Callable, Mapping

from zohocrm_async._endpoint import Operation
from zohocrm_async.emulator.declared import Declared, declared
from zohocrm_async.emulator.declared_types import check_object, item_problem
from zohocrm_async.emulator.errors import (
    JSON,
    Refusal,
    Reply,
    error_item,
    outcomes,
    success_item,
)
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import (
    check_transfer,
    collection,
    drop,
    duplicate,
    find_row,
    fits,
    items_of,
    listed,
    missing_key,
    object_of,
    rows_of,
    scope,
    stamped,
    told,
    unknown_item,
)
from zohocrm_async.emulator.state import Row, State

Work = Callable[[State, Incoming, Declared], Reply]


def work_of(operation: Operation) -> Work | None:
    """Return what answers an operation on settings, or None for one of another kind."""
    parts = operation.path.split("/")
    known = declared(operation.name)
    if "{module}" in parts[:2] or "actions" in parts or "action" in parts:
        return None
    if parts[-1].startswith("{"):
        return _ON_ONE.get(operation.method)
    single = not known.listing and operation.method == "GET"
    if single or operation.key in operation.beside:
        return _get_only if operation.method == "GET" else _put_only
    if operation.method == "DELETE" and "ids" not in known.query:
        return _delete_only
    return _ON_ALL.get(operation.method)


def list_rows(state: State, incoming: Incoming, known: Declared) -> Reply:
    """List a collection, or the part of it that the query asks for."""
    rows = rows_of(state, incoming, collection(incoming)).values()
    return listed([row for row in rows if fits(row, incoming)], incoming, known)


def get_row(state: State, incoming: Incoming, _: Declared) -> Reply:
    """Return one row."""
    return Reply({incoming.key: [find_row(state, incoming)]})


def _get_only(state: State, incoming: Incoming, _: Declared) -> Reply:
    """Return what there is only one of."""
    rows = list(rows_of(state, incoming, collection(incoming)).values())
    return Reply({incoming.key: rows[0]}) if rows else Reply(None, 204)


def create_rows(state: State, incoming: Incoming, known: Declared) -> Reply:
    """Create rows; one outcome for each."""
    path = collection(incoming)
    rows = state.settings.rows(path, scope(state, incoming, path) or "")
    items: list[JSON] = []
    for index, row in enumerate(items_of(incoming, known)):
        problem = item_problem(row, incoming, known, index)
        problem = problem or duplicate(rows, path, row, incoming.key, index)
        if problem is None:
            new = stamped(state, row)
            rows[new["id"]] = new
            problem = success_item("created", **told(new))
        items.append(problem)
    return outcomes(incoming.key, items, status=201)


def update_row(state: State, incoming: Incoming, known: Declared) -> Reply:
    """Change one row."""
    row, [change] = find_row(state, incoming), incoming.items(1)
    problem = item_problem(change, incoming, known, 0)
    return outcomes(incoming.key, [problem or _changed(state, incoming, row, change, 0)])


def update_rows(state: State, incoming: Incoming, known: Declared) -> Reply:
    """Change rows by their ids; one outcome for each."""
    rows = rows_of(state, incoming, collection(incoming))
    items: list[JSON] = []
    for index, change in enumerate(items_of(incoming, known)):
        missing = missing_key(change, incoming.key, index, ("id",))
        row = rows.get(str(change.get("id")))
        if missing is None and row is None:
            details = {"api_name": "id", "json_path": f"$.{incoming.key}[{index}].id"}
            missing = error_item("INVALID_DATA", "the id given seems to be invalid", details)
        missing = missing or item_problem(change, incoming, known, index)
        items.append(missing or _changed(state, incoming, row or {}, change, index))
    return outcomes(incoming.key, items)


def _changed(state: State, incoming: Incoming, row: Row, change: Row, index: int) -> JSON:
    path = collection(incoming)
    rows = rows_of(state, incoming, path)
    problem = duplicate(rows, path, change, incoming.key, index, own=row["id"])
    if problem is not None:
        return problem
    row.update({name: value for name, value in change.items() if name != "id"})
    if "modified_time" in row:
        row.update(modified_time=state.local_now().isoformat(), modified_by=state.owner)
    return success_item("updated", **told(row))


def delete_row(state: State, incoming: Incoming, _: Declared) -> Reply:
    """Delete one row."""
    row, path = find_row(state, incoming), collection(incoming)
    check_transfer(state, incoming, path)
    return outcomes(incoming.key, [drop(state, path, row)])


def delete_rows(state: State, incoming: Incoming, _: Declared) -> Reply:
    """Delete rows by their ids; one outcome for each."""
    path = collection(incoming)
    rows = rows_of(state, incoming, path)
    ids = [id_ for id_ in incoming.query.get("ids", "").split(",") if id_]
    if not ids:
        raise Refusal("REQUIRED_PARAM_MISSING", "a required parameter is missing", param_name="ids")
    return outcomes(
        incoming.key,
        [drop(state, path, rows[id_]) if id_ in rows else unknown_item(id_) for id_ in ids],
    )


def _put_only(state: State, incoming: Incoming, known: Declared) -> Reply:
    """Set what there is only one of."""
    change = object_of(incoming, incoming.key)
    check_object(change, incoming, known)
    path = collection(incoming)
    rows = state.settings.rows(path, scope(state, incoming, path) or "")
    row = next(iter(rows.values()), None) or {"id": state.new_id()}
    row.update({name: value for name, value in change.items() if name != "id"})
    rows[row["id"]] = row
    return Reply({incoming.key: success_item("updated", id=row["id"])}, code="SUCCESS")


def _delete_only(state: State, incoming: Incoming, _: Declared) -> Reply:
    """Take away what there is only one of."""
    rows = rows_of(state, incoming, collection(incoming))
    if not rows:
        raise Refusal("INVALID_DATA", "there is nothing to delete")
    rows.clear()
    return Reply({incoming.key: success_item("deleted")}, code="SUCCESS")


_ON_ONE: Mapping[str, Work] = {
    "GET": get_row, "PUT": update_row, "PATCH": update_row, "DELETE": delete_row,
}  # fmt: skip
_ON_ALL: Mapping[str, Work] = {
    "GET": list_rows,
    "POST": create_rows,
    "PUT": update_rows,
    "PATCH": update_rows,
    "DELETE": delete_rows,
}
