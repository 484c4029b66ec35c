"""E-mails of records beside those that are sent: their files, and what comes from elsewhere.

Assumed, where nothing is documented: unblocking an address whose mails did not bounce does
nothing and succeeds, and the sixth time is refused.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from zohocrm_async._module_names import STANDARD_MODULES
from zohocrm_async.emulator import checks, errors
from zohocrm_async.emulator.attached import StoredFile
from zohocrm_async.emulator.attachments import record_of, sent
from zohocrm_async.emulator.books import RecordedMail
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.errors import (
    JSON,
    Refusal,
    Reply,
    error_item,
    outcome,
    outcomes,
    success_item,
)
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.mail import MAIL_MODULES
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.rows import unknown_item
from zohocrm_async.emulator.shapes import is_array, is_object
from zohocrm_async.emulator.state import Row, State

_BLOCKABLE = ("Email", "Secondary_Email")
_MOST_UNBLOCKED, _TIMES = 500, 5
_LONGEST_SUBJECT = 250
_MOST_ADDRESSES, _MOST_FILES = 50, 10
_SHARED = ("emails_sent_from_crm", "all_contacts_emails", "all_imap_shared_users", "all_emails")
_SHOWN = re.compile(r"viewInLineImage\?fileContent=(\w+)")


# --- files of e-mails


def _mail(state: State, incoming: Incoming) -> RecordedMail:
    record = record_of(state, incoming)
    place = state.module_name(incoming.module), record["id"]
    mails: list[RecordedMail] = [*state.mails_of(*place), *state.attached.associated.get(place, ())]
    found = [mail for mail in mails if mail.message_id == incoming.query["message_id"]]
    if not found:
        raise Refusal("INVALID_DATA", "the mail is unknown", param_name="message_id")
    if incoming.query["user_id"] != state.owner["id"]:
        raise Refusal("INVALID_DATA", "the user has no such mail", param_name="user_id")
    return found[0]


def _files(state: State, mail: RecordedMail) -> list[StoredFile]:
    given = [state.files.get(entry["id"]) for entry in mail.body.get("attachments", ())]
    return [file for file in given if file is not None]


def _attachments(state: State, incoming: Incoming, _: Declared) -> Reply:
    mail = _mail(state, incoming)
    files, query = _files(state, mail), incoming.query
    if "id" not in query and "name" not in query:
        return _all(state, files)
    for name in ("id", "name"):
        if not query.get(name):
            raise Refusal("MANDATORY_NOT_FOUND", "a parameter is missing", param_name=name)
    for file in files:
        if (file.id, file.name) == (query["id"], query["name"]):
            return sent(file)
    raise Refusal("INVALID_DATA", "the mail has no such file", param_name="id")


def _all(state: State, files: list[StoredFile]) -> Reply:
    if not files:
        return Reply(None, 204)
    archive = BytesIO()
    with ZipFile(archive, "w") as opened:
        for file in files:
            opened.writestr(file.name, file.content)
    return sent(StoredFile(state.new_digest("archive"), "attachments.zip", archive.getvalue()))


def _inline_image(state: State, incoming: Incoming, _: Declared) -> Reply:
    shown = _SHOWN.findall(_mail(state, incoming).content)
    file = state.files.get(incoming.query["id"])
    if file is None or not file.inline or file.id not in shown:
        raise Refusal("INVALID_DATA", "the mail shows no such image", param_name="id")
    return sent(file)


def _sharing(state: State, incoming: Incoming, _: Declared) -> Reply:
    record_of(state, incoming)
    user = {"id": state.owner["id"], "name": state.owner["name"], "_type": "imap"}
    return Reply({incoming.key: [{"available_types": _SHARED, "share_from_users": [user]}]})


# --- e-mails from elsewhere

_addresses = checks.list_of(_MOST_ADDRESSES, checks.address)


def _check_file(value: Any, name: str, path: str) -> None:
    checks.keys(value, name, path, {"id": checks.text}, {"file_name": checks.text})


_NEEDED: Mapping[str, checks.Check] = {
    "from": checks.address,
    "to": _addresses,
    "subject": checks.short(_LONGEST_SUBJECT),
    "content": checks.text,
    "date_time": checks.time,
    "sent": checks.boolean,
    "original_message_id": checks.text,
}
_MORE: Mapping[str, checks.Check] = {
    "cc": _addresses,
    "bcc": _addresses,
    "mail_format": checks.one_of("html", "text"),
    "attachments": checks.list_of(_MOST_FILES, _check_file),
    "linked_record": checks.linked_record,
}


def _associate(state: State, incoming: Incoming, _: Declared) -> Reply:
    module = _module(state, incoming, without=("Vendors", "Cases"))
    [email] = incoming.items(1)
    incoming.only_keys()
    checks.keys(email, "Emails", "$.Emails[0]", _NEEDED, _MORE)
    for index, entry in enumerate(email.get("attachments", ())):
        if entry["id"] not in state.files:
            path = f"$.Emails[0].attachments[{index}].id"
            raise checks.refuse("INVALID_DATA", "no file has this encrypted id", "id", path)
    place = module, record_of(state, incoming)["id"]
    mail = RecordedMail(
        message_id=state.new_digest("mail"),
        module=module,
        record_id=place[1],
        from_=email["from"]["email"],
        to=_emails(email, "to"),
        cc=_emails(email, "cc"),
        bcc=_emails(email, "bcc"),
        subject=email["subject"],
        content=email["content"],
        scheduled_time=None,
        sent=email["sent"],
        at=datetime.fromisoformat(email["date_time"]),
        body=email,
    )
    state.attached.associated.setdefault(place, []).append(mail)
    item = success_item("Email associated successfully.", message_id=mail.message_id)
    return outcome(incoming.key, item, status=201)


def _emails(email: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    return tuple(address["email"] for address in email.get(kind, ()))


def _module(state: State, incoming: Incoming, *, without: tuple[str, ...]) -> str:
    module = state.module_name(incoming.module)
    if module in without or (module in STANDARD_MODULES and module not in MAIL_MODULES):
        raise errors.unknown_module()
    return module


# --- addresses whose mails bounced


def _body(incoming: Incoming, *names: str) -> Mapping[str, list[str]]:
    """Return the lists of texts that the body holds: these and no other keys."""
    body: Any = incoming.call.body
    given = body if is_object(body) else {}
    for name in names:
        values = given.get(name)
        if values is None:
            raise Refusal(
                "MANDATORY_NOT_FOUND", "a required key is missing", api_name=name,
                json_path=f"$.{name}",
            )  # fmt: skip
        if not is_array(values) or not values or not all(isinstance(v, str) for v in values):
            raise Refusal(
                "INVALID_DATA", "the value is no list of texts", api_name=name,
                json_path=f"$.{name}", expected_data_type="jsonarray",
            )  # fmt: skip
    for name in given:
        if name not in names:
            raise Refusal(
                "INVALID_DATA", "the key is unknown", api_name=name, json_path=f"$.{name}"
            )
    for index, name in enumerate(given["unblock_fields"]):
        if name not in _BLOCKABLE:
            raise Refusal(
                "INVALID_DATA", "the field cannot be unblocked", api_name="unblock_fields",
                json_path=f"$.unblock_fields[{index}]", supported_values=list(_BLOCKABLE),
            )  # fmt: skip
    return given


def _unblock(state: State, incoming: Incoming, _: Declared) -> Reply:
    _module(state, incoming, without=("Vendors",))
    fields = _body(incoming, "unblock_fields")["unblock_fields"]
    record = record_of(state, incoming)
    return outcomes(incoming.key, [_unblocked(state, record, fields)])


def _unblock_many(state: State, incoming: Incoming, _: Declared) -> Reply:
    module = _module(state, incoming, without=("Vendors",))
    body = _body(incoming, "ids", "unblock_fields")
    if len(body["ids"]) > _MOST_UNBLOCKED:
        raise Refusal(
            "LIMIT_EXCEEDED", "too many ids", api_name="ids", maximum_length=_MOST_UNBLOCKED
        )
    items: list[JSON] = []
    for index, id_ in enumerate(body["ids"]):
        record = state.find(module, id_)
        items.append(
            unknown_item(id_, f"$.ids[{index}]")
            if record is None
            else _unblocked(state, record, body["unblock_fields"])
        )
    return outcomes(incoming.key, items)


def _unblocked(state: State, record: Row, fields: list[str]) -> JSON:
    addresses = {str(record[name]).lower() for name in fields if record.get(name)}
    blocked = {address for address in state.bounced if address.lower() in addresses}
    for address in blocked:
        if state.attached.unblocked[address.lower()] >= _TIMES:
            details = {"id": record["id"], "email": address}
            return error_item("NOT_ALLOWED", "the address is permanently blocked", details)
    for address in blocked:
        state.bounced.discard(address)
        state.attached.unblocked[address.lower()] += 1
    return success_item("Unblocked successfully", id=record["id"])


RECORD_EMAILS: Mapping[str, Work] = {
    "mail.download_attachments": _attachments,
    "mail.download_inline_image": _inline_image,
    "mail.sharing": _sharing,
    "mail.associate": _associate,
    "mail.unblock": _unblock,
    "mail.unblock_many": _unblock_many,
}
