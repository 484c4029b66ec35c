"""FastAPI: a lifespan, dependencies, problem details, health, and a router for notifications.

Needs the extra ``fastapi``. The guide docs/fastapi.md shows an application.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

try:
    import fastapi as _library
except ModuleNotFoundError as _missing:
    raise ImportError(
        "zohocrm_async.fastapi needs FastAPI: pip install 'zohocrm-async[fastapi]'"
    ) from _missing

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from zohocrm_async import ClientPool, ZohoCRM, exceptions as errors
from zohocrm_async._problems import Problem
from zohocrm_async.models import Notification
from zohocrm_async.notifications import parse
from zohocrm_async.options import Priority

del _library

logger = logging.getLogger("zohocrm_async.fastapi")

_FAULT = 500
# Bytes. Ten thousand ids with their values fit in.
_LARGEST = 4_000_000

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[Mapping[str, Any]]]


def lifespan(make: Callable[[], AbstractAsyncContextManager[ZohoCRM | ClientPool]]) -> Lifespan:
    """Return a lifespan that opens what *make* returns with the application, and closes it.

    That is a client, or a pool of the clients of many organisations:
    ``FastAPI(lifespan=lifespan(ZohoCRM.from_env))``. One of your own hands the state on
    with what it needs beside: ``async with lifespan(make)(app) as state: yield {**state}``.
    """

    @asynccontextmanager
    async def run(_: FastAPI) -> AsyncGenerator[Mapping[str, Any]]:
        async with make() as crm:
            yield {"zohocrm": crm}

    return run


def _client_of(request: Request) -> ZohoCRM:
    found = getattr(request.state, "zohocrm", None)
    if not isinstance(found, ZohoCRM):
        raise errors.ConfigurationError(
            "the application has no client: make it with FastAPI(lifespan=lifespan(...))"
        )
    return found


async def client(request: Request) -> AsyncGenerator[ZohoCRM]:
    """Give an endpoint the client of the application; see `CRM`."""
    crm = _client_of(request)
    async with interactive(crm, request):
        yield crm


CRM = Annotated[ZohoCRM, Depends(client)]
"""The client, for a parameter of an endpoint; its calls are INTERACTIVE, and those that
still wait when whoever asked hangs up are refused."""


def organisation(
    name: Callable[..., str] | Callable[..., Awaitable[str]],
) -> Callable[..., AsyncGenerator[ZohoCRM]]:
    """Return a dependency that gives the client of the organisation of the request.

    The application's lifespan opens a `ClientPool`. *name* is a dependency itself: it
    returns the organisation's name, from the path, a header, or who has signed in.
    ``Tenant = Annotated[ZohoCRM, Depends(organisation(name))]``.
    """

    async def give(request: Request, name: str = Depends(name)) -> AsyncGenerator[ZohoCRM]:
        pool = getattr(request.state, "zohocrm", None)
        if not isinstance(pool, ClientPool):
            raise errors.ConfigurationError(
                "the application has no pool: make it with FastAPI(lifespan=lifespan(...)) of a "
                "ClientPool"
            )
        async with (
            _attended(request) as watch,
            watch.entered(pool.organisation(name)) as crm,
            _requests(crm, watch),
        ):
            yield crm

    return give


@asynccontextmanager
async def interactive(crm: ZohoCRM, request: Request) -> AsyncGenerator[None]:
    """Let the calls of the block overtake jobs, and end their wait when *request* is gone.

    A call that has left is not interrupted, as nobody would know what it did. The body of
    *request* is read before the block, if it has not been.
    """
    async with _attended(request) as watch, _requests(crm, watch):
        yield


@asynccontextmanager
async def _requests(crm: ZohoCRM, watch: "_Watch") -> AsyncGenerator[None]:
    async with crm.budget("requests", priority=Priority.INTERACTIVE) as budget:
        watch.tell(budget.close)
        yield


class _Watch:
    """Tells when whoever asked has hung up, as long as an endpoint works for them."""

    def __init__(self, request: Request) -> None:
        self._gone = False
        self._then: Callable[[], None] | None = None
        self.task = asyncio.create_task(self._wait(request))
        # An answer that is complete reads like a client that is gone, and background tasks
        # may still make calls then. This is where FastAPI notes what ends with the endpoint.
        endpoint = request.scope.get("fastapi_function_astack")
        if isinstance(endpoint, AsyncExitStack):
            endpoint.callback(self.task.cancel)

    def tell(self, then: Callable[[], None]) -> None:
        """Call *then* when they are gone, and nothing that was to be called before."""
        self._then = then
        if self._gone:
            then()

    @asynccontextmanager
    async def entered(
        self, client: AbstractAsyncContextManager[ZohoCRM]
    ) -> AsyncGenerator[ZohoCRM]:
        """Enter *client*, and give up waiting for it when they are gone."""
        loop, wait = asyncio.get_running_loop(), asyncio.timeout(None)
        async with AsyncExitStack() as stack:
            try:
                async with wait:
                    self.tell(lambda: wait.reschedule(loop.time()))
                    crm = await stack.enter_async_context(client)
            except TimeoutError:
                if not wait.expired():
                    raise
                raise errors.SchedulerClosed("whoever asked has hung up") from None
            yield crm

    async def _wait(self, request: Request) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        if self._then is not None:
            self._then()


@asynccontextmanager
async def _attended(request: Request) -> AsyncGenerator[_Watch]:
    # What is still to come of the body could not be told from news of the connection.
    with contextlib.suppress(RuntimeError, ClientDisconnect):
        await request.body()
    watch = _Watch(request)
    try:
        yield watch
    finally:
        watch.task.cancel()
        await asyncio.wait((watch.task,))


# --- problem details


def add_exception_handlers(app: FastAPI) -> None:
    """Answer errors of the client with problem details (RFC 9457).

    What is not the fault of whoever asked is noted in the log ``zohocrm_async.fastapi``.
    """
    app.add_exception_handler(errors.ZohoCRMError, _answer)


async def _answer(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, errors.ZohoCRMError):
        return JSONResponse({}, 500)
    found, operation = Problem.of(error, now=datetime.now(UTC)), error.operation or "a request"
    if found.is_own:
        logger.error("%s: answered with %d", operation, found.status, exc_info=error)
    elif found.status >= _FAULT:
        # Without its message, which may name people.
        logger.warning("%s: %s, answered with %d", operation, type(error).__name__, found.status)
    return _response(found)


def problem(error: errors.ZohoCRMError, *, now: datetime | None = None) -> JSONResponse:
    """Return *error* as an answer: a status, and a body of ``application/problem+json``.

    403, 404, 412 and 422 for what was asked; 429 with Retry-After where it may go later; 502
    and 504 for the service's own faults; 500 and 503 for this one's, of which the answer
    tells nothing but the kind.
    """
    return _response(Problem.of(error, now=now or datetime.now(UTC)))


def _response(found: Problem) -> JSONResponse:
    headers = {} if found.retry_after is None else {"Retry-After": str(found.retry_after)}
    return JSONResponse(
        dict(found.body), found.status, headers, media_type="application/problem+json"
    )


# --- health


def health() -> APIRouter:
    """Return a router: ``/health`` while the process runs, ``/ready`` while calls are taken.

    Neither makes a call. ``/ready`` also tells what is left; without credits a process is
    ready still, as it answers what it can and says when more come back.
    """
    router = APIRouter(tags=["health"])

    async def alive() -> Mapping[str, str]:
        return {"status": "ok"}

    async def ready(request: Request) -> JSONResponse:
        found = getattr(request.state, "zohocrm", None)
        if isinstance(found, ClientPool):
            return JSONResponse({"status": "ok", "organisations": len(found.open_organisations)})
        crm = _client_of(request)
        report = crm.credits()
        body = {
            "status": "closing" if crm.closed else "ok",
            "credits_remaining": report.remaining,
            "resumes_at": report.resumes_at.isoformat() if report.resumes_at else None,
            "waiting": report.waiting,
        }
        return JSONResponse(body, 503 if crm.closed else 200)

    router.add_api_route("/health", alive)
    router.add_api_route("/ready", ready)
    return router


# --- notifications


def notifications(
    handle: Callable[[Notification], Awaitable[None]],
    tokens: Mapping[str, str],
    *,
    path: str = "/notifications",
) -> APIRouter:
    """Return a router that takes the callbacks of channels and hands them to *handle*.

    *tokens* are those of the channels, by channel id; it is read anew for each callback.
    One without a right token gets 403 and is handed to nobody, one of more than four
    megabytes 413. The service has its answer when *handle* returns, and does not wait for
    long: let it note what is to be done.
    """
    router = APIRouter(tags=["notifications"])

    async def take(request: Request) -> Response:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > _LARGEST:
                return Response(status_code=413)  # anybody may call, and memory is ours
        try:
            notification = parse(bytes(body), tokens=tokens)
        except errors.InvalidNotification as error:
            return problem(error)
        await handle(notification)
        return Response(status_code=204)

    router.add_api_route(path, take, methods=["POST"], status_code=204)
    return router
