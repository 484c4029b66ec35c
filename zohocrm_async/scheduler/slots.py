"""Calls in flight, counted against what the service grants."""

# Seconds between trials of one slot more: after a refusal out of the blue, after refused
# trials, and after trials that held. Tuned beside neighbours that come and go: who leaves
# mostly leaves several slots, so one that is granted is soon followed by the next.
_FIRST, _REFUSED, _LATEST, _SOONEST = 1.0, 4.0, 8.0, 0.25
_FASTER = 8


class SlotPool:
    """So many slots; a call holds one for exactly one attempt, or several at once.

    The limit in force is the configured one until the service refuses a call; then it
    is what the service evidently grants, and one more is tried from time to time.
    """

    __slots__ = (
        "_headroom",
        "_interval",
        "_lease",
        "_pause",
        "_refused_since",
        "caps",
        "in_flight",
        "in_force",
        "is_held",
        "is_probing",
        "is_refusing",
        "limit",
        "name",
        "peak",
        "probe_at",
    )

    def __init__(self, limit: int, *, headroom: int = 0, name: str = "slots") -> None:
        self.name = name
        self.in_flight = self.peak = 0
        self.limit = limit
        """The configured limit, which `configure` changes."""
        self.in_force = limit
        self.probe_at = 0.0
        """From when on one more may be tried."""
        self._headroom = headroom
        self._lease: tuple[int, int] | None = None
        self._interval = _FIRST
        self._pause = 0.0
        self._refused_since = 0.0
        self.is_refusing = False
        """Whether the service has refused a lone call and taken none since."""
        self.is_probing = False
        """Whether one slot more than was granted before is being tried."""
        self.is_held = False
        """Whether no call goes until `probe_at`."""
        self.caps: tuple[int, int] = (0, 0)
        """What may be in flight for an INTERACTIVE call to go, and for any other."""
        self._cap()

    @property
    def has_room(self) -> bool:
        """Whether a slot is free for whoever may use all of them."""
        return self.in_flight < self.caps[0]

    def configure(self, limit: int, headroom: int = 0) -> None:
        """Take another limit from now on; no slot is taken from a call that holds one."""
        bounded = self.in_force < self.limit
        self.in_force = min(self.in_force, limit) if bounded else limit
        self.limit = limit
        self._headroom = headroom
        self._cap()

    def lend(self, most: int, lower: int) -> None:
        """Let *most* be in flight from now on, as other processes have the other slots.

        Calls that are not INTERACTIVE go while fewer than *lower* are in flight.
        """
        self._lease = (most, lower)
        self._cap()

    def part(self, slots: int) -> int:
        """Return what a call takes that counts for *slots*: no more than there are."""
        return min(slots, self.limit)

    def could_hold(self, slots: int, lower: bool) -> bool:
        """Whether a call of *slots* could go now if no other were in flight.

        *lower*: it is not INTERACTIVE. Where such calls are never left as many, it takes
        the headroom too.
        """
        slots = self.part(slots)
        if slots <= self.caps[lower]:
            return True
        return max(1, self.limit - self._headroom) < slots <= self.caps[0]

    def has_room_for(self, slots: int, lower: bool) -> bool:
        """Whether a call of *slots* has them all now; *lower*: it is not INTERACTIVE."""
        if self.in_flight + self.part(slots) <= self.caps[lower]:
            return True
        return not self.in_flight and self.could_hold(slots, lower)

    def is_low_for(self, slots: int) -> bool:
        """Whether a call of *slots* wants more than is in force, or than goes while held."""
        if self.is_held:
            return True
        return self.in_force < self.limit and self.in_flight + self.part(slots) > self.in_force

    def acquire(self) -> None:
        """Take a slot; only where the pool has room."""
        self.in_flight += 1
        if self.in_flight > self.peak:  # noqa: PLR1730  # max() costs more, at each call
            self.peak = self.in_flight

    def release(self) -> None:
        """Return a slot."""
        self.in_flight -= 1

    def refused(self, now: float, held: int = 1) -> None:
        """Note that the service refused a call that is in flight and holds *held*.

        What it grants is what stays in flight without that call; where that is nothing,
        no call goes for a while.
        """
        if self.is_probing:
            self._interval = min(max(_REFUSED, 2 * self._interval), _LATEST)
        elif self.in_force == self.limit:
            self._interval = _FIRST
        else:
            self._interval = max(_FIRST, self._interval)
        self.is_probing = False
        self.probe_at = max(self.probe_at, now + self._interval)
        if self.in_flight <= held and self.in_force <= held:
            if not self.is_refusing:
                self.is_refusing = True
                self._refused_since = now
            if held == 1:  # else there may be room for calls of fewer
                self._pause = min(max(_FIRST, 2 * self._pause), _LATEST)
                self.hold(now, self._pause)
        self.in_force = max(1, min(self.in_force, self.in_flight - held))
        self._cap()

    def served(self) -> bool:
        """Note that the service took a call; return whether it had taken none for a while."""
        was_refusing = self.is_refusing
        self.is_refusing = False
        self._pause = 0.0
        return was_refusing

    def doubt_anew(self, now: float) -> None:
        """Count the time in which it took no call anew."""
        self._refused_since = now

    def refusing_for(self, now: float) -> float:
        """Return for how many seconds the service has refused every lone call."""
        return now - self._refused_since if self.is_refusing else 0.0

    def hold(self, now: float, seconds: float) -> None:
        """Let no call go for *seconds*."""
        self.is_held = True
        self.probe_at = max(self.probe_at, now + seconds)
        self._cap()

    def grow(self, now: float) -> bool:
        """End a hold, or try one slot more, where it is time; only while calls want it."""
        if now < self.probe_at:
            return False
        if self.is_held:
            self.is_held = False
            self.probe_at = now + self._interval
            self._cap()
            return True
        if self.in_force >= self.limit:
            return False
        if self.is_probing:
            self._interval = max(_SOONEST, self._interval / _FASTER)
        self.is_probing = True
        self.probe_at = now + self._interval
        self.in_force += 1
        self._cap()
        return True

    def _cap(self) -> None:
        most = 0 if self.is_held else self.in_force
        if self._lease is None:
            self.caps = (most, min(most, max(1, most - self._headroom)))
        else:
            self.caps = (min(most, self._lease[0]), min(most, *self._lease))
