"""Mails to send, and what became of them.

See https://www.zoho.com/crm/developer/docs/api/v7/send-mail.html.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from attrs import field, frozen
from attrs.converters import optional

from zohocrm_async.models.common import ModuleReference, Reference, Word

_INVENTORY_MODULES = frozenset({"Quotes", "Sales_Orders", "Purchase_Orders", "Invoices"})
_ADDRESS = re.compile(r"[^@\s,;<>\"()\[\]]+@[^@\s,;<>\"()\[\]]+\.[^@\s,;<>\"()\[\].]+")
_MOST_RECIPIENTS = 50
_MOST_ATTACHMENTS = 10
_LONGEST_SUBJECT = 1_000
_LONGEST_CONTENT = 100_000
_OBJECT_REPLIES_SINCE = 7
_VENDORS_SINCE = 7
_LINKED_RECORD_SINCE = 8


@frozen
class Address:
    """An e-mail address, with the name shown for it."""

    email: str
    user_name: str | None = None

    def problem(self) -> str | None:
        """Say what keeps the address from being one, or return None."""
        # A record's field may be None for all that its type says.
        if _ADDRESS.fullmatch(str(self.email)):
            return None
        return f"{self.email!r} is no e-mail address"


class MailFormat(Word):
    """Whether the content is HTML or plain text."""

    HTML = "html"
    TEXT = "text"


class PaperType(Word):
    """Paper of an inventory template."""

    DEFAULT = "default"
    A4 = "A4"
    US_LETTER = "us_letter"


class ViewType(Word):
    """Orientation of an inventory template."""

    PORTRAIT = "portrait"
    LANDSCAPE = "landscape"


class SubjectRequestType(Word):
    """What a data subject may do with the personal data in the mail."""

    ACCESS = "access"
    RECTIFY = "rectify"
    EXPORT = "export"


@frozen
class InReplyTo:
    """The mail that is answered; *owner_id* is the user it shall belong to (v7 on)."""

    message_id: str
    owner_id: str | None = None


@frozen
class Attachment:
    """A file of the file system, by the id that its upload gave."""

    id: str


@frozen
class Template:
    """An e-mail template; subject, content and attachments given beside it win."""

    id: str


@frozen
class InventoryTemplateChoice:
    """An inventory template by id and name."""

    id: str
    name: str | None = None


@frozen
class InventoryDetails:
    """The inventory template that goes out as an attachment."""

    inventory_template: InventoryTemplateChoice
    paper_type: PaperType | None = field(default=None, converter=optional(PaperType))
    view_type: ViewType | None = field(default=None, converter=optional(ViewType))


@frozen
class DataSubjectRequest:
    """A request of the data subject under the GDPR."""

    id: str
    type: SubjectRequestType = field(converter=SubjectRequestType)


@frozen
class LinkedRecord:
    """Another record that the mail is linked to (v8 on)."""

    module: ModuleReference
    id: str
    name: str | None = None


def _reply(value: "InReplyTo | str | None") -> InReplyTo | None:
    return InReplyTo(value) if isinstance(value, str) else value


def _address(value: Address | str) -> Address:
    return Address(value) if isinstance(value, str) else value


def _addresses(values: "Iterable[Address | str]") -> tuple[Address, ...]:
    if not values:
        return ()
    given = (values,) if isinstance(values, str) else values
    return tuple([Address(value) if isinstance(value, str) else value for value in given])


def _attachments(values: "Iterable[Attachment | str]") -> tuple[Attachment, ...]:
    if not values:
        return ()  # the usual case
    return tuple(Attachment(value) if isinstance(value, str) else value for value in values)


@frozen(kw_only=True)
class Mail:
    """One mail to send from a record; an address without a name may be a text."""

    from_: Address = field(metadata={"wire": "from"}, converter=_address)
    """One of the allowed from addresses."""
    to: tuple[Address, ...] = field(converter=_addresses)
    cc: tuple[Address, ...] = field(default=(), converter=_addresses)
    bcc: tuple[Address, ...] = field(default=(), converter=_addresses)
    reply_to: Address | None = field(default=None, converter=optional(_address))
    subject: str | None = None
    content: str | None = None
    """HTML or text; refer to an inline image by ``crm.mail.inline_image_url(file_id)``."""
    mail_format: MailFormat | None = field(default=None, converter=optional(MailFormat))
    template: Template | None = None
    attachments: tuple[Attachment, ...] = field(default=(), converter=_attachments)
    """Uploaded files: objects or just ids; 10 MB in total."""
    scheduled_time: datetime | None = None
    """When to send it (aware); not in the free and trial editions."""
    in_reply_to: InReplyTo | None = field(default=None, converter=_reply)
    """The mail that is answered: a message id, or an object with its owner."""
    org_email: bool | None = None
    """True sends through Zoho's server and not through the configured SMTP server."""
    inventory_details: InventoryDetails | None = None
    consent_email: bool | None = None
    """True marks a mail that asks for consent; its content holds the consent form."""
    data_subject_request: DataSubjectRequest | None = None
    linked_record: LinkedRecord | None = None

    def problems(self, module: str, version: int) -> tuple[str, ...]:
        """Say what the documentation rules out for *module* and *version*, a sentence each."""
        return (
            *self._address_problems(),
            *self.size_problems(),
            *self._combination_problems(module),
            *self._version_problems(module, version),
        )

    def _address_problems(self) -> Iterable[str]:
        given = {"to": self.to, "cc": self.cc, "bcc": self.bcc, "from_": (self.from_,)}
        if self.reply_to is not None:
            given["reply_to"] = (self.reply_to,)
        for name, addresses in given.items():
            for address in addresses:
                if problem := address.problem():
                    yield f"{name}: {problem}"
            if len(addresses) > _MOST_RECIPIENTS:
                yield f"{name} holds {len(addresses)} addresses: {_MOST_RECIPIENTS} at most"
        if not self.to:
            yield "to is empty: a mail needs a recipient"

    def size_problems(self) -> Iterable[str]:
        """Say what in it is too long, or too many."""
        found: list[str] = []
        if len(self.subject or "") > _LONGEST_SUBJECT:
            found.append(f"subject is longer than {_LONGEST_SUBJECT} characters")
        if len(self.content or "") > _LONGEST_CONTENT:
            found.append(f"content is longer than {_LONGEST_CONTENT} characters")
        if len(self.attachments) > _MOST_ATTACHMENTS:
            found.append(f"{len(self.attachments)} attachments: {_MOST_ATTACHMENTS} at most")
        return found

    def _combination_problems(self, module: str) -> Iterable[str]:
        found: list[str] = []
        if self.scheduled_time is not None and self.scheduled_time.tzinfo is None:
            found.append("scheduled_time has no time zone: give an aware datetime")
        if self.inventory_details is not None and module not in _INVENTORY_MODULES:
            modules = ", ".join(sorted(_INVENTORY_MODULES))
            found.append(f"inventory_details goes with {modules}, not with {module}")
        if self.consent_email and "ConsentForm" not in (self.content or ""):
            found.append(
                "consent_email asks for the consent form in content: a link to ${ConsentForm.en_US}"
            )
        details, request = self.inventory_details, self.data_subject_request
        if self.mail_format is not None:
            found += _word_problem("mail_format", self.mail_format)
        if details is not None:
            found += _word_problem("inventory_details.paper_type", details.paper_type)
            found += _word_problem("inventory_details.view_type", details.view_type)
        if request is not None:
            found += _word_problem("data_subject_request.type", request.type)
        return found

    def _version_problems(self, module: str, version: int) -> Iterable[str]:
        found: list[str] = []
        if module == "Vendors" and version < _VENDORS_SINCE:
            found.append(f"mails from Vendors go out from v{_VENDORS_SINCE} on, not in v{version}")
        reply = self.in_reply_to
        if reply is not None and not reply.message_id:
            found.append("in_reply_to has no message_id")
        if reply is not None and reply.owner_id and version < _OBJECT_REPLIES_SINCE:
            since = _OBJECT_REPLIES_SINCE
            found.append(f"in_reply_to takes an owner from v{since} on, not in v{version}")
        if self.linked_record is not None and version < _LINKED_RECORD_SINCE:
            since = _LINKED_RECORD_SINCE
            found.append(f"linked_record goes out from v{since} on, not in v{version}")
        return found


