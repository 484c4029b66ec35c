"""Jobs that the service runs by itself.

See https://www.zoho.com/crm/developer/docs/api/v7/mass-delete-tags.html and
https://www.zoho.com/crm/developer/docs/api/v7/mass-update-status.html.
"""

from datetime import datetime

from attrs import field, frozen

from zohocrm_async.models.common import Word


class JobState(Word):
    """Where a job stands."""

    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


_OTHER_WORDS = {
    "ADDED": JobState.SCHEDULED,
    "QUEUED": JobState.SCHEDULED,
    "IN_PROGRESS": JobState.RUNNING,
    "IN PROGRESS": JobState.RUNNING,
    "INPROGRESS": JobState.RUNNING,
    "FAILURE": JobState.FAILED,
}


def job_state(word: str | None) -> JobState:
    """Return the state behind *word*; pages spell states differently."""
    word = (word or "").upper()
    return _OTHER_WORDS.get(word) or JobState(word)


@frozen
class JobStatus:
    """A job and how far it is."""

    status: str | None = field(default=None, metadata={"also": "Status"})
    job_id: str | None = None
    total_count: int | None = field(default=None, metadata={"also": "Total_Count"})
    deleted_count: int | None = field(default=None, metadata={"also": "Deleted_Count"})
    updated_count: int | None = field(default=None, metadata={"also": "Updated_Count"})
    not_updated_count: int | None = field(default=None, metadata={"also": "Not_Updated_Count"})
    converted_count: int | None = field(default=None, metadata={"also": "Converted_Count"})
    not_converted_count: int | None = field(default=None, metadata={"also": "Not_Converted_Count"})
    failed_count: int | None = field(default=None, metadata={"also": "Failed_Count"})
    created_time: datetime | None = None

    @property
    def state(self) -> JobState:
        """The state in the words of `JobState`; pages spell and name it differently."""
        return job_state(self.status)


@frozen
class Callback:
    """An address that the service posts the details of an ended job to."""

    url: str
    method: str = "post"
