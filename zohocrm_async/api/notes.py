"""Notes of records."""

from collections.abc import Mapping, Sequence
from typing import Any

from zohocrm_async._converter import unstructure
from zohocrm_async._endpoint import Caller, Resource, endpoint
from zohocrm_async._given import all_given
from zohocrm_async._pages import Pager
from zohocrm_async.api.records import Records
from zohocrm_async.api.related_records import RelatedRecords
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models.common import Outcome
from zohocrm_async.models.notes import NewNote, Note

_NOTES = "Notes"


class Notes(Resource, family="notes"):
    """Notes: records of the module Notes, each of which belongs to another record."""

    def __init__(self, client: Caller) -> None:
        super().__init__(client)
        self._records = Records(client)
        self._related = RelatedRecords(client)

    def list(
        self,
        *,
        ids: Sequence[str] | None = None,
        sort_by: str | None = None,
        sort_order: str | None = None,
    ) -> Pager[Note]:
        """List the notes of all records, 200 a page. 1 credit a page.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-notes.html.
        """
        return self._records.list(
            _NOTES, ids=ids, sort_by=sort_by, sort_order=sort_order, into=Note
        )

    def of(
        self, module: str, id: str, *, sort_by: str | None = None, sort_order: str | None = None
    ) -> Pager[Note]:
        """List the notes of one record, 200 a page. 1 credit a page.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-notes.html.

        Raises:
            RecordNotFound: no such record.
        """
        return self._related.list(
            module, id, _NOTES, sort_by=sort_by, sort_order=sort_order, into=Note
        )

    async def get(self, id: str) -> Note:
        """Return one note. 1 credit.

        See https://www.zoho.com/crm/developer/docs/api/v7/get-notes.html.

        Raises:
            RecordNotFound: no such note.
        """
        return await self._records.get(_NOTES, id, into=Note)

    async def create(self, notes: Sequence[NewNote]) -> tuple[Outcome, ...]:
        """Create notes, each with its ``parent``; one outcome for each. 1 credit for 10.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-notes.html.

        Raises:
            InvalidRequest: a note has no parent.
        """
        notes = all_given(NewNote, notes, "notes", "notes.create")
        lost = tuple(
            f"note {place} has no parent: name its record, or use crm.notes.add"
            for place, note in enumerate(notes)
            if note.parent is None
        )
        if lost:
            raise InvalidRequest(lost, operation="notes.create")
        return await self._records.create(_NOTES, [_row(note) for note in notes])

    @endpoint(
        "POST /{module}/{id}/Notes",
        key="data",
        counts={"body": (1, 100)},
        cut="body",
        look_at="List the notes of the record (crm.notes.of).",
    )
    async def add(self, module: str, id: str, body: Sequence[NewNote]) -> tuple[Outcome, ...]:
        """Add notes to one record; one outcome for each, in order. 1 credit for 100.

        See https://www.zoho.com/crm/developer/docs/api/v7/create-notes.html.

        Raises:
            RecordNotFound: no such record.
        """
        ...

    async def update(self, body: Sequence[Mapping[str, Any]]) -> tuple[Outcome, ...]:
        """Change notes by their ``id``: ``Note_Title``, ``Note_Content``. 1 credit for 10.

        See https://www.zoho.com/crm/developer/docs/api/v7/update-notes.html.
        """
        return await self._records.update(_NOTES, body)

    async def delete(self, ids: Sequence[str]) -> tuple[Outcome, ...]:
        """Delete notes; one outcome for each, in order. 1 credit for 100.

        See https://www.zoho.com/crm/developer/docs/api/v7/delete-notes.html.
        """
        return await self._records.delete(_NOTES, ids)


def _row(note: NewNote) -> Mapping[str, Any]:
    row: Mapping[str, Any] = unstructure(note)
    return row
