"""Merging duplicate records into one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._given import all_given, given, several
from zohocrm_async._polling import poll
from zohocrm_async.exceptions import InvalidRequest, MergeFailed, OutcomeUnknown
from zohocrm_async.models.merge import (
    MergeChild,
    MergeField,
    MergeJobStatus,
    MergeOutcome,
    MergeState,
)

P = TypeVar("P", MergeChild, MergeField)

_MOST_CHILDREN = 2
_DEAL_MODULES = frozenset({"Deals", "Potentials"})
# The service fills these in itself and refuses a call that names them.
_DEAL_FIELDS = frozenset({"Closing_Date", "Stage", "Probability", "Expected_Revenue"})
# Whom a contact reports to works for the contact's account.
_TOGETHER = frozenset({"Account_Name", "Reporting_To"})
_ENDS = frozenset({MergeState.COMPLETED, MergeState.FAILURE})
# A job may be a little late to be listed; one that stays away is gone.
_MOST_UNKNOWN = 3


class Merges(Resource, family="merge"):
    """Merges of up to two records into a master."""

    @endpoint(
        "POST /{module}/{id}/actions/merge",
        key="merge",
        price=50,
        since=6,
        look_at="Ask crm.merge.status without job_id, then for the children: gone means merged.",
    )
    async def _create(self, module: str, id: str, body: Mapping[str, Any]) -> MergeOutcome: ...

    async def create(
        self,
        module: str,
        master_id: str,
        children: Sequence[str | MergeChild],
        *,
        master_fields: Iterable[str | MergeField] = (),
    ) -> MergeOutcome:
        """Merge one or two *children* into the master and delete them. 50 credits.

        A child is an id, or a `MergeChild` with the fields whose values come from it.
        *master_fields* are file and image fields of the master whose files are
        chosen. Children with over 1,000 related records make it a scheduled job:
        follow it with `status`, or call `run` instead.
        See https://www.zoho.com/crm/developer/docs/api/v7/merge-records.html.

        Raises:
            InvalidRequest: the documentation rules the merge out; lists every reason.
            RecordNotFound: the master or a child is not there.
            NotAllowed: a record is locked, in approval, closed, or scheduled already.
            DuplicateData: a record or a field is given twice.
            OutcomeUnknown: the answer was lost; the merge may have been done.
        """
        for name, text in (("module", module), ("master_id", master_id)):
            given(str, text, name, "merge.create")
        own = _parts(MergeField, master_fields, "master_fields")
        gone = _parts(MergeChild, children, "children")
        problems = merge_problems(module, master_id, gone, own)
        if problems:
            raise InvalidRequest(problems, operation="merge.create")
        body: dict[str, Any] = {"data": [child.wire() for child in gone]}
        if own:
            body["master_record_fields"] = [item.wire() for item in own]
        return await self._create(module, master_id, body)

    @endpoint("GET /{module}/{id}/actions/merge", key="merge", since=6)
    async def status(
        self, module: str, id: str, *, job_id: str | None = None
    ) -> tuple[MergeJobStatus, ...]:
        """Return the scheduled merges of a master, or the one with *job_id*. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-merge-status.html.
        """
        ...

    async def run(
        self,
        module: str,
        master_id: str,
        children: Sequence[str | MergeChild],
        *,
        master_fields: Iterable[str | MergeField] = (),
    ) -> MergeOutcome:
        """Merge, and if it was scheduled wait for its end. 50 credits, and 1 for each look.

        Pauses between looks grow from 2 to 60 seconds.

        Raises:
            MergeFailed: the scheduled merge ended in failure.
            InvalidRequest, APIError, OutcomeUnknown: as `create` does.
        """
        outcome = await self.create(module, master_id, children, master_fields=master_fields)
        if outcome.job_id is not None:
            await self.wait(module, master_id, outcome.job_id)
        return outcome

    async def wait(self, module: str, master_id: str, job_id: str) -> None:
        """Return once a scheduled merge is completed. 1 credit for each look.

        Raises:
            MergeFailed: it ended in failure.
            OutcomeUnknown: the service does not know the job (any more).
        """
        unknown = 0

        async def look() -> MergeJobStatus | None:
            nonlocal unknown
            jobs = await self.status(module, master_id, job_id=job_id)
            unknown = 0 if jobs else unknown + 1
            if unknown == _MOST_UNKNOWN:
                raise OutcomeUnknown(
                    f"merge.wait: the service knows no merge job {job_id}.",
                    look_at="Ask for the children (crm.records.get): gone means merged.",
                    path=f"/{module}/{master_id}/actions/merge",
                    operation="merge.wait",
                )
            return jobs[0] if jobs else None

        job = await poll(
            look, done=lambda job: job is not None and job.state in _ENDS, clock=self.client.clock
        )
        if job is not None and job.state == MergeState.FAILURE:
            raise MergeFailed(module=module, master_id=master_id, job_id=job_id, state=job.status)


def _parts(kind: type[P], values: object, name: str) -> tuple[P, ...]:
    """Return *values* as objects: texts name one each, and one text is one of them."""
    listed = (values,) if isinstance(values, str) else several(values, name, "merge.create")
    made = [kind(value) if isinstance(value, str) else value for value in listed]
    return all_given(kind, made, name, "merge.create")


def merge_problems(
    module: str,
    master_id: str,
    children: Sequence[MergeChild],
    master_fields: Sequence[MergeField] = (),
) -> tuple[str, ...]:
    """Say what the documentation rules out, a sentence for each."""
    found: list[str] = []
    if not 1 <= len(children) <= _MOST_CHILDREN:
        found.append(
            f"{len(children)} children given: one call merges one or two into a master; "
            "make a chain of calls for more"
        )
    ids = Counter([master_id, *(child.id for child in children)])
    found += [f"record {id_} is given more than once" for id_, times in ids.items() if times > 1]
    found += ["a record has no id" for id_ in ids if not id_.strip()]
    fields = [*master_fields, *(item for child in children for item in child.fields)]
    names = Counter(item.api_name for item in fields)
    found += [f"field {n} is claimed more than once" for n, times in names.items() if times > 1]
    found += ["a field has no api_name" for name in names if not name.strip()]
    claims = [{item.api_name for item in child.fields} & _TOGETHER for child in children]
    claims.append({item.api_name for item in master_fields} & _TOGETHER)
    if sum(map(bool, claims)) > 1 or {"Reporting_To"} in claims[:-1]:
        found.append("Account_Name and Reporting_To come from one record: choose both from it")
    if module in _DEAL_MODULES:
        found += [
            f"field {name} of a deal is set by the service and may not be chosen"
            for name in names
            if name in _DEAL_FIELDS
        ]
    return tuple(found)
