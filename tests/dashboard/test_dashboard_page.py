"""The page, asked by real requests to a real server."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from attrs import evolve
from dashboards import KEY, Store, anybody, application, events, served
from fastapi import FastAPI

from zohocrm_async import ClientPool, OrganizationSettings, ZohoCRM, dashboard
from zohocrm_async.dashboard._views import OrganisationView
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.exceptions import ConfigurationError, RecordNotFound
from zohocrm_async.fastapi import add_exception_handlers

ROUTES = ("", "account.json", "stream", "dashboard.css", "dashboard.js")


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(headers=KEY) as session:
        yield session


def recorded(org: Emulator) -> ZohoCRM:
    return org.client(hooks=[dashboard.Recorder(clock=org.clock)])


class TestGuard:
    """Nobody looks without leave."""

    async def test_it_is_asked_for_everything(self, org: Emulator) -> None:
        async with served(application(org.client())) as url, aiohttp.ClientSession() as stranger:
            for route in ROUTES:
                async with stranger.get(url + route) as answer:
                    assert answer.status == 401

    @pytest.mark.parametrize("wrong", [None, "secret", True])
    def test_it_has_to_be_given(self, wrong: object) -> None:
        with pytest.raises(ConfigurationError, match="a dependency that raises HTTPException"):
            dashboard.router(wrong)  # type: ignore[arg-type]  # the fault

    def test_it_has_no_default(self) -> None:
        with pytest.raises(TypeError, match="guard"):
            dashboard.router()  # type: ignore[call-arg]  # the fault


class TestPage:
    """One client."""

    async def test_it_shows_the_account(self, org: Emulator, http: aiohttp.ClientSession) -> None:
        """With nothing but what comes from the same place."""
        async with served(application(recorded(org))) as url, http.get(url) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
            assert answer.headers["Cache-Control"] == "no-store"
            page = await answer.text()
        assert "<h1>Zoho CRM</h1>" in page
        assert "Credits of 24 hours" in page
        assert "http://" not in page
        assert "https://" not in page
        assert "style=" not in page

    async def test_without_a_slash_it_is_found_too(
        self, org: Emulator, http: aiohttp.ClientSession
    ) -> None:
        """Its links are relative to where it stands."""
        async with served(application(org.client())) as url, http.get(url[:-1]) as answer:
            assert (answer.status, str(answer.url)) == (200, url)

    async def test_the_same_as_json(self, org: Emulator, http: aiohttp.ClientSession) -> None:
        """All of the report, when the credits were spent, and the last calls."""
        crm = recorded(org)
        async with served(application(crm)) as url:
            await crm.organization.get()
            with pytest.raises(RecordNotFound):
                await crm.records.get("Leads", "404")
            async with http.get(f"{url}account.json") as answer:
                assert answer.content_type == "application/json"
                found = await answer.json()
        account, report = found["credits"], crm.credits()
        assert account["used"] == report.used == sum(one["credits"] for one in found["history"])
        assert account["slots"] == {"limit": 20, "in_force": 20, "in_flight": 0, "peak": 1}
        assert account["by_operation"]["organization.get"] == {"calls": 1, "credits": 1}
        assert found["history"][0]["resumes_at"] > found["history"][0]["began_at"]
        last = found["recording"]["last"][0]
        assert (last["operation"], last["error"]) == ("records.get", "RecordNotFound")
        assert list(found["recording"]["errors"]) == ["RecordNotFound"]

    async def test_looking_costs_nothing(self, org: Emulator, http: aiohttp.ClientSession) -> None:
        async with served(application(org.client())) as url:
            for route in ("", "account.json"):
                async with http.get(url + route) as answer:
                    assert answer.status == 200
        assert org.calls == ()
        assert org.tokens_minted == 0

    async def test_no_secret_is_shown(self, org: Emulator, http: aiohttp.ClientSession) -> None:
        """Neither credentials and tokens nor whom a call was about."""
        crm = recorded(org)
        [lead] = org.add_records("Leads", [{"Last_Name": "Boyle", "Email": "b@example.com"}])
        async with served(application(crm)) as url:
            await crm.records.get("Leads", lead)
            org.fail_next(Fault.SERVER_ERROR)
            await crm.records.get("Leads", lead)
            shown = ""
            for route in ("", "account.json"):
                async with http.get(url + route) as answer:
                    shown += await answer.text()
            async with http.get(f"{url}stream") as answer:
                shown += str(await anext(events(answer)))
            token = (await crm._tokens.get()).access_token
        assert "ServerError" in shown
        given = org.credentials
        secrets = (given.client_id, given.client_secret, given.refresh_token, token)
        assert not [word for word in (*secrets, lead, "Boyle", "b@example.com") if word in shown]

    async def test_one_client_has_no_organisations(
        self, org: Emulator, http: aiohttp.ClientSession
    ) -> None:
        async with (
            served(application(org.client())) as url,
            http.get(f"{url}?organisation=acme") as answer,
        ):
            assert (answer.status, "one client" in await answer.text()) == (404, True)

    async def test_an_application_without_a_client(
        self, http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Its log tells what it lacks."""
        app = FastAPI()
        add_exception_handlers(app)
        app.include_router(dashboard.router(anybody), prefix="/zohocrm")
        async with served(app) as url, http.get(url) as answer:
            assert answer.status == 500
        assert "FastAPI(lifespan=lifespan(...))" in caplog.text


