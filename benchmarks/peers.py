"""The same load on ours, aiolimiter, pyrate-limiter, and a semaphore with retry."""

import asyncio

from attrs import frozen

from benchmarks.figures import percentile, violations
from benchmarks.loads import Watch, each, running, trickle
from benchmarks.others import POLICIES
from benchmarks.policies import Grant
from benchmarks.service import Ask, Neighbour, Service
from zohocrm_async.options import Priority

_MINUTE, _HOUR = 60.0, 3_600.0


@frozen
class Beside:
    """What one policy made of the load that all get."""

    policy: str
    served: int
    refused: int
    unused: float
    """Part of the allowance that nobody used although calls waited."""
    worst: float
    """Seconds of the longest wait, of those who still wait, too."""
    people: float
    """p95 of the waits of interactive calls."""
    void: str


async def beside(name: str) -> Beside:
    """Two days in which credits and slots bind, with a neighbour and another spender."""
    allowance, hours = 20_000, 48
    service = Service(
        credits=allowance,
        neighbour=Neighbour(7, most=6, least_seconds=30, most_seconds=300),
    )
    watch = Watch(POLICIES[name](service, Grant(credits=allowance, floor=1_500)))

    async def newsletter() -> None:
        async with watch.policy.job("newsletter", Priority.BULK):
            await each(watch, [Ask("mail", 20, heavy=True)] * 5_000, 50)

    async def sync() -> None:
        async with watch.policy.job("sync", Priority.NORMAL):
            await each(watch, [Ask("upsert", 2, most=5)] * 2_000, 20)

    async def people() -> None:
        async with watch.policy.job("people", Priority.INTERACTIVE):
            await trickle(watch, lambda: Ask("people"), lambda _: 0.2 / _MINUTE, seed=5)

    async def others() -> None:
        for _ in range(hours):
            await asyncio.sleep(_HOUR)
            service.spend(40)

    async with running([newsletter(), sync(), people(), others()]):
        await asyncio.sleep(hours * _HOUR - 1)
        counts = service.counts
        # Two allowances fall into two days, less what others took.
        possible = 2 * allowance - counts.foreign
        return Beside(
            name, counts.served, counts.refusals, 1 - counts.spent / possible,
            watch.worst,
            percentile(watch.all_waits("people"), 0.95), violations(counts, alone=False),
        )  # fmt: skip
