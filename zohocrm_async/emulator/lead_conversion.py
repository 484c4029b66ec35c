"""Leads that become contacts, accounts and deals."""

from collections.abc import Iterable, Mapping
from typing import Any

from zohocrm_async.emulator.checks import (
    Check,
    anything,
    boolean,
    keys,
    list_of,
    one_of,
    refuse,
    refused,
    text,
)
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import Refusal, Reply, outcomes, success_item
from zohocrm_async.emulator.fields import name_field
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.mass_actions import job_of, schedule
from zohocrm_async.emulator.mass_jobs import MassJob
from zohocrm_async.emulator.ownership import owner_in
from zohocrm_async.emulator.record_values import Values
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import objects, unknown_id
from zohocrm_async.emulator.shapes import is_object
from zohocrm_async.emulator.state import Row, State

_MOST, _KIND = 50, "lead_conversion"
_MADE = ("Contacts", "Accounts", "Deals")
_OF_PEOPLE = ("First_Name", "Last_Name", "Email", "Phone", "Mobile", "Lead_Source")


# --- what a body holds


def _reference(value: Any, name: str, path: str) -> None:
    keys(value, name, path, {"id": text}, {"name": text, "email": text})


def _module(value: Any, name: str, path: str) -> None:
    keys(value, name, path, {"api_name": one_of(*_MADE), "id": text})


def _related(value: Any, name: str, path: str) -> None:
    keys(value, name, path, {"api_name": text, "id": text})


def _tags(value: Any, name: str, path: str) -> None:
    keys(value, name, path, {}, {module: list_of(100, text) for module in _MADE})


def _check_deal(state: State, body: Mapping[str, Any], path: str) -> None:
    """Refuse fields of a deal that no deal can have.

    Raises:
        Refusal: a needed one is missing, or a value is not acceptable.
    """
    if "Deals" not in body:
        return
    path = f"{path}.Deals"
    if not is_object(body["Deals"]):
        raise refuse("INVALID_DATA", "the value is no object", "Deals", path,
                     expected_data_type="jsonobject")  # fmt: skip
    problem = Values(state, "Deals", {}).problem(body["Deals"], 0)
    if problem is not None:
        raise refused(problem, f"{path}.{problem['details']['api_name']}")


_ONE: Mapping[str, Check] = {
    "overwrite": boolean,
    "notify_lead_owner": boolean,
    "notify_new_entity_owner": boolean,
    "add_to_existing_record": boolean,
    "Accounts": _reference,
    "Contacts": _reference,
    "Deals": anything,
    "assign_to": anything,
    "carry_over_tags": _tags,
    "move_attachments_to": _module,
}
_MANY: Mapping[str, Check] = {
    "Deals": anything,
    "assign_to": anything,
    "portal_user_type": _reference,
    "apply_assignment_threshold": boolean,
    "move_attachments_to": _module,
    "carry_over_tags": list_of(3, _module),
    "related_modules": list_of(10, _related),
}


# --- what matches a lead


def _matches(state: State, lead: Row, module: str, of_lead: str, name: str) -> list[Row]:
    value = lead.get(of_lead)
    if value in (None, ""):
        return []
    return [row for row in state.records(module).values() if row.get(name) == value]


def _contacts(state: State, lead: Row) -> list[Row]:
    return _matches(state, lead, "Contacts", "Email", "Email")


def _accounts(state: State, lead: Row) -> list[Row]:
    return _matches(state, lead, "Accounts", "Company", "Account_Name")


def _lead(state: State, lead_id: str) -> Row:
    lead = state.find("Leads", lead_id)
    if lead is None:
        raise unknown_id(1)
    return lead


