"""Leads that become contacts, accounts and deals; quotes and orders that become others."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._polling import job_end
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.common import ModuleReference, Outcome, Reference
from zohocrm_async.models.conversion import ConversionOptions, ConversionOutcome, LeadConversion
from zohocrm_async.models.jobs import JobStatus

_SOURCES = ("Quotes", "Sales_Orders")
_MASS_LEADS = (
    "ids",
    "assign_to",
    "move_attachments_to",
    "related_modules",
    "carry_over_tags",
    "portal_user_type",
    "apply_assignment_threshold",
)


class LeadConversions(Resource, family="lead_conversion"):
    """Leads converted into contacts, accounts and deals."""

    @endpoint("GET /Leads/{id}/__conversion_options", key="__conversion_options")
    async def options(self, id: str) -> ConversionOptions:
        """Return the contacts, accounts and deals that match a lead. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/lead-conversion-options.html.

        Raises:
            RecordNotFound: no such lead.
        """
        ...

    @endpoint(
        "POST /Leads/{id}/actions/convert",
        key="data",
        price=5,
        heavy=True,
        look_at="List the converted leads (crm.records.list with converted='true').",
    )
    async def convert(self, id: str, body: LeadConversion) -> ConversionOutcome:
        """Convert a lead. 5 credits; a heavy call.

        See https://www.zoho.com/crm/developer/docs/api/v7/convert-lead.html.

        Raises:
            RecordNotFound: no such lead, contact, account or user.
            AlreadyConverted: the lead is converted already.
            MandatoryNotFound: the deal lacks a field that it needs.
        """
        ...

    @endpoint(
        "POST /Leads/actions/mass_convert",
        beside=_MASS_LEADS,
        counts={"ids": (1, 50)},
        look_at="List the converted leads (crm.records.list with converted='true').",
    )
    async def _convert_many(
        self,
        body: Mapping[str, Any],
        ids: Sequence[str],
        *,
        assign_to: Reference | None = None,
        move_attachments_to: ModuleReference | None = None,
        related_modules: Sequence[ModuleReference] | None = None,
        carry_over_tags: Sequence[ModuleReference] | None = None,
        portal_user_type: Reference | None = None,
        apply_assignment_threshold: bool | None = None,
    ) -> Outcome: ...

    async def convert_many(
        self,
        ids: Sequence[str],
        *,
        deal: Mapping[str, Any] | None = None,
        assign_to: Reference | None = None,
        move_attachments_to: ModuleReference | None = None,
        related_modules: Sequence[ModuleReference] | None = None,
        carry_over_tags: Sequence[ModuleReference] | None = None,
        portal_user_type: Reference | None = None,
        apply_assignment_threshold: bool | None = None,
    ) -> Outcome:
        """Convert up to 50 leads as a job; `status` and `wait` take the ``job_id``. 1 credit.

        *deal* holds the fields of the deal that is made for each of them,
        *related_modules* whose records go along, *carry_over_tags* the modules that take
        over the tags. See
        https://www.zoho.com/crm/developer/docs/api/v7/mass-convert-lead.html.
        """
        return await self._convert_many(
            {} if deal is None else {"Deals": deal},
            ids,
            assign_to=assign_to,
            move_attachments_to=move_attachments_to,
            related_modules=related_modules,
            carry_over_tags=carry_over_tags,
            portal_user_type=portal_user_type,
            apply_assignment_threshold=apply_assignment_threshold,
        )

    @endpoint("GET /Leads/actions/mass_convert", key="data")
    async def status(self, *, job_id: str) -> JobStatus:
        """Return how far a job of `convert_many` is. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/mass-convert-status.html.

        Raises:
            RecordNotFound: no such job.
        """
        ...

    async def wait(self, job_id: str, *, deadline: float | datetime | None = None) -> JobStatus:
        """Return the counts of a job once it is completed. 1 credit for each look.

        Pauses between looks grow from 2 to 60 seconds. *deadline* is in seconds from now,
        or an aware moment. See
        https://www.zoho.com/crm/developer/docs/api/v7/mass-convert-status.html.

        Raises:
            JobFailed: it ended in failure; ``status`` says what was done.
            JobTimedOut: it did not end by the *deadline*; ``status`` says what is done.
        """
        return await job_end(
            lambda: self.status(job_id=job_id),
            clock=self.client.clock,
            job_id=job_id,
            operation="lead_conversion.wait",
            deadline=deadline,
        )


class InventoryConversions(Resource, family="inventory_conversion"):
    """Quotes converted into sales orders or invoices, sales orders into invoices.

    Calls take 1 credit. A module to convert to needs its ``api_name`` and its ``id``
    (``crm.modules.get``).
    """

    @endpoint(
        "POST /{module}/{id}/actions/convert",
        key="data",
        look_at="List the records of the module converted to (crm.records.list).",
    )
    async def _convert(
        self, module: str, id: str, body: Mapping[str, Any]
    ) -> ConversionOutcome: ...

    async def convert(
        self, module: str, id: str, to: ModuleReference, *, carry_over_tags: bool = False
    ) -> ConversionOutcome:
        """Convert one record of ``Quotes`` or ``Sales_Orders``.

        See https://www.zoho.com/crm/developer/docs/api/v7/inventory-convert.html.

        Raises:
            InvalidRequest: records of the module cannot be converted.
            RecordNotFound: no such record.
            AlreadyConverted: the record is converted already.
        """
        _check_source(module, "inventory_conversion.convert")
        return await self._convert(module, id, {"convert_to": [_target(to, carry_over_tags)]})

    @endpoint(
        "POST /{module}/actions/mass_convert",
        beside=("ids", "convert_to", "assign_to", "related_modules"),
        counts={"ids": (1, 50)},
        look_at="List the records of the module converted to (crm.records.list).",
    )
    async def _convert_many(
        self,
        module: str,
        ids: Sequence[str],
        convert_to: Sequence[Mapping[str, Any]],
        *,
        assign_to: Reference | None = None,
        related_modules: Sequence[ModuleReference] | None = None,
    ) -> Outcome: ...

    async def convert_many(
        self,
        module: str,
        ids: Sequence[str],
        to: ModuleReference,
        *,
        carry_over_tags: bool = False,
        assign_to: Reference | None = None,
        related_modules: Sequence[ModuleReference] | None = None,
    ) -> Outcome:
        """Convert up to 50 records as a job; `status` and `wait` take the ``job_id``.

        See https://www.zoho.com/crm/developer/docs/api/v7/mass-inventory-convert.html.

        Raises:
            InvalidRequest: records of the module cannot be converted, or more than 50 ids.
        """
        _check_source(module, "inventory_conversion.convert_many")
        return await self._convert_many(
            module,
            ids,
            [_target(to, carry_over_tags)],
            assign_to=assign_to,
            related_modules=related_modules,
        )

    @endpoint("GET /{module}/actions/mass_convert", key="data")
    async def status(self, module: str, *, job_id: str) -> JobStatus:
        """Return how far a job of `convert_many` is.

        See
        https://www.zoho.com/crm/developer/docs/api/v7/mass-inventory-conversion-status-api.html.

        Raises:
            RecordNotFound: no such job.
        """
        ...

    async def wait(
        self, module: str, job_id: str, *, deadline: float | datetime | None = None
    ) -> JobStatus:
        """Return the counts of a job once it is completed, as ``lead_conversion.wait`` does.

        See
        https://www.zoho.com/crm/developer/docs/api/v7/mass-inventory-conversion-status-api.html.

        Raises:
            JobFailed: it ended in failure; ``status`` says what was done.
            JobTimedOut: it did not end by the *deadline*; ``status`` says what is done.
        """
        return await job_end(
            lambda: self.status(module, job_id=job_id),
            clock=self.client.clock,
            job_id=job_id,
            operation="inventory_conversion.wait",
            deadline=deadline,
        )


def _check_source(module: str, operation: str) -> None:
    if module not in _SOURCES:
        raise InvalidRequest(
            f"module is {module!r}: records of Quotes and Sales_Orders are converted so, and "
            "leads by crm.lead_conversion",
            operation=operation,
        )


def _target(to: ModuleReference, carry_over_tags: bool) -> Mapping[str, Any]:
    return {"module": to, "carry_over_tags": carry_over_tags}
