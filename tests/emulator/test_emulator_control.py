"""The emulator's own routes, for those who cannot reach into its process."""

import io
from typing import Any

import orjson
import pytest
from direct import Direct, add_lead, direct


async def get(api: Direct, name: str) -> Any:
    async with api.session.get(f"{api.org.url}/__emulator__/{name}") as answer:
        content = await answer.read()
        assert answer.status == 200, content
        if answer.content_type == "application/x-ndjson":
            return [orjson.loads(line) for line in content.splitlines()]
        return orjson.loads(content)


async def post(api: Direct, name: str, value: Any) -> int:
    async with api.session.post(f"{api.org.url}/__emulator__/{name}", json=value) as answer:
        return answer.status


async def test_books_hold_the_totals() -> None:
    """The same that the process itself would read."""
    async with direct() as (org, api):
        lead, other = add_lead(org), add_lead(org)
        await api.send(lead)
        await api.send(lead, scheduled_time="2099-01-01T00:00:00+00:00")
        await api.merge(lead, other)
        await api.send("4711")
        books = await get(api, "books")
        assert books["credits_used"] == org.credits_used == 110
        assert books["mails"] == {"sent": 1, "scheduled": 1}
        assert books["merges"] == {"COMPLETED": 1}
        assert books["refusals"] == {"credits": 0, "concurrency": 0, "sub-concurrency": 0}
        assert (books["peak_in_flight"], books["peak_heavy"]) == (1, 1)
        assert books["tokens_minted"] == 1
        counts = {(c["operation"], c["status"], c["code"]): c["calls"] for c in books["calls"]}
        assert counts == {
            ("mail.send", 200, "SUCCESS"): 2,
            ("mail.send", 400, "INVALID_DATA"): 1,
            ("merge.create", 201, "SUCCESS"): 1,
        }


async def test_calls_mails_and_merges_come_line_by_line() -> None:
    """Each line is one JSON object."""
    async with direct() as (org, api):
        lead, other = add_lead(org), add_lead(org)
        await api.send(lead, subject="Hello")
        await api.merge(lead, other)
        [mail] = await get(api, "mails")
        assert (mail["record_id"], mail["subject"], mail["sent"]) == (lead, "Hello", True)
        [merge] = await get(api, "merges")
        assert (merge["master_id"], merge["children"]) == (lead, [other])
        assert [call["operation"] for call in await get(api, "calls")] == [
            "mail.send",
            "merge.create",
        ]


async def test_duplicates_of_a_loaded_file_are_told() -> None:
    """By module; Leads unless it says another."""
    async with direct() as (org, api):
        rows = "Key,Last_Name,Duplicate_Of\na,Stone,\nb,Stein,a\n"
        one, two = await org.load_csv("Contacts", io.StringIO(rows))
        assert await get(api, "duplicates?module=Contacts") == {one: [two]}
        assert await get(api, "duplicates") == {}


async def test_they_cost_nothing_and_need_no_token() -> None:
    """Nor do they show up in the books."""
    async with direct(credits=1, concurrency=1) as (org, api):
        await get(api, "books")
        assert (org.credits_used, org.peak_in_flight, org.calls) == (0, 0, ())


async def test_time_is_moved_on() -> None:
    """Credits come back as they do in the process."""
    async with direct(credits=20) as (org, api):
        await api.send(add_lead(org))
        assert await post(api, "advance", {"seconds": 60, "hours": 24}) == 200
        assert org.credits_used == 0


async def test_faults_are_planned() -> None:
    """By their words."""
    async with direct() as (_, api):
        assert await post(api, "fail_next", {"fault": "server_error", "times": 2}) == 200
        assert [(await api("GET", "/org")).status for _ in range(3)] == [500, 500, 200]


async def test_other_applications_are_played() -> None:
    """They spend credits, hold slots, and nothing of theirs is in the books of calls."""
    async with direct(credits=100, concurrency=2) as (org, api):
        assert await post(api, "spend", {"credits": 60}) == 200
        assert await post(api, "occupy", {"slots": 2}) == 200
        assert (await api("GET", "/org")).word == (429, "TOO_MANY_REQUESTS")
        assert await post(api, "occupy", {"slots": 1}) == 200
        assert (await api("GET", "/org")).status == 200
        assert org.credits_used == 61
        assert org.peak_in_flight == 1


async def test_heavy_slots_are_held_by_others_alone() -> None:
    """Light calls go on."""
    async with direct(concurrency=5, heavy_concurrency=2) as (org, api):
        lead = add_lead(org)
        assert await post(api, "occupy", {"slots": 2, "heavy": 2}) == 200
        refused = await api.send(lead)
        assert refused.status == 429
        assert "sub-concurrency" in refused.item["message"]
        assert (await api("GET", "/org")).status == 200


async def test_an_operation_costs_what_is_said() -> None:
    """Whatever the list says; a refused one costs the least of both."""
    async with direct() as (org, api):
        lead = add_lead(org)
        assert await post(api, "reprice", {"operation": "mail.send", "credits": 25}) == 200
        await api.send(lead)
        assert org.credits_used == 25
        assert await post(api, "reprice", {"operation": "mail.send", "credits": 3}) == 200
        await api.send("4711")
        assert org.credits_used == 28


async def test_a_refusal_for_slots_may_say_when_to_come_again() -> None:
    """In whole seconds."""
    async with direct() as (_, api):
        plan = {"fault": "too_many_calls", "seconds": 7}
        assert await post(api, "fail_next", plan) == 200
        assert (await api("GET", "/org")).headers["Retry-After"] == "7"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fail_next", {"fault": "earthquake"}),
        ("fail_next", {}),
        ("fail_next", {"fault": "html", "when": 1}),
        ("fail_next", {"fault": "html", "path": "("}),
        ("advance", {"years": 1}),
        ("advance", {"seconds": "x"}),
        ("advance", [1]),
        ("spend", {"credits": -1}),
        ("occupy", {"slots": 1, "heavy": 2}),
        ("occupy", {"slots": "x"}),
        ("reprice", {"operation": "mail.fly", "credits": 1}),
        ("reprice", {"operation": "mail.send", "credits": -1}),
    ],
)
async def test_what_cannot_be_read_is_refused(name: str, value: Any) -> None:
    """With a sentence, and not with a failure of the server."""
    async with direct() as (_, api):
        assert await post(api, name, value) == 400


async def test_unknown_routes_are_404() -> None:
    """Whatever their method."""
    async with direct() as (_, api):
        assert await post(api, "books", {}) == 404
        async with api.session.get(f"{api.org.url}/__emulator__/secrets") as answer:
            assert answer.status == 404
