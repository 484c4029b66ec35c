"""The client of one organisation: opens, closes, carries one call through."""

import asyncio
import functools
import logging
import os
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, NoReturn, Self

from zohocrm_async import _retry, _settings
from zohocrm_async._attempts import Attempts
from zohocrm_async._books import Books
from zohocrm_async._clock import Clock
from zohocrm_async._endpoint import Call
from zohocrm_async._events import (
    ClientClosed,
    ClientOpened,
    Event,
    Hook,
    RetryPlanned,
    RetryRefused,
    log,
    logger,
    tell,
)
from zohocrm_async._facts import OrganizationFacts
from zohocrm_async._pauses import Pauses
from zohocrm_async._scheduling import Scheduled
from zohocrm_async._session import SessionPool
from zohocrm_async._watch import CallWatch, server_of, template_of
from zohocrm_async._wire import encode_body
from zohocrm_async.api import Families
from zohocrm_async.auth import Credentials, MemoryTokenStore, RefreshToken, TokenSource, TokenStore
from zohocrm_async.exceptions import (
    ConcurrencyExceeded,
    CreditsRefused,
    InvalidToken,
    MailLimitExceeded,
    SchedulerClosed,
    UnexpectedAnswer,
    ZohoCRMError,
)
from zohocrm_async.options import DataCenter, Limits, Retry, Timeouts
from zohocrm_async.scheduler import Catalogue, LearnedPrices, Ledger, Permit, Quote, Scheduler
from zohocrm_async.scheduler.leases import LeaseLapsed, SlotLeases
from zohocrm_async.scheduler.windows import DayWindow

