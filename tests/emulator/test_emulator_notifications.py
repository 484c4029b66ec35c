"""Channels of notifications, called by plain HTTP: what is refused, and with which words."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from direct import Direct, direct

from zohocrm_async.emulator.poster import is_loopback

WATCH = "/actions/watch"
FIELD = {"field": {"api_name": "Company", "id": "1"}}
LEADS = {"api_name": "Leads", "id": "2"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http() -> AsyncIterator[Direct]:
    """Give a way to talk to one organisation."""
    async with direct() as (_, http):
        yield http


def row(**other: Any) -> dict[str, Any]:
    """Return a channel; *other* adds keys, changes them, or takes them out (None)."""
    usual = {"channel_id": "7", "events": ["Leads.all"], "notify_url": "http://127.0.0.1:9/"}
    return {key: value for key, value in {**usual, **other}.items() if value is not None}


def condition(**other: Any) -> dict[str, Any]:
    """Return a channel with a condition that differs from the usual one."""
    usual = {"type": "field_selection", "module": LEADS, "field_selection": FIELD}
    kept = {key: value for key, value in {**usual, **other}.items() if value is not None}
    return row(notification_condition=[kept])


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("wrong", "code", "name"),
    [
        (row(channel_id=None), "MANDATORY_NOT_FOUND", "channel_id"),
        (row(events=None), "MANDATORY_NOT_FOUND", "events"),
        (row(notify_url=None), "MANDATORY_NOT_FOUND", "notify_url"),
        (row(channel_id="seven"), "INVALID_DATA", "channel_id"),
        (row(events=[]), "INVALID_DATA", "events"),
        (row(events="Leads.all"), "INVALID_DATA", "events"),
        (row(events=["Leads.open"]), "INVALID_DATA", "events"),
        (row(events=["Boats.all"]), "INVALID_DATA", "events"),
        (row(token="t" * 51), "INVALID_DATA", "token"),
        (row(token=7), "INVALID_DATA", "token"),
        (row(notify_url="ftp://here"), "INVALID_DATA", "notify_url"),
        (row(notify_url=f"http://{'h' * 255}"), "INVALID_DATA", "notify_url"),
        (row(channel_expiry="soon"), "INVALID_DATA", "channel_expiry"),
        (row(channel_expiry="2026-01-01T00:00:00"), "INVALID_DATA", "channel_expiry"),
        (row(return_affected_field_values="yes"), "INVALID_DATA", "return_affected_field_values"),
        (row(colour="red"), "INVALID_DATA", "colour"),
        (row(notification_condition=[1]), "INVALID_DATA", "notification_condition"),
        (row(notification_condition=[{}] * 3), "INVALID_DATA", "notification_condition"),
        (condition(type=None), "DEPENDENT_FIELD_MISSING", "type"),
        (condition(type="fields"), "INVALID_DATA", "type"),
        (condition(module=None), "INVALID_DATA", "module"),
        (condition(field_selection="Company"), "INVALID_DATA", "field_selection"),
        (condition(field_selection={"field": {"api_name": "Sail"}}), "INVALID_DATA", "group"),
        (
            condition(field_selection={"group_operator": "or", "group": [FIELD] * 11}),
            "INVALID_DATA",
            "group",
        ),
        (
            condition(field_selection={"group_operator": "xor", "group": [FIELD]}),
            "INVALID_DATA",
            "group_operator",
        ),
    ],
)
async def test_a_wrong_channel(http: Direct, wrong: Any, code: str, name: str) -> None:
    """Each in its item, which names the key."""
    answer = await http("POST", WATCH, {"watch": [wrong]})
    assert answer.word == (400, code)
    assert answer.item["details"]["api_name"] == name


@pytest.mark.asyncio(loop_scope="module")
async def test_every_item_is_answered(http: Direct) -> None:
    """207 where some are refused; a channel is made once."""
    answer = await http("POST", WATCH, {"watch": [row(channel_id="8"), row(channel_id="8")]})
    assert answer.status == 207
    assert [item["code"] for item in answer.body["watch"]] == ["SUCCESS", "ALREADY_USED"]
    assert (await http("POST", WATCH, {"watch": [row(channel_id=9)]})).status == 201


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_only_channels_change(http: Direct, method: str) -> None:
    """Others are not subscribed."""
    answer = await http(method, WATCH, {"watch": [row(channel_id="404")]})
    assert answer.word == (400, "NOT_SUBSCRIBED")
    answer = await http(method, WATCH, {"watch": [row(channel_id=None)]})
    assert answer.word == (400, "MANDATORY_NOT_FOUND")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_channel_ends_with_its_last_event(http: Direct) -> None:
    """Stopping events needs their names."""
    await http("POST", WATCH, {"watch": [row(channel_id="10", events=["Leads.edit"])]})
    stop = {"channel_id": "10", "_delete_events": True}
    assert (await http("PATCH", WATCH, {"watch": [stop]})).word == (400, "MANDATORY_NOT_FOUND")
    stop["events"] = ["Leads.edit"]
    assert (await http("PATCH", WATCH, {"watch": [stop]})).status == 200
    assert (await http("PATCH", WATCH, {"watch": [stop]})).word == (400, "NOT_SUBSCRIBED")


@pytest.mark.asyncio(loop_scope="module")
async def test_calls_as_a_whole(http: Direct) -> None:
    """The query and the number of items."""
    rows = [row(channel_id=str(n)) for n in range(51)]
    assert (await http("POST", WATCH, {"watch": rows})).word == (400, "LIMIT_EXCEEDED")
    assert (await http("POST", WATCH, {"watch": [], "x": 1})).word == (400, "INVALID_DATA")
    assert (await http("DELETE", WATCH)).word == (400, "REQUIRED_PARAM_MISSING")
    assert (await http("DELETE", WATCH, channel_ids="404")).word == (400, "NOT_SUBSCRIBED")
    assert (await http("GET", WATCH, colour="red")).word == (400, "EXTRA_PARAM_FOUND")
    assert (await http("GET", WATCH, module="Boats")).word == (400, "INVALID_MODULE")
    assert (await http("GET", WATCH, channel_id="404")).status == 204


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_said_of_a_channel(http: Direct) -> None:
    """One entry for each module, with what was not given as the service takes it."""
    made = row(channel_id="11", events=["Leads.edit", "Deals.all"], token="t")
    await http("POST", WATCH, {"watch": [made]})
    listed = (await http("GET", WATCH, channel_id="11")).body
    assert listed["info"]["count"] == 2
    leads, deals = listed["watch"]
    assert (leads["resource_name"], leads["events"]) == ("Leads", ["Leads.edit"])
    assert (deals["resource_name"], deals["token"]) == ("Deals", "t")
    assert (deals["notify_on_related_action"], deals["return_affected_field_values"]) == (
        True,
        False,
    )


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("http://127.0.0.1:80/x", True),
        ("http://[::1]/", True),
        ("http://localhost/", True),
        ("http://10.0.0.1/", False),
        ("https://example.com/127.0.0.1", False),
        ("http://localhost.example.com/", False),
        ("http://0.0.0.0/", False),
    ],
)
def test_only_the_loopback_address_is_posted_to(url: str, *, own: bool) -> None:
    """By the host of the URL."""
    assert is_loopback(url) is own
