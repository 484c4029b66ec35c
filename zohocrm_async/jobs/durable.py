"""What every durable job offers: run, resume, events, report."""

from collections.abc import AsyncGenerator, Collection
from typing import Any

from zohocrm_async.jobs import progress, runner
from zohocrm_async.jobs.job import GRACE, Job
from zohocrm_async.jobs.progress import Event, OnEvent, OnItem
from zohocrm_async.jobs.report import JobReport
from zohocrm_async.jobs.rows import Source


class DurableJob:
    """A job that keeps a journal, as its callers see it; to be mixed into a `Job`."""

    __slots__ = ()

    async def run(
        self: Job,
        rows: Source,
        on_item: OnItem | None = None,
        *,
        on_event: OnEvent | None = None,
        resend_absent: bool = False,
        grace: float = GRACE,
    ) -> JobReport:
        """Carry out each of *rows*; see `zohocrm_async.jobs.runner.run`."""
        return await runner.run(
            self, rows, on_item, on_event=on_event, resend_absent=resend_absent, grace=grace
        )

    async def resume(
        self: Job,
        rows: Source,
        on_item: OnItem | None = None,
        *,
        on_event: OnEvent | None = None,
        resend_absent: bool = False,
        grace: float = GRACE,
        retry: Collection[str] = (),
    ) -> JobReport:
        """Go on from the journal over the same *rows*; see `zohocrm_async.jobs.runner.resume`."""
        return await runner.resume(
            self,
            rows,
            on_item,
            on_event=on_event,
            resend_absent=resend_absent,
            grace=grace,
            retry=retry,
        )

    def events(self: Job, rows: Source, **settings: Any) -> AsyncGenerator[Event, None]:
        """Run over *rows* and yield what happens; *settings* are those of `run`."""
        return progress.events(lambda tell: runner.run(self, rows, on_event=tell, **settings))

    async def report(self: Job) -> JobReport:
        """Return what the journal says of the job."""
        return await runner.report(self.terms.journal, self.crm.clock)
