"""What people write instead: three ways to make calls within limits.

They get what their users give them: semaphores for both limits in flight; no slot held
during a pause; after a 429 a pause with full jitter, each up to twice as long as the
one before. Those that know credits ask for them once a call, as a refusal costs none.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from types import MappingProxyType
from typing import Any

from aiolimiter import AsyncLimiter
from pyrate_limiter import InMemoryBucket, Limiter, Rate, SingleBucketFactory

from benchmarks.policies import REFUSED, Grant, Ours, Policy
from benchmarks.service import DAY, Ask, Service
from zohocrm_async.options import Priority

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 300.0
_MILLISECONDS = 1_000
_LEAK_SECONDS = 10.0


class Plain:
    """Semaphores, and a pause after a 429: nothing that knows of credits."""

    def __init__(self, service: Service, grant: Grant) -> None:
        self._service = service
        self._slots = asyncio.Semaphore(grant.concurrency)
        self._heavy = asyncio.Semaphore(grant.heavy_concurrency)
        self._random = random.Random(service.seed)

    def job(
        self,
        name: str,  # noqa: ARG002  # nothing here tells one call from another
        priority: Priority,  # noqa: ARG002
        weight: float = 1.0,  # noqa: ARG002
    ) -> AbstractAsyncContextManager[Any]:
        return nullcontext()

    async def call(self, ask: Ask) -> float:
        await self._pace(ask)
        pause = _FIRST_PAUSE
        while True:
            async with self._slot(ask):
                sent = asyncio.get_running_loop().time()
                answer = await self._service.send(ask)
            if answer.status != REFUSED:
                return sent
            await asyncio.sleep(self._random.uniform(0, pause))
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _pace(self, ask: Ask) -> None:
        """Wait for what the credits allow; here nothing does."""

    @asynccontextmanager
    async def _slot(self, ask: Ask) -> AsyncIterator[None]:
        # The heavy one first: the other way round, heavy calls that wait for each
        # other would keep the light ones out.
        if ask.heavy:
            async with self._heavy, self._slots:
                yield
        else:
            async with self._slots:
                yield


class Paced(Plain):
    """aiolimiter, set so that no 24 hours see more than the allowance.

    A bucket lets its size and a whole day's leaking through in one day, so half of the
    allowance is its size, and the other half leaks.
    """

    def __init__(self, service: Service, grant: Grant) -> None:
        super().__init__(service, grant)
        self._limiter = AsyncLimiter(grant.credits / 2, DAY)

    async def _pace(self, ask: Ask) -> None:
        await self._limiter.acquire(ask.reserve)


class _LoopBucket(InMemoryBucket):
    """pyrate-limiter's log, read by the loop's time."""

    def now(self) -> int:
        return int(asyncio.get_running_loop().time() * _MILLISECONDS)


class Logged(Plain):
    """pyrate-limiter as the pot: a log of the last 24 hours, one entry a credit."""

    def __init__(self, service: Service, grant: Grant) -> None:
        super().__init__(service, grant)
        self._bucket = _LoopBucket([Rate(grant.credits, int(DAY * _MILLISECONDS))])
        # Its own leaking runs in a thread, by the machine's time.
        self._limiter = Limiter(SingleBucketFactory(self._bucket, schedule_leak=False))
        self._leaked = 0.0

    async def _pace(self, ask: Ask) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._leaked + _LEAK_SECONDS:
            self._leaked = now
            self._bucket.leak(self._bucket.now())
        await self._limiter.try_acquire_async("pot", ask.reserve)


POLICIES: Mapping[str, Callable[[Service, Grant], Policy]] = MappingProxyType(
    {
        "zohocrm_async": Ours,
        "semaphore + retry": Plain,
        "aiolimiter": Paced,
        "pyrate-limiter": Logged,
    }
)
