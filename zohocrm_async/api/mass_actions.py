"""One change of many records: by their ids, or of a custom view as a job."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from zohocrm_async._endpoint import Resource, endpoint
from zohocrm_async._polling import job_end
from zohocrm_async.models.common import Outcome, Reference
from zohocrm_async.models.criteria import Criteria
from zohocrm_async.models.jobs import JobStatus
from zohocrm_async.models.mass_actions import TerritoryFilter

_MOST_IDS = 500
_LOOK = "Read a few of the records (crm.records.get)."


def _criteria(value: Any, operation: str) -> Criteria:
    from zohocrm_async._moving.criteria import in_bulk  # noqa: PLC0415  # seldom needed

    return in_bulk(value, operation)


def _listed(value: Any, operation: str) -> list[Criteria]:
    return [_criteria(value, operation)]


class MassUpdate(Resource, family="mass_update"):
    """One field set in many records. Calls take 1 credit."""

    @endpoint(
        "POST /{module}/actions/mass_update",
        key="data",
        beside=("ids", "cvid", "territory", "criteria", "over_write"),
        counts={"ids": (0, _MOST_IDS)},
        cut="ids",
        either=("ids", "cvid"),
        apart=(("ids", "cvid"), ("ids", "territory"), ("ids", "criteria")),
        written={"criteria": _listed},
        look_at=_LOOK,
    )
    async def create(
        self,
        module: str,
        body: Mapping[str, Any],
        *,
        ids: Sequence[str] | None = None,
        cvid: str | None = None,
        territory: TerritoryFilter | None = None,
        criteria: Criteria | None = None,
        over_write: bool | None = None,
    ) -> tuple[Outcome, ...]:
        """Set the values of *body* in records, by *ids*, 500 a call, or of a view as a job.

        One outcome for each id, in order; of a custom view (*cvid*) the only one, whose
        ``job_id`` `status` and `wait` take. A view is narrowed to a *territory*, or by
        *criteria*, which are made by `where`. With ``over_write=False`` records keep a value
        that they have. See
        https://www.zoho.com/crm/developer/docs/api/v7/mass-update-records.html.

        Raises:
            InvalidRequest: both *ids* and *cvid*, or neither.
        """
        ...

    @endpoint("GET /{module}/actions/mass_update", key="data")
    async def status(self, module: str, *, job_id: str) -> JobStatus:
        """Return how far a job of `create` is.

        See https://www.zoho.com/crm/developer/docs/api/v7/mass-update-status.html.

        Raises:
            RecordNotFound: no such job.
        """
        ...

    async def wait(
        self, module: str, job_id: str, *, deadline: float | datetime | None = None
    ) -> JobStatus:
        """Return the counts of a job once it is completed. 1 credit for each look.

        Pauses between looks grow from 2 to 60 seconds. *deadline* is in seconds from now,
        or an aware moment. See
        https://www.zoho.com/crm/developer/docs/api/v7/mass-update-status.html.

        Raises:
            JobFailed: it ended in failure; ``status`` says what was done.
            JobTimedOut: it did not end by the *deadline*; ``status`` says what is done.
        """
        return await _wait(self, "mass_update", module, job_id, deadline)


class MassDelete(Resource, family="mass_delete"):
    """Many records deleted. Calls take 1 credit."""

    @endpoint(
        "POST /{module}/actions/mass_delete",
        key="data",
        beside=("ids", "cvid", "territory"),
        counts={"ids": (0, _MOST_IDS)},
        cut="ids",
        either=("ids", "cvid"),
        apart=(("ids", "cvid"), ("ids", "territory")),
        look_at=_LOOK,
    )
    async def create(
        self,
        module: str,
        *,
        ids: Sequence[str] | None = None,
        cvid: str | None = None,
        territory: TerritoryFilter | None = None,
    ) -> tuple[Outcome, ...]:
        """Delete records by their *ids*, 500 a call, or all of a custom view as a job.

        One outcome for each id, in order; of a custom view the only one, whose ``job_id``
        `status` and `wait` take. See
        https://www.zoho.com/crm/developer/docs/api/v7/mass-delete.html.

        Raises:
            InvalidRequest: both *ids* and *cvid*, or neither.
        """
        ...

    @endpoint("GET /{module}/actions/mass_delete", key="data")
    async def status(self, module: str, *, job_id: str) -> JobStatus:
        """Return how far a job of `create` is.

        See https://www.zoho.com/crm/developer/docs/api/v7/mass-delete-status.html.

        Raises:
            RecordNotFound: no such job.
        """
        ...

    async def wait(
        self, module: str, job_id: str, *, deadline: float | datetime | None = None
    ) -> JobStatus:
        """Return the counts of a job once it is completed, as ``crm.mass_update.wait`` does.

        See https://www.zoho.com/crm/developer/docs/api/v7/mass-delete-status.html.

        Raises:
            JobFailed: it ended in failure; ``status`` says what was done.
            JobTimedOut: it did not end by the *deadline*; ``status`` says what is done.
        """
        return await _wait(self, "mass_delete", module, job_id, deadline)


class MassChangeOwner(Resource, family="mass_change_owner"):
    """The records of a custom view handed to another owner, as a job. Calls take 1 credit."""

    @endpoint(
        "POST /{module}/actions/mass_change_owner",
        key="data",
        beside=("cvid", "owner", "territory", "criteria"),
        written={"criteria": _criteria},
        look_at=_LOOK,
    )
    async def create(
        self,
        module: str,
        cvid: str,
        owner: Reference,
        *,
        territory: TerritoryFilter | None = None,
        criteria: Criteria | None = None,
    ) -> Outcome:
        """Give the records of a custom view to another owner, as a job.

        `status` and `wait` take the ``job_id`` of the outcome. The view is narrowed to a
        *territory*, or by *criteria*, which are made by `where`. See
        https://www.zoho.com/crm/developer/docs/api/v7/mass-change-owner.html.
        """
        ...

    @endpoint("GET /{module}/actions/mass_change_owner", key="data")
    async def status(self, module: str, *, job_id: str) -> JobStatus:
        """Return how far a job of `create` is; it is known for 60 days.

        See https://www.zoho.com/crm/developer/docs/api/v7/mass-change-owner-status.html.

        Raises:
            RecordNotFound: no such job.
        """
        ...

    async def wait(
        self, module: str, job_id: str, *, deadline: float | datetime | None = None
    ) -> JobStatus:
        """Return the counts of a job once it is completed, as ``crm.mass_update.wait`` does.

        See https://www.zoho.com/crm/developer/docs/api/v7/mass-change-owner-status.html.

        Raises:
            JobFailed: it ended in failure; ``status`` says what was done.
            JobTimedOut: it did not end by the *deadline*; ``status`` says what is done.
        """
        return await _wait(self, "mass_change_owner", module, job_id, deadline)


async def _wait(
    family: MassUpdate | MassDelete | MassChangeOwner,
    name: str,
    module: str,
    job_id: str,
    deadline: float | datetime | None,
) -> JobStatus:
    return await job_end(
        lambda: family.status(module, job_id=job_id),
        clock=family.client.clock,
        job_id=job_id,
        operation=f"{name}.wait",
        deadline=deadline,
    )
