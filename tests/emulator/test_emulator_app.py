"""The way of a call through the server: what refuses it, and what it costs."""

import asyncio
from typing import Any

import aiohttp
import pytest
from direct import Direct, add_lead, direct

from zohocrm_async.api import operations
from zohocrm_async.emulator.handlers import handler_of


def test_every_declared_operation_has_its_handler() -> None:
    """The client declares nothing that the emulator does not answer."""
    assert not [op.name for op in operations() if handler_of(op) is None]


class TestIdentity:
    """Who calls is checked before anything else."""

    @pytest.mark.parametrize(
        ("header", "code"),
        [
            (None, "AUTHENTICATION_FAILURE"),
            ("", "AUTHENTICATION_FAILURE"),
            ("Zoho-oauthtoken", "AUTHENTICATION_FAILURE"),
            ("Bearer {token}", "AUTHENTICATION_FAILURE"),
            ("{token}", "AUTHENTICATION_FAILURE"),
            ("Zoho-oauthtoken 1000.abc", "INVALID_TOKEN"),
            ("Zoho-oauthtoken {token} ", None),
            ("Zoho-oauthtoken {token}", None),
        ],
    )
    async def test_the_header_has_one_form(self, header: str | None, code: str | None) -> None:
        async with direct() as (org, api):
            token = await api.token()
            headers = {} if header is None else {"Authorization": header.format(token=token)}
            async with api.session.get(f"{org.url}/crm/v7/org", headers=headers) as answer:
                body = await answer.json(content_type=None)
            assert answer.status == (200 if code is None else 401)
            assert body.get("code") == code
            assert org.credits_used == (1 if code is None else 0)

    async def test_a_token_lives_for_an_hour(self) -> None:
        async with direct() as (org, api):
            assert (await api("GET", "/org")).status == 200
            org.advance(3_590)
            assert (await api("GET", "/org")).status == 200
            org.advance(11)
            assert (await api("GET", "/org")).word == (401, "INVALID_TOKEN")

    async def test_all_tokens_can_be_made_to_expire(self) -> None:
        async with direct() as (org, api):
            await api("GET", "/org")
            org.expire_tokens()
            assert (await api("GET", "/org")).word == (401, "INVALID_TOKEN")


class TestPaths:
    """Literal segments before places, and versions that know what they know."""

    @pytest.mark.parametrize(
        ("method", "path", "version", "word"),
        [
            ("GET", "/nothing/here", "v7", (404, "INVALID_URL_PATTERN")),
            ("GET", "/", "v7", (404, "INVALID_URL_PATTERN")),
            ("GET", "/settings/unsubscribe_links/1/more", "v7", (404, "INVALID_URL_PATTERN")),
            ("GET", "/Leads/1/actions/merge", "v5", (404, "INVALID_URL_PATTERN")),
            ("GET", "/org/", "v7", (404, "INVALID_URL_PATTERN")),
            ("POST", "/org", "v7", (400, "INVALID_REQUEST_METHOD")),
            ("GET", "/Leads/1/actions/send_mail", "v7", (400, "INVALID_REQUEST_METHOD")),
            ("PUT", "/Leads/1/actions/merge", "v7", (400, "INVALID_REQUEST_METHOD")),
            ("PATCH", "/Leads", "v7", (400, "INVALID_REQUEST_METHOD")),
            ("DELETE", "/settings/unsubscribe_links", "v7", (400, "INVALID_REQUEST_METHOD")),
            ("POST", "/__apis", "v7", (400, "INVALID_REQUEST_METHOD")),
        ],
    )
    async def test_wrong_ones_are_refused_for_nothing(
        self, method: str, path: str, version: str, word: tuple[int, str]
    ) -> None:
        async with direct() as (org, api):
            assert (await api(method, path, version=version)).word == word
            assert org.credits_used == 0
            assert org.calls[0].operation is None

    async def test_versions_begin_with_2(self) -> None:
        async with direct() as (_, api):
            for version, status in (("v2", 200), ("v8", 200), ("v1", 404), ("v77", 404)):
                assert (await api("GET", "/__apis", version=version)).status == status

    async def test_a_literal_segment_is_no_id(self) -> None:
        async with direct() as (org, api):
            add_lead(org)
            await api("GET", "/Leads/search", word="stone")
            await api("GET", "/Leads/actions/count")
            await api("GET", "/settings/unsubscribe_link/actions/associations")
            assert [call.operation for call in org.calls] == [
                "records.search",
                "records.count",
                "unsubscribe_links.associations",
            ]

    async def test_other_paths_of_the_host_are_not_the_api(self) -> None:
        async with direct() as (org, api), api.session.get(f"{org.url}/index") as answer:
            assert answer.status == 404
            assert answer.content_type == "text/html"


