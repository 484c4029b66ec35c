"""What the server lends, and when it is worth asking it: plain values."""

from typing import Any

import pytest
from attrs import evolve

from zohocrm_async import Limits
from zohocrm_async.redis._loans import Loan, conflict, described, grew, waits
from zohocrm_async.scheduler.leases import Need

TOLD = Need(in_flight=(0, 2, 0), waiting=(0, 1, 0), heavy_waiting=(0, 0, 2), beside=(0, 0, 2))


def test_no_more_is_kept_than_is_held_and_may_be_used() -> None:
    """In each pool by itself; what others leave to lower classes stays."""
    loan = Loan(held=(5, 3), limit=(4, 3), low=(2, 1))
    assert loan.keeping(9, 9) == loan
    assert loan.keeping(3, 9) == Loan(held=(3, 3), limit=(3, 3), low=(2, 1))
    assert loan.keeping(5, 2) == Loan(held=(5, 2), limit=(4, 2), low=(2, 1))


@pytest.mark.parametrize(
    ("need", "wait"),
    [
        (Need(), False),
        (Need(in_flight=(1, 1, 1), heavy_in_flight=(1, 0, 0)), False),
        (Need(waiting=(0, 0, 1)), True),
        (Need(heavy_waiting=(1, 0, 0), beside=(1, 0, 0)), True),
    ],
)
def test_calls_of_either_pool_wait(need: Need, wait: bool) -> None:
    assert waits(need) is wait


@pytest.mark.parametrize(
    "news",
    [
        {"waiting": (0, 2, 0)},
        {"waiting": (1, 1, 0)},
        {"waiting": (0, 1, 1)},
        {"heavy_waiting": (0, 0, 3)},
        {"heavy_in_flight": (0, 0, 1)},
        {"at_once": (0, 5, 0)},
        {"heavy_at_once": (0, 0, 2)},
    ],
    ids=str,
)
def test_more_calls_that_wait_are_news(news: dict[str, Any]) -> None:
    """As are such as need more slots at once."""
    assert grew(evolve(TOLD, **news), TOLD, 8)


@pytest.mark.parametrize(
    "same",
    [
        {},
        {"in_flight": (0, 3, 0), "waiting": (0, 0, 0)},
        {"heavy_waiting": (0, 0, 1)},
        {"waiting": (0, 0, 0), "heavy_waiting": (0, 0, 0), "in_flight": (5, 5, 5)},
    ],
    ids=str,
)
def test_what_the_server_was_told_is_none(same: dict[str, Any]) -> None:
    """Nor is it news that a call goes that waited, or that more are in flight and none wait."""
    assert not grew(evolve(TOLD, **same), TOLD, 8)


def test_more_than_there_are_is_no_news() -> None:
    """A thousand calls that wait for eight slots want what eight of them want."""
    told = Need(in_flight=(0, 4, 0), waiting=(0, 4, 0))
    assert not grew(evolve(told, waiting=(0, 996, 0)), told, 8)
    assert grew(evolve(told, waiting=(0, 5, 0)), told, 9)


def test_limits_that_differ_are_shown_and_no_others() -> None:
    error = conflict("acme", "h:6379", Limits(concurrency=7), {**described(Limits()), "floor": 7})
    assert "'acme'" in str(error)
    assert "Limits(concurrency=7, floor=0)" in str(error)
    assert "h:6379 have Limits(concurrency=5, floor=7)" in str(error)
