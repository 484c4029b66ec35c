"""Which scopes the service asks for, by path and method."""

import re
from collections.abc import Mapping

from zohocrm_async._module_names import KNOWN_MODULES

_ACTIONS = {"GET": "READ", "POST": "CREATE", "PUT": "UPDATE", "PATCH": "UPDATE", "DELETE": "DELETE"}
# Where the words are not those of the path; the first start that fits counts.
_WORDS = {
    "/__apis": "apis",
    "/__features": "features",
    "/__zia": "settings.intelligence",
    "/__composite_requests": "composite_requests",
    "/actions/watch": "notifications",
    "/coql": "coql",
    "/crm/bulk/{version}/backup": "bulk.backup",
    "/crm/bulk": "bulk",
    "/files": "files",
    "/org/currencies": "settings.currencies",
    "/org": "org",
    "/users": "users",
    "/Contacts/roles": "modules.contacts",
    "/Events/": "modules.events",
    "/Leads/actions/mass_convert": "mass_convert.leads",
    "/Leads/": "modules.leads",
    "/Entity_Scores__s": "modules.entity_scores",
    "/settings/appointment_preferences": "org",
    "/settings/audit_log_export": "settings.audit_logs",
    "/settings/automation/assignment_rules": "settings.assignment_rules",
    "/settings/automation/cadences": "settings.cadences",
    "/settings/automation/scoring_rules": "settings.scoring_rules",
    "/settings/email_templates": "templates.email",
    "/settings/global_picklists": "settings.global_picklist",
    "/settings/holidays": "settings.business_hours",
    "/settings/inventory_templates": "templates.inventory",
    "/settings/layouts/{layout_id}/map_dependency": "settings.map_dependency",
    "/settings/portals": "settings.clientportal",
    "/settings/service_preferences": "settings.modules",
    "/settings/unsubscribe_link": "settings.unsubscribe",
    "/settings/zia": "Zia.enrichment",
}
_PORTAL_USERS = "/settings/portals/{portal}/user_type/{user_type_id}/users"
# Paths that ask for another action than their methods do.
_OF_PATHS = {
    "/crm/bulk/{version}/backup": "ALL",
    "/crm/bulk/{version}/backup/history": "ALL",
    "/crm/bulk/{version}/backup/urls": "ALL",
    "/crm/bulk/{version}/backup/{id}/actions/cancel": "ALL",
    f"{_PORTAL_USERS}/action/transfer": "UPDATE",
    f"{_PORTAL_USERS}/{{user_id}}/actions/change_status": "ALL",
    "/settings/territories/actions/associated_users_count": "ALL",
    "/crm/bulk/{version}/read": "READ",
    "/coql": "READ",
    "/__composite_requests": "CUSTOM",
    "/Events/{id}/actions/cancel": "UPDATE",
}
# Actions on records whose scopes name the module after a word of their own.
_WITH_MODULE = {
    "/actions/share": ("share", None),
    "/actions/mass_convert": ("mass_convert", None),
    "/actions/mass_delete": ("mass_delete", "DELETE"),
    "/actions/mass_update": ("mass_update", "UPDATE"),
}
# What calls need beside their own scope, by method and path.
ANY_MODULE = "ZohoCRM.modules.all.READ"
_BESIDE: Mapping[str, tuple[str, ...]] = {
    r"/search$": ("ZohoSearch.securesearch.READ",),
    r" /coql| /crm/bulk/{version}/read| /Entity_Scores__s": (ANY_MODULE,),
    r"}/Entity_Scores__s": ("ZohoCRM.modules.entity_scores.READ",),
    r"}/Emails": ("ZohoCRM.modules.emails.READ",),
    r"_mail_merge$": ("ZohoWriter.documentEditor.ALL", "ZohoWriter.merge.ALL"),
    r"/send_mail_merge$": ("ZohoCRM.settings.emails.ALL",),
    r"/sign_mail_merge$": ("ZohoSign.documents.ALL",),
    r" /settings/territories/.*users": ("ZohoCRM.users.{action}",),
    r"(PUT|DELETE) /users/{id}/territories": ("ZohoCRM.settings.territories.{action}",),
    r" /users/{id}/actions/associated_groups": ("ZohoCRM.settings.user_groups.{action}",),
}
_OF_RECORDS = {
    "/actions/portal_invite": "settings.clientportal",
    "/actions/change_owner": "change_owner",
    "/actions/mass_change_owner": "change_owner",
    "/actions/run_scoring_rules": "settings.scoring_rules",
    "/actions/associate_email": "modules.emails",
    "_mail_merge": "settings.mailmerge",
}


def needed_scopes(method: str, path: str, module: str) -> tuple[str, ...]:
    """Return the scopes that a call needs, all of them; *module* is its own, or ""."""
    known = module if not module or module in KNOWN_MODULES else "{{module}}"
    scope = scope_of(method, path, "Deals" if module == "Potentials" else known)
    action = scope.rpartition(".")[2]
    return scope, *(
        more.format(action=action)
        for pattern, beside in _BESIDE.items()
        if re.search(pattern, f"{method} {path}")
        for more in beside
    )


def scope_of(method: str, path: str, module: str) -> str:
    """Return the scope that is listed for a path; *module* is its own, or ""."""
    action = _OF_PATHS.get(path) or _ACTIONS[method]
    if path == "/upload":
        return "ZohoFiles.files.ALL"
    if path.startswith("/crm/bulk/{version}/write"):
        action = "CREATE"
    if path.startswith("/settings/territories/{id}/users") and method != "GET":
        action = "ALL"
    name = module.removesuffix("__s").lower().replace("_", "")
    word = "custom" if module == "{{module}}" else name
    if path.endswith("/actions/send_mail"):
        return f"ZohoCRM.send_mail.{word}.CREATE"
    special = _of_records(method, path, word, action)
    if special is not None:
        return special
    if module:
        changes = path.endswith(("_tags", "_territories", "/unblock_email"))
        return f"ZohoCRM.modules.{word}.{'UPDATE' if changes else action}"
    for start, words in _WORDS.items():
        if path.startswith(start):
            return f"ZohoCRM.{words}.{action}"
    if path.startswith("/settings/territories") and path.endswith("/transfer_and_delete"):
        action = "DELETE"
    return f"ZohoCRM.{'.'.join(path.strip('/').split('/')[:2])}.{action}"


def _of_records(method: str, path: str, word: str, action: str) -> str | None:
    """Return the scope of an action on records, where it is not that of their module."""
    for end, words in _OF_RECORDS.items():
        if path.endswith(end):
            return f"ZohoCRM.{words}.{action}"
    for end, (words, posted) in _WITH_MODULE.items() if word else ():
        if path.endswith(end):
            own = posted if posted and method == "POST" else action
            return f"ZohoCRM.{words}.{word}.{own}"
    return None
