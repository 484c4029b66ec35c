"""Users, their territories and groups, and jobs that delete users."""

from collections.abc import Mapping

from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.declared_types import item_problem
from zohocrm_async.emulator.errors import JSON, Reply, outcome, outcomes, success_item
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import (
    drop,
    id_of,
    items_of,
    listed,
    objects,
    stamped,
    unknown_id,
    unknown_item,
)
from zohocrm_async.emulator.state import Row, State

USERS, TERRITORIES = "/users", "/settings/territories"
_GROUPS = "/settings/user_groups"
_JOBS = "/users/actions/transfer_and_delete"
_MEMBERS = "members"  # user ids by territory id, kept beside what is listed
_KINDS = {
    "ActiveUsers": ("active",),
    "ActiveConfirmedUsers": ("active",),
    "DeactiveUsers": ("inactive", "disabled", "closed"),
    "DeletedUsers": ("deleted",),
}


def _list_users(state: State, incoming: Incoming, known: Declared) -> Reply:
    return listed(_users(state, incoming), incoming, known)


def _users(state: State, incoming: Incoming) -> list[Row]:
    users = list(state.settings.rows(USERS).values())
    kind = incoming.query.get("type", "AllUsers")
    if kind == "CurrentUser":
        users = [user for user in users if user["id"] == state.owner["id"]]
    if kind in _KINDS:
        users = [user for user in users if user["status"] in _KINDS[kind]]
    ids = incoming.query.get("ids")
    return users if ids is None else [user for user in users if user["id"] in ids.split(",")]


def _count_users(state: State, incoming: Incoming, _: Declared) -> Reply:
    return Reply({"count": len(_users(state, incoming))})


def _create_user(state: State, incoming: Incoming, known: Declared) -> Reply:
    [body] = incoming.items(1)
    missing = item_problem(body, incoming, known, 0)
    users = state.settings.rows(USERS)
    if missing is None and any(user["email"] == body["email"] for user in users.values()):
        missing = {
            "code": "DUPLICATE_DATA",
            "details": {"api_name": "email", "json_path": "$.users[0].email"},
            "message": "somebody has this address",
            "status": "error",
        }
    if missing is not None:
        return outcomes(incoming.key, [missing])
    name = " ".join(str(body[part]) for part in ("first_name", "last_name") if body.get(part))
    user = stamped(state, {"status": "active", "confirm": False, "full_name": name, **body})
    users[user["id"]] = user
    return outcome(incoming.key, success_item("user added", id=user["id"]), status=201)


# --- deleted with a transfer


def _transfer_user(state: State, incoming: Incoming, known: Declared) -> Reply:
    return _transferred(state, incoming, known, incoming.id)


def _transfer_users(state: State, incoming: Incoming, known: Declared) -> Reply:
    return _transferred(state, incoming, known, None)


def _transferred(state: State, incoming: Incoming, known: Declared, own: str | None) -> Reply:
    users = state.settings.rows(USERS)
    items: list[JSON] = []
    for index, row in enumerate(items_of(incoming, known)):
        missing = item_problem(row, incoming, known, index)
        user_id = own or str(row.get("id"))
        if missing is None and user_id not in users:
            missing = unknown_item(user_id, f"$.{incoming.key}[{index}].id")
        if missing is None:
            users[user_id]["status"] = "deleted"
            job = state.new_id()
            state.settings.rows(_JOBS)[job] = {"id": job, "job_id": job, "status": "completed"}
            missing = success_item("the transfer is scheduled", code="SCHEDULED", job_id=job)
        items.append(missing)
    return outcomes(incoming.key, items, status=202)


def _transfer_status(state: State, incoming: Incoming, _: Declared) -> Reply:
    job = state.settings.rows(_JOBS).get(incoming.query["job_id"])
    return Reply({incoming.key: [job]}) if job else Reply(None, 204)


# --- users of territories


def members(state: State, territory_id: str) -> set[str]:
    """Return the ids of a territory's users."""
    row = state.settings.rows(_MEMBERS).setdefault(territory_id, {"users": set[str]()})
    users: set[str] = row["users"]
    return users


def _territory(state: State, incoming: Incoming, territory_id: str) -> Row:
    row = state.settings.rows(TERRITORIES).get(territory_id)
    if row is None:
        raise unknown_id(2 if incoming.call.path.startswith("/settings") else 3)
    return row


def _user(state: State, user_id: str, index: int) -> Row:
    row = state.settings.rows(USERS).get(user_id)
    if row is None:
        raise unknown_id(index)
    return row


def _list_members(state: State, incoming: Incoming, known: Declared) -> Reply:
    _territory(state, incoming, incoming.id)
    users = state.settings.rows(USERS)
    own = members(state, incoming.id)
    return listed([user for id_, user in users.items() if id_ in own], incoming, known)


