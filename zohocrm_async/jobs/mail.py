"""A mail for each row of a file, and none twice."""

import contextlib
import hashlib
import html
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

import orjson
from attrs import Factory, evolve, field, frozen

from zohocrm_async._client import ZohoCRM
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.jobs import estimate
from zohocrm_async.jobs.durable import DurableJob
from zohocrm_async.jobs.estimate import JobPlan
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.job import JobNotes, Order, Record, Terms
from zohocrm_async.jobs.journal import JournalHead
from zohocrm_async.jobs.lookup import MailLookUp, trace_of
from zohocrm_async.jobs.refusals import RECORD_ID, Fault, id_problem, refused
from zohocrm_async.jobs.rows import Row, Source
from zohocrm_async.jobs.texts import Text, one_line, text
from zohocrm_async.jobs.uploads import uploaded
from zohocrm_async.models.mail import Address, Mail, MailFormat, SentMail, Template
from zohocrm_async.options import Priority

WHOLE_ROW = "*"
"""The key column that stands for all columns together."""


def _address(value: str | Address) -> Address:
    return Address(value) if isinstance(value, str) else value


def _optional_address(value: str | Address | None) -> Address | None:
    return None if value is None else _address(value)


def _format(value: str | None) -> MailFormat | None:
    return None if value is None else MailFormat(value)