class TestCharges:
    """What a call costs, by what became of it."""

    @pytest.mark.parametrize(
        ("call", "body", "query", "status", "credits_"),
        [
            ("GET /__apis", None, {}, 200, 1),
            ("GET /org", None, {}, 200, 1),
            ("GET /Leads", None, {"fields": "City"}, 200, 1),
            ("GET /Leads", None, {"fields": "City", "cvid": "1"}, 200, 3),
            ("GET /Leads", None, {"cvid": "1"}, 400, 1),
            ("POST /Leads", {"data": [{"Last_Name": "A"}] * 10}, {}, 201, 1),
            ("POST /Leads", {"data": [{"Last_Name": "A"}] * 11}, {}, 201, 2),
            ("POST /Leads", {"data": [{"Last_Name": "A"}] * 100}, {}, 201, 10),
            ("POST /Leads", {"data": [{"Last_Name": "A"}] * 99 + [{}]}, {}, 207, 10),
            ("POST /Leads", {"data": [{}] * 100}, {}, 400, 1),
            ("POST /Leads/upsert", {"data": [{"Last_Name": "A"}] * 21}, {}, 200, 3),
            ("POST /Leads/4711/actions/merge", {"merge": []}, {}, 400, 50),
            ("GET /Leads/4711/actions/merge", None, {}, 204, 1),
            ("POST /Leads/4711/actions/send_mail", {"data": []}, {}, 400, 20),
        ],
    )
    async def test_good_answers_cost_their_price_and_refusals_the_least(
        self, call: str, body: Any, query: dict[str, str], status: int, credits_: int
    ) -> None:
        async with direct() as (org, api):
            add_lead(org)
            org.add_setting("/settings/custom_views", {"id": "1"}, scope="Leads")
            method, path = call.split()
            got = await api(method, path, body, **query)
            assert got.status == status
            assert org.credits_used == org.calls[0].credits == credits_

    async def test_what_is_left_is_told_once_half_is_used(self) -> None:
        async with direct(credits=100) as (org, api):
            lead = add_lead(org)
            answers = [await api.send(lead) for _ in range(5)]
            told = [got.headers.get("X-API-CREDITS-REMAINING") for got in answers]
            assert told == [None, None, "40", "20", "0"]

    async def test_a_call_that_does_not_fit_is_refused_whole(self) -> None:
        async with direct(credits=30) as (org, api):
            lead = add_lead(org)
            assert (await api.send(lead)).status == 200
            got = await api.send(lead)
            assert got.word == (429, "TOO_MANY_REQUESTS")
            assert got.body["details"] == {}
            assert "24 hours" in got.body["message"]
            assert (await api("GET", "/org")).status == 200
            assert org.credits_used == 21
            assert org.refusals == {"credits": 1, "concurrency": 0, "sub-concurrency": 0}
            assert len(org.mails) == 1

    async def test_credits_come_back_a_day_after_each_call(self) -> None:
        async with direct(credits=40) as (org, api):
            lead = add_lead(org)
            await api.send(lead)
            org.advance(hours=12)
            await Direct(org, api.session).send(lead)
            assert org.credits_remaining == 0
            org.advance(hours=12)
            assert org.credits_remaining == 20
            assert (await Direct(org, api.session).send(lead)).status == 200


