"""Sample arguments for every operation, in a `World`."""

import datetime as dt
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import samples_attached
import samples_bulk
import samples_companions
import samples_notifications
import samples_records
import samples_together
from world import World

from zohocrm_async._wire import FormFile
from zohocrm_async.models import (
    Address,
    AuditLogRequest,
    BusinessHours,
    BusinessHoursType,
    DigestRequest,
    DuplicateCheck,
    DuplicateCheckModule,
    FieldMapping,
    FieldReference,
    GroupSource,
    Mail,
    MergeChild,
    ModuleReference,
    NewContactRole,
    NewCurrency,
    NewField,
    NewGlobalPicklist,
    NewHoliday,
    NewMapDependency,
    NewModule,
    NewOrganizationEnrichment,
    NewPersonEnrichment,
    NewPickListValue,
    NewPipeline,
    NewPortalUserType,
    NewProfile,
    NewRecordLockingConfiguration,
    NewRole,
    NewScoringRule,
    NewShiftHours,
    NewTag,
    NewTerritory,
    NewUnsubscribeLink,
    NewUser,
    NewUserGroup,
    NewUserUnavailability,
    NewVariable,
    NewWebForm,
    OrganizationFacts,
    PersonFacts,
    PicklistReplacement,
    PipelineTransfer,
    PortalInvite,
    Reference,
    TagDeletion,
    TerritoryTransfer,
    Transfer,
    UnsubscribeLinkChange,
    UserTransfer,
    UserTransferTarget,
    Weekday,
)

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def person(world: World) -> NewUser:
    """Return a user who may be invited."""
    return NewUser(
        last_name="Wray",
        email="wray@example.com",
        role=Reference(world.first("/settings/roles")),
        profile=Reference(world.first("/settings/profiles")),
    )


def transfer(world: World) -> UserTransfer:
    """Return what the second user hands over to the first."""
    return UserTransfer(
        id=world.member,
        transfer=UserTransferTarget(id=world.user),
        move_subordinate=Reference(world.user),
    )


def locking() -> NewRecordLockingConfiguration:
    """Return a locking configuration to create."""
    return NewRecordLockingConfiguration(lock_type="both")


def check() -> DuplicateCheck:
    """Return how leads are compared with contacts."""
    fields = FieldMapping(FieldReference("Email", "1"), FieldReference("Email", "2"))
    contacts = DuplicateCheckModule(ModuleReference("Contacts", "3"), (fields,))
    return DuplicateCheck("mapped_module_records", (contacts,))


def mail() -> Mail:
    """Return a mail that may be sent."""
    return Mail(
        from_=Address(email="crm@example.com"),
        to=[Address(email="stone@example.com")],
        subject="Hello",
        content="<p>Hello</p>",
    )


HOURS = BusinessHours(
    type=BusinessHoursType.CUSTOM,
    week_starts_on=Weekday.MONDAY,
    business_days=(Weekday.MONDAY, Weekday.TUESDAY),
)
LEADS = ModuleReference("Leads", "5")
Arguments = Callable[[World], Mapping[str, Any]]

