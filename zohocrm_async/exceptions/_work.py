"""What jobs, archives, callbacks and files raise."""

from typing import Any

from zohocrm_async.exceptions._base import ZohoCRMError


class JobFailed(ZohoCRMError):
    """A job that the service runs by itself ended in failure.

    Attributes:
        job_id: the job.
        state: the service's word for the end.
        status: what the service said of the job last: what was done is in it.
    """

    def __init__(
        self, message: str, *, job_id: str, state: str, status: Any = None, operation: str = ""
    ) -> None:
        self.job_id = job_id
        self.state = state
        self.status = status
        self.operation = operation
        super().__init__(message)


class MergeFailed(JobFailed):
    """A scheduled merge ended in failure; the service gives no reason.

    Attributes:
        module: the module's API name.
        master_id: the record that was to be kept.
        job_id: the merge job.
        state: the service's word for the end.
    """

    def __init__(self, *, module: str, master_id: str, job_id: str, state: str) -> None:
        self.module = module
        self.master_id = master_id
        super().__init__(
            f"merge job {job_id} of {module}/{master_id} ended as {state}; "
            "read the records before another try",
            job_id=job_id,
            state=state,
            operation="merge.run",
        )


class JobTimedOut(ZohoCRMError):
    """A job that the service runs by itself did not end by the deadline. It goes on.

    Attributes:
        job_id: the job, by which it can be asked for again.
        status: what the service said of the job last: what was done is in it.
    """

    def __init__(self, *, job_id: str, status: Any = None, operation: str = "") -> None:
        self.job_id = job_id
        self.status = status
        self.operation = operation
        super().__init__(
            f"{operation}: job {job_id} has not ended by the deadline and goes on; "
            "wait for it again, with a later deadline"
        )


class ArchiveUnreadable(ZohoCRMError):
    """A ZIP archive, or the CSV file in it, is damaged or not what it should be.

    Attributes:
        name: the archive.
        reason: what is wrong with it.
        rows: rows that were read before; they are good.
        job_id: the job whose result it is, or "".
    """

    def __init__(self, name: str, reason: str, *, rows: int = 0, job_id: str = "") -> None:
        self.name = name
        self.reason = reason
        self.rows = rows
        self.job_id = job_id
        super().__init__(f"{name} cannot be read beyond row {rows}: {reason}; download it again")


class InvalidNotification(ZohoCRMError):
    """A callback is not one that a channel of ours sends; nothing in it is to be trusted.

    Answer it with 400 or 403, and do not act on it.

    Attributes:
        channel_id: the channel that it names, or None.
    """

    def __init__(self, message: str, *, channel_id: str | None = None) -> None:
        self.channel_id = channel_id
        super().__init__(message)


class JournalError(ZohoCRMError):
    """A job's journal cannot be made, read or written; the message names it."""


class LedgerError(ZohoCRMError):
    """The file of a ledger cannot be made, read or written; the message names it."""


class FleetError(ZohoCRMError):
    """What processes share in Redis cannot be read or written; the message names the server."""
