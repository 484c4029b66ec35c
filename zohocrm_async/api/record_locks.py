"""Locks of records."""

from collections.abc import Mapping

from zohocrm_async._endpoint import Caller, Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async.api.related_records import RelatedRecords
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.record_locks import RecordLock

_LOCKS = "Locking_Information__s"


class RecordLocks(Resource, family="record_locks"):
    """Locks of records: a locked record can be neither changed nor deleted.

    Calls take 1 credit. Who may lock what is set by ``crm.record_locking_configurations``.
    """

    def __init__(self, client: Caller) -> None:
        super().__init__(client)
        self._related = RelatedRecords(client)

    def list(self, module: str, id: str) -> Pager[RecordLock]:
        """List the locks of a record.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-record-locking-info.html.

        Raises:
            RecordNotFound: no such record.
        """
        return self._related.list(module, id, _LOCKS, into=RecordLock)

    async def get(self, module: str, id: str, lock_id: str) -> RecordLock:
        """Return one lock of a record.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-record-locking-info.html.

        Raises:
            RecordNotFound: no such record, or no such lock of it.
        """
        return await self._related.get(module, id, _LOCKS, lock_id, into=RecordLock)

    @endpoint(
        "POST /{module}/{id}/Locking_Information__s",
        key="data",
        look_at="List the locks of the record (crm.record_locks.list).",
    )
    async def _lock(self, module: str, id: str, body: Mapping[str, str]) -> Outcome: ...

    async def lock(self, module: str, id: str, reason: str) -> Outcome:
        """Lock a record; the ``id`` of the outcome is the lock's.

        See https://www.zoho.com/crm/developer/docs/api/v7/lock-records.html.

        Raises:
            RecordNotFound: no such record.
            NotAllowed: it is locked already.
        """
        return await self._lock(module, id, _reason(reason))

    async def update(self, module: str, id: str, lock_id: str, reason: str) -> Outcome:
        """Give another reason for a lock.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-record-locking-info.html.

        Raises:
            RecordNotFound: no such record, or no such lock of it.
        """
        return await self._related.link_one(module, id, _LOCKS, lock_id, _reason(reason))

    async def unlock(self, module: str, id: str, lock_id: str) -> Outcome:
        """Take a lock away.

        See https://www.zoho.com/crm/developer/docs/api/v7/unlock-records.html.

        Raises:
            RecordNotFound: no such record, or no such lock of it.
        """
        return await self._related.unlink_one(module, id, _LOCKS, lock_id)


def _reason(text: str) -> Mapping[str, str]:
    return {"Locked_Reason__s": text}