def _options(state: State, incoming: Incoming, _: Declared) -> Reply:
    lead = _lead(state, incoming.id)
    contacts, accounts = _contacts(state, lead), _accounts(state, lead)
    modules = state.settings.rows("/settings/modules").values()
    contact_module = next(row["id"] for row in modules if row["api_name"] == "Contacts")
    matched = {
        "Contacts": _matched(state, "Contacts", "Email", lead.get("Email")) if contacts else [],
        "Accounts": _matched(state, "Accounts", "Account_Name", lead.get("Company"))
        if accounts
        else [],
        "Deals": [],
    }
    return Reply(
        {
            "__conversion_options": {
                "Contacts": contacts or None,
                "Accounts": accounts or None,
                "Deals": None,
                "module_preference": {"api_name": "Contacts", "id": contact_module},
                "preference_field_matched_value": matched,
                "modules_with_multiple_layouts": [],
            }
        }
    )


def _matched(state: State, module: str, name: str, value: Any) -> list[Row]:
    fields = state.settings.rows("/settings/fields", module).values()
    field = next(row for row in fields if row["api_name"] == name)
    told = {"api_name": name, "id": field["id"], "field_label": field["field_label"]}
    return [{"field": told, "matched_lead_value": value}]


# --- converting


def _convert(state: State, incoming: Incoming, _: Declared) -> Reply:
    lead = _lead(state, incoming.id)
    [body] = incoming.items(1)
    incoming.only_keys()
    keys(body, "data", "$.data[0]", {}, _ONE)
    _check_deal(state, body, "$.data[0]")
    made = convert(state, lead, body)
    return outcomes("data", [success_item("the lead is converted", **made)])


def convert(state: State, lead: Row, body: Mapping[str, Any]) -> Row:
    """Convert a lead as *body* says; return the references to what was made or taken.

    Raises:
        Refusal: the lead is locked or converted, or the body names what is not there.
    """
    if lead.get("Converted") is True:
        raise Refusal("ID_ALREADY_CONVERTED", "the lead is converted already", wrapped=True,
                      id=lead["id"])  # fmt: skip
    if state.is_locked("Leads", lead["id"]):
        raise Refusal("RECORD_LOCKED", "the record is locked", wrapped=True, id=lead["id"])
    given = body.get("assign_to")
    owner = lead["Owner"] if given is None else owner_in(state, given, "assign_to")
    account = _taken(state, "Accounts", body, _accounts(state, lead))
    contact = _taken(state, "Contacts", body, _contacts(state, lead))
    # Whatever can be refused has been: from here on records are made.
    if account is not None or lead.get("Company"):
        company = {"Account_Name": lead.get("Company"), "Phone": lead.get("Phone"), "Owner": owner}
        account = _kept(state, "Accounts", account, company, body)
    contact = _kept(state, "Contacts", contact, _person(lead, account, owner), body)
    deal = _made_deal(state, body, owner, account, contact)
    made = {"Contacts": contact, "Accounts": account, "Deals": deal}
    for module, record in made.items():
        if record is not None:
            _carry_tags(lead, record, module, body.get("carry_over_tags"))
    _move_attachments(state, lead, made, body.get("move_attachments_to"))
    references = {module: _told(module, record) for module, record in made.items()}
    state.change(lead, {"Converted": True, "$converted": True, "$converted_detail": references})
    return references


def _told(module: str, record: Row | None) -> Row | None:
    if record is None:
        return None
    name = record.get("Full_Name") or record.get(name_field(module))
    return {"id": record["id"], "name": name}


def _taken(
    state: State, module: str, body: Mapping[str, Any], matches: Iterable[Row]
) -> Row | None:
    """Return the record that the conversion takes instead of making one, or None.

    Raises:
        Refusal: the body names one that is not there.
    """
    given = body.get(module)
    if given is not None:
        record = state.find(module, given["id"])
        if record is None:
            raise refuse("INVALID_DATA", "the id given seems to be invalid", "id",
                         f"$.data[0].{module}.id")  # fmt: skip
        return record
    return next(iter(matches), None) if body.get("add_to_existing_record") else None


