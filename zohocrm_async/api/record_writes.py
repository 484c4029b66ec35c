"""What is written to the records of a module."""

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_async._endpoint import endpoint
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.records import Row
from zohocrm_async.scheduler.prices import more_rows_than, per_rows

_LOOK = "Read the module's records (crm.records.list) by what tells them apart."
_LOOK_DELETED = "Ask for the records (crm.records.get)."
_BESIDE = ("trigger", "lar_id", "apply_feature_execution", "skip_feature_execution")
_EXTERNAL = {"external": "X-EXTERNAL"}
_ROWS: Mapping[str, Any] = {"counts": {"body": (1, 100)}, "cut": "body"}
_Features = Sequence[Mapping[str, str]]


class RecordWrites:
    """Creating, updating and deleting records."""

    @endpoint(
        "POST /{module}",
        key="data",
        price=per_rows(10),
        heavy=more_rows_than(10),
        beside=_BESIDE,
        headers=_EXTERNAL,
        look_at=_LOOK,
        **_ROWS,
    )
    async def create(
        self,
        module: str,
        body: Sequence[Row],
        *,
        trigger: Sequence[str] | None = None,
        lar_id: str | None = None,
        apply_feature_execution: _Features | None = None,
        skip_feature_execution: _Features | None = None,
        external: str | None = None,
    ) -> tuple[Outcome, ...]:
        """Create records; one outcome for each, in order. 1 credit for 10.

        *lar_id* is the assignment rule to apply; with *external*, lookups may hold values
        of that field in place of ids.
        See https://www.zoho.com/crm/developer/docs/api/v7/insert-records.html.
        """
        ...

    @endpoint(
        "PUT /{module}",
        key="data",
        price=per_rows(10),
        heavy=more_rows_than(10),
        beside=_BESIDE,
        headers=_EXTERNAL,
        repeatable=True,
        **_ROWS,
    )
    async def update(
        self,
        module: str,
        body: Sequence[Row],
        *,
        trigger: Sequence[str] | None = None,
        lar_id: str | None = None,
        apply_feature_execution: _Features | None = None,
        skip_feature_execution: _Features | None = None,
        external: str | None = None,
    ) -> tuple[Outcome, ...]:
        """Update records by their ``id``; one outcome for each, in order. 1 credit for 10.

        With *external*, by that field. What is not named stays as it is.
        See https://www.zoho.com/crm/developer/docs/api/v7/update-records.html.
        """
        ...

    @endpoint("PUT /{module}/{id}", key="data", beside=_BESIDE, headers=_EXTERNAL, repeatable=True)
    async def update_one(
        self,
        module: str,
        id: str,
        body: Row,
        *,
        trigger: Sequence[str] | None = None,
        lar_id: str | None = None,
        apply_feature_execution: _Features | None = None,
        skip_feature_execution: _Features | None = None,
        external: str | None = None,
    ) -> Outcome:
        """Update one record. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-records.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    async def update_subform(
        self,
        module: str,
        id: str,
        subform: str,
        rows: Sequence[Row] = (),
        *,
        delete: Sequence[str] = (),
        trigger: Sequence[str] | None = None,
    ) -> Outcome:
        """Change rows of a record's subform by their ``id``, add those without. 1 credit.

        *delete* are the ids of rows to delete; the others stay as they are.
        See https://www.zoho.com/crm/developer/docs/api/v7/update-subforms.html.

        Raises:
            RecordNotFound: no such record, or no such row.
        """
        gone = [{"id": row_id, "_delete": None} for row_id in delete]
        return await self.update_one(module, id, {subform: [*rows, *gone]}, trigger=trigger)

    @endpoint(
        "POST /{module}/upsert",
        key="data",
        price=per_rows(10),
        heavy=more_rows_than(10),
        beside=(*_BESIDE, "duplicate_check_fields"),
        headers=_EXTERNAL,
        look_at=_LOOK,
        **_ROWS,
    )
    async def upsert(
        self,
        module: str,
        body: Sequence[Row],
        *,
        duplicate_check_fields: Sequence[str] | None = None,
        trigger: Sequence[str] | None = None,
        lar_id: str | None = None,
        apply_feature_execution: _Features | None = None,
        skip_feature_execution: _Features | None = None,
        external: str | None = None,
    ) -> tuple[Outcome, ...]:
        """Create or update records; one outcome for each, in order. 1 credit for 10.

        A row updates the record that has its ``id``, or the same value in the first of
        *duplicate_check_fields* that finds one; where none are given, in the module's own
        unique field. ``action`` of an outcome says which it was.
        See https://www.zoho.com/crm/developer/docs/api/v7/upsert-records.html.
        """
        ...

    @endpoint(
        "DELETE /{module}",
        key="data",
        headers=_EXTERNAL,
        look_at=_LOOK_DELETED,
        counts={"ids": (1, 100)},
        cut="ids",
    )
    async def delete(
        self,
        module: str,
        ids: Sequence[str],
        *,
        wf_trigger: bool = True,
        external: str | None = None,
    ) -> tuple[Outcome, ...]:
        """Delete records; one outcome for each, in order. 1 credit for 100.

        They stay in the recycle bin for some time. *wf_trigger* is whether automation runs.
        See https://www.zoho.com/crm/developer/docs/api/v7/delete-records.html.
        """
        ...

    @endpoint("DELETE /{module}/{id}", key="data", headers=_EXTERNAL, look_at=_LOOK_DELETED)
    async def delete_one(
        self, module: str, id: str, *, wf_trigger: bool = True, external: str | None = None
    ) -> Outcome:
        """Delete one record. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-records.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    @endpoint(
        "POST /{module}/{id}/actions/clone",
        key="data",
        beside=("skip_feature_execution",),
        look_at=_LOOK,
    )
    async def clone(
        self,
        module: str,
        id: str,
        body: Row | None = None,
        *,
        skip_feature_execution: _Features | None = None,
    ) -> Outcome:
        """Make a copy of a record, with the values of *body* in place of its own. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/record-clone.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...
