"""Business hours, shifts and holidays.

See https://www.zoho.com/crm/developer/docs/api/v7/get-business-hours.html.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from zohocrm_async.models.common import Reference, Word


class Weekday(Word):
    """A day of the week."""

    MONDAY = "Monday"
    TUESDAY = "Tuesday"
    WEDNESDAY = "Wednesday"
    THURSDAY = "Thursday"
    FRIDAY = "Friday"
    SATURDAY = "Saturday"
    SUNDAY = "Sunday"


class BusinessHoursType(Word):
    """How the working week is given."""

    ALWAYS = "24_by_7"
    WEEKDAYS = "24_by_5"
    CUSTOM = "custom"


class HolidayType(Word):
    """Whose holiday it is."""

    BUSINESS_HOLIDAY = "business_holiday"
    SHIFT_HOLIDAY = "shift_holiday"


@frozen
class DayTiming:
    """The working hours of one day."""

    days: Weekday
    business_timing: tuple[str, ...]


@frozen
class BusinessHours:
    """When the organisation works."""

    id: str | None = None
    business_days: tuple[Weekday, ...] = ()
    custom_timing: tuple[DayTiming, ...] = ()
    daily_timing: tuple[str, ...] = ()
    week_starts_on: Weekday | None = None
    same_as_everyday: bool | None = None
    type: BusinessHoursType | None = None


@frozen
class BreakHours:
    """A break within a shift."""

    id: str | None = None
    custom_timing: tuple[Mapping[str, Any], ...] = ()
    daily_timing: tuple[str, ...] = ()
    same_as_everyday: bool | None = None
    break_days: tuple[Weekday, ...] = ()


@frozen
class ShiftDay:
    """The hours of a shift on one day."""

    days: Weekday
    shift_timing: tuple[str, ...] = ()


@frozen
class ShiftUser:
    """A user who works a shift."""

    id: str
    name: str | None = None
    email: str | None = None
    role: Reference | None = None
    effective_from: dt.date | None = None


@frozen
class ShiftHoliday:
    """A holiday of a shift."""

    id: str
    name: str | None = None
    date: dt.date | None = None
    year: int | None = None


@frozen
class ShiftHours:
    """A shift."""

    id: str
    name: str | None = None
    same_as_everyday: bool | None = None
    shift_days: tuple[Weekday, ...] = ()
    daily_timing: tuple[str, ...] = ()
    custom_timing: tuple[ShiftDay, ...] = ()
    timezone: str | None = None
    users_count: int | None = None
    users: tuple[ShiftUser, ...] = ()
    break_hours: tuple[BreakHours, ...] = ()
    holidays: tuple[ShiftHoliday, ...] = ()


@frozen(kw_only=True)
class NewShiftHours:
    """A shift to create."""

    name: str
    same_as_everyday: bool
    shift_days: Sequence[Weekday | str]
    daily_timing: Sequence[str] = ()
    custom_timing: Sequence[ShiftDay] = ()
    timezone: str | None = None
    break_hours: Sequence[BreakHours] = ()
    users: Sequence[Mapping[str, Any]] = ()


@frozen
class Holiday:
    """A holiday of the organisation or of a shift."""

    id: str
    name: str | None = None
    date: dt.date | None = None
    year: int | None = None
    type: HolidayType | None = None
    shift_hour: Reference | None = None


@frozen(kw_only=True)
class NewHoliday:
    """A holiday to add."""

    name: str
    date: dt.date
    type: HolidayType | str
    shift_hour: Reference | None = None
    """The shift, of a ``shift_holiday``."""
