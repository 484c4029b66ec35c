"""Endpoints: one module for each family, loaded on first use."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from zohocrm_async._endpoint import Caller, Operation, Resource

if TYPE_CHECKING:
    from zohocrm_async.api.access import Profiles, Roles, UserGroups
    from zohocrm_async.api.administration import (
        AuditLog,
        ContactRoles,
        Digests,
        Preferences,
        RecycleBin,
    )
    from zohocrm_async.api.apis import Apis
    from zohocrm_async.api.attachments import Attachments
    from zohocrm_async.api.automation import AssignmentRules, Cadences, ScoringRules, Signals
    from zohocrm_async.api.backup import Backups
    from zohocrm_async.api.blueprints import Blueprints
    from zohocrm_async.api.bulk_read import BulkReads
    from zohocrm_async.api.bulk_write import BulkWrites
    from zohocrm_async.api.company import Currencies, Features, FiscalYears, TaxSettings
    from zohocrm_async.api.composite import Composite
    from zohocrm_async.api.conversion import InventoryConversions, LeadConversions
    from zohocrm_async.api.coql import Coql
    from zohocrm_async.api.deal_contact_roles import DealContactRoles
    from zohocrm_async.api.email_drafts import EmailDrafts
    from zohocrm_async.api.enrichment import Enrichments
    from zohocrm_async.api.fields import Fields
    from zohocrm_async.api.files import Files
    from zohocrm_async.api.functions import Functions
    from zohocrm_async.api.layouts import Layouts, MapDependencies
    from zohocrm_async.api.mail import Mails
    from zohocrm_async.api.mail_merge import MailMerges
    from zohocrm_async.api.mass_actions import MassChangeOwner, MassDelete, MassUpdate
    from zohocrm_async.api.meetings import Meetings
    from zohocrm_async.api.merge import Merges
    from zohocrm_async.api.metadata import Metadata
    from zohocrm_async.api.modules import CustomViews, Modules, RelatedLists
    from zohocrm_async.api.notes import Notes
    from zohocrm_async.api.notifications import Notifications
    from zohocrm_async.api.organization import Organization
    from zohocrm_async.api.ownership import Ownership
    from zohocrm_async.api.photos import Photos
    from zohocrm_async.api.picklists import GlobalPicklists
    from zohocrm_async.api.pipelines import Pipelines
    from zohocrm_async.api.portals import Portals
    from zohocrm_async.api.record_locks import RecordLocks
    from zohocrm_async.api.record_rules import DuplicateChecks, RecordLockingConfigurations
    from zohocrm_async.api.records import Records
    from zohocrm_async.api.related_records import RelatedRecords
    from zohocrm_async.api.services import Appointments, RescheduledAppointments, Services
    from zohocrm_async.api.sharing import Shares
    from zohocrm_async.api.tags import Tags
    from zohocrm_async.api.templates import EmailTemplates, InventoryTemplates
    from zohocrm_async.api.territories import Territories
    from zohocrm_async.api.unsubscribe_links import UnsubscribeLinks
    from zohocrm_async.api.users import Users, UserUnavailabilities
    from zohocrm_async.api.variables import Variables
    from zohocrm_async.api.web_forms import WebForms
    from zohocrm_async.api.wizards import Wizards
    from zohocrm_async.api.working_time import BusinessHoursSettings, Holidays, Shifts

_FAMILIES = {
    "apis": ("apis", "Apis"),
    "appointments": ("services", "Appointments"),
    "assignment_rules": ("automation", "AssignmentRules"),
    "attachments": ("attachments", "Attachments"),
    "audit_log": ("administration", "AuditLog"),
    "backup": ("backup", "Backups"),
    "blueprints": ("blueprints", "Blueprints"),
    "bulk_read": ("bulk_read", "BulkReads"),
    "bulk_write": ("bulk_write", "BulkWrites"),
    "business_hours": ("working_time", "BusinessHoursSettings"),
    "cadences": ("automation", "Cadences"),
    "composite": ("composite", "Composite"),
    "contact_roles": ("administration", "ContactRoles"),
    "coql": ("coql", "Coql"),
    "currencies": ("company", "Currencies"),
    "custom_views": ("modules", "CustomViews"),
    "deal_contact_roles": ("deal_contact_roles", "DealContactRoles"),
    "digests": ("administration", "Digests"),
    "duplicate_checks": ("record_rules", "DuplicateChecks"),
    "email_drafts": ("email_drafts", "EmailDrafts"),
    "email_templates": ("templates", "EmailTemplates"),
    "enrichment": ("enrichment", "Enrichments"),
    "features": ("company", "Features"),
    "fields": ("fields", "Fields"),
    "files": ("files", "Files"),
    "fiscal_year": ("company", "FiscalYears"),
    "functions": ("functions", "Functions"),
    "global_picklists": ("picklists", "GlobalPicklists"),
    "holidays": ("working_time", "Holidays"),
    "inventory_conversion": ("conversion", "InventoryConversions"),
    "inventory_templates": ("templates", "InventoryTemplates"),
    "layouts": ("layouts", "Layouts"),
    "lead_conversion": ("conversion", "LeadConversions"),
    "mail": ("mail", "Mails"),
    "mail_merge": ("mail_merge", "MailMerges"),
    "map_dependencies": ("layouts", "MapDependencies"),
    "mass_change_owner": ("mass_actions", "MassChangeOwner"),
    "mass_delete": ("mass_actions", "MassDelete"),
    "mass_update": ("mass_actions", "MassUpdate"),
    "meetings": ("meetings", "Meetings"),
    "merge": ("merge", "Merges"),
    "metadata": ("metadata", "Metadata"),
    "modules": ("modules", "Modules"),
    "notes": ("notes", "Notes"),
    "notifications": ("notifications", "Notifications"),
    "organization": ("organization", "Organization"),
    "ownership": ("ownership", "Ownership"),
    "photos": ("photos", "Photos"),
    "pipelines": ("pipelines", "Pipelines"),
    "portals": ("portals", "Portals"),
    "preferences": ("administration", "Preferences"),
    "profiles": ("access", "Profiles"),
    "record_locking_configurations": ("record_rules", "RecordLockingConfigurations"),
    "record_locks": ("record_locks", "RecordLocks"),
    "records": ("records", "Records"),
    "recycle_bin": ("administration", "RecycleBin"),
    "related_lists": ("modules", "RelatedLists"),
    "related_records": ("related_records", "RelatedRecords"),
    "rescheduled_appointments": ("services", "RescheduledAppointments"),
    "roles": ("access", "Roles"),
    "scoring_rules": ("automation", "ScoringRules"),
    "services": ("services", "Services"),
    "shares": ("sharing", "Shares"),
    "shift_hours": ("working_time", "Shifts"),
    "signals": ("automation", "Signals"),
    "tags": ("tags", "Tags"),
    "taxes": ("company", "TaxSettings"),
    "territories": ("territories", "Territories"),
    "unsubscribe_links": ("unsubscribe_links", "UnsubscribeLinks"),
    "user_groups": ("access", "UserGroups"),
    "user_unavailability": ("users", "UserUnavailabilities"),
    "users": ("users", "Users"),
    "variables": ("variables", "Variables"),
    "web_forms": ("web_forms", "WebForms"),
    "wizards": ("wizards", "Wizards"),
}


def _load(family: str) -> type[Resource]:
    module, name = _FAMILIES[family]
    return cast("type[Resource]", getattr(import_module(f"{__name__}.{module}"), name))


class Families:
    """The families of endpoints, each made when it is first asked for."""

    if TYPE_CHECKING:
        apis: Apis
        appointments: Appointments
        assignment_rules: AssignmentRules
        attachments: Attachments
        audit_log: AuditLog
        backup: Backups
        blueprints: Blueprints
        bulk_read: BulkReads
        bulk_write: BulkWrites
        business_hours: BusinessHoursSettings
        cadences: Cadences
        composite: Composite
        contact_roles: ContactRoles
        coql: Coql
        currencies: Currencies
        custom_views: CustomViews
        deal_contact_roles: DealContactRoles
        digests: Digests
        duplicate_checks: DuplicateChecks
        email_drafts: EmailDrafts
        email_templates: EmailTemplates
        enrichment: Enrichments
        features: Features
        fields: Fields
        files: Files
        fiscal_year: FiscalYears
        functions: Functions
        global_picklists: GlobalPicklists
        holidays: Holidays
        inventory_conversion: InventoryConversions
        inventory_templates: InventoryTemplates
        layouts: Layouts
        lead_conversion: LeadConversions
        mail: Mails
        mail_merge: MailMerges
        map_dependencies: MapDependencies
        mass_change_owner: MassChangeOwner
        mass_delete: MassDelete
        mass_update: MassUpdate
        meetings: Meetings
        merge: Merges
        metadata: Metadata
        modules: Modules
        notes: Notes
        notifications: Notifications
        organization: Organization
        ownership: Ownership
        photos: Photos
        pipelines: Pipelines
        portals: Portals
        preferences: Preferences
        profiles: Profiles
        record_locking_configurations: RecordLockingConfigurations
        record_locks: RecordLocks
        records: Records
        recycle_bin: RecycleBin
        related_lists: RelatedLists
        related_records: RelatedRecords
        rescheduled_appointments: RescheduledAppointments
        roles: Roles
        scoring_rules: ScoringRules
        services: Services
        shares: Shares
        shift_hours: Shifts
        signals: Signals
        tags: Tags
        taxes: TaxSettings
        territories: Territories
        unsubscribe_links: UnsubscribeLinks
        user_groups: UserGroups
        user_unavailability: UserUnavailabilities
        users: Users
        variables: Variables
        web_forms: WebForms
        wizards: Wizards
    else:

        def __getattr__(self, name: str) -> Any:
            if name not in _FAMILIES:
                raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
            resource = _load(name)(cast("Caller", self))
            setattr(self, name, resource)
            return resource


def families() -> Mapping[str, type[Resource]]:
    """Return every family by its name on the client."""
    return {name: _load(name) for name in _FAMILIES}


def operations() -> tuple[Operation, ...]:
    """Return every declared operation: the table behind prices, routes and listings."""
    return tuple(op for family in families().values() for op in family.operations.values())


@cache
def declarations() -> Mapping[str, Callable[..., Any]]:
    """Return the methods that declare the operations, by the operations' names."""
    return {
        operation.name: getattr(family, name)
        for family in families().values()
        for name, operation in family.operations.items()
    }


