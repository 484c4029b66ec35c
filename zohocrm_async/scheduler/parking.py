"""The pause of credit-taking calls after the service refused one for want of credits."""

from zohocrm_async._clock import Clock

_FIRST = 60.0
_LONGEST = 600.0


class Parking:
    """Holds calls back, then lets one go ahead to find out.

    Each refusal in a row doubles the pause. Nobody tells when the credits of strangers
    come back, so one call asks, and the rest wait for its answer.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pause = 0.0
        self.is_on = False
        """Whether the service refused a call and has served none since."""
        self._until = 0.0
        self._probing = False

    @property
    def remaining(self) -> float:
        """Seconds until a call may go ahead, apart from one that does."""
        return max(0.0, self._until - self._clock.monotonic()) if self._pause else 0.0

    @property
    def is_open(self) -> bool:
        """Whether a call may go now."""
        return not self._pause or not (self._probing or self.remaining)

    def refused(self) -> float:
        """Park from now on, if not parked already; return for how long, or 0 if it was.

        Calls refused while parked count as refused before.
        """
        if self.remaining:
            return 0.0
        self._pause = min(max(_FIRST, 2 * self._pause), _LONGEST)
        self._until = self._clock.monotonic() + self._pause
        self.is_on = True
        return self._pause

    def enter(self) -> bool:
        """Note a call that goes; return whether it is the one that finds out."""
        self._probing = bool(self._pause)
        return self._probing

    def leave(self, *, served: bool) -> bool:
        """Note the end of the call that found out; return whether that ends the parking."""
        self._probing = False
        if served:
            self._pause = 0.0
            self.is_on = False
        return served