def _get_member(state: State, incoming: Incoming, _: Declared) -> Reply:
    _territory(state, incoming, incoming.id)
    user_id = incoming.params["user_id"]
    if user_id not in members(state, incoming.id):
        raise unknown_id(4)
    return Reply({incoming.key: [_user(state, user_id, 4)]})


def _add_member(state: State, incoming: Incoming, _: Declared) -> Reply:
    _territory(state, incoming, incoming.id)
    user = _user(state, incoming.params["user_id"], 4)
    members(state, incoming.id).add(user["id"])
    return outcome(incoming.key, success_item("user added", id=user["id"]))


def _problem(
    row: Row, rows: Mapping[str, Row], incoming: Incoming, known: Declared, index: int
) -> JSON | None:
    """Return the error of an item that names none of *rows*, or None."""
    problem = item_problem(row, incoming, known, index)
    if problem is None and id_of(row) not in rows:
        return unknown_item(id_of(row), f"$.{incoming.key}[{index}].id")
    return problem


def _add_members(state: State, incoming: Incoming, known: Declared) -> Reply:
    _territory(state, incoming, incoming.id)
    own, users = members(state, incoming.id), state.settings.rows(USERS)
    items: list[JSON] = []
    for index, row in enumerate(items_of(incoming, known)):
        id_ = id_of(row)
        problem = _problem(row, users, incoming, known, index)
        if problem is None:
            own.add(id_)
        items.append(problem or success_item("user added", id=id_))
    return outcomes(incoming.key, items)


def _remove_member(state: State, incoming: Incoming, _: Declared) -> Reply:
    _territory(state, incoming, incoming.id)
    user_id = incoming.params["user_id"]
    if user_id not in members(state, incoming.id):
        raise unknown_id(4)
    members(state, incoming.id).discard(user_id)
    return outcome(incoming.key, success_item("user removed", id=user_id))


def _remove_members(state: State, incoming: Incoming, _: Declared) -> Reply:
    _territory(state, incoming, incoming.id)
    own = members(state, incoming.id)
    items: list[JSON] = []
    for id_ in incoming.query["ids"].split(","):
        items.append(success_item("user removed", id=id_) if id_ in own else unknown_item(id_))
        own.discard(id_)
    return outcomes(incoming.key, items)


# --- territories of users


def _told(row: Row) -> Row:
    """Return a territory as users' territories are told: with capital letters."""
    above = {"id": id_of(row.get("reporting_to"))} if row.get("reporting_to") else None
    return {"id": row["id"], "Name": row.get("name"), "Reporting_To": above}


def _territories_of(state: State, incoming: Incoming) -> dict[str, Row]:
    _user(state, incoming.id, 1)
    rows = state.settings.rows(TERRITORIES)
    return {id_: row for id_, row in rows.items() if incoming.id in members(state, id_)}


def _list_territories(state: State, incoming: Incoming, known: Declared) -> Reply:
    own = _territories_of(state, incoming).values()
    return listed([_told(row) for row in own], incoming, known)


def _get_territory(state: State, incoming: Incoming, _: Declared) -> Reply:
    own = _territories_of(state, incoming)
    wanted = incoming.params["territory_id"]
    if wanted not in own:
        raise unknown_id(3)
    return Reply({incoming.key: [_told(own[wanted])]})


def _add_territories(state: State, incoming: Incoming, known: Declared) -> Reply:
    user = _user(state, incoming.id, 1)
    rows = state.settings.rows(TERRITORIES)
    items: list[JSON] = []
    for index, row in enumerate(items_of(incoming, known)):
        id_ = id_of(row)
        problem = _problem(row, rows, incoming, known, index)
        if problem is None:
            members(state, id_).add(user["id"])
        items.append(problem or success_item("territory added", id=id_))
    return outcomes(incoming.key, items)


def _remove_territory(state: State, incoming: Incoming, _: Declared) -> Reply:
    wanted = incoming.params["territory_id"]
    if wanted not in _territories_of(state, incoming):
        raise unknown_id(3)
    members(state, wanted).discard(incoming.id)
    return outcome(incoming.key, success_item("territory removed", id=wanted))


def _remove_territories(state: State, incoming: Incoming, _: Declared) -> Reply:
    own = _territories_of(state, incoming)
    wanted = incoming.query["ids"].split(",") if "ids" in incoming.query else list(own)
    if not wanted:
        return Reply(None, 204)
    items: list[JSON] = []
    for id_ in wanted:
        items.append(success_item("territory removed", id=id_) if id_ in own else unknown_item(id_))
        members(state, id_).discard(incoming.id)
    return outcomes(incoming.key, items)


# --- deleted territories


