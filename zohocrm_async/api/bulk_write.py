"""Bulk writes: jobs that write up to 25,000 records of an uploaded file."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._given import given
from zohocrm_async._polling import bulk_seconds, job_end, seconds_until
from zohocrm_async._uploads import MEGABYTE, form_of
from zohocrm_async._wire import Form, FormFile
from zohocrm_async.api import Families
from zohocrm_async.exceptions import ArchiveUnreadable, UnexpectedAnswer
from zohocrm_async.models.bulk_write import BulkRowResult, BulkWrite, BulkWriteJob
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.files import Download

if TYPE_CHECKING:
    from zohocrm_async._moving.archives import Table

_LARGEST = 25 * MEGABYTE
_LOOK = "Read the module's records (crm.records.list) by what tells them apart."
_TOLD = ("STATUS", "RECORD_ID", "ERRORS")


class BulkWrites(Resource, family="bulk_write"):
    """Bulk writes: 500 credits for each job of up to 25,000 records, 1 for all else."""

    _zgid: str | None = None

    @endpoint(
        "POST /upload",
        host="content",
        headers={"feature": "feature", "org": "X-CRM-ORG"},
        # A file that no job names is nothing: sent twice, it does no harm.
        repeatable=True,
    )
    async def _upload(self, body: Form, *, feature: str, org: str) -> Outcome: ...

    async def upload(self, file: Path | FormFile) -> str:
        """Upload a ZIP archive of one CSV file, at most 25 MB; return its file id. 1 credit.

        The first upload asks for the organisation's number as well: 1 credit, once.
        See https://www.zoho.com/crm/developer/docs/api/v7/bulk-write/upload-file.html.

        Raises:
            InvalidRequest: the file is missing or too large.
            FileTooLarge: the service found it too large.
        """
        form = await form_of([file], operation="bulk_write.upload", largest=_LARGEST)
        if self._zgid is None:
            organization = await cast("Families", self.client).organization.get()
            self._zgid = organization.zgid or organization.id
        outcome = await self._upload(form, feature="bulk-write", org=self._zgid)
        return str(outcome.details.get("file_id", ""))

    @endpoint("POST /crm/bulk/{version}/write", price=500, look_at=_LOOK)
    async def create(self, body: BulkWrite) -> Outcome:
        """Begin a job; ``id`` of the outcome is its id. 500 credits.

        See https://www.zoho.com/crm/developer/docs/api/v7/bulk-write/create-job.html.
        """
        ...

    @endpoint("GET /crm/bulk/{version}/write/{id}")
    async def get(self, id: str) -> BulkWriteJob:
        """Return a job; its ``result`` once it is completed. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/bulk-write/job-details.html.

        Raises:
            NotFound: no such job.
        """
        ...

    @endpoint("GET /{download_url}", host="link")
    async def download(self, download_url: str, *, to: Path | None = None) -> Download:
        """Download the ZIP archive that a completed job's ``result`` links to. 1 credit.

        With *to* it streams into that file or folder. The service keeps it for some days.
        See https://www.zoho.com/crm/developer/docs/api/v7/bulk-write/download-result.html.

        Raises:
            InvalidRequest: the link leads out of the data centre.
        """
        ...

    async def wait(
        self,
        id: str,
        *,
        records: int | None = None,
        deadline: float | datetime | None = None,
    ) -> BulkWriteJob:
        """Return a job once it is completed. 1 credit for each look.

        Looks come after 5 seconds, and then after pauses that grow to 60. With *records*,
        about how many the job goes through, the first one comes when so many may be done:
        20 seconds, and one for 2,000. *deadline* is seconds from now, or an aware datetime.
        A completed job may hold rows that were refused: see `results`.

        Raises:
            JobFailed: it ended in failure; ``status`` is the job.
            JobTimedOut: it has not ended by the deadline and goes on; ``status`` is the job.
            NotFound: no such job.
        """
        return await job_end(
            lambda: self.get(id),
            clock=self.client.clock,
            first=bulk_seconds(records),
            deadline=deadline,
            job_id=id,
            operation="bulk_write.wait",
        )

    async def run(
        self,
        body: BulkWrite,
        *,
        records: int | None = None,
        deadline: float | datetime | None = None,
    ) -> BulkWriteJob:
        """Begin a job and wait for its end: `create`, then `wait`.

        Raises:
            InvalidRequest: the deadline has passed already.
            JobFailed, JobTimedOut: as `wait` does.
        """
        # Before it costs anything: a deadline may have passed by now.
        seconds_until(deadline, self.client.clock, "bulk_write.run")
        made = await self.create(body)
        return await self.wait(made.id or "", records=records, deadline=deadline)

    async def results(self, job: BulkWriteJob) -> AsyncGenerator[BulkRowResult]:
        """Yield what became of each row of a completed job, in the order of its file.

        Raises:
            ArchiveUnreadable: what came is damaged; the results before were good.
            UnexpectedAnswer: the job has no result.
        """
        from zohocrm_async._moving.archives import (  # noqa: PLC0415  # slow to load
            folder,
            open_table,
            read_blocks,
        )

        job = given(BulkWriteJob, job, "job", "bulk_write.results")
        link = job.result.download_url if job.result else None
        if not link:
            raise UnexpectedAnswer(
                f"bulk write {job.id} is {job.status} and has no result",
                operation="bulk_write.results",
            )
        async with folder() as place:
            file = await self.download(link, to=place / "result.zip")
            try:
                async with (
                    open_table(file.path or place) as table,
                    aclosing(read_blocks(table, _reader(table))) as blocks,
                ):
                    async for block in blocks:
                        for result in block:
                            yield result
            except ArchiveUnreadable as error:
                error.job_id = job.id
                raise


def _reader(table: "Table") -> Callable[[Sequence[str]], BulkRowResult]:
    """Return what reads a row of a result."""
    own, id_, errors = (_place(table, name) for name in _TOLD)
    first = min(own, id_, errors)

    def read(row: Sequence[str]) -> BulkRowResult:
        told = tuple(_error(text) for text in row[errors].split(":") if text)
        return BulkRowResult(row[own], row[id_] or None, told, tuple(row[:first]))

    return read


def _place(table: "Table", name: str) -> int:
    # The columns of the file that was uploaded stand before them and may be called the same.
    for index in reversed(range(len(table.columns))):
        if table.columns[index].strip().upper() == name:
            return index
    raise ArchiveUnreadable(table.name, f"the file has no column {name}")


def _error(text: str) -> tuple[str, str]:
    code, _, column = text.partition("-")
    return code, column
