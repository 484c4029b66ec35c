"""What the benchmarks promise of slots and credits, and how they measure it.

Virtual time and seeds make these figures the same on every machine.
"""

from xml.etree import ElementTree as ET

import pytest
from soaking import SOAK_SEEDS

from benchmarks.drawing import draw
from benchmarks.figures import (
    Figure,
    binding_credits,
    fairness,
    interactive_wait,
    jain,
    mixed_slots,
    neighbours,
    percentile,
)
from benchmarks.month import CLASSES, simulate
from benchmarks.policies import Ours
from benchmarks.service import Refusal
from benchmarks.virtual import run

EVEN = {f"job {number}": 1.0 for number in range(10)}
SOAK = (
    pytest.mark.soak,
    pytest.mark.skipif(not SOAK_SEEDS, reason="seconds; ZOHOCRM_SOAK_SEEDS=1 measures it"),
)
UNEVEN = {"one": 1.0, "two": 2.0, "four": 4.0}


def check(*figures: Figure) -> None:
    missed = [figure for figure in figures if not figure.holds]
    assert not missed


def test_slots_are_used() -> None:
    """Light and heavy calls of three jobs leave no slot idle."""
    check(*run(mixed_slots()))


def test_credits_are_used() -> None:
    """An allowance that binds is used but for the minute that leaves the window as a whole."""
    check(*run(binding_credits(days=2)))


@pytest.mark.parametrize(
    ("weights", "allowance"),
    [
        pytest.param(EVEN, None, id="even-slots"),
        pytest.param(UNEVEN, None, id="1:2:4-slots"),
        pytest.param(EVEN, 20_000, id="even-credits", marks=SOAK),
        pytest.param(UNEVEN, 20_000, id="1:2:4-credits"),
    ],
)
def test_budgets_share_by_weight(weights: dict[str, float], allowance: int | None) -> None:
    """Backlogged budgets get what their weights say, of slots and of credits."""
    check(run(fairness(weights, credits=allowance)))


def test_interactive_calls_overtake() -> None:
    """Thousands of bulk calls that wait do not keep people waiting."""
    check(*run(interactive_wait(bulk_calls=5_000, minutes=4)))


@pytest.mark.parametrize(("every", "least"), [(30.0, 0.93), (5.0, 0.80)])
def test_limit_in_force_follows_a_neighbour(every: float, least: float) -> None:
    """Where a neighbour takes slots, few calls are refused and few slots left idle."""
    check(*neighbours(every, least, seeds=[1]))


def test_days_of_an_organisation() -> None:
    """Two days pass with no limit broken and no credits refused, and can be drawn."""
    month = run(simulate("ours", Ours, days=2))
    assert month.violations == 0
    assert Refusal.CREDITS not in month.refused
    assert month.asked >= month.served > 5_000
    assert set(month.waits) == set(CLASSES)
    assert len(month.window) == 48
    assert 0.9 < max(month.window) <= 1.0
    drawing = ET.fromstring(draw([month]))
    assert drawing.tag.endswith("svg")


def test_void_run_holds_nothing() -> None:
    """A figure of a run in which a limit was broken does not hold, however good it is."""
    assert Figure("x", 1.0, 0.5, most=False).holds
    assert not Figure("x", 1.0, 0.5, most=False, void="1 x credits").holds


def test_measures() -> None:
    """Percentiles and the index of fairness are what they are called."""
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([3.0], 0.5) == 3.0
    assert jain([2.0, 2.0]) == 1.0
    assert jain([1.0, 0.0, 0.0, 0.0]) == 0.25
