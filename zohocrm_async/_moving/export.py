"""Any number of records by the cheapest route."""

import math
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from attrs import frozen

from zohocrm_async._converter import structure
from zohocrm_async._coql import Query
from zohocrm_async._into import asked_fields, class_of
from zohocrm_async._moving.archives import Table, read_blocks
from zohocrm_async._moving.columns import Column, columns_of, unknown_field
from zohocrm_async._moving.criteria import (
    CannotCarry,
    check,
    condition_of,
    conditions,
    explicit,
    field_of,
    to_coql,
    to_search,
)
from zohocrm_async._moving.routes import (
    Costs,
    choose,
    query_rows,
    query_sizes,
    some,
)
from zohocrm_async._polling import bulk_seconds, seconds_until
from zohocrm_async.api.bulk_read import MOST_READ
from zohocrm_async.exceptions import (
    ArchiveUnreadable,
    InvalidData,
    InvalidQuery,
    InvalidRequest,
    PermissionDenied,
    ScopeMismatch,
)
from zohocrm_async.models.bulk_read import BulkReadQuery
from zohocrm_async.models.common import ModuleReference
from zohocrm_async.models.criteria import Criteria
from zohocrm_async.models.moving import ExportPlan, ExportRoute, RoutePlan
from zohocrm_async.models.records import Record

if TYPE_CHECKING:
    from zohocrm_async._client import ZohoCRM

EXPORT = "records.export"
Row = dict[str, Any]

_PER_PAGE, _MOST_BY_TOKEN, _MOST_LISTED = 200, 100_000, 50
_MOST_QUERIED = 499  # and the id
_UNREAD = frozenset({"Notes", "Attachments", "Emails"})
# Assumed, as nothing is promised.
_PAGE_SECONDS, _QUERY_SECONDS = 0.5, 2.0


