"""Records shared with users, ten at most for each."""

from collections.abc import Mapping
from typing import Any

from zohocrm_async.emulator.checks import boolean, keys, one_of, refuse, text
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import JSON, Refusal, Reply, outcomes, success_item
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.links import End
from zohocrm_async.emulator.ownership import user_of
from zohocrm_async.emulator.people import USERS
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import unknown_id
from zohocrm_async.emulator.state import Row, State

_MOST_IN_A_CALL, _MOST_USERS = 20, 10
_BESIDE = ("notify", "notify_on_completion")


def _user(value: Any, name: str, path: str) -> None:
    keys(value, name, path, {"id": text}, {"name": text, "email": text})


_NEEDED = {
    "shared_with": _user,
    "permission": one_of("read_only", "read_write", "full_access"),
    "type": one_of("public", "private"),
}
_MORE = {"share_related_records": boolean}


def _record(state: State, incoming: Incoming) -> End:
    """Return the record in the path.

    Raises:
        Refusal: there is none.
    """
    end = state.module_name(incoming.module), incoming.id
    if state.find(*end) is None:
        raise unknown_id(1)
    return end


def _get(state: State, incoming: Incoming, _: Declared) -> Reply:
    rows = state.shares.get(_record(state, incoming), {})
    view = incoming.query.get("view", "summary")
    if view not in {"manage", "summary"}:
        raise Refusal("INVALID_DATA", "the view is unknown", param_name="view")
    user = incoming.query.get("sharedTo")
    shares = [row for id_, row in rows.items() if user in {None, id_}]
    if view == "summary":
        return Reply({"share": shares}) if shares else Reply(None, 204)
    users = state.settings.rows(USERS).values()
    free = [row for row in users if row["id"] not in rows and row["status"] == "active"]
    return Reply({"share": shares, "shareable_user": free})


def _create(state: State, incoming: Incoming, _: Declared) -> Reply:
    end, given = _record(state, incoming), _given(incoming)
    rows = state.shares.setdefault(end, {})
    items = [_shared(state, rows, row, f"$.share[{n}]") for n, row in enumerate(given)]
    return outcomes("share", items)


def _update(state: State, incoming: Incoming, _: Declared) -> Reply:
    end, given = _record(state, incoming), _given(incoming)
    rows: dict[str, Row] = {}
    items = [_shared(state, rows, row, f"$.share[{n}]") for n, row in enumerate(given)]
    if any(item["status"] == "success" for item in items):
        state.shares[end] = rows
    return outcomes("share", items)


def _given(incoming: Incoming) -> list[Row]:
    rows = incoming.items(_MOST_IN_A_CALL)
    incoming.only_keys(*_BESIDE)
    for name in _BESIDE:
        if name in incoming.call.body:
            boolean(incoming.call.body[name], name, f"$.{name}")
    return rows


def _shared(state: State, rows: dict[str, Row], row: Row, path: str) -> JSON:
    try:
        keys(row, "share", path, _NEEDED, _MORE)
        user = user_of(state, row["shared_with"], f"{path}.shared_with")
        if user["id"] in rows:
            raise refuse("DUPLICATE_DATA", "the record is shared with the user already",
                         "shared_with", f"{path}.shared_with")  # fmt: skip
        if len(rows) == _MOST_USERS:
            raise refuse("SHARE_LIMIT_EXCEEDED", "a record is shared with ten users at most",
                         "shared_with", path, maximum_length=_MOST_USERS)  # fmt: skip
    except Refusal as refusal:
        return refusal.item
    rows[user["id"]] = {
        "share_related_records": False,
        **row,
        "shared_with": user,
        "shared_by": state.owner,
        "shared_time": state.local_now().isoformat(),
        "shared_through": None,
    }
    return success_item("the record is shared")


def _delete(state: State, incoming: Incoming, _: Declared) -> Reply:
    state.shares.pop(_record(state, incoming), None)
    return Reply({"share": success_item("access to the record is revoked")}, code="SUCCESS")


SHARING: Mapping[str, Work] = {
    "shares.get": _get,
    "shares.create": _create,
    "shares.update": _update,
    "shares.delete": _delete,
}
