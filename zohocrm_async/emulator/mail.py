"""Sending mails, and the e-mails of a record.

Assumed, where nothing is documented: a mail of a paid edition counts as one of
the day's mails however many recipients it has, a scheduled one counts on the
day it is given, and the address of a record is looked for in modules whose
records have one (Leads, Contacts, Vendors, Cases; for Deals in its contact).
Scheduled mails are listed only for those who ask for them by their type.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from zohocrm_async._module_names import STANDARD_MODULES
from zohocrm_async.emulator import errors
from zohocrm_async.emulator.books import RecordedMail
from zohocrm_async.emulator.checks import refuse
from zohocrm_async.emulator.errors import Refusal, Reply
from zohocrm_async.emulator.mail_rules import check_mail
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.shapes import is_object
from zohocrm_async.emulator.state import INVENTORY_MODULES, State
from zohocrm_async.options import Edition

MAIL_MODULES = (
    "Leads",
    "Contacts",
    "Deals",
    "Accounts",
    "Sales_Orders",
    "Purchase_Orders",
    "Invoices",
    "Quotes",
    "Cases",
    "Vendors",
)
_VENDORS_SINCE = 7
_ADDRESSED_MODULES = frozenset({"Leads", "Contacts", "Vendors", "Cases", "Deals"})
_LARGEST_ATTACHMENTS = 10 * 1024 * 1024
_AT = "$.data[0]"

Mail = Mapping[str, Any]


class MailDay:
    """The mails of the organisation's calendar day."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._day: date | None = None
        self._sent = 0

    @property
    def sent(self) -> int:
        """Mails that count for today."""
        today = self._state.local_now().date()
        if today != self._day:
            self._day, self._sent = today, 0
        return self._sent

    def count(self, mail: Mail) -> None:
        """Count *mail* for today.

        Raises:
            Refusal: the day's mails are used up.
        """
        free = self._state.edition is Edition.FREE
        cost = len(mail["to"]) + len(mail.get("cc", ())) if free else 1
        if self.sent + cost > self._state.mail_cap:
            raise _refused("LIMIT_EXCEEDED", "the emails of the organisation's day are used up")
        self._sent += cost


def _refused(code: str, message: str, *, status: int = 400, **details: Any) -> Refusal:
    return Refusal(code, message, status=status, wrapped=True, **details)


def send_mail(state: State, day: MailDay, incoming: Incoming) -> Reply:
    """Send or schedule one mail."""
    module = _module(state, incoming)
    items = incoming.items(1)
    incoming.only_keys()
    mail = items[0]
    check_mail(mail, incoming.version)
    record = state.find(module, incoming.id)
    if record is None:
        raise _refused("INVALID_DATA", "the record id is invalid", api_name="id")
    _check_account(state)
    _check_record(state, module, record)
    _check_parts(state, module, mail)
    _check_consent(state, record, mail)
    blocked = _blocked(state, mail)
    if state.smtp_failure and not mail.get("org_email"):
        raise _refused("CUSTOM_ERROR", "the SMTP server could not be reached")
    day.count(mail)
    return _send(state, module, incoming.id, mail, blocked)


def _module(state: State, incoming: Incoming) -> str:
    module = state.module_name(incoming.module)
    unsupported = module in STANDARD_MODULES and module not in MAIL_MODULES
    if unsupported or (module == "Vendors" and incoming.version < _VENDORS_SINCE):
        raise errors.unknown_module()
    if module in INVENTORY_MODULES and state.edition is Edition.FREE:
        raise _refused("NOT_ALLOWED", "your edition does not support this feature")
    return module


def _check_account(state: State) -> None:
    if not state.confirmed_account:
        raise _refused("NO_PERMISSION", "your account has not been confirmed", status=403)
    if not state.confirmed_email:
        raise _refused(
            "NO_PERMISSION", "the email of your account has not been confirmed", status=403
        )


def _check_record(state: State, module: str, record: Mapping[str, Any]) -> None:
    if state.is_locked(module, record["id"]):
        raise _refused("RECORD_LOCKED", "the record is locked", id=record["id"])
    if record.get("Email_Opt_Out") is True:
        raise _refused("NO_PERMISSION", "Email Opt Out is set for the record", status=403)
    if module in _ADDRESSED_MODULES and not _has_address(state, module, record):
        raise _refused("NOT_ALLOWED", "the record does not have any email address")


