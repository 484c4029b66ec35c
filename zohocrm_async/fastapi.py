"""FastAPI: a lifespan, dependencies, problem details, health, and a router for notifications.

Needs the extra ``fastapi``. The guide docs/fastapi.md shows an application.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from math import ceil
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from zohocrm_async import ClientPool, ZohoCRM, exceptions as errors
from zohocrm_async.models import Notification
from zohocrm_async.notifications import parse
from zohocrm_async.options import Priority

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
        async with pool.organisation(name) as crm, interactive(crm, request):
            yield crm

    return give


@asynccontextmanager
async def interactive(crm: ZohoCRM, request: Request) -> AsyncGenerator[None]:
    """Let the calls of the block overtake jobs, and end their wait when *request* is gone.

    A call that has left is not interrupted, as nobody would know what it did. The body of
    *request* is read before the block, if it has not been.
    """
    # What is still to come of it could not be told from news of the connection.
    with contextlib.suppress(RuntimeError, ClientDisconnect):
        await request.body()
    async with crm.budget("requests", priority=Priority.INTERACTIVE) as budget:
        watch = asyncio.create_task(_until_gone(request, budget.close))
        try:
            yield
        finally:
            watch.cancel()
            await asyncio.wait((watch,))


async def _until_gone(request: Request, close: Callable[[], None]) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
    close()


# --- problem details

_INPUT = (
    errors.InvalidRequest, errors.InvalidData, errors.MandatoryNotFound,
    errors.DependentFieldMissing, errors.DuplicateData, errors.InvalidModule, errors.NotAllowed,
    errors.FileTooLarge, errors.RecordLocked,
)  # fmt: skip
# The first that fits counts.
_STATUS: tuple[tuple[tuple[type[errors.ZohoCRMError], ...], int], ...] = (
    ((errors.RecordNotFound, errors.NotFound, errors.UnknownOrganization), 404),
    ((errors.AlreadyModified,), 412),
    ((errors.InvalidNotification,), 403),
    (_INPUT, 422),
    ((errors.CreditsExhausted, errors.BudgetExceeded, errors.WindowExhausted), 429),
    ((errors.QueueFull, errors.ConcurrencyExceeded, errors.TokenThrottled), 429),
    ((errors.LimitExceeded,), 429),
    ((errors.ConfigurationError, errors.LedgerError, errors.JournalError), 500),
    ((errors.SchedulerClosed,), 503),
    ((errors.TimedOut, errors.DeadlineExceeded, errors.JobTimedOut), 504),
)
_FAULT = 502
# A queue that is full is so for seconds.
_SOON = 1


def add_exception_handlers(app: FastAPI) -> None:
    """Answer errors of the client with problem details (RFC 9457)."""
    app.add_exception_handler(errors.ZohoCRMError, _answer)


async def _answer(_: Request, error: Exception) -> JSONResponse:
    return problem(error) if isinstance(error, errors.ZohoCRMError) else JSONResponse({}, 500)


def problem(error: errors.ZohoCRMError, *, now: datetime | None = None) -> JSONResponse:
    """Return *error* as an answer: a status, and a body of ``application/problem+json``.

    403, 404, 412 and 422 for what was asked; 429 with Retry-After where it may go later; 502
    and 504 for the service's own faults; 500 and 503 for this one's.
    """
    status = next((code for kinds, code in _STATUS if isinstance(error, kinds)), _FAULT)
    name = type(error).__name__
    body: dict[str, Any] = {
        "type": f"urn:zohocrm-async:{name}",
        "title": (type(error).__doc__ or name).partition("\n")[0].rstrip("."),
        "status": status,
        "detail": str(error),
        "operation": error.operation,
    }
    if isinstance(error, errors.InvalidRequest):
        body["problems"] = list(error.problems)
    if isinstance(error, errors.APIError):
        body["code"] = error.code
    if isinstance(error, errors.OutcomeUnknown):
        body["look_at"] = error.look_at
    headers: dict[str, str] = {}
    if (seconds := _retry_after(error, now or datetime.now(UTC))) is not None:
        headers["Retry-After"] = str(seconds)
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _retry_after(error: errors.ZohoCRMError, now: datetime) -> int | None:
    """Return the seconds after which it may go, where that is known."""
    if isinstance(error, errors.QueueFull):
        return _SOON
    seconds: float | None = getattr(error, "retry_after", None)
    back: datetime | None = getattr(error, "resumes_at", None)
    if back is not None:
        seconds = (back - now).total_seconds()
    return None if seconds is None else max(1, ceil(seconds))


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
    One without a right token gets 403 and is handed to nobody. The service has its answer
    when *handle* returns, and does not wait for long: let it note what is to be done.
    """
    router = APIRouter(tags=["notifications"])

    async def take(request: Request) -> Response:
        try:
            notification = parse(await request.body(), tokens=tokens)
        except errors.InvalidNotification as error:
            return problem(error)
        await handle(notification)
        return Response(status_code=204)

    router.add_api_route(path, take, methods=["POST"], status_code=204)
    return router
