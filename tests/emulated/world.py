"""An organisation with one of everything."""

from collections.abc import Mapping
from typing import Any

from zohocrm_async.emulator import Emulator
from zohocrm_async.emulator.seeds import plant_all
from zohocrm_async.emulator.store import SettingsStore
from zohocrm_async.emulator.unsubscribe_links import add_default_link

# What is not there from the start: path, scope, row.
FURNITURE: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "/settings/wizards": ("", {"name": "Welcome", "containers": [{"id": "1", "screens": []}]}),
    "/settings/global_picklists": (
        "",
        {
            "display_label": "Colours",
            "api_name": "Colours",
            "pick_list_values": [{"id": "77", "display_value": "Red", "actual_value": "Red"}],
        },
    ),
    "/settings/record_locking_configurations": ("Leads", {"lock_type": "both"}),
    "/settings/duplicate_check_preference": ("Leads", {"type": "converted_records"}),
    "/settings/users_unavailability": ("", {"from": "2026-03-02T09:00:00+00:00"}),
    "/settings/user_groups": ("", {"name": "Night shift"}),
    "/settings/territories": ("", {"name": "Ireland", "permission_type": "read_only"}),
    "/settings/tags": ("Leads", {"name": "Hot", "color_code": "#57B1FD"}),
    "/settings/portals": ("", {"name": "helpdesk", "active": True}),
    "/settings/portals/helpdesk/user_type": ("", {"name": "Client", "active": True}),
    "/settings/business_hours/shift_hours": ("", {"name": "Night", "shift_days": ["Monday"]}),
    "/settings/holidays": ("", {"name": "New Year", "date": "2026-01-01", "year": 2026}),
    "/settings/automation/assignment_rules": (
        "",
        {"name": "Round", "module": {"api_name": "Leads", "id": "5"}},
    ),
    "/settings/automation/cadences": ("", {"name": "Warm", "active": True}),
    "/settings/automation/scoring_rules": ("", {"name": "Fit", "active": True}),
    "/settings/signals": ("", {"display_label": "Visit", "namespace": "visit"}),
    "/settings/variables": ("", {"name": "Rate", "api_name": "Rate", "type": "percent"}),
    "/settings/audit_log_export": ("", {"status": "finished", "download_links": ["x"]}),
    "/actions/watch": (
        "",
        {
            "id": "1000000068001",
            "channel_id": "1000000068001",
            "events": ["Leads.all"],
            "notify_url": "http://127.0.0.1:9/hook",
            "channel_expiry": "2100-01-01T00:00:00+00:00",
        },
    ),
    "/settings/webforms": ("Leads", {"name": "Contact us", "active": True}),
    "/settings/zia/data_enrichment": ("", {"type": "organization", "status": True}),
    "/__zia_org_enrichment": ("", {"status": "COMPLETED", "enriched_data": {"name": "Acme"}}),
    "/__zia_people_enrichment": ("", {"status": "COMPLETED", "enriched_data": {}}),
    "/settings/layouts/LAYOUT/map_dependency": (
        "",
        {"parent": {"api_name": "Country", "id": "1"}, "child": {"api_name": "City", "id": "2"}},
    ),
}
# Where the ids of a family come from, if its own list does not say.
PATHS = {
    "custom_views": ("/settings/custom_views", "Leads"),
    "related_lists": ("/settings/related_lists", "Leads"),
    "fields": ("/settings/fields", "Leads"),
    "layouts": ("/settings/layouts", "Leads"),
    "pipelines": ("/settings/pipeline", "LAYOUT"),
    "map_dependencies": ("/settings/layouts/LAYOUT/map_dependency", ""),
    "wizards": ("/settings/wizards", ""),
    "global_picklists": ("/settings/global_picklists", ""),
    "record_locking_configurations": ("/settings/record_locking_configurations", "Leads"),
    "users": ("/users", ""),
    "user_unavailability": ("/settings/users_unavailability", ""),
    "profiles": ("/settings/profiles", ""),
    "roles": ("/settings/roles", ""),
    "user_groups": ("/settings/user_groups", ""),
    "territories": ("/settings/territories", ""),
    "tags": ("/settings/tags", "Leads"),
    "currencies": ("/org/currencies", ""),
    "shift_hours": ("/settings/business_hours/shift_hours", ""),
    "holidays": ("/settings/holidays", ""),
    "assignment_rules": ("/settings/automation/assignment_rules", ""),
    "scoring_rules": ("/settings/automation/scoring_rules", ""),
    "variables": ("/settings/variables", ""),
    "audit_log": ("/settings/audit_log_export", ""),
    "contact_roles": ("/Contacts/roles", ""),
    "web_forms": ("/settings/webforms", "Leads"),
}


class World:
    """An organisation with one of everything, and the ids of what is in it."""

    def __init__(self, org: Emulator) -> None:
        self.org = org
        org.state.settings = SettingsStore()
        plant_all(org.state)
        org.state.unsubscribe_links.clear()
        add_default_link(org.state)
        self.lead, self.other = org.add_records(
            "Leads",
            [{"Last_Name": "Stone", "Email": "stone@example.com"}, {"Last_Name": "Reed"}],
        )
        settings = org.state.settings
        for path, (scope, row) in FURNITURE.items():
            org.add_setting(path, row, scope=scope)
        org.add_setting("/settings/layouts", {"id": "LAYOUT", "name": "Main"}, scope="Leads")
        [pipeline] = settings.rows("/settings/pipeline", "LAYOUT").values()
        self.stages = [stage["id"] for stage in pipeline["maps"]]
        self.kind = self.first("/settings/portals/helpdesk/user_type")
        self.user, self.territory = self.first("/users"), self.first("/settings/territories")
        self.member = org.add_setting("/users", {"email": "a@example.com", "status": "active"})
        settings.rows("members")[self.territory] = {"users": {self.user}}
        org.add_setting(
            "/settings/territories",
            {"name": "Dublin", "reporting_to": {"id": self.territory, "name": "Ireland"}},
        )
        group = settings.rows("/settings/user_groups")[self.first("/settings/user_groups")]
        group["sources"] = [{"type": "users", "source": {"id": self.user, "name": "Ines"}}]
        org.add_setting(
            "portal users", {"id": "9", "personality_id": "9", "name": "Pat"}, scope=self.kind
        )
        org.add_setting(
            "/Entity_Scores__s", {"id": "8", "Score": 5, "Entity": {"id": self.lead, "name": "S"}}
        )

        fields = settings.rows("/settings/fields", "Leads").values()
        self.picklist_field = next(f["id"] for f in fields if f["data_type"] == "picklist")
        self.custom_field = org.add_setting(
            "/settings/fields",
            {"api_name": "Own", "field_label": "Own", "custom_field": True},
            scope="Leads",
        )
        [taxes] = settings.rows("/org/taxes").values()
        self.tax = taxes["taxes"][0]["id"]
        self.cadence = self.first("/settings/automation/cadences")
        self.found = ""  # the id of what was made for one operation
        self.link = next(iter(org.state.unsubscribe_links))
        [self.deleted] = org.add_records("Leads", [{"Last_Name": "Gone"}])
        org.state.remove("Leads", self.deleted)

    def first(self, path: str, scope: str = "") -> str:
        """Return the first id of a collection."""
        return next(iter(self.org.state.settings.rows(path, scope)))

    def second(self, path: str) -> str:
        """Return an id that is not the first."""
        return list(self.org.state.settings.rows(path))[1]

    def id_of(self, family: str) -> str:
        """Return the id of something of a family; of the families of records, a lead's."""
        return self.first(*PATHS[family]) if family in PATHS else self.lead