class TestSlots:
    """Calls at once, all and heavy ones."""

    async def test_one_call_too_many_is_refused_at_once(self) -> None:
        async with direct(concurrency=3, latency=0.05) as (org, api):
            await api.token()
            await api("GET", "/org")
            got = await asyncio.gather(*(api("GET", "/org") for _ in range(5)))
            statuses = sorted(answer.status for answer in got)
            assert statuses == [200, 200, 200, 429, 429]
            refused = next(answer for answer in got if answer.status == 429)
            assert refused.body["code"] == "TOO_MANY_REQUESTS"
            assert "concurrency" in refused.body["message"]
            assert "sub-" not in refused.body["message"]
            assert org.refusals["concurrency"] == 2
            assert (org.peak_in_flight, org.in_flight, org.peak_heavy) == (3, 0, 0)
            assert org.credits_used == 4

    async def test_heavy_calls_have_fewer_slots(self) -> None:
        async with direct(concurrency=10, heavy_concurrency=2, latency=0.05) as (org, api):
            lead = add_lead(org)
            await api("GET", "/org")
            heavy = [api.send(lead) for _ in range(4)]
            light = [api("GET", "/org") for _ in range(3)]
            got = await asyncio.gather(*heavy, *light)
            assert sorted(answer.status for answer in got[:4]) == [200, 200, 429, 429]
            assert [answer.status for answer in got[4:]] == [200, 200, 200]
            refused = next(answer for answer in got if answer.status == 429)
            assert "sub-concurrency" in refused.body["message"]
            assert org.peak_heavy == 2
            assert org.refusals["sub-concurrency"] == 2

    @pytest.mark.parametrize(
        ("method", "path", "body", "query", "heavy"),
        [
            ("POST", "/Leads", {"data": [{"Last_Name": "A"}] * 10}, {}, 0),
            ("POST", "/Leads", {"data": [{"Last_Name": "A"}] * 11}, {}, 1),
            ("GET", "/Leads", None, {"fields": "City"}, 0),
            ("GET", "/Leads", None, {"fields": "City", "sort_by": "id"}, 1),
            ("GET", "/Leads", None, {"fields": "City", "cvid": "1"}, 1),
            ("GET", "/Leads/search", None, {"word": "a"}, 1),
            ("POST", "/Leads/1/actions/merge", {"merge": []}, {}, 0),
        ],
    )
    async def test_which_calls_are_heavy(
        self, method: str, path: str, body: Any, query: dict[str, str], heavy: int
    ) -> None:
        async with direct() as (org, api):
            await api(method, path, body, **query)
            assert org.peak_heavy == heavy

    async def test_a_caller_who_hangs_up_leaves_no_slot_behind(self) -> None:
        async with direct(latency=0.05) as (org, api):
            lead = add_lead(org)
            await api("GET", "/org")
            task = asyncio.create_task(api.send(lead))
            while not org.peak_heavy:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            while org.in_flight:
                await asyncio.sleep(0.005)
            assert len(org.mails) == 1, "the service had the request and goes on"

    async def test_a_caller_who_hangs_up_while_sending_leaves_nothing(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with direct() as (org, api):
            token = await api.token()
            host, port = org.url.removeprefix("http://").split(":")
            _, writer = await asyncio.open_connection(host, int(port))
            head = f"POST /crm/v7/Leads HTTP/1.1\r\nAuthorization: Zoho-oauthtoken {token}\r\n"
            writer.write(f"{head}Host: {host}\r\nContent-Length: 99\r\n\r\n{{".encode())
            while not org.in_flight:
                await asyncio.sleep(0)
            writer.close()
            await writer.wait_closed()
            while org.in_flight:
                await asyncio.sleep(0)
            assert (org.calls, org.credits_used) == ((), 0)
        assert not caplog.records

    async def test_no_crowd_gets_past_the_limits(self) -> None:
        async with direct(credits=300, concurrency=6, heavy_concurrency=3) as (org, api):
            lead = add_lead(org)
            await api("GET", "/org")
            calls = [api.send(lead) if n % 3 else api("GET", "/org") for n in range(120)]
            got = await asyncio.gather(*calls)
            good = sum(answer.status == 200 for answer in got)
            assert good + sum(org.refusals.values()) == 120
            assert org.credits_used == 20 * len(org.mails) + good - len(org.mails) + 1
            assert org.credits_used <= 300
            assert org.peak_in_flight <= 6
            assert org.peak_heavy <= 3


class TestAnswers:
    """How answers look on the wire."""

    async def test_they_are_json_and_say_so(self) -> None:
        async with direct() as (_, api):
            got = await api("GET", "/org")
            assert got.headers["Content-Type"] == "application/json;charset=UTF-8"

    async def test_long_ones_are_compressed_for_those_who_accept_it(self) -> None:
        async with direct() as (org, api):
            token = await api.token()
            for accepted, encoding in (("gzip", "gzip"), ("identity", None)):
                headers = {
                    "Authorization": f"Zoho-oauthtoken {token}",
                    "Accept-Encoding": accepted,
                }
                url = f"{org.url}/crm/v7/__apis"
                async with api.session.get(url, headers=headers) as answer:
                    assert answer.headers.get("Content-Encoding") == encoding
                    assert len((await answer.json(content_type=None))["__apis"]) > 100

    async def test_calls_are_booked_with_what_became_of_them(self) -> None:
        async with direct() as (org, api):
            lead = add_lead(org)
            await api.send(lead, version="v8")
            await api.send("4711")
            first, second = org.calls
            assert (first.method, first.version, first.operation) == ("POST", "v8", "mail.send")
            assert first.path == f"/Leads/{lead}/actions/send_mail"
            assert (first.status, first.code, first.credits) == (200, "SUCCESS", 20)
            assert (second.status, second.code, second.credits) == (400, "INVALID_DATA", 20)
            assert {"operation": "mail.send", "status": 200, "code": "SUCCESS", "calls": 1} in (
                org.call_totals()
            )
            org.clear_calls()
            assert not org.calls
            assert org.credits_used == 40

    async def test_connections_are_counted(self) -> None:
        async with direct() as (org, api):
            for _ in range(5):
                await api("GET", "/org")
            assert org.connections == 1
            async with aiohttp.ClientSession() as other:
                await Direct(org, other)("GET", "/org")
            assert org.connections == 2
