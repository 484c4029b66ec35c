"""What a job's runs were told beside its options: noted in the journal, read by all workers."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from attrs import asdict, evolve, frozen

from zohocrm_async._client import ZohoCRM
from zohocrm_async.jobs.job import GRACE, Course, JobNotes, Losses, Terms
from zohocrm_async.jobs.journal import JournalHead
from zohocrm_async.jobs.mail import MailJob
from zohocrm_async.jobs.merge import MergeJob
from zohocrm_async.jobs.progress import Watchers
from zohocrm_async.jobs.uploads import uploads_of
from zohocrm_async.options import Priority

KINDS: Mapping[str, type[MailJob] | type[MergeJob]] = {"mail": MailJob, "merge": MergeJob}
_NOTE, _WAITING = "settings", "waiting"


@frozen(kw_only=True)
class RunSettings:
    """What may differ from run to run of a job."""

    priority: Priority = Priority.BULK
    max_wait: float | None = None
    wait_for_next_day: bool = True
    resend_absent: bool = False
    grace: float = GRACE

    @classmethod
    def of(cls, terms: Terms, **course: Any) -> "RunSettings":
        """Return those of a job with *terms*."""
        return cls(
            priority=terms.priority,
            max_wait=terms.max_wait,
            wait_for_next_day=terms.wait_for_next_day,
            **course,
        )

    @classmethod
    async def noted(cls, journal: JobNotes) -> "RunSettings":
        """Return those that the last run was told."""
        known: dict[str, Any] = orjson.loads(await journal.noted(_NOTE) or "{}")
        if "priority" in known:
            known["priority"] = Priority(known["priority"])
        return cls(**known)

    async def note(self, journal: JobNotes) -> None:
        """Tell all workers of the job."""
        await journal.note(_NOTE, orjson.dumps(asdict(self)).decode())

    def again(self, **changes: Any) -> "RunSettings":
        """Return those of a further run: patience and priority as they were."""
        return evolve(self, **changes)

    def course(self, watchers: Watchers, losses: Losses) -> Course:
        """Return how a run goes."""
        return Course(
            resend_absent=self.resend_absent, grace=self.grace, watchers=watchers, losses=losses
        )


async def job_of(
    crm: ZohoCRM, journal: JobNotes, name: str, head: JournalHead, settings: RunSettings
) -> MailJob | MergeJob:
    """Make the job of *journal* for a worker, which has none of the files to attach."""
    options = dict(head.options)
    if options.get("files"):
        uploads = await uploads_of(journal)
        options |= {"files": [], "attachments": [*options["attachments"], *uploads]}
    given: dict[str, Any] = {"priority": settings.priority, "max_wait": settings.max_wait}
    if head.kind == "mail":
        given["wait_for_next_day"] = settings.wait_for_next_day
    kind = KINDS[head.kind]
    return kind.from_head(crm, Path(name), evolve(head, options=options), **given)


@frozen
class Wait:
    """A worker waits, and most likely the others as well."""

    until: datetime
    why: str

    async def note(self, journal: JobNotes) -> None:
        """Tell those who watch the job."""
        said = {"until": self.until.isoformat(), "why": self.why}
        await journal.note(_WAITING, orjson.dumps(said).decode())

    @staticmethod
    async def noted(journal: JobNotes, now: datetime) -> "Wait | None":
        """Return what is waited for, unless the time has come."""
        said: dict[str, str] = orjson.loads(await journal.noted(_WAITING) or "{}")
        if not said:
            return None
        until = datetime.fromisoformat(said["until"])
        return Wait(until, said["why"]) if until > now else None

    @staticmethod
    async def end(journal: JobNotes) -> None:
        """Take it back."""
        await journal.note(_WAITING, "{}")
