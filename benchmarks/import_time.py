"""What importing the package costs beside importing aiohttp alone.

python -m benchmarks.import_time
"""

import statistics
import subprocess
import sys

ROUNDS = 15
TIMED = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def seconds(module: str) -> float:
    """Return the seconds that a fresh interpreter takes to import *module*."""
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", TIMED.format(module)], check=True, capture_output=True, text=True
    )
    return float(done.stdout)


def main() -> None:
    """Import in turn and print the ratio of the medians."""
    found: dict[str, list[float]] = {"aiohttp": [], "zohocrm_async": []}
    for _ in range(ROUNDS):
        for module, times in found.items():
            times.append(seconds(module))
    for module, times in found.items():
        print(f"import {module:14} {statistics.median(times) * 1000:7.1f} ms")
    pairs = zip(found["zohocrm_async"], found["aiohttp"], strict=True)
    ratios = [ours / theirs for ours, theirs in pairs]
    print(
        f"zohocrm_async / aiohttp {statistics.median(ratios):.3f}   "
        f"({min(ratios):.3f} to {max(ratios):.3f})"
    )


if __name__ == "__main__":
    main()
