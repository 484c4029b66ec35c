"""What the scheduler makes of slots and credits, in virtual time against the service."""

import asyncio
import math
from collections.abc import Mapping, Sequence

from attrs import frozen

from benchmarks.loads import Watch, forever, running, trickle
from benchmarks.policies import Grant, Ours
from benchmarks.service import DAY, Ask, Counts, Neighbour, Service
from benchmarks.virtual import run
from zohocrm_async.options import Priority

_MINUTE = 60.0


@frozen
class Figure:
    """A measured figure beside its goal."""

    name: str
    value: float
    goal: float
    most: bool
    """Whether *goal* is the most that is good; else the least."""
    note: str = ""
    void: str = ""
    """The violations that make it worthless, if any."""

    @property
    def holds(self) -> bool:
        return not self.void and (self.value <= self.goal if self.most else self.value >= self.goal)


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value that *part* of *values* do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(part * len(ordered)) - 1)]


def jain(shares: Sequence[float]) -> float:
    """Return Jain's index of fairness: 1 if all shares are the same."""
    return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))


def violations(counts: Counts, *, alone: bool = True) -> str:
    """Return what makes a run void; *alone*, any refusal does."""
    found = {name: count for name, count in counts.violations.items() if count}
    if alone:
        found |= {f"refused for {why.value}": count for why, count in counts.refused.items()}
    return ", ".join(f"{count} x {name}" for name, count in found.items())


async def mixed_slots() -> list[Figure]:
    """Three jobs, of light, heavy and both kinds of calls, for ten minutes."""
    service = Service(concurrency=10, heavy_concurrency=5)
    watch = Watch(Ours(service, Grant(concurrency=10, heavy_concurrency=5)))
    light, heavy = Ask("light"), Ask("heavy", heavy=True, seconds=0.6)
    jobs = {"reads": [light], "mails": [heavy], "both": [light, heavy]}

    async def job(name: str, asks: Sequence[Ask]) -> None:
        async with watch.policy.job(name, Priority.BULK):
            await forever(watch, asks, 200)

    async with running([job(name, asks) for name, asks in jobs.items()]):
        await asyncio.sleep(10 * _MINUTE)
        service.look()
        counts = service.counts
        void = violations(counts)
        return [
            Figure(
                "slots used, light and heavy calls of three jobs",
                counts.used_seconds / counts.left_seconds, 0.98, most=False, void=void,
                note=f"{counts.served} calls",
            ),
            Figure(
                "heavy slots used in the same run",
                counts.heavy_seconds / (5 * 10 * _MINUTE), 0.98, most=False, void=void,
            ),
        ]  # fmt: skip


