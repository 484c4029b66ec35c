"""The client inside a FastAPI application: real requests to a real server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from io import BytesIO
from typing import Annotated, Any

import aiohttp
import pytest
import pytest_asyncio
import uvicorn
from fastapi import BackgroundTasks, Depends, FastAPI, Header, Request
from fastapi.responses import JSONResponse, StreamingResponse

from zohocrm_async import ClientPool, Limits, OrganizationSettings, Retry, ZohoCRM
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.fastapi import (
    CRM,
    add_exception_handlers,
    health,
    lifespan,
    notifications,
    organisation,
)
from zohocrm_async.models import Notification


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


@pytest.mark.parametrize("client", [CRM, Annotated[ZohoCRM, Depends(organisation(lambda: "one"))]])
async def test_an_application_without_a_lifespan(
    http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, client: Any
) -> None:
    """Whoever runs it is told what it lacks; whoever asks is not."""
    app = FastAPI()
    add_exception_handlers(app)

    async def read(crm: Any) -> None: ...

    read.__annotations__["crm"] = client
    app.get("/")(read)

    async with served(app) as url:
        status, body = await asked(http, url)
    assert (status, body["detail"]) == (500, "The log of this application says more.")
    [record] = [record for record in caplog.records if record.name == "zohocrm_async.fastapi"]
    assert record.exc_info is not None
    assert "FastAPI(lifespan=lifespan(...))" in str(record.exc_info[1])


async def test_faults_of_the_service_are_logged(
    org: Emulator, http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    """By their kind: what was asked for may name people."""
    client = org.client(retry=Retry(attempts=1))
    async with served(application(lambda: client)) as url:
        await client.organization.get()
        org.fail_next(Fault.SERVER_ERROR)
        status, body = await asked(http, f"{url}/leads/123")
    assert (status, body["type"]) == (502, "urn:zohocrm-async:ServerError")
    [record] = [record for record in caplog.records if record.name == "zohocrm_async.fastapi"]
    assert record.getMessage() == "records.get: ServerError, answered with 502"


async def test_what_an_endpoint_leaves_to_do_is_done(
    org: Emulator, http: aiohttp.ClientSession
) -> None:
    """After the answer, with the same client: nobody has hung up."""
    client = org.client(limits=Limits(concurrency=1))
    app = application(lambda: client)

    @app.post("/letters")
    async def write(crm: CRM, later: BackgroundTasks) -> None:
        later.add_task(crm.records.create, "Leads", [{"Last_Name": "Later"}])

    async with served(app) as url:
        await client.organization.get()
        org.fail_next(Fault.SLOW, seconds=0.1)
        slow = asyncio.create_task(client.organization.get())
        await until(lambda: org.in_flight)
        assert (await asked(http, f"{url}/letters", json={}))[0] == 200
        await until(lambda: client.credits().waiting)
        await slow
        await until(lambda: org.records("Leads"))


async def test_who_reads_no_further_is_waited_for_no_longer(
    org: Emulator, http: aiohttp.ClientSession
) -> None:
    """An answer that is streamed makes no call any more when its reader has hung up."""
    client = org.client()
    app, ended = application(lambda: client), asyncio.Event()

    @app.get("/rows")
    async def rows(crm: CRM) -> StreamingResponse:
        async def stream() -> AsyncIterator[str]:
            try:
                while True:
                    yield (await crm.organization.get()).id
            finally:
                ended.set()

        return StreamingResponse(stream())

    async with served(app) as url:
        async with http.get(f"{url}/rows") as answer:
            await answer.content.readany()
        async with asyncio.timeout(5):
            await ended.wait()


async def test_whoever_hangs_up_waits_for_no_client(http: aiohttp.ClientSession) -> None:
    """Where all clients of a pool are in use, others have the place in the line."""
    async with Emulator(seed=1) as one, Emulator(seed=2) as two:
        pool = ClientPool(Store({"one": one, "two": two}), clients=1)
        app = FastAPI(lifespan=lifespan(lambda: pool))
        Tenant = Annotated[ZohoCRM, Depends(organisation(lambda: "two"))]  # noqa: N806  # a type

        @app.get("/name")
        async def name(crm: Tenant) -> str:
            return (await crm.organization.get()).id

        async with served(app) as url:
            async with pool.organisation("one"):
                waiting = asyncio.create_task(asked(http, f"{url}/name"))
                await until(lambda: len(pool._line))
                waiting.cancel()
                await until(lambda: not len(pool._line))
            assert pool.open_organisations == ("one",)
            assert (await asked(http, f"{url}/name"))[0] == 200


async def test_a_store_that_times_out_is_not_taken_for_somebody_who_hung_up(
    http: aiohttp.ClientSession,
) -> None:
    """The error is the store's own."""

    class Late(Store):
        async def load(self, name: str) -> OrganizationSettings | None:
            raise TimeoutError

    app = FastAPI(lifespan=lifespan(lambda: ClientPool(Late({}))))
    add_exception_handlers(app)
    seen: list[BaseException] = []

    @app.exception_handler(TimeoutError)
    async def note(_: Request, error: TimeoutError) -> JSONResponse:
        seen.append(error)
        return JSONResponse({}, 599)

    @app.get("/")
    async def read(crm: Annotated[ZohoCRM, Depends(organisation(lambda: "one"))]) -> None: ...

    async with served(app) as url:
        assert (await asked(http, url))[0] == 599
    assert seen


async def test_callbacks_are_taken_from_channels_alone(http: aiohttp.ClientSession) -> None:
    """One without its token, of no shape or of no end is handed to nobody."""
    taken: list[Notification] = []

    async def handle(notification: Notification) -> None:
        taken.append(notification)

    app = FastAPI()
    app.include_router(notifications(handle, {"1": "its token"}))
    told = {"channel_id": "1", "module": "Leads", "operation": "insert", "ids": ["7"]}
    async with served(app) as url:
        for body, status in (
            ({**told, "token": "another"}, 403),
            (told, 403),
            ({**told, "channel_id": "2", "token": "its token"}, 403),
            (["nothing"], 403),
            ({**told, "token": "its token"}, 204),
        ):
            async with http.post(f"{url}/notifications", json=body) as answer:
                assert answer.status == status
        async with http.post(f"{url}/notifications", data=BytesIO(b" " * 4_000_001)) as answer:
            assert answer.status == 413
    assert [one.ids for one in taken] == [("7",)]
