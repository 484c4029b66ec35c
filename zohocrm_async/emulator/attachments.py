"""Attachments of records, the files in their fields, and uploaded files.

Assumed, where nothing is documented: a link may hang on a record once, and a record may
have any number of attachments.
"""

import mimetypes
from collections.abc import Mapping
from typing import Any

from zohocrm_async.emulator.attached import StoredAttachment, StoredFile
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import (
    Refusal,
    Reply,
    SentFile,
    outcome,
    outcomes,
    success_item,
)
from zohocrm_async.emulator.fields import needed_field
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.queries import page_of
from zohocrm_async.emulator.record_reads import ids_of
from zohocrm_async.emulator.requests import Incoming, UploadedPart
from zohocrm_async.emulator.rows import objects, unknown_id, unknown_item
from zohocrm_async.emulator.shapes import is_array
from zohocrm_async.emulator.state import Row, State

_MOST_FIELDS = 50
_RELATED = 3


def sent(file: StoredFile) -> Reply:
    """Return a stored file as an answer."""
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Reply(None, file=SentFile(file.content, file.name, kind))


def record_of(state: State, incoming: Incoming) -> Row:
    """Return the record that the path names.

    Raises:
        Refusal: there is no such module or record.
    """
    record = state.find(incoming.module, incoming.id)
    if record is None:
        raise unknown_id(1)
    return record


def one_file(state: State, incoming: Incoming, *, largest: int, status: int) -> StoredFile:
    """Return the only file of a form.

    Raises:
        Refusal: there is none, more than one, or one that is too large.
    """
    parts = _parts(incoming)
    for part in parts:
        if part.field != "file" or not part.name:
            raise Refusal("INVALID_DATA", "the form holds more than a file", api_name=part.field)
    if len(parts) != 1 or not parts[0].size:
        wrong = "no file" if not parts or len(parts) == 1 else "more than one file"
        raise Refusal("INVALID_DATA", f"the request contains {wrong}", api_name="file")
    [part] = parts
    if part.size > largest:
        raise Refusal(
            "FILE_SIZE_MORE_THAN_ALLOWED_SIZE", "the file is too large", status=status, size=largest
        )
    return StoredFile(state.new_digest("file"), part.name or "", part.content)


def _parts(incoming: Incoming) -> list[UploadedPart]:
    """Return the parts of a form; none of any other body."""
    body: Any = incoming.call.body
    return [part for part in (body if is_array(body) else []) if isinstance(part, UploadedPart)]


# --- attachments


def _kept(state: State, incoming: Incoming) -> dict[str, StoredAttachment]:
    place = state.module_name(incoming.module), record_of(state, incoming)["id"]
    return state.attached.attachments.setdefault(place, {})


def _list(state: State, incoming: Incoming, _: Declared) -> Reply:
    names = [name for name in incoming.query["fields"].split(",") if name]
    if len(names) > _MOST_FIELDS:
        raise Refusal(
            "LIMIT_EXCEEDED", "too many fields", param_name="fields", maximum_length=_MOST_FIELDS
        )
    rows = [attachment.row for attachment in _kept(state, incoming).values()]
    if "ids" in incoming.query:
        wanted = incoming.query["ids"].split(",")
        rows = [row for row in rows if row["id"] in wanted]
    page, info = page_of(rows, incoming, state.clock.now().timestamp())
    if not page:
        return Reply(None, 204)
    shown = [
        {name: row[name] for name in row if name in names or name == "id" or name[0] == "$"}
        for row in page
    ]
    return Reply({incoming.key: shown, "info": info})


