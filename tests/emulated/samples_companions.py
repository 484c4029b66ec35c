"""Sample arguments of what goes with records: related ones, notes, shares, jobs, conversions."""

from collections.abc import Callable, Mapping
from typing import Any

from world import World

from zohocrm_async import ZohoCRM
from zohocrm_async.emulator.mass_jobs import MassJobs
from zohocrm_async.models import (
    LeadConversion,
    ModuleReference,
    NewNote,
    NewShare,
    Reference,
    SharePermission,
)


def campaign(world: World) -> Mapping[str, Any]:
    """Return the place of the leads of a campaign, one of which is there."""
    [own] = world.org.add_records("Campaigns", [{"Campaign_Name": "Spring"}])
    state = world.org.state
    state.links.put(("Campaigns", own), ("Leads", world.lead), {"Member_Status": "Sent"})
    return {"module": "Campaigns", "id": own, "related_list": "Leads"}


def deleted(world: World) -> Mapping[str, Any]:
    """Return the place of the leads of a campaign that is deleted."""
    place = campaign(world)
    world.org.state.remove("Campaigns", place["id"])
    return place


def quote(world: World) -> str:
    """Return a quote."""
    return world.org.add_records("Quotes", [{"Subject": "Ten boats"}])[0]


def module(world: World, name: str) -> ModuleReference:
    """Return a module with its id."""
    rows = world.org.state.settings.rows("/settings/modules").values()
    return ModuleReference(name, next(row["id"] for row in rows if row["api_name"] == name))


def meeting(world: World) -> str:
    """Return a meeting with a guest."""
    row = {"Event_Title": "Talk", "Participants": [{"participant": "a@example.com"}]}
    return world.org.add_records("Events", [row])[0]


def share(world: World) -> NewShare:
    """Return a share with the second user."""
    return NewShare(shared_with=Reference(world.member), permission=SharePermission.READ_ONLY)


def view(world: World) -> str:
    """Return the custom view of all leads."""
    return world.first("/settings/custom_views", "Leads")


_NAMES: Mapping[str, Any] = {"fields": ["Last_Name"]}

ARGUMENTS: Mapping[str, Callable[[World], Mapping[str, Any]]] = {
    "related_records.list": lambda w: {**campaign(w), **_NAMES},
    "related_records.get": lambda w: {**campaign(w), **_NAMES, "related_id": w.lead},
    "related_records.link": lambda w: {**campaign(w), "body": [{"id": w.other}]},
    "related_records.link_one": lambda w: {
        **campaign(w), "related_id": w.other, "body": {"Member_Status": "Sent"}
    },
    "related_records.unlink": lambda w: {**campaign(w), "ids": [w.lead]},
    "related_records.unlink_one": lambda w: {**campaign(w), "related_id": w.lead},
    "related_records.of_deleted": lambda w: {**deleted(w), **_NAMES},
    "notes.add": lambda w: {"id": w.lead, "body": [NewNote(content="Called back")]},
    "record_locks.lock": lambda w: {"id": w.lead, "reason": "In talks"},
    "shares.get": lambda w: {"id": w.lead, "view": "manage"},
    "shares.create": lambda w: {"id": w.lead, "body": [share(w)]},
    "shares.update": lambda w: {"id": w.lead, "body": [share(w)]},
    "blueprints.get": lambda w: {"id": w.lead},
    "blueprints.update": lambda w: {
        "id": w.lead, "transition_id": w.found, "data": {"Phone": "1"}
    },
    "ownership.change": lambda w: {"ids": [w.lead], "owner": Reference(w.member)},
    "ownership.change_one": lambda w: {"id": w.lead, "owner": Reference(w.member)},
    "mass_update.create": lambda w: {"body": {"City": "Cork"}, "ids": [w.lead, w.other]},
    "mass_update.status": lambda w: {"job_id": w.found},
    "mass_delete.create": lambda w: {"ids": [w.lead]},
    "mass_delete.status": lambda w: {"job_id": w.found},
    "mass_change_owner.create": lambda w: {"cvid": view(w), "owner": Reference(w.member)},
    "mass_change_owner.status": lambda w: {"job_id": w.found},
    "lead_conversion.options": lambda w: {"id": w.lead},
    "lead_conversion.convert": lambda w: {"id": w.lead, "body": LeadConversion()},
    "lead_conversion.convert_many": lambda w: {"ids": [w.lead, w.other]},
    "lead_conversion.status": lambda w: {"job_id": w.found},
    "inventory_conversion.convert": lambda w: {
        "module": "Quotes", "id": quote(w), "to": module(w, "Sales_Orders")
    },
    "inventory_conversion.convert_many": lambda w: {
        "module": "Quotes", "ids": [quote(w)], "to": module(w, "Invoices")
    },
    "inventory_conversion.status": lambda w: {"module": "Quotes", "job_id": w.found},
    "meetings.cancel": lambda w: {"id": meeting(w), "send_cancelling_mail": False},
}  # fmt: skip


async def prepare(name: str, world: World, crm: ZohoCRM) -> None:
    """Bring about what an operation asks for: a process, a job."""
    state = world.org.state
    state.mass_jobs = MassJobs()
    if name.startswith("blueprints."):
        state.change(state.records("Leads")[world.lead], {"Lead_Status": "New"})
        step = {"name": "Call", "from": "New", "to": "Called", "fields": ["Phone"]}
        [world.found] = world.org.add_blueprint("Leads", "Lead_Status", [step])
    elif name.endswith(".status") and name in ARGUMENTS:
        world.found = await begun(name.partition(".")[0], world, crm) or ""


async def begun(family: str, world: World, crm: ZohoCRM) -> str | None:
    """Begin a job; return its id."""
    if family == "mass_update":
        [outcome] = await crm.mass_update.create("Leads", {"City": "Cork"}, cvid=view(world))
    elif family == "mass_delete":
        [outcome] = await crm.mass_delete.create("Leads", cvid=view(world))
    elif family == "mass_change_owner":
        owner = Reference(world.member)
        outcome = await crm.mass_change_owner.create("Leads", view(world), owner)
    elif family == "lead_conversion":
        outcome = await crm.lead_conversion.convert_many([world.lead])
    else:
        to = module(world, "Invoices")
        outcome = await crm.inventory_conversion.convert_many("Quotes", [quote(world)], to)
    return outcome.job_id
