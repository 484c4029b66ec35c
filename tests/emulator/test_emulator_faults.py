"""Planned faults strike the calls they are meant for, and do what they say."""

import asyncio
from typing import Any, cast

import aiohttp
import pytest
from direct import Direct, add_lead, direct

from zohocrm_async.emulator import Fault

MAIL = "/actions/send_mail"


@pytest.mark.parametrize(("fault", "done"), [(Fault.CUT_BEFORE, 0), (Fault.CUT_AFTER, 1)], ids=str)
async def test_the_connection_is_cut_before_or_after_the_work(fault: Fault, done: int) -> None:
    """The caller sees the same; only the books know."""
    async with direct() as (org, api):
        lead = add_lead(org)
        org.fail_next(fault, path=MAIL)
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await api.send(lead)
        assert len(org.mails) == done
        assert org.credits_used == 20 * done
        assert (await api.send(lead)).status == 200


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault.SERVER_ERROR, 500, "INTERNAL_ERROR"),
        (Fault.TOO_MANY_CALLS, 429, "TOO_MANY_REQUESTS"),
        (Fault.CREDITS_SPENT, 429, "TOO_MANY_REQUESTS"),
        (Fault.TOKEN_REVOKED, 401, "INVALID_TOKEN"),
    ],
)
async def test_a_refusal_does_nothing_and_costs_nothing(
    fault: Fault, status: int, code: str
) -> None:
    """It is flat, and booked as it went out."""
    async with direct() as (org, api):
        org.fail_next(fault)
        got = await api.send(add_lead(org))
        assert (got.status, got.body["code"], got.body["status"]) == (status, code, "error")
        assert not org.mails
        assert org.credits_used == 0
        assert org.calls[0].status == status


async def test_the_two_429s_differ_in_their_sentence_alone() -> None:
    """And are counted apart."""
    async with direct() as (org, api):
        org.fail_next(Fault.TOO_MANY_CALLS)
        org.fail_next(Fault.CREDITS_SPENT)
        first, second = await api("GET", "/org"), await api("GET", "/org")
        assert "concurrency" in first.body["message"]
        assert "24 hours" in second.body["message"]
        assert org.refusals == {"credits": 1, "concurrency": 1, "sub-concurrency": 0}


async def test_a_revoked_token_stays_dead() -> None:
    """A new one works."""
    async with direct() as (org, api):
        org.fail_next(Fault.TOKEN_REVOKED)
        assert [(await api("GET", "/org")).status for _ in range(2)] == [401, 401]
        assert (await Direct(org, api.session)("GET", "/org")).status == 200


@pytest.mark.parametrize(
    ("fault", "status", "done"), [(Fault.HTML, 200, 1), (Fault.BAD_GATEWAY, 502, 0)]
)
async def test_a_page_may_come_instead_of_json(fault: Fault, status: int, done: int) -> None:
    """With the work done, or not."""
    async with direct() as (org, api):
        lead = add_lead(org)
        token = await api.token()
        org.fail_next(fault)
        url = f"{org.url}/crm/v7/Leads/{lead}/actions/send_mail"
        headers = {"Authorization": f"Zoho-oauthtoken {token}"}
        mail = {"from": {"email": "crm@example.com"}, "to": [{"email": "a@b.example"}]}
        async with api.session.post(url, headers=headers, json={"data": [mail]}) as answer:
            assert answer.status == status
            assert answer.content_type == "text/html"
            assert "<html>" in await answer.text()
        assert len(org.mails) == done
        assert org.credits_used == 20 * done


async def test_an_answer_may_end_early() -> None:
    """The work is done; the body is shorter than it says."""
    async with direct() as (org, api):
        org.fail_next(Fault.TRUNCATED)
        with pytest.raises(aiohttp.ClientPayloadError):
            await api.send(add_lead(org))
        assert len(org.mails) == 1