def _transfer_territory(state: State, incoming: Incoming, known: Declared) -> Reply:
    return _transferred_territories(state, incoming, known, incoming.id)


def _transfer_territories(state: State, incoming: Incoming, known: Declared) -> Reply:
    return _transferred_territories(state, incoming, known, None)


def _transferred_territories(
    state: State, incoming: Incoming, known: Declared, own: str | None
) -> Reply:
    rows = state.settings.rows(TERRITORIES)
    items: list[JSON] = []
    for index, row in enumerate(items_of(incoming, known)):
        missing = item_problem(row, incoming, known, index)
        for id_ in (own or str(row.get("id")), str(row.get("transfer_to_id"))):
            if missing is None and id_ not in rows:
                missing = unknown_item(id_, f"$.{incoming.key}[{index}]")
        items.append(missing or drop(state, TERRITORIES, rows[own or str(row["id"])]))
    return outcomes(incoming.key, items)


def _children(state: State, incoming: Incoming, known: Declared) -> Reply:
    _territory(state, incoming, incoming.id)
    rows = state.settings.rows(TERRITORIES).values()
    below = [row for row in rows if id_of(row.get("reporting_to")) == incoming.id]
    return listed(below, incoming, known)


def _member_counts(state: State, incoming: Incoming, known: Declared) -> Reply:
    rows = state.settings.rows(TERRITORIES).values()
    counts = [
        {
            "territory": {"id": row["id"], "name": row.get("name")},
            "count": str(len(members(state, row["id"]))),
        }
        for row in rows
    ]
    return listed(counts, incoming, known)


# --- groups


def _sources(state: State, incoming: Incoming) -> list[Row]:
    group = state.settings.rows(_GROUPS).get(incoming.id)
    if group is None:
        raise unknown_id(2)
    return objects(group.get("sources"))


def _list_sources(state: State, incoming: Incoming, known: Declared) -> Reply:
    wanted = incoming.query.get("type")
    found = [row for row in _sources(state, incoming) if wanted in {None, row.get("type")}]
    return listed(found, incoming, known)


def _sources_count(state: State, incoming: Incoming, _: Declared) -> Reply:
    kinds = [row.get("type") for row in _sources(state, incoming)]
    count = {name: kinds.count(name) for name in ("roles", "territories", "groups")}
    users = {"active": kinds.count("users"), "inactive": 0, "deleted": 0}
    return Reply({incoming.key: [{**count, "users": users}]})


def _user_counts(state: State, incoming: Incoming, known: Declared) -> Reply:
    counts = [
        {
            "user_group": {"id": row["id"], "name": row.get("name")},
            "count": sum(source.get("type") == "users" for source in objects(row.get("sources"))),
        }
        for row in state.settings.rows(_GROUPS).values()
    ]
    return listed(counts, incoming, known)


def _groups_of(state: State, incoming: Incoming, known: Declared) -> Reply:
    _user(state, incoming.id, 1)
    found = [
        row
        for row in state.settings.rows(_GROUPS).values()
        if any(id_of(each.get("source")) == incoming.id for each in objects(row.get("sources")))
    ]
    return listed(found, incoming, known)


def _grouped_counts(state: State, incoming: Incoming, _: Declared) -> Reply:
    row = state.settings.rows(_GROUPS).get(incoming.params["group"])
    if row is None:
        raise unknown_id(2)
    return Reply({incoming.key: [row]})


def _associations(state: State, incoming: Incoming, known: Declared) -> Reply:
    _sources(state, incoming)
    return listed([], incoming, known)  # nothing that is emulated refers to groups


PEOPLE: Mapping[str, Work] = {
    "users.list": _list_users,
    "users.count": _count_users,
    "users.create": _create_user,
    "users.transfer_and_delete": _transfer_user,
    "users.transfer_and_delete_many": _transfer_users,
    "users.transfer_status": _transfer_status,
    "users.territories": _list_territories,
    "users.territory": _get_territory,
    "users.add_territories": _add_territories,
    "users.remove_territory": _remove_territory,
    "users.remove_territories": _remove_territories,
    "user_groups.of_user": _groups_of,
    "territories.users": _list_members,
    "territories.user": _get_member,
    "territories.add_user": _add_member,
    "territories.add_users": _add_members,
    "territories.remove_user": _remove_member,
    "territories.remove_users": _remove_members,
    "territories.children": _children,
    "territories.user_counts": _member_counts,
    "territories.transfer_and_delete": _transfer_territory,
    "territories.transfer_and_delete_many": _transfer_territories,
    "user_groups.sources": _list_sources,
    "user_groups.sources_count": _sources_count,
    "user_groups.user_counts": _user_counts,
    "user_groups.grouped_counts": _grouped_counts,
    "user_groups.associations": _associations,
}
