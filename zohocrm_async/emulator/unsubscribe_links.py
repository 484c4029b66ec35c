"""Unsubscribe links."""

from collections.abc import Mapping
from typing import Any

from zohocrm_async.emulator.errors import (
    JSON,
    Refusal,
    Reply,
    error_item,
    outcome,
    outcomes,
    success_item,
)
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.state import Row, State

_MOST = 100
_WORDS = {
    "page_type": ("standard", "custom"),
    "submission_action_type": ("redirect", "display_message"),
}
_TEXTS = (
    "name",
    "standard_page_message",
    "custom_location_url",
    "submission_redirect_url",
    "submission_message",
)
# A word of the first key asks for the second.
_DEPENDENTS = (
    ("page_type", "custom", "custom_location_url"),
    ("submission_action_type", "redirect", "submission_redirect_url"),
)


def add_default_link(state: State) -> None:
    """Give the organisation the link that every one has."""
    _store(state, {"name": "Default", **_DEFAULTS})


_DEFAULTS = {"page_type": "standard", "submission_action_type": "display_message"}


def list_links(state: State, incoming: Incoming) -> Reply:
    """List the links."""
    return Reply({incoming.key: list(state.unsubscribe_links.values())})


def get_link(state: State, incoming: Incoming) -> Reply:
    """Return one link."""
    return Reply({incoming.key: [_known(state, incoming.id)]})


def associations(state: State, incoming: Incoming) -> Reply:
    """List the links that are used, with the places that use them."""
    used = [
        {"id": link_id, "associated_places": places}
        for link_id, places in state.link_places.items()
        if link_id in state.unsubscribe_links and places
    ]
    return Reply({incoming.key: used}) if used else Reply(None, 204)


def create_link(state: State, incoming: Incoming) -> Reply:
    """Create one link."""
    body = incoming.items(1)[0]
    incoming.only_keys()
    for name in ("name", "page_type", "submission_action_type"):
        if body.get(name) in (None, ""):
            raise _refused("MANDATORY_NOT_FOUND", "required field not found", name)
    problem = _problem(state, body, {}, 0)
    if problem is not None:
        raise _raised(problem)
    link = _store(state, body)
    item = success_item("the unsubscribe link is created", id=link["id"])
    return outcome(incoming.key, item, status=201)


def update_link(state: State, incoming: Incoming) -> Reply:
    """Change one link."""
    body = incoming.items(1)[0]
    incoming.only_keys()
    if body.get("id") not in (None, incoming.id):
        raise _refused("INVALID_DATA", "the id differs from the URL's", "id")
    link = _known(state, incoming.id)
    problem = _problem(state, body, link, 0)
    if problem is not None:
        raise _raised(problem)
    return outcome(incoming.key, _changed(state, link, body))


def update_links(state: State, incoming: Incoming) -> Reply:
    """Change several links; one outcome for each."""
    rows = incoming.items(_MOST)
    incoming.only_keys()
    items: list[JSON] = []
    for index, row in enumerate(rows):
        link = state.unsubscribe_links.get(str(row.get("id")))
        if "id" not in row:
            items.append(_error("MANDATORY_NOT_FOUND", "required field not found", "id", index))
        elif link is None:
            items.append(_error("INVALID_DATA", _UNKNOWN, "id", index))
        else:
            problem = _problem(state, row, link, index)
            items.append(problem or _changed(state, link, row))
    return outcomes(incoming.key, items)


def delete_link(state: State, incoming: Incoming) -> Reply:
    """Delete one link, but not the Default one."""
    link = _known(state, incoming.id)
    if link["name"] == "Default":
        raise Refusal(
            "NOT_ALLOWED", "the Default link cannot be deleted", wrapped=True, id=link["id"]
        )
    del state.unsubscribe_links[link["id"]]
    state.link_places.pop(link["id"], None)
    return outcome(incoming.key, success_item("the unsubscribe link is deleted", id=link["id"]))


_UNKNOWN = "the link id given is not of this organisation"


def _known(state: State, link_id: str) -> Row:
    link = state.unsubscribe_links.get(link_id)
    if link is None:
        raise Refusal("INVALID_DATA", _UNKNOWN, wrapped=True, id=link_id)
    return link


def _store(state: State, body: Mapping[str, Any]) -> Row:
    now = state.local_now().isoformat()
    link_id = state.new_id()
    link: Row = {
        **dict.fromkeys(_TEXTS),
        **body,
        "id": link_id,
        "landing_url": f"https://forms.example.com/unsubscribe/{link_id}",
        "location_url_type": "crm",
        "created_time": now,
        "created_by": state.owner,
        "modified_time": now,
        "modified_by": state.owner,
    }
    state.unsubscribe_links[link_id] = link
    return link


def _changed(state: State, link: Row, body: Mapping[str, Any]) -> JSON:
    link.update(body)
    link["modified_time"] = state.local_now().isoformat()
    return success_item("the unsubscribe link is updated", id=link["id"])


def _problem(state: State, body: Row, link: Row, index: int) -> JSON | None:
    """Return what is wrong with a link's new values, or None."""
    for name, value in body.items():
        words = _WORDS.get(name)
        known = words is not None or name in _TEXTS or (name == "id" and bool(link))
        if not known:
            return _error("INVALID_DATA", "the key is unknown", name, index)
        if words is not None and value not in words:
            return _error("INVALID_DATA", "invalid data", name, index, supported_values=words)
        if words is None and not isinstance(value, str):
            return _error("INVALID_DATA", "invalid data", name, index, expected_data_type="string")
    merged = {**link, **body}
    for key, word, dependent in _DEPENDENTS:
        if merged.get(key) == word and not merged.get(dependent):
            dependee = {"api_name": key}
            return _error(
                "DEPENDENT_FIELD_MISSING", "dependent field missing", dependent, index,
                dependee=dependee,
            )  # fmt: skip
    others = (other for other in state.unsubscribe_links.values() if other is not link)
    if "name" in body and any(other["name"] == body["name"] for other in others):
        return _error("DUPLICATE_DATA", "a link of this name exists", "name", index)
    return None


def _error(code: str, message: str, name: str, index: int, **details: Any) -> JSON:
    path = f"$.unsubscribe_links[{index}].{name}"
    return error_item(code, message, {"api_name": name, "json_path": path, **details})


def _refused(code: str, message: str, name: str) -> Refusal:
    return _raised(_error(code, message, name, 0))


def _raised(item: JSON) -> Refusal:
    return Refusal(item["code"], item["message"], wrapped=True, **item["details"])
