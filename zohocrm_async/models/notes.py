"""Notes of records.

See https://www.zoho.com/crm/developer/docs/api/v7/create-notes.html.
"""

from datetime import datetime

from attrs import field, frozen

from zohocrm_async.models.common import ModuleReference, Reference


@frozen
class NoteParent:
    """The record that a note belongs to."""

    module: ModuleReference
    id: str
    name: str | None = None


@frozen(kw_only=True)
class NewNote:
    """A note to create."""

    content: str = field(metadata={"wire": "Note_Content"})
    title: str | None = field(default=None, metadata={"wire": "Note_Title"})
    """Up to 120 characters."""
    parent: NoteParent | None = field(default=None, metadata={"wire": "Parent_Id"})
    """Needed by ``crm.notes.create``; ``crm.notes.add`` names the record itself."""


@frozen
class Note:
    """A note of a record."""

    id: str
    title: str | None = field(default=None, metadata={"wire": "Note_Title"})
    content: str | None = field(default=None, metadata={"wire": "Note_Content"})
    parent: NoteParent | None = field(default=None, metadata={"wire": "Parent_Id"})
    owner: Reference | None = field(default=None, metadata={"wire": "Owner"})
    created_by: Reference | None = field(default=None, metadata={"wire": "Created_By"})
    created_time: datetime | None = field(default=None, metadata={"wire": "Created_Time"})
    modified_by: Reference | None = field(default=None, metadata={"wire": "Modified_By"})
    modified_time: datetime | None = field(default=None, metadata={"wire": "Modified_Time"})
