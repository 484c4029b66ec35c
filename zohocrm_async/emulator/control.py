"""The emulator's own routes: books, time and faults over HTTP.

They need no token, cost nothing and hold no slot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import attrs
import orjson
from aiohttp import web

from zohocrm_async.emulator.delivery import deliver
from zohocrm_async.emulator.faults import Fault

if TYPE_CHECKING:
    from zohocrm_async.emulator.server import Emulator

JSON = dict[str, Any]


class Control:
    """Answers below ``/__emulator__/``."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    async def __call__(self, request: web.BaseRequest, name: str) -> web.StreamResponse:
        """Answer the route *name*."""
        org = self._emulator
        lists: dict[str, Iterable[Any]] = {}
        if request.method == "POST":
            return await self._change(request, name)
        if name == "books":
            return await deliver(request, 200, self.books())
        if name == "duplicates":
            return await deliver(request, 200, org.duplicates(request.rel_url.query.get("module", "Leads")))
        return web.Response(status=404)
