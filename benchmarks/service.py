"""A service that keeps to the limits Zoho CRM states, and counts who does not.

It lives in the loop's virtual time: an exact rolling log of credits, both limits of
calls in flight, latencies drawn by seed, strangers who spend credits and take slots, a
429 that gives no reason, and a count of what is left only past half the allowance.
"""

import asyncio
import enum
import math
import random
from collections import Counter, deque
from collections.abc import Callable

from attrs import Factory, define, field, frozen

DAY = 86_400.0
# A refusal is cheap for the service: it answers at once, after the way there and back.
REFUSAL_SECONDS = 0.03
# What part of a call's time passes before the service looks at it.
_WAY_THERE = 0.1


@frozen
class Ask:
    """A call that somebody wants made."""

    name: str
    """Of the job or the crowd that asks."""
    credits: int = 1
    """What it truly costs."""
    most: int = 0
    """What the price list says it can cost; 0: its true price is known before."""
    heavy: bool = False
    seconds: float = 0.3
    """The mean time of an answer."""

    @property
    def reserve(self) -> int:
        return max(self.credits, self.most)


@frozen
class Answer:
    """What the service says; it never says why it refused."""

    status: int
    remaining: int | None
    """Credits left, in the header that comes only past half of the allowance."""


class Refusal(enum.Enum):
    """Why a call was refused; the service knows, its caller does not."""

    SLOTS = "slots"
    HEAVY_SLOTS = "heavy slots"
    CREDITS = "credits"


class Log:
    """Credits with the moment at which each was spent: the exact window."""

    def __init__(self) -> None:
        self._entries: deque[tuple[float, int]] = deque()
        self._spent = 0

    def spend(self, now: float, amount: int) -> None:
        self._entries.append((now, amount))
        self._spent += amount

    def spent(self, now: float) -> int:
        """Return the credits of the 24 hours that end now."""
        entries = self._entries
        while entries and entries[0][0] <= now - DAY:
            self._spent -= entries.popleft()[1]
        return self._spent


@define
class Counts:
    """What the service saw."""

    served: int = 0
    refused: Counter[Refusal] = field(factory=Counter[Refusal])
    violations: Counter[str] = field(factory=Counter[str])
    """What a client could have known and did not keep to; one makes a run void."""
    spent: int = 0
    """Credits of the served calls."""
    foreign: int = 0
    """Credits that strangers spent."""
    used_seconds: float = 0.0
    """Slots that served calls held, times how long; never more than strangers left."""
    heavy_seconds: float = 0.0
    left_seconds: float = 0.0
    """Slots that strangers left, times how long."""
    by_name: Counter[str] = field(factory=Counter[str])
    """Served calls."""
    credits_by_name: Counter[str] = field(factory=Counter[str])

    @property
    def attempts(self) -> int:
        return self.served + self.refusals

    @property
    def refusals(self) -> int:
        return sum(self.refused.values())


def nobody(_: float) -> int:
    """Be a neighbour who takes no slots."""
    return 0


