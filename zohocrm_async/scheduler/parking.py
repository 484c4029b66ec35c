"""The pause of credit-taking calls after the service refused one for want of credits."""

_FIRST = 60.0
_LONGEST = 600.0


class Parking:
    """Holds calls back, then lets one go ahead to find out.

    Each refusal in a row doubles the pause. Nobody tells when the credits of strangers
    come back, so one call asks, and the rest wait for its answer.
    """

    def __init__(self) -> None:
        self._pause = 0.0
        self._until = 0.0
        self._probing = False

    def refused(self, now: float) -> float:
        """Park from *now* and return the end; calls refused together count once."""
        if not self._pause or now >= self._until:
            self._pause = min(max(_FIRST, 2 * self._pause), _LONGEST)
            self._until = now + self._pause
        return self._until

    def remaining(self, now: float) -> float:
        """Return the seconds until a call may go ahead, apart from one that does."""
        return max(0.0, self._until - now) if self._pause else 0.0

    def is_open(self, now: float) -> bool:
        """Whether a call may go now."""
        return not self._pause or (now >= self._until and not self._probing)

    def enter(self) -> bool:
        """Note a call that goes; return whether it is the one that finds out."""
        self._probing = bool(self._pause)
        return self._probing

    def leave(self, *, served: bool) -> None:
        """Note the end of the call that found out, and whether it was served."""
        self._probing = False
        if served:
            self._pause = 0.0
