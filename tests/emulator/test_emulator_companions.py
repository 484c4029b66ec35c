"""Shares, owners, blueprints, meetings: what the service refuses."""

from typing import Any

import pytest
from direct import add_lead, direct

SHARE = {"shared_with": {"id": "{user}"}, "permission": "read_only", "type": "private"}
OWNER = {"owner": {"id": "{user}"}}


def filled(value: Any, user: str) -> Any:
    """Return *value* with the user's id in place."""
    if isinstance(value, dict):
        return {key: filled(item, user) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, user) for item in value]
    return user if value == "{user}" else value


def without(row: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != key}


@pytest.mark.parametrize(
    ("row", "word", "path"),
    [
        (without(SHARE, "shared_with"), "MANDATORY_NOT_FOUND", ".shared_with"),
        (without(SHARE, "permission"), "MANDATORY_NOT_FOUND", ".permission"),
        (without(SHARE, "type"), "MANDATORY_NOT_FOUND", ".type"),
        ({**SHARE, "permission": "all"}, "INVALID_DATA", ".permission"),
        ({**SHARE, "type": "some"}, "INVALID_DATA", ".type"),
        ({**SHARE, "share_related_records": "no"}, "INVALID_DATA", ".share_related_records"),
        ({**SHARE, "until": "now"}, "INVALID_DATA", ".until"),
        ({**SHARE, "shared_with": {"id": "9"}}, "INVALID_DATA", ".shared_with.id"),
        ({**SHARE, "shared_with": "9"}, "INVALID_DATA", ".shared_with"),
    ],
)
async def test_a_wrong_share_is_refused(row: dict[str, Any], word: str, path: str) -> None:
    """And the record is shared with nobody."""
    async with direct() as (org, api):
        lead = add_lead(org)
        body = {"share": [filled(row, org.state.owner["id"])]}
        got = await api("POST", f"/Leads/{lead}/actions/share", body)
        assert got.word == (400, word)
        assert got.item["details"]["json_path"] == f"$.share[0]{path}"
        assert (await api("GET", f"/Leads/{lead}/actions/share")).status == 204


async def test_what_goes_beside_shares_is_known() -> None:
    """Twenty shares and two switches."""
    async with direct() as (org, api):
        lead, row = add_lead(org), filled(SHARE, org.state.owner["id"])
        path = f"/Leads/{lead}/actions/share"
        wrong: list[dict[str, Any]] = [
            {"share": [row], "notify": "yes"},
            {"share": [row], "tell": True},
            {"share": [row] * 21},
            {"share": []},
            {},
        ]
        for body in wrong:
            assert (await api("POST", path, body)).status == 400
        assert (await api("GET", path, view="other")).word == (400, "INVALID_DATA")
        assert (await api("GET", "/Leads/9/actions/share")).word == (400, "INVALID_DATA")


@pytest.mark.parametrize(
    ("body", "word", "details"),
    [
        ({}, "MANDATORY_NOT_FOUND", {"api_name": "owner"}),
        ({"owner": {}}, "MANDATORY_NOT_FOUND", {"api_name": "id"}),
        ({"owner": {"id": "9"}}, "INVALID_DATA", {"json_path": "$.owner.id"}),
        ({"owner": "9"}, "INVALID_DATA", {"expected_data_type": "jsonobject"}),
        ({**OWNER, "notify": 1}, "INVALID_DATA", {"api_name": "notify"}),
        ({**OWNER, "why": "x"}, "INVALID_DATA", {"api_name": "why"}),
        ({**OWNER, "related_modules": [{"api_name": "Notes"}]}, "INVALID_DATA",
         {"supported_values": ["Tasks", "Events", "Calls", "Contacts", "Deals"]}),
    ],
)  # fmt: skip
async def test_a_wrong_owner_is_refused(
    body: dict[str, Any], word: str, details: dict[str, Any]
) -> None:
    """For one record and for many."""
    async with direct() as (org, api):
        lead, own = add_lead(org), filled(body, org.state.owner["id"])
        for path, more in ((f"/Leads/{lead}", {}), ("/Leads", {"ids": [lead]})):
            got = await api("POST", f"{path}/actions/change_owner", {**own, **more})
            assert got.word == (400, word)
            assert details.items() <= got.item["details"].items()


@pytest.mark.parametrize("ids", [None, [], "1", [5], ["1"] * 501])
async def test_owners_of_nothing_or_too_much_do_not_change(ids: Any) -> None:
    """One call takes 1 to 500 records."""
    async with direct() as (org, api):
        body = {**filled(OWNER, org.state.owner["id"]), "ids": ids}
        assert (await api("POST", "/Leads/actions/change_owner", body)).status == 400


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (None, "MANDATORY_NOT_FOUND"),
        ({"blueprint": {}}, "INVALID_DATA"),
        ({"blueprint": []}, "INVALID_DATA"),
        ({"blueprint": [{}, {}]}, "INVALID_DATA"),
        ({"blueprint": [{"data": {}}]}, "MANDATORY_NOT_FOUND"),
        ({"blueprint": [{"transition_id": 5}]}, "INVALID_DATA"),
        ({"blueprint": [{"transition_id": "9"}]}, "INVALID_DATA"),
        ({"blueprint": [{"transition_id": "{step}", "data": "x"}]}, "INVALID_DATA"),
        ({"blueprint": [{"transition_id": "{step}", "data": {"Email": "x"}}]}, "INVALID_DATA"),
        ({"blueprint": [{"transition_id": "{step}", "why": "x"}]}, "INVALID_DATA"),
        ({"blueprint": [{"transition_id": "{step}"}]}, "MANDATORY_NOT_FOUND"),
    ],
)
async def test_a_wrong_transition_is_refused(body: Any, word: str) -> None:
    """And the record stays where it is."""
    async with direct() as (org, api):
        lead = add_lead(org, Lead_Status="New")
        step = {"name": "Call", "from": "New", "to": "Called", "fields": ["Phone"]}
        [own] = org.add_blueprint("Leads", "Lead_Status", [step])
        sent = {"blueprint": [{**each, "transition_id": own}
                              if each.get("transition_id") == "{step}" else each
                              for each in body["blueprint"]]} \
            if body and isinstance(body["blueprint"], list) else body  # fmt: skip
        got = await api("PUT", f"/Leads/{lead}/actions/blueprint", sent)
        assert got.word == (400, word)
        assert (org.record("Leads", lead) or {})["Lead_Status"] == "New"


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({}, "MANDATORY_NOT_FOUND"),
        ({"send_cancelling_mail": "no"}, "INVALID_DATA"),
        ({"send_cancelling_mail": True, "why": "x"}, "INVALID_DATA"),
    ],
)
async def test_a_wrong_cancellation_is_refused(row: dict[str, Any], word: str) -> None:
    """And the meeting takes place."""
    async with direct() as (org, api):
        [own] = org.add_records("Events", [{"Event_Title": "Talk", "Participants": [{}]}])
        got = await api("POST", f"/Events/{own}/actions/cancel", {"data": [row]})
        assert got.word == (400, word)
        assert "$event_cancelled" not in (org.record("Events", own) or {})
