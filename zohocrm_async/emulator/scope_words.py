"""Which scope the service asks for, by path and method."""

_ACTIONS = {"GET": "READ", "POST": "CREATE", "PUT": "UPDATE", "PATCH": "UPDATE", "DELETE": "DELETE"}
# Where the words are not those of the path; the first start that fits counts.
_WORDS = {
    "/__apis": "apis",
    "/__features": "features",
    "/__zia": "settings.intelligence",
    "/__composite_requests": "composite_requests",
    "/actions/watch": "notifications",
    "/coql": "coql",
    "/files": "files",
    "/org/currencies": "settings.currencies",
    "/org": "org",
    "/users": "users",
    "/Contacts/roles": "modules.contacts",
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
_OF_RECORDS = {
    "/actions/portal_invite": "settings.clientportal",
    "/actions/run_scoring_rules": "settings.scoring_rules",
}


def scope_of(method: str, path: str, module: str) -> str:
    """Return the scope that is listed for a path; *module* is its own, or ""."""
    action = _ACTIONS[method]
    word = "custom" if module == "{{module}}" else module.lower().replace("_", "")
    if path.endswith("/actions/send_mail"):
        return f"ZohoCRM.send_mail.{word}.CREATE"
    for end, words in _OF_RECORDS.items():
        if path.endswith(end):
            return f"ZohoCRM.{words}.{action}"
    if module:
        changes = path.endswith(("_tags", "_territories"))
        return f"ZohoCRM.modules.{word}.{'UPDATE' if changes else action}"
    for start, words in _WORDS.items():
        if path.startswith(start):
            return f"ZohoCRM.{words}.{action}"
    if path.startswith("/settings/territories") and path.endswith("/transfer_and_delete"):
        action = "DELETE"
    return f"ZohoCRM.{'.'.join(path.strip('/').split('/')[:2])}.{action}"
