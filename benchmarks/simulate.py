"""A month of an organisation in virtual time: ours beside what people write instead.

    python -m benchmarks.simulate

People work by the hour, jobs run each night, newsletters go out on two mornings of the
week, another application spends, and a neighbour takes slots. Printed as a table and
drawn as an SVG.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.drawing import draw
from benchmarks.figures import percentile
from benchmarks.month import Month, simulate
from benchmarks.others import POLICIES
from benchmarks.service import Refusal
from benchmarks.virtual import run
from zohocrm_async.options import Priority

DRAWING = Path(__file__).parents[1] / "docs" / "simulation.svg"
_UNITS = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"), (1.0, "s"))


def span(seconds: float) -> str:
    """Write *seconds* for people."""
    for unit, word in _UNITS:
        if seconds >= unit:
            return f"{seconds / unit:.1f} {word}"
    return f"{seconds * 1000:.0f} ms"


def table(months: Sequence[Month]) -> str:
    """Return a table of *months*, a column a policy."""
    rows: list[tuple[str, list[str]]] = [
        ("calls asked for", [f"{month.asked:,}" for month in months]),
        ("not done at the end", [f"{month.asked - month.served:,}" for month in months]),
        ("429s for slots", [f"{month.refused.get(Refusal.SLOTS, 0):,}" for month in months]),
        ("429s for credits", [f"{month.refused.get(Refusal.CREDITS, 0):,}" for month in months]),
        ("violations", [f"{month.violations:,}" for month in months]),
        ("credits spent", [f"{month.spent:,}" for month in months]),
        ("hours a newsletter takes", [f"{month.mailing_hours:.1f}" for month in months]),
    ]
    for priority in Priority:
        for label, part in (("p50", 0.5), ("p95", 0.95), ("worst", 1.0)):
            waits = [span(percentile(month.waits[priority], part)) for month in months]
            rows.append((f"{priority.name} waits, {label}", waits))
    rows.append(("real seconds", [f"{month.seconds:.1f}" for month in months]))
    head = f"{'':24}" + "".join(f"{month.policy:>20}" for month in months)
    lines = [f"{name:24}" + "".join(f"{value:>20}" for value in values) for name, values in rows]
    return "\n".join([head, *lines])


def main() -> int:
    """Simulate, print, draw; fail if ours broke a limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--svg", type=Path, default=DRAWING)
    options = parser.parse_args()
    months = [
        run(simulate(name, make, days=options.days, seed=options.seed))
        for name, make in POLICIES.items()
    ]
    print(f"{options.days} days, seed {options.seed}")
    print(table(months))
    options.svg.write_text(draw(months))
    print(f"drawn: {options.svg.name}")
    if months[0].violations:
        print("void: ours broke a limit")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