async def test_a_slow_answer_comes_when_the_work_is_long_done() -> None:
    """It holds its slot meanwhile, and does not keep the emulator from closing."""
    async with direct() as (org, api):
        lead = add_lead(org)
        await api("GET", "/org")
        org.fail_next(Fault.SLOW, seconds=3_600)
        task = asyncio.create_task(api.send(lead))
        while not org.mails:
            await asyncio.sleep(0.001)
        assert org.in_flight == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert org.in_flight == 1, "the service does not know that nobody waits"


async def test_a_plan_strikes_as_often_and_as_late_as_it_says() -> None:
    """After some, for a number of times, then never again."""
    async with direct() as (org, api):
        org.fail_next(Fault.SERVER_ERROR, times=2, after=1, method="GET", path="^/org$")
        statuses = []
        for _ in range(5):
            assert (await api("GET", "/settings/modules")).status == 200
            statuses.append((await api("GET", "/org")).status)
        assert statuses == [200, 500, 500, 200, 200]


async def test_a_plan_without_a_path_lets_the_price_list_pass() -> None:
    """Clients read it unasked; a plan that names it strikes it."""
    async with direct() as (org, api):
        org.fail_next(Fault.SERVER_ERROR)
        assert (await api("GET", "/__apis")).status == 200
        assert (await api("GET", "/org")).status == 500
        org.fail_next(Fault.SERVER_ERROR, path="__apis")
        assert (await api("GET", "/__apis")).status == 500


async def test_plans_can_be_taken_back() -> None:
    """What has not struck never will."""
    async with direct() as (org, api):
        org.fail_next(Fault.SERVER_ERROR, times=9)
        org.clear_faults()
        assert (await api("GET", "/org")).status == 200


async def test_a_wrong_plan_is_refused_when_it_is_made() -> None:
    """Not when it should strike."""
    async with direct() as (org, _):
        with pytest.raises(ValueError, match="regular expression"):
            org.fail_next(Fault.HTML, path="(")
        for word in ("nope", "server_error", 500):
            with pytest.raises(TypeError, match="give one of Fault"):
                org.fail_next(cast("Any", word))
        with pytest.raises(ValueError, match="method"):
            org.fail_next(Fault.HTML, method="get")
        with pytest.raises(ValueError, match="times"):
            org.fail_next(Fault.HTML, times=0)


class TestTokenEndpoint:
    """The same faults, for tokens."""

    @pytest.mark.parametrize(
        ("fault", "status", "error"),
        [
            (Fault.SERVER_ERROR, 500, "general_error"),
            (Fault.TOO_MANY_CALLS, 400, "Access Denied"),
            (Fault.TOKEN_REVOKED, 200, "invalid_code"),
        ],
    )
    async def test_refusals_mint_nothing(self, fault: Fault, status: int, error: str) -> None:
        async with direct() as (org, api):
            org.fail_next(fault, path="/oauth/v2/token")
            got = await api.form(**org.credentials.form())
            assert (got.status, got.body["error"]) == (status, error)
            assert org.tokens_minted == 0
            assert "access_token" in (await api.form(**org.credentials.form())).body

    @pytest.mark.parametrize(("fault", "minted"), [(Fault.CUT_BEFORE, 0), (Fault.CUT_AFTER, 1)])
    async def test_a_cut_comes_before_or_after_the_token_is_made(
        self, fault: Fault, minted: int
    ) -> None:
        async with direct() as (org, api):
            org.fail_next(fault, path="/oauth/v2/token")
            with pytest.raises(aiohttp.ServerDisconnectedError):
                await api.form(**org.credentials.form())
            assert org.tokens_minted == minted

    async def test_a_slow_token_comes_in_the_end(self) -> None:
        async with direct() as (org, api):
            org.fail_next(Fault.SLOW, path="/oauth/v2/token", seconds=0.01)
            assert "access_token" in (await api.form(**org.credentials.form())).body

    async def test_plans_without_a_path_spare_tokens(self) -> None:
        async with direct() as (org, api):
            org.fail_next(Fault.SERVER_ERROR)
            assert (await api.form(**org.credentials.form())).status == 200
