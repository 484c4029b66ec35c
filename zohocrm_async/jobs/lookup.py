"""Looking for a mail whose answer was lost among the e-mails of its record."""

import re
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import orjson
from attrs import evolve, frozen

from zohocrm_async._client import ZohoCRM
from zohocrm_async.exceptions import RecordNotFound
from zohocrm_async.jobs.items import ABSENT, Item, ItemState
from zohocrm_async.jobs.job import JobNotes
from zohocrm_async.models.mail import Email, EmailType, Mail

# The service's clock may be behind ours, and its times have no fractions.
_SKEW = timedelta(minutes=2)
# How long after its answer was lost, or its time had come, a mail may still go out.
_LATE = timedelta(minutes=15)
# Ten e-mails each, 1 credit: whoever has more of them cannot be looked through.
_MOST_PAGES = 50
# What the service puts in place of it is its own affair.
_PLACEHOLDER = re.compile(r"\$\{.*?\}")
_LISTED = (EmailType.SENT_FROM_CRM, EmailType.SCHEDULED_IN_CRM)


def trace_of(mail: Mail) -> str:
    """Return what tells *mail* from the other e-mails of its record."""
    recipients = sorted(address.email.lower() for address in mail.to)
    return orjson.dumps([mail.subject, recipients]).decode()


@frozen
class Sought:
    """A mail that may have gone out: how it looks, and when that can have been."""

    subject: tuple[str, ...] | None
    """What is literal in it, piece by piece; None where a template gives it: any is as good."""
    recipients: tuple[str, ...]
    windows: tuple[tuple[datetime, datetime], ...]

    @classmethod
    def of(cls, item: Item, scheduled_at: datetime | None) -> "Sought | None":
        """Return what *item* is known by, or None if its journal does not say."""
        if item.trace is None or item.began_at is None:
            return None
        subject, recipients = orjson.loads(item.trace)
        windows = [(item.began_at - _SKEW, (item.updated_at or item.began_at) + _LATE)]
        if scheduled_at is not None:
            windows.append((scheduled_at - _SKEW, scheduled_at + _LATE))
        return cls(
            subject=None if subject is None else _literal(subject),
            recipients=tuple(recipients),
            windows=tuple(windows),
        )

    def is_it(self, email: Email) -> bool:
        """Whether *email* looks like it."""
        to = tuple(sorted((address.email or "").lower() for address in email.to))
        time = email.time
        if to != self.recipients or time is None:
            return False
        if not any(since <= time <= until for since, until in self.windows):
            return False
        return self.subject is None or _is_made_of(self.subject, _plain(email.subject or ""))


class MailLookUp:
    """Finds the mails of one run; no e-mail is taken for two items."""

    def __init__(
        self, crm: ZohoCRM, module: str, journal: JobNotes, scheduled_at: datetime | None
    ) -> None:
        self._crm = crm
        self._module = module
        self._journal = journal
        self._scheduled_at = scheduled_at
        self._found: set[str] = set()

    async def look_up(self, item: Item) -> Item:
        """Return *item* as the e-mails of its record show it.

        Raises:
            ZohoCRMError: they cannot be read now, or never by these credentials.
        """
        sought = Sought.of(item, self._scheduled_at)
        if sought is None:
            return item
        try:
            likely = [mail async for mail in self._emails(item.record_id) if sought.is_it(mail)]
        except RecordNotFound:
            return evolve(item, message="the record is not there (any more), nor are its e-mails")
        except _TooMany:
            return evolve(item, message="the record has too many e-mails to look through")
        free = [mail for mail in likely if not await self._is_held(mail, item)]
        # Other look-ups went on meanwhile, and may have found one of them theirs.
        mine = [mail for mail in free if mail.message_id not in self._found]
        if not mine:
            message = "the service has no such e-mail, so it certainly did not go out"
            return evolve(item, state=ItemState.UNKNOWN, code=ABSENT, message=message)
        if len(mine) > 1 and sought.subject is None:
            return evolve(item, message=f"each of {len(mine)} e-mails of the record could be it")
        return self._done(item, mine[0])

    def _done(self, item: Item, email: Email) -> Item:
        self._found.add(email.message_id)
        state = ItemState.SCHEDULED if email.sent is False else ItemState.SENT
        message = "the answer was lost, and the e-mail was found at its record"
        return evolve(item, state=state, message_id=email.message_id, code=None, message=message)

    async def _is_held(self, email: Email, item: Item) -> bool:
        """Whether the journal has *email* for another item."""
        return await self._journal.holder(email.message_id) not in {None, item.position}

    async def _emails(self, record_id: str) -> AsyncIterator[Email]:
        """Yield the e-mails of a record, sent and scheduled."""
        # The order of the list is not documented, so none of it can be left unread.
        for kind in _LISTED:
            pages = 0
            async for page in self._crm.mail.list(self._module, record_id, type=kind).pages():
                pages += 1
                if pages > _MOST_PAGES:
                    raise _TooMany
                for email in page.items:
                    yield email


class _TooMany(Exception):
    """A record has more e-mails than anyone would read."""


def _plain(subject: str) -> str:
    return " ".join(subject.split())


def _literal(subject: str) -> tuple[str, ...]:
    """Return what stands around the placeholders of *subject*."""
    # Without blanks at its ends: what the service has no value for leaves none of them.
    return tuple(map(str.strip, _PLACEHOLDER.split(_plain(subject))))


def _is_made_of(pieces: Sequence[str], subject: str) -> bool:
    """Whether *subject* is the *pieces* in their order, with anything between two of them.

    Each is looked for once, behind the one before: whatever a subject holds, and it is
    others who write it, the time goes by its length.
    """
    first, *middle = pieces
    if not middle:
        return subject == first
    last = middle.pop()
    at = len(first)
    for piece in middle:
        found = subject.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return subject.startswith(first) and subject.endswith(last) and at + len(last) <= len(subject)
