"""Limits of a calendar day, such as that of mails."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from zohocrm_async._clock import Clock

_REMEMBERED = 3


class DayWindow:
    """So many calls in a calendar day of the organisation.

    Days are remembered by their dates, so a wall clock that is set forward and back
    finds what was counted before. A call in flight at midnight counts for both days.
    """

    def __init__(self, limit: int | None, zone: str, *, clock: Clock) -> None:
        self.limit = limit
        """Calls a day; None: not known. May be set at any time, like the zone."""
        self._zone = zone
        self._place: tzinfo = UTC
        self.zone = zone
        self.reserved: int = 0
        self._clock = clock
        self._used: dict[date, int] = {}
        self._filled: date | None = None

    @property
    def zone(self) -> str:
        """The time zone in which days begin and end."""
        return self._zone

    @zone.setter
    def zone(self, zone: str) -> None:
        self._zone = zone
        if zone == "UTC":
            self._place = UTC
            return
        from zoneinfo import ZoneInfo  # noqa: PLC0415  # seldom needed, and slow to load

        self._place = ZoneInfo(zone)

    @property
    def used(self) -> int:
        """Calls counted today."""
        return self._used.get(self._today(), 0)

    @property
    def left(self) -> int | None:
        """Calls that may go today still; None: no limit is known."""
        return None if self.limit is None else max(0, self.limit - self.used - self.reserved)

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left today, whatever becomes of the calls in flight."""
        today = self._today()
        spent = self.limit is not None and self._used.get(today, 0) >= self.limit
        return spent or self._filled == today

    @property
    def has_room(self) -> bool:
        """Whether a call may go now."""
        today = self._today()
        if self._filled == today:
            return False
        return self.limit is None or self._used.get(today, 0) + self.reserved < self.limit

    def reserve(self) -> None:
        """Hold the place of a call that goes out now."""
        self.reserved += 1

    def settle(self, *, counted: bool) -> None:
        """Count a call, or free its place."""
        self.reserved -= 1
        if counted:
            today = self._today()
            self._used[today] = self._used.get(today, 0) + 1
            if len(self._used) > _REMEMBERED:
                del self._used[min(self._used)]

    def fill(self) -> None:
        """Let no more go today, as the service says that the day's calls are spent."""
        self._filled = self._today()

    def listen(self, wake: Callable[[], None]) -> None:
        """Call *wake* when more may go by another's doing: here nobody else counts."""

    async def open(self) -> None:
        """Make ready: there is nothing to open."""

    async def close(self) -> None:
        """Let go: there is nothing to close."""

    def resumes_at(self) -> datetime:
        """Return when the next day begins (aware, in UTC)."""
        following = self._today() + timedelta(days=1)
        return datetime.combine(following, time.min, self._place).astimezone(UTC)

    def wait(self) -> float:
        """Return the seconds until the next day begins."""
        return max(0.0, (self.resumes_at() - self._now()).total_seconds())

    def _now(self) -> datetime:
        return self._clock.now()

    def _today(self) -> date:
        return self._now().astimezone(self._place).date()
