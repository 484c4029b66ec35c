"""Users of portals: invited, listed, moved, kept out."""

from collections.abc import Mapping

from zohocrm_async.emulator.checks import refuse
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import JSON, Refusal, Reply, outcome, outcomes, success_item
from zohocrm_async.emulator.fields import needed_field
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import (
    id_of,
    listed,
    missing_key,
    objects,
    unknown_id,
    unknown_item,
)
from zohocrm_async.emulator.state import Row, State

_PORTALS = "/settings/portals"
_JOBS = "/actions/portal_invite"
_USERS = "portal users"  # by user type, whichever the portal
_MOST_INVITES = 100
_INVITES = ("id", "user_type_id", "type")


def _kinds(state: State) -> dict[str, Row]:
    """Return the user types of all portals by id."""
    names = [row.get("name") for row in state.settings.rows(_PORTALS).values()]
    return {
        id_: row
        for name in names
        for id_, row in state.settings.rows(f"{_PORTALS}/{name}/user_type").items()
    }


def _users(state: State, incoming: Incoming) -> dict[str, Row]:
    """Return the users of the kind that the path names.

    Raises:
        Refusal: there is no such kind.
    """
    kind, portal = incoming.params["user_type_id"], incoming.params["portal"]
    if kind not in state.settings.rows(f"{_PORTALS}/{portal}/user_type"):
        raise unknown_id(4)
    return state.settings.rows(_USERS, kind)


def _list_users(state: State, incoming: Incoming, known: Declared) -> Reply:
    return listed(list(_users(state, incoming).values()), incoming, known)


def _wanted(incoming: Incoming) -> list[str]:
    ids = [id_ for id_ in incoming.query.get("personality_ids", "").split(",") if id_]
    if not ids:
        raise Refusal(
            "REQUIRED_PARAM_MISSING", "a required parameter is missing",
            param_name="personality_ids",
        )  # fmt: skip
    return ids


def _delete_users(state: State, incoming: Incoming, _: Declared) -> Reply:
    users = _users(state, incoming)
    items: list[JSON] = []
    for id_ in _wanted(incoming):
        gone = users.pop(id_, None)
        items.append(success_item("user removed", id=id_) if gone else unknown_item(id_))
    return outcomes(incoming.key, items)


def _transfer_users(state: State, incoming: Incoming, _: Declared) -> Reply:
    users, target = _users(state, incoming), incoming.query["transfer_To"]
    if target not in _kinds(state):
        raise Refusal("INVALID_DATA", "the id given seems to be invalid", param_name="transfer_To")
    items: list[JSON] = []
    for id_ in _wanted(incoming):
        user = users.pop(id_, None)
        if user is not None:
            state.settings.rows(_USERS, target)[id_] = user
        items.append(success_item("user moved", id=id_) if user else unknown_item(id_))
    return outcomes(incoming.key, items)


def _change_status(state: State, incoming: Incoming, _: Declared) -> Reply:
    user = _users(state, incoming).get(incoming.params["user_id"])
    if user is None:
        raise unknown_id(6)
    user["active"] = incoming.query["active"] == "true"
    return outcome(incoming.key, success_item("status changed", id=user["personality_id"]))


# --- invitations


def _invited(state: State, module: str, record_id: str, kind: str) -> JSON:
    record = state.find(module, record_id)
    if record is None:
        return unknown_item(record_id, "$.data.id")
    if kind not in _kinds(state):
        return unknown_item(kind, "$.data.user_type_id")
    state.settings.rows(_USERS, kind)[record_id] = {
        "id": record_id,
        "personality_id": record_id,
        "name": record.get(needed_field(module)),
        "email": record.get("Email"),
        "module": module,
        "active": True,
        "confirm": False,
        "invited_time": state.local_now().isoformat(),
    }
    return success_item("the invitation is sent", id=record_id)


def _invite(state: State, incoming: Incoming, _: Declared) -> Reply:
    module = state.module_name(incoming.module)
    if incoming.query["type"] not in {"invite", "reinvite"}:
        raise Refusal("INVALID_DATA", "the type is unknown", param_name="type")
    if state.find(module, incoming.id) is None:
        raise unknown_id(1)
    kind = incoming.query["user_type_id"]
    return outcomes(incoming.key, [_invited(state, module, incoming.id, kind)])


def _invite_many(state: State, incoming: Incoming, _: Declared) -> Reply:
    module = state.module_name(incoming.module)
    [body] = incoming.items(1)
    invites = objects(body.get("data"))
    if not invites:
        raise Refusal("MANDATORY_NOT_FOUND", "a required key is missing", api_name="data")
    if len(invites) > _MOST_INVITES:
        raise refuse(
            "LIMIT_EXCEEDED", "the list has reached its limit", "data",
            "$.portal_invite[0].data", maximum_length=_MOST_INVITES,
        )  # fmt: skip
    results: list[JSON] = [
        missing_key(row, "data", index, _INVITES)
        or _invited(state, module, id_of(row), str(row["user_type_id"]))
        for index, row in enumerate(invites)
    ]
    job_id = state.new_id()
    job: Row = {"id": job_id, "job_id": job_id, "status": "COMPLETED", "data": results}
    state.settings.rows(_JOBS, module)[job_id] = job
    item = success_item("the invitations are scheduled", code="SCHEDULED", job_id=job_id)
    return outcome(incoming.key, item, status=202)


def _invite_status(state: State, incoming: Incoming, known: Declared) -> Reply:
    jobs = state.settings.rows(_JOBS, state.module_name(incoming.module)).values()
    wanted = incoming.query.get("job_id")
    return listed([job for job in jobs if wanted in {None, job["job_id"]}], incoming, known)


PORTALS: Mapping[str, Work] = {
    "portals.users": _list_users,
    "portals.delete_users": _delete_users,
    "portals.transfer_users": _transfer_users,
    "portals.change_status": _change_status,
    "portals.invite": _invite,
    "portals.invite_many": _invite_many,
    "portals.invite_status": _invite_status,
}
