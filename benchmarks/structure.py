"""What structuring a page of 200 records costs beside reading its JSON.

python -m benchmarks.structure
"""

import gc
import statistics
import time
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import orjson
from attrs import field, frozen

from zohocrm_async._converter import structure
from zohocrm_async._endpoint import Call
from zohocrm_async._pages import Page
from zohocrm_async._wire import Answer, judge
from zohocrm_async.api.records import Records
from zohocrm_async.models import Record, Reference, Word

ROUNDS, REPEATS = 9, 50


class Source(Word):
    """Where a lead comes from."""

    PARTNER = "Partner"
    TRADE_SHOW = "Trade Show"


@frozen
class Lead:
    """A lead as a user of the client would write it: fifteen fields of most types."""

    id: str
    last_name: str = field(metadata={"wire": "Last_Name"})
    first_name: str | None = field(default=None, metadata={"wire": "First_Name"})
    company: str | None = field(default=None, metadata={"wire": "Company"})
    email: str | None = field(default=None, metadata={"wire": "Email"})
    phone: str | None = field(default=None, metadata={"wire": "Phone"})
    street: str | None = field(default=None, metadata={"wire": "Street"})
    city: str | None = field(default=None, metadata={"wire": "City"})
    source: Source | None = field(default=None, metadata={"wire": "Lead_Source"})
    employees: int | None = field(default=None, metadata={"wire": "No_of_Employees"})
    revenue: float | None = field(default=None, metadata={"wire": "Annual_Revenue"})
    opted_out: bool = field(default=False, metadata={"wire": "Email_Opt_Out"})
    met_on: date | None = field(default=None, metadata={"wire": "Met_On"})
    owner: Reference | None = field(default=None, metadata={"wire": "Owner"})
    created: datetime | None = field(default=None, metadata={"wire": "Created_Time"})


OWNER = {"name": "Patricia Boyle", "id": "3652397000000186017", "email": "p@ex.org"}
CREATED = "2026-01-31T09:00:00+05:30"


def wide() -> bytes:
    """Return a page as the service sends it: 200 leads of 30 fields, nearly all texts."""
    return page(
        {
            "Owner": OWNER,
            "Created_Time": CREATED,
            **{f"Field_{index}": f"value {index} of {number}" for index in range(27)},
        }
        for number in range(200)
    )


def typed() -> bytes:
    """Return a page of 200 leads with the fields of `Lead` and no others."""
    return page(
        {
            "Last_Name": f"Boyle {number}",
            "First_Name": "Patricia",
            "Company": f"Zylker {number}",
            "Email": f"patricia.boyle.{number}@example.com",
            "Phone": f"+49 228 {number:06d}",
            "Street": f"{number} Long Acre",
            "City": None if number % 4 else "Bonn",
            "Lead_Source": "Partner",
            "No_of_Employees": number,
            "Annual_Revenue": number * 1_000.5,
            "Email_Opt_Out": number % 2 == 0,
            "Met_On": "2026-01-31",
            "Owner": OWNER,
            "Created_Time": CREATED,
        }
        for number in range(200)
    )


def page(rows: Any) -> bytes:
    """Return an answer with *rows*."""
    ids = (str(3652397000000000000 + number) for number in range(200))
    data = [{"id": id_, **row} for id_, row in zip(ids, rows, strict=True)]
    return orjson.dumps({"data": data, "info": {"per_page": 200, "count": 200, "page": 1}})


def seconds(work: Callable[[], object]) -> float:
    """Return the seconds of one run of *work*, of many in a row."""
    began = time.perf_counter()
    for _ in range(REPEATS):
        work()
    return (time.perf_counter() - began) / REPEATS


def measure(title: str, body: bytes, shape: Any, most: float) -> None:
    """Read and structure *body* in turn and print the ratio of the medians."""
    call = Call(Records.operations["list"], "/Leads", returns=shape)

    def client() -> object:
        decoded = judge(call, Answer(200, {}, body))
        return structure(decoded, shape, "data", "records.list")

    found: dict[str, list[float]] = {"loads": [], "client": []}
    for _ in range(ROUNDS):
        found["loads"].append(seconds(lambda: orjson.loads(body)))
        found["client"].append(seconds(client))
    loads, whole = (statistics.median(times) for times in found.values())
    print(f"200 records into {title}, {len(body) // 1024} KiB")
    print(f"  orjson.loads           {loads * 1e6:8.0f} us")
    print(f"  judged and structured  {whole * 1e6:8.0f} us   (loads included)")
    print(f"  client / loads         {whole / loads:8.3f}   (at most {most})")


def main() -> None:
    """Measure both shapes."""
    gc.disable()
    measure("Record", wide(), Page[Record], 1.5)
    measure("an attrs class", typed(), Page[Lead], 4.0)


if __name__ == "__main__":
    main()
