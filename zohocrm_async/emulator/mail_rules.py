"""What a body of send_mail must look like.

See https://www.zoho.com/crm/developer/docs/api/v7/send-mail.html.
"""

from collections.abc import Mapping
from typing import Any

from zohocrm_async.emulator.checks import (
    Check,
    address,
    boolean,
    keys,
    linked_record,
    list_of,
    missing,
    named_reference,
    one_of,
    reference,
    short,
    text,
    time,
    unknown,
)

_MOST_ADDRESSES = 50
_MOST_ATTACHMENTS = 10
_LONGEST_SUBJECT = 1_000
_LONGEST_CONTENT = 100_000
_OBJECT_REPLIES_SINCE = 7
_LINKED_RECORDS_SINCE = 8


def _reply_object(value: Any, name: str, path: str) -> None:
    keys(value, name, path, {"message_id": text}, {"owner": reference})


def _inventory(value: Any, name: str, path: str) -> None:
    views = {
        "paper_type": one_of("default", "A4", "us_letter"),
        "view_type": one_of("portrait", "landscape"),
    }
    keys(value, name, path, {"inventory_template": named_reference}, views)


def _subject_request(value: Any, name: str, path: str) -> None:
    kinds = one_of("access", "rectify", "export")
    keys(value, name, path, {"id": text, "type": kinds})


_addresses = list_of(_MOST_ADDRESSES, address)
_CHECKS: dict[str, Check] = {
    "from": address,
    "to": _addresses,
    "cc": _addresses,
    "bcc": _addresses,
    "reply_to": address,
    "org_email": boolean,
    "in_reply_to": text,
    "scheduled_time": time,
    "subject": short(_LONGEST_SUBJECT),
    "mail_format": one_of("html", "text"),
    "content": short(_LONGEST_CONTENT),
    "attachments": list_of(_MOST_ATTACHMENTS, reference),
    "template": reference,
    "inventory_details": _inventory,
    "consent_email": boolean,
    "data_subject_request": _subject_request,
}


def _checks(version: int) -> dict[str, Check]:
    checks = dict(_CHECKS)
    if version >= _OBJECT_REPLIES_SINCE:
        checks["in_reply_to"] = _reply_object
    if version >= _LINKED_RECORDS_SINCE:
        checks["linked_record"] = linked_record
    return checks


_BY_VERSION = {version: _checks(version) for version in range(2, 10)}


def check_mail(mail: Mapping[str, Any], version: int) -> None:
    """Refuse a mail that the documentation of *version* rules out.

    Raises:
        Refusal: names the first key that is wrong, missing or unknown.
    """
    for key in ("from", "to"):
        if not mail.get(key):
            raise missing(key, f"$.data[0].{key}")
    checks = _BY_VERSION[version]
    for key, value in mail.items():
        check = checks.get(key)
        if check is None:
            raise unknown(key, f"$.data[0].{key}")
        check(value, key, f"$.data[0].{key}")