def _person(lead: Row, account: Row | None, owner: Row) -> Row:
    names = (lead.get("First_Name"), lead.get("Last_Name"))
    return {
        **{name: lead.get(name) for name in _OF_PEOPLE},
        "Full_Name": " ".join(str(name) for name in names if name),
        "Account_Name": _told("Accounts", account),
        "Owner": owner,
    }


def _kept(
    state: State, module: str, taken: Row | None, values: Row, body: Mapping[str, Any]
) -> Row:
    """Return the record that was taken, or a new one, with the lead's values."""
    given = {name: value for name, value in values.items() if value not in (None, "")}
    if taken is None:
        return state.insert(module, [given])[0]
    if body.get("overwrite") is True:
        state.change(taken, {name: given[name] for name in given if name != "Owner"})
    return taken


def _made_deal(
    state: State, body: Mapping[str, Any], owner: Row, account: Row | None, contact: Row
) -> Row | None:
    values = body.get("Deals")
    if values is None:
        return None
    related = {
        "Account_Name": _told("Accounts", account),
        "Contact_Name": _told("Contacts", contact),
        "Owner": owner,
    }
    return state.insert("Deals", [{**related, **Values(state, "Deals", {}).stored(values)}])[0]


def _move_attachments(
    state: State, lead: Row, made: Mapping[str, Row | None], wanted: Row | None
) -> None:
    """Hang what hangs on the lead on the record that *wanted* names, or on the contact."""
    module = wanted["api_name"] if wanted and made.get(wanted["api_name"]) else "Contacts"
    record = made[module]
    if record is not None:
        state.attached.move_attachments(("Leads", lead["id"]), (module, record["id"]))


def _carry_tags(lead: Row, record: Row, module: str, wanted: Any) -> None:
    """Give a record the tags that *wanted* names for its module, or all of the lead's."""
    names: list[str] | None = None
    if is_object(wanted):
        names = wanted.get(module, [])
    elif not any(each["api_name"] == module for each in objects(wanted)):
        names = []
    tags = [tag for tag in objects(lead.get("Tag")) if names is None or tag.get("name") in names]
    if tags:
        record["Tag"] = [*objects(record.get("Tag")), *tags]


# --- many leads


def _convert_many(state: State, incoming: Incoming, _: Declared) -> Reply:
    body: Any = incoming.call.body
    if not is_object(body):
        raise Refusal("INVALID_DATA", "the body is no object", expected_data_type="jsonobject")
    keys(body, "data", "$", {"ids": list_of(_MOST, text)}, _MANY)
    _check_deal(state, body, "$")
    if body.get("assign_to") is not None:
        owner_in(state, body["assign_to"], "assign_to")

    def act(id_: str) -> str:
        lead = state.find("Leads", id_)
        if lead is None:
            return "failed"
        try:
            convert(state, lead, body)
        except Refusal:
            return "not_converted"
        return "converted"

    item = schedule(state, incoming, _KIND, body["ids"], act)
    return Reply(item, 202, str(item["code"]))


def _status(state: State, incoming: Incoming, _: Declared) -> Reply:
    job = job_of(state, incoming, _KIND)
    if job is None:
        return Reply(None, 204)
    counts = ("converted", "not_converted", "failed")
    told = {f"{name.title()}_Count": job.counts[name] for name in counts}
    status = conversion_state(state, job)
    return Reply({"data": [{"Status": status, "Total_Count": len(job.ids), **told}]})


def conversion_state(state: State, job: MassJob) -> str:
    """Return the word for where a conversion stands; other jobs have other words."""
    word = job.state(state.clock.monotonic())
    return "in progress" if word == "RUNNING" else word.lower()


LEAD_CONVERSION: Mapping[str, Work] = {
    "lead_conversion.options": _options,
    "lead_conversion.convert": _convert,
    "lead_conversion.convert_many": _convert_many,
    "lead_conversion.status": _status,
}