async def binding_credits(days: int = 5) -> list[Figure]:
    """An allowance that is spent all the time, by calls of known and of unknown prices."""
    allowance = 50_000
    service = Service(credits=allowance)
    watch = Watch(Ours(service, Grant(credits=allowance)))
    kinds = [Ask("mail", 20, heavy=True), Ask("read"), Ask("upsert", 4, most=10)]

    async def first_day() -> None:
        for _ in range(allowance // 20):
            await asyncio.sleep(DAY / (allowance // 20))
            await watch.call(kinds[0])

    async with watch.policy.job("all", Priority.BULK):
        # Spent evenly on the first day, the credits come back evenly from then on.
        async with running([first_day()]):
            await asyncio.sleep(DAY)
        before = service.counts.spent
        async with running([forever(watch, kinds, 50)]):
            await asyncio.sleep(days * DAY)
            spent = service.counts.spent - before
    return [
        Figure(
            "credits used of an allowance that binds",
            spent / (days * allowance), 0.999, most=False, void=violations(service.counts),
            note=f"{spent} credits in {days} days of {allowance}",
        )
    ]  # fmt: skip


async def fairness(weights: Mapping[str, float], *, credits: int | None) -> Figure:  # noqa: A002
    """Backlogged budgets by weight, where slots bind, or where credits do."""
    binding = "slots" if credits is None else "credits"
    grant = Grant() if credits is None else Grant(credits=credits)
    service = Service(credits=grant.credits)
    watch = Watch(Ours(service, grant))
    # Where credits bind, calls differ in price; where slots do, they differ in nothing.
    prices = [1] if credits is None else [1, 5, 20]

    async def job(name: str, weight: float, price: int) -> None:
        async with watch.policy.job(name, Priority.BULK, weight):
            await forever(watch, [Ask(name, price)], 500 if credits is None else 2_000)

    works = [
        job(name, weight, prices[number % len(prices)])
        for number, (name, weight) in enumerate(weights.items())
    ]
    async with running(works):
        await asyncio.sleep(_MINUTE if credits is None else 3 * DAY + _MINUTE)
        counts = service.counts
        served = counts.by_name if credits is None else counts.credits_by_name
        shares = [served[name] / weight for name, weight in weights.items()]
        kind = ":".join(f"{weight:g}" for weight in weights.values())
        least = min(counts.by_name[name] for name in weights)
        return Figure(
            f"Jain's index, {binding} bind, weights {kind}",
            jain(shares), 0.99, most=False, void=violations(counts),
            note=f"at least {least} calls a budget",
        )  # fmt: skip


async def interactive_wait(bulk_calls: int = 30_000, minutes: float = 10) -> list[Figure]:
    """Two interactive calls a second behind so many bulk calls that wait, for so many minutes."""
    service = Service()
    watch = Watch(Ours(service, Grant()))

    async def bulk() -> None:
        async with watch.policy.job("bulk", Priority.BULK):
            await forever(watch, [Ask("bulk")], bulk_calls)

    async def people() -> None:
        async with watch.policy.job("people", Priority.INTERACTIVE):
            await trickle(watch, lambda: Ask("people"), lambda _: 2.0, seed=3)

    async with running([bulk()]):
        await asyncio.sleep(10)
        async with running([people()]):
            await asyncio.sleep(minutes * _MINUTE)
    waits = watch.waits["people"]
    return [
        Figure(
            f"p95 wait of INTERACTIVE behind {bulk_calls:,} BULK, seconds",
            percentile(waits, 0.95), 0.1, most=True, void=violations(service.counts),
            note=f"{len(waits)} calls, p50 {percentile(waits, 0.5):.3f}, worst {max(waits):.3f}",
        )
    ]  # fmt: skip


async def _beside_a_neighbour(every: float, seed: int) -> Counts:
    service = Service(
        seed=seed, neighbour=Neighbour(seed, most=6, least_seconds=every, most_seconds=every)
    )
    watch = Watch(Ours(service, Grant()))

    async def job() -> None:
        async with watch.policy.job("job", Priority.BULK):
            await forever(watch, [Ask("job")], 100)

    async with running([job()]):
        await asyncio.sleep(30 * _MINUTE)
        service.look()
        return service.counts


def neighbours(every: float, least_use: float, seeds: Sequence[int]) -> list[Figure]:
    """A neighbour takes 0 to 6 of 10 slots and changes its mind every so often.

    As many half hours as there are *seeds* count as one run.
    """
    found = [run(_beside_a_neighbour(every, seed)) for seed in seeds]
    void = ", ".join(filter(None, (violations(counts, alone=False) for counts in found)))
    refused = [counts.refusals / counts.attempts for counts in found]
    used = [counts.used_seconds / counts.left_seconds for counts in found]
    attempts = sum(counts.attempts for counts in found)
    left = sum(counts.left_seconds for counts in found)
    name = f"neighbour changing every {every:g} s"
    return [
        Figure(
            f"{name}: 429s / calls", sum(counts.refusals for counts in found) / attempts, 0.01,
            most=True, void=void, note=f"{min(refused):.4f} to {max(refused):.4f} by seed",
        ),
        Figure(
            f"{name}: slots used / left", sum(counts.used_seconds for counts in found) / left,
            least_use, most=False, void=void, note=f"{min(used):.4f} to {max(used):.4f} by seed",
        ),
    ]  # fmt: skip


def all_figures() -> list[Figure]:
    """Measure all, one after the other."""
    found = run(mixed_slots()) + run(binding_credits())
    even = {f"job {number}": 1.0 for number in range(10)}
    uneven = {"one": 1.0, "two": 2.0, "four": 4.0}
    for weights in (even, uneven):
        for allowance in (None, 20_000):
            found.append(run(fairness(weights, credits=allowance)))
    found += run(interactive_wait())
    for every, least_use in ((30.0, 0.93), (5.0, 0.80)):
        found += neighbours(every, least_use, seeds=range(1, 6))
    return found
