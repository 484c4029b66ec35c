"""Bulk jobs: what the organisation works on by itself, by the clock.

Assumed, where nothing is documented: a job is queued for a third of its time and reads
or writes the records when it ends.
"""

import csv
import io
import zipfile
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from attrs import Factory, define, frozen

from zohocrm_async._clock import Clock
from zohocrm_async.emulator.errors import Refusal
from zohocrm_async.emulator.shapes import is_array, is_object

_DAY = 24 * 60 * 60.0
_MINUTE = 60.0
_MOST_DOWNLOADS = 10
KEPT_READ, KEPT_WRITE = _DAY, 7 * _DAY
"""Seconds that results are kept after their jobs ended."""

Row = dict[str, Any]


@frozen
class BulkFile:
    """A file that was uploaded to be written."""

    name: str
    content: bytes


@define(eq=False)
class BulkJob:
    """One job: what is told of it, the work that it does at its end, and what that leaves."""

    id: str
    row: Row
    work: Callable[["BulkJob"], None]
    added: float
    ends: float
    kept: float
    details: Callable[["BulkJob", str], Row]
    """What is told of the job, by the word for where it stands."""
    callback: str | None = None
    """Where it is told that the job has ended."""
    end: str | None = None
    archive: bytes | None = None

    def told(self, now: float) -> Row:
        """Return the details of the job."""
        return self.details(self, self.state(now))

    def state(self, now: float) -> str:
        """Return the word for where the job stands."""
        if self.end is not None:
            return self.end
        third = (self.ends - self.added) / 3
        if now < self.added + third / 2:
            return "ADDED"
        return "QUEUED" if now < self.added + third else "IN PROGRESS"


@define(eq=False)
class BulkJobs:
    """Every bulk job of an organisation, and the switches of tests."""

    seconds: float = 5.0
    """How long a job takes, by the clock."""
    page_size: int = 200_000
    """Records of one page of a bulk read."""
    fail: set[str] = Factory(set[str])
    """Modules whose jobs fail."""
    damage: set[str] = Factory(set[str])
    """Modules whose results are archives that end in the middle."""
    files: dict[str, BulkFile] = Factory(dict[str, BulkFile])
    observers: list[Callable[[BulkJob], None]] = Factory(list[Callable[[BulkJob], None]])
    """Called with each job when it begins, and when it has ended."""

    _jobs: dict[str, BulkJob] = Factory(dict[str, BulkJob])
    _pending: list[BulkJob] = Factory(list[BulkJob])
    _downloads: deque[float] = Factory(deque[float])

    def begin(
        self,
        row: Row,
        work: Callable[[BulkJob], None],
        clock: Clock,
        *,
        details: Callable[[BulkJob, str], Row] = lambda job, _: job.row,
        callback: str | None = None,
        kept: float = KEPT_WRITE,
    ) -> None:
        """Take in a job whose *work* is done when its time is over."""
        now = clock.monotonic()
        job = BulkJob(row["id"], row, work, now, now + self.seconds, kept, details, callback)
        self._jobs[job.id] = job
        self._pending.append(job)
        self._tell(job)

    def settle(self, now: float) -> None:
        """Do the work of the jobs whose time is over, in the order of their ends."""
        over = sorted((job for job in self._pending if job.ends <= now), key=lambda job: job.ends)
        if over:
            self._pending = [job for job in self._pending if job.ends > now]
        for job in over:
            job.work(job)
            self._tell(job)

    def _tell(self, job: BulkJob) -> None:
        for observer in self.observers:
            observer(job)

    def job(self, id_: str, operation: str) -> BulkJob:
        """Return a job.

        Raises:
            Refusal: there is none.
        """
        job = self._jobs.get(id_)
        if job is None or job.row["operation"] not in operation.split():
            raise Refusal("RESOURCE_NOT_FOUND", "the job does not exist", status=404)
        return job

    def result(self, job: BulkJob, now: float) -> bytes:
        """Return the archive of a completed job.

        Raises:
            Refusal: there is none (any more).
        """
        if job.archive is None or now > job.ends + job.kept:
            raise Refusal("RESOURCE_NOT_FOUND", "the job has no result", status=404)
        return job.archive

    def check_rate(self, now: float) -> None:
        """Count the download of a bulk read.

        Raises:
            Refusal: there were ten in the last minute.
        """
        while self._downloads and self._downloads[0] <= now - _MINUTE:
            self._downloads.popleft()
        if len(self._downloads) >= _MOST_DOWNLOADS:
            raise Refusal("TOO_MANY_REQUESTS", "ten results can be downloaded a minute", status=429)
        self._downloads.append(now)


def zipped(name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return an archive with one CSV file called *name*."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open(name, "w") as member,
        io.TextIOWrapper(member, encoding="utf-8", newline="") as text,
    ):
        writer = csv.writer(text)
        writer.writerow(columns)
        writer.writerows(rows)
    return packed.getvalue()


def zipped_text(name: str, text: str) -> bytes:
    """Return an archive with one file called *name*."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text.encode())
    return packed.getvalue()


def cell(value: Any) -> str:
    """Return *value* as the files of bulk reads have it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_array(value):
        return ";".join(cell(item) for item in value)
    if is_object(value):
        return str(value.get("id", ""))
    return str(value)
