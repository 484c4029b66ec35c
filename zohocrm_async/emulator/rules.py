"""What settings do beside being stored: switched on, sorted, copied, replaced, run."""

from collections.abc import Mapping
from typing import Any

from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.declared_types import item_problem
from zohocrm_async.emulator.errors import JSON, Refusal, Reply, outcome, outcomes, success_item
from zohocrm_async.emulator.generic import Work, delete_row
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import (
    check_transfer,
    duplicate,
    id_of,
    ids_given,
    items_of,
    listed,
    objects,
    rows_of,
    stamped,
    unknown_id,
    unknown_item,
)
from zohocrm_async.emulator.shapes import is_array, is_object
from zohocrm_async.emulator.state import Row, State

_PIPELINES, _PROFILES = "/settings/pipeline", "/settings/profiles"
_PICKLISTS, _SCORING = "/settings/global_picklists", "/settings/automation/scoring_rules"
_REPLACED, _SCORES = "replaced values", "/Entity_Scores__s"
_MOST_RULES, _MOST_IDS, _MOST_CADENCES = 5, 100, 5


def named(state: State, incoming: Incoming, path: str, index: int = 2) -> Row:
    """Return the row of *path* that the place called id names.

    Raises:
        Refusal: there is none.
    """
    row = rows_of(state, incoming, path).get(incoming.id)
    if row is None:
        raise unknown_id(index)
    return row


# --- views, layouts, pipelines


def _sort(state: State, incoming: Incoming, known: Declared) -> Reply:
    row = named(state, incoming, "/settings/custom_views")
    [body] = incoming.items(1)
    return outcomes(incoming.key, [_sorted(row, body, incoming, known, 0)])


def _sort_many(state: State, incoming: Incoming, known: Declared) -> Reply:
    rows = rows_of(state, incoming, "/settings/custom_views")
    items = [
        _sorted(rows[str(body.get("id"))], body, incoming, known, index)
        if str(body.get("id")) in rows
        else unknown_item(str(body.get("id")), f"$.custom_views[{index}].id")
        for index, body in enumerate(items_of(incoming, known))
    ]
    return outcomes(incoming.key, items)


def _sorted(row: Row, body: Row, incoming: Incoming, known: Declared, index: int) -> JSON:
    missing = item_problem(body, incoming, known, index)
    if missing is None:
        row.update(sort_by=body["sort_by"], sort_order=body["sort_order"])
    return missing or success_item("the order is changed", id=row["id"])


def _layout_status(status: str) -> Work:
    def work(state: State, incoming: Incoming, known: Declared) -> Reply:
        row = named(state, incoming, "/settings/layouts")
        check_transfer(state, incoming, "/settings/layouts")
        if incoming.operation.method == "POST":
            items_of(incoming, known)
        row["status"] = status
        return outcome(incoming.key, success_item(f"the layout is {status}", id=row["id"]))

    return work


def _delete_pipeline(state: State, incoming: Incoming, known: Declared) -> Reply:
    row = named(state, incoming, _PIPELINES)
    [body] = incoming.items(1)
    if "_delete" in body:
        return delete_row(state, incoming, known)
    gone = {id_of(stage) for stage in objects(body.get("maps")) if "_delete" in stage}
    if not gone:
        raise Refusal("MANDATORY_NOT_FOUND", "a required key is missing", api_name="_delete")
    row["maps"] = [stage for stage in objects(row.get("maps")) if id_of(stage) not in gone]
    return outcome(incoming.key, success_item("stages deleted", id=row["id"]))


def _transfer_pipelines(state: State, incoming: Incoming, known: Declared) -> Reply:
    rows = rows_of(state, incoming, _PIPELINES)
    items: list[JSON] = []
    for index, body in enumerate(items_of(incoming, known)):
        missing = item_problem(body, incoming, known, index)
        move: Any = body.get("pipeline")
        source, target = (str(move.get(end)) if is_object(move) else "" for end in ("from", "to"))
        for id_ in (source, target):
            if missing is None and id_ not in rows:
                missing = unknown_item(id_, f"$.{incoming.key}[{index}].pipeline")
        if missing is None:
            rows.pop(source)
            missing = success_item("the pipeline is transferred and deleted", id=source)
        items.append(missing)
    return outcomes(incoming.key, items)


# --- global picklists


def _picklist_uses(state: State, incoming: Incoming, known: Declared) -> Reply:
    row = named(state, incoming, _PICKLISTS)
    uses: list[Row] = [
        {"field": {"id": field["id"], "api_name": field.get("api_name")}, "layouts": []}
        for fields in state.settings.scopes("/settings/fields")
        for field in fields.values()
        if id_of(field.get("global_picklist")) == row["id"]
    ]
    return listed(uses, incoming, known)


def _value_uses(state: State, incoming: Incoming, known: Declared) -> Reply:
    named(state, incoming, _PICKLISTS)
    return listed([], incoming, known)  # nothing that is emulated refers to one choice


