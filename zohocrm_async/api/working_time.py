"""Business hours, shifts and holidays."""

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.working_time import (
    BusinessHours,
    Holiday,
    NewHoliday,
    NewShiftHours,
    ShiftHours,
)


class BusinessHoursSettings(Resource, family="business_hours"):
    """When the organisation works. Every call takes 1 credit."""

    @endpoint("GET /settings/business_hours", key="business_hours")
    async def get(self) -> BusinessHours:
        """Return the business hours.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-business-hours.html.
        """
        ...

    @endpoint(
        "POST /settings/business_hours",
        key="business_hours",
        beside=("business_hours",),
        look_at="Ask for them (crm.business_hours.get).",
    )
    async def create(self, business_hours: BusinessHours) -> Outcome:
        """Set the business hours for the first time.

        See https://www.zoho.com/crm/developer/docs/api/v7/add-business-hours.html.
        """
        ...

    @endpoint(
        "PUT /settings/business_hours",
        key="business_hours",
        beside=("business_hours",),
        repeatable=True,
    )
    async def update(self, business_hours: BusinessHours) -> Outcome:
        """Change the business hours.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-business-hours.html.
        """
        ...


class Shifts(Resource, family="shift_hours"):
    """Shifts and who works them. Every call takes 1 credit."""

    @endpoint("GET /settings/business_hours/shift_hours", key="shift_hours")
    async def list(self) -> tuple[ShiftHours, ...]:
        """List the shifts.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-shift-hours.html.
        """
        ...

    @endpoint("GET /settings/business_hours/shift_hours/{id}", key="shift_hours")
    async def get(self, id: str) -> ShiftHours:
        """Return one shift.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-shift-hours.html.

        Raises:
            RecordNotFound: no such shift.
        """
        ...

    @endpoint(
        "POST /settings/business_hours/shift_hours",
        key="shift_hours",
        counts={"body": (1, 50)},
        look_at="List the shifts (crm.shift_hours.list).",
    )
    async def create(self, body: Sequence[NewShiftHours]) -> tuple[Outcome, ...]:
        """Create up to 50 shifts; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/add-shift-hours.html.
        """
        ...

    @endpoint("PUT /settings/business_hours/shift_hours/{id}", key="shift_hours", repeatable=True)
    async def update(self, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one shift.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-shift-hours.html.

        Raises:
            RecordNotFound: no such shift.
        """
        ...

    @endpoint(
        "PUT /settings/business_hours/shift_hours",
        key="shift_hours",
        repeatable=True,
        counts={"body": (1, 50)},
    )
    async def update_many(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Change up to 50 shifts by their ``id``; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-shift-hours.html.
        """
        ...

    @endpoint(
        "DELETE /settings/business_hours/shift_hours/{id}",
        key="shift_hours",
        look_at="Ask for the shift (crm.shift_hours.get).",
    )
    async def delete(self, id: str) -> Outcome:
        """Delete one shift.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-shift-hours.html.

        Raises:
            RecordNotFound: no such shift.
        """
        ...


class Holidays(Resource, family="holidays"):
    """Holidays of the organisation and of shifts. Every call takes 1 credit."""

    @endpoint("GET /settings/holidays", key="holidays")
    async def list(
        self, *, year: int | None = None, type: str | None = None, shift_id: str | None = None
    ) -> tuple[Holiday, ...]:
        """List the holidays, of a year or of a shift.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-holidays.html.
        """
        ...

    @endpoint("GET /settings/holidays/{id}", key="holidays")
    async def get(self, id: str) -> Holiday:
        """Return one holiday.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-holidays.html.

        Raises:
            RecordNotFound: no such holiday.
        """
        ...

    @endpoint(
        "POST /settings/holidays", key="holidays", look_at="List the holidays (crm.holidays.list)."
    )
    async def create(self, body: Sequence[NewHoliday]) -> tuple[Outcome, ...]:
        """Add holidays; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/add-holiday.html.
        """
        ...

    @endpoint("PUT /settings/holidays/{id}", key="holidays", repeatable=True)
    async def update(self, id: str, body: Mapping[str, Any]) -> Outcome:
        """Change one holiday.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-holidays.html.

        Raises:
            RecordNotFound: no such holiday.
        """
        ...

    @endpoint("PUT /settings/holidays", key="holidays", repeatable=True)
    async def update_many(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Change several holidays by their ``id``; one outcome for each.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-holidays.html.
        """
        ...

    @endpoint(
        "DELETE /settings/holidays/{id}",
        key="holidays",
        look_at="Ask for the holiday (crm.holidays.get).",
    )
    async def delete(self, id: str) -> Outcome:
        """Delete one holiday.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-holiday.html.

        Raises:
            RecordNotFound: no such holiday.
        """
        ...
