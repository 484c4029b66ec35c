"""The scope that is asked for, where it is not simply the words of the path."""

import pytest

from zohocrm_async._scope_words import needed_scopes, scope_of


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/settings/fields", "settings.fields.READ"),
        ("PATCH", "/settings/fields/{id}", "settings.fields.UPDATE"),
        ("GET", "/settings/fields/{id}/pick_list_values", "settings.fields.READ"),
        (
            "GET",
            "/settings/layouts/{layout_id}/map_dependency/{id}",
            "settings.map_dependency.READ",
        ),
        ("DELETE", "/settings/layouts/{id}/actions/activate", "settings.layouts.DELETE"),
        ("POST", "/settings/automation/scoring_rules", "settings.scoring_rules.CREATE"),
        ("GET", "/settings/holidays/{id}", "settings.business_hours.READ"),
        ("GET", "/settings/global_picklists", "settings.global_picklist.READ"),
        ("PUT", "/settings/portals/{portal}", "settings.clientportal.UPDATE"),
        (
            "POST",
            "/settings/territories/actions/transfer_and_delete",
            "settings.territories.DELETE",
        ),
        ("GET", "/org/currencies", "settings.currencies.READ"),
        ("GET", "/org", "org.READ"),
        ("GET", "/Contacts/roles", "modules.contacts.READ"),
        ("GET", "/__features/{feature}", "features.READ"),
        ("GET", "/__zia_org_enrichment", "settings.intelligence.READ"),
        ("POST", "/Events/{id}/actions/cancel", "modules.events.UPDATE"),
        ("POST", "/Leads/{id}/actions/convert", "modules.leads.CREATE"),
        ("GET", "/Leads/actions/mass_convert", "mass_convert.leads.READ"),
        ("GET", "/crm/bulk/{version}/backup", "bulk.backup.ALL"),
        ("PUT", "/settings/territories/{id}/users", "settings.territories.ALL"),
        ("GET", "/settings/territories/{id}/users", "settings.territories.READ"),
    ],
)
def test_a_path_of_the_organisation(method: str, path: str, scope: str) -> None:
    """The resource counts, not what is done with it."""
    assert scope_of(method, path, "") == f"ZohoCRM.{scope}"


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("POST", "/{module}", "modules.leads.CREATE"),
        ("POST", "/{module}/actions/add_tags", "modules.leads.UPDATE"),
        ("POST", "/{module}/{id}/actions/send_mail", "send_mail.leads.CREATE"),
        ("POST", "/{module}/{id}/actions/portal_invite", "settings.clientportal.CREATE"),
        ("PUT", "/{module}/actions/run_scoring_rules", "settings.scoring_rules.UPDATE"),
        ("GET", "/{module}/{id}/{related_list}", "modules.leads.READ"),
        ("DELETE", "/{module}/{id}/actions/share", "share.leads.DELETE"),
        ("POST", "/{module}/actions/mass_update", "mass_update.leads.UPDATE"),
        ("GET", "/{module}/actions/mass_update", "mass_update.leads.READ"),
        ("POST", "/{module}/actions/mass_delete", "mass_delete.leads.DELETE"),
        ("POST", "/{module}/actions/mass_convert", "mass_convert.leads.CREATE"),
        ("POST", "/{module}/actions/change_owner", "change_owner.CREATE"),
        ("GET", "/{module}/actions/mass_change_owner", "change_owner.READ"),
    ],
)
def test_a_path_of_records(method: str, path: str, scope: str) -> None:
    """The module is named in small letters."""
    assert scope_of(method, path, "Leads") == f"ZohoCRM.{scope}"


def test_modules_of_the_service_itself_are_named_without_their_ending() -> None:
    """Notes, services and appointments."""
    assert scope_of("GET", "/{module}", "Services__s") == "ZohoCRM.modules.services.READ"


def test_custom_modules_share_a_word() -> None:
    """Whatever they are called."""
    assert scope_of("GET", "/{module}", "{{module}}") == "ZohoCRM.modules.custom.READ"


@pytest.mark.parametrize(
    ("method", "path", "beside"),
    [
        ("GET", "/{module}/search", ["ZohoSearch.securesearch.READ"]),
        ("GET", "/{module}/{id}/Emails/{message_id}", ["ZohoCRM.modules.emails.READ"]),
        ("GET", "/{module}/{id}/Entity_Scores__s", ["ZohoCRM.modules.entity_scores.READ"]),
        ("POST", "/coql", ["ZohoCRM.modules.all.READ"]),
        ("POST", "/crm/bulk/{version}/read", ["ZohoCRM.modules.all.READ"]),
        ("PUT", "/settings/territories/{id}/users", ["ZohoCRM.users.ALL"]),
        ("GET", "/settings/territories/{id}/users/{user_id}", ["ZohoCRM.users.READ"]),
        ("DELETE", "/users/{id}/territories", ["ZohoCRM.settings.territories.DELETE"]),
        ("GET", "/users/{id}/territories", []),
        (
            "POST",
            "/{module}/{id}/actions/sign_mail_merge",
            ["ZohoWriter.documentEditor.ALL", "ZohoWriter.merge.ALL", "ZohoSign.documents.ALL"],
        ),
        ("POST", "/{module}/{id}/actions/send_mail", []),
    ],
)
def test_what_a_call_needs_beside_its_own_scope(method: str, path: str, beside: list[str]) -> None:
    """Of what else it reads, and of the other services that take part."""
    module = "Leads" if path.startswith("/{module}") else ""
    assert list(needed_scopes(method, path, module))[1:] == beside
