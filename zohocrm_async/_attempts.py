"""The attempts at a call: a slot, a token, the wire, what the answer costs; and the next one."""

import asyncio
import random
from collections.abc import Callable
from typing import Any, NoReturn

from zohocrm_async import _retry
from zohocrm_async._clock import Clock
from zohocrm_async._endpoint import Call
from zohocrm_async._events import Event, PriceCorrected, RetryPlanned, RetryRefused
from zohocrm_async._pauses import Pauses
from zohocrm_async._session import SessionPool
from zohocrm_async._watch import CallWatch
from zohocrm_async._wire import (
    Answer,
    Form,
    build,
    credits_refused,
    encode_body,
    judge,
    spent,
    token_refused,
)
from zohocrm_async.auth import TokenSource
from zohocrm_async.exceptions import (
    ConcurrencyExceeded,
    CreditsRefused,
    InvalidToken,
    MailLimitExceeded,
    ZohoCRMError,
)
from zohocrm_async.options import DataCenter, Retry
from zohocrm_async.scheduler import LearnedPrices, Permit, Quote, Scheduler
from zohocrm_async.scheduler.leases import LeaseLapsed

_UNAUTHORIZED, _TOO_MANY = 401, 429
_GOOD, _REFUSED, _FAILED = 300, 400, 500


class Attempts:
    """Makes the attempts of one client, and the next where one fails; books what each costs."""

    def __init__(
        self,
        data_center: DataCenter,
        version: str,
        retry: Retry,
        *,
        clock: Clock,
        tokens: TokenSource,
        sessions: SessionPool,
        scheduler: Scheduler,
        tell: Callable[[Event], None],
    ) -> None:
        self._data_center = data_center
        self._version = version
        self._retry = retry
        self._retries = _retry.RetryBudget(retry.budget)
        self._clock = clock
        self._pauses = Pauses(clock)
        self._tokens = tokens
        self._sessions = sessions
        self._scheduler = scheduler
        self._tell = tell
        self.learned = LearnedPrices()
        """Prices that the service's count has shown to be other than listed."""
        self._sends = 0
        self._begun = 0
        self._done: asyncio.Event | None = None

    async def carry(self, call: Call, quote: Quote, watch: CallWatch | None) -> Any:
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
                    result = await self._make(call, body, permit, attempt, watch)
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
            raise_final(call, error)
        if (late := _retry.too_late(pause, permit.deadline, self._clock)) is not None:
            late.operation = operation.name
            raise late from error
        if not self._retries.draw():
            self._tell(RetryRefused(operation.name, attempt, error, number))
            raise_final(call, error)
        self._tell(RetryPlanned(operation.name, attempt, pause, error, number))
        return pause

    async def all_done(self) -> None:
        """Return when all calls that have begun are done."""
        if self._begun:
            self._done = self._done or asyncio.Event()
            await self._done.wait()

    def end_pauses(self) -> None:
        """Let the calls that pause go on at once."""
        self._pauses.end()

    async def _make(
        self,
        call: Call,
        body: bytes | Form | None,
        permit: Permit,
        attempt: int,
        watch: CallWatch | None,
    ) -> Any:
        """Make one attempt, judge its answer, and tell who follows the call."""
        answer, failure = None, None
        permit.spent = 0  # what the attempt before cost was told then
        if watch is not None:
            watch.asks(permit)
        try:
            answer = await self._send(call, body, permit, watch)
            return judge(call, answer)
        except ZohoCRMError as error:
            failure = error
            error.operation = error.operation or call.operation.name
            raise
        finally:
            if watch is not None:
                watch.ends(attempt, permit, answer, failure)

    async def _send(
        self, call: Call, body: bytes | Form | None, permit: Permit, watch: CallWatch | None
    ) -> Answer:
        """Send once; a slot and the credits are held for just as long."""
        async with permit:
            if watch is not None:
                watch.enters(permit)
            token = await self._tokens.get()
            if watch is not None:
                watch.leaves()
            request = build(
                call,
                body,
                api=self._tokens.api_url,
                data_center=self._data_center,
                version=self._version,
                access_token=token.access_token,
            )
            self._sends += 1
            answer = await self._sessions.send(
                request, on_sent=permit.mark_sent, may_leave=permit.may_leave
            )
            if answer.status == _TOO_MANY:
                self._throttled(permit, answer)
            else:
                price = permit.quote
                cost = spent(answer.status, minimum=price.minimum, maximum=price.reserve)
                refused = _REFUSED <= answer.status < _FAILED
                permit.settle(cost, acted=not refused)
            remaining = answer.credits_remaining
            if remaining is not None:
                self._count(call, permit, remaining, served=answer.status < _GOOD)
        if answer.status == _UNAUTHORIZED and token_refused(answer):
            await self._tokens.invalidate(token)
        return answer

    def _throttled(self, permit: Permit, answer: Answer) -> None:
        """Take a 429 as what it is: no credits, or no slot."""
        if credits_refused(answer):
            self._scheduler.credits_refused()
            permit.settle(0)
        else:
            permit.refused(answer.retry_after)

    def _count(self, call: Call, permit: Permit, remaining: int, *, served: bool) -> None:
        """Take in the service's count, and what it tells of the price."""
        self._scheduler.observe(remaining, sent_at=permit.sent_at)
        quote = permit.quote
        alone = self._scheduler.in_flight == permit.held
        seen = self.learned.count(quote, remaining, sends=self._sends, alone=alone, served=served)
        if seen is not None:
            self._tell(PriceCorrected(call.operation.name, call.path, quote.expected, seen))


def raise_final(call: Call, error: ZohoCRMError) -> NoReturn:
    """Raise what the caller of *call* shall see of *error*, now that no attempt follows."""
    shown = _retry.final(call, error)
    if shown is error:
        raise error
    raise shown from error
