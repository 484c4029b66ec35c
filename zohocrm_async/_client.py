"""The client of one organisation: opens, closes, carries one call through."""

import functools
import logging
import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from zohocrm_async import _settings
from zohocrm_async._attempts import Attempts, raise_final
from zohocrm_async._books import Books
from zohocrm_async._clock import Clock
from zohocrm_async._endpoint import Call
from zohocrm_async._events import (
    ClientClosed,
    ClientOpened,
    Event,
    Hook,
    log,
    logger,
    tell,
)
from zohocrm_async._facts import OrganizationFacts
from zohocrm_async._scheduling import Scheduled
from zohocrm_async._session import SessionPool
from zohocrm_async._watch import CallWatch, server_of, template_of
from zohocrm_async.api import Families
from zohocrm_async.auth import Credentials, MemoryTokenStore, RefreshToken, TokenSource, TokenStore
from zohocrm_async.exceptions import UnexpectedAnswer
from zohocrm_async.options import DataCenter, Limits, Retry, Timeouts
from zohocrm_async.scheduler import Catalogue, Ledger, Quote
from zohocrm_async.scheduler.leases import SlotLeases
from zohocrm_async.scheduler.windows import DayWindow


@functools.cache
def _structure() -> Callable[[Any, Any, str | None, str], Any]:
    # Loads on first use; an import statement in `call` would cost every call a microsecond.
    from zohocrm_async._converter import structure  # noqa: PLC0415

    return structure


