"""Calls in flight, counted against a limit."""


class SlotPool:
    """So many slots; a call holds one for exactly one attempt."""

    __slots__ = ("in_flight", "limit", "peak")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        """May be set at any time; lowering it takes no slot from a call that holds one."""
        self.in_flight = 0
        self.peak = 0

    @property
    def has_room(self) -> bool:
        """Whether a slot is free."""
        return self.in_flight < self.limit

    def acquire(self) -> None:
        """Take a slot; only where the pool has room."""
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)

    def release(self) -> None:
        """Return a slot."""
        self.in_flight -= 1
