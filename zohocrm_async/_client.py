"""The client of one organisation: opens, closes, carries one call through."""

import logging
import os
import random
import re
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, NoReturn, Self

from attrs import NOTHING, NothingType

from zohocrm_async import _retry
from zohocrm_async._clock import Clock
from zohocrm_async._endpoint import Call
from zohocrm_async._events import AttemptFinished, Hook, RetryPlanned, log, logger, tell
from zohocrm_async._facts import OrganizationFacts
from zohocrm_async._session import SessionPool
from zohocrm_async._wire import (
    Answer,
    CreditsRefused,
    Form,
    build,
    credits_refused,
    encode_body,
    judge,
    spent,
    token_refused,
)
from zohocrm_async.api import Families
from zohocrm_async.auth import Credentials, MemoryTokenStore, RefreshToken, TokenSource, TokenStore
from zohocrm_async.exceptions import (
    ConfigurationError,
    InvalidToken,
    UnexpectedAnswer,
    ZohoCRMError,
)
from zohocrm_async.models.credits import CreditReport
from zohocrm_async.options import DataCenter, Limits, Priority, Retry, Timeouts
from zohocrm_async.scheduler import Budget, Ledger, Permit, Quote, Scheduler

_VERSION = re.compile(r"v[2-9]")
_UNAUTHORIZED = 401