NAMED = frozenset({"{module}", "{related_list}"})
"""Places of paths that hold an API name."""


@cache
def _shapes() -> dict[tuple[str, int], tuple[tuple[tuple[str, ...], str], ...]]:
    """Group names of operations by method and number of segments, literal segments first."""
    from zohocrm_async.api._paths import PATHS  # noqa: PLC0415  # loads on first use

    groups: dict[tuple[str, int], list[tuple[tuple[str, ...], str]]] = {}
    for line in PATHS.splitlines():
        method, path, name = line.split()
        parts = tuple(path.split("/"))
        groups.setdefault((method, len(parts)), []).append((parts, name))
    return {
        key: tuple(sorted(found, key=lambda pair: [part.startswith("{") for part in pair[0]]))
        for key, found in groups.items()
    }


def find_operation(method: str, path: str) -> Operation | None:
    """Return the declared operation of a path below ``/crm/{version}``, or None.

    API names of modules and related lists begin with a capital letter, which keeps
    ``/settings/...``, ``/Leads/1/actions/...`` and the like from being taken for one.
    """
    parts = path.split("/")
    for template, name in _shapes().get((method, len(parts)), ()):
        if all(
            (t in NAMED and part[:1].isupper()) or (t not in NAMED and t[:1] == "{") or t == part
            for t, part in zip(template, parts, strict=True)
        ):
            declared = _load(name.partition(".")[0]).operations.values()
            return next((known for known in declared if known.name == name), None)
    return None
