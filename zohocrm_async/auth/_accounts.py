"""The accounts server: tokens are asked for within its limit, and revoked."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from zohocrm_async._clock import Clock
from zohocrm_async._limiters import limiter
from zohocrm_async._session import SessionPool
from zohocrm_async._shared import own
from zohocrm_async._wire import Answer, Request
from zohocrm_async.auth._token import Token, read_token, refusal
from zohocrm_async.exceptions import (
    InvalidCredentials,
    TokenThrottled,
    TransportError,
    ZohoCRMError,
)

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

_FORM_HEADERS: Final = {"Content-Type": "application/x-www-form-urlencoded"}
_OK: Final = 200
_FAILED: Final = 500
# The server mints ten tokens in any ten minutes. A leaky bucket that holds b
# and leaks b in a period lets at most 2b through in that period.
_BURST: Final = 5
_PERIOD: Final = 600.0
_PACE: Final = _PERIOD / _BURST
_REFUSAL_HOLDS: Final = 60.0
_FAILURE_HOLDS: Final = 1.0


class AccountsServer:
    """One accounts server, asked on behalf of one set of credentials."""

    def __init__(self, url: str, pool: SessionPool, clock: Clock) -> None:
        self.host = urlsplit(url).netloc
        self._url = url
        self._pool = pool
        self._clock = clock
        self._limiter: AsyncLimiter | None = None
        self._asked_at = 0.0
        self._blocked_until = 0.0
        self._failed: tuple[Mapping[str, str], ZohoCRMError, float] | None = None

    async def ask(self, form: Mapping[str, str], *, refresh_token: str | None = None) -> Token:
        """Return a new token; keeps *refresh_token* where the answer has none.

        Raises:
            TokenThrottled: now is too soon; nothing was sent, or nothing will
                be for the time that the server asked for.
            InvalidCredentials: the server refused the form.
            TransportError: no usable answer came.
        """
        self._raise_if_failed(form)
        answer = await self._asked(form, self._room())
        now = self._clock.monotonic()
        try:
            moment = self._clock.now()
            return read_token(answer, host=self.host, now=moment, refresh_token=refresh_token)
        except TokenThrottled as throttled:
            self._blocked_until = now + throttled.retry_after
            raise
        except InvalidCredentials as refused:
            self._failed = (form, refused, now + _REFUSAL_HOLDS)
            raise
        except TransportError as failure:
            self._failed = (form, failure, now + _FAILURE_HOLDS)
            raise

    async def _asked(self, form: Mapping[str, str], limiter: "AsyncLimiter") -> Answer:
        """Ask, and count what may have brought a token."""
        counts = False

        def mark_sent() -> None:
            nonlocal counts
            counts = True

        try:
            answer = await self._post("/oauth/v2/token", form, on_sent=mark_sent)
            counts = answer.status < _FAILED
        except TransportError as failure:
            if counts:
                self._failed = (form, failure, self._clock.monotonic() + _FAILURE_HOLDS)
            raise
        finally:
            if counts:
                self._asked_at = self._clock.monotonic()
                await limiter.acquire()  # there is room, so this does not wait
        return answer

    async def revoke(self, refresh_token: str) -> None:
        """Revoke *refresh_token* and thereby the access tokens made with it."""
        answer = await self._post("/oauth/v2/token/revoke", {"token": refresh_token})
        said = answer.body.strip()
        is_page = said and not said.startswith(b"{")  # of whoever is on the way
        if answer.status != _OK or is_page or b'"error"' in said:
            raise refusal(answer, host=self.host)

    async def _post(
        self, path: str, form: Mapping[str, str], *, on_sent: Callable[[], None] | None = None
    ) -> Answer:
        url = f"{self._url}{path}"
        request = Request("POST", url, _FORM_HEADERS, urlencode(form).encode())
        try:
            return await self._pool.send(request, on_sent=on_sent)
        except TransportError as failure:
            # As far as a call is concerned: it only wanted a token.
            failure.sent = False
            raise

    def _raise_if_failed(self, form: Mapping[str, str]) -> None:
        # A thousand calls in a row are not to ask a thousand times in vain:
        # the server's limit would hide the true reason after the tenth.
        if self._failed is None:
            return
        failed_form, failure, until = self._failed
        if failed_form == form and self._clock.monotonic() < until:
            raise own(failure)

    def _room(self) -> "AsyncLimiter":
        now = self._clock.monotonic()
        if now < self._blocked_until:
            raise TokenThrottled(
                f"{self.host} refused more access tokens; "
                f"the next may be asked for in {self._blocked_until - now:.0f} s",
                retry_after=self._blocked_until - now,
            )
        limiter = self._current_limiter(now)
        if not limiter.has_capacity():
            # The bucket was at most full at the last request, so one leak later has room.
            wait = max(self._asked_at + _PACE - now, 0.0)
            raise TokenThrottled(
                f"{self.host} gives ten access tokens in ten minutes and this process has had its "
                f"share; the next may be asked for in {wait:.0f} s (share tokens between processes "
                "with a token store)",
                retry_after=wait,
            )
        return limiter

    def _current_limiter(self, now: float) -> "AsyncLimiter":
        # A whole period without a request has emptied the bucket. The limiter
        # knows that by the loop's time alone, and ours may have been moved on.
        if self._limiter is None or now - self._asked_at >= _PERIOD:
            self._limiter = limiter(_BURST, _PERIOD)
        return self._limiter
