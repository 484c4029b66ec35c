"""Bulk reads: jobs that leave a ZIP archive with up to 200,000 records."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._given import given
from zohocrm_async._polling import bulk_seconds, job_end, seconds_until
from zohocrm_async.exceptions import ArchiveUnreadable, InvalidRequest
from zohocrm_async.models.bulk_read import BulkReadJob, BulkReadQuery
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.files import Download
from zohocrm_async.models.jobs import Callback

if TYPE_CHECKING:
    from zohocrm_async._moving.archives import Table

MOST_READ = 200_000
"""Records of one job."""
_LOOK = "Nothing: a job that nobody asks for does no harm; make another."


class BulkReads(Resource, family="bulk_read"):
    """Bulk reads: 50 credits for each job of up to 200,000 records, 1 for all else."""

    @endpoint(
        "POST /crm/bulk/{version}/read",
        key="data",
        price=50,
        beside=("query", "file_type", "callback"),
        look_at=_LOOK,
    )
    async def _create(
        self,
        query: BulkReadQuery,
        *,
        file_type: str | None = None,
        callback: Callback | None = None,
    ) -> Outcome: ...

    async def create(
        self,
        query: BulkReadQuery,
        *,
        file_type: str | None = None,
        callback: Callback | None = None,
    ) -> Outcome:
        """Begin a job; ``id`` of the outcome is its id. 50 credits.

        One job brings one page of up to 200,000 records, in no promised order. Notes,
        attachments and e-mails are not read in bulk, nor are subforms, whose own module is.
        *file_type* is ``csv`` unless given; ``ics`` is for Events.
        See https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/create-job.html.

        Raises:
            InvalidRequest: the criteria cannot be sent, or two pages are asked for at once.
        """
        query = given(BulkReadQuery, query, "query", "bulk_read.create")
        if query.page is not None and query.page_token is not None:
            raise InvalidRequest(
                "page and page_token are given: give the one that the job before told",
                operation="bulk_read.create",
            )
        if query.criteria is not None:
            from zohocrm_async._moving.criteria import in_bulk  # noqa: PLC0415  # seldom needed

            query = evolve(query, criteria=in_bulk(query.criteria, "bulk_read.create"))
        return await self._create(query, file_type=file_type, callback=callback)

    @endpoint("GET /crm/bulk/{version}/read/{id}", key="data")
    async def get(self, id: str) -> BulkReadJob:
        """Return a job; its ``result`` once it is completed. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/job-details.html.

        Raises:
            NotFound: no such job.
        """
        ...

    @endpoint("GET /crm/bulk/{version}/read/{id}/result", windows=("downloads",))
    async def download(self, id: str, *, to: Path | None = None) -> Download:
        """Download the ZIP archive of a completed job, ten a minute. 1 credit.

        With *to* it streams into that file or folder. The service keeps it for a day.
        See https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/download-result.html.

        Raises:
            NotFound: no such job, or its result is gone.
        """
        ...

    async def wait(
        self,
        id: str,
        *,
        records: int | None = None,
        deadline: float | datetime | None = None,
    ) -> BulkReadJob:
        """Return a job once it is completed. 1 credit for each look.

        Looks come after 5 seconds, and then after pauses that grow to 60. With *records*,
        about how many the job goes through, the first one comes when so many may be done:
        20 seconds, and one for 2,000. *deadline* is seconds from now, or an aware datetime.

        Raises:
            JobFailed: it ended in failure; ``status`` is the job.
            JobTimedOut: it has not ended by the deadline; ``status`` is the job.
            NotFound: no such job.
        """
        return await job_end(
            lambda: self.get(id),
            clock=self.client.clock,
            first=bulk_seconds(records),
            deadline=deadline,
            job_id=id,
            operation="bulk_read.wait",
        )

    async def run(
        self,
        query: BulkReadQuery,
        *,
        records: int | None = None,
        deadline: float | datetime | None = None,
    ) -> BulkReadJob:
        """Begin a job and wait for its end: `create`, then `wait`.

        Raises:
            InvalidRequest, JobFailed, JobTimedOut: as those do.
        """
        # Before it costs anything: a deadline may have passed by now.
        seconds_until(deadline, self.client.clock, "bulk_read.run")
        made = await self.create(query)
        return await self.wait(made.id or "", records=records, deadline=deadline)

    @asynccontextmanager
    async def open(self, id: str) -> "AsyncGenerator[Table]":
        """Open the rows of a completed job, which are downloaded to a temporary file.

        Raises:
            ArchiveUnreadable: what came is damaged; ``job_id`` is the job.
        """
        from zohocrm_async._moving.archives import folder, open_table  # noqa: PLC0415  # slow to load

        async with folder() as place:
            file = await self.download(id, to=place / "result.zip")
            try:
                async with open_table(file.path or place) as table:
                    yield table
            except ArchiveUnreadable as error:
                error.job_id = id
                raise

    async def rows(self, id: str) -> AsyncGenerator[Mapping[str, str]]:
        """Yield the rows of a completed job as the texts of its CSV file, by column.

        Raises:
            ArchiveUnreadable: what came is damaged; the rows before were good.
        """
        from zohocrm_async._moving.archives import read_blocks  # noqa: PLC0415  # slow to load

        async with self.open(id) as table:
            columns = table.columns
            read = read_blocks(table, lambda row: dict(zip(columns, row, strict=True)))
            async with aclosing(read) as blocks:
                async for block in blocks:
                    for row in block:
                        yield row

    async def pages(
        self,
        query: BulkReadQuery,
        *,
        records: int | None = None,
        deadline: float | datetime | None = None,
    ) -> AsyncGenerator[BulkReadJob]:
        """Yield the completed job of each page of *query*, one begun after the other.

        *records* is about how many there are on all pages, as of `wait`; *deadline* is that
        of each job, if it is seconds.

        Raises:
            JobFailed, JobTimedOut: as `wait` does.
        """
        page: BulkReadQuery | None = query
        while page is not None:
            size = None if records is None else min(records, MOST_READ)
            job = await self.run(page, records=size, deadline=deadline)
            yield job
            records = None if records is None else max(0, records - MOST_READ)
            page = _following(page, job)


def _following(query: BulkReadQuery, job: BulkReadJob) -> BulkReadQuery | None:
    """Return the query of the page after that of *job*, or None."""
    result = job.result
    if result is None or not result.more_records:
        return None
    if result.next_page_token:
        return evolve(query, page=None, page_token=result.next_page_token)
    return evolve(query, page=(query.page or 1) + 1, page_token=None)