def _ids(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(values)


def _paths(values: Iterable[str | Path]) -> tuple[Path, ...]:
    return tuple(map(Path, values))


def _named(job: "MailJob") -> frozenset[str]:
    """Return the columns that the texts of *job* ask for."""
    texts = (text for text in (job.subject, job.content) if text is not None)
    return frozenset(name for text in texts for name in text.columns)


@frozen
class MailJob(DurableJob):
    """One mail from the record of each row.

    *subject* and *content* are texts with columns in them: ``$First_Name``,
    ``${Company Name}``, ``$$`` for a dollar sign before a letter. In HTML the
    values are escaped.

    Args:
        crm: the organisation.
        journal: where the journal is, or is made by `run`; the name of the job, where
            `zohocrm_async.taskiq.Jobs` start it.
        module: the records' module.
        sender: one of the allowed from addresses.
        subject: of each mail; None takes the template's.
        content: of each mail; None takes the template's.
        id_column: the column of the record's id.
        to_column: the column of the recipient's address.
        name_column: the column of the recipient's name, if any.
        key_column: the column that tells rows apart, so that rows of the same value
            are one mail; `WHOLE_ROW` takes all columns; None: the record's id, one
            mail for each record.
        template: the id of an e-mail template of the CRM.
        attachments: ids of uploaded files, for all mails.
        files: files to attach to all mails; uploaded once, by the first run.
        mail_format: ``html`` (the service's default) or ``text``.
        reply_to: where answers go.
        org_email: True sends through Zoho's server.
        scheduled_time: when the mails go out (aware).
        budget: the most credits that a run spends; a mail costs 20.
        priority: how the calls queue.
        max_wait: seconds that the job waits for credits before it stops; None: no end.
        wait_for_next_day: whether it waits for the organisation's next day once the
            mails of a day are spent; else it stops.

    Raises:
        InvalidRequest: no mail of this job could be sent; lists every reason.
    """

    crm: ZohoCRM = field(repr=False)
    journal: Path = field(kw_only=True, converter=Path)
    module: str = field(kw_only=True)
    sender: Address = field(kw_only=True, converter=_address)
    subject: Text | None = field(kw_only=True, default=None, converter=text)
    content: Text | None = field(kw_only=True, default=None, converter=text)
    id_column: str = field(kw_only=True, default="id")
    to_column: str = field(kw_only=True, default="Email")
    name_column: str | None = field(kw_only=True, default=None)
    key_column: str | None = field(kw_only=True, default=None)
    template: str | None = field(kw_only=True, default=None)
    attachments: tuple[str, ...] = field(kw_only=True, default=(), converter=_ids)
    files: tuple[Path, ...] = field(kw_only=True, default=(), converter=_paths)
    mail_format: MailFormat | None = field(kw_only=True, default=None, converter=_format)
    reply_to: Address | None = field(kw_only=True, default=None, converter=_optional_address)
    org_email: bool | None = field(kw_only=True, default=None)
    scheduled_time: datetime | None = field(kw_only=True, default=None)
    budget: int | None = field(kw_only=True, default=None)
    priority: Priority = field(kw_only=True, default=Priority.BULK)
    max_wait: float | None = field(kw_only=True, default=None)
    wait_for_next_day: bool = field(kw_only=True, default=True)
    _columns: frozenset[str] = field(
        init=False, repr=False, default=Factory(_named, takes_self=True)
    )
    _look_up: MailLookUp | None = field(
        kw_only=True, default=None, alias="_look_up", repr=False, eq=False
    )

    def __attrs_post_init__(self) -> None:
        mail = self._mail(Address("a@b.example"), {})
        # Each file becomes an attachment once it is uploaded.
        mail = evolve(mail, attachments=(*self.attachments, *map(str, self.files)))
        problems = list(self._problems(mail))
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
            wait_for_next_day=self.wait_for_next_day,
        )

    @property
    def needed(self) -> Mapping[str, str]:
        """The columns that must be there, each with the option that names another, if any."""
        columns = dict.fromkeys(sorted(self._columns), "")
        columns |= {self.id_column: "id_column", self.to_column: "to_column"}
        if self.name_column:
            columns[self.name_column] = "name_column"
        if self.key_column not in {None, WHOLE_ROW}:
            columns[str(self.key_column)] = "key_column"
        return columns

    @classmethod
    def from_head(cls, crm: ZohoCRM, journal: Path, head: JournalHead, **settings: Any) -> Self:
        """Make the job that *journal*, whose head is *head*, was begun with.

        *settings* are those that may differ from run to run, such as *budget*.
        """
        given = dict(head.options)
        given["sender"] = Address(*given["sender"])
        given["reply_to"] = given["reply_to"] and Address(*given["reply_to"])
        when = given["scheduled_time"]
        given["scheduled_time"] = when and datetime.fromisoformat(when)
        return cls(crm, journal=journal, **given, **settings)

    async def plan(
        self, rows: Source, *, seconds_per_call: float = estimate.SECONDS_PER_CALL
    ) -> JobPlan:
        """Return what a run over *rows* would do and cost; nothing is sent."""
        uploads = 1 if self.files else 0
        return await estimate.plan(self, rows, seconds_per_call=seconds_per_call, uploads=uploads)

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
            "key_column": self.key_column,
            "template": self.template,
            "attachments": self.attachments,
            "files": [str(path) for path in self.files],
            "mail_format": self.mail_format and str(self.mail_format),
            "reply_to": self.reply_to and [self.reply_to.email, self.reply_to.user_name],
            "org_email": self.org_email,
            "scheduled_time": when and when.isoformat(timespec="seconds"),
        }

    @contextlib.asynccontextmanager
    async def opened(self, journal: JobNotes) -> AsyncGenerator["MailJob", None]:
        """Upload the files, unless an earlier run has, and give the job to go on with."""
        ids = await uploaded(self.crm, journal, self.files)
        look_up = MailLookUp(self.crm, self.module, journal, self.scheduled_time)
        attachments = (*self.attachments, *ids)
        yield evolve(self, attachments=attachments, files=(), _look_up=look_up)

    def arrange(self, rows: AsyncIterator[Row]) -> AsyncIterator[Row]:
        """Return *rows*: each is a mail by itself."""
        return rows

    def order(self, row: Row) -> Order:
        """Return the mail that *row* asks for, or why it is refused."""
        record_id = row.text(self.id_column)
        fault = self._misread(row, record_id)
        key = "" if fault else self._key(row, record_id)
        found = fault or self._judged(row, key)
        if isinstance(found, Mail):
            # Once, with its trace: to make an item takes longer than to look at the row.
            item = Item(key=key, position=row.position, record_id=record_id, trace=trace_of(found))
            return Order(item, carry=partial(self._send, found))
        item = Item(key=key or f"row {row.position}", position=row.position, record_id=record_id)
        return refused(item, *found)

    def _misread(self, row: Row, record_id: str) -> Fault | None:
        """Say why it cannot be told which record's mail *row* is."""
        if row.problem:
            return ("MALFORMED_ROW", f"the row {row.problem}", None)
        if not RECORD_ID.fullmatch(record_id):
            return ("INVALID_ID", id_problem(record_id), self.id_column)
        return None

    def _judged(self, row: Row, key: str) -> Mail | Fault:
        """Return the mail that *row* asks for, or what is wrong with it."""
        if not key:
            return ("INVALID_KEY", "the key is empty", self.key_column)
        name = row.text(self.name_column) if self.name_column else ""
        to = Address(row.text(self.to_column), name or None)
        if fault := to.problem():
            return ("INVALID_ADDRESS", fault, self.to_column)
        missing = self._columns.difference(row.values)
        if missing:
            name = min(missing)
            sentence = (
                f"the text asks for column {name!r}, which the row has not; "
                f"write $${name} if no column is meant"
            )
            return ("MISSING_COLUMN", sentence, name)
        mail = self._mail(to, row.values)
        # All else is the same in every row, and was judged when the job was made.
        if problems := tuple(mail.size_problems()):
            return ("INVALID_REQUEST", "; ".join(problems), None)
        return mail

    def taken(self, item: Item, holder: Item) -> Item:
        """Return *item* as skipped: *holder* stands for its record."""
        what = "this record" if self.key_column is None else "this key"
        return evolve(
            item,
            key=f"{item.key} row {item.position}",
            state=ItemState.SKIPPED,
            code="DUPLICATE",
            message=f"row {holder.position} stands for {what} already",
            field=self.id_column if self.key_column is None else self.key_column,
        )

    async def look_up(self, item: Item) -> Item:
        """Return *item* as the e-mails of its record show it."""
        return item if self._look_up is None else await self._look_up.look_up(item)

    def _key(self, row: Row, record_id: str) -> str:
        if self.key_column is None:
            return record_id
        if self.key_column != WHOLE_ROW:
            return row.text(self.key_column)
        cells = {str(name): row.text(name) for name in row.values}
        return hashlib.sha256(orjson.dumps(cells, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]

    def _problems(self, mail: Mail) -> tuple[str, ...]:
        return mail.problems(self.module, int(self.crm.version[1:]))

    def _mail(self, to: Address, values: Mapping[str, Any]) -> Mail:
        escape = str if self.mail_format == MailFormat.TEXT else html.escape
        return Mail(
            from_=self.sender,
            to=[to],
            reply_to=self.reply_to,
            subject=None if self.subject is None else self.subject.fill(values, one_line),
            content=None if self.content is None else self.content.fill(values, escape),
            mail_format=self.mail_format,
            template=Template(self.template) if self.template else None,
            attachments=self.attachments,
            scheduled_time=self.scheduled_time,
            org_email=self.org_email,
        )

    async def _send(self, mail: Mail, item: Item, record: Record) -> Item:
        del record  # one call, and its item is on disk already
        sent = await self.crm.mail.send(self.module, item.record_id, mail)
        state = ItemState.SCHEDULED if sent.scheduled else ItemState.SENT
        return item.became(state, message_id=sent.message_id, message=_blocked(sent))


def _blocked(sent: SentMail) -> str | None:
    if not sent.blocked:
        return None
    return "not sent to " + ", ".join(f"{a.email} ({a.reason})" for a in sent.blocked)
