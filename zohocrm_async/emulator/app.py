"""The way of one call through the server.

Token, path, scope, slots, credits, faults, work: in this order, each refusing
what it must. Assumed of charges, as nothing is documented: a good answer costs
the call's exact price; a refused one (4xx) the operation's least; 401, 429 and
5xx nothing; an answer that is lost after the work costs the exact price.
"""

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable

from aiohttp import web
from attrs import define

from zohocrm_async._endpoint import Call, Operation
from zohocrm_async.emulator import errors
from zohocrm_async.emulator.accounts import Accounts
from zohocrm_async.emulator.books import Books, RecordedCall
from zohocrm_async.emulator.catalogue import bounds, price_of
from zohocrm_async.emulator.credits import Charge, CreditWindow, Refusals, Slots
from zohocrm_async.emulator.delivery import deliver, page
from zohocrm_async.emulator.errors import Refusal, Reply
from zohocrm_async.emulator.faults import Fault, FaultPlan, PlannedFault
from zohocrm_async.emulator.handlers import Organization, answer, router
from zohocrm_async.emulator.mail import MailDay
from zohocrm_async.emulator.merge import Merges
from zohocrm_async.emulator.requests import Incoming, read_body
from zohocrm_async.emulator.scopes import check_scopes
from zohocrm_async.emulator.state import State
from zohocrm_async.options import Limits

_API = re.compile(r"/crm/(bulk/)?(v([2-9]))(/.*)")
_REMAINING = "X-API-CREDITS-REMAINING"
_UNAUTHORIZED, _TOO_MANY = 401, 429
_REFUSED, _FAILED = 400, 500


def _internal_error() -> Refusal:
    return Refusal("INTERNAL_ERROR", "Internal Server Error", status=500)


_BEFORE_WORK: dict[Fault, Callable[[], Refusal]] = {
    Fault.SERVER_ERROR: _internal_error,
    Fault.BAD_GATEWAY: lambda: Refusal("BAD_GATEWAY", "Bad Gateway", status=502),
    Fault.TOO_MANY_CALLS: errors.slots_taken,
    Fault.CREDITS_SPENT: errors.credits_spent,
    Fault.TOKEN_REVOKED: errors.invalid_token,
    Fault.CUT_BEFORE: lambda: Refusal("", "the connection is cut", status=500),
}

Handler = Callable[[web.BaseRequest, str], Awaitable[web.StreamResponse]]


@define(eq=False)
class _Visit:
    """One call on its way."""

    request: web.BaseRequest
    version: str
    path: str
    token: str = ""
    operation: Operation | None = None
    charge: Charge | None = None
    planned: PlannedFault | None = None

    @property
    def fault(self) -> Fault | None:
        return self.planned.fault if self.planned else None


