"""Bulk writes: jobs that write up to 25,000 records.

See https://www.zoho.com/crm/developer/docs/api/v7/bulk-write/overview.html.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from zohocrm_async.models.common import ModuleReference, Reference, Word
from zohocrm_async.models.jobs import Callback, JobState, job_state


class BulkOperation(Word):
    """What a bulk write does with its rows."""

    INSERT = "insert"
    UPDATE = "update"
    UPSERT = "upsert"


@frozen(kw_only=True)
class BulkFieldMapping:
    """Which column of the file goes into which field."""

    api_name: str
    index: int | None = None
    """The column, counted from 0; None takes the *default_value* for every row."""
    find_by: str | None = None
    """Of a lookup: the field of the looked-up record that the column holds, such as ``id``."""
    format: str | None = None
    module: str | None = None
    parent_column_index: int | None = None
    default_value: Any = None


@frozen
class BulkWriteFile:
    """What became of the rows of a file."""

    name: str | None = None
    status: str | None = None
    added_count: int | None = None
    updated_count: int | None = None
    skipped_count: int | None = None
    total_count: int | None = None


@frozen(kw_only=True)
class BulkWriteResource:
    """An uploaded file and where its rows go; *code*, *status* and *file* come back."""

    module: ModuleReference
    file_id: str | None = None
    type: str = "data"
    find_by: str | None = None
    """Of an update or upsert: the unique field, or ``id``, that tells records apart."""
    field_mappings: Sequence[BulkFieldMapping] = ()
    """None where the columns are called as the fields."""
    ignore_empty: bool | None = None
    file_names: Sequence[str] = ()
    code: str | None = None
    status: str | None = None
    file: BulkWriteFile | None = None


@frozen(kw_only=True)
class BulkWrite:
    """A bulk write to begin."""

    operation: BulkOperation | str
    resource: Sequence[BulkWriteResource]
    character_encoding: str | None = None
    """Of the file; found out by the service unless given."""
    ignore_empty: bool | None = None
    """Whether empty cells leave what a record has; else they clear it."""
    callback: Callback | None = None


@frozen
class BulkWriteResult:
    """What an ended bulk write has ready, for some days."""

    download_url: str | None = None


@frozen
class BulkWriteJob:
    """A bulk write and how far it is."""

    id: str
    status: str | None = None
    operation: str | None = None
    resource: tuple[BulkWriteResource, ...] = ()
    result: BulkWriteResult | None = None
    character_encoding: str | None = None
    created_by: Reference | None = None
    created_time: datetime | None = None

    @property
    def state(self) -> JobState:
        """Where the job stands. A completed one may hold rows that were refused."""
        return job_state(self.status)


@frozen
class BulkRowResult:
    """What a bulk write did with one row of its file."""

    status: str
    """``ADDED``, ``UPDATED``, ``SKIPPED`` or ``UNPROCESSED``."""
    id: str | None = None
    errors: tuple[tuple[str, str], ...] = ()
    """Error words, each with the column that it is about."""
    values: tuple[str, ...] = ()
    """The first columns of the row, as the file had them."""