class TestStream:
    """What changes, as it changes."""

    async def test_a_call_is_seen(self, org: Emulator, http: aiohttp.ClientSession) -> None:
        crm = recorded(org)
        async with served(application(crm)) as url, http.get(f"{url}stream") as answer:
            assert answer.content_type == "text/event-stream"
            stream = events(answer)
            name, parts = await anext(stream)
            assert (name, "organization.get" in parts["calls"]) == ("parts", False)
            assert (await anext(stream))[0] == "time"
            await crm.organization.get()
            org.advance(1)
            name, parts = await anext(stream)
            assert "organization.get" in parts["calls"]
            assert "queue" not in parts

    async def test_whoever_leaves_is_forgotten(
        self, org: Emulator, http: aiohttp.ClientSession
    ) -> None:
        """Places are few: a new viewer gets the one that was left."""
        async with served(application(org.client())) as url:
            async with contextlib.AsyncExitStack() as stack:
                for _ in range(20):
                    answer = await stack.enter_async_context(http.get(f"{url}stream"))
                    assert (await anext(events(answer)))[0] == "parts"
                async with http.get(f"{url}stream") as refused:
                    assert (refused.status, refused.headers["Retry-After"]) == (503, "10")
            async with asyncio.timeout(5):
                while (again := await http.get(f"{url}stream")).status != 200:
                    again.close()
            again.close()

    async def test_it_begins_anew(self, org: Emulator, http: aiohttp.ClientSession) -> None:
        """Each stream ends after a while; the next one shows all."""
        async with served(application(org.client())) as url:
            for _ in range(2):
                async with http.get(f"{url}stream") as answer:
                    stream = events(answer)
                    assert "allowance" in (await anext(stream))[1]
                    org.advance(20)
                    async with asyncio.timeout(5):
                        assert {name async for name, _ in stream} <= {"parts", "time"}


