"""How an answer leaves: whole, cut short, or not at all."""

import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson
from aiohttp import web

from zohocrm_async.emulator.errors import SentFile
from zohocrm_async.emulator.faults import Fault

_COMPRESSED_FROM = 1_400
_JSON = "application/json;charset=UTF-8"
_PAGE = b"<html><body><h1>The service is not available</h1></body></html>"
_PAGES = {Fault.HTML: 200, Fault.BAD_GATEWAY: 502}
_CUTS = frozenset({Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.LATE})


async def deliver(
    request: web.BaseRequest,
    status: int,
    value: Any,
    *,
    fault: Fault | None = None,
    headers: Mapping[str, str] | None = None,
    file: SentFile | None = None,
) -> web.StreamResponse:
    """Send *file*, or *value* as JSON (None: an empty body), or what *fault* makes of it."""
    if fault in _CUTS:
        return _cut(request)
    if fault in _PAGES:
        return page(_PAGES[fault])
    if value is None and file is None:
        return web.Response(status=status, headers=headers)
    body = orjson.dumps(value) if file is None else file.content
    kind = {"Content-Type": _JSON} if file is None else _file_headers(file)
    if fault is Fault.TRUNCATED:
        return await _truncated(request, status, body, kind)
    sent = {**kind, **(headers or {})}
    if len(body) >= _COMPRESSED_FROM and "gzip" in request.headers.get("Accept-Encoding", ""):
        body = zlib.compress(body, level=1, wbits=31)
        sent["Content-Encoding"] = "gzip"
    return web.Response(status=status, body=body, headers=sent)


def page(status: int) -> web.Response:
    """Return a page of HTML where JSON is expected."""
    return web.Response(status=status, body=_PAGE, content_type="text/html")


def _cut(request: web.BaseRequest) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)  # which nobody gets to see


def _file_headers(file: SentFile) -> dict[str, str]:
    return {
        "Content-Type": file.content_type,
        "Content-Disposition": f"attachment;filename*=UTF-8''{quote(file.name)}",
    }


async def _truncated(
    request: web.BaseRequest, status: int, body: bytes, headers: Mapping[str, str]
) -> web.StreamResponse:
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = len(body) + 64
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