@frozen
class Export:
    """What is to be read: a module's columns, where a condition holds."""

    crm: "ZohoCRM"
    module: str
    columns: tuple[Column, ...]
    where: Criteria | None
    into: Any = Record
    deadline: float | datetime | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The fields, without the id."""
        return tuple(column.api_name for column in self.columns)

    # --- planning

    async def plan(self, route: str | None = None) -> ExportPlan:
        """Count the records, and return what each route takes. 1 credit."""
        count, counted = await self._count()
        plans = await self.routes(count)
        chosen, why = choose(plans, route, EXPORT)
        return ExportPlan(
            module=self.module,
            count=count,
            counted=counted,
            route=ExportRoute(chosen.route),
            why=why,
            routes=plans,
        )

    async def _count(self) -> tuple[int, str]:
        count = self.crm.records.count
        if self.where is None:
            return await count(self.module), "all records of the module"
        try:
            criteria = to_search(self.where)
        except CannotCarry as reason:
            return await count(self.module), f"all records of the module, as {reason}"
        try:
            found = await count(self.module, criteria=criteria)
        except (InvalidData, InvalidQuery, PermissionDenied, ScopeMismatch) as refused:
            why = f"all records of the module, as a search is refused: {refused.code}"
            return await count(self.module), why
        return found, "what a search finds, which may differ"

    async def routes(self, count: int) -> tuple[RoutePlan, ...]:
        """Return what *count* records take by each route."""
        costs = Costs(self.crm)
        return (
            await self._by_pages(costs, count),
            await self._by_query(costs, count),
            await self._by_jobs(costs, count),
        )

    async def _by_pages(self, costs: Costs, count: int) -> RoutePlan:
        calls = max(1, math.ceil(count / _PER_PAGE))
        price = await costs.of(self.crm.records.operations["list"], path=f"/{self.module}")
        return await costs.plan(
            ExportRoute.PAGES,
            calls=calls,
            credits_=calls * price,
            seconds=calls * _PAGE_SECONDS,
            why=f"{some(calls, 'list')} of {_PER_PAGE} records, {some(price, 'credit')} each",
            not_=self._not_by_pages(count),
        )

    def _not_by_pages(self, count: int) -> str:
        if self.where is not None:
            return "a list takes no condition, and a search compares texts in another way"
        if len(self.columns) > _MOST_LISTED:
            return f"{len(self.columns)} fields are asked for, and a list gives {_MOST_LISTED}"
        if count > _MOST_BY_TOKEN:
            return f"pages end at {_MOST_BY_TOKEN:,} records"
        return ""

    async def _by_query(self, costs: Costs, count: int) -> RoutePlan:
        sizes = query_sizes(count)
        price = {rows: await self._price_of_query(costs, rows) for rows in set(sizes)}
        calls = len(sizes)
        said = ", then ".join(
            f"{some(sizes.count(rows), 'query', 'queries')} of {rows:,} records, "
            f"{some(price[rows], 'credit')} each"
            for rows in sorted(price, reverse=True)
        )
        return await costs.plan(
            ExportRoute.COQL,
            calls=calls,
            credits_=sum(price[rows] for rows in sizes),
            seconds=calls * _QUERY_SECONDS,
            why=said + (", on by id" if calls > 1 else ""),
            not_=self._not_by_query(),
        )

    async def _price_of_query(self, costs: Costs, rows: int) -> int:
        limit = {"select_query": f"limit {rows}"}  # what the price goes by
        return await costs.of(self.crm.coql.operations["_query"], body=limit)

    def _not_by_query(self) -> str:
        if self.where is not None:
            try:
                to_coql(self.where)
            except CannotCarry as reason:
                return str(reason)
        if len(self.columns) > _MOST_QUERIED:
            return f"{len(self.columns)} fields are asked for, and a query gives {_MOST_QUERIED}"
        return self._not_in_columns("a query")

    def _not_in_columns(self, what: str) -> str:
        names = ", ".join(column.api_name for column in self.columns if column.listed_only)
        return f"{what} gives no {names}" if names else ""

    async def _by_jobs(self, costs: Costs, count: int) -> RoutePlan:
        jobs = max(1, math.ceil(count / MOST_READ))
        seconds = bulk_seconds(min(count, MOST_READ))
        known = self.crm.bulk_read.operations
        begin, look, download = [await costs.of(known[n]) for n in ("_create", "get", "download")]
        each = begin + look + download
        return await costs.plan(
            ExportRoute.BULK_READ,
            calls=jobs * 3,
            credits_=jobs * each,
            seconds=jobs * seconds,
            why=f"{some(jobs, 'job')} of {MOST_READ:,} records, {some(begin, 'credit')} each, "
            "a look at each and a download",
            not_=self._not_by_jobs(),
        )

    def _not_by_jobs(self) -> str:
        if self.module in _UNREAD:
            return "notes, attachments and e-mails are not read in bulk"
        if self.where is not None and any("." in field_of(one) for one in conditions(self.where)):
            return "a job takes no conditions on fields of looked-up records"
        return self._not_in_columns("a bulk read")

    # --- reading

    async def rows(self, route: str | None, count: int | None = None) -> AsyncGenerator[Any]:
        """Yield every record, by *route* or the cheapest one; *count* is that of its plan."""
        if route is None:
            plan = await self.plan()
            route, count = plan.route, plan.count
        else:
            choose(await self.routes(0), route, EXPORT)
        blocks = _READERS[ExportRoute(route)](self, count)
        async with aclosing(blocks) as opened:
            async for block in opened:
                for row in self._shaped(block):
                    yield row

    def _shaped(self, block: Sequence[Row]) -> Sequence[Any]:
        if self.into is Record:
            return [Record(row) for row in block]
        shape: Any = tuple[self.into, ...]  # type: ignore[name-defined]  # known at run time only
        return cast("Sequence[Any]", structure(list(block), shape, None, EXPORT))

    def of_json(self, record: Record) -> Row:
        """Return a record of a list or a query as the row of an export."""
        row: Row = {"id": record.id}
        for column in self.columns:
            row[column.api_name] = column.of_json(record.get(column.api_name))
        return row

    def reader(self, table: Table) -> Callable[[Sequence[str]], Row]:
        """Return what makes rows of an export of the rows of *table*."""
        places = {name.strip(): place for place, name in enumerate(table.columns)}
        places.setdefault("id", places.get("Id", places.get("ID", -1)))
        missing = [name for name in ("id", *self.names) if places.get(name, -1) < 0]
        if missing:
            raise ArchiveUnreadable(table.name, f"it has no column {', '.join(missing)}")
        own = places["id"]
        reads = [(places[column.api_name], column) for column in self.columns]

        def read(cells: Sequence[str]) -> Row:
            row: Row = {"id": cells[own]}
            for place, column in reads:
                row[column.api_name] = column.of_text(cells[place])
            return row

        return read


async def _pages(export: Export, _: int | None) -> AsyncGenerator[Sequence[Row]]:
    pager = export.crm.records.list(
        export.module, fields=export.names or ("id",), per_page=_PER_PAGE
    )
    async for page in pager.pages():
        yield [export.of_json(record) for record in page]


async def _query(export: Export, count: int | None) -> AsyncGenerator[Sequence[Row]]:
    where = to_coql(export.where) if export.where else "id is not null"
    names = ", ".join(("id", *export.names))
    query = Query(names, export.module, where, by_id=True)
    last, more = "", True
    while more:
        rows = query_rows(count)
        page = await export.crm.coql.query(query.page(rows, skip=0, after=last))
        yield [export.of_json(record) for record in page]
        more = page.more and len(page) > 0
        last = page[-1].id if more else last
        if count is not None:
            # A count may be too low: what comes beyond it is of any number.
            count = count - len(page) if count > len(page) else None


async def _jobs(export: Export, count: int | None) -> AsyncGenerator[Sequence[Row]]:
    bulk = export.crm.bulk_read
    query = BulkReadQuery(
        module=ModuleReference(export.module),
        fields=export.names or ("id",),
        criteria=export.where,
    )
    pages = bulk.pages(query, records=count, deadline=export.deadline)
    async with aclosing(pages) as jobs:
        async for job in jobs:
            async with (
                bulk.open(job.id) as table,
                aclosing(read_blocks(table, export.reader(table))) as blocks,
            ):
                async for block in blocks:
                    yield block


_READERS = {
    ExportRoute.PAGES: _pages,
    ExportRoute.COQL: _query,
    ExportRoute.BULK_READ: _jobs,
}


async def export_of(
    crm: "ZohoCRM",
    module: str,
    *,
    fields: Sequence[str] | None,
    into: Any,
    where: Criteria | None,
    deadline: float | datetime | None = None,
) -> Export:
    """Return an export, once its fields are known, which are asked for once an hour.

    Raises:
        InvalidRequest: a field is unknown, or the condition cannot be said.
    """
    kind = class_of(into, EXPORT)
    if where is not None:
        where = explicit(condition_of(where, EXPORT))
        check(where, EXPORT)
    seconds_until(deadline, crm.clock, EXPORT)
    if isinstance(fields, str):  # which is a sequence, too
        raise InvalidRequest(f"fields is {fields!r}: give a list of API names", operation=EXPORT)
    names = asked_fields(kind) if fields is None and kind is not Record else fields or ()
    known = await crm.metadata.fields(module)
    columns = columns_of(known, names, module=module, operation=EXPORT)
    if where is not None:
        own = {each.api_name for each in known} | {"id"}
        strange = [n for one in conditions(where) if (n := field_of(one)).split(".")[0] not in own]
        if strange:
            named = unknown_field(module, strange[0].split(".")[0], own)
            raise InvalidRequest(f"a condition: {named}", operation=EXPORT)
    return Export(crm, module, columns, where, kind, deadline)
