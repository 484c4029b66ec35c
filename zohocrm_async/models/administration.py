"""The audit log, the recycle bin and preferences.

See https://www.zoho.com/crm/developer/docs/api/v7/get-export-audit-log.html.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from attrs import frozen

from zohocrm_async.models.common import ModuleReference, Reference
from zohocrm_async.models.criteria import Criteria


@frozen
class AuditLogExport:
    """A job that exports the audit log."""

    id: str
    download_links: tuple[str, ...] = ()
    criteria: Criteria | None = None
    job_end_time: datetime | None = None
    expiry_date: datetime | None = None
    job_start_time: datetime | None = None
    status: str | None = None
    created_by: Reference | None = None


@frozen(kw_only=True)
class AuditLogRequest:
    """What of the audit log to export."""

    criteria: Criteria | None = None


@frozen
class DeletedItem:
    """A record in the recycle bin."""

    id: str
    owner: Reference | None = None
    module: ModuleReference | None = None
    deleted_by: Reference | None = None
    display_name: str | None = None
    deleted_time: datetime | None = None


@frozen
class DealRecordConfiguration:
    """The layout and values of the deal made from an appointment."""

    id: str | None = None
    layout: Reference | None = None
    field_mappings: tuple[Mapping[str, Any], ...] = ()


@frozen
class AppointmentPreferences:
    """How appointments are booked and ended."""

    allow_booking_outside_businesshours: bool | None = None
    deal_record_configuration: DealRecordConfiguration | None = None
    show_job_sheet: bool | None = None
    when_duration_exceeds: str | None = None
    when_appointment_completed: str | None = None
    allow_booking_outside_service_availability: bool | None = None


@frozen
class ServicePreferences:
    """Whether services come with job sheets."""

    job_sheet_enabled: bool | None = None


@frozen
class ContactRole:
    """A part that contacts play in deals."""

    id: str
    name: str | None = None
    sequence_number: int | None = None


@frozen(kw_only=True)
class NewContactRole:
    """A contact role to create."""

    name: str
    sequence_number: int


@frozen(kw_only=True)
class DigestRequest:
    """A record whose digest is asked for."""

    record_id: str
    module: str
    type: str