# What the names of the arguments do not tell.
ARGUMENTS: Mapping[str, Arguments] = {
    **samples_attached.ARGUMENTS,
    **samples_bulk.ARGUMENTS,
    **samples_companions.ARGUMENTS,
    **samples_together.ARGUMENTS,
    "mail.send": lambda w: {"record_id": w.lead, "mail": mail()},
    "mail.get": lambda w: {"message_id": w.org.mails[-1].message_id},
    "merge.create": lambda w: {"master_id": w.lead, "children": [MergeChild(w.other)]},
    **samples_records.ARGUMENTS,
    "files.upload": lambda _: {"files": [FormFile("a.txt", b"x")]},
    "unsubscribe_links.create": lambda _: {"link": NewUnsubscribeLink(name="News")},
    "unsubscribe_links.update": lambda _: {"body": UnsubscribeLinkChange(name="News")},
    "unsubscribe_links.update_many": lambda w: {
        "changes": [UnsubscribeLinkChange(id=w.link, name="News")]
    },
    "modules.get": lambda _: {"name": "Leads"},
    "modules.update": lambda _: {"name": "Leads", "body": {"plural_label": "Prospects"}},
    "modules.update_many": lambda w: {
        "body": [{"id": w.first("/settings/modules"), "plural_label": "Prospects"}]
    },
    "modules.create": lambda w: {
        "body": NewModule(
            api_name="Boats",
            singular_label="Boat",
            plural_label="Boats",
            profiles=[Reference(w.first("/settings/profiles"))],
        )
    },
    "custom_views.sort": lambda _: {"body": {"sort_by": {"id": "1"}, "sort_order": "asc"}},
    "custom_views.sort_many": lambda w: {
        "body": [{"id": w.id_of("custom_views"), "sort_by": {"id": "1"}, "sort_order": "asc"}]
    },
    "fields.create": lambda _: {"body": [NewField(field_label="Shoe size", data_type="integer")]},
    "fields.update_many": lambda w: {"body": [{"id": w.id_of("fields"), "length": 20}]},
    "fields.delete": lambda w: {"id": w.custom_field},
    "fields.pick_list_values": lambda w: {"id": w.picklist_field},
    "global_picklists.create": lambda _: {
        "body": NewGlobalPicklist(
            display_label="Sizes", pick_list_values=[NewPickListValue(display_value="Small")]
        )
    },
    "global_picklists.replace_values": lambda _: {
        "body": [
            PicklistReplacement(
                old_value={"id": "77", "display_value": "Red"}, new_value={"id": "78"}
            )
        ]
    },
    "layouts.delete": lambda w: {
        "id": w.org.add_setting("/settings/layouts", {"name": "Own"}, scope="Leads"),
        "transfer_to": w.id_of("layouts"),
    },
    "layouts.deactivate": lambda w: {"transfer_to": w.id_of("layouts")},
    "map_dependencies.create": lambda _: {
        "body": NewMapDependency(
            parent=FieldReference("Country", "1"),
            child=FieldReference("City", "2"),
            pick_list_values=[{"id": "3", "maps": [{"id": "4"}]}],
        )
    },
    "pipelines.create": lambda w: {
        "body": NewPipeline(display_value="Partners", maps=[{"id": w.stages[0]}])
    },
    "pipelines.delete": lambda _: {"body": {"_delete": {"permanent": True}}},
    "pipelines.transfer": lambda w: {
        "body": [
            PipelineTransfer(
                pipeline=Transfer(
                    w.org.add_setting(
                        "/settings/pipeline", {"display_value": "Old"}, scope="LAYOUT"
                    ),
                    w.id_of("pipelines"),
                ),
                stages=[Transfer(w.stages[0], w.stages[1])],
            )
        ]
    },
    "record_locking_configurations.create": lambda _: {"body": locking()},
    "duplicate_checks.create": lambda _: {"duplicate_check_preference": check()},
    "duplicate_checks.update": lambda _: {"duplicate_check_preference": check()},
    "users.create": lambda w: {"body": person(w)},
    "users.transfer_and_delete": lambda w: {"id": w.member, "body": transfer(w)},
    "users.transfer_and_delete_many": lambda w: {"body": [transfer(w)]},
    "users.transfer_status": lambda w: {
        "job_id": w.org.add_setting("/users/actions/transfer_and_delete", {"status": "completed"})
    },
    "users.add_territories": lambda w: {"body": [Reference(w.territory)]},
    "user_unavailability.create": lambda w: {
        "body": NewUserUnavailability(user=Reference(w.user), from_=NOW, to=NOW)
    },
    "profiles.clone": lambda _: {"body": NewProfile(name="Sales")},
    "profiles.delete": lambda w: {
        "id": w.org.add_setting("/settings/profiles", {"name": "Own", "custom": True}),
        "transfer_to": w.first("/settings/profiles"),
    },
    "roles.create": lambda w: {
        "body": [NewRole(name="Seller", reporting_to=Reference(w.id_of("roles")))]
    },
    "roles.delete": lambda w: {"transfer_to_id": w.second("/settings/roles")},
    "user_groups.create": lambda w: {
        "body": NewUserGroup(
            name="Day", sources=[GroupSource(type="users", source=Reference(w.user))]
        )
    },
    "user_groups.of_user": lambda w: {"id": w.user},
    "user_groups.grouped_counts": lambda w: {"group": w.id_of("user_groups"), "group_by": "role"},
    "territories.create": lambda _: {
        "body": [NewTerritory(name="France", reporting_to=None, permission_type="read_only")]
    },
    "territories.transfer_and_delete": lambda w: {
        "body": TerritoryTransfer(transfer_to_id=w.second("/settings/territories"))
    },
    "territories.transfer_and_delete_many": lambda w: {
        "body": [
            TerritoryTransfer(id=w.territory, transfer_to_id=w.second("/settings/territories"))
        ]
    },
    "territories.add_users": lambda w: {"body": [Reference(w.member)]},
    "territories.add_user": lambda w: {"user_id": w.member},
    "territories.remove_users": lambda w: {"ids": [w.user]},
    **{
        f"territories.{name}": lambda w: {
            "body": [{"id": w.lead, "Territories": [{"id": w.territory}]}]
        }
        for name in ("assign", "remove")
    },
    **{
        f"territories.{name}_one": lambda w: {
            "id": w.lead,
            "body": {"Territories": [{"id": w.territory}]},
        }
        for name in ("assign", "remove")
    },
    "tags.create": lambda _: {"body": [NewTag(name="Cold")]},
    "tags.merge": lambda w: {
        "body": {"conflict_id": w.org.add_setting("/settings/tags", {"name": "C"}, scope="Leads")}
    },
    "tags.mass_delete": lambda w: {
        "body": TagDeletion(module=LEADS, tags=[Reference(w.id_of("tags"))])
    },
    "tags.mass_delete_status": lambda w: {
        "job_id": w.org.add_setting("/settings/tags/actions/mass_delete", {"status": "COMPLETED"})
    },
    **{
        f"tags.{name}": lambda w: {"ids": [w.lead, w.other], "tags": [NewTag(name="Hot")]}
        for name in ("add", "remove")
    },
    **{
        f"tags.{name}_one": lambda w: {"id": w.lead, "tags": [NewTag(name="Hot")]}
        for name in ("add", "remove")
    },
    "portals.create": lambda _: {"body": {"name": "shop"}},
    "portals.create_user_type": lambda _: {
        "body": NewPortalUserType(name="Guest", personality_module=LEADS, modules=[])
    },
    "portals.users": lambda _: {"type": "all"},
    "portals.delete_users": lambda _: {"personality_ids": ["9"]},
    "portals.transfer_users": lambda w: {"personality_ids": ["9"], "transfer_To": w.kind},
    "portals.change_status": lambda _: {"user_id": "9", "active": False},
    "portals.invite": lambda w: {"id": w.lead, "user_type_id": w.kind, "type": "invite"},
    "portals.invite_many": lambda w: {
        "invites": [PortalInvite(id=w.lead, user_type_id=w.kind, type="invite")]
    },
    "portals.invite_status": lambda w: {
        "job_id": w.org.add_setting(
            "/actions/portal_invite", {"job_id": "6", "status": "COMPLETED"}, scope="Leads"
        )
        and "6"
    },
    "currencies.create": lambda _: {"body": [NewCurrency(iso_code="USD", exchange_rate="1.1")]},
    "currencies.enable": lambda _: {
        "base_currency": NewCurrency(iso_code="USD", exchange_rate="1")
    },
    "currencies.update_base": lambda w: {
        "base_currency": {"id": w.id_of("currencies"), "symbol": "E"}
    },
    "taxes.get_one": lambda w: {"id": w.tax},
    "taxes.update": lambda _: {"org_taxes": {"taxes": [{"name": "VAT", "value": 21}]}},
    "features.get": lambda _: {"feature": "custom_field"},
    "fiscal_year.update": lambda _: {"fiscal_year": {"start_month": "April"}},
    "business_hours.create": lambda _: {"business_hours": HOURS},
    "business_hours.update": lambda _: {"business_hours": HOURS},
    "shift_hours.create": lambda _: {
        "body": [NewShiftHours(name="Day", same_as_everyday=True, shift_days=["Monday"])]
    },
    "holidays.create": lambda _: {
        "body": [NewHoliday(name="May Day", date=dt.date(2026, 5, 1), type="business_holiday")]
    },
    "cadences.enrol": lambda w: {"cadences_ids": [w.cadence], "ids": [w.lead]},
    "cadences.unenrol": lambda w: {"cadences_ids": [w.cadence], "ids": [w.lead]},
    "scoring_rules.create": lambda _: {"body": [NewScoringRule(name="Warmth", module=LEADS)]},
    "scoring_rules.scores": lambda _: {"fields": ["Score"], "cvid": "1"},
    "scoring_rules.score": lambda _: {"record_id": "8", "fields": ["Score"], "cvid": "1"},
    "scoring_rules.scores_of": lambda w: {"id": w.lead, "fields": ["Score"]},
    "variables.create": lambda w: {
        "body": [
            NewVariable(
                api_name="VAT",
                name="VAT",
                type="percent",
                variable_group=Reference(w.first("/settings/variable_groups")),
            )
        ]
    },
    "variables.group": lambda _: {"id": "General"},
    "audit_log.create": lambda _: {"body": AuditLogRequest()},
    "recycle_bin.get": lambda w: {"id": w.deleted},
    "recycle_bin.delete": lambda w: {"id": w.deleted},
    "recycle_bin.delete_many": lambda w: {"ids": [w.deleted]},
    "preferences.update_appointments": lambda _: {
        "appointment_preferences": {"show_job_sheet": False}
    },
    "preferences.update_services": lambda _: {"service_preferences": {"job_sheet_enabled": False}},
    "contact_roles.create": lambda _: {"body": [NewContactRole(name="Buyer", sequence_number=3)]},
    "digests.create": lambda w: {
        "body": [DigestRequest(record_id=w.lead, module="Leads", type="summary")]
    },
    "functions.run": lambda _: {"name": "tidy", "arguments": {"a": 1}},
    "functions.run_with": lambda _: {"name": "tidy", "body": {"a": 1}},
    "enrichment.organization": lambda w: {"id": w.first("/__zia_org_enrichment")},
    "enrichment.person": lambda w: {"id": w.first("/__zia_people_enrichment")},
    "enrichment.create_organizations": lambda _: {
        "body": [NewOrganizationEnrichment(enrich_based_on=OrganizationFacts("Acme"))]
    },
    "enrichment.create_people": lambda _: {
        "body": [NewPersonEnrichment(enrich_based_on=PersonFacts(name="Jo"))]
    },
    **samples_notifications.ARGUMENTS,
    "web_forms.create": lambda _: {
        "body": NewWebForm(name="Ask", module=LEADS, layout=Reference("1"))
    },
}


