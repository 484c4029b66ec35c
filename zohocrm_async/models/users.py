"""Users of the organisation and when they are away.

See https://www.zoho.com/crm/developer/docs/api/v7/get-users.html.
"""

from datetime import datetime

from attrs import field, frozen

from zohocrm_async.models.common import Reference, Word


class UserStatus(Word):
    """Whether somebody works here."""

    INACTIVE = "inactive"
    DELETED = "deleted"
    REJECTED = "rejected"
    ACTIVE = "active"
    CLOSED = "closed"
    DISABLED = "disabled"


class UserKind(Word):
    """Which users to list."""

    ALL_USERS = "AllUsers"
    ACTIVE_USERS = "ActiveUsers"
    DEACTIVE_USERS = "DeactiveUsers"
    CONFIRMED_USERS = "ConfirmedUsers"
    NOT_CONFIRMED_USERS = "NotConfirmedUsers"
    DELETED_USERS = "DeletedUsers"
    ACTIVE_CONFIRMED_USERS = "ActiveConfirmedUsers"
    ADMIN_USERS = "AdminUsers"
    ACTIVE_CONFIRMED_ADMINS = "ActiveConfirmedAdmins"
    CURRENT_USER = "CurrentUser"


@frozen
class User:
    """A user of the organisation."""

    id: str
    full_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    status: UserStatus | None = None
    role: Reference | None = None
    profile: Reference | None = None
    category: str | None = None
    confirm: bool | None = None
    alias: str | None = None
    phone: str | None = None
    mobile: str | None = None
    fax: str | None = None
    website: str | None = None
    street: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    dob: str | None = None
    language: str | None = None
    locale: str | None = None
    country_locale: str | None = None
    time_zone: str | None = None
    time_format: str | None = None
    date_format: str | None = None
    name_format: str | None = field(default=None, metadata={"wire": "name_format__s"})
    number_separator: str | None = None
    decimal_separator: str | None = None
    sort_order_preference: str | None = field(
        default=None, metadata={"wire": "sort_order_preference__s"}
    )
    offset: int | None = None
    signature: str | None = None
    image_link: str | None = None
    zuid: str | None = None
    ezuid: str | None = None
    microsoft: bool | None = None
    personal_account: bool | None = None
    sandbox_developer: bool | None = field(default=None, metadata={"wire": "sandboxDeveloper"})
    isonline: bool | None = field(default=None, metadata={"wire": "Isonline"})
    imap_status: bool | None = None
    telephony_enabled: bool | None = None
    ntc_enabled: bool | None = None
    rtl_enabled: bool | None = None
    type: str | None = field(default=None, metadata={"wire": "type__s"})
    status_reason: str | None = field(default=None, metadata={"wire": "status_reason__s"})
    currency: str | None = field(default=None, metadata={"wire": "Currency"})
    reporting_to: Reference | None = field(default=None, metadata={"wire": "Reporting_To"})
    current_shift: Reference | None = field(default=None, metadata={"wire": "$current_shift"})
    next_shift: Reference | None = field(default=None, metadata={"wire": "$next_shift"})
    created_time: datetime | None = None
    created_by: Reference | None = None
    modified_time: datetime | None = field(default=None, metadata={"wire": "Modified_Time"})
    modified_by: Reference | None = field(default=None, metadata={"wire": "Modified_By"})


@frozen(kw_only=True)
class NewUser:
    """A user to invite."""

    last_name: str
    email: str
    role: Reference
    profile: Reference
    first_name: str | None = None
    alias: str | None = None
    phone: str | None = None
    mobile: str | None = None
    fax: str | None = None
    website: str | None = None
    street: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    dob: str | None = None
    language: str | None = None
    country_locale: str | None = None
    time_zone: str | None = None
    time_format: str | None = None
    date_format: str | None = None
    reporting_to: Reference | None = field(default=None, metadata={"wire": "Reporting_To"})


@frozen
class TerritoryPerson:
    """A manager or parent, as a user's territories name them."""

    id: str | None = None
    name: str | None = field(default=None, metadata={"wire": "Name"})


@frozen
class UserTerritory:
    """A territory that a user belongs to."""

    id: str
    manager: TerritoryPerson | None = field(default=None, metadata={"wire": "Manager"})
    name: str | None = field(default=None, metadata={"wire": "Name"})
    reporting_to: TerritoryPerson | None = field(default=None, metadata={"wire": "Reporting_To"})


@frozen(kw_only=True)
class UserTransferTarget:
    """The user who takes over, and what of."""

    id: str
    records: bool = True
    assignment: bool = True
    criteria: bool = True


@frozen(kw_only=True)
class UserTransfer:
    """What a user who is deleted hands over, and to whom."""

    transfer: UserTransferTarget
    move_subordinate: Reference
    id: str | None = None
    """The user, where several are deleted in one call."""


@frozen
class UserUnavailability:
    """A time in which a user is away."""

    id: str
    comments: str | None = None
    from_: datetime | None = field(default=None, metadata={"wire": "from"})
    service: str | None = None
    all_day: bool | None = None
    tp_event_id: str | None = None
    to: datetime | None = None
    title: str | None = None
    user: Reference | None = None
    tp_calendar_id: str | None = None


@frozen(kw_only=True)
class NewUserUnavailability:
    """A time away to enter."""

    user: Reference
    from_: datetime = field(metadata={"wire": "from"})
    to: datetime
    title: str | None = None
    comments: str | None = None
    all_day: bool | None = None