_UNAUTHORIZED, _TOO_MANY = 401, 429


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
        self._retry = retry or Retry()
        self._retries = _retry.RetryBudget(self._retry.budget)
        self._pauses = Pauses(self.clock)
        self._learned = LearnedPrices()
        self._begun = 0
        self._done: asyncio.Event | None = None
        self._hooks = tuple(hooks)
        self._own_sessions = sessions is None
        self._sessions = sessions or SessionPool(timeouts=timeouts or Timeouts())
        self._tokens = TokenSource(
            credentials, data_center, self._sessions, token_store or MemoryTokenStore(), self.clock
        )
        known = limits if isinstance(limits, Limits) else None
        self._scheduler = Scheduler(
            known or Limits(),
            clock=self.clock,
            ledger=ledger,
            leases=slots,
            mails=mails,
            tell=self._tell,
        )
        self._attempts = Attempts(
            data_center,
            version,
            tokens=self._tokens,
            sessions=self._sessions,
            scheduler=self._scheduler,
            learned=self._learned,
            tell=self._tell,
        )
        self._books = Books(ledger, slots, mails)
        self._opened = self._books.are_private
        self._opening = asyncio.Lock()
        self._closed = False
        self._facts = OrganizationFacts(
            self._ask,
            self._scheduler,
            self.clock,
            limits_known=known is not None,
            adapt=limits if callable(limits) else None,
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
        if self._begun:
            self._done = self._done or asyncio.Event()
            await self._done.wait()

    async def close(self) -> None:
        """Refuse what waits, and close what the client opened; `drain` first loses nothing."""
        self._scheduler.close()
        self._pauses.end()  # whose next attempts are refused
        if not self._closed:
            self._closed = True
            self._tell(ClientClosed(self))
        # Whatever fails or is cancelled, the rest is closed.
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self._close_books)
            if self._own_sessions:
                closing.push_async_callback(self._sessions.close)
            closing.push_async_callback(self._tokens.close)

    async def _close_books(self) -> None:
        async with self._opening:
            opened, self._opened = self._opened, False
            if opened:  # once, as others may count on them
                await self._books.close()

    async def _open(self) -> None:
        async with self._opening:
            if self._closed:
                raise SchedulerClosed("the client was closed; make another")
            if self._opened:
                return
            known, limits = self._facts.limits_known, self._scheduler.limits
            found = await self._books.open(limits, known=known)
            if found is not limits:
                self._scheduler.set_limits(found)
            self._opened = True

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
        catalogue = self._facts.fresh or await self._ready()
        if watch is not None:
            watch.priced()
        quote = catalogue.price(call)
        if self._learned.known:
            quote = self._learned.correct(quote)
        body = await self._carry(call, quote, watch)
        operation = call.operation
        try:
            return _structure()(body, call.returns, operation.key, operation.name)
        except UnexpectedAnswer as error:
            self._raise_final(call, error)

    async def quote(self, call: Call) -> Quote:
        """Return what is known of the price of *call*, without making it."""
        catalogue = self._facts.fresh or await self._ready()
        return self._learned.correct(catalogue.price(call))

    async def _ready(self) -> Catalogue:
        if not self._opened:
            await self._open()
        return await self._facts.catalogue()

    async def _ask(self, call: Call, quote: Quote) -> Any:
        """Carry a call through that the client makes for itself; return the body as it came."""
        if not self._has_listeners():
            return await self._carry(call, quote, None)
        with self._watch(call) as watch:
            return await self._carry(call, quote, watch)

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

    async def _carry(self, call: Call, quote: Quote, watch: CallWatch | None) -> Any:
        """Repeat attempts until there is an answer, an error, or nothing to hope for."""
        body, operation = encode_body(call), call.operation
        # One permit for all attempts: a call that the service refuses keeps its place.
        permit = self._scheduler.admit(
            quote,
            heavy=call.heavy,
            operation=operation.name,
            windows=operation.windows,
            slots=operation.slots,
        )
        attempt, refreshed = 1, False
        self._begun += 1
        try:
            while True:
                try:
                    result = await self._attempts.make(call, body, permit, attempt, watch)
                    self._retries.succeed()
                    return result  # noqa: TRY300  # an else would read worse in this loop
                except (CreditsRefused, ConcurrencyExceeded) as error:
                    if error.status == _TOO_MANY:
                        continue  # admission waits for what the service grants, or refuses to
                    pause = self._pause(call, error, permit, attempt, watch)
                except LeaseLapsed:
                    continue  # nothing has left
                except InvalidToken as error:
                    if refreshed or error.status != _UNAUTHORIZED:
                        raise
                    refreshed = True
                    continue
                except ZohoCRMError as error:
                    pause = self._pause(call, error, permit, attempt, watch)
                attempt += 1
                await self._pauses.sleep(pause)
                if watch is not None:
                    watch.paused(pause)
        finally:
            self._begun -= 1
            if self._done is not None and not self._begun:
                self._done.set()

    def _pause(
        self,
        call: Call,
        error: ZohoCRMError,
        permit: Permit,
        attempt: int,
        watch: CallWatch | None,
    ) -> float:
        """Return the seconds until the next attempt, or raise what the caller shall see."""
        operation, number = call.operation, 0 if watch is None else watch.number
        if isinstance(error, MailLimitExceeded):
            for window in operation.windows:
                self._scheduler.window_spent(window)
        pause = _retry.pause(
            self._retry,
            error,
            attempt=attempt,
            repeatable=operation.repeatable,
            random=random.random,
        )
        if pause is None:
            self._raise_final(call, error)
        if (late := _retry.too_late(pause, permit.deadline, self.clock)) is not None:
            late.operation = operation.name
            raise late from error
        if not self._retries.draw():
            self._tell(RetryRefused(operation.name, attempt, error, number))
            self._raise_final(call, error)
        self._tell(RetryPlanned(operation.name, attempt, pause, error, number))
        return pause

    def _tell(self, event: Event) -> None:
        tell((log, *self._hooks), event)

    def _raise_final(self, call: Call, error: ZohoCRMError) -> NoReturn:
        shown = _retry.final(call, error)
        if shown is error:
            raise error
        raise shown from error

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
