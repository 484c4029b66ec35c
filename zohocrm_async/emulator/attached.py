"""What hangs on records beside their fields: files, links, photos, drafts, e-mails."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from attrs import Factory, define, field, frozen

from zohocrm_async.emulator.books import RecordedMail
from zohocrm_async.emulator.shapes import is_array_of_objects

_FILE_ID = "File_Id__s"

Row = dict[str, Any]
Place = tuple[str, str]
"""A module and the id of a record."""


@frozen
class StoredFile:
    """An uploaded file."""

    id: str
    name: str
    content: bytes = field(repr=False)
    inline: bool = False

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


@frozen
class StoredAttachment:
    """An attachment of a record: what is told of it, and the file unless it is a link."""

    row: Row
    file: StoredFile | None = None


@define(eq=False)
class Attached:
    """Everything that hangs on records."""

    attachments: dict[Place, dict[str, StoredAttachment]] = Factory(
        dict[Place, dict[str, StoredAttachment]]
    )
    photos: dict[Place, StoredFile] = Factory(dict[Place, StoredFile])
    drafts: dict[Place, dict[str, Row]] = Factory(dict[Place, dict[str, Row]])
    associated: dict[Place, list[RecordedMail]] = Factory(dict[Place, list[RecordedMail]])
    """E-mails that went by another way, oldest first."""
    unblocked: Counter[str] = Factory(Counter[str])
    """How often an address was let go again."""
    logo: StoredFile | None = None
    """The organisation's."""
    largest_attachment: int = 100 * 1024 * 1024
    """Bytes."""

    def move_attachments(self, source: Place, target: Place) -> None:
        """Hang on *target* what hung on *source*."""
        moved = self.attachments.pop(source, {})
        for attachment in moved.values():
            attachment.row.update({"$se_module": target[0], "Parent_Id": {"id": target[1]}})
        if moved:
            self.attachments.setdefault(target, {}).update(moved)

    def forget(self, place: Place) -> None:
        """Drop what hangs on a record that is no more."""
        for kept in (self.attachments, self.photos, self.drafts, self.associated):
            kept.pop(place, None)


def with_files(
    row: Mapping[str, Any], files: Mapping[str, StoredFile], new_id: Callable[[], str]
) -> Mapping[str, Any]:
    """Return *row* with an id, a name and a size for each file that a field of it names."""
    if not files:
        return row  # the usual case
    return {name: _with_files(value, files, new_id) for name, value in row.items()}


def _with_files(value: Any, files: Mapping[str, StoredFile], new_id: Callable[[], str]) -> Any:
    if not is_array_of_objects(value) or not any(entry.get(_FILE_ID) in files for entry in value):
        return value
    entries: list[Row] = []
    for entry in value:
        file = files.get(str(entry.get(_FILE_ID)))
        own = {} if file is None else {"File_Name__s": file.name, "Size__s": str(file.size)}
        entries.append({"id": new_id(), **own, **entry})
    return entries
