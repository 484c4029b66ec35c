"""Records handed to another owner, with what belongs to them."""

from collections.abc import Mapping
from typing import Any

from zohocrm_async.emulator.checks import anything, boolean, keys, list_of, missing, one_of, text
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import JSON, Refusal, Reply, error_item, outcomes, success_item
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.links import End, RelatedList
from zohocrm_async.emulator.people import USERS
from zohocrm_async.emulator.related_records import related_rows
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import objects, unknown_id, unknown_item
from zohocrm_async.emulator.shapes import is_object
from zohocrm_async.emulator.state import Row, State

_MOST = 500
_RELATED = ("Tasks", "Events", "Calls", "Contacts", "Deals")


def user_of(state: State, value: Any, path: str) -> Row:
    """Return an active user as records refer to users; *value* holds the id.

    Raises:
        Refusal: there is none.
    """
    user = state.settings.rows(USERS).get(str(value.get("id")))
    if user is None or user.get("status") != "active":
        raise Refusal("INVALID_DATA", "the id given seems to be invalid", wrapped=True,
                      api_name="id", json_path=f"{path}.id")  # fmt: skip
    return {"id": user["id"], "name": user.get("full_name"), "email": user.get("email")}


def owner_in(state: State, value: Any, name: str = "owner") -> Row:
    """Return the user that a body names, by the id and perhaps a name.

    Raises:
        Refusal: it names none.
    """
    if value is None:
        raise missing(name, f"$.{name}")
    keys(value, name, f"$.{name}", {"id": text}, {"name": text, "email": text})
    return user_of(state, value, f"$.{name}")


def hand_over(state: State, end: End, owner: Row) -> JSON | None:
    """Give one record to *owner*; return the error if it cannot be given, or None."""
    record = state.find(*end)
    if record is None:
        return unknown_item(end[1])
    if state.is_locked(*end):
        return error_item("RECORD_LOCKED", "the record is locked", {"id": end[1]})
    state.change(record, {"Owner": owner})
    return None


def _related(value: Any, name: str, path: str) -> None:
    keys(value, name, path, {}, {"api_name": one_of(*_RELATED), "id": text})


_BODY = {"owner": anything}
_MORE = {"notify": boolean, "related_modules": list_of(_MOST, _related)}


def _change(state: State, incoming: Incoming, _: Declared) -> Reply:
    module = state.module_name(incoming.module)
    body = _body(incoming, {**_BODY, "ids": list_of(_MOST, text)})
    owner = owner_in(state, body["owner"])
    return outcomes("data", [_given(state, (module, id_), owner, body) for id_ in body["ids"]])


def _change_one(state: State, incoming: Incoming, _: Declared) -> Reply:
    module = state.module_name(incoming.module)
    if state.find(module, incoming.id) is None:
        raise unknown_id(1)
    body = _body(incoming, _BODY)
    owner = owner_in(state, body["owner"])
    return outcomes("data", [_given(state, (module, incoming.id), owner, body)])


def _body(incoming: Incoming, needed: Mapping[str, Any]) -> Row:
    body: Any = incoming.call.body
    if not is_object(body):
        raise Refusal("INVALID_DATA", "the body is no object", expected_data_type="jsonobject")
    keys(body, "data", "$", needed, _MORE)
    if body.get("ids") == []:
        raise missing("ids", "$.ids")
    return body


def _given(state: State, end: End, owner: Row, body: Row) -> JSON:
    problem = hand_over(state, end, owner)
    if problem is not None:
        return problem
    for related in objects(body.get("related_modules")):
        for module in [related["api_name"]] if "api_name" in related else _RELATED:
            rows = related_rows(state, end, RelatedList(module, module, linked=False, named=True))
            for id_ in rows:
                if related.get("id") in {None, id_}:
                    hand_over(state, (module, id_), owner)
    return success_item("the owner is changed", id=end[1])


OWNING: Mapping[str, Work] = {"ownership.change": _change, "ownership.change_one": _change_one}
