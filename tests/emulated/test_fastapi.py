"""The client inside a FastAPI application: real requests to a real server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import aiohttp
import pytest
import pytest_asyncio
import uvicorn
from fastapi import Depends, FastAPI, Header, Request

from zohocrm_async import ClientPool, Limits, OrganizationSettings, ZohoCRM, exceptions as errors
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.fastapi import (
    CRM,
    add_exception_handlers,
    health,
    lifespan,
    organisation,
    problem,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@contextlib.asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Serve *app* on a port of its own."""
    config = uvicorn.Config(app, port=0, log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.001)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving


def application(make: Callable[[], ZohoCRM]) -> FastAPI:
    app = FastAPI(lifespan=lifespan(make))
    add_exception_handlers(app)
    app.include_router(health())

    @app.get("/leads/{lead}")
    async def read(lead: str, crm: CRM) -> dict[str, Any]:
        return dict(await crm.records.get("Leads", lead))

    @app.post("/leads")
    async def write(rows: list[dict[str, Any]], crm: CRM) -> int:
        return len(await crm.records.create("Leads", rows))

    @app.get("/budget")
    async def budget(crm: CRM) -> list[str]:
        await crm.organization.get()
        return list(crm.credits().by_budget)

    @app.post("/raw")
    async def raw(request: Request, crm: CRM) -> int:
        return len(await request.body())

    return app


@pytest_asyncio.fixture
async def org() -> AsyncIterator[Emulator]:
    async with Emulator() as organisation:
        yield organisation


