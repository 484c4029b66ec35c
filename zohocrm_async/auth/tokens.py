"""One organisation's access token: shared by all who wait, renewed before it expires."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from attrs import evolve

from zohocrm_async._clock import Clock
from zohocrm_async._session import SessionPool
from zohocrm_async._shared import outcome_of
from zohocrm_async.auth._accounts import AccountsServer
from zohocrm_async.auth._token import Token
from zohocrm_async.auth.credentials import (
    AccessToken,
    AuthorizationCode,
    ClientCredentials,
    Credentials,
    RefreshToken,
)
from zohocrm_async.auth.stores import TokenStore
from zohocrm_async.exceptions import ConfigurationError, InvalidCredentials, SchedulerClosed
from zohocrm_async.options import DataCenter

__all__ = ["Token", "TokenSource"]

_log = logging.getLogger("zohocrm_async.auth")

# A token of an hour is renewed in its last five minutes while it still
# serves; in its last half minute a call waits for the new one. Shorter lives
# have shorter margins, or they would be renewed all the time.
_EARLY: Final = 300.0
_EARLY_SHARE: Final = 0.25
_LATE: Final = 30.0
_LATE_SHARE: Final = 0.1
_PAUSE_AFTER_FAILURE: Final = 30.0


class TokenSource:
    """Gives out the current access token of one set of credentials.

    Args:
        credentials: what tokens are asked for with.
        data_center: whose accounts server is asked; its hosts alone get tokens.
        pool: the connections.
        store: where tokens are kept and shared.
        clock: the time.
    """

    def __init__(
        self,
        credentials: Credentials,
        data_center: DataCenter,
        pool: SessionPool,
        store: TokenStore,
        clock: Clock,
    ) -> None:
        self._credentials = credentials
        self._data_center = data_center
        self._store = store
        self._clock = clock
        self._server = AccountsServer(data_center.accounts, pool, clock)
        self._key = credentials.key(data_center.accounts)
        self._token: Token | None = None
        self._api_url = data_center.api
        # On the monotonic clock: the question of every call is answered without dates.
        self._early_at = float("-inf")
        self._late = _LATE
        self._rejected: str | None = None
        self._refresh: asyncio.Task[Token] | None = None
        self._no_early_before = float("-inf")
        self._closed = False
        if isinstance(credentials, AccessToken):
            self._token = Token(
                access_token=credentials.token,
                expires_at=credentials.expires_at or datetime.max.replace(tzinfo=UTC),
            )

    @property
    def api_url(self) -> str:
        """The API's base: what the token's answer named, if it is this data centre's."""
        return self._api_url

    async def get(self) -> Token:
        """Return a valid token; all who wait share one refresh.

        Raises:
            InvalidCredentials: the accounts server refused the credentials.
            TokenThrottled: too many tokens were asked for.
            TransportError: the accounts server gave no usable answer.
        """
        token = self._token
        if token is not None and self._clock.monotonic() < self._early_at:
            return token
        if isinstance(self._credentials, AccessToken):
            return self._check_fixed(token)
        if token is not None and self._seconds_left(token) > self._late:
            self._renew_early()
            return token
        task = self._refresh or self._start()
        # Not awaited itself: a caller who is cancelled must not take the
        # refresh of all the others along.
        await asyncio.wait((task,))
        if self._closed or task.cancelled():
            raise SchedulerClosed("the client was closed while the call waited for a token")
        return outcome_of(task)

    async def invalidate(self, token: Token) -> None:
        """Forget *token*, which the service refused, if it is still the current one."""
        if self._token is None or self._token.access_token != token.access_token:
            return
        self._token = None
        self._rejected = token.access_token
        if isinstance(self._credentials, AccessToken):
            return
        async with self._store.lock(self._key):
            stored = await self._store.load(self._key)
            if stored is not None and stored.access_token == token.access_token:
                # Not deleted: it may hold the only copy of a refresh token.
                await self._store.save(self._key, evolve(stored, expires_at=self._clock.now()))

    async def revoke(self) -> None:
        """Revoke the refresh token; every client that uses it loses access."""
        async with self._store.lock(self._key):
            if isinstance(self._credentials, RefreshToken):
                refresh_token: str | None = self._credentials.refresh_token
            else:
                stored = await self._store.load(self._key)
                refresh_token = stored.refresh_token if stored is not None else None
            if refresh_token is None:
                raise ConfigurationError(
                    f"{type(self._credentials).__name__} has no refresh token to revoke"
                )
            await self._server.revoke(refresh_token)
            await self._store.delete(self._key)
        self._token = None

    async def close(self) -> None:
        """Cancel a refresh that is under way; who waits for it gets `SchedulerClosed`."""
        self._closed = True
        task = self._refresh
        if task is not None:
            task.cancel()
            await asyncio.wait((task,))

    def _seconds_left(self, token: Token) -> float:
        return (token.expires_at - self._clock.now()).total_seconds()

    def _check_fixed(self, token: Token | None) -> Token:
        if token is None:
            raise InvalidCredentials(
                "the service refused the access token, and an AccessToken cannot be renewed; "
                "give a new one, or a RefreshToken",
                code="invalid_token",
            )
        if self._seconds_left(token) <= 0:
            raise InvalidCredentials(
                f"the access token expired at {token.expires_at.isoformat(timespec='seconds')}, "
                "and an AccessToken cannot be renewed; give a new one, or a RefreshToken",
                code="expired_token",
            )
        return token

    def _renew_early(self) -> None:
        if self._refresh is None and self._clock.monotonic() >= self._no_early_before:
            self._start()

    def _start(self) -> asyncio.Task[Token]:
        if self._closed:
            raise SchedulerClosed("the client is closed")
        task = asyncio.create_task(self._renew(), name="zohocrm_async token refresh")
        task.add_done_callback(self._ended)
        self._refresh = task
        return task

    def _ended(self, task: asyncio.Task[Token]) -> None:
        self._refresh = None
        failure = None if task.cancelled() else task.exception()
        if failure is None:
            return
        self._no_early_before = self._clock.monotonic() + _PAUSE_AFTER_FAILURE
        if self._token is not None:
            _log.warning("the access token is not renewed yet: %s", failure)

    async def _renew(self) -> Token:
        async with self._store.lock(self._key):
            stored = await self._store.load(self._key)
            if stored is not None and self._is_news(stored):
                self._adopt(stored)
                return stored
            token = await self._ask(stored)
            # Before it is saved: a full disk is no reason to ask for another.
            self._adopt(token)
            await self._store.save(self._key, token)
        return token

    def _is_news(self, stored: Token) -> bool:
        """Whether somebody else who shares the store has renewed the token."""
        current = self._token.access_token if self._token is not None else None
        known = {current, self._rejected}
        return stored.access_token not in known and self._seconds_left(stored) > _LATE

    def _adopt(self, token: Token) -> None:
        life = self._seconds_left(token)
        self._early_at = self._clock.monotonic() + life - min(_EARLY, life * _EARLY_SHARE)
        self._late = min(_LATE, life * _LATE_SHARE)
        named = token.api_domain
        owned = named is not None and self._data_center.owns_api(named)
        self._api_url = named.rstrip("/") if named and owned else self._data_center.api
        self._token = token

    async def _ask(self, stored: Token | None) -> Token:
        kept = stored.refresh_token if stored is not None else None
        return await self._server.ask(self._form(stored), refresh_token=kept)

    def _form(self, stored: Token | None) -> Mapping[str, str]:
        match self._credentials:
            case RefreshToken() | ClientCredentials() as credentials:
                return credentials.form()
            case AuthorizationCode() as credentials:
                return _code_form(credentials, stored)
            case AccessToken():
                raise ConfigurationError("an AccessToken cannot be renewed")


def _code_form(credentials: AuthorizationCode, stored: Token | None) -> Mapping[str, str]:
    if stored is None:
        return credentials.form()
    if stored.refresh_token is None:
        raise InvalidCredentials(
            "the exchange of the code brought no refresh token, and the access token has expired; "
            "ask for a code with access_type=offline and prompt=consent, as authorize_url does",
            code="no_refresh_token",
        )
    return credentials.renewal(stored.refresh_token).form()
