"""What a process asks of the file of a ledger, and what that answers."""

from attrs import frozen

Rows = tuple[tuple[int, int, int], ...]


@frozen
class Header:
    """What the service said was spent in all, to a call sent in minute *sent*."""

    spent: int
    sent: int

    def merged(self, other: "Header | None") -> "Header":
        """Return one that allows no more than either."""
        if other is None:
            return self
        return Header(max(self.spent, other.spent), min(self.sent, other.sent))


@frozen(kw_only=True)
class Order:
    """What a process books, keeps and wants."""

    allowance: int
    used: int = 0
    """What it believes that is spent in all."""
    spent: int = 0
    """Credits that settled calls took of what it holds."""
    in_flight: int = 0
    """The part of *keep* that calls in flight may take."""
    keep: int = 0
    """Credits that it goes on holding."""
    wanted: int = 0
    """Credits that it would hold besides."""
    at_least: int = 0
    """Fewer of these are of no use to it."""
    floor: int = 0
    bury: bool = False
    """Whether to look for processes that are gone."""
    header: Header | None = None


@frozen
class State:
    """What the file says after an order."""

    offset: float
    """The file's time less the clock's monotonic time."""
    granted: int
    """Credits held besides those that the order keeps."""
    others: int
    """Credits that other processes hold."""
    rows: Rows | None
    """Every minute with its credits, and how many were inferred; None: as believed."""
    allowance: int | None
    """The allowance of the last order."""
    since: int | None = None
    """The first minute of *rows*, where those before it are as believed."""
