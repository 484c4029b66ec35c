"""What records cost, beside what they cost whoever makes a call for each.

    python -m benchmarks.credits

Every number is read from the emulator's books, which charge by the published prices; the
question for the price list is left out. Nothing is measured in real time.
"""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Callable

from attrs import frozen

from benchmarks.figures import Figure
from zohocrm_async import ZohoCRM
from zohocrm_async.emulator import Emulator

_AT_ONCE = 200
_FIELDS = ("Last_Name", "Email", "City")
_QUERY = "select Last_Name, Email, City from Leads where id is not null"
# So many single calls show what any number of them costs.
_NAIVE = 1_000

Spend = Callable[[], Awaitable[object]]


@frozen
class Spending:
    """What one way of doing something cost."""

    name: str
    records: int
    credits: int
    naive: float
    """Credits for the same by a call for each record, or by pages for an export."""

    @property
    def per_thousand(self) -> float:
        return 1_000 * self.credits / self.records

    @property
    def naive_per_thousand(self) -> float:
        return 1_000 * self.naive / self.records


class Bench:
    """An organisation with so many leads, and a client of it."""

    def __init__(self, org: Emulator, crm: ZohoCRM, ids: tuple[str, ...]) -> None:
        self.org = org
        self.crm = crm
        self.ids = ids

    async def cost(self, spend: Spend) -> int:
        """Return the credits that *spend* costs, by the books."""
        self.org.clear_calls()
        await spend()
        return sum(call.credits for call in self.org.calls if call.operation != "apis.list")

    async def of_each(self, ids: tuple[str, ...], call: Callable[[str], Awaitable[object]]) -> None:
        """Make a call for each of *ids*, some at once."""
        for start in range(0, len(ids), _AT_ONCE):
            await asyncio.gather(*map(call, ids[start : start + _AT_ONCE]))

    async def naive(self, records: int, call: Callable[[str], Awaitable[object]]) -> float:
        """Return what *records* calls cost, one for each record."""
        some = self.ids[: min(records, _NAIVE)]
        return await self.cost(lambda: self.of_each(some, call)) * records / len(some)


@contextlib.asynccontextmanager
async def bench(records: int) -> AsyncIterator[Bench]:
    """Open an organisation with *records* leads, whose clock runs ahead of jobs."""
    async with Emulator(users=500, credits=10_000_000, concurrency=25) as org, org.client() as crm:
        rows = ({"Last_Name": f"n{n}", "Email": f"n{n}@example.com"} for n in range(records))
        ids = org.add_records("Leads", list(rows))
        hurry = asyncio.create_task(_hurry(org))
        try:
            yield Bench(org, crm, ids)
        finally:
            hurry.cancel()
            await asyncio.gather(hurry, return_exceptions=True)


async def _hurry(org: Emulator) -> None:
    """Let no job be waited for in real time."""
    while True:
        await asyncio.sleep(0.01)
        org.advance(1)


async def _all(rows: AsyncIterator[object]) -> int:
    return sum([1 async for _ in rows])


async def point_reads(records: int) -> Spending:
    """Reads of one record each, by tasks that know nothing of each other."""
    async with bench(records) as b:

        async def load() -> None:
            async with b.crm.records.loader("Leads", fields=_FIELDS) as loader:
                await asyncio.gather(*map(loader.load, b.ids))

        ours = await b.cost(load)
        naive = await b.naive(records, lambda id_: b.crm.records.get("Leads", id_, fields=_FIELDS))
        return Spending("point reads, by a loader", records, ours, naive)


async def lists(records: int) -> list[Spending]:
    """All records of a module, by pages and by queries."""
    async with bench(records) as b:
        pages = await b.cost(lambda: _all(aiter(b.crm.records.list("Leads", fields=_FIELDS))))
        query = await b.cost(lambda: _all(aiter(b.crm.coql.query(_QUERY))))
        naive = await b.naive(records, lambda id_: b.crm.records.get("Leads", id_, fields=_FIELDS))
        return [
            Spending("a list, by pages of 200", records, pages, naive),
            Spending("a query, by pages of 2,000", records, query, naive),
        ]


async def export(records: int) -> Spending:
    """Every record, by the route that is cheapest for so many; beside pages of 200."""
    async with bench(records) as b:
        ours = await b.cost(lambda: _all(b.crm.records.export("Leads", fields=_FIELDS)))
        few = b.crm.records.list("Leads", fields=_FIELDS, ids=b.ids[:100])
        page = await b.cost(lambda: few.pages().__anext__())
        return Spending(f"an export of {records:,}", records, ours, page * -(-records // 200))


async def updates(records: int) -> Spending:
    """Updates of one record each, by tasks that know nothing of each other."""
    async with bench(records) as b:

        async def write() -> None:
            async with b.crm.records.writer("Leads") as writer:
                changes = ({"id": id_, "City": "Cork"} for id_ in b.ids)
                await asyncio.gather(*map(writer.update, changes))

        async def alone(id_: str) -> None:
            await b.crm.records.update_one("Leads", id_, {"City": "York"})

        ours = await b.cost(write)
        naive = await b.naive(records, alone)
        return Spending(f"updates of {records:,}, by a writer", records, ours, naive)


async def together() -> Spending:
    """Five calls of any kinds."""
    async with bench(3) as b:

        async def batch() -> None:
            async with b.crm.composite() as batch:
                for id_ in b.ids:
                    batch.add(batch.records.get("Leads", id_))
                batch.add(batch.records.count("Leads"))
                batch.add(batch.organization.get())

        async def alone() -> None:
            await b.of_each(b.ids, lambda id_: b.crm.records.get("Leads", id_))
            await b.crm.records.count("Leads")
            await b.crm.organization.get()

        return Spending("five calls, by a batch", 5, await b.cost(batch), await b.cost(alone))


def goals(reads: Spending, exported: Spending) -> list[Figure]:
    """Return the figures that have a goal."""
    return [
        Figure("point reads: loader / one by one", reads.credits / reads.naive, 1 / 50, most=True),
        Figure(
            f"credits of {exported.name}", exported.credits, 100, most=True,
            note="two jobs, a look and a download each, a count",
        ),
    ]  # fmt: skip


async def measure() -> tuple[list[Spending], list[Figure]]:
    """Do everything once."""
    reads = await point_reads(1_000)
    listed = await lists(10_000)
    small, large = await export(10_000), await export(250_000)
    written = [await updates(records) for records in (1, 100, 10_000)]
    return [reads, *listed, small, large, *written, await together()], goals(reads, large)


def main() -> int:
    spendings, figures = asyncio.run(measure())
    print(f"{'credits per 1,000':40} {'ours':>9} {'naive':>9} {'part':>7}")
    for spending in spendings:
        ours, naive = spending.per_thousand, spending.naive_per_thousand
        print(f"{spending.name:40} {ours:9.2f} {naive:9.2f} {ours / naive:7.3f}")
    for figure in figures:
        verdict = "" if figure.holds else "MISSED"
        line = (
            f"{figure.name:40} {figure.value:9.3f} <= {figure.goal:<7g} {verdict:7} {figure.note}"
        )
        print(line.rstrip())
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
