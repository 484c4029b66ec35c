"""The scope that is asked for, where it is not simply the words of the path."""

import pytest

from zohocrm_async._scope_words import scope_of


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
