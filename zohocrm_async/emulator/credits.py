"""Credits and slots as the service sees them: exact, and taken on arrival."""

from collections import Counter, deque
from collections.abc import Generator, Mapping
from contextlib import contextmanager

from attrs import define

from zohocrm_async._clock import Clock
from zohocrm_async.emulator import errors

WINDOW_SECONDS = 24 * 60 * 60.0


@define(eq=False)
class Charge:
    """What one call costs; it counts from the call's arrival."""

    at: float
    credits: int


class CreditWindow:
    """The rolling 24 hours, kept call by call."""

    def __init__(self, allowance: int, clock: Clock) -> None:
        self.allowance = allowance
        self._clock = clock
        self._charges: deque[Charge] = deque()
        self._used = 0

    @property
    def used(self) -> int:
        """Credits that the last 24 hours cost."""
        self._forget()
        return self._used

    @property
    def remaining(self) -> int:
        """Credits that are left now."""
        return self.allowance - self.used

    def charge(self, credits: int) -> Charge:  # noqa: A002  # the service's word
        """Book a call that arrives now.

        Raises:
            Refusal: the window has not that many credits left.
        """
        if credits > self.remaining:
            raise errors.credits_spent()
        charge = Charge(self._clock.monotonic(), credits)
        self._charges.append(charge)
        self._used += credits
        return charge

    def correct(self, charge: Charge, credits: int) -> None:  # noqa: A002
        """Book what the call cost in the end."""
        self._forget()
        if self._clock.monotonic() - charge.at < WINDOW_SECONDS:
            self._used += credits - charge.credits
        charge.credits = credits

    def spend(self, credits: int) -> None:  # noqa: A002
        """Book what somebody else spends, as far as there is any left."""
        self.charge(min(credits, max(self.remaining, 0)))

    def _forget(self) -> None:
        now = self._clock.monotonic()
        while self._charges and now - self._charges[0].at >= WINDOW_SECONDS:
            self._used -= self._charges.popleft().credits


class Slots:
    """Slots of calls in flight, all and heavy ones; a call too many is refused at once."""

    def __init__(self, limit: int, heavy_limit: int) -> None:
        self.limit = limit
        self.heavy_limit = heavy_limit
        self.elsewhere = 0
        """Slots that other applications of the organisation hold."""
        self.heavy_elsewhere = 0
        self.in_flight = 0
        self.heavy = 0
        self.peak_in_flight = 0
        self.peak_heavy = 0

    @contextmanager
    def taken(self, slots: int) -> Generator[None]:
        """Hold *slots* of all, or as many as there are where those are fewer.

        Raises:
            Refusal: not as many are free.
        """
        slots = min(slots, self.limit)
        if self.in_flight + self.elsewhere + slots > self.limit:
            raise errors.slots_taken()
        self.in_flight += slots
        self.peak_in_flight = max(self.peak_in_flight, self.in_flight)
        try:
            yield
        finally:
            self.in_flight -= slots

    @contextmanager
    def heavy_taken(self, heavy: int) -> Generator[None]:
        """Hold *heavy* slots of the heavy calls, or as many as there are.

        Raises:
            Refusal: not as many are free.
        """
        if not heavy:
            yield
            return
        heavy = min(heavy, self.heavy_limit)
        if self.heavy + self.heavy_elsewhere + heavy > self.heavy_limit:
            raise errors.heavy_slots_taken()
        self.heavy += heavy
        self.peak_heavy = max(self.peak_heavy, self.heavy)
        try:
            yield
        finally:
            self.heavy -= heavy


_REASONS = (
    ("24 hours", "credits"),
    ("sub-concurrency", "sub-concurrency"),
    ("concurrency", "concurrency"),
)


class Refusals:
    """429 answers by their reason."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def count(self, refusal: errors.Refusal) -> None:
        """Count *refusal* under what its sentence says; downloads a minute are none of these."""
        message = str(refusal)
        self._counts.update([reason for words, reason in _REASONS if words in message][:1])

    def by_reason(self) -> Mapping[str, int]:
        """Return the counts of ``credits``, ``concurrency`` and ``sub-concurrency``."""
        return {reason: self._counts[reason] for _, reason in _REASONS}
