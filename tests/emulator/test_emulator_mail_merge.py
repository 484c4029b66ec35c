"""Mail merge: every documented key, and what is wrong with each."""

from typing import Any

import pytest
from direct import Direct, Got, add_lead, direct

from zohocrm_async.emulator import Emulator

TEMPLATE = {"mail_merge_template": {"name": "Letter"}}
ADDRESS = {"type": "email", "value": "jo@example.org"}


async def merge(org: Emulator, api: Direct, action: str, **keys: Any) -> Got:
    """Make something of a new lead's letter."""
    org.add_mail_merge_template("Letter", content="<p>Dear ${!Leads.Last_Name}</p>")
    given = {key: value for key, value in {**TEMPLATE, **keys}.items() if value is not None}
    path = f"/Leads/{add_lead(org)}/actions/{action}"
    return await api("POST", path, {action: [given]})


@pytest.mark.parametrize(
    ("action", "keys", "word", "place"),
    [
        ("send_mail_merge", {"mail_merge_template": None}, "MANDATORY_NOT_FOUND", ""),
        ("send_mail_merge", {"mail_merge_template": {}}, "EXPECTED_FIELD_MISSING", ".name"),
        (
            "send_mail_merge",
            {"mail_merge_template": {"id": "1"}},
            "EXPECTED_FIELD_MISSING",
            "mail_merge_template.name",
        ),
        (
            "send_mail_merge",
            {"mail_merge_template": {"name": "Other"}},
            "INVALID_DATA",
            "mail_merge_template.name",
        ),
        ("send_mail_merge", {"to_address": [{"value": "a"}]}, "MANDATORY_NOT_FOUND", ".type"),
        (
            "send_mail_merge",
            {"to_address": [{**ADDRESS, "value": "jo"}]},
            "INVALID_DATA",
            "to_address[0].value",
        ),
        (
            "send_mail_merge",
            {"cc_email": [{"type": "merge_field", "value": "Email"}]},
            "INVALID_DATA",
            "cc_email[0].value",
        ),
        (
            "send_mail_merge",
            {"bcc_email": [{"type": "merge_field", "value": "${!Leads.Phone}"}]},
            "INVALID_DATA",
            "bcc_email[0].value",
        ),
        ("send_mail_merge", {"from_address": ADDRESS}, "INVALID_DATA", "from_address.value"),
        ("send_mail_merge", {"subject": "x" * 256}, "INVALID_DATA", "subject"),
        ("send_mail_merge", {"message": "x" * 100_001}, "INVALID_DATA", "message"),
        ("send_mail_merge", {"type": "link"}, "INVALID_DATA", "type"),
        ("send_mail_merge", {"file_name": "a"}, "INVALID_DATA", "file_name"),
        ("sign_mail_merge", {}, "MANDATORY_NOT_FOUND", "file_name"),
        (
            "sign_mail_merge",
            {"file_name": "a", "signers": [{"recipient": ADDRESS}]},
            "MANDATORY_NOT_FOUND",
            "signers[0].recipient_name",
        ),
        (
            "sign_mail_merge",
            {
                "file_name": "a",
                "signers": [{"recipient": ADDRESS, "recipient_name": "Jo", "action_type": "read"}],
            },
            "INVALID_DATA",
            "signers[0].action_type",
        ),
        ("download_mail_merge", {"output_format": "odt"}, "INVALID_DATA", "output_format"),
        ("download_mail_merge", {"password": 1}, "INVALID_DATA", "password"),
    ],
)
async def test_what_is_wrong_is_named(action: str, keys: Any, word: str, place: str) -> None:
    async with direct() as (org, api):
        got = await merge(org, api, action, **keys)
        assert got.word == (400, word)
        path = got.item["details"]["json_path"]
        assert path.startswith(f"$.{action}[0].")
        assert path.endswith(place)
        assert org.mails == ()


async def test_one_a_call() -> None:
    async with direct() as (org, api):
        path = f"/Leads/{add_lead(org)}/actions/send_mail_merge"
        got = await api("POST", path, {"send_mail_merge": [TEMPLATE, TEMPLATE]})
        assert got.word == (400, "INVALID_DATA")
        assert (await api("POST", path, {})).word == (400, "MANDATORY_NOT_FOUND")


async def test_no_mail_of_the_day_is_taken() -> None:
    async with direct(mail_cap=0) as (org, api):
        assert (await merge(org, api, "send_mail_merge")).word == (200, "SUCCESS")


async def test_a_record_without_address_needs_a_recipient() -> None:
    async with direct() as (org, api):
        org.add_mail_merge_template("Letter")
        path = f"/Leads/{add_lead(org, Email=None)}/actions/send_mail_merge"
        got = await api("POST", path, {"send_mail_merge": [TEMPLATE]})
        assert got.word == (400, "INVALID_DATA")
        got = await api("POST", path, {"send_mail_merge": [{**TEMPLATE, "to_address": [ADDRESS]}]})
        assert got.status == 200


async def test_the_scope_is_that_of_mail_merge() -> None:
    async with direct() as (org, api):
        token = await api.token(org.credentials_with(scopes=["ZohoCRM.modules.ALL"]))
        headers = {"Authorization": f"Zoho-oauthtoken {token}"}
        path = f"/Leads/{add_lead(org)}/actions/send_mail_merge"
        got = await api("POST", path, {"send_mail_merge": [TEMPLATE]}, headers=headers)
        assert got.word == (401, "OAUTH_SCOPE_MISMATCH")
