"""Any number of rows into a module, by the cheapest route."""

import asyncio
import math
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeGuard, TypeVar

from attrs import frozen

from zohocrm_async._converter import row_problem, unstructure
from zohocrm_async._moving.archives import folder, write_table
from zohocrm_async._moving.columns import unknown_field
from zohocrm_async._moving.routes import Costs, choose, some
from zohocrm_async._moving.sheets import Sheet, outcome_of, sheet_of
from zohocrm_async._polling import bulk_seconds, seconds_until
from zohocrm_async._threads import in_thread
from zohocrm_async.exceptions import (
    InvalidRequest,
    PermissionDenied,
    ScopeMismatch,
    UnexpectedAnswer,
)
from zohocrm_async.models.bulk_write import (
    BulkOperation,
    BulkWrite,
    BulkWriteJob,
    BulkWriteResource,
)
from zohocrm_async.models.common import ModuleReference, Outcome
from zohocrm_async.models.moving import ImportPlan, ImportRoute, RoutePlan
from zohocrm_async.models.records import Row

if TYPE_CHECKING:
    from zohocrm_async._client import ZohoCRM

IMPORT = "records.import_rows"
T = TypeVar("T")

_PER_CALL, _PER_JOB = 100, 25_000
# Calls of one block run at once; a larger one would only hold more rows in memory.
_BLOCK = 2_500
_STEP = 500
_AT_ONCE, _CALL_SECONDS = 10, 2.0
_LARGEST = 25 * 1024 * 1024
# https://www.zoho.com/crm/developer/docs/api/v7/bulk-write/create-job.html
_UNWRITTEN = frozenset(
    {"Quotes", "Sales_Orders", "Purchase_Orders", "Invoices", "Events", "Calls", "Notes"}
)


