"""The audit log, the recycle bin, preferences, contact roles and digests."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._pages import Pager
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.administration import (
    AppointmentPreferences,
    AuditLogExport,
    AuditLogRequest,
    ContactRole,
    DeletedItem,
    DigestRequest,
    NewContactRole,
    ServicePreferences,
)
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.files import Download


class AuditLog(Resource, family="audit_log"):
    """Exports of the audit log, which are jobs. Every call takes 1 credit."""

    @endpoint("GET /settings/audit_log_export", key="audit_log_export")
    async def list(self) -> tuple[AuditLogExport, ...]:
        """List the exports.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-export-audit-log.html.
        """
        ...

    @endpoint("GET /settings/audit_log_export/{id}", key="audit_log_export")
    async def get(self, id: str) -> AuditLogExport:
        """Return one export; *download_links* once it is done.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-export-audit-log.html.

        Raises:
            RecordNotFound: no such export.
        """
        ...

    @endpoint(
        "POST /settings/audit_log_export",
        key="audit_log_export",
        look_at="List the exports (crm.audit_log.list).",
    )
    async def create(self, body: AuditLogRequest) -> Outcome:
        """Export the audit log, all of it or what meets the ``criteria``.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-export-audit-log.html.
        """
        ...

    @endpoint("GET /{download_url}", host="link")
    async def download(self, download_url: str, *, to: Path | None = None) -> Download:
        """Download a file of an export by one of its *download_links*.

        With *to* it streams into that file or folder.
        See https://www.zoho.com/crm/developer/docs/api/v7/download-export-audit-log-result.html.

        Raises:
            InvalidRequest: the link leads out of the data centre.
        """
        ...


class RecycleBin(Resource, family="recycle_bin"):
    """Deleted records that can still be had back. Every call takes 1 credit."""

    @endpoint("GET /settings/recycle_bin", key="recycle_bin")
    def list(
        self,
        *,
        ids: Sequence[str] | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
        page: int = 1,
        per_page: int = 200,
        filters: Mapping[str, Any] | str | None = None,
    ) -> Pager[DeletedItem]:
        """List the deleted records.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-recycle-bin.html.
        """
        ...

    @endpoint("GET /settings/recycle_bin/{id}", key="recycle_bin")
    async def get(self, id: str) -> DeletedItem:
        """Return one deleted record.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-recycle-bin.html.

        Raises:
            RecordNotFound: no such deleted record.
        """
        ...

    @endpoint(
        "DELETE /settings/recycle_bin/{id}",
        key="recycle_bin",
        look_at="Ask for the deleted record (crm.recycle_bin.get).",
    )
    async def delete(self, id: str) -> Outcome:
        """Delete one record for good.

        See https://www.zoho.com/crm/developer/docs/api/v7/del-recycle-bin-records.html.

        Raises:
            RecordNotFound: no such deleted record.
        """
        ...

    @endpoint(
        "DELETE /settings/recycle_bin",
        key="recycle_bin",
        look_at="List the deleted records (crm.recycle_bin.list).",
    )
    async def _delete_many(
        self, *, filters: Mapping[str, Any] | str | None = None, ids: Sequence[str] | None = None
    ) -> tuple[Outcome, ...]: ...

    async def delete_many(
        self, *, filters: Mapping[str, Any] | str | None = None, ids: Sequence[str] = ()
    ) -> tuple[Outcome, ...]:
        """Delete records for good: those of *ids*, or all that *filters* find.

        See https://www.zoho.com/crm/developer/docs/api/v7/del-recycle-bin-records.html.

        Raises:
            InvalidRequest: neither is given, which would empty the bin.
        """
        if not ids and not filters:
            raise InvalidRequest(
                "give ids or filters: a call without them could empty the recycle bin",
                operation="recycle_bin.delete_many",
            )
        return await self._delete_many(filters=filters, ids=ids or None)


class Preferences(Resource, family="preferences"):
    """How appointments and services work. Every call takes 1 credit."""

    @endpoint("GET /settings/appointment_preferences", key="appointment_preferences")
    async def appointments(self, *, include: Sequence[str] | None = None) -> AppointmentPreferences:
        """Return how appointments are booked and ended.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-appointment-preferences.html.
        """
        ...

    @endpoint(
        "PUT /settings/appointment_preferences",
        key="appointment_preferences",
        beside=("appointment_preferences",),
        repeatable=True,
    )
    async def update_appointments(self, appointment_preferences: Mapping[str, Any]) -> Outcome:
        """Change how appointments are booked and ended.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-appointment-preferences.html.
        """
        ...

    @endpoint("GET /settings/service_preferences", key="service_preferences")
    async def services(self) -> ServicePreferences:
        """Return whether services come with job sheets.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-service-preferences.html.
        """
        ...

    @endpoint(
        "PUT /settings/service_preferences",
        key="service_preferences",
        beside=("service_preferences",),
        repeatable=True,
    )
    async def update_services(self, service_preferences: Mapping[str, Any]) -> Outcome:
        """Change whether services come with job sheets.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-service-preferences.html.
        """
        ...


class ContactRoles(Resource, family="contact_roles"):
    """Parts that contacts play in deals. Every call takes 1 credit."""

    @endpoint("GET /Contacts/roles", key="contact_roles")
    async def list(self) -> tuple[ContactRole, ...]:
        """List the contact roles.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-contact-roles.html.
        """
        ...

    @endpoint("GET /Contacts/roles/{id}", key="contact_roles")
    async def get(self, id: str) -> ContactRole:
        """Return one contact role.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-contact-roles.html.

        Raises:
            RecordNotFound: no such role.
        """
        ...

    @endpoint(
        "POST /Contacts/roles",
        key="contact_roles",
        look_at="List the roles (crm.contact_roles.list).",
    )
    async def create(self, body: Sequence[NewContactRole]) -> tuple[Outcome, ...]:
        """Create contact roles; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/insert-contact-roles.html.
        """
        ...

    @endpoint("PUT /Contacts/roles/{id}", key="contact_roles", repeatable=True)
    async def update(self, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one contact role.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-contact-roles.html.

        Raises:
            RecordNotFound: no such role.
        """
        ...

    @endpoint("PUT /Contacts/roles", key="contact_roles", repeatable=True)
    async def update_many(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Change several contact roles by their ``id``; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-contact-roles.html.
        """
        ...

    @endpoint(
        "DELETE /Contacts/roles/{id}",
        key="contact_roles",
        look_at="Ask for the role (crm.contact_roles.get).",
    )
    async def delete(self, id: str) -> Outcome:
        """Delete one contact role.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-contact-roles.html.

        Raises:
            RecordNotFound: no such role.
        """
        ...

    @endpoint(
        "DELETE /Contacts/roles",
        key="contact_roles",
        look_at="List the roles (crm.contact_roles.list).",
    )
    async def delete_many(self, ids: Sequence[str]) -> tuple[Outcome, ...]:
        """Delete several contact roles; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-contact-roles.html.
        """
        ...


class Digests(Resource, family="digests"):
    """Digests of records. Every call takes 1 credit."""

    @endpoint(
        "POST /__digest", key="__digest", look_at="Nothing: a digest changes no record; ask again."
    )
    async def create(self, body: Sequence[DigestRequest]) -> tuple[Outcome, ...]:
        """Ask for the digests of records; one outcome for each."""
        ...
