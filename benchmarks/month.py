"""A month of an organisation: who calls when, and what came of it."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from attrs import field, frozen

from benchmarks.loads import Watch, each, running, trickle
from benchmarks.policies import Grant, Policy
from benchmarks.service import DAY, Ask, Neighbour, Refusal, Service
from zohocrm_async.options import Priority

HOUR, MINUTE = 3_600.0, 60.0
WEEK = 7
CREDITS, SLOTS, FLOOR = 50_000, 10, 2_000
# The month begins on a Monday.
SATURDAY = 5
NEWSLETTER_DAYS = (1, 3)
# Interactive calls a second in each hour of a working day.
BUSY = (0, 0, 0, 0, 0, 0, 1, 3, 8, 12, 12, 10, 6, 10, 12, 12, 10, 8, 4, 2, 1, 1, 0, 0)
# Of the 144 turns of ten minutes of a day, the one at three in the morning.
NIGHTLY_TURN = 18
BUSIEST = 0.04
QUIET = 0.0005

PEOPLE = Ask("people", 1, seconds=0.25)
REPORT = Ask("report", 1, heavy=True, seconds=0.8)
MAIL = Ask("newsletter", 20, heavy=True, seconds=0.4)

CLASSES: Mapping[Priority, tuple[str, ...]] = MappingProxyType(
    {
        Priority.INTERACTIVE: ("people",),
        Priority.NORMAL: ("sync", "report"),
        Priority.BULK: ("newsletter",),
    }
)


@frozen
class Month:
    """What one policy made of the month."""

    policy: str
    asked: int
    served: int
    refused: Mapping[Refusal, int]
    violations: int
    spent: int
    waits: Mapping[Priority, Sequence[float]]
    """Seconds of each call, sorted; of those who still wait, as long as they have."""
    mailing_hours: float
    """The mean time from the start of a newsletter to its last mail."""
    window: Sequence[float] = field(repr=False)
    """The part of the allowance in use at the end of each hour."""
    seconds: float
    """Real ones, to simulate it."""

    @property
    def refusals(self) -> int:
        return sum(self.refused.values())


async def simulate(
    policy: str, make: Callable[[Service, Grant], Policy], *, days: int = 30, seed: int = 1
) -> Month:
    """Let *days* pass for an organisation whose client follows the *policy* that *make* makes."""
    began = time.perf_counter()
    service = Service(
        credits=CREDITS,
        concurrency=SLOTS,
        heavy_concurrency=SLOTS,
        seed=seed,
        neighbour=Neighbour(seed, most=4, least_seconds=30, most_seconds=300),
    )
    grant = Grant(CREDITS, SLOTS, SLOTS, FLOOR)
    watch = Watch(make(service, grant))
    organisation = Organisation(watch, service, days, seed)
    window = await organisation.live()
    counts = service.counts
    return Month(
        policy=policy,
        asked=sum(map(len, organisation.waits.values())),
        served=counts.served,
        refused=counts.refused,
        violations=sum(counts.violations.values()),
        spent=counts.spent,
        waits=organisation.waits,
        mailing_hours=organisation.mailing_hours,
        window=window,
        seconds=time.perf_counter() - began,
    )


class Organisation:
    """People, nightly jobs, newsletters, and another application that spends."""

    def __init__(self, watch: Watch, service: Service, days: int, seed: int) -> None:
        self.watch = watch
        self._service = service
        self._days = days
        self._random = random.Random(seed)
        self._mailings: list[float] = []
        self._open: list[float] = []
        self._end = 0.0
        self.waits: dict[Priority, list[float]] = {}

    async def live(self) -> list[float]:
        """Let the days pass; return the use of the window, hour by hour."""
        window: list[float] = []
        works = [
            self._people(),
            self._sync(),
            self._reports(),
            self._newsletters(),
            self._others(),
        ]
        async with running(works):
            for hour in range(int(self._days * DAY / HOUR)):
                await _until((hour + 1) * HOUR)
                window.append(self._service.spent / CREDITS)
            self._end = _now()
            self.waits = {
                priority: sorted(wait for name in names for wait in self.watch.all_waits(name))
                for priority, names in CLASSES.items()
            }
        return window

    @property
    def mailing_hours(self) -> float:
        """The mean hours of a newsletter; one that is not done has taken until the end."""
        taken = self._mailings + [self._end - began for began in self._open]
        return sum(taken) / len(taken) / HOUR if taken else 0.0

    async def _people(self) -> None:
        async with self.watch.policy.job("people", Priority.INTERACTIVE):
            await trickle(self.watch, lambda: PEOPLE, _busy, seed=1)

    async def _sync(self) -> None:
        """1,500 upserts each night, whose price depends on their rows."""
        async with asyncio.TaskGroup() as group:
            for day in range(self._days):
                await _until(day * DAY + HOUR)
                asks = [Ask("sync", self._random.randint(1, 10), most=10) for _ in range(1_500)]
                group.create_task(self._job("sync", Priority.NORMAL, asks))

    async def _reports(self) -> None:
        """Thirty queries every hour."""
        async with asyncio.TaskGroup() as group:
            for hour in range(int(self._days * DAY / HOUR)):
                await _until(hour * HOUR + 30 * MINUTE)
                group.create_task(self._job("report", Priority.NORMAL, [REPORT] * 30))

    async def _newsletters(self) -> None:
        """2,200 mails at nine on two mornings of the week: 44,000 credits."""
        async with asyncio.TaskGroup() as group:
            for day in range(self._days):
                if day % WEEK in NEWSLETTER_DAYS:
                    await _until(day * DAY + 9 * HOUR)
                    group.create_task(self._newsletter())

    async def _newsletter(self) -> None:
        began = _now()
        self._open.append(began)
        await self._job("newsletter", Priority.BULK, [MAIL] * 2_200)
        self._open.remove(began)
        self._mailings.append(_now() - began)

    async def _others(self) -> None:
        """Another application: some credits every ten minutes, many each night at three."""
        for turn in range(int(self._days * DAY / (10 * MINUTE))):
            await _until(turn * 10 * MINUTE)
            self._service.spend(1_000 if turn % 144 == NIGHTLY_TURN else 20)

    async def _job(self, name: str, priority: Priority, asks: Iterable[Ask]) -> None:
        async with self.watch.policy.job(name, priority):
            await each(self.watch, asks, 50)


def _busy(now: float) -> float:
    """Return the interactive calls a second at a time of the month."""
    day, second = divmod(now, DAY)
    if day % WEEK >= SATURDAY:
        return QUIET
    return max(QUIET, BUSIEST * BUSY[int(second / HOUR)] / max(BUSY))


async def _until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - _now()))


def _now() -> float:
    return asyncio.get_running_loop().time()