async def test_a_server_that_is_told_to_end_does(org: Emulator) -> None:
    """A real process, with a page open: within a second, and in order."""
    code = (
        "import uvicorn\n"
        "from dashboards import anybody, application\n"
        "from zohocrm_async import ZohoCRM\n"
        "uvicorn.run(application(ZohoCRM.from_env(), anybody), port=0, log_level='info')\n"
    )
    folder = os.path.dirname(__file__)  # noqa: PTH120  # no look at the disk
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code,
        env={**os.environ, **org.env, "PYTHONPATH": folder},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        line = b""
        while b"Uvicorn running on " not in line:
            line = await asyncio.wait_for(process.stdout.readline(), 20)
            assert line, "the server ended before it ran"
        url = line.decode().partition("running on ")[2].split()[0]
        async with aiohttp.ClientSession() as http, http.get(f"{url}/zohocrm/stream") as answer:
            stream = events(answer)
            await anext(stream)
            told = time.monotonic()
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                assert [name async for name, _ in stream][1:] == []
                rest = (await process.stdout.read()).decode()
                await process.wait()
        assert time.monotonic() - told < 3
        assert "Application shutdown complete" in rest
        assert "Traceback" not in rest
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.fixture
async def pool(org: Emulator) -> AsyncIterator[ClientPool]:
    """A pool of two organisations, with names that need care in links."""
    async with Emulator(seed=2) as other:
        settings = OrganizationSettings(
            credentials=org.credentials,
            data_center=org.data_center,
            limits=org.limits,
            hooks=[dashboard.Recorder(clock=org.clock)],
        )
        second = evolve(
            settings, credentials=other.credentials, data_center=other.data_center, hooks=()
        )
        store = Store(**{"acme/de & co": settings, "<b>globex": second})
        yield ClientPool(store, clock=org.clock)


class TestPool:
    """Many organisations, a page for each."""

    async def test_those_with_an_open_client(
        self, pool: ClientPool, http: aiohttp.ClientSession
    ) -> None:
        """Others are not there to be looked at; looking opens none."""
        async with served(application(pool)) as url:
            async with pool.organisation("acme/de & co") as crm:
                await crm.organization.get()
            async with http.get(url) as answer:
                page = await answer.text()
            assert 'href="./?organisation=acme%2Fde+%26+co"' in page
            assert "globex" not in page
            async with http.get(f"{url}account.json") as answer:
                [one] = await answer.json()
            assert (one["organisation"], one["in_flight"]) == ("acme/de & co", 0)
            async with http.get(f"{url}?organisation=%3Cb%3Eglobex") as answer:
                assert answer.status == 404
                assert (
                    "no client of organisation '<b>globex' is open"
                    in (await answer.json())["detail"]
                )
            assert pool.open_organisations == ("acme/de & co",)

    async def test_each_has_a_page(self, pool: ClientPool, http: aiohttp.ClientSession) -> None:
        async with served(application(pool)) as url:
            async with pool.organisation("acme/de & co") as crm, pool.organisation("<b>globex"):
                await crm.organization.get()
            async with http.get(f"{url}?organisation=acme%2Fde+%26+co") as answer:
                page = await answer.text()
            assert "<h1>acme/de &amp; co</h1>" in page
            assert "organization.get" in page
            assert 'href="account.json?organisation=acme%2Fde+%26+co"' in page
            async with http.get(f"{url}?organisation=%3Cb%3Eglobex") as answer:
                page = await answer.text()
            assert "<b>globex" not in page
            assert "organization.get" not in page

    async def test_looking_is_no_use(
        self, pool: ClientPool, org: Emulator, http: aiohttp.ClientSession
    ) -> None:
        """A client that nobody else uses is closed in spite of viewers, and they are told."""
        async with served(application(pool)) as url:
            async with pool.organisation("acme/de & co") as crm:
                await crm.organization.get()
            org.advance(595)
            address = f"{url}stream?organisation=acme%2Fde+%26+co"
            async with http.get(address) as answer:
                stream = events(answer)
                assert "allowance" in (await anext(stream))[1]
                assert (await anext(stream))[0] == "time"
                org.advance(6)
                name, parts = await anext(stream)
                while name != "parts":
                    name, parts = await anext(stream)
                assert list(parts) == ["notices"]
                assert "was closed" in parts["notices"]
            assert pool.open_organisations == ()
            async with http.get(address) as answer:
                assert answer.status == 404

    async def test_a_client_that_was_opened_anew_is_another(
        self, pool: ClientPool, org: Emulator
    ) -> None:
        """Its numbers begin anew, too: they are not mixed with those of the last."""
        name = "acme/de & co"
        async with pool:
            async with pool.organisation(name) as crm:
                view = OrganisationView(crm, name, pool)
                assert "allowance" in view.parts()
            await pool.forget(name)
            async with pool.organisation(name):
                assert list(view.parts()) == ["notices"]
