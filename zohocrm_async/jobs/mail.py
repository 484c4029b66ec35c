"""A mail for each row of a file, and none twice."""

import html
import re
import string
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from zohocrm_async._client import ZohoCRM
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.report import JobReport
from zohocrm_async.jobs.rows import Row, Source
from zohocrm_async.jobs.runner import OnItem, Order, Terms, run
from zohocrm_async.models.mail import Address, Mail, MailFormat, SentMail, Template
from zohocrm_async.options import Priority

RECORD_ID = re.compile(r"[0-9]{1,30}")


class _Text(string.Template):
    # Columns have blanks and letters of any alphabet in their names. Zoho's own
    # placeholders have a dot or more in theirs, such as ${ConsentForm.en_US}.
    idpattern = r"[^\W\d]\w*"
    braceidpattern = r"[^\W\d][\w -]*"

    def __init__(self, template: str) -> None:
        super().__init__(template)
        self.columns = frozenset(self.get_identifiers())

    def fill(self, values: Mapping[str, Any], clean: Callable[[str], str]) -> str:
        """Put the values in, each cleaned first; what is no column stays as it is."""
        shown = {name: clean(_shown(values.get(name))) for name in self.columns}
        return self.safe_substitute(shown)


def _shown(value: object) -> str:
    return "" if value is None else str(value)


def _address(value: str | Address) -> Address:
    return Address(value) if isinstance(value, str) else value


def _optional_address(value: str | Address | None) -> Address | None:
    return None if value is None else _address(value)


def _format(value: str | None) -> MailFormat | None:
    return None if value is None else MailFormat(value)


