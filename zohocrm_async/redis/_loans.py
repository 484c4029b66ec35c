"""What the server lends, and what is said to it of limits and needs: plain values."""

from collections.abc import Mapping
from typing import Any

import attrs
from attrs import frozen

from zohocrm_async.exceptions import ConfigurationError
from zohocrm_async.options import Limits
from zohocrm_async.scheduler.leases import Need

SHARED = (
    "concurrency",
    "heavy_concurrency",
    "headroom",
    "credits",
    "floor",
    "daily_mails",
    "time_zone",
    "normal_share",
    "bulk_share",
)
"""The limits in which all processes must agree."""


@frozen
class Loan:
    """What the server lends of both pools: (all calls, heavy ones)."""

    held: tuple[int, int] = (0, 0)
    limit: tuple[int, int] = (0, 0)
    """What may be used of it, where others want the rest."""
    low: tuple[int, int] = (0, 0)
    """What may be in flight for calls to go that are not INTERACTIVE."""

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> "Loan":
        """Read what the server says."""
        held, limit, low = (
            (answer[part]["every"], answer[part]["heavy"]) for part in ("held", "limit", "low")
        )
        return cls(held, limit, low)

    def keeping(self, every: int, heavy: int) -> "Loan":
        """Return it with no more than so many held."""
        held = min(self.held[0], every), min(self.held[1], heavy)
        limit = min(self.limit[0], every), min(self.limit[1], heavy)
        return attrs.evolve(self, held=held, limit=limit)


NOTHING = Loan()


def described(limits: Limits) -> dict[str, Any]:
    """Return what the server is told of *limits*."""
    known = {name: getattr(limits, name) for name in SHARED}
    text = ", ".join(f"{name}={value!r}" for name, value in known.items())
    return {**known, "shares": (limits.normal_share, limits.bulk_share), "text": text}


def conflict(
    organisation: str, where: str, limits: Limits, others: Mapping[str, Any]
) -> ConfigurationError:
    """Return what is said to a process whose limits are not those of the others."""
    mine = {name: getattr(limits, name) for name in SHARED}
    differing = [name for name in SHARED if mine[name] != others.get(name)]
    here, there = (
        ", ".join(f"{name}={values.get(name)!r}" for name in differing) for values in (mine, others)
    )
    return ConfigurationError(
        f"organisation {organisation!r}: this process has Limits({here}), and others that run "
        f"on Redis at {where} have Limits({there}); give all the same, or stop the others first"
    )


def waits(need: Need) -> bool:
    """Whether calls wait for slots."""
    return any(need.waiting) or any(need.heavy_waiting)


def grew(need: Need, told: Need, most: int) -> bool:
    """Whether calls wait of which the server does not know."""
    if not waits(need):
        return False
    for now, then in ((need.at_once, told.at_once), (need.heavy_at_once, told.heavy_at_once)):
        if any(a > b for a, b in zip(now, then, strict=True)):
            return True
    for now, then in (
        (_wants(need.in_flight, need.waiting), _wants(told.in_flight, told.waiting)),
        (
            _wants(need.heavy_in_flight, need.heavy_waiting),
            _wants(told.heavy_in_flight, told.heavy_waiting),
        ),
    ):
        if any(min(a, most) > b for a, b in zip(now, then, strict=True)):
            return True
    return False


def _wants(using: tuple[int, int, int], waiting: tuple[int, int, int]) -> tuple[int, int, int]:
    return using[0] + waiting[0], using[1] + waiting[1], using[2] + waiting[2]
