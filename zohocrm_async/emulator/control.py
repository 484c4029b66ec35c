"""The emulator's own routes: books, time and faults over HTTP.

They need no token, cost nothing and hold no slot.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
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

    def __init__(self, emulator: "Emulator") -> None:
        self._emulator = emulator
        self._lists: Mapping[str, Callable[[], Iterable[Any]]] = {
            "calls": lambda: emulator.calls,
            "mails": lambda: emulator.mails,
            "merges": lambda: emulator.merges,
        }
        self._changes: Mapping[str, Callable[..., None]] = {
            "advance": emulator.advance,
            "fail_next": self._fail_next,
            "occupy": emulator.occupy,
            "reprice": emulator.reprice,
            "spend": emulator.spend,
        }

    async def __call__(self, request: web.BaseRequest, name: str) -> web.StreamResponse:
        """Answer the route *name*."""
        if request.method == "GET" and name == "books":
            return await deliver(request, 200, books(self._emulator))
        if request.method == "GET" and name == "duplicates":
            module = request.rel_url.query.get("module", "Leads")
            return await deliver(request, 200, self._emulator.duplicates(module))
        if request.method == "GET" and name in self._lists:
            return _lines(self._lists[name]())
        if request.method == "POST" and name in self._changes:
            status, body = self._change(name, await request.read())
            return await deliver(request, status, body)
        return await deliver(request, 404, {"error": f"no route {request.method} {name}"})

    def _fail_next(self, fault: str, **plan: Any) -> None:
        self._emulator.fail_next(Fault(fault), **plan)

    def _change(self, name: str, raw: bytes) -> tuple[int, JSON]:
        try:
            self._changes[name](**orjson.loads(raw))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return 400, {"error": f"{name}: {error}"}
        return 200, {"ok": True}


def books(emulator: "Emulator") -> JSON:
    """Return the totals of everything that happened."""
    mails = Counter("sent" if mail.sent else "scheduled" for mail in emulator.mails)
    return {
        "credits_used": emulator.credits_used,
        "credits_remaining": emulator.credits_remaining,
        "in_flight": emulator.in_flight,
        "peak_in_flight": emulator.peak_in_flight,
        "peak_heavy": emulator.peak_heavy,
        "refusals": emulator.refusals,
        "tokens_minted": emulator.tokens_minted,
        "connections": emulator.connections,
        "mails": mails,
        "merges": Counter(merge.state for merge in emulator.merges),
        "calls": emulator.call_totals(),
    }


def _lines(values: Iterable[Any]) -> web.Response:
    lines = [
        orjson.dumps(attrs.asdict(value, recurse=False), option=orjson.OPT_APPEND_NEWLINE)
        for value in values
    ]
    return web.Response(body=b"".join(lines), content_type="application/x-ndjson")
