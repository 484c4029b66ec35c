"""The Redis server that the processes of a fleet share: connections, scripts, messages."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, cast

import orjson
from redis import asyncio as _redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    NoPermissionError,
    RedisError,
    ResponseError,
)

from zohocrm_async._clock import Clock
from zohocrm_async.exceptions import ConfigurationError, FleetError, ZohoCRMError

logger = logging.getLogger("zohocrm_async.redis")

if TYPE_CHECKING:
    from zohocrm_async.redis._ledger import RedisLedger
    from zohocrm_async.redis._mails import RedisMails
    from zohocrm_async.redis._slots import RedisSlots
    from zohocrm_async.redis._tokens import RedisTokenStore

# redis-py leaves much of itself untyped; what comes out of it is checked where it is read.
_library: Any = _redis

_CONNECTIONS: Final = 8
_OLDEST: Final = (6, 2)
_POLL: Final = 5.0
_AGAIN: Final = 0.5
_SHORTEST: Final = 0.2
# Time-outs are parts of the lease, so that a lost answer does not cost the lease as well.
_PATIENCE: Final = 4
_LEAST: Final = 0.3
# Many organisations may be opened at once. To wait for one of our own connections says
# nothing of the server: each is free again after its time-out at the latest.
_IN_LINE: Final = 10.0

Listener = Callable[[Mapping[str, Any]], None]


class RedisFleet:
    """A Redis or Valkey server, and how the processes that meet there share.

    It is opened by whatever is made of it, or with ``async with``, in one event loop.

    Args:
        url: the server, such as ``redis://:password@host:6379/0`` or ``rediss://...``.
        prefix: what the names of all keys and channels begin with.
        lease: seconds after which the slots of a process that gives no sign of life
            go to others; a process that cannot reach the server starts no call after
            half of them.
        away_share: while the server is away, the part of all limits that this process
            goes on with; None: calls wait. The shares of all processes must not add up
            to more than 1.
        clock: the time, for tests.
    """

    def __init__(
        self,
        url: str,
        *,
        prefix: str = "zohocrm",
        lease: float = 6.0,
        away_share: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        if not lease >= _SHORTEST:
            raise ConfigurationError(f"RedisFleet.lease is {lease!r}; give {_SHORTEST} s or more")
        if away_share is not None and not 0 < away_share <= 1:
            raise ConfigurationError(
                f"RedisFleet.away_share is {away_share!r}; give a part of 1, or None to wait"
            )
        self.prefix, self.lease, self.away_share = prefix, lease, away_share
        self.clock = clock or Clock()
        self.token = secrets.token_hex(8)
        """This process, among those that share."""
        self.where, self._redis = _connect(url, max(_LEAST, lease / _PATIENCE))
        self._listeners: dict[str, Listener] = {}
        self._users = 0
        self._opening = asyncio.Lock()
        self._hearing: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"RedisFleet({self.where}, prefix={self.prefix!r})"

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def channel(self) -> str:
        """Where other processes leave word for this one."""
        return f"{self.prefix}:to:{self.token}"

    def key(self, organisation: str, kind: str) -> str:
        """Return the name of a key of *organisation*."""
        return f"{self.prefix}:{{{organisation}}}:{kind}"

    def listen(self, organisation: str, listener: Listener | None) -> None:
        """Tell *listener* what others say to this process about *organisation*."""
        if listener is None:
            self._listeners.pop(organisation, None)
        elif organisation in self._listeners:
            raise ConfigurationError(
                f"organisation {organisation!r} has slots from this RedisFleet already; "
                "let the clients of a process share one client"
            )
        else:
            self._listeners[organisation] = listener

    def token_store(self) -> "RedisTokenStore":
        """Return where the tokens of all organisations are kept."""
        from zohocrm_async.redis._tokens import RedisTokenStore  # noqa: PLC0415  # it needs this class

        return RedisTokenStore(self)

    def ledger(self, organisation: str) -> "RedisLedger":
        """Return the 24-hour window of *organisation*, for a client."""
        from zohocrm_async.redis._ledger import RedisLedger  # noqa: PLC0415  # it needs this class

        return RedisLedger(self, organisation)

    def slots(self, organisation: str) -> "RedisSlots":
        """Return what lends the slots of *organisation* to a client."""
        from zohocrm_async.redis._slots import RedisSlots  # noqa: PLC0415  # it needs this class

        return RedisSlots(self, organisation)

    def mails(self, organisation: str) -> "RedisMails":
        """Return the count of the mails of a day of *organisation*, for a client."""
        from zohocrm_async.redis._mails import RedisMails  # noqa: PLC0415  # it needs this class

        return RedisMails(self, organisation)

    def script(self, name: str) -> "Script":
        """Return the script in the file *name*."""
        return Script(self, name)

    async def open(self) -> None:
        """Connect, unless another user has.

        Raises:
            ConfigurationError: the password is wrong, or the server too old.
            FleetError: the server cannot be reached.
        """
        async with self._opening:
            if not self._users:
                try:
                    await self._check()
                except BaseException:
                    await self._redis.aclose(close_connection_pool=True)
                    raise
                self._hearing = asyncio.create_task(self._hear(), name="zohocrm_async redis")
            self._users += 1

    async def close(self) -> None:
        """Disconnect, once the last user closes."""
        async with self._opening:
            self._users = max(0, self._users - 1)
            hearing = self._hearing
            if self._users or hearing is None:
                return
            self._hearing = None
            # redis-py swallows a cancellation that comes while it connects.
            while not hearing.done():
                hearing.cancel()
                await asyncio.wait((hearing,), timeout=_AGAIN)
            await self._redis.aclose(close_connection_pool=True)

    async def ask(self, *command: object) -> Any:
        """Send one command and return the answer.

        Raises:
            FleetError: the server is away, or refuses it.
        """
        try:
            return await self._redis.execute_command(*command)
        except (RedisError, OSError) as error:
            problem = self._problem(error)
        raise problem

    def _problem(self, error: Exception) -> ZohoCRMError:
        # The text of an error of the server shows no secret; that of others might.
        if isinstance(error, AuthenticationError):
            return ConfigurationError(
                f"Redis at {self.where} refuses the user or the password: check the URL"
            )
        if isinstance(error, NoPermissionError):
            return ConfigurationError(
                f"Redis at {self.where} does not permit the user of the URL a command that is "
                f"needed ({error}); give it @all on the keys and channels {self.prefix}:*"
            )
        if isinstance(error, ResponseError):
            return FleetError(f"Redis at {self.where} refuses a command: {error}")
        return FleetError(
            f"Redis at {self.where} cannot be reached or does not answer "
            f"({type(error).__name__}); check that it runs, and the URL"
        )

    async def _check(self) -> None:
        # A user may lack the channel alone, and would be told nothing by anybody.
        await self.ask("PUBLISH", self.channel, b"")
        server = _facts(await self.ask("INFO", "server"))
        memory = _facts(await self.ask("INFO", "memory"))
        version = server.get("redis_version", "0")
        if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < _OLDEST:
            raise ConfigurationError(
                f"Redis at {self.where} is version {version}; 6.2 or later is needed, or Valkey"
            )
        policy = memory.get("maxmemory_policy", "noeviction")
        if policy != "noeviction":
            logger.warning(
                "Redis at %s evicts keys when memory is short (maxmemory-policy %s): credits and "
                "slots would be forgotten; set it to noeviction",
                self.where,
                policy,
            )

    async def _hear(self) -> None:
        """Hand on what is said to this process; what is missed meanwhile costs only time."""
        while True:
            try:
                async with self._redis.pubsub() as pubsub:
                    await pubsub.subscribe(self.channel)
                    while True:
                        message = await pubsub.get_message(
                            ignore_subscribe_messages=True, timeout=_POLL
                        )
                        if message is not None:
                            self._hand_on(message["data"])
            except (RedisError, OSError):
                await self.clock.sleep(_AGAIN)

    def _hand_on(self, data: bytes) -> None:
        try:
            said = orjson.loads(data)
            listener = self._listeners.get(said["name"])
        except (ValueError, KeyError, TypeError):
            logger.warning("Redis at %s: a message on %s is not ours", self.where, self.channel)
            return
        if listener is not None:
            listener(said)


class Script:
    """A Lua script; it runs on the server as one step, by the server's own clock."""

    def __init__(self, fleet: RedisFleet, name: str) -> None:
        self._fleet = fleet
        self._text = Path(__file__).with_name(name).read_text(encoding="utf-8")
        self._hash: object = None

    async def run(self, keys: tuple[str, ...], order: Mapping[str, Any]) -> dict[str, Any]:
        """Run it with *order* and return what it answers.

        Raises:
            FleetError: the server is away, or refuses it.
        """
        fleet, rest = self._fleet, (len(keys), *keys, orjson.dumps(order))
        for _ in range(2):
            if self._hash is None:
                self._hash = await fleet.ask("SCRIPT", "LOAD", self._text)
            try:
                answer = await fleet.ask("EVALSHA", self._hash, *rest)
                return cast("dict[str, Any]", orjson.loads(answer))
            except FleetError as error:
                if "NOSCRIPT" not in str(error) and "No matching script" not in str(error):
                    raise
                self._hash = None  # the server was restarted
        raise FleetError(f"Redis at {fleet.where} forgets scripts at once")


def _connect(url: str, patience: float) -> tuple[str, Any]:
    try:
        pool = _library.BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=_IN_LINE,
            socket_timeout=patience,
            socket_connect_timeout=patience,
            retry=Retry(NoBackoff(), 0),
            client_name="zohocrm-async",
        )
        # Options of the URL that there are not would be found out by the first command.
        pool.connection_class(**pool.connection_kwargs)
    except (ValueError, TypeError, AttributeError):
        problem = (
            "RedisFleet: the url cannot be read, or asks for an option that there is not; give "
            "one such as redis://:password@host:6379/0"
        )
    else:
        known = pool.connection_kwargs
        where = known.get("path") or f"{known.get('host', 'localhost')}:{known.get('port', 6379)}"
        return f"{where}/{known.get('db') or 0}", _library.Redis(connection_pool=pool)
    raise ConfigurationError(problem)


def _facts(answer: Any) -> Mapping[str, str]:
    """Read an answer to INFO, of which redis-py may have made a mapping."""
    if isinstance(answer, bytes):
        lines = answer.decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)
    found: dict[str, Any] = answer
    return {key: str(value) for key, value in found.items()}