@pytest_asyncio.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def until(what: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not what():
            await asyncio.sleep(0.001)


Ask = Callable[..., Awaitable[tuple[int, Any]]]


async def asked(http: aiohttp.ClientSession, url: str, **how: Any) -> tuple[int, Any]:
    method = "POST" if how else "GET"
    async with http.request(method, url, **how) as response:
        return response.status, await response.json()


async def test_an_endpoint_gets_the_client(org: Emulator, http: aiohttp.ClientSession) -> None:
    """It opens with the application and closes with it; what it returns goes out."""
    clients: list[ZohoCRM] = []

    def make() -> ZohoCRM:
        clients.append(org.client())
        return clients[0]

    [lead] = org.add_records("Leads", [{"Last_Name": "Boyle"}])
    async with served(application(make)) as url:
        status, body = await asked(http, f"{url}/leads/{lead}")
        assert (status, body["Last_Name"]) == (200, "Boyle")
        assert await asked(http, f"{url}/leads", json=[{"Last_Name": "A"}]) == (200, 1)
        assert await asked(http, f"{url}/raw", data=b"x" * 200_000) == (200, 200_000)
        assert (await asked(http, f"{url}/budget"))[1] == ["requests", "price list and limits"]
    assert clients[0].closed


async def test_whoever_hangs_up_waits_no_more(org: Emulator, http: aiohttp.ClientSession) -> None:
    """Their waiting call is never made; one that has left runs to its end."""
    client = org.client(limits=Limits(concurrency=1))
    async with served(application(lambda: client)) as url:
        await client.organization.get()
        [lead] = org.add_records("Leads", [{"Last_Name": "Boyle"}])
        before = len(org.calls)
        org.fail_next(Fault.SLOW, seconds=0.3)
        first = asyncio.create_task(asked(http, f"{url}/leads", json=[{"Last_Name": "First"}]))
        await until(lambda: client.credits().slots.in_flight == 1)
        second = asyncio.create_task(asked(http, f"{url}/leads/{lead}"))
        await until(lambda: client.credits().waiting == 1)
        for task in (first, second):
            task.cancel()
        await until(lambda: not client.credits().waiting)
        await until(lambda: not client.credits().slots.in_flight)
        assert [call.operation for call in org.calls[before:]] == ["records.create"]
        assert [row["Last_Name"] for row in org.records("Leads")] == ["Boyle", "First"]


async def test_errors_go_out_as_problem_details(org: Emulator, http: aiohttp.ClientSession) -> None:
    """With the status that fits, when to come back, and nothing secret."""
    client = org.client(limits=Limits(credits=200, max_wait=0))
    async with served(application(lambda: client)) as url:
        async with http.get(f"{url}/leads/123") as response:
            assert response.content_type == "application/problem+json"
            body = await response.json()
        assert (body["status"], body["type"]) == (404, "urn:zohocrm-async:RecordNotFound")
        assert body["operation"] == "records.get"
        status, body = await asked(http, f"{url}/leads", json=[{"Last_Name": 7}] * 2)
        assert (status, body) == (200, 2)  # each row has its own outcome
        async with client.budget("rest", credits=1_000):
            while client.credits().remaining >= 1:
                await client.organization.get()
        async with http.get(f"{url}/leads/123") as response:
            assert response.status == 429
            assert 86_000 < int(response.headers["Retry-After"]) <= 86_460
            text = await response.text()
    secrets = (org.credentials.client_secret, org.credentials.refresh_token)
    assert not [word for word in secrets if word in text]


async def test_health_and_readiness(org: Emulator, http: aiohttp.ClientSession) -> None:
    """The one asks whether the process runs, the other whether calls are taken."""
    client = org.client()
    async with served(application(lambda: client)) as url:
        assert await asked(http, f"{url}/health") == (200, {"status": "ok"})
        status, body = await asked(http, f"{url}/ready")
        assert (status, body["status"], body["waiting"]) == (200, "ok", 0)
        await client.drain()
        status, body = await asked(http, f"{url}/ready")
        assert (status, body["status"]) == (503, "closing")
        status, body = await asked(http, f"{url}/leads/1")
        assert (status, body["type"]) == (503, "urn:zohocrm-async:SchedulerClosed")


class Store:
    """Two organisations."""

    def __init__(self, orgs: Mapping[str, Emulator]) -> None:
        self._orgs = orgs

    async def load(self, name: str) -> OrganizationSettings | None:
        org = self._orgs.get(name)
        if org is None:
            return None
        return OrganizationSettings(credentials=org.credentials, data_center=org.data_center)


async def test_each_request_has_its_organisation(http: aiohttp.ClientSession) -> None:
    """As a dependency of the application's own tells; an unknown one is not found."""

    def tenant(x_tenant: Annotated[str, Header()]) -> str:
        return x_tenant

    async with Emulator(seed=1) as one, Emulator(seed=2) as two:
        store = Store({"one": one, "two": two})
        app = FastAPI(lifespan=lifespan(lambda: ClientPool(store)))
        add_exception_handlers(app)
        app.include_router(health())
        Tenant = Annotated[ZohoCRM, Depends(organisation(tenant))]  # noqa: N806  # a type

        @app.get("/names")
        async def names(crm: Tenant) -> list[str]:
            leads = await crm.records.list("Leads", fields=["Last_Name"])
            return [lead["Last_Name"] for lead in leads]

        for org, name in ((one, "Stone"), (two, "Rivers")):
            org.add_records("Leads", [{"Last_Name": name}])
        async with served(app) as url:
            for name, status in (("one", 200), ("two", 200), ("three", 404)):
                async with http.get(f"{url}/names", headers={"X-Tenant": name}) as answer:
                    assert answer.status == status
            status, body = await asked(http, f"{url}/ready")
        assert (status, body) == (200, {"status": "ok", "organisations": 2})
        assert [len(org.calls) > 0 for org in (one, two)] == [True, True]


async def test_an_application_without_a_lifespan(http: aiohttp.ClientSession) -> None:
    """It is told what it lacks."""
    app = FastAPI()
    add_exception_handlers(app)

    @app.get("/")
    async def read(crm: CRM) -> None: ...

    async with served(app) as url:
        status, body = await asked(http, url)
    assert status == 500
    assert "FastAPI(lifespan=lifespan(...))" in body["detail"]


@pytest.mark.parametrize(
    ("error", "status", "retry"),
    [
        (errors.InvalidRequest(("a", "b")), 422, None),
        (errors.InvalidData("no", status=400, code="INVALID_DATA"), 422, None),
        (errors.RecordNotFound("no", status=400, code="INVALID_DATA"), 404, None),
        (errors.RecordLocked("no", status=400, code="RECORD_LOCKED"), 422, None),
        (errors.AlreadyModified("no", status=412, code="ALREADY_MODIFIED"), 412, None),
        (
            errors.CreditsExhausted(
                needed=1, remaining=0, resumes_at=NOW + timedelta(seconds=90.2)
            ),
            429,
            "91",
        ),
        (errors.CreditsExhausted(needed=9, remaining=0, resumes_at=None), 429, None),
        (errors.QueueFull("full"), 429, "1"),
        (errors.TokenThrottled("wait", retry_after=40.0), 429, "40"),
        (errors.BudgetExceeded(budget="b", needed=2, remaining=1), 429, None),
        (errors.ConnectionFailed("gone"), 502, None),
        (errors.TimedOut("late"), 504, None),
        (errors.ServerError("down", status=500, code="INTERNAL_ERROR"), 502, None),
        (errors.InvalidCredentials("no", code="invalid_client"), 502, None),
        (errors.OutcomeUnknown("lost", look_at="Look.", path="/Leads"), 502, None),
        (errors.ConfigurationError("missing"), 500, None),
        (errors.SchedulerClosed("closed"), 503, None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_kind_has_its_status(
    error: errors.ZohoCRMError, status: int, retry: str | None
) -> None:
    answer = problem(error, now=NOW)
    assert (answer.status_code, answer.headers.get("retry-after")) == (status, retry)