def _word_problem(name: str, word: Word | None) -> Iterable[str]:
    if word is not None and word not in set(type(word)):
        *others, last = type(word)
        yield f"{name} is {str(word)!r}: take {', '.join(others)} or {last}"


@frozen
class BlockedAddress:
    """A recipient that a mail did not go to, with the reason."""

    email: str
    reason: str = ""


@frozen
class SentMail:
    """The answer to a sent or scheduled mail."""

    message_id: str = field(metadata={"wire": "details.message_id"})
    message: str = ""
    """The service's sentence; it alone tells sent from scheduled."""
    blocked: tuple[BlockedAddress, ...] = field(
        default=(), metadata={"wire": "details.blocked_email_addresses"}
    )
    """Recipients that the mail did not go to, though it counts as sent."""

    @property
    def scheduled(self) -> bool:
        """Whether the mail waits for its time."""
        return "scheduled" in self.message.lower()


@frozen
class FromAddress:
    """An address that mails may be sent from."""

    email: str
    user_name: str | None = None
    type: str | None = None
    id: str | None = None
    default: bool = False


class EmailType(Word):
    """Which e-mails of a record to list."""

    SENT_FROM_CRM = "sent_from_crm"
    SCHEDULED_IN_CRM = "scheduled_in_crm"
    DRAFTS = "drafts"
    USER_EMAILS = "user_emails"
    ALL_CONTACTS_SENT = "all_contacts_sent_crm_emails"
    ALL_CONTACTS_SCHEDULED = "all_contacts_scheduled_crm_emails"
    ALL_CONTACTS_DRAFTS = "all_contacts_draft_crm_emails"


