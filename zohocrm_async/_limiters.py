"""Rate limiters, whose library loads with the first of them."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter


def limiter(most: float, seconds: float) -> "AsyncLimiter":
    """Return a limiter that lets *most* go at once, and as many in each *seconds* on."""
    from aiolimiter import AsyncLimiter  # noqa: PLC0415  # takes a tenth of the package's import

    return AsyncLimiter(most, seconds)
