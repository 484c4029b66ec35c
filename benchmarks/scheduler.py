"""What the scheduler costs, and what it makes of slots and credits.

    python -m benchmarks.scheduler

Real time is only ever a ratio to `asyncio.Semaphore` in the same process; hours are
virtual. A run in which a limit was broken is void.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

from attrs import evolve

from benchmarks import cost
from benchmarks.figures import Figure, all_figures
from benchmarks.others import POLICIES
from benchmarks.peers import beside
from benchmarks.virtual import run

_CROWDS = (1_000, 10_000, 100_000)
_KB = 1_000


def show(figure: Figure) -> bool:
    """Print *figure*; return whether it holds."""
    goal = f"{'<=' if figure.most else '>='} {figure.goal:g}"
    verdict = "void: " + figure.void if figure.void else "" if figure.holds else "MISSED"
    line = f"{figure.name:62} {figure.value:9.4f}  {goal:>10}  {verdict:8} {figure.note}"
    print(line.rstrip(), flush=True)
    return figure.holds


def _measured(ratio: Coroutine[Any, Any, cost.Ratio]) -> cost.Ratio:
    return asyncio.run(ratio)


def _of(name: str, ratio: cost.Ratio, goal: float) -> Figure:
    note = (
        f"{ratio.low:.2f} to {ratio.high:.2f}; "
        f"{ratio.ours * 1e6:.2f} us beside {ratio.theirs * 1e6:.2f}"
    )
    return Figure(name, ratio.ratio, goal, most=True, note=note)


def uncontended() -> Iterator[Figure]:
    """Compare calls that need not wait."""
    kinds = (
        ("light", {"heavy": False, "budget": False}),
        ("heavy, in a budget", {"heavy": True, "budget": True}),
    )
    for name, how in kinds:
        yield _of(f"admit + settle, {name} / Semaphore", _measured(cost.uncontended(**how)), 6)


def handovers() -> Iterator[Figure]:
    """Compare a slot's way from one call to the next."""
    few, some, many = (_measured(cost.handover(waiting)) for waiting in _CROWDS)
    full = _of("handover, 100,000 waiting / Semaphore", many, 2)
    note = f"{full.note}; 1,000 waiting: {few.ratio:.2f}, 10,000: {some.ratio:.2f}"
    yield evolve(full, note=note)
    yield Figure(
        "handover's ratio, 100,000 waiting / 1,000 waiting", many.ratio / few.ratio, 1.25,
        most=True, note="flat: beside the Semaphore's, whose own grows with the crowd",
    )  # fmt: skip
    for flows in (100, 10_000):
        ratio = _measured(cost.handover(_CROWDS[-1], flows=flows))
        yield _of(f"handover, 100,000 waiting in {flows:,} budgets / Semaphore", ratio, 2)


def cancels() -> Iterator[Figure]:
    """Compare callers that go away while they wait."""
    few, many = (_measured(cost.cancelling(waiting)) for waiting in (1_000, 30_000))
    yield _of("cancel, 30,000 waiting / Semaphore", many, 0.1)
    yield Figure(
        "cancel, 30,000 waiting / 1,000 waiting", many.ours / few.ours, 2.0, most=True, note="flat"
    )


def sizes() -> Iterator[Figure]:
    """Measure what stays in memory."""
    ours, theirs = asyncio.run(cost.bytes_waiting())
    yield Figure(
        "memory of a waiting call, kB", ours / _KB, 2, most=True,
        note=f"its task included; {theirs / _KB:.2f} kB where it waits for a Semaphore",
    )  # fmt: skip
    full = cost.ledger()
    yield Figure(
        f"memory of a ledger of {full.calls:,} calls in the window, kB", full.size / _KB, 200,
        most=True,
    )  # fmt: skip
    yield Figure(
        "a ledger's time for a call, window full / new", full.late / full.early, 1.5, most=True,
        note=f"{full.late * 1e9:.0f} ns beside {full.early * 1e9:.0f}",
    )  # fmt: skip


def virtual() -> Iterator[Figure]:
    """Measure what becomes of slots and credits."""
    yield from all_figures()


def peers() -> None:
    """Give the same load to each policy, and print what came of it."""
    print("\nthe same two days, credits and slots both short, strangers about")
    print(f"{'':20}{'calls':>8}{'429s':>10}{'unused':>9}{'worst wait':>12}{'people p95':>12}")
    for name in POLICIES:
        found = run(beside(name))
        print(
            f"{name:20}{found.served:8,}{found.refused:10,}{found.unused:9.2%}"
            f"{found.worst / 3600:10.1f} h{found.people:10.1f} s  {found.void}".rstrip(),
            flush=True,
        )
    print("unused: part of the credits that lapsed although calls waited for them")


PARTS: dict[str, Callable[[], Iterator[Figure]]] = {
    "uncontended": uncontended,
    "handovers": handovers,
    "cancels": cancels,
    "sizes": sizes,
    "virtual": virtual,
}


def main() -> int:
    """Print all figures; fail if one is missed or void."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}, peers; all if none")
    chosen = parser.parse_args().parts or [*PARTS, "peers"]
    print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}")
    # A list, as each figure is to be measured and printed even where another is missed.
    held = [show(figure) for name, part in PARTS.items() if name in chosen for figure in part()]
    if "peers" in chosen:
        peers()
    print(f"\n{sum(held)} of {len(held)} figures hold")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
