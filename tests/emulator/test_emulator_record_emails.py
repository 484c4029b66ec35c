"""E-mails from elsewhere, files of e-mails, unblocking: every documented key and error."""

from collections.abc import Mapping
from typing import Any

import pytest
from direct import Direct, Got, add_lead, direct

EMAIL: Mapping[str, Any] = {
    "from": {"email": "jo@example.org"},
    "to": [{"email": "crm@example.com", "user_name": "Ines"}],
    "subject": "An order",
    "content": "Ten",
    "date_time": "2026-03-02T09:00:00+00:00",
    "sent": True,
    "original_message_id": "<1@example.org>",
}


async def associate(api: Direct, record: str, module: str = "Leads", **keys: Any) -> Got:
    """Associate an e-mail; *keys* change it or take a key away (None)."""
    email = {key: value for key, value in {**EMAIL, **keys}.items() if value is not None}
    path = f"/{module}/{record}/actions/associate_email"
    return await api("POST", path, {"Emails": [email]})


class TestAssociation:
    """One e-mail a call, with all that tells it."""

    async def test_it_is_answered_with_a_message_id(self) -> None:
        async with direct() as (org, api):
            got = await associate(api, add_lead(org))
            assert (got.status, len(got.item["details"]["message_id"])) == (201, 64)

    @pytest.mark.parametrize("key", list(EMAIL))
    async def test_a_key_that_is_missing(self, key: str) -> None:
        async with direct() as (org, api):
            without: dict[str, Any] = {key: None}
            got = await associate(api, add_lead(org), **without)
            assert got.word == (400, "MANDATORY_NOT_FOUND")
            assert got.item["details"]["json_path"] == f"$.Emails[0].{key}"

    @pytest.mark.parametrize(
        ("key", "value", "place"),
        [
            ("from", "jo@example.org", "from"),
            ("to", [{"email": "nobody"}], "to[0].email"),
            ("cc", {}, "cc"),
            ("subject", "x" * 251, "subject"),
            ("date_time", "2026-03-02", "date_time"),
            ("sent", "true", "sent"),
            ("mail_format", "rtf", "mail_format"),
            ("attachments", [{"id": "404"}], "attachments[0].id"),
            ("linked_record", {"id": "1"}, "linked_record.module"),
            ("flags", [], "flags"),
        ],
    )
    async def test_a_value_that_does_not_fit(self, key: str, value: Any, place: str) -> None:
        async with direct() as (org, api):
            got = await associate(api, add_lead(org), **{key: value})
            assert got.status == 400
            assert got.item["code"] in {"INVALID_DATA", "MANDATORY_NOT_FOUND"}
            assert got.item["details"]["json_path"] == f"$.Emails[0].{place}"

    async def test_one_a_call(self) -> None:
        async with direct() as (org, api):
            path = f"/Leads/{add_lead(org)}/actions/associate_email"
            got = await api("POST", path, {"Emails": [EMAIL, EMAIL]})
            assert got.word == (400, "INVALID_DATA")
            assert got.body["details"]["maximum_length"] == 1

    async def test_vendors_and_tasks_have_none(self) -> None:
        async with direct() as (org, api):
            for module, row in (("Vendors", {"Vendor_Name": "V"}), ("Tasks", {"Subject": "T"})):
                [record] = org.add_records(module, [row])
                assert (await associate(api, record, module)).word == (400, "INVALID_MODULE")


class TestFiles:
    """Told by message, user, id and name."""

    async def test_id_and_name_go_together(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            made = await api.send(lead)
            query = {"message_id": made.item["details"]["message_id"]}
            path = f"/Leads/{lead}/Emails/actions/download_attachments"
            assert (await api("GET", path, **query)).word == (400, "REQUIRED_PARAM_MISSING")
            query["user_id"] = org.state.owner["id"]
            assert (await api("GET", path, **query)).status == 204
            got = await api("GET", path, **query, id="1")
            assert got.word == (400, "MANDATORY_NOT_FOUND")
            assert got.body["details"] == {"param_name": "name"}

    async def test_an_image_that_is_not_shown(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            made = await api.send(lead)
            path = f"/Leads/{lead}/Emails/actions/download_inline_images"
            message, user = made.item["details"]["message_id"], org.state.owner["id"]
            got = await api("GET", path, message_id=message, user_id=user, id="1")
            assert got.word == (400, "INVALID_DATA")
            got = await api("GET", path, message_id=message, user_id=user)
            assert got.word == (400, "REQUIRED_PARAM_MISSING")

    async def test_the_owner_reads_by_imap(self) -> None:
        async with direct() as (org, api):
            got = await api("GET", f"/Leads/{add_lead(org)}/__emails_sharing_details")
            assert got.item["share_from_users"] == [
                {"id": org.state.owner["id"], "name": org.state.owner["name"], "_type": "imap"}
            ]
            got = await api("GET", "/Leads/404/__emails_sharing_details")
            assert got.word == (400, "INVALID_DATA")


class TestUnblocking:
    """Two fields, and nothing beside them."""

    @pytest.mark.parametrize(
        ("body", "word", "name"),
        [
            ({}, "MANDATORY_NOT_FOUND", "unblock_fields"),
            ({"unblock_fields": "Email"}, "INVALID_DATA", "unblock_fields"),
            ({"unblock_fields": []}, "INVALID_DATA", "unblock_fields"),
            ({"unblock_fields": ["Phone"]}, "INVALID_DATA", "unblock_fields"),
            ({"unblock_fields": ["Email"], "ids": ["1"]}, "INVALID_DATA", "ids"),
        ],
    )
    async def test_of_one_record(self, body: Any, word: str, name: str) -> None:
        async with direct() as (org, api):
            got = await api("POST", f"/Leads/{add_lead(org)}/actions/unblock_email", body)
            assert (got.word, got.body["details"]["api_name"]) == ((400, word), name)

    async def test_of_many(self) -> None:
        async with direct() as (_, api):
            path = "/Leads/actions/unblock_email"
            got = await api("POST", path, {"unblock_fields": ["Email"]})
            assert got.word == (400, "MANDATORY_NOT_FOUND")
            ids = [str(n) for n in range(501)]
            got = await api("POST", path, {"ids": ids, "unblock_fields": ["Email"]})
            assert got.word == (400, "LIMIT_EXCEEDED")

    async def test_what_did_not_bounce_stays_as_it_is(self) -> None:
        async with direct() as (org, api):
            path = f"/Leads/{add_lead(org)}/actions/unblock_email"
            for _ in range(6):
                got = await api("POST", path, {"unblock_fields": ["Email", "Secondary_Email"]})
                assert got.word == (200, "SUCCESS")

    async def test_vendors_cannot_be_unblocked(self) -> None:
        async with direct() as (_, api):
            got = await api("POST", "/Vendors/1/actions/unblock_email", {"unblock_fields": []})
            assert got.word == (400, "INVALID_MODULE")
