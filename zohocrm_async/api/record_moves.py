"""Any number of records, read or written by the cheapest route."""

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Sequence
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING, cast

from zohocrm_async._endpoint import Caller
from zohocrm_async._into import R
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.criteria import Criteria
from zohocrm_async.models.moving import ExportPlan, ImportPlan
from zohocrm_async.models.records import Row

if TYPE_CHECKING:
    from zohocrm_async._client import ZohoCRM

_HOUR = 3_600.0


class RecordMoves:
    """Exports and imports, with what they will cost."""

    client: Caller

    async def export(
        self,
        module: str,
        *,
        fields: Sequence[str] | None = None,
        into: type[R] | None = None,
        where: Criteria | None = None,
        route: str | None = None,
        deadline: float | datetime | None = _HOUR,
    ) -> AsyncGenerator[R]:
        """Yield every record of a module, or those that *where* holds of, in no promised order.

        The route is the cheapest one by the price list and the number of records, or
        *route*: ``pages``, ``coql`` or ``bulk_read`` (`ExportRoute`). Rows are the same by
        each: a lookup is ``{"id": ...}`` and an empty text None. Without *route* the number of
        records is asked for first: 1 credit.

        *fields*, or *into*, as of `list`; *where* is written by `where`. *deadline* is that
        of each job: seconds, or an aware datetime; None waits for ever. Close the generator
        (``contextlib.aclosing``) where it is left early.

        Raises:
            InvalidRequest: a field is unknown, or no route can carry what is asked.
            JobFailed, JobTimedOut: of a bulk read; the job can be asked for by its id.
            ArchiveUnreadable: the file of a bulk read is damaged; the rows before are good.
        """
        from zohocrm_async._moving.export import export_of  # noqa: PLC0415  # loads on first use

        prepared = await export_of(
            self._crm("export"), module, fields=fields, into=into, where=where, deadline=deadline
        )
        async with aclosing(prepared.rows(route)) as rows:
            async for row in rows:
                yield row

    async def plan_export(
        self,
        module: str,
        *,
        fields: Sequence[str] | None = None,
        into: type[R] | None = None,
        where: Criteria | None = None,
        route: str | None = None,
    ) -> ExportPlan:
        """Return which route `export` takes and why, and what each route takes. 1 credit.

        Raises:
            InvalidRequest: as `export` does.
        """
        from zohocrm_async._moving.export import export_of  # noqa: PLC0415  # loads on first use

        prepared = await export_of(
            self._crm("plan_export"), module, fields=fields, into=into, where=where
        )
        return await prepared.plan(route)

    async def import_rows(
        self,
        module: str,
        rows: Iterable[Row] | AsyncIterable[Row],
        *,
        operation: str = "insert",
        find_by: str | None = None,
        trigger: Sequence[str] | None = None,
        route: str | None = None,
        deadline: float | datetime | None = _HOUR,
    ) -> AsyncGenerator[Outcome]:
        """Write *rows* as they come; yield one outcome for each, in order.

        *operation* is ``insert``, ``update`` or ``upsert``. *find_by* is the field that
        tells the records of an update (its ``id`` unless given) or the duplicates of an
        upsert. Each 25,000 rows take the cheapest route for so many, or *route*: ``calls``
        or ``bulk_write`` (`ImportRoute`); no more rows are in memory. A row that is refused
        has an outcome with its ``error``, and takes nothing from the others. The names of
        fields are checked first, which calls would not: 1 credit, once an hour.

        Raises:
            InvalidRequest: a field is unknown, a row is none, or no route, or not *route*,
                can take the rows. Those after the last outcome were not written.
            JobFailed, JobTimedOut: of a bulk write, whose rows are those after the last
                outcome; the job can be asked for by its id.
            APIError, OutcomeUnknown: as `create` does; outcomes before are what was done.
        """
        from zohocrm_async._moving.imports import Import  # noqa: PLC0415  # loads on first use

        crm = self._crm("import_rows")
        task = Import(crm, module, operation, find_by, trigger, deadline)
        async with aclosing(task.run(rows, route)) as outcomes:
            async for outcome in outcomes:
                yield outcome

    async def plan_import(
        self,
        module: str,
        count: int,
        *,
        operation: str = "insert",
        find_by: str | None = None,
        trigger: Sequence[str] | None = None,
        route: str | None = None,
    ) -> ImportPlan:
        """Return which route `import_rows` takes for *count* rows, and what each takes.

        Raises:
            InvalidRequest: as `import_rows` does.
        """
        from zohocrm_async._moving.imports import Import  # noqa: PLC0415  # loads on first use

        crm = self._crm("plan_import")
        return await Import(crm, module, operation, find_by, trigger).plan(count, route)

    def _crm(self, name: str) -> "ZohoCRM":
        """Return the client, whose families and price list a route is chosen by."""
        if not hasattr(self.client, "forecast"):
            raise InvalidRequest(
                "it takes many calls and cannot be part of one: call it on the client itself",
                operation=f"records.{name}",
            )
        return cast("ZohoCRM", self.client)