@define
class Service:
    """One organisation; `send` is one attempt at a call.

    A violation is what the client could have known: more of its own calls in flight
    than a limit allows, or more of its own credits than the allowance holds. A refusal
    is counted apart, as strangers may be the reason.
    """

    credits: int = 10**12
    concurrency: int = 10
    heavy_concurrency: int = 10
    seed: int = 1
    spread: float = 0.3
    """Sigma of the logarithm of a call's seconds; 0: all take the mean."""
    neighbour: Callable[[float], int] = nobody
    """Slots that strangers hold at a time."""
    counts: Counts = Factory(Counts)
    _all: Log = Factory(Log)
    _own: Log = Factory(Log)
    _sent: int = 0
    _heavy_sent: int = 0
    _coming: int = 0
    _heavy_coming: int = 0
    _serving: int = 0
    _heavy_serving: int = 0
    _looked: float = 0.0
    _random: random.Random = field(
        init=False, default=Factory(lambda self: random.Random(self.seed), takes_self=True)
    )

    async def send(self, ask: Ask) -> Answer:
        """Answer one attempt, in the time that it takes."""
        seconds = self._draw(ask.seconds)
        self._open(ask)
        try:
            await self._come(ask, seconds * _WAY_THERE)
            if (refusal := self._judge(ask)) is not None:
                self.counts.refused[refusal] += 1
                await asyncio.sleep(REFUSAL_SECONDS)
                return Answer(429, self.remaining)
            await self._serve(ask, seconds)
            return Answer(200, self.remaining)
        finally:
            self._sent -= 1
            self._heavy_sent -= ask.heavy

    def spend(self, amount: int) -> bool:
        """Let a stranger spend, if the allowance holds as much."""
        now = _now()
        if self._all.spent(now) + amount > self.credits:
            return False
        self._all.spend(now, amount)
        self.counts.foreign += amount
        return True

    @property
    def spent(self) -> int:
        """Credits of the last 24 hours, whoever spent them."""
        return self._all.spent(_now())

    @property
    def remaining(self) -> int | None:
        """What the header says, which comes only past half of the allowance."""
        spent = self.spent
        return self.credits - spent if 2 * spent >= self.credits else None

    def look(self) -> None:
        """Bring the slot seconds up to now."""
        now = _now()
        left = max(0, self.concurrency - self.neighbour(now))
        self.counts.left_seconds += left * (now - self._looked)
        # A call holds its slot on its way, too; one that will be refused shows late.
        used = self._serving + self._coming
        heavy = self._heavy_serving + self._heavy_coming
        self.counts.used_seconds += min(used, left) * (now - self._looked)
        self.counts.heavy_seconds += min(heavy, self.heavy_concurrency) * (now - self._looked)
        self._looked = now

    def _open(self, ask: Ask) -> None:
        self._sent += 1
        self._heavy_sent += ask.heavy
        if self._sent > self.concurrency:
            self.counts.violations["calls in flight"] += 1
        if ask.heavy and self._heavy_sent > self.heavy_concurrency:
            self.counts.violations["heavy calls in flight"] += 1

    async def _come(self, ask: Ask, seconds: float) -> None:
        self.look()
        self._coming += 1
        self._heavy_coming += ask.heavy
        try:
            await asyncio.sleep(seconds)
        finally:
            self.look()
            self._coming -= 1
            self._heavy_coming -= ask.heavy

    def _judge(self, ask: Ask) -> Refusal | None:
        """Return why *ask* is refused, or None; note what its client could have known."""
        now = _now()
        if self._own.spent(now) + ask.credits > self.credits:
            self.counts.violations["credits"] += 1
        if self._serving + self.neighbour(now) >= self.concurrency:
            return Refusal.SLOTS
        if ask.heavy and self._heavy_serving >= self.heavy_concurrency:
            return Refusal.HEAVY_SLOTS
        if self._all.spent(now) + ask.credits > self.credits:
            return Refusal.CREDITS
        return None

    async def _serve(self, ask: Ask, seconds: float) -> None:
        self._book(ask)
        self._serving += 1
        self._heavy_serving += ask.heavy
        try:
            await asyncio.sleep(seconds * (1 - _WAY_THERE))
        finally:
            self.look()
            self._serving -= 1
            self._heavy_serving -= ask.heavy

    def _book(self, ask: Ask) -> None:
        now, counts = _now(), self.counts
        self._all.spend(now, ask.credits)
        self._own.spend(now, ask.credits)
        counts.served += 1
        counts.spent += ask.credits
        counts.by_name[ask.name] += 1
        counts.credits_by_name[ask.name] += ask.credits

    def _draw(self, mean: float) -> float:
        # So drawn that the mean is the mean, whatever the spread.
        if not self.spread:
            return mean
        return self._random.lognormvariate(math.log(mean) - self.spread**2 / 2, self.spread)


class Neighbour:
    """A stranger who holds 0 to *most* slots, as many as it likes, for a while each.

    A function of a time that only goes on.
    """

    def __init__(self, seed: int, *, most: int, least_seconds: float, most_seconds: float) -> None:
        self._random = random.Random(seed)
        self._most = most
        self._seconds = (least_seconds, most_seconds)
        self._until = 0.0
        self._holds = 0

    def __call__(self, now: float) -> int:
        while now >= self._until:
            self._until += self._random.uniform(*self._seconds)
            self._holds = self._random.randint(0, self._most)
        return self._holds


def _now() -> float:
    return asyncio.get_running_loop().time()