def _ids(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _text(value: str | None) -> _Text | None:
    return None if value is None else _Text(value)


@frozen
class MailJob:
    """One mail from the record of each row.

    *subject* and *content* are texts with columns in them: ``$First_Name``,
    ``${Company Name}``, ``$$`` for a dollar sign before a letter. In HTML the
    values are escaped. The journal at *journal* must not exist.

    Args:
        crm: the organisation.
        journal: where the journal is made.
        module: the records' module.
        sender: one of the allowed from addresses.
        subject: of each mail; None takes the template's.
        content: of each mail; None takes the template's.
        id_column: the column of the record's id.
        to_column: the column of the recipient's address.
        name_column: the column of the recipient's name, if any.
        template: the id of an e-mail template of the CRM.
        attachments: ids of uploaded files, for all mails.
        mail_format: ``html`` (the service's default) or ``text``.
        reply_to: where answers go.
        org_email: True sends through Zoho's server.
        scheduled_time: when the mails go out (aware).
        budget: the most credits to spend; a mail costs 20.
        priority: how the calls queue.
        max_wait: seconds that a mail waits for credits before the job stops;
            None: no end.

    Raises:
        InvalidRequest: no mail of this job could be sent; lists every reason.
    """

    crm: ZohoCRM = field(repr=False)
    journal: Path = field(kw_only=True, converter=Path)
    module: str = field(kw_only=True)
    sender: Address = field(kw_only=True, converter=_address)
    subject: _Text | None = field(kw_only=True, default=None, converter=_text)
    content: _Text | None = field(kw_only=True, default=None, converter=_text)
    id_column: str = field(kw_only=True, default="id")
    to_column: str = field(kw_only=True, default="Email")
    name_column: str | None = field(kw_only=True, default=None)
    template: str | None = field(kw_only=True, default=None)
    attachments: tuple[str, ...] = field(kw_only=True, default=(), converter=_ids)
    mail_format: MailFormat | None = field(kw_only=True, default=None, converter=_format)
    reply_to: Address | None = field(kw_only=True, default=None, converter=_optional_address)
    org_email: bool | None = field(kw_only=True, default=None)
    scheduled_time: datetime | None = field(kw_only=True, default=None)
    budget: int | None = field(kw_only=True, default=None)
    priority: Priority = field(kw_only=True, default=Priority.BULK)
    max_wait: float | None = field(kw_only=True, default=None)

    def __attrs_post_init__(self) -> None:
        problems = list(self._problems(self._mail(Address("a@b.example"), {})))
        if self.content is None and self.template is None:
            problems.append("a mail needs content, or a template that has it")
        if self.subject is None and self.template is None:
            problems.append("a mail needs a subject, or a template that has it")
        if problems:
            raise InvalidRequest(tuple(problems), operation="mail.send")

    @property
    def terms(self) -> Terms:
        """What the job is, and what it may spend."""
        return Terms(
            kind="mail",
            heavy=True,
            journal=self.journal,
            budget=self.budget,
            priority=self.priority,
            max_wait=self.max_wait,
        )

    @property
    def needed(self) -> Mapping[str, str]:
        """The columns that must be there, each with the option that names another."""
        columns = {self.id_column: "id_column", self.to_column: "to_column"}
        return columns | ({self.name_column: "name_column"} if self.name_column else {})

    async def run(self, rows: Source, on_item: OnItem | None = None) -> JobReport:
        """Send a mail for each of *rows*; see `zohocrm_async.jobs.runner.run`."""
        return await run(self, rows, on_item)

    def options(self) -> Mapping[str, Any]:
        """Return the settings as JSON values, without credentials."""
        when = self.scheduled_time
        return {
            "module": self.module,
            "sender": [self.sender.email, self.sender.user_name],
            "subject": self.subject and self.subject.template,
            "content": self.content and self.content.template,
            "id_column": self.id_column,
            "to_column": self.to_column,
            "name_column": self.name_column,
            "template": self.template,
            "attachments": self.attachments,
            "mail_format": self.mail_format and str(self.mail_format),
            "reply_to": self.reply_to and [self.reply_to.email, self.reply_to.user_name],
            "org_email": self.org_email,
            "scheduled_time": when and when.isoformat(timespec="seconds"),
        }

    def order(self, row: Row) -> Order:
        """Return the mail that *row* asks for, or why it is refused."""
        record_id = row.text(self.id_column)
        known = RECORD_ID.fullmatch(record_id)
        item = Item(
            key=record_id if known else f"row {row.position}",
            position=row.position,
            record_id=record_id,
        )
        if row.problem:
            return refused(item, "MALFORMED_ROW", f"the row {row.problem}")
        if not known:
            return refused(item, "INVALID_ID", id_problem(record_id), self.id_column)
        name = row.text(self.name_column) if self.name_column else ""
        to = Address(row.text(self.to_column), name or None)
        if fault := to.problem():
            return refused(item, "INVALID_ADDRESS", fault, self.to_column)
        missing = sorted(self._columns() - row.values.keys())
        if missing:
            sentence = (
                f"the text asks for column {missing[0]!r}, which the row has not; "
                f"write $${missing[0]} if no column is meant"
            )
            return refused(item, "MISSING_COLUMN", sentence, missing[0])
        mail = self._mail(to, row.values)
        if problems := self._problems(mail):
            return refused(item, "INVALID_REQUEST", "; ".join(problems))
        return Order(item, send=partial(self._send, item, mail))

    def taken(self, item: Item, holder: int) -> Item:
        """Return *item* as skipped: row *holder* stands for its record."""
        return evolve(
            item,
            key=f"{item.key} row {item.position}",
            state=ItemState.SKIPPED,
            code="DUPLICATE",
            message=f"row {holder} stands for this record already",
            field=self.id_column,
        )

    async def follow(self, item: Item) -> Item:
        """Return *item*: nothing goes on after a mail was taken."""
        return item

    def _columns(self) -> set[str]:
        texts = (text for text in (self.subject, self.content) if text is not None)
        return {name for text in texts for name in text.columns}

    def _problems(self, mail: Mail) -> tuple[str, ...]:
        return mail.problems(self.module, int(self.crm.version[1:]))

    def _mail(self, to: Address, values: Mapping[str, Any]) -> Mail:
        escape = str if self.mail_format == MailFormat.TEXT else html.escape
        return Mail(
            from_=self.sender,
            to=[to],
            reply_to=self.reply_to,
            subject=None if self.subject is None else self.subject.fill(values, _one_line),
            content=None if self.content is None else self.content.fill(values, escape),
            mail_format=self.mail_format,
            template=Template(self.template) if self.template else None,
            attachments=self.attachments,
            scheduled_time=self.scheduled_time,
            org_email=self.org_email,
        )

    async def _send(self, item: Item, mail: Mail) -> Item:
        sent = await self.crm.mail.send(self.module, item.record_id, mail)
        return evolve(
            item,
            state=ItemState.SCHEDULED if sent.scheduled else ItemState.SENT,
            message_id=sent.message_id,
            message=_blocked(sent),
        )


def refused(item: Item, code: str, message: str, column: str | None = None) -> Order:
    """Return the order of a row that no call is made for."""
    return Order(evolve(item, state=ItemState.REFUSED, code=code, message=message, field=column))


def id_problem(value: str) -> str:
    """Say what is wrong with an id that is none."""
    if not value:
        return "the record's id is empty"
    return f"{value!r} is no record id: ids are digits only, and spreadsheets may round them"


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _blocked(sent: SentMail) -> str | None:
    if not sent.blocked:
        return None
    return "not sent to " + ", ".join(f"{a.email} ({a.reason})" for a in sent.blocked)
