"""What importing the package costs beside aiohttp alone, and what families cost on first use.

python -m benchmarks.import_time
"""

import subprocess
import sys

from zohocrm_async.api import declarations

ROUNDS = 15
TIMED = "import time; t = time.perf_counter(); import {}; print(time.perf_counter() - t)"


def seconds(module: str) -> float:
    """Return the seconds that a fresh interpreter takes to import *module*."""
    done = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", TIMED.format(module)], check=True, capture_output=True, text=True
    )
    return float(done.stdout)


# The price list, which every client reads first, brings the converter with it.
FIRST_USE = (
    "import time, zohocrm_async.api.apis; from zohocrm_async.api import Families; "
    "families = Families(); t = time.perf_counter(); families.{}; print(time.perf_counter() - t)"
)


def first_use(family: str) -> float:
    """Return the seconds that a family takes when it is first asked for."""
    found: list[float] = []
    for _ in range(3):
        done = subprocess.run(  # noqa: S603  # our own interpreter
            [sys.executable, "-c", FIRST_USE.format(family)],
            check=True,
            capture_output=True,
            text=True,
        )
        found.append(float(done.stdout))
    return min(found)


FIRST_REQUEST = (
    "import time, zohocrm_async.api.apis; from zohocrm_async.api import find_operation; "
    "t = time.perf_counter(); find_operation('GET', '/settings/tags'); "
    "print(time.perf_counter() - t)"
)


def first_request() -> float:
    """Return the seconds that the first raw request takes to find its operation."""
    found: list[float] = []
    for _ in range(3):
        done = subprocess.run(  # noqa: S603  # our own interpreter
            [sys.executable, "-c", FIRST_REQUEST], check=True, capture_output=True, text=True
        )
        found.append(float(done.stdout))
    return min(found)


def main() -> None:
    """Import in turn and print the ratio of the least times; then the slowest families."""
    found: dict[str, list[float]] = {"aiohttp": [], "zohocrm_async": []}
    for _ in range(ROUNDS):
        for module, times in found.items():
            times.append(seconds(module))
    # Whatever else the machine does only adds: the least of many is what an import takes.
    least = {module: min(times) for module, times in found.items()}
    for module, took in least.items():
        print(f"import {module:14} {took * 1000:7.1f} ms   (to {max(found[module]) * 1000:.1f})")
    print(f"zohocrm_async / aiohttp {least['zohocrm_async'] / least['aiohttp']:.3f}")
    families = sorted({name.partition(".")[0] for name in declarations()})
    uses = sorted(((first_use(family), family) for family in families), reverse=True)
    print(f"first use of a family: {len(uses)} families, the slowest of them")
    for took, family in uses[:5]:
        print(f"  {family:30} {took * 1000:5.1f} ms")
    print(f"first crm.request: {first_request() * 1000:.1f} ms until its operation is found")


if __name__ == "__main__":
    main()
