"""Which route is taken, and how often a job is looked at."""

import pytest

from zohocrm_async._moving.routes import choose, query_rows, query_sizes
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models import RoutePlan


def plan(route: str, credits: int, *, possible: bool = True, seconds: float = 1.0) -> RoutePlan:
    return RoutePlan(
        route=route, possible=possible, credits=credits, calls=1, seconds=seconds, why=f"as {route}"
    )


def test_the_cheapest_open_route_is_taken() -> None:
    """And the others are told with their prices."""
    best, why = choose([plan("a", 3), plan("b", 1, possible=False), plan("c", 2)], None, "test")
    assert best.route == "c"
    assert why == "the cheapest: 2 credits (a 3, b is closed)"


def test_of_two_that_cost_the_same_the_faster_is_taken() -> None:
    """Whichever comes first."""
    best, _ = choose([plan("slow", 1, seconds=9), plan("fast", 1)], None, "test")
    assert best.route == "fast"


def test_a_forced_route_is_taken_whatever_it_costs() -> None:
    """Unless it is closed, or there is none of that name."""
    plans = [plan("a", 1), plan("b", 9), plan("c", 1, possible=False)]
    assert choose(plans, "b", "test") == (plans[1], "asked for")
    with pytest.raises(InvalidRequest, match="the route c is closed: as c"):
        choose(plans, "c", "test")
    with pytest.raises(InvalidRequest, match="say one of a, b, c"):
        choose(plans, "d", "test")


def test_without_an_open_route_all_reasons_are_told() -> None:
    """One for each."""
    with pytest.raises(InvalidRequest) as refused:
        choose([plan(name, 1, possible=False) for name in "ab"], None, "test")
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize(
    ("count", "sizes"),
    [
        (0, [200]),
        (200, [200]),
        (201, [1_000]),
        (1_000, [1_000]),
        (1_001, [2_000]),
        (2_000, [2_000]),
        (2_001, [2_000, 200]),
        (4_500, [2_000, 2_000, 1_000]),
    ],
)
def test_queries_are_full_but_for_the_last_one(count: int, sizes: list[int]) -> None:
    """Which is of the fewest rows that have a price of their own and will do."""
    assert query_sizes(count) == sizes


def test_queries_of_nobody_knows_how_many_rows_are_full() -> None:
    """As a full one gives the most for a credit."""
    assert query_rows(None) == 2_000