@frozen
class Import:
    """What is to be done with rows that come."""

    crm: "ZohoCRM"
    module: str
    operation: str
    find_by: str | None = None
    trigger: Sequence[str] | None = None
    deadline: float | datetime | None = None

    def __attrs_post_init__(self) -> None:
        words = tuple(BulkOperation)
        if self.operation not in words:
            raise InvalidRequest(
                f"operation is {self.operation!r}: say one of {', '.join(words)}", operation=IMPORT
            )
        seconds_until(self.deadline, self.crm.clock, IMPORT)
        if self.operation == BulkOperation.INSERT and self.find_by is not None:
            raise InvalidRequest("an insert finds no records: leave out find_by", operation=IMPORT)

    @property
    def _key(self) -> str | None:
        """The field that a job finds records by; None where it makes new ones."""
        return None if self.operation == BulkOperation.INSERT else self.find_by or "id"

    # --- planning

    async def plan(self, count: int, route: str | None = None) -> ImportPlan:
        """Return what *count* rows take by each route."""
        if count < 0:
            raise InvalidRequest(f"count is {count}: give 0 or more", operation=IMPORT)
        first = await self.routes(min(count, _PER_JOB))
        chosen, why = choose(first, route, IMPORT)
        jobs, rest = divmod(count, _PER_JOB)
        total = 0
        for size, times in ((_PER_JOB, jobs), (rest, 1 if rest else 0)):
            if times:
                best, _ = choose(await self.routes(size), route, IMPORT)
                total += times * best.credits
        return ImportPlan(
            module=self.module,
            count=count,
            operation=self.operation,
            route=ImportRoute(chosen.route),
            why=why,
            credits=total,
            routes=await self.routes(count),
        )

    async def routes(self, count: int) -> tuple[RoutePlan, ...]:
        """Return what *count* rows take by each route."""
        costs = Costs(self.crm)
        return await self._by_calls(costs, count), await self._by_jobs(costs, count)

    async def _by_calls(self, costs: Costs, count: int) -> RoutePlan:
        method = self.crm.records.operations[_METHODS[self.operation]]
        full, rest = divmod(count, _PER_CALL)
        path = f"/{self.module}"
        price = await costs.of(method, path=path, body={"data": range(_PER_CALL)})
        last = await costs.of(method, path=path, body={"data": range(rest)}) if rest else 0
        calls = full + bool(rest)
        return await costs.plan(
            ImportRoute.CALLS,
            calls=calls,
            credits_=full * price + last,
            seconds=math.ceil(calls / _AT_ONCE) * _CALL_SECONDS,
            why=f"{some(calls, 'call')} of {_PER_CALL} rows, {some(price, 'credit')} each",
            not_=self._not_by_calls(),
        )

    def _not_by_calls(self) -> str:
        if self.operation == BulkOperation.UPDATE and self.find_by not in {None, "id"}:
            return f"calls find records to update by their id, not by {self.find_by}"
        if self.operation == BulkOperation.UPSERT and self.find_by == "id":
            return "calls tell duplicates by a field, not by the id"
        return ""

    async def _by_jobs(self, costs: Costs, count: int) -> RoutePlan:
        jobs = max(1, math.ceil(count / _PER_JOB))
        seconds = bulk_seconds(min(count, _PER_JOB))
        known = self.crm.bulk_write.operations
        begin, look = await costs.of(known["create"]), await costs.of(known["get"])
        upload, download = await costs.of(known["_upload"]), await costs.of(known["download"])
        return await costs.plan(
            ImportRoute.BULK_WRITE,
            calls=jobs * 4,
            credits_=jobs * (begin + upload + look + download),
            seconds=jobs * seconds,
            why=f"{some(jobs, 'job')} of {_PER_JOB:,} rows, {some(begin, 'credit')} each, an "
            "upload, a look and a download",
            not_=self._not_by_jobs(),
        )

    def _not_by_jobs(self) -> str:
        if self.module in _UNWRITTEN:
            return f"{self.module} are not written in bulk"
        if self.trigger is not None:
            return "a bulk write does not choose the automation that may run"
        if self.operation == BulkOperation.UPSERT and self.find_by is None:
            return "a bulk upsert needs the field that tells duplicates: give find_by"
        return ""

    # --- writing

    async def run(
        self, rows: Iterable[Row] | AsyncIterable[Row], route: str | None
    ) -> AsyncGenerator[Outcome]:
        """Yield the outcome of each row, in order."""
        size = _PER_JOB
        if route is not None:
            choose(await self.routes(0), route, IMPORT)
            size = _BLOCK if route == ImportRoute.CALLS else _PER_JOB
        async with aclosing(_parts(rows, size)) as parts:
            async for part in parts:
                async with aclosing(self._write(part, route)) as outcomes:
                    async for block in outcomes:
                        for outcome in block:
                            yield outcome

    async def _write(
        self, rows: Sequence[Mapping[str, Any]], route: str | None
    ) -> AsyncGenerator[Sequence[Outcome]]:
        """Write up to a job's rows by *route* or the cheapest one for so many."""
        await self._check_fields(rows)
        chosen = route or choose(await self.routes(len(rows)), None, IMPORT)[0].route
        if chosen == ImportRoute.BULK_WRITE:
            sheet = await in_thread(None, lambda: sheet_of(rows, key=self._key))
            if isinstance(sheet, Sheet):
                async for outcomes in self._by_sheet(sheet):
                    yield outcomes
                return
            if route is not None or self._not_by_calls():
                raise InvalidRequest(
                    f"a bulk write cannot take the rows: {sheet}", operation=IMPORT
                )
        for start in range(0, len(rows), _BLOCK):
            yield await self._call(rows[start : start + _BLOCK])

    async def _check_fields(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Refuse fields that the module has not: calls would leave them out, and say nothing."""
        try:
            fields = await self.crm.metadata.fields(self.module)
        except (PermissionDenied, ScopeMismatch):
            return  # who may not read them may write them all the same
        known = {field.api_name: field for field in fields}
        names = {str(name) for name in set[str]().union(*rows)} - known.keys() - {"id"}
        # What is no field, such as $append_values, begins with a sign.
        strange = [name for name in sorted(names) if not name.startswith(("$", "_"))]
        if strange:
            problems = tuple(unknown_field(self.module, name, known) for name in strange)
            raise InvalidRequest(problems, operation=IMPORT)

    async def _call(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Outcome]:
        records = self.crm.records
        if self.operation == BulkOperation.UPSERT:
            checked = (self.find_by,) if self.find_by else None
            return await records.upsert(
                self.module, rows, duplicate_check_fields=checked, trigger=self.trigger
            )
        if self.operation == BulkOperation.UPDATE:
            return await records.update(self.module, rows, trigger=self.trigger)
        return await records.create(self.module, rows, trigger=self.trigger)

    async def _by_sheet(self, sheet: Sheet) -> AsyncGenerator[Sequence[Outcome]]:
        """Write a sheet as one job, or in two halves where its file is too large."""
        file_id = await self._upload(sheet)
        if file_id is not None:
            yield await self._outcomes(sheet, await self._job(sheet, file_id))
            return
        if len(sheet.rows) == 1:
            raise InvalidRequest("a single row makes a file of more than 25 MB", operation=IMPORT)
        for half in sheet.halves():
            async for outcomes in self._by_sheet(half):
                yield outcomes

    async def _upload(self, sheet: Sheet) -> str | None:
        """Return the id of the sheet's file, or None if it is too large."""
        async with folder() as place:
            path = place / "rows.zip"
            size = await in_thread(
                None, lambda: write_table(path, "rows.csv", sheet.columns, sheet.rows)
            )
            return await self.crm.bulk_write.upload(path) if size <= _LARGEST else None

    async def _job(self, sheet: Sheet, file_id: str) -> BulkWriteJob:
        resource = BulkWriteResource(
            module=ModuleReference(self.module),
            file_id=file_id,
            find_by=self._key,
            field_mappings=sheet.mappings,
        )
        write = BulkWrite(
            operation=self.operation,
            resource=(resource,),
            character_encoding="UTF-8",
            ignore_empty=sheet.ignore_empty,
        )
        return await self.crm.bulk_write.run(write, records=len(sheet.rows), deadline=self.deadline)

    async def _outcomes(self, sheet: Sheet, job: BulkWriteJob) -> Sequence[Outcome]:
        results = [result async for result in self.crm.bulk_write.results(job)]
        if not sheet.tells(results):
            raise UnexpectedAnswer(
                f"{IMPORT}: the {len(results)} results of bulk write {job.id} are not those of the "
                f"{len(sheet.rows)} rows in their order: read them by crm.bulk_write.results",
                operation=IMPORT,
            )
        upserts = self.operation == BulkOperation.UPSERT
        return [outcome_of(result, upserts=upserts, operation=IMPORT) for result in results]


_METHODS = {"insert": "create", "update": "update", "upsert": "upsert"}


async def _parts(
    rows: Iterable[Row] | AsyncIterable[Row], size: int
) -> AsyncGenerator[Sequence[Mapping[str, Any]]]:
    """Yield *rows* as mappings, *size* at a time."""
    part: list[Mapping[str, Any]] = []
    number = 0
    async for row in _source(rows):
        plain = unstructure(row)
        problem = row_problem(plain)
        if problem is not None:
            raise InvalidRequest(f"row {number} {problem}", operation=IMPORT)
        part.append(plain)
        number += 1
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part


def _source(rows: object) -> AsyncIterable[Any]:
    """Return what gives *rows* one by one.

    Raises:
        InvalidRequest: they are a single one, or nothing to iterate over.
    """
    if _comes(rows):
        return rows
    if _is_there(rows):
        return _stepwise(rows)
    raise InvalidRequest(
        f"rows is of type {rows.__class__.__name__}: give a list of rows, or what gives them "
        "one by one",
        operation=IMPORT,
    )


def _comes(rows: object) -> TypeGuard[AsyncIterable[Any]]:
    return isinstance(rows, AsyncIterable)


def _is_there(rows: object) -> TypeGuard[Iterable[Any]]:
    return isinstance(rows, Iterable) and not isinstance(rows, str | bytes | Mapping)


async def _stepwise(rows: Iterable[T]) -> AsyncGenerator[T]:
    """Yield *rows*, and let others work now and then: there may be many, and slow to make."""
    for number, row in enumerate(rows, start=1):
        yield row
        if not number % _STEP:
            await asyncio.sleep(0)
