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
    from zohocrm_async.api.automation import AssignmentRules, Cadences, ScoringRules, Signals
    from zohocrm_async.api.company import Currencies, Features, FiscalYears, TaxSettings
    from zohocrm_async.api.enrichment import Enrichments
    from zohocrm_async.api.fields import Fields
    from zohocrm_async.api.files import Files
    from zohocrm_async.api.functions import Functions
    from zohocrm_async.api.layouts import Layouts, MapDependencies
    from zohocrm_async.api.mail import Mails
    from zohocrm_async.api.merge import Merges
    from zohocrm_async.api.modules import CustomViews, Modules, RelatedLists
    from zohocrm_async.api.organization import Organization
    from zohocrm_async.api.picklists import GlobalPicklists
    from zohocrm_async.api.pipelines import Pipelines
    from zohocrm_async.api.portals import Portals
    from zohocrm_async.api.record_rules import DuplicateChecks, RecordLockingConfigurations
    from zohocrm_async.api.records import Records
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
    "assignment_rules": ("automation", "AssignmentRules"),
    "audit_log": ("administration", "AuditLog"),
    "business_hours": ("working_time", "BusinessHoursSettings"),
    "cadences": ("automation", "Cadences"),
    "contact_roles": ("administration", "ContactRoles"),
    "currencies": ("company", "Currencies"),
    "custom_views": ("modules", "CustomViews"),
    "digests": ("administration", "Digests"),
    "duplicate_checks": ("record_rules", "DuplicateChecks"),
    "email_templates": ("templates", "EmailTemplates"),
    "enrichment": ("enrichment", "Enrichments"),
    "features": ("company", "Features"),
    "fields": ("fields", "Fields"),
    "files": ("files", "Files"),
    "fiscal_year": ("company", "FiscalYears"),
    "functions": ("functions", "Functions"),
    "global_picklists": ("picklists", "GlobalPicklists"),
    "holidays": ("working_time", "Holidays"),
    "inventory_templates": ("templates", "InventoryTemplates"),
    "layouts": ("layouts", "Layouts"),
    "mail": ("mail", "Mails"),
    "map_dependencies": ("layouts", "MapDependencies"),
    "merge": ("merge", "Merges"),
    "modules": ("modules", "Modules"),
    "organization": ("organization", "Organization"),
    "pipelines": ("pipelines", "Pipelines"),
    "portals": ("portals", "Portals"),
    "preferences": ("administration", "Preferences"),
    "profiles": ("access", "Profiles"),
    "record_locking_configurations": ("record_rules", "RecordLockingConfigurations"),
    "records": ("records", "Records"),
    "recycle_bin": ("administration", "RecycleBin"),
    "related_lists": ("modules", "RelatedLists"),
    "roles": ("access", "Roles"),
    "scoring_rules": ("automation", "ScoringRules"),
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
        assignment_rules: AssignmentRules
        audit_log: AuditLog
        business_hours: BusinessHoursSettings
        cadences: Cadences
        contact_roles: ContactRoles
        currencies: Currencies
        custom_views: CustomViews
        digests: Digests
        duplicate_checks: DuplicateChecks
        email_templates: EmailTemplates
        enrichment: Enrichments
        features: Features
        fields: Fields
        files: Files
        fiscal_year: FiscalYears
        functions: Functions
        global_picklists: GlobalPicklists
        holidays: Holidays
        inventory_templates: InventoryTemplates
        layouts: Layouts
        mail: Mails
        map_dependencies: MapDependencies
        merge: Merges
        modules: Modules
        organization: Organization
        pipelines: Pipelines
        portals: Portals
        preferences: Preferences
        profiles: Profiles
        record_locking_configurations: RecordLockingConfigurations
        records: Records
        recycle_bin: RecycleBin
        related_lists: RelatedLists
        roles: Roles
        scoring_rules: ScoringRules
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


def operations() -> tuple[Operation, ...]:
    """Return every declared operation: the table behind prices, routes and listings."""
    return tuple(op for name in _FAMILIES for op in _load(name).operations.values())


@cache
def declarations() -> Mapping[str, Callable[..., Any]]:
    """Return the methods that declare the operations, by the operations' names."""
    return {
        operation.name: getattr(family, name)
        for family in map(_load, _FAMILIES)
        for name, operation in family.operations.items()
    }


@cache
def _routes() -> dict[tuple[str, int], tuple[tuple[tuple[str, ...], Operation], ...]]:
    """Group operations by method and number of segments, literal segments first."""
    groups: dict[tuple[str, int], list[tuple[tuple[str, ...], Operation]]] = {}
    for operation in operations():
        parts = tuple(operation.path.split("/"))
        groups.setdefault((operation.method, len(parts)), []).append((parts, operation))
    return {
        key: tuple(sorted(found, key=lambda pair: [part.startswith("{") for part in pair[0]]))
        for key, found in groups.items()
    }


def find_operation(method: str, path: str) -> Operation | None:
    """Return the declared operation of a path below ``/crm/{version}``, or None.

    A module's API name begins with a capital letter, which keeps ``/settings/...`` and
    the like from being taken for one.
    """
    parts = path.split("/")
    for template, operation in _routes().get((method, len(parts)), ()):
        if all(
            (t == "{module}" and part[:1].isupper())
            or (t != "{module}" and t[:1] == "{")
            or t == part
            for t, part in zip(template, parts, strict=True)
        ):
            return operation
    return None