class ZohoCRM(Families):
    """One organisation of Zoho CRM; an async context manager.

    Args:
        credentials: how access tokens are had.
        data_center: where the organisation lives.
        version: the API version, ``v3`` to ``v8``.
        limits: what the organisation grants; None asks the organisation (1 credit).
        retry: when failed calls are tried again.
        timeouts: seconds for one attempt; of no effect with *sessions*.
        token_store: where tokens outlive the process; None keeps them in it.
        ledger: where the 24-hour window is kept; None keeps it in the process.
        sessions: a pool to share with other clients; None opens one of its own.
        hooks: called with an event for each attempt and each retry.
        clock: the time, for tests.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        data_center: DataCenter = DataCenter.US,
        version: str = "v7",
        limits: Limits | None = None,
        retry: Retry | None = None,
        timeouts: Timeouts | None = None,
        token_store: TokenStore | None = None,
        ledger: Ledger | None = None,
        sessions: SessionPool | None = None,
        hooks: Sequence[Hook] = (),
        clock: Clock | None = None,
    ) -> None:
        if not _VERSION.fullmatch(version):
            raise ConfigurationError(f"version is {version!r}: take one such as 'v7'")
        self.version = version
        self.data_center = data_center
        self.clock = clock or Clock()
        self._retry = retry or Retry()
        self._hooks = tuple(hooks)
        self._own_sessions = sessions is None
        self._sessions = sessions or SessionPool(timeouts=timeouts or Timeouts())
        self._tokens = TokenSource(
            credentials, data_center, self._sessions, token_store or MemoryTokenStore(), self.clock
        )
        self._scheduler = Scheduler(limits or Limits(), clock=self.clock, ledger=ledger)
        self._facts = OrganizationFacts(
            self._carry, self._scheduler, self.clock, limits_known=limits is not None
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
        client = cls(RefreshToken(**found.credentials), **given)
        if given["limits"] is None:
            client._facts.overrides = found.overrides  # its own
        return client

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Refuse what waits, and close what the client opened."""
        self._scheduler.close()
        await self._tokens.close()
        if self._own_sessions:
            await self._sessions.close()

    @property
    def api_url(self) -> str:
        """The host that calls go to."""
        return self._tokens.api_url

    async def call(self, call: Call) -> Any:
        """Carry one call through and return its result as declared."""
        from zohocrm_async._converter import structure  # noqa: PLC0415  # loads on first use

        catalogue = self._facts.fresh or await self._facts.catalogue()
        operation = call.operation
        priced = operation.price
        quote = catalogue.quote(
            operation.method,
            call.path,
            exact=priced(call) if callable(priced) else None,
            default=priced if isinstance(priced, int) else 1,
        )
        body = await self._carry(call, quote)
        try:
            return structure(body, call.returns, operation.key, operation.name)
        except UnexpectedAnswer as error:
            self._raise_final(call, error)

    async def _carry(self, call: Call, quote: Quote) -> Any:
        """Repeat attempts until there is an answer, an error, or nothing to hope for."""
        body = encode_body(call)
        attempt, refreshed = 1, False
        while True:
            try:
                return await self._attempt(call, quote, body, attempt)
            except CreditsRefused:
                continue  # admission now waits for credits or raises CreditsExhausted
            except InvalidToken:
                if refreshed:
                    raise
                refreshed = True
                continue
            except ZohoCRMError as error:
                pause = _retry.pause(
                    self._retry,
                    error,
                    attempt=attempt,
                    repeatable=call.operation.repeatable,
                    random=random.random,
                )
                if pause is None:
                    self._raise_final(call, error)
                tell((log, *self._hooks), RetryPlanned(call.operation.name, attempt, pause, error))
            attempt += 1
            await self.clock.sleep(pause)

    def _raise_final(self, call: Call, error: ZohoCRMError) -> NoReturn:
        shown = _retry.final(call, error)
        if shown is error:
            raise error
        raise shown from error

    async def _attempt(
        self, call: Call, quote: Quote, body: bytes | Form | None, attempt: int
    ) -> Any:
        """Make one attempt, judge its answer, and tell the hooks."""
        operation, began = call.operation, self.clock.monotonic()
        permit = self._scheduler.admit(quote, heavy=call.heavy, operation=operation.name)
        answer, failure = None, None
        try:
            answer = await self._send(call, body, permit)
            return judge(call, answer)
        except ZohoCRMError as error:
            failure = error
            error.operation = error.operation or operation.name
            raise
        finally:
            if self._hooks or logger.isEnabledFor(logging.DEBUG):
                seconds = answer.seconds if answer else 0.0
                event = AttemptFinished(
                    operation=operation.name,
                    method=operation.method,
                    path=call.path,
                    attempt=attempt,
                    status=answer.status if answer else None,
                    credits=permit.spent,
                    seconds=seconds,
                    waited=max(0.0, self.clock.monotonic() - began - seconds),
                    error=failure,
                )
                tell((log, *self._hooks), event)

    async def _send(self, call: Call, body: bytes | Form | None, permit: Permit) -> Answer:
        """Send once; a slot and the credits are held for just as long."""
        async with permit:
            token = await self._tokens.get()
            request = build(
                call,
                body,
                api=self._tokens.api_url,
                version=self.version,
                access_token=token.access_token,
            )
            answer = await self._sessions.send(request, on_sent=permit.mark_sent)
            if credits_refused(answer):
                self._scheduler.credits_refused()
            price = permit.quote
            permit.settle(spent(answer.status, minimum=price.minimum, maximum=price.reserve))
            if answer.credits_remaining is not None:
                self._scheduler.observe(answer.credits_remaining)
        if answer.status == _UNAUTHORIZED and token_refused(answer):
            await self._tokens.invalidate(token)
        return answer

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

    def budget(
        self,
        name: str,
        *,
        credits: int | None = None,
        priority: Priority | None = None,
        max_wait: float | NothingType | None = NOTHING,
    ) -> Budget:
        """Return a budget: ``async with`` charges every call awaited inside to it.

        *credits* is the most it may spend (None: no end). *max_wait* replaces
        `Limits.max_wait` for these calls: seconds to wait for credits, None for no end.
        A budget inside another spends of both, and takes from it what it is not given.
        """
        return self._scheduler.budget(name, credits=credits, priority=priority, max_wait=max_wait)

    def credits(self) -> CreditReport:
        """Return the state of the 24-hour window, the slots and the budgets."""
        return self._scheduler.report()

    async def revoke(self) -> None:
        """Revoke the refresh token; the client is of no use afterwards."""
        await self._tokens.revoke()
