"""What structuring a page of 200 records costs beside reading its JSON.

python -m benchmarks.structure
"""

import gc
import statistics
import time
from collections.abc import Callable

import orjson

from zohocrm_async._converter import structure
from zohocrm_async._endpoint import Call
from zohocrm_async._pages import Page
from zohocrm_async._wire import Answer, judge
from zohocrm_async.api.records import Records
from zohocrm_async.models import Record

ROUNDS, REPEATS = 9, 50


def page() -> bytes:
    """Return a page as the service sends it: 200 leads of 30 fields."""
    rows = [
        {
            "id": str(3652397000000000000 + number),
            "Owner": {"name": "Patricia Boyle", "id": "3652397000000186017", "email": "p@ex.org"},
            "Created_Time": "2026-01-31T09:00:00+05:30",
            **{f"Field_{index}": f"value {index} of {number}" for index in range(27)},
        }
        for number in range(200)
    ]
    return orjson.dumps({"data": rows, "info": {"per_page": 200, "count": 200, "page": 1}})


def seconds(work: Callable[[], object]) -> float:
    """Return the seconds of one run of *work*, of many in a row."""
    began = time.perf_counter()
    for _ in range(REPEATS):
        work()
    return (time.perf_counter() - began) / REPEATS


def main() -> None:
    """Read and structure in turn and print the ratio of the medians."""
    body = page()
    call = Call(Records.operations["list"], "/Leads", returns=Page[Record])

    def client() -> object:
        decoded = judge(call, Answer(200, {}, body))
        return structure(decoded, Page[Record], "data", "records.list")

    found: dict[str, list[float]] = {"loads": [], "client": []}
    gc.disable()
    for _ in range(ROUNDS):
        found["loads"].append(seconds(lambda: orjson.loads(body)))
        found["client"].append(seconds(client))
    loads, whole = (statistics.median(times) for times in found.values())
    print(f"200 records, {len(body) // 1024} KiB")
    print(f"orjson.loads             {loads * 1e6:8.0f} us")
    print(f"judged and structured    {whole * 1e6:8.0f} us   (loads included)")
    print(f"client / loads           {whole / loads:8.3f}")


if __name__ == "__main__":
    main()
