"""One attempt at a call: a slot, a token, the wire, and what the answer costs."""

from collections.abc import Callable
from typing import Any

from zohocrm_async._endpoint import Call
from zohocrm_async._events import Event, PriceCorrected
from zohocrm_async._session import SessionPool
from zohocrm_async._watch import CallWatch
from zohocrm_async._wire import (
    Answer,
    Form,
    build,
    credits_refused,
    judge,
    spent,
    token_refused,
)
from zohocrm_async.auth import TokenSource
from zohocrm_async.exceptions import ZohoCRMError
from zohocrm_async.options import DataCenter
from zohocrm_async.scheduler import LearnedPrices, Permit, Scheduler

_UNAUTHORIZED, _TOO_MANY = 401, 429
_GOOD, _REFUSED, _FAILED = 300, 400, 500


class Attempts:
    """Makes the attempts of one client, and books what each costs."""

    def __init__(
        self,
        data_center: DataCenter,
        version: str,
        *,
        tokens: TokenSource,
        sessions: SessionPool,
        scheduler: Scheduler,
        learned: LearnedPrices,
        tell: Callable[[Event], None],
    ) -> None:
        self._data_center = data_center
        self._version = version
        self._tokens = tokens
        self._sessions = sessions
        self._scheduler = scheduler
        self._learned = learned
        self._tell = tell
        self._sends = 0

    async def make(
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
        seen = self._learned.count(quote, remaining, sends=self._sends, alone=alone, served=served)
        if seen is not None:
            self._tell(PriceCorrected(call.operation.name, call.path, quote.expected, seen))
