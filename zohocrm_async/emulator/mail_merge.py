"""Documents made of a mail merge template and a record: sent, signed or downloaded.

Assumed, where nothing is documented: a mail without recipient goes to the record's address,
one without sender comes from the owner, none counts as one of the day's mails, and a
password does not encrypt the document.
"""

import html
import re
from collections.abc import Callable, Mapping
from typing import Any

from zohocrm_async.emulator import checks
from zohocrm_async.emulator.attached import StoredFile
from zohocrm_async.emulator.attachments import record_of, sent
from zohocrm_async.emulator.books import RecordedMail
from zohocrm_async.emulator.checks import Check
from zohocrm_async.emulator.declared import Declared
from zohocrm_async.emulator.documents import document
from zohocrm_async.emulator.errors import Reply, outcome, success_item
from zohocrm_async.emulator.generic import Work
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.shapes import is_object
from zohocrm_async.emulator.state import Row, State

_FIELD = re.compile(r"\$\{!?(\w+)\.(\w+)\}")
_LONGEST, _LONGEST_MESSAGE = 255, 100_000
_MOST_ADDRESSES = 100
_REPORT = "https://writer.zoho.com/writer/v1/mailmerge/job"


def _address(value: Any, name: str, path: str) -> None:
    kinds = checks.one_of("email", "merge_field")
    checks.keys(value, name, path, {"type": kinds, "value": checks.short(_LONGEST)})
    if value["type"] == "email":
        checks.email(value["value"], "value", f"{path}.value")
    elif not _FIELD.fullmatch(value["value"]):
        raise checks.refuse("INVALID_DATA", "it is no merge field", "value", f"{path}.value")


def _template(value: Any, name: str, path: str) -> None:
    if is_object(value) and not value.get("name"):
        raise checks.refuse(
            "EXPECTED_FIELD_MISSING", "the template has no name", "name", f"{path}.name"
        )
    checks.keys(value, name, path, {"name": checks.short(_LONGEST)}, {"id": checks.text})


def _signer(value: Any, name: str, path: str) -> None:
    needed = {
        "recipient": _address,
        "recipient_name": checks.short(_LONGEST),
        "action_type": checks.one_of("sign", "approve"),
    }
    checks.keys(value, name, path, needed)


_addresses = checks.list_of(_MOST_ADDRESSES, _address)
_short = checks.short(_LONGEST)
_MORE: Mapping[str, Mapping[str, Check]] = {
    "send_mail_merge": {
        "from_address": _address,
        "to_address": _addresses,
        "cc_email": _addresses,
        "bcc_email": _addresses,
        "subject": _short,
        "message": checks.short(_LONGEST_MESSAGE),
        "type": checks.one_of("inline", "attachment"),
        "attachment_name": _short,
    },
    "sign_mail_merge": {
        "sign_in_order": checks.boolean,
        "signers": checks.list_of(_MOST_ADDRESSES, _signer),
    },
    "download_mail_merge": {
        "output_format": checks.one_of("pdf", "docx", "html"),
        "file_name": _short,
        "password": checks.text,
    },
}


def _opened(state: State, incoming: Incoming) -> tuple[Row, Row, str]:
    """Return the record, what shall be made of it, and the text of the document.

    Raises:
        Refusal: the documentation rules it out, or there is no such template or record.
    """
    key, path = incoming.key, f"$.{incoming.key}[0]"
    [merge] = incoming.items(1)
    incoming.only_keys()
    needed: dict[str, Check] = {"mail_merge_template": _template}
    if key == "sign_mail_merge":
        needed["file_name"] = _short
    checks.keys(merge, key, path, needed, _MORE[key])
    record = record_of(state, incoming)
    template = state.mail_merge_templates.get(merge["mail_merge_template"]["name"])
    if template is None or template["module"] != state.module_name(incoming.module):
        where = f"{path}.mail_merge_template.name"
        raise checks.refuse("INVALID_DATA", "no such template", "name", where)
    return record, merge, _merged(template["content"], record, write=html.escape)


