"""Unsubscribe links: the Default one stays, keys go together, names are unique."""

from typing import Any

import pytest
from direct import Direct, Got, direct

PATH = "/settings/unsubscribe_links"
GOOD = {"name": "News", "page_type": "standard", "submission_action_type": "display_message"}


async def create(api: Direct, **keys: Any) -> Got:
    given = {key: value for key, value in {**GOOD, **keys}.items() if value is not None}
    return await api("POST", PATH, {"unsubscribe_links": [given]})


async def test_an_organisation_has_a_default_link() -> None:
    """It is listed like the others."""
    async with direct() as (_, api):
        [link] = (await api("GET", PATH)).body["unsubscribe_links"]
        assert link["name"] == "Default"
        assert (await api("GET", f"{PATH}/{link['id']}")).item == link


async def test_the_default_link_cannot_be_deleted() -> None:
    """NOT_ALLOWED, wrapped; any other can, once."""
    async with direct() as (_, api):
        [default] = (await api("GET", PATH)).body["unsubscribe_links"]
        got = await api("DELETE", f"{PATH}/{default['id']}")
        assert got.word == (400, "NOT_ALLOWED")
        assert list(got.body) == ["unsubscribe_links"]
        link = (await create(api)).item["details"]["id"]
        got = await api("DELETE", f"{PATH}/{link}")
        assert (got.word, got.item["details"]) == ((200, "SUCCESS"), {"id": link})
        assert (await api("DELETE", f"{PATH}/{link}")).word == (400, "INVALID_DATA")


@pytest.mark.parametrize(
    ("method", "body"), [("GET", None), ("DELETE", None), ("PUT", {"unsubscribe_links": [{}]})]
)
async def test_an_unknown_link_is_refused(method: str, body: Any) -> None:
    """INVALID_DATA, wrapped."""
    async with direct() as (_, api):
        got = await api(method, f"{PATH}/4711", body)
        assert got.word == (400, "INVALID_DATA")
        assert list(got.body) == ["unsubscribe_links"]


@pytest.mark.parametrize(
    ("keys", "code", "name"),
    [
        ({"name": None}, "MANDATORY_NOT_FOUND", "name"),
        ({"page_type": None}, "MANDATORY_NOT_FOUND", "page_type"),
        ({"submission_action_type": None}, "MANDATORY_NOT_FOUND", "submission_action_type"),
        ({"page_type": "own"}, "INVALID_DATA", "page_type"),
        ({"submission_action_type": "none"}, "INVALID_DATA", "submission_action_type"),
        ({"name": 5}, "INVALID_DATA", "name"),
        ({"title": "x"}, "INVALID_DATA", "title"),
        ({"id": "1"}, "INVALID_DATA", "id"),
        ({"page_type": "custom"}, "DEPENDENT_FIELD_MISSING", "custom_location_url"),
        (
            {"submission_action_type": "redirect"},
            "DEPENDENT_FIELD_MISSING",
            "submission_redirect_url",
        ),
        ({"name": "Default"}, "DUPLICATE_DATA", "name"),
    ],
)
async def test_a_wrong_link_is_refused(keys: dict[str, Any], code: str, name: str) -> None:
    """The error is wrapped and names the key."""
    async with direct() as (_, api):
        got = await create(api, **keys)
        assert got.word == (400, code)
        assert got.item["details"]["api_name"] == name
        assert len((await api("GET", PATH)).body["unsubscribe_links"]) == 1


async def test_links_are_created_and_changed() -> None:
    """What a change leaves out stays."""
    async with direct() as (_, api):
        got = await create(api, submission_message="Bye")
        assert got.word == (201, "SUCCESS")
        path = f"{PATH}/{got.item['details']['id']}"
        change = {"page_type": "custom"}
        got = await api("PUT", path, {"unsubscribe_links": [change]})
        assert got.word == (400, "DEPENDENT_FIELD_MISSING")
        change["custom_location_url"] = "https://example.com/bye"
        got = await api("PUT", path, {"unsubscribe_links": [change]})
        assert got.word == (200, "SUCCESS")
        link = (await api("GET", path)).item
        assert (link["page_type"], link["submission_message"]) == ("custom", "Bye")
        got = await api("PUT", path, {"unsubscribe_links": [{"id": "4711"}]})
        assert got.word == (400, "INVALID_DATA")


async def test_many_are_changed_each_for_itself() -> None:
    """In order, with 207 where outcomes differ."""
    async with direct() as (_, api):
        link = (await create(api)).item["details"]["id"]
        rows = [
            {"id": link, "name": "Other"},
            {"name": "x"},
            {"id": "4711"},
            {"id": link, "name": "Default"},
        ]
        got = await api("PUT", PATH, {"unsubscribe_links": rows})
        assert got.status == 207
        assert [item["code"] for item in got.body["unsubscribe_links"]] == [
            "SUCCESS",
            "MANDATORY_NOT_FOUND",
            "INVALID_DATA",
            "DUPLICATE_DATA",
        ]


async def test_places_that_use_a_link_are_listed() -> None:
    """None at first."""
    async with direct() as (org, api):
        path = "/settings/unsubscribe_link/actions/associations"
        assert (await api("GET", path)).status == 204
        [default] = org.state.unsubscribe_links
        org.state.link_places[default] = [{"type": "email_template", "resource": {"id": "1"}}]
        got = await api("GET", path)
        assert got.item["id"] == default
