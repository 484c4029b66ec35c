"""Jobs that the service runs by itself.

See https://www.zoho.com/crm/developer/docs/api/v7/mass-delete-tags.html.
"""

from datetime import datetime

from attrs import frozen

from zohocrm_async.models.common import Word


class JobState(Word):
    """Where a job stands."""

    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


_OTHER_WORDS = {
    "IN_PROGRESS": JobState.RUNNING,
    "INPROGRESS": JobState.RUNNING,
    "FAILURE": JobState.FAILED,
}


@frozen
class JobStatus:
    """A job and how far it is."""

    status: str | None = None
    job_id: str | None = None
    total_count: int | None = None
    deleted_count: int | None = None
    updated_count: int | None = None
    failed_count: int | None = None
    created_time: datetime | None = None

    @property
    def state(self) -> JobState:
        """The state in the words of `JobState`; pages spell and name it differently."""
        word = (self.status or "").upper()
        return _OTHER_WORDS.get(word) or JobState(word)
