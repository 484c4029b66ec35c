"""A token is let in where its scopes lead."""

import pytest
from direct import Direct, add_lead, direct

SEND = ("POST", "/Leads/{lead}/actions/send_mail")
MERGE = ("POST", "/Leads/{lead}/actions/merge")
LIST = ("GET", "/Leads/{lead}")
SEARCH = ("GET", "/Leads/search?word=stone")
EMAILS = ("GET", "/Leads/{lead}/Emails")
QUERY = ("POST", "/coql")
LINK = ("DELETE", "/settings/unsubscribe_links/1")


@pytest.mark.parametrize(
    ("call", "scopes", "allowed"),
    [
        (SEND, ["ZohoCRM.send_mail.leads.CREATE"], True),
        (SEND, ["ZohoCRM.send_mail.all.CREATE"], True),
        (SEND, ["ZohoCRM.send_mail.contacts.CREATE"], False),
        (SEND, ["ZohoCRM.modules.ALL"], False),
        (MERGE, ["ZohoCRM.modules.leads.WRITE"], True),
        (MERGE, ["ZohoCRM.modules.leads.CREATE"], True),
        (MERGE, ["ZohoCRM.modules.leads.ALL"], True),
        (MERGE, ["ZohoCRM.modules.ALL"], True),
        (MERGE, ["ZohoCRM.modules.leads.READ"], False),
        (("GET", "/Potentials/1"), ["ZohoCRM.modules.deals.READ"], True),
        (LIST, ["ZohoCRM.modules.leads.READ"], True),
        (LIST, ["ZohoCRM.modules.READ"], True),
        (LIST, ["ZohoCRM.modules.leads.CREATE"], False),
        (LIST, ["ZohoCRM.modules.contacts.ALL"], False),
        (SEARCH, ["ZohoCRM.modules.ALL"], False),
        (SEARCH, ["ZohoCRM.modules.ALL", "ZohoSearch.securesearch.READ"], True),
        (LINK, ["ZohoCRM.settings.unsubscribe.DELETE"], True),
        (LINK, ["ZohoCRM.settings.unsubscribe.ALL"], True),
        (LINK, ["ZohoCRM.settings.ALL"], True),
        (LINK, ["ZohoCRM.settings.unsubscribe.READ"], False),
        (("GET", "/__apis"), ["ZohoCRM.apis.READ"], True),
        (("GET", "/__apis"), ["ZohoCRM.modules.ALL"], False),
        (("GET", "/org"), ["ZohoCRM.org.READ"], True),
        (("POST", "/files"), ["ZohoCRM.Files.CREATE"], True),
        (("GET", "/settings/email_templates"), ["ZohoCRM.templates.email.READ"], True),
        (("GET", "/settings/inventory_templates"), ["ZohoCRM.templates.email.READ"], False),
        (
            ("GET", "/settings/emails/actions/from_addresses"),
            ["ZohoCRM.settings.emails.READ"],
            True,
        ),
        (EMAILS, ["ZohoCRM.modules.leads.READ"], False),
        (EMAILS, ["ZohoCRM.modules.leads.READ", "ZohoCRM.modules.emails.READ"], True),
        (QUERY, ["ZohoCRM.coql.READ"], False),
        (QUERY, ["ZohoCRM.coql.READ", "ZohoCRM.modules.leads.READ"], True),
        (("GET", "/Boats/1"), ["ZohoCRM.modules.custom.READ"], True),
        (("GET", "/Boats/1"), ["ZohoCRM.modules.leads.READ"], False),
    ],
)
async def test_a_missing_scope_is_told_before_anything_is_done(
    call: tuple[str, str], scopes: list[str], allowed: bool
) -> None:
    """401 OAUTH_SCOPE_MISMATCH, for nothing."""
    async with direct() as (org, api):
        org.state.add_module("Boats")
        lead = add_lead(org)
        token = await api.token(org.credentials_with(scopes=scopes))
        method, path = call
        headers = {"Authorization": f"Zoho-oauthtoken {token}"}
        url = f"{org.url}/crm/v7{path.format(lead=lead)}"
        async with api.session.request(method, url, headers=headers) as answer:
            refused = answer.status == 401
            assert refused is not allowed
            if refused:
                assert (await answer.json(content_type=None))["code"] == "OAUTH_SCOPE_MISMATCH"
        assert bool(org.credits_used) is allowed


async def test_the_organisations_own_credentials_have_every_scope() -> None:
    """So that tests need not think of them."""
    async with direct() as (org, api):
        assert (await Direct(org, api.session)("GET", "/Leads/search", word="a")).status == 204
