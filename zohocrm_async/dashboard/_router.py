"""The routes of the page."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse

from zohocrm_async.dashboard._streams import Streams
from zohocrm_async.dashboard._views import view_of
from zohocrm_async.exceptions import ConfigurationError

# Nothing but what comes from the same place, and none of it within another's page.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_FILES = {"dashboard.css": "text/css", "dashboard.js": "text/javascript"}


def router(guard: Callable[..., Any]) -> APIRouter:
    """Return a router with a page that shows the account of the application's client, live.

    ``app.include_router(dashboard.router(guard), prefix="/zohocrm")``. The page stands at
    ``/``, the same as JSON at ``/account.json``. Of a `ClientPool` it lists the
    organisations that have an open client, with a page for each. Nothing is sent to the
    service for it, and it keeps no client open.

    The last calls, their times and their errors are shown of clients that have a
    `Recorder` among their hooks.

    Args:
        guard: a dependency that raises ``HTTPException`` for whoever may not look; every
            route asks it, a page that stays open about six times a minute.

    Raises:
        ConfigurationError: *guard* cannot be called.
    """
    if not callable(guard):
        raise ConfigurationError(
            f"dashboard.router(guard) got {guard!r}; give a dependency that raises "
            "HTTPException for whoever may not look at the account"
        )
    streams = Streams()
    made = APIRouter(
        dependencies=[Depends(guard)], lifespan=streams.lifespan, include_in_schema=False
    )

    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse(view_of(request).page(), headers=_HEADERS)

    async def account(request: Request) -> Response:
        return Response(view_of(request).json(), headers=_HEADERS, media_type="application/json")

    async def stream(request: Request) -> StreamingResponse:
        view = view_of(request)
        if streams.full:
            raise HTTPException(503, "too many look at this page already", {"Retry-After": "10"})
        headers = {**_HEADERS, "X-Accel-Buffering": "no"}
        return StreamingResponse(
            streams.events(view), headers=headers, media_type="text/event-stream"
        )

    made.add_api_route("/", page)
    made.add_api_route("/account.json", account)
    made.add_api_route("/stream", stream)
    for name, kind in _FILES.items():
        made.add_api_route(f"/{name}", _file(name, kind))
    return made


def _file(name: str, kind: str) -> Callable[[], Any]:
    """Return an endpoint with a file of the package, which is read once and before."""
    content = files("zohocrm_async.dashboard").joinpath("static", name).read_bytes()

    async def read() -> Response:
        return Response(content, headers=_HEADERS, media_type=kind)

    return read