def _upload(state: State, incoming: Incoming, _: Declared) -> Reply:
    kept = _kept(state, incoming)
    record = record_of(state, incoming)
    texts, has_file = _texts(incoming)
    url = texts.get("attachmentUrl")
    if url is not None and has_file:
        raise Refusal("INVALID_DATA", "a call attaches a file or a link, not both", api_name="file")
    if url is None:
        largest = state.attached.largest_attachment
        file = one_file(state, incoming, largest=largest, status=413)
        row = _row(state, incoming, record, File_Name=file.name, Size=str(file.size))
        row.update({"$type": "Attachment", "$file_id": file.id, "$link_url": None})
        attachment = StoredAttachment(row, file)
    else:
        _check_link(url, kept)
        title = texts.get("title") or incoming.query.get("title") or url
        row = _row(state, incoming, record, File_Name=title, Size="0")
        row.update({"$type": "Link URL", "$file_id": None, "$link_url": url})
        attachment = StoredAttachment(row)
    kept[row["id"]] = attachment
    told = ("id", "Created_Time", "Modified_Time", "Created_By", "Modified_By")
    item = success_item("attachment uploaded successfully", **{name: row[name] for name in told})
    return outcome(incoming.key, item)


def _texts(incoming: Incoming) -> tuple[dict[str, str], bool]:
    """Return the texts of the form, and whether it holds a file beside them."""
    texts: dict[str, str] = {}
    has_file = False
    for part in _parts(incoming):
        if part.name is None and part.field in {"attachmentUrl", "title"}:
            texts[part.field] = part.content.decode("utf-8", "replace")
        else:
            has_file = True
    return texts, has_file


def _check_link(url: str, kept: Mapping[str, StoredAttachment]) -> None:
    if not url.lower().startswith(("http://", "https://")):
        raise Refusal("INVALID_DATA", "the URL is none", api_name="attachmentUrl")
    if any(attachment.row["$link_url"] == url for attachment in kept.values()):
        raise Refusal("INVALID_DATA", "the URL is attached already", api_name="attachmentUrl")


def _row(state: State, incoming: Incoming, record: Row, **fields: Any) -> Row:
    now = state.local_now().isoformat()
    module = state.module_name(incoming.module)
    return {
        "id": state.new_id(),
        "Owner": state.owner,
        "Parent_Id": {"id": record["id"], "name": record.get(needed_field(module))},
        "Created_Time": now,
        "Created_By": state.owner,
        "Modified_Time": now,
        "Modified_By": state.owner,
        "$se_module": module,
        "$editable": True,
        "$state": "save",
        "$sharing_permission": "full_access",
        **fields,
    }


def _download(state: State, incoming: Incoming, _: Declared) -> Reply:
    attachment = _kept(state, incoming).get(incoming.params["attachment_id"])
    if attachment is None:
        return Reply(None, 204)
    if attachment.file is None:
        raise Refusal("DOWNLOAD_NOT_ALLOWED", "it is a link, which cannot be downloaded")
    return sent(attachment.file)


def _delete(state: State, incoming: Incoming, _: Declared) -> Reply:
    wanted = incoming.params["attachment_id"]
    if _kept(state, incoming).pop(wanted, None) is None:
        raise unknown_id(_RELATED)
    return outcome(incoming.key, success_item("record deleted", id=wanted))


def _delete_many(state: State, incoming: Incoming, _: Declared) -> Reply:
    kept = _kept(state, incoming)
    items = [
        unknown_item(id_) if kept.pop(id_, None) is None else success_item("record deleted", id=id_)
        for id_ in ids_of(incoming)
    ]
    return outcomes(incoming.key, items)


# --- files by id


def _file(state: State, incoming: Incoming, _: Declared) -> Reply:
    file = state.files.get(incoming.query["id"])
    return Reply(None, 204) if file is None else sent(file)


def _field_file(state: State, incoming: Incoming, _: Declared) -> Reply:
    """Return a file of the record's file fields, which the field's value names by its id."""
    wanted = incoming.query["fields_attachment_id"]
    for value in record_of(state, incoming).values():
        for entry in objects(value):
            file = state.files.get(str(entry.get("File_Id__s")))
            if file is not None and wanted == entry.get("id"):
                return sent(file)
    raise Refusal(
        "INVALID_DATA", "the id given seems to be invalid", param_name="fields_attachment_id"
    )


ATTACHMENTS: Mapping[str, Work] = {
    "attachments.list": _list,
    "attachments.upload": _upload,
    "attachments.download": _download,
    "attachments.delete": _delete,
    "attachments.delete_many": _delete_many,
    "attachments.download_from_field": _field_file,
    "files.download": _file,
}
