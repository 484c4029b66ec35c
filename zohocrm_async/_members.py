"""An organisation of a pool of clients, and what is remembered of it."""

import asyncio

from zohocrm_async._client import ZohoCRM
from zohocrm_async.scheduler import MemoryLedger
from zohocrm_async.scheduler.windows import DayWindow


class PoolLedger(MemoryLedger):
    """A ledger that outlives its client, and remembers the allowance for the next one."""

    remembered: int | None = None

    async def open(self) -> int | None:
        """Return the allowance of the client before."""
        return self.remembered

    async def close(self) -> None:
        """Keep everything."""
        self.remembered = self.allowance


Books = tuple[PoolLedger, DayWindow]


class Member:
    """An organisation of the pool: being opened, open, or being closed."""

    __slots__ = (
        "books",
        "closing",
        "gone",
        "idle_since",
        "key",
        "leaving",
        "name",
        "opening",
        "users",
    )

    def __init__(self, name: str, opening: "asyncio.Task[ZohoCRM]") -> None:
        self.name = name
        self.opening = opening
        self.closing: asyncio.Task[None] | None = None
        self.gone = asyncio.Event()
        self.users = 0
        self.idle_since = 0.0
        self.leaving = False
        self.key = ""
        """Of its credentials; no secret."""
        self.books: Books | None = None
        """What is remembered of it when it is closed, where nothing else does."""

    @property
    def is_open(self) -> bool:
        """Whether its client is there, and neither being opened nor closed."""
        opening = self.opening
        opened = opening.done() and not opening.cancelled() and opening.exception() is None
        return opened and self.closing is None

    @property
    def is_idle(self) -> bool:
        """Whether it is open and nobody uses it."""
        return not self.users and self.is_open
