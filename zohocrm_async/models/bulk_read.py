"""Bulk reads: jobs that bring up to 200,000 records.

See https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/overview.html.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import field, frozen

from zohocrm_async.models.common import ModuleReference, Reference
from zohocrm_async.models.criteria import Criteria
from zohocrm_async.models.jobs import JobState, job_state


@frozen(kw_only=True)
class BulkReadQuery:
    """What a bulk read brings: records of a module, up to 200,000 a page."""

    module: ModuleReference
    fields: Sequence[str] = ()
    """Their API names, those of looked-up records with a dot; none for all."""
    criteria: Criteria | None = None
    cvid: str | None = None
    page: int | None = None
    page_token: str | None = None
    """In place of *page*: what the job before this one gave as ``next_page_token``."""


@frozen
class BulkReadResult:
    """What an ended bulk read has ready, for a day."""

    count: int | None = None
    page: int | None = None
    per_page: int | None = None
    more_records: bool = False
    next_page_token: str | None = None
    download_url: str | None = None
    error_message: Any = None
    """Of a job that failed: what the service says of it."""


@frozen
class BulkReadJob:
    """A bulk read and how far it is."""

    id: str
    status: str | None = field(default=None, metadata={"wire": "state"})
    operation: str | None = None
    file_type: str | None = None
    query: BulkReadQuery | None = None
    result: BulkReadResult | None = None
    created_by: Reference | None = None
    created_time: datetime | None = None

    @property
    def state(self) -> JobState:
        """Where the job stands."""
        return job_state(self.status)
