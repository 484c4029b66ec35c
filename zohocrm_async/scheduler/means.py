"""What calls take: slots, credits and windows, and when there is enough of them."""

from collections.abc import Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING

from zohocrm_async._clock import Clock
from zohocrm_async._limiters import limiter
from zohocrm_async.exceptions import ConfigurationError
from zohocrm_async.options import Limits
from zohocrm_async.scheduler.ledger import WINDOW, Ledger
from zohocrm_async.scheduler.parking import Parking
from zohocrm_async.scheduler.permit import Permit
from zohocrm_async.scheduler.slots import SlotPool
from zohocrm_async.scheduler.windows import DayWindow

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

# At most 10 in any minute, the first two of them at once
# (https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/limitations.html).
_SPACED = {"downloads": (2, 15)}


class Means:
    """The one account of everything that a grant takes."""

    def __init__(
        self, limits: Limits, ledger: Ledger, clock: Clock, mails: DayWindow | None = None
    ) -> None:
        self.clock = clock
        self.ledger = ledger
        self.slots = SlotPool(limits.concurrency)
        self.heavy = SlotPool(limits.heavy_concurrency, name="heavy slots")
        self.parking = Parking(clock)
        self._mails = mails or DayWindow(limits.daily_mails, limits.time_zone, clock=clock)
        self.windows = MappingProxyType({"mails": self._mails})
        self._rates: dict[str, AsyncLimiter] = {}
        self._split: dict[tuple[str, ...], tuple[tuple[str, ...], tuple[AsyncLimiter, ...]]] = {}
        self.floors = (0, 0, 0)
        self.configure(limits)

    def configure(self, limits: Limits) -> None:
        """Take *limits* from now on."""
        self.ledger.allowance = limits.credits
        self.slots.configure(limits.concurrency, limits.headroom)
        self.heavy.configure(limits.heavy_concurrency, limits.headroom)
        self._mails.limit = limits.daily_mails
        self._mails.zone = limits.time_zone
        self.floors = (0, limits.floor, limits.floor)

    def window(self, name: str) -> DayWindow:
        """Return the window called *name*."""
        found = self.windows.get(name)
        if found is None:
            raise ConfigurationError(
                f"no window is called {name!r}; there is {', '.join((*self.windows, *_SPACED))}"
            )
        return found

    def split(self, names: tuple[str, ...]) -> "tuple[tuple[str, ...], tuple[AsyncLimiter, ...]]":
        """Return which of *names* are windows of a day, and the limiters of the rest."""
        found = self._split.get(names)
        if found is None:
            days = tuple(name for name in names if name not in _SPACED)
            rates = tuple(self._rate(name) for name in names if name in _SPACED)
            found = self._split[names] = (days, rates)
        return found

    def _rate(self, name: str) -> "AsyncLimiter":
        if name not in self._rates:
            self._rates[name] = limiter(*_SPACED[name])
        return self._rates[name]

    def fits(self, permit: Permit) -> bool:
        """Whether *permit* can go now, but for its budget and the order of calls."""
        lower = permit.flow.rank.lower
        slots = self.slots
        if slots.in_flight + permit.slots > slots.caps[lower] and not (
            permit.slots > 1 and slots.has_room_for(permit.slots, lower)
        ):
            return False
        if permit.heavy:
            heavy = self.heavy
            if heavy.in_flight + permit.heavy > heavy.caps[lower] and not (
                permit.heavy > 1 and heavy.has_room_for(permit.heavy, lower)
            ):
                return False
        if permit.reserve:
            if self.ledger.free(self.floors[permit.priority]) < permit.reserve:
                return False
            if self.parking.is_on and not self.parking.is_open:
                return False
        return not permit.windows or self.full(permit.windows) is None

    def lack(self, permit: Permit) -> str | None:
        """Return what keeps *permit* from going now, but for the order of calls."""
        fits = self.fits(permit)
        if not fits and self.full(permit.windows) is not None:
            return "windows"
        if not fits and permit.reserve:
            free = self.ledger.free(self.floors[permit.priority])
            if free < permit.reserve or (self.parking.is_on and not self.parking.is_open):
                return "credits"
        if permit.budget is not None and permit.budget.obstacle(permit.reserve) is not None:
            return "budget"
        return None if fits else "slots"

    def full(self, windows: Iterable[str]) -> DayWindow | None:
        """Return the first of *windows* in which no call may go now."""
        for name in windows:
            if not (window := self.window(name)).has_room:
                return window
        return None

    def spent(self, windows: Iterable[str]) -> tuple[str, DayWindow] | None:
        """Return the first of *windows* of which nothing is left today."""
        for name in windows:
            if (window := self.window(name)).is_spent:
                return name, window
        return None

    def credit_wait(self, permit: Permit, ahead: int) -> float | None:
        """Return the seconds until *permit* has its credits after *ahead* others; None: never."""
        floor = self.floors[permit.priority]
        room = self.ledger.allowance - floor
        if permit.reserve > room:
            return None
        parked = self.parking.remaining
        needed = ahead + permit.reserve
        # What is held for calls in flight may come back at any moment.
        if needed <= room - self.ledger.used:
            return parked
        days, rest = divmod(needed - 1, room)
        wait = self.ledger.when(rest + 1, floor) or 0.0
        return max(parked, wait + days * WINDOW)

    def due(self, permit: Permit) -> float:
        """Return the seconds until the credits of a head can be there; 0: an answer tells."""
        floor = self.floors[permit.priority]
        self.ledger.want(permit.reserve, floor)
        wait = self.ledger.when(permit.reserve, floor) or 0.0
        return max(wait, self.parking.remaining)