# What changes in a row, where it is not its name.
CHANGES: Mapping[str, Mapping[str, Any]] = {
    "global_picklists": {"display_label": "Other"},
    "map_dependencies": {"active": True},
    "pipelines": {"display_value": "Other"},
    "record_locking_configurations": {"lock_type": "both"},
    "user_unavailability": {"comments": "Other"},
}


def nothing(_: World) -> Mapping[str, Any]:
    """Return no arguments."""
    return {}


def arguments_of(name: str, method: Callable[..., Any], world: World) -> Mapping[str, Any]:
    """Return arguments for *method*: what its operation needs, and what their names tell."""
    family = name.partition(".")[0]
    special = ARGUMENTS.get(name, nothing)(world)
    own = world.id_of(family)
    change = CHANGES.get(family, {"name": "Other"})
    told: Mapping[str, Any] = {
        "module": "Leads",
        "layout_id": "LAYOUT",
        "id": own,
        "form_id": own,
        "ids": [own],
        "territory_id": world.territory,
        "user_id": world.user,
        "portal": "helpdesk",
        "user_type_id": world.kind,
        "body": [{"id": own, **change}] if name.endswith("_many") else change,
    }
    needed = [
        parameter.name
        for parameter in inspect.signature(method).parameters.values()
        if parameter.default is parameter.empty and parameter.name != "self"
    ]
    return {**{key: told[key] for key in needed if key not in special}, **special}