@frozen
class EmailStatus:
    """What is known of an e-mail after it was sent: opened, clicked, bounced."""

    type: str | None = None
    count: int | None = None
    first_open: datetime | None = None
    last_open: datetime | None = None
    bounced_time: datetime | None = None
    bounced_reason: str | None = None
    category: str | None = None
    sub_category: str | None = None


@frozen
class EmailAttachment:
    """A file of an e-mail."""

    id: str
    name: str | None = None
    size: int | None = None


@frozen
class EmailAddress:
    """An address of an e-mail; either part may be missing."""

    email: str | None = None
    user_name: str | None = None


@frozen
class Email:
    """An e-mail of a record; ``content`` comes only when one is asked for."""

    message_id: str
    subject: str | None = None
    from_: EmailAddress | None = field(default=None, metadata={"wire": "from"})
    to: tuple[EmailAddress, ...] = ()
    cc: tuple[EmailAddress, ...] = ()
    reply_to: EmailAddress | None = None
    time: datetime | None = None
    sent_time: str | None = None
    sent: bool | None = None
    read: bool | None = None
    source: str | None = None
    status: tuple[EmailStatus, ...] = ()
    owner: Reference | None = None
    linked_record: Mapping[str, Any] | None = None
    has_attachment: bool | None = None
    has_thread_attachment: bool | None = None
    thread_id: str | None = None
    summary: str | None = None
    intent: str | None = None
    sentiment_info: str | None = None
    emotion: str | None = None
    editable: bool | None = None
    mail_format: str | None = None
    content: str | None = None
    attachments: tuple[EmailAttachment, ...] = ()