class ZohoCRM(Scheduled, Families):
    """One organisation of Zoho CRM; an async context manager.

    Args:
        credentials: how access tokens are had.
        data_center: where the organisation lives.
        version: the API version, ``v3`` to ``v8``.
        limits: what the organisation grants; None asks the organisation (1 credit). A
            function is given the organisation's answer, and returns what to keep to.
        retry: when failed calls are tried again.
        timeouts: seconds for one attempt; of no effect with *sessions*.
        token_store: where tokens outlive the process; None keeps them in it.
        ledger: where the 24-hour window is kept; None keeps it in the process. The
            client opens and closes it.
        slots: who lends slots, where several processes share them; None: this process
            has all. The client opens and closes it.
        mails: where the day's mails are counted; None counts them in the process.
        sessions: a pool to share with other clients; None opens one of its own.
        hooks: called with an event for each call, attempt and retry, and what the queue does.
        clock: the time, for tests.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        data_center: DataCenter = DataCenter.US,
        version: str = "v7",
        limits: Limits | Callable[[Limits], Limits] | None = None,
        retry: Retry | None = None,
        timeouts: Timeouts | None = None,
        token_store: TokenStore | None = None,
        ledger: Ledger | None = None,
        slots: SlotLeases | None = None,
        mails: DayWindow | None = None,
        sessions: SessionPool | None = None,
        hooks: Sequence[Hook] = (),
        clock: Clock | None = None,
    ) -> None:
        _settings.check(credentials, data_center, version, limits, retry, timeouts, hooks)
        self.version = version
        self.data_center = data_center
        self.clock = clock or Clock()
        self._hooks = tuple(hooks)
        self._tell: Callable[[Event], None] = functools.partial(tell, (log, *hooks))
        self._own_sessions = sessions is None
        self._sessions = sessions or SessionPool(timeouts=timeouts)
        store = token_store or MemoryTokenStore()
        self._tokens = TokenSource(credentials, data_center, self._sessions, store, self.clock)
        known, adapt = (limits, None) if isinstance(limits, Limits) else (None, limits)
        self._books = Books(ledger, slots, mails)
        self._scheduler = self._books.scheduler(known or Limits(), self.clock, self._tell)
        self._attempts = Attempts(
            data_center,
            version,
            retry or Retry(),
            clock=self.clock,
            tokens=self._tokens,
            sessions=self._sessions,
            scheduler=self._scheduler,
            tell=self._tell,
        )
        self._facts = OrganizationFacts(
            self._ask, self._scheduler, self.clock, limits_known=known is not None, adapt=adapt
        )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, **settings: Any) -> Self:
        """Make a client from ``ZOHO_...`` variables; *settings* are those of the class.

        Raises:
            ConfigurationError: a variable is missing or wrong.
        """
        from zohocrm_async._environment import read  # noqa: PLC0415  # seldom used in services

        found = read(environ)
        given: dict[str, Any] = {
            "data_center": found.data_center,
            "version": found.version,
            "limits": found.limits,
            **settings,
        }
        return cls(RefreshToken(**found.credentials), **given)

    async def __aenter__(self) -> Self:
        await self._open()
        self._tell(ClientOpened(self))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def drain(self) -> None:
        """Refuse new calls, and return when all that have begun are done."""
        await self._scheduler.drain()
        # A call that pauses between two attempts is nothing to the scheduler.
        await self._attempts.all_done()

    async def close(self) -> None:
        """Refuse what waits, and close what the client opened; `drain` first loses nothing."""
        self._scheduler.close()
        self._attempts.end_pauses()  # whose next attempts are refused
        if not self._books.closed:
            self._books.closed = True
            self._tell(ClientClosed(self))
        # Whatever fails or is cancelled, the rest is closed.
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self._books.close)
            if self._own_sessions:
                closing.push_async_callback(self._sessions.close)
            closing.push_async_callback(self._tokens.close)

    async def _open(self) -> None:
        known, limits = self._facts.limits_known, self._scheduler.limits
        found = await self._books.open(limits, known=known)
        if found is not limits:
            self._scheduler.set_limits(found)

    @property
    def hooks(self) -> tuple[Hook, ...]:
        """Who is told of events, beside the package's log."""
        return self._hooks

    @property
    def api_url(self) -> str:
        """The host that calls go to."""
        return self._tokens.api_url

    def call(self, call: Call) -> Coroutine[Any, Any, Any]:
        """Carry one call through and return its result as declared."""
        # No coroutine of its own: it would cost every call that nobody follows.
        return self._watched(call) if self._has_listeners() else self._through(call, None)

    async def _watched(self, call: Call) -> Any:
        with self._watch(call) as watch:
            return await self._through(call, watch)

    async def _through(self, call: Call, watch: CallWatch | None) -> Any:
        catalogue = self._facts.fresh
        if catalogue is None:
            catalogue = await self._ready()
            if watch is not None:
                watch.priced()
        quote = catalogue.price(call)
        if self._attempts.learned.known:
            quote = self._attempts.learned.correct(quote)
        body = await self._attempts.carry(call, quote, watch)
        operation = call.operation
        try:
            return _structure()(body, call.returns, operation.key, operation.name)
        except UnexpectedAnswer as error:
            raise_final(call, error)

    async def quote(self, call: Call) -> Quote:
        """Return what is known of the price of *call*, without making it."""
        catalogue = self._facts.fresh or await self._ready()
        return self._attempts.learned.correct(catalogue.price(call))

    async def _ready(self) -> Catalogue:
        if not self._books.are_open:
            await self._open()
        return await self._facts.catalogue()

    async def _ask(self, call: Call, quote: Quote) -> Any:
        """Carry a call through that the client makes for itself; return the body as it came."""
        if not self._has_listeners():
            return await self._attempts.carry(call, quote, None)
        with self._watch(call) as watch:
            return await self._attempts.carry(call, quote, watch)

    def _has_listeners(self) -> bool:
        return bool(self._hooks) or logger.isEnabledFor(logging.DEBUG)

    def _watch(self, call: Call) -> CallWatch:
        return CallWatch(
            call,
            server=server_of(call, api=self.api_url, content=self.data_center.content),
            template=template_of(call, self.version),
            scheduler=self._scheduler,
            clock=self.clock,
            tell=self._tell,
        )

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        heavy: bool | None = None,
        repeatable: bool | None = None,
    ) -> Any:
        """Call any *path* below ``/crm/{version}`` and return the decoded answer.

        The call is scheduled, priced and retried like a declared one; None is an
        empty answer. *heavy* and *repeatable* say what no declaration says of the path.

        Raises:
            InvalidRequest: the path would name another host or path.
            ZohoCRMError: as any call does.
        """
        from zohocrm_async._arguments import raw_call  # noqa: PLC0415  # loads on first use

        return await self.call(
            raw_call(
                method,
                path,
                query=query,
                body=body,
                headers=headers,
                heavy=heavy,
                repeatable=repeatable,
            )
        )

    async def revoke(self) -> None:
        """Revoke the refresh token; the client is of no use afterwards."""
        await self._tokens.revoke()
