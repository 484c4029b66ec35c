"""Drafts of e-mails, kept with a record.

See https://www.zoho.com/crm/developer/docs/api/v7/create-drafts.html.
"""

from collections.abc import Iterable
from datetime import datetime

from attrs import field, frozen
from attrs.converters import optional

from zohocrm_async.models.common import Reference, Word
from zohocrm_async.models.mail import Address, EmailAddress, InventoryTemplateChoice, ViewType

_MOST_RECIPIENTS = 100
_LONGEST_SUBJECT = 512


class DraftPaperType(Word):
    """Paper of an inventory template; drafts have words of their own for it."""

    A4 = "A4"
    US_LETTER = "USLetter"


class ScheduleSource(Word):
    """How the time of a scheduled draft was chosen."""

    ONE_HOUR_AHEAD = "ecOneHourAhead"
    UP_TIME = "upTime"
    BEST_TIME = "ecSchduleBestTime"
    UPCOMING = "ecUpComing"
    TIME = "ecSchduleTime"


@frozen
class ScheduleDetails:
    """When a draft shall go out."""

    time: datetime
    timezone: str | None = None
    """Such as ``Europe/Dublin``; None for the organisation's."""
    source: ScheduleSource | None = field(default=None, converter=optional(ScheduleSource))


@frozen
class DraftInventoryDetails:
    """The inventory template that goes out with a draft."""

    inventory_template: InventoryTemplateChoice
    paper_type: DraftPaperType = field(converter=DraftPaperType)
    view_type: ViewType = field(converter=ViewType)


@frozen(kw_only=True)
class DraftAttachment:
    """A file of a draft, by the id that its upload gave."""

    id: str
    file_name: str
    service_name: str
    """Where the file is kept, such as ``ZFSAttached``."""
    file_size: str | None = None
    """Bytes, as digits."""


def _addresses(values: Iterable[Address]) -> tuple[Address, ...]:
    return tuple(values)


@frozen(kw_only=True)
class NewEmailDraft:
    """A draft to keep, or what one shall be changed to."""

    from_: str = field(metadata={"wire": "from"})
    """One of the allowed from addresses."""
    rich_text: bool
    """True for HTML, False for plain text."""
    to: tuple[Address, ...] = field(default=(), converter=_addresses)
    cc: tuple[Address, ...] = field(default=(), converter=_addresses)
    bcc: tuple[Address, ...] = field(default=(), converter=_addresses)
    reply_to: str | None = None
    subject: str | None = None
    """At most 512 characters."""
    content: str | None = None
    template: Reference | None = None
    attachments: tuple[DraftAttachment, ...] = ()
    schedule_details: ScheduleDetails | None = None
    inventory_details: DraftInventoryDetails | None = None

    def problems(self) -> tuple[str, ...]:
        """Say what the documentation rules out, a sentence each."""
        return tuple(self._problems())

    def _problems(self) -> Iterable[str]:
        given = Address(self.from_), *((Address(self.reply_to),) if self.reply_to else ())
        for address in (*given, *self.to, *self.cc, *self.bcc):
            if problem := address.problem():
                yield problem
        for name, addresses in (("to", self.to), ("cc", self.cc), ("bcc", self.bcc)):
            if len(addresses) > _MOST_RECIPIENTS:
                yield f"{name} holds {len(addresses)} addresses: {_MOST_RECIPIENTS} at most"
        if len(self.subject or "") > _LONGEST_SUBJECT:
            yield f"subject is longer than {_LONGEST_SUBJECT} characters"
        if self.schedule_details is not None and self.schedule_details.time.tzinfo is None:
            yield "schedule_details.time has no time zone: give an aware datetime"


@frozen(kw_only=True)
class EmailDraft:
    """A draft as it is kept."""

    id: str
    from_: str | None = field(default=None, metadata={"wire": "from"})
    rich_text: bool | None = None
    to: tuple[EmailAddress, ...] = ()
    cc: tuple[EmailAddress, ...] = ()
    bcc: tuple[EmailAddress, ...] = ()
    reply_to: str | None = None
    subject: str | None = None
    summary: str | None = None
    """How the content begins, as plain text."""
    content: str | None = None
    template: Reference | None = None
    attachments: tuple[DraftAttachment, ...] = ()
    schedule_details: ScheduleDetails | None = None
    inventory_details: DraftInventoryDetails | None = None
    email_opt_out: bool | None = None
    owner: Reference | None = None
    created_time: datetime | None = None
    modified_time: datetime | None = None
    sharing_permission: str | None = field(default=None, metadata={"wire": "$sharing_permission"})