def _merged(text: str, record: Row, *, write: Callable[[str], str] = str) -> str:
    """Return *text* with the record's values in the places of its merge fields."""

    def value(match: re.Match[str]) -> str:
        found: Any = record.get(match[2])
        found = found.get("name") if is_object(found) else found
        return "" if found is None else write(str(found))

    return _FIELD.sub(value, text)


def _email(address: Row, record: Row, name: str, path: str) -> str:
    """Return the e-mail address that *address* gives or leads to."""
    found = _merged(address["value"], record)
    checks.email(found, name, path)
    return found


def _send(state: State, incoming: Incoming, _: Declared) -> Reply:
    record, merge, text = _opened(state, incoming)
    path = f"$.{incoming.key}[0]"
    recipients = {
        kind: [
            {"email": _email(address, record, name, f"{path}.{name}[{index}].value")}
            for index, address in enumerate(merge.get(name, ()))
        ]
        for kind, name in (("to", "to_address"), ("cc", "cc_email"), ("bcc", "bcc_email"))
    }
    if not recipients["to"]:
        own = {"type": "email", "value": str(record.get("Email") or "")}
        recipients["to"] = [{"email": _email(own, record, "to_address", f"{path}.to_address")}]
    body: dict[str, Any] = {"from": {"email": _sender(state, merge, record, path)}, **recipients}
    name = merge.get("attachment_name") or merge["mail_merge_template"]["name"]
    if merge.get("type") == "attachment":
        file = StoredFile(state.new_digest("file"), f"{name}.pdf", document(text, "pdf"))
        state.files[file.id] = file
        body["attachments"] = [{"id": file.id}]
        text = ""
    subject = _merged(merge.get("subject") or merge["mail_merge_template"]["name"], record)
    content = _merged(merge.get("message", ""), record) + text
    _keep(state, incoming, body, subject=subject, content=content)
    link = f"{_REPORT}/{state.new_digest('report')}"
    item = success_item("send mail merge action initiated successfully", report_link=link)
    return outcome(incoming.key, item)


def _sender(state: State, merge: Row, record: Row, path: str) -> str:
    allowed = {entry["email"].lower() for entry in state.from_addresses}
    given = merge.get("from_address") or {"type": "email", "value": state.owner["email"]}
    path = f"{path}.from_address.value"
    sender = _email(given, record, "from_address", path)
    if sender.lower() not in allowed:
        raise checks.refuse(
            "INVALID_DATA", "you cannot send mails from this address", "from_address", path
        )
    return sender


def _keep(state: State, incoming: Incoming, body: Row, *, subject: str, content: str) -> None:
    state.add_mail(
        RecordedMail(
            message_id=state.new_digest("mail"),
            module=state.module_name(incoming.module),
            record_id=incoming.id,
            from_=body["from"]["email"],
            to=tuple(address["email"] for address in body["to"]),
            cc=tuple(address["email"] for address in body["cc"]),
            bcc=tuple(address["email"] for address in body["bcc"]),
            subject=subject,
            content=content,
            scheduled_time=None,
            sent=True,
            at=state.clock.now(),
            body=body,
        )
    )


def _sign(state: State, incoming: Incoming, _: Declared) -> Reply:
    record, merge, _text = _opened(state, incoming)
    for index, signer in enumerate(merge.get("signers", ())):
        path = f"$.{incoming.key}[0].signers[{index}].recipient.value"
        _email(signer["recipient"], record, "recipient", path)
    item = success_item(
        "sign mail merge action initiated successfully",
        sign_resource_id=state.new_id(),
        report_link=f"{_REPORT}/{state.new_digest('report')}",
    )
    return outcome(incoming.key, item)


def _download(state: State, incoming: Incoming, _: Declared) -> Reply:
    _record, merge, text = _opened(state, incoming)
    kind = merge.get("output_format", "pdf")
    name = f"{merge.get('file_name') or 'download'}.{kind}"
    return sent(StoredFile(state.new_digest("file"), name, document(text, kind)))


MAIL_MERGE: Mapping[str, Work] = {
    "mail_merge.send": _send,
    "mail_merge.sign": _sign,
    "mail_merge.download": _download,
}