def _has_address(state: State, module: str, record: Mapping[str, Any]) -> bool:
    if any("Email" in name and isinstance(v, str) and "@" in v for name, v in record.items()):
        return True
    contact: Any = record.get("Contact_Name")
    if module not in {"Deals", "Cases"} or not is_object(contact):
        return False
    found = state.find("Contacts", str(contact.get("id")))
    return found is not None and _has_address(state, "Contacts", found)


def _check_parts(state: State, module: str, mail: Mail) -> None:
    sender = mail["from"]["email"].lower()
    if sender not in {entry["email"].lower() for entry in state.from_addresses}:
        raise refuse(
            "INVALID_DATA", "you cannot send mails from this address", "email",
            f"{_AT}.from.email", parent_api_name="from",
        )  # fmt: skip
    if mail.get("scheduled_time") is not None and state.edition is Edition.FREE:
        raise _refused("FEATURE_NOT_SUPPORTED", "your edition does not schedule mails")
    template = mail.get("template")
    if template is not None and template["id"] not in state.email_templates:
        raise refuse("INVALID_DATA", "no such template", "id", f"{_AT}.template.id")
    _check_inventory(state, module, mail)
    _check_attachments(state, mail)


def _check_inventory(state: State, module: str, mail: Mail) -> None:
    details = mail.get("inventory_details")
    if details is None:
        return
    path = f"{_AT}.inventory_details"
    if module not in INVENTORY_MODULES:
        raise refuse("INVALID_DATA", "the module has no inventory", "inventory_details", path)
    if details["inventory_template"]["id"] not in state.inventory_templates:
        raise refuse("INVALID_DATA", "no such template", "id", f"{path}.inventory_template.id")


def _check_attachments(state: State, mail: Mail) -> None:
    total = 0
    for index, attachment in enumerate(mail.get("attachments", ())):
        file = state.files.get(attachment["id"])
        if file is None:
            raise refuse(
                "INVALID_DATA", "no file has this encrypted id", "id",
                f"{_AT}.attachments[{index}].id", parent_api_name="attachments",
            )  # fmt: skip
        total += file.size
    if total > _LARGEST_ATTACHMENTS:
        raise _refused("FILE_SIZE_EXCEEDS", "the attachments have more than 10 MB in total")


def _check_consent(state: State, record: Mapping[str, Any], mail: Mail) -> None:
    regulated = mail.get("consent_email") or "data_subject_request" in mail
    if regulated and not state.compliance_enabled:
        raise _refused("INVALID_DATA", "compliance settings are off for the record")
    if mail.get("consent_email"):
        if "ConsentForm" not in (mail.get("content") or ""):
            raise refuse(
                "MANDATORY_NOT_FOUND", "the content holds no consent form", "content",
                f"{_AT}.content",
            )  # fmt: skip
    elif _any_of(state.no_consent, [record["id"], *_recipients(mail)]):
        raise _refused("NOT_ALLOWED", "the receiver has not given consent to receive emails")
    if _any_of(state.opted_out, _recipients(mail)):
        raise _refused("NOT_ALLOWED", "the receiver has opted to stop email communication")


def _any_of(listed: set[str], found: list[str]) -> bool:
    return bool(listed) and not {entry.lower() for entry in listed}.isdisjoint(found)


def _recipients(mail: Mail) -> list[str]:
    return [
        address["email"].lower() for kind in ("to", "cc", "bcc") for address in mail.get(kind, ())
    ]


def _blocked(state: State, mail: Mail) -> list[dict[str, str]]:
    """Return the recipients that bounced; refuse a mail that nobody would get."""
    if not state.bounced:
        return []
    bounced = {address.lower() for address in state.bounced}
    recipients = _recipients(mail)
    blocked = [{"email": a, "reason": "bounced"} for a in recipients if a in bounced]
    if len(blocked) == len(recipients):
        raise _refused(
            "NOT_ALLOWED", "emails to the address bounced, so it is blocked",
            blocked_email_addresses=blocked,
        )  # fmt: skip
    return blocked


def _send(
    state: State, module: str, record_id: str, mail: Mail, blocked: list[dict[str, str]]
) -> Reply:
    time = mail.get("scheduled_time")
    scheduled = None if time is None else datetime.fromisoformat(time)
    recorded = RecordedMail(
        message_id=state.new_digest("mail"),
        module=module,
        record_id=record_id,
        from_=mail["from"]["email"],
        to=_emails(mail, "to"),
        cc=_emails(mail, "cc"),
        bcc=_emails(mail, "bcc"),
        subject=_templated(state, mail, "subject"),
        content=_templated(state, mail, "content"),
        scheduled_time=scheduled,
        sent=scheduled is None,
        at=state.clock.now(),
        body=mail,
    )
    state.add_mail(recorded)
    details: dict[str, Any] = {"message_id": recorded.message_id}
    if blocked:
        details["blocked_email_addresses"] = blocked
    word = "sent" if scheduled is None else "scheduled"
    return errors.outcome("data", errors.success_item(f"Your mail has been {word}.", **details))


