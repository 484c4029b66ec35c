"""What a body of send_mail must look like.

See https://www.zoho.com/crm/developer/docs/api/v7/send-mail.html.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from zohocrm_async.emulator.errors import Refusal

EMAIL = re.compile(r"[^@\s,;<>\"()\[\]]+@[^@\s,;<>\"()\[\].]+(\.[^@\s,;<>\"()\[\].]+)+")
_MOST_ADDRESSES = 50
_MOST_ATTACHMENTS = 10
_LONGEST_SUBJECT = 1_000
_LONGEST_CONTENT = 100_000
_OBJECT_REPLIES_SINCE = 7
_LINKED_RECORDS_SINCE = 8

Check = Callable[[Any, str, str], None]


def refuse(code: str, message: str, name: str, path: str, **details: Any) -> Refusal:
    """Return the error of a key of the mail."""
    return Refusal(code, message, wrapped=True, api_name=name, json_path=path, **details)


def _missing(name: str, path: str, parent: str | None = None) -> Refusal:
    more = {} if parent is None else {"parent_api_name": parent}
    return refuse("MANDATORY_NOT_FOUND", "a required key is missing", name, path, **more)


def _typed(kind: type, word: str) -> Check:
    def check(value: Any, name: str, path: str) -> None:
        if not isinstance(value, kind):
            raise refuse(
                "INVALID_DATA", "the value has another type", name, path, expected_data_type=word
            )

    return check


_text = _typed(str, "string")
_boolean = _typed(bool, "boolean")
_object = _typed(dict, "jsonobject")
_array = _typed(list, "jsonarray")


def _short(limit: int) -> Check:
    def check(value: Any, name: str, path: str) -> None:
        _text(value, name, path)
        if len(value) > limit:
            raise refuse("INVALID_DATA", "the text is too long", name, path, maximum_length=limit)

    return check


def _one_of(*words: str) -> Check:
    def check(value: Any, name: str, path: str) -> None:
        if value not in words:
            raise refuse(
                "INVALID_DATA", "the word is unknown", name, path, supported_values=list(words)
            )

    return check


_NO_MORE: Mapping[str, Check] = {}


def _keys(
    value: Any,
    name: str,
    path: str,
    needed: Mapping[str, Check],
    more: Mapping[str, Check] = _NO_MORE,
) -> None:
    """Check an object: *needed* keys are there, and no key but these and *more*."""
    _object(value, name, path)
    for key in needed:
        if value.get(key) in (None, ""):
            raise _missing(key, f"{path}.{key}", name)
    for key, item in value.items():
        check = needed.get(key) or more.get(key)
        if check is None:
            raise refuse("INVALID_DATA", "the key is unknown", key, f"{path}.{key}")
        check(item, key, f"{path}.{key}")


def _email(value: Any, name: str, path: str) -> None:
    _text(value, name, path)
    if not EMAIL.fullmatch(value):
        parent = path.removeprefix("$.data[0].").split(".")[0].split("[")[0]
        raise refuse(
            "INVALID_DATA", "the e-mail address has no valid form", name, path,
            parent_api_name=parent, expected_data_type="email",
        )  # fmt: skip


def _address(value: Any, name: str, path: str) -> None:
    _keys(value, name, path, {"email": _email}, {"user_name": _text})


def _addresses(value: Any, name: str, path: str) -> None:
    _many(value, name, path, _MOST_ADDRESSES, _address)


def _many(value: Any, name: str, path: str, most: int, check: Check) -> None:
    _array(value, name, path)
    if len(value) > most:
        raise refuse("INVALID_DATA", "the list is too long", name, path, maximum_length=most)
    for index, item in enumerate(value):
        check(item, name, f"{path}[{index}]")


def _reference(value: Any, name: str, path: str) -> None:
    _keys(value, name, path, {"id": _text})


def _named_reference(value: Any, name: str, path: str) -> None:
    _keys(value, name, path, {"id": _text}, {"name": _text})


def _attachments(value: Any, name: str, path: str) -> None:
    _many(value, name, path, _MOST_ATTACHMENTS, _reference)


def _time(value: Any, name: str, path: str) -> None:
    _text(value, name, path)
    try:
        aware = "T" in value and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise refuse(
            "INVALID_DATA", "the time is no ISO 8601 time with an offset", name, path,
            expected_data_type="datetime",
        )  # fmt: skip


def _reply_object(value: Any, name: str, path: str) -> None:
    _keys(value, name, path, {"message_id": _text}, {"owner": _reference})


def _inventory(value: Any, name: str, path: str) -> None:
    views = {
        "paper_type": _one_of("default", "A4", "us_letter"),
        "view_type": _one_of("portrait", "landscape"),
    }
    _keys(value, name, path, {"inventory_template": _named_reference}, views)


def _subject_request(value: Any, name: str, path: str) -> None:
    kinds = _one_of("access", "rectify", "export")
    _keys(value, name, path, {"id": _text, "type": kinds})


def _module(value: Any, name: str, path: str) -> None:
    _keys(value, name, path, {"api_name": _text}, {"id": _text})


def _linked_record(value: Any, name: str, path: str) -> None:
    _keys(value, name, path, {"module": _module, "id": _text}, {"name": _text})


_CHECKS: dict[str, Check] = {
    "from": _address,
    "to": _addresses,
    "cc": _addresses,
    "bcc": _addresses,
    "reply_to": _address,
    "org_email": _boolean,
    "in_reply_to": _text,
    "scheduled_time": _time,
    "subject": _short(_LONGEST_SUBJECT),
    "mail_format": _one_of("html", "text"),
    "content": _short(_LONGEST_CONTENT),
    "attachments": _attachments,
    "template": _reference,
    "inventory_details": _inventory,
    "consent_email": _boolean,
    "data_subject_request": _subject_request,
}


def _checks(version: int) -> dict[str, Check]:
    checks = dict(_CHECKS)
    if version >= _OBJECT_REPLIES_SINCE:
        checks["in_reply_to"] = _reply_object
    if version >= _LINKED_RECORDS_SINCE:
        checks["linked_record"] = _linked_record
    return checks


_BY_VERSION = {version: _checks(version) for version in range(2, 10)}


def check_mail(mail: Mapping[str, Any], version: int) -> None:
    """Refuse a mail that the documentation of *version* rules out.

    Raises:
        Refusal: names the first key that is wrong, missing or unknown.
    """
    for key in ("from", "to"):
        if not mail.get(key):
            raise _missing(key, f"$.data[0].{key}")
    checks = _BY_VERSION[version]
    for key, value in mail.items():
        check = checks.get(key)
        if check is None:
            raise refuse("INVALID_DATA", "the key is unknown", key, f"$.data[0].{key}")
        check(value, key, f"$.data[0].{key}")