def _replace_values(state: State, incoming: Incoming, known: Declared) -> Reply:
    row = named(state, incoming, _PICKLISTS)
    choices = {id_of(choice): choice for choice in objects(row.get("pick_list_values"))}
    items: list[JSON] = []
    for index, body in enumerate(items_of(incoming, known)):
        missing = item_problem(body, incoming, known, index)
        old = id_of(body.get("old_value"))
        if missing is None:
            told = choices.get(old) or body["old_value"]
            job = state.new_id()
            state.settings.rows(_REPLACED, row["id"])[job] = {"id": job, **dict(told or {})}
            missing = success_item("the replacement is scheduled", code="SCHEDULED", id=old)
        items.append(missing)
    return outcomes(incoming.key, items, status=202)


def _replaced_values(state: State, incoming: Incoming, known: Declared) -> Reply:
    row = named(state, incoming, _PICKLISTS)
    return listed(list(state.settings.rows(_REPLACED, row["id"]).values()), incoming, known)


# --- profiles and scoring rules


def _delete_profile(state: State, incoming: Incoming, known: Declared) -> Reply:
    reply = delete_row(state, incoming, known)
    [item] = (reply.body or {})[incoming.key]
    return Reply(item, reply.status, reply.code)  # with no list around it


def _clone_profile(state: State, incoming: Incoming, known: Declared) -> Reply:
    source = named(state, incoming, _PROFILES)
    rows = state.settings.rows(_PROFILES)
    [body] = incoming.items(1)
    problem = item_problem(body, incoming, known, 0) or duplicate(
        rows, _PROFILES, body, incoming.key, 0
    )
    if problem is None:
        new = stamped(state, {**source, **body, "custom": True, "default": False})
        rows[new["id"]] = new
        problem = success_item("the profile is created", id=new["id"])
    return outcomes(incoming.key, [problem], status=201)


def _switch_rule(*, active: bool) -> Work:
    def work(state: State, incoming: Incoming, _: Declared) -> Reply:
        row = named(state, incoming, _SCORING, 3)
        row["active"] = active
        return outcome(incoming.key, success_item("the rule is switched", id=row["id"]))

    return work


def _clone_rule(state: State, incoming: Incoming, _: Declared) -> Reply:
    source = named(state, incoming, _SCORING, 3)
    new = stamped(state, {**source, "name": f"Copy of {source.get('name')}", "active": False})
    state.settings.rows(_SCORING)[new["id"]] = new
    return outcome(incoming.key, success_item("the rule is cloned", id=new["id"]), status=201)


def _run_rules(state: State, incoming: Incoming, _: Declared) -> Reply:
    state.module_name(incoming.module)
    body: Any = incoming.call.body if is_object(incoming.call.body) else {}
    given: Any = body.get("scoring_rules")
    rules = state.settings.rows(_SCORING)
    wanted = [str(id_) for id_ in given] if is_array(given) else list(rules)
    if len(wanted) > _MOST_RULES and is_array(given):
        raise Refusal(
            "LIMIT_EXCEEDED", "too many ids", api_name="scoring_rules", maximum_length=_MOST_RULES
        )
    if not wanted:
        return Reply(None, 204)
    items = [
        success_item("the rule is run", id=id_) if id_ in rules else unknown_item(id_)
        for id_ in wanted
    ]
    return outcomes(incoming.key, items)


def _scores_of(state: State, incoming: Incoming, known: Declared) -> Reply:
    if state.find(incoming.module, incoming.id) is None:
        raise unknown_id(1)
    scores = state.settings.rows(_SCORES).values()
    return listed([s for s in scores if id_of(s.get("Entity")) == incoming.id], incoming, known)


# --- cadences


def _in_cadences(word: str) -> Work:
    def work(state: State, incoming: Incoming, _: Declared) -> Reply:
        module = state.module_name(incoming.module)
        known = state.settings.rows("/settings/automation/cadences")
        for cadence in ids_given(incoming, "cadences_ids", _MOST_CADENCES):
            if cadence not in known:
                raise Refusal(
                    "INVALID_DATA", "the id given seems to be invalid", api_name="cadences_ids"
                )
        items = [
            success_item(f"the record is {word}", id=id_)
            if state.find(module, id_)
            else unknown_item(id_)
            for id_ in ids_given(incoming, "ids", _MOST_IDS)
        ]
        return outcomes("data", items)

    return work


RULES: Mapping[str, Work] = {
    "custom_views.sort": _sort,
    "custom_views.sort_many": _sort_many,
    "layouts.activate": _layout_status("active"),
    "layouts.deactivate": _layout_status("inactive"),
    "pipelines.delete": _delete_pipeline,
    "pipelines.transfer": _transfer_pipelines,
    "global_picklists.associations": _picklist_uses,
    "global_picklists.value_associations": _value_uses,
    "global_picklists.replace_values": _replace_values,
    "global_picklists.replaced_values": _replaced_values,
    "profiles.clone": _clone_profile,
    "profiles.delete": _delete_profile,
    "scoring_rules.activate": _switch_rule(active=True),
    "scoring_rules.deactivate": _switch_rule(active=False),
    "scoring_rules.clone": _clone_rule,
    "scoring_rules.run": _run_rules,
    "scoring_rules.scores_of": _scores_of,
    "cadences.enrol": _in_cadences("enrolled"),
    "cadences.unenrol": _in_cadences("unenrolled"),
}