def _emails(mail: Mail, kind: str) -> tuple[str, ...]:
    return tuple(address["email"] for address in mail.get(kind, ()))


def _templated(state: State, mail: Mail, key: str) -> str:
    """Return what the mail says, or else what its template says."""
    given = mail.get(key)
    if given is not None or "template" not in mail:
        return given or ""
    return state.email_templates[mail["template"]["id"]].get(key) or ""


# --- the e-mails of a record ------------------------------------------------------------

_PER_PAGE = 10
_KINDS = {"sent_from_crm": True, "scheduled_in_crm": False}
_OTHER_KINDS = frozenset(
    {
        "drafts",
        "all_contacts_sent_crm_emails",
        "all_contacts_scheduled_crm_emails",
        "all_contacts_draft_crm_emails",
    }
)


def list_emails(state: State, incoming: Incoming) -> Reply:
    """List the e-mails of a record, ten a page."""
    mails = _of_kind(state, incoming)
    index = incoming.query.get("index", "0")
    if not index.isdecimal():
        raise Refusal("INVALID_DATA", "the index came from no answer", param_name="index")
    start = int(index)
    page = mails[start : start + _PER_PAGE]
    more = len(mails) > start + _PER_PAGE
    info = {
        "per_page": _PER_PAGE,
        "count": len(page),
        "more_records": more,
        "next_index": str(start + _PER_PAGE) if more else None,
        "prev_index": str(max(start - _PER_PAGE, 0)) if start else None,
    }
    if not page:
        return Reply(None, 204)
    return Reply({"Emails": [_email(state, mail) for mail in page], "info": info})


def get_email(state: State, incoming: Incoming) -> Reply:
    """Return one e-mail of a record, with its content."""
    wanted = incoming.params["message_id"]
    for mail in _of_kind(state, incoming):
        if mail.message_id == wanted:
            return Reply({"Emails": [{**_email(state, mail), "content": mail.content}]})
    raise Refusal("INVALID_DATA", "no mail of the record has this message id", param_name="id")


def _of_kind(state: State, incoming: Incoming) -> list[RecordedMail]:
    if state.find(incoming.module, incoming.id) is None:
        raise Refusal("INVALID_DATA", "the record id is invalid", resource_path_index=1)
    kind = incoming.query.get("type")
    if kind == "user_emails":
        place = state.module_name(incoming.module), incoming.id
        return state.attached.associated.get(place, [])[::-1]
    if kind is None or kind in _KINDS:
        listed_by = state.clock.now() - timedelta(seconds=state.email_delay)
        sent = _KINDS[kind or "sent_from_crm"]
        mails = state.mails_of(incoming.module, incoming.id)
        return [mail for mail in mails if mail.sent is sent and mail.at <= listed_by]
    if kind not in _OTHER_KINDS:
        raise Refusal("INVALID_DATA", "the type is unknown", param_name="type")
    return []


def _email(state: State, mail: RecordedMail) -> dict[str, Any]:
    time = (mail.scheduled_time or mail.at).astimezone(state.zone).isoformat(timespec="seconds")
    return {
        "message_id": mail.message_id,
        "subject": mail.subject,
        "from": mail.body["from"],
        "to": mail.body["to"],
        "cc": mail.body.get("cc", []),
        "time": time,
        "sent_time": time if mail.sent else None,
        "sent": mail.sent,
        "read": None,
        "source": "crm",
        "owner": state.owner,
        "status": [{"type": _status(mail)}],
        "has_attachment": bool(mail.body.get("attachments")),
        "editable": _status(mail) == "scheduled",
        "mail_format": mail.body.get("mail_format", "html"),
        "linked_record": {"module": {"api_name": mail.module}, "id": mail.record_id},
        "attachments": [
            {"id": file.id, "name": file.name, "size": file.size}
            for attachment in mail.body.get("attachments", ())
            if (file := state.files.get(attachment["id"]))
        ],
    }


def _status(mail: RecordedMail) -> str:
    if mail.sent:
        return "sent"
    return "received" if mail.scheduled_time is None else "scheduled"
