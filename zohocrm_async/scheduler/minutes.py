"""The last 24 hours in minutes: a ring of arrays whose size no load changes."""

from array import array
from collections.abc import Iterable, Iterator

MINUTE = 60
RING = 1_441
"""A minute counts until its last instant is 24 hours old."""
_HOUR = 60
_HOURS = -(-RING // _HOUR)


class Minutes:
    """Credits by the minute in which they were booked.

    A part of them may be *inferred*: nobody saw them spent, but the service's count or
    a process that ended without a word makes it likely. Only these can be taken back.
    """

    __slots__ = ("_credits", "_hours", "_inferred", "_slot", "ends", "inferred", "number", "used")

    def __init__(self, now: float) -> None:
        self._enter(int(now // MINUTE))
        self._clear()

    def turn(self, now: float) -> None:
        """Let time pass until *now*; what is a day old leaves. Time never goes back."""
        number = int(now // MINUTE)
        passed = number - self.number
        if passed <= 0:
            return
        if passed >= RING:
            self._clear()
        else:
            self._hours[self._slot // _HOUR] += self._credits[self._slot]
            for step in range(1, passed + 1):
                self._empty((self._slot + step) % RING)
        self._enter(number)

    def book(self, credits: int, *, inferred: bool = False) -> None:  # noqa: A002  # the service's word
        """Add *credits* to the minute that runs."""
        self._credits[self._slot] += credits
        self.used += credits
        if inferred:
            self._inferred[self._slot] += credits
            self.inferred += credits

    def take_back(self, most: int, *, before: int) -> None:
        """Strike up to *most* inferred credits of minutes before number *before*.

        The oldest go first: whichever of them were never spent, what stays then leaves
        no earlier than what truly was.
        """
        for number in range(self.number - RING + 1, min(before, self.number + 1)):
            if most <= 0 or not self.inferred:
                return
            slot = number % RING
            if self._inferred[slot]:
                struck = min(most, self._inferred[slot])
                self._add(slot, -struck, -struck)
                most -= struck

    def since(self, number: int) -> int:
        """Return what was booked in minute *number* and later."""
        first = max(number, self.number - RING + 1)
        return sum(self._credits[n % RING] for n in range(first, self.number + 1))

    def leaves_at(self, credits: int) -> float:  # noqa: A002  # the service's word
        """Return when *credits* of those booked have left; what is booked later is not asked."""
        number = self.number - RING + 1
        while number < self.number:
            slot = number % RING
            length = min(_HOUR, RING - slot)
            # An hour that lies in the window as a whole is passed in one step.
            if slot % _HOUR == 0 and number + length <= self.number:
                booked = self._hours[slot // _HOUR]
                if booked < credits:
                    credits -= booked  # noqa: A001  # the service's word
                    number += length
                    continue
            credits -= self._credits[slot]  # noqa: A001  # the service's word
            if credits <= 0:
                break
            number += 1
        return float((number + RING) * MINUTE)

    def rows(self) -> Iterator[tuple[int, int, int]]:
        """Return each minute in which something is booked, the newest first."""
        for number in range(self.number, self.number - RING, -1):
            if spent := self._credits[number % RING]:
                yield number, spent, self._inferred[number % RING]

    def load(self, rows: Iterable[tuple[int, int, int]], *, since: int | None = None) -> None:
        """Replace all by *rows* of minute number, credits, and how many are inferred.

        *since* is the first minute that is replaced, if not all are.
        """
        if since is None:
            self._clear()
        else:
            for number in range(max(since, self.number - RING + 1), self.number + 1):
                self._empty(number % RING)
        for number, credits, inferred in rows:  # noqa: A001  # the service's word
            if self.number - RING < number <= self.number:
                self._add(number % RING, credits, inferred)

    def _enter(self, number: int) -> None:
        self.number = number
        self.ends = float((number + 1) * MINUTE)
        self._slot = number % RING

    def _clear(self) -> None:
        self._credits = array("q", bytes(8 * RING))
        self._inferred = array("q", bytes(8 * RING))
        self._hours = array("q", bytes(8 * _HOURS))
        self.used = 0
        self.inferred = 0

    def _empty(self, slot: int) -> None:
        if self._credits[slot]:
            self._add(slot, -self._credits[slot], -self._inferred[slot])

    def _add(self, slot: int, credits: int, inferred: int) -> None:  # noqa: A002  # the service's word
        self._credits[slot] += credits
        self._inferred[slot] += inferred
        if slot != self._slot:
            # The minute that runs joins its hour when it ends.
            self._hours[slot // _HOUR] += credits
        self.used += credits
        self.inferred += inferred
