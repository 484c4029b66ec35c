"""E-mails that come to a record from elsewhere, and who shares theirs with it.

See https://www.zoho.com/crm/developer/docs/api/v7/associate-email.html.
"""

from collections.abc import Iterable
from datetime import datetime

from attrs import field, frozen
from attrs.converters import optional

from zohocrm_async.models.common import Word
from zohocrm_async.models.mail import Address, Attachment, LinkedRecord, MailFormat

_LONGEST_SUBJECT = 250


def _addresses(values: Iterable[Address]) -> tuple[Address, ...]:
    return tuple(values)


def _attachments(values: "Iterable[Attachment | str]") -> tuple[Attachment, ...]:
    return tuple(Attachment(value) if isinstance(value, str) else value for value in values)


@frozen(kw_only=True)
class EmailAssociation:
    """An e-mail that went by another way, to be kept with a record."""

    from_: Address = field(metadata={"wire": "from"})
    to: tuple[Address, ...] = field(converter=_addresses)
    subject: str
    """At most 250 characters."""
    content: str
    date_time: datetime
    """When it was sent or received (aware)."""
    sent: bool
    """True for one that was sent, False for one that was received."""
    original_message_id: str
    """The ``Message-ID`` of its header."""
    cc: tuple[Address, ...] = field(default=(), converter=_addresses)
    bcc: tuple[Address, ...] = field(default=(), converter=_addresses)
    mail_format: MailFormat | None = field(default=None, converter=optional(MailFormat))
    attachments: tuple[Attachment, ...] = field(default=(), converter=_attachments)
    """Uploaded files: objects or just ids."""
    linked_record: LinkedRecord | None = None
    """Another record that it belongs to, such as the contact of a deal."""

    def problems(self) -> tuple[str, ...]:
        """Say what the documentation rules out, a sentence each."""
        return tuple(self._problems())

    def _problems(self) -> Iterable[str]:
        lists = (("from_", (self.from_,)), ("to", self.to), ("cc", self.cc), ("bcc", self.bcc))
        for name, addresses in lists:
            for address in addresses:
                if problem := address.problem():
                    yield f"{name}: {problem}"
        if not self.to:
            yield "to is empty: give whom the e-mail was sent to"
        for name, text in (
            ("subject", self.subject),
            ("content", self.content),
            ("original_message_id", self.original_message_id),
        ):
            if not text:
                yield f"{name} is empty"
        if len(self.subject) > _LONGEST_SUBJECT:
            yield f"subject is longer than {_LONGEST_SUBJECT} characters"
        if self.date_time.tzinfo is None:
            yield "date_time has no time zone: give an aware datetime"


class EmailSharingType(Word):
    """Which e-mails of a record a user may see."""

    SENT_FROM_CRM = "emails_sent_from_crm"
    ALL_CONTACTS = "all_contacts_emails"
    ALL_IMAP_SHARED_USERS = "all_imap_shared_users"
    ALL_POP_SHARED_USERS = "all_pop_shared_users"
    ALL = "all_emails"


@frozen
class SharingUser:
    """A user whose e-mails are shared with the record."""

    id: str
    name: str | None = None
    type: str | None = field(default=None, metadata={"wire": "_type"})
    """How the user's e-mails are read: ``imap``, ``pop`` or ``api``."""


@frozen
class EmailSharing:
    """Whose e-mails a record shows, and which kinds of them."""

    available_types: tuple[EmailSharingType, ...] = ()
    share_from_users: tuple[SharingUser, ...] = field(
        default=(), metadata={"also": "shared_from_users"}
    )
