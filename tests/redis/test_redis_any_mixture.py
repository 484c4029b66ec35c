"""Any mixture of calls in any number of processes: never too many, and nobody starves."""

from random import Random

import pytest
from members import Member, Service, until
from soaking import SOAK_SEEDS

from benchmarks.redis_server import Server
from zohocrm_async import Limits
from zohocrm_async.redis import RedisFleet

Mixture = list[tuple[int, int, int]]
"""The process, the slots and the heavy slots of calls that are made again and again."""

FIXED: list[tuple[Mixture, Limits]] = [
    (
        [(2, 1, 3), (0, 5, 0), (1, 1, 3), (2, 1, 3)],
        Limits(concurrency=6, heavy_concurrency=4, headroom=1),
    ),
    ([(0, 2, 3), (0, 1, 0), (1, 2, 0), (0, 5, 1)], Limits(concurrency=8, heavy_concurrency=3)),
    (
        [(2, 2, 1), (0, 1, 3), (0, 1, 1), (2, 1, 0), (0, 1, 0)],
        Limits(concurrency=2, heavy_concurrency=1),
    ),
    (
        [(0, 5, 0), (2, 2, 0), (0, 2, 0), (2, 1, 3)],
        Limits(concurrency=2, heavy_concurrency=4, headroom=1),
    ),
]


def any_mixture(seed: int) -> tuple[Mixture, Limits]:
    random = Random(seed)
    mixture = [
        (random.randint(0, 2), random.choice([1, 1, 2, 5]), random.choice([0, 0, 1, 3]))
        for _ in range(random.randint(2, 5))
    ]
    limits = Limits(
        concurrency=random.randint(2, 9),
        heavy_concurrency=random.randint(1, 4),
        headroom=random.randint(0, 1),
    )
    return mixture, limits


@pytest.mark.parametrize(
    ("mixture", "limits"), [*FIXED, *(any_mixture(seed) for seed in range(SOAK_SEEDS))]
)
async def test_all_of_them_go(server: Server, mixture: Mixture, limits: Limits) -> None:
    """Also where what one of them takes is all that there is."""
    fleets = [RedisFleet(server.url, prefix=server.prefix, lease=0.5) for _ in range(3)]
    members = [await Member(fleet, limits).open() for fleet in fleets]
    every, few = Service(), Service()
    for name, (process, slots, heavy) in enumerate(mixture):
        counts = min(slots, limits.concurrency)
        service = Both(every, few, min(heavy, limits.heavy_concurrency)) if heavy else every
        members[process].keep_calling(
            service, str(name), tasks=2, slots=slots, heavy=heavy, counted=counts, seconds=0.002
        )
    try:
        for _ in range(2):
            every.served.clear()
            await until(lambda: len(set(every.served)) == len(mixture), 20)
    finally:
        for member in members:
            await member.close()
    assert every.peak <= limits.concurrency
    assert few.peak <= limits.heavy_concurrency
    assert every.in_flight == few.in_flight == 0


class Both(Service):
    """What is counted as calls, and as heavy ones besides."""

    def __init__(self, every: Service, few: Service, heavy: int) -> None:
        super().__init__()
        self.every, self.few, self.heavy = every, few, heavy

    def begin(self, slots: int = 1) -> None:
        self.every.begin(slots)
        self.few.begin(self.heavy)

    def end(self, name: str, slots: int = 1) -> None:
        self.every.end(name, slots)
        self.few.end(name, self.heavy)
