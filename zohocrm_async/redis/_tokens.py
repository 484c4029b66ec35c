"""Access tokens in Redis: one refresh serves the whole fleet."""

import asyncio
import logging
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson
from attrs import evolve

from zohocrm_async._clock import Timer
from zohocrm_async.auth import Token
from zohocrm_async.exceptions import FleetError
from zohocrm_async.redis._fleet import RedisFleet

logger = logging.getLogger("zohocrm_async.redis")

# A refresh takes as long as one request; who holds the lock says every third of this
# that it lives.
_LOCKED: Final = 30.0
_POLL: Final = 0.1
_AWAY: Final = 0.5
# A token and the refresh token with it may be all there is of a code exchange.
_KEPT: Final = 400 * 86_400
# Clocks that differ by less are no trouble: tokens are renewed half a minute before their end.
_IN_STEP: Final = timedelta(seconds=5)


class RedisTokenStore:
    """Tokens in Redis, for all processes that use the same server.

    Whoever can read the server's keys can read the tokens: give it a password and TLS.

    While the server is away, a process that needs a token waits; with
    ``RedisFleet(away_share=...)`` it asks for one of its own.

    Args:
        fleet: the server.
    """

    def __init__(self, fleet: RedisFleet) -> None:
        self.fleet = fleet
        self._lock_script = fleet.script("lock.lua")

    async def load(self, key: str) -> Token | None:
        """Return the token under *key*, or None."""
        data: bytes | None = await self._ask(None, "GET", self._name(key))
        if data is None:
            return None
        try:
            token = Token.from_dict(orjson.loads(data))
        except ValueError:
            logger.warning(
                "Redis at %s: %s holds no token and is not used",
                self.fleet.where,
                self._name(key),
            )
            return None
        return evolve(token, expires_at=token.expires_at - await self._ahead())

    async def save(self, key: str, token: Token) -> None:
        """Keep *token* under *key*."""
        kept = evolve(token, expires_at=token.expires_at + await self._ahead())
        data = orjson.dumps(kept.to_dict())
        await self._ask(None, "SET", self._name(key), data, "EX", str(_KEPT))

    async def delete(self, key: str) -> None:
        """Forget the token under *key*."""
        await self._ask(None, "DEL", self._name(key))

    @asynccontextmanager
    async def lock(self, key: str) -> AsyncGenerator[None, None]:
        """Hold off all others who would renew the token of *key*."""
        name, owner = f"{self._name(key)}:lock", secrets.token_hex(8)
        try:
            while not await self._patiently(True, lambda: self._order(name, owner, take=True)):
                await self.fleet.clock.sleep(_POLL)
        except BaseException:
            # The server may give it nevertheless, and nobody would know.
            await self.extend(name, owner, to=0)
            raise
        keeper = _Keeper(self, name, owner)
        try:
            yield
        finally:
            await keeper.release()

    async def extend(self, name: str, owner: str, *, to: float) -> None:
        """Let the lock last for *to* seconds more, if it is the owner's still; 0 releases it."""
        try:
            await self._order(name, owner, to=to)
        except FleetError as error:
            logger.warning("%s; others wait up to %g s for a token", error, _LOCKED)

    async def _order(
        self, name: str, owner: str, *, to: float = _LOCKED, take: bool = False
    ) -> object:
        """Give an order to the lock; whether it is the owner's."""
        return await self._lock_script.run(
            (name,), {"owner": owner, "to": int(to * 1000), "take": take}
        )

    async def _ahead(self) -> timedelta:
        """Return how far the server's clock, by which tokens are kept, is ahead of ours.

        Else a host whose clock is wrong would take the tokens of others for expired.
        """
        told: tuple[int, int] | None = await self._ask(None, "TIME")
        if told is None:
            return timedelta()
        ahead = datetime.fromtimestamp(told[0], UTC) - self.fleet.clock.now()
        return ahead if abs(ahead) > _IN_STEP else timedelta()

    def _name(self, key: str) -> str:
        return f"{self.fleet.prefix}:token:{key}"

    async def _ask(self, alone: object, *command: object) -> Any:
        return await self._patiently(alone, lambda: self.fleet.ask(*command))

    async def _patiently(self, alone: object, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Ask the server; while it is away wait, or go on with *alone* for an answer."""
        while True:
            try:
                return await ask()
            except FleetError as error:
                if self.fleet.away_share is not None:
                    logger.warning("%s; a token is used that others do not know", error)
                    return alone
            await self.fleet.clock.sleep(_AWAY)


class _Keeper:
    """Keeps a lock while its holder lives, however long that takes."""

    def __init__(self, store: RedisTokenStore, name: str, owner: str) -> None:
        self._store, self._name, self._owner = store, name, owner
        self._beating: asyncio.Task[None] | None = None
        self._timer: Timer | None = None
        self._clock = store.fleet.clock
        self._wait()

    async def release(self) -> None:
        """Let others have it."""
        if self._timer is not None:
            self._timer.cancel()
        if self._beating is not None:
            await asyncio.wait((self._beating,))
        await self._store.extend(self._name, self._owner, to=0)

    def _wait(self) -> None:
        self._timer = self._clock.call_later(_LOCKED / 3, self._beat)

    def _beat(self) -> None:
        self._beating = asyncio.create_task(self._store.extend(self._name, self._owner, to=_LOCKED))
        self._wait()
