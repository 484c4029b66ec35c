"""Backups of all data of the organisation.

See https://www.zoho.com/crm/developer/docs/api/v7/schedule-data-backup.html.
"""

from datetime import datetime

from attrs import frozen

from zohocrm_async.models.common import Reference


@frozen
class Backup:
    """The backup that is scheduled."""

    id: str | None = None
    status: str | None = None
    rrule: str | None = None
    """How it repeats; None for one at once."""
    scheduled_date: datetime | None = None
    start_date: datetime | None = None
    requester: Reference | None = None


@frozen
class BackupEvent:
    """Something that happened to backups: scheduled, cancelled, downloaded ..."""

    id: str
    action: str | None = None
    state: str | None = None
    done_by: Reference | None = None
    log_time: datetime | None = None
    repeat_type: str | None = None
    file_name: str | None = None
    count: int | None = None


@frozen
class BackupLinks:
    """Where the files of the latest backup are, until *expiry_date*."""

    data_links: tuple[str, ...] = ()
    attachment_links: tuple[str, ...] = ()
    expiry_date: datetime | None = None
