"""Merging of duplicate records.

See https://www.zoho.com/crm/developer/docs/api/v7/merge-records.html.
"""

from collections.abc import Iterable
from types import EllipsisType
from typing import Any

from attrs import field, frozen

from zohocrm_async.models.common import Word


@frozen
class MergeField:
    """A field whose value goes into the merged record.

    For file and image fields *files* chooses: ids keep just these files, None
    drops all of them. Left out, the field goes by its name alone.
    """

    api_name: str
    files: Iterable[str] | EllipsisType | None = ...

    def wire(self) -> dict[str, Any]:
        """Return the JSON object of the request."""
        if isinstance(self.files, EllipsisType):
            return {"api_name": self.api_name}
        ids = None if self.files is None else [{"id": file} for file in self.files]
        return {"api_name": self.api_name, "_data": ids}


def merge_fields(values: Iterable[str | MergeField]) -> tuple[MergeField, ...]:
    """Return the fields, names made into objects; one text is one field."""
    given = (values,) if isinstance(values, str) else values
    return tuple(MergeField(value) if isinstance(value, str) else value for value in given)


@frozen
class MergeChild:
    """A record that is merged into the master and then deleted.

    *fields* are those whose values come from it: names, or `MergeField` objects
    where files are chosen. With none, the master keeps all of its own.
    """

    id: str = field(converter=str)
    fields: tuple[MergeField, ...] = field(default=(), converter=merge_fields)

    def wire(self) -> dict[str, Any]:
        """Return the JSON object of the request."""
        return {"id": self.id, "_fields": [item.wire() for item in self.fields]}


@frozen
class MergeOutcome:
    """The answer to a merge: done, or scheduled as a job."""

    code: str
    message: str = ""
    id: str | None = field(default=None, metadata={"wire": "details.id"})
    """The master's id, of a merge that is done."""
    job_id: str | None = field(default=None, metadata={"wire": "details.job_id"})
    """The job, of a scheduled merge."""

    @property
    def scheduled(self) -> bool:
        """Whether the merge goes on as a job: a child has over 1,000 related records."""
        return self.code.upper() == "SCHEDULED"


class MergeState(Word):
    """Where a scheduled merge stands."""

    SCHEDULED = "SCHEDULED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILURE = "FAILURE"


@frozen
class MergeJobStatus:
    """A scheduled merge.

    Its state is compared without regard to case: pages and schemas spell it differently.
    """

    job_id: str
    status: str = ""

    @property
    def state(self) -> MergeState:
        """The state, in the words of `MergeState`."""
        word = self.status.upper()
        return MergeState.FAILURE if word.startswith("FAIL") else MergeState(word)
