"""Drafts: every documented key, and what is wrong with each."""

from typing import Any

import pytest
from direct import SENDER, add_lead, direct

DRAFT = {"from": SENDER, "rich_text": True}


@pytest.mark.parametrize(
    ("keys", "word", "place"),
    [
        ({"from": None}, "MANDATORY_NOT_FOUND", "from"),
        ({"rich_text": None}, "MANDATORY_NOT_FOUND", "rich_text"),
        ({"from": {"email": SENDER}}, "INVALID_DATA", "from"),
        ({"from": "other@example.com"}, "INVALID_DATA", "from"),
        ({"rich_text": "yes"}, "INVALID_DATA", "rich_text"),
        ({"to": [{"user_name": "Jo"}]}, "MANDATORY_NOT_FOUND", "to[0].email"),
        ({"to": [{"email": "jo"}]}, "INVALID_DATA", "to[0].email"),
        ({"cc": [{"email": "a@example.com"}] * 101}, "INVALID_DATA", "cc"),
        ({"reply_to": "jo"}, "INVALID_DATA", "reply_to"),
        ({"subject": "x" * 513}, "INVALID_DATA", "subject"),
        ({"attachments": [{"file_name": "a"}]}, "MANDATORY_NOT_FOUND", "attachments[0].id"),
        (
            {"attachments": [{"id": "404", "file_name": "a", "service_name": "ZFSAttached"}]},
            "INVALID_DATA",
            "attachments[0].id",
        ),
        ({"template": {"id": "404"}}, "INVALID_DATA", "template.id"),
        ({"schedule_details": {}}, "MANDATORY_NOT_FOUND", "schedule_details.time"),
        (
            {"schedule_details": {"time": "2026-03-02T09:00:00Z", "source": "now"}},
            "INVALID_DATA",
            "schedule_details.source",
        ),
        (
            {"inventory_details": {"inventory_template": {"id": "1"}, "paper_type": "A3"}},
            "MANDATORY_NOT_FOUND",
            "inventory_details.view_type",
        ),
        ({"importance": "high"}, "INVALID_DATA", "importance"),
    ],
)
async def test_what_is_wrong_is_named(keys: Any, word: str, place: str) -> None:
    async with direct() as (org, api):
        draft = {key: value for key, value in {**DRAFT, **keys}.items() if value is not None}
        path = f"/Leads/{add_lead(org)}/__email_drafts"
        got = await api("POST", path, {"__email_drafts": [draft]})
        assert got.word == (400, word)
        assert got.item["details"]["json_path"] == f"$.__email_drafts[0].{place}"
        assert (await api("GET", path)).status == 204


async def test_good_and_bad_ones_are_told_apart() -> None:
    async with direct() as (org, api):
        path = f"/Leads/{add_lead(org)}/__email_drafts"
        got = await api("POST", path, {"__email_drafts": [DRAFT, {"rich_text": True}]})
        assert got.status == 207
        assert [item["code"] for item in got.body["__email_drafts"]] == [
            "SUCCESS",
            "MANDATORY_NOT_FOUND",
        ]
        got = await api("POST", path, {"__email_drafts": [DRAFT]})
        assert got.word == (201, "SUCCESS")


async def test_a_hundred_a_call_and_nothing_beside_them() -> None:
    async with direct() as (org, api):
        path = f"/Leads/{add_lead(org)}/__email_drafts"
        got = await api("POST", path, {"__email_drafts": [DRAFT] * 101})
        assert got.word == (400, "LIMIT_EXCEEDED")
        got = await api("POST", path, {"__email_drafts": [DRAFT], "trigger": []})
        assert got.word == (400, "INVALID_DATA")


async def test_null_takes_away_what_a_draft_has() -> None:
    async with direct() as (org, api):
        path = f"/Leads/{add_lead(org)}/__email_drafts"
        draft = {**DRAFT, "subject": "Soon", "content": "<p>Soon</p>"}
        made = await api("POST", path, {"__email_drafts": [draft]})
        one = f"{path}/{made.item['details']['id']}"
        change = {**DRAFT, "subject": None, "content": None, "schedule_details": None}
        assert (await api("PUT", one, {"__email_drafts": [change]})).status == 200
        item = (await api("GET", one)).item
        assert (item["subject"], item["content"], item["summary"]) == (None, None, None)


async def test_a_draft_belongs_to_its_record() -> None:
    async with direct() as (org, api):
        lead, other = add_lead(org), add_lead(org)
        made = await api("POST", f"/Leads/{lead}/__email_drafts", {"__email_drafts": [DRAFT]})
        got = await api("GET", f"/Leads/{other}/__email_drafts/{made.item['details']['id']}")
        assert got.word == (400, "INVALID_DATA")
        assert got.body["details"] == {"resource_path_index": 3}


async def test_pages_are_numbered() -> None:
    async with direct() as (org, api):
        path = f"/Leads/{add_lead(org)}/__email_drafts"
        await api("POST", path, {"__email_drafts": [DRAFT] * 3})
        got = await api("GET", path, page="2", per_page="2")
        assert got.body["info"] == {
            "per_page": 2,
            "count": 1,
            "page": 2,
            "more_records": False,
        }
        assert (await api("GET", path, per_page="201")).word == (400, "INVALID_DATA")
        assert (await api("GET", path, sort_by="id")).word == (400, "EXTRA_PARAM_FOUND")
