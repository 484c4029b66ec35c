"""Backups of all data of the organisation."""

from collections.abc import Mapping
from pathlib import Path

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async.models.backup import Backup, BackupEvent, BackupLinks
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.files import Download


class Backups(Resource, family="backup"):
    """Backups of all data, attachments included. Every call takes 1 credit."""

    @endpoint("GET /crm/bulk/{version}/backup", key="backup")
    async def get(self) -> Backup:
        """Return the backup that is scheduled.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-backup-info.html.

        Raises:
            RecordNotFound: none is.
        """
        ...

    @endpoint(
        "POST /crm/bulk/{version}/backup",
        key="backup",
        beside=("backup",),
        look_at="Ask for the scheduled backup (crm.backup.get).",
    )
    async def _create(self, backup: Mapping[str, str] | None = None) -> Outcome: ...

    async def create(self, rrule: str | None = None) -> Outcome:
        """Back up all data now, or again and again by *rrule*.

        A rule is such as ``RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TH`` or
        ``RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=16``.
        See https://www.zoho.com/crm/developer/docs/api/v7/schedule-data-backup.html.

        Raises:
            InvalidData: the rule is none.
            APIError: with the code ``BACKUP_ALREADY_SCHEDULED``, where one is.
        """
        return await (self._create() if rrule is None else self._create({"rrule": rrule}))

    @endpoint("GET /crm/bulk/{version}/backup/history", key="history")
    def history(self, *, page: int = 1, per_page: int = 200) -> Pager[BackupEvent]:
        """List what happened to backups, latest first.

        See https://www.zoho.com/crm/developer/docs/api/v7/backup-history.html.
        """
        ...

    @endpoint("GET /crm/bulk/{version}/backup/urls", key="urls")
    async def links(self) -> BackupLinks:
        """Return the links of the latest backup, each for `download`.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-backup-urls.html.

        Raises:
            RecordNotFound: there is none.
        """
        ...

    @endpoint("PUT /crm/bulk/{version}/backup/{id}/actions/cancel", key="backup", repeatable=True)
    async def cancel(self, id: str) -> Outcome:
        """Cancel a scheduled backup.

        See https://www.zoho.com/crm/developer/docs/api/v7/cancel-backup.html.

        Raises:
            NotFound: no such backup is scheduled.
        """
        ...

    @endpoint("GET /{download_url}", host="link")
    async def download(self, download_url: str, *, to: Path | None = None) -> Download:
        """Download a file of a backup by one of its `links`.

        With *to* it streams into that file or folder.
        See https://www.zoho.com/crm/developer/docs/api/v7/download-backup.html.

        Raises:
            InvalidRequest: the link leads out of the data centre.
        """
        ...
