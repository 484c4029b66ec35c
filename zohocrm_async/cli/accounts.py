"""Two accounts of the same work, side by side."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen


@frozen
class Line:
    """One thing that both sides have counted."""

    what: str
    client: str
    emulator: str
    agree: bool = True


def counted(what: str, client: int, emulator: int) -> Line:
    """Return the line of a number that must be the same on both sides."""
    return Line(what, f"{client:,}", f"{emulator:,}", agree=client == emulator)


def bounded(what: str, client: int, emulator: int, limit: int) -> Line:
    """Return the line of a peak.

    A call takes its slot with us before it reaches the emulator, so that our peak may be
    the higher one; neither may be over the limit.
    """
    return Line(
        f"{what} (at most {limit})",
        f"{client:,}",
        f"{emulator:,}",
        agree=emulator <= client <= limit,
    )
