"""Jobs on many records, which the organisation works on by itself, by the clock.

Assumed, where nothing is documented: a job is scheduled for half of its time and acts when
it ends; one that fails does so after half of the records.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from attrs import Factory, define

from zohocrm_async.emulator.errors import Refusal

Act = Callable[[str], str]
"""Acts on the record of an id; returns what it counts as, such as ``updated``."""


@define(eq=False)
class MassJob:
    """One job."""

    id: str
    kind: str
    module: str
    ids: Sequence[str]
    act: Act
    begins: float
    ends: float
    counts: Counter[str] = Factory(Counter[str])
    end: str | None = None

    def state(self, now: float) -> str:
        """Return the word for where the job stands."""
        if self.end is not None:
            return self.end
        return "SCHEDULED" if now < self.begins else "RUNNING"


@define(eq=False)
class MassJobs:
    """Every such job of an organisation, and the switches of tests."""

    seconds: float = 5.0
    """How long a job takes, by the clock."""
    fail: set[str] = Factory(set[str])
    """Kinds of jobs that fail, such as ``mass_update``."""

    _jobs: dict[str, MassJob] = Factory(dict[str, MassJob])
    _pending: list[MassJob] = Factory(list[MassJob])

    def begin(self, job: MassJob) -> None:
        """Take in a job, which acts when its time is over.

        Raises:
            Refusal: one of its kind is under way in the module.
        """
        if any((each.kind, each.module) == (job.kind, job.module) for each in self._pending):
            raise Refusal(
                "ALREADY_SCHEDULED", "another job of the module is under way", wrapped=True
            )
        self._jobs[job.id] = job
        self._pending.append(job)

    def settle(self, now: float) -> None:
        """Do the work of the jobs whose time is over."""
        over = [job for job in self._pending if job.ends <= now]
        if over:
            self._pending = [job for job in self._pending if job.ends > now]
        for job in over:
            failing = job.kind in self.fail
            ids = job.ids[: len(job.ids) // 2] if failing else job.ids
            job.counts.update(map(job.act, ids))
            job.end = "FAILED" if failing else "COMPLETED"

    def find(self, kind: str, module: str, job_id: str) -> MassJob | None:
        """Return a job, or None."""
        job = self._jobs.get(job_id)
        return job if job and (job.kind, job.module) == (kind, module) else None
