"""Services, their appointments, and how those were put off: records of modules of their own."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from zohocrm_async._endpoint import Caller, Resource
from zohocrm_async._into import R
from zohocrm_async._pages import Pager
from zohocrm_async.api.records import Records
from zohocrm_async.models.common import Outcome


class ModuleRecords(Resource, family=""):
    """The records of one module."""

    module: ClassVar[str]

    def __init__(self, client: Caller) -> None:
        super().__init__(client)
        self._records = Records(client)

    def list(
        self,
        *,
        fields: Sequence[str] | None = None,
        ids: Sequence[str] | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        per_page: int = 200,
        into: type[R] | None = None,
    ) -> Pager[R]:
        """List records, 200 a page, with *fields* or *into* a class. 1 credit a page."""
        return self._records.list(
            self.module,
            fields=fields,
            ids=ids,
            sort_by=sort_by,
            sort_order=sort_order,
            per_page=per_page,
            into=into,
        )

    async def get(
        self, id: str, *, fields: Sequence[str] | None = None, into: type[R] | None = None
    ) -> R:
        """Return one record. 1 credit.

        Raises:
            RecordNotFound: no such record.
        """
        return await self._records.get(self.module, id, fields=fields, into=into)

    async def create(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Create records; one outcome for each, in order. 1 credit for 10."""
        return await self._records.create(self.module, body)

    async def update(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Change records by their ``id``; one outcome for each, in order. 1 credit for 10."""
        return await self._records.update(self.module, body)

    async def update_one(self, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one record. 1 credit.

        Raises:
            RecordNotFound: no such record.
        """
        return await self._records.update_one(self.module, id, body)

    async def delete_one(self, id: str) -> Outcome:
        """Delete one record. 1 credit.

        Raises:
            RecordNotFound: no such record.
        """
        return await self._records.delete_one(self.module, id)

    async def delete(self, ids: Sequence[str]) -> tuple[Outcome, ...]:
        """Delete records; one outcome for each, in order. 1 credit for 100."""
        return await self._records.delete(self.module, ids)


class Services(ModuleRecords, family="services"):
    """Services that can be booked.

    See https://www.zoho.com/crm/developer/docs/api/v7/get-services.html,
    https://www.zoho.com/crm/developer/docs/api/v7/create-services.html,
    https://www.zoho.com/crm/developer/docs/api/v7/update-services.html and
    https://www.zoho.com/crm/developer/docs/api/v7/delete-services.html.
    """

    module = "Services__s"


class Appointments(ModuleRecords, family="appointments"):
    """Booked services. To put one off, change its times (`update`).

    See https://www.zoho.com/crm/developer/docs/api/v7/get-appointments.html,
    https://www.zoho.com/crm/developer/docs/api/v7/create-appointments.html,
    https://www.zoho.com/crm/developer/docs/api/v7/update-appointments.html and
    https://www.zoho.com/crm/developer/docs/api/v7/delete-appointments.html.
    """

    module = "Appointments__s"


class RescheduledAppointments(ModuleRecords, family="rescheduled_appointments"):
    """When appointments were put off, from when to when, by whom and why.

    See
    https://www.zoho.com/crm/developer/docs/api/v7/get-appointments-rescheduled-history.html,
    https://www.zoho.com/crm/developer/docs/api/v7/add-appointments-rescheduled-history.html,
    https://www.zoho.com/crm/developer/docs/api/v7/update-appointments-rescheduled-history.html and
    https://www.zoho.com/crm/developer/docs/api/v7/delete-appointments-rescheduled-history.html.
    """

    module = "Appointments_Rescheduled_History__s"