class App:
    """The API of one organisation and its accounts server."""

    def __init__(
        self, state: State, merges: Merges, limits: Limits, *, latency: float, control: Handler
    ) -> None:
        self.accounts = Accounts(state.clock, state.seed)
        self.window = CreditWindow(limits.credits, state.clock)
        self.slots = Slots(limits.concurrency, limits.heavy_concurrency)
        self.books = Books()
        self.faults = FaultPlan()
        self.refusals = Refusals()
        self.prices: dict[str, int] = {}
        """What operations truly cost, where the list is wrong."""
        self.url = ""
        self._organization = Organization(state, MailDay(state), merges, self.accounts.zgid)
        self._latency = latency
        self._clock = state.clock
        self._control = control
        self._router = router()
        self._closing = asyncio.Event()

    def close(self) -> None:
        """Let slow answers go at once."""
        self._closing.set()

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer whatever comes."""
        path = request.rel_url.path
        match = _API.fullmatch(path)
        if match is not None:
            try:
                below = path if match[1] else match[4]
                return await self._call(_Visit(request, match[2], below), int(match[3]))
            except ConnectionError:
                return page(400)  # for a caller who hung up while still sending
        if path.startswith("/oauth/v2/"):
            return await self._accounts(request, path)
        if path.startswith("/__emulator__/"):
            return await self._control(request, path.removeprefix("/__emulator__/"))
        if path.startswith("/crm/"):
            refusal = errors.unknown_path()
            return await deliver(request, refusal.status, refusal.item)
        return page(404)

    # --- the API

    async def _call(self, visit: _Visit, version: int) -> web.StreamResponse:
        try:
            reply = await self._carry(visit, version)
        except Refusal as refusal:
            reply = self._refused(visit, refusal)
        self._book(visit, reply)
        return await deliver(
            visit.request,
            reply.status,
            reply.body,
            fault=visit.fault,
            headers=self._headers(visit),
            file=reply.file,
        )

    def _headers(self, visit: _Visit) -> dict[str, str]:
        """Return what the answer says beside its body."""
        headers: dict[str, str] = {}
        used = self.window.used
        if visit.token and used * 2 >= self.window.allowance:
            headers[_REMAINING] = str(self.window.allowance - used)
        if visit.planned and visit.fault is Fault.TOO_MANY_CALLS and visit.planned.seconds:
            headers["Retry-After"] = f"{visit.planned.seconds:.0f}"
        return headers

    async def _carry(self, visit: _Visit, version: int) -> Reply:
        request = visit.request
        visit.token = self.accounts.check(request.headers.get("Authorization"))
        operation, params = self._find(request.method, visit.path, version)
        visit.operation = operation
        held = self.accounts.scopes(visit.token)
        check_scopes(held, operation.method, operation.path, params.get("module", ""))
        with self.slots.taken(operation.slots):
            body = await read_body(request)
            call = Call(operation, visit.path, request.rel_url.query, request.headers, body)
            with self.slots.heavy_taken(call.heavy):
                return await self._work(visit, Incoming(call, params, version, held))

    def _find(self, method: str, path: str, version: int) -> tuple[Operation, dict[str, str]]:
        found = self._router.find(method, path)
        if found is None or found[0].since > version:
            if self._router.knows(path, version):
                raise errors.unknown_method()
            raise errors.unknown_path()
        return found

    async def _work(self, visit: _Visit, incoming: Incoming) -> Reply:
        price = self.prices.get(incoming.call.operation.name)
        visit.charge = self.window.charge(price_of(incoming.call) if price is None else price)
        named = visit.path == "/__apis"  # which clients read unasked
        visit.planned = self.faults.next(visit.request.method, visit.path, named=named)
        if visit.fault is Fault.TOKEN_REVOKED:
            self.accounts.kill(visit.token)
        if visit.fault in _BEFORE_WORK:
            refusal = _BEFORE_WORK[visit.fault]()
            raise refusal
        if self._latency:
            await self._pause(self._latency)
        if isinstance(incoming.call.body, Refusal):
            raise incoming.call.body
        if visit.planned and visit.fault is Fault.LATE:
            self._work_later(incoming, visit.planned.seconds)
            return Reply(None)
        reply = answer(self._organization, incoming)
        if visit.fault is Fault.ERROR_AFTER:
            raise _internal_error()
        if visit.fault is Fault.SLOW and visit.planned:
            await self._pause(visit.planned.seconds)
        return reply

    def _work_later(self, incoming: Incoming, seconds: float) -> None:
        """Do the work when its caller has long been cut off."""

        def work() -> None:
            if not self._closing.is_set():
                with contextlib.suppress(Refusal):  # which nobody gets to see
                    answer(self._organization, incoming)

        self._clock.call_later(seconds, work)

    async def _pause(self, seconds: float) -> None:
        """Let real time pass, but not the time it takes to close the server."""
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return

    def _refused(self, visit: _Visit, refusal: Refusal) -> Reply:
        if refusal.status == _TOO_MANY:
            self.refusals.count(refusal)
        return errors.refused(visit.operation.key if visit.operation else None, refusal)

    def _book(self, visit: _Visit, reply: Reply) -> None:
        """Write the call down with what it cost in the end."""
        operation, charge, status = visit.operation, visit.charge, reply.status
        if charge is not None and operation is not None and status >= _REFUSED:
            free = status in {_UNAUTHORIZED, _TOO_MANY} or status >= _FAILED
            least = min(bounds(operation)[0], charge.credits)
            self.window.correct(charge, 0 if free else least)
        self.books.record(
            RecordedCall(
                self._clock.now(),
                visit.request.method,
                visit.path,
                visit.version,
                operation.name if operation else None,
                None if visit.fault is Fault.CUT_BEFORE else status,
                reply.code,
                charge.credits if charge else 0,
            )
        )

    # --- the accounts server

    async def _accounts(self, request: web.BaseRequest, path: str) -> web.StreamResponse:
        planned = self.faults.next(request.method, path, named=True)
        fault = planned.fault if planned else None
        if fault in _TOKEN_FAULTS:
            status, body = _TOKEN_FAULTS[fault]
        else:
            status, body = await self._token_answer(request, path)
        if planned and fault is Fault.SLOW:
            await self._pause(planned.seconds)
        return await deliver(request, status, body, fault=fault)

    async def _token_answer(
        self, request: web.BaseRequest, path: str
    ) -> tuple[int, dict[str, object]]:
        # Secrets in a URL end up in logs: the form is the only place for them.
        if request.method != "POST" or request.rel_url.query:
            return 400, {"error": "invalid_request"}
        form = {name: str(value) for name, value in (await request.post()).items()}
        if path == "/oauth/v2/token":
            return self.accounts.token(form, self.url)
        if path == "/oauth/v2/token/revoke":
            return self.accounts.revoke(form)
        return 404, {"error": "invalid_request"}


_TOKEN_FAULTS: dict[Fault | None, tuple[int, dict[str, object]]] = {
    Fault.CUT_BEFORE: (500, {}),
    Fault.SERVER_ERROR: (500, {"error": "general_error"}),
    Fault.BAD_GATEWAY: (502, {}),
    Fault.TOO_MANY_CALLS: (400, {"error": "Access Denied", "status": "failure"}),
    Fault.CREDITS_SPENT: (400, {"error": "Access Denied", "status": "failure"}),
    Fault.TOKEN_REVOKED: (200, {"error": "invalid_code"}),
}
