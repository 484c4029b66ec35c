"""Checks of the keys of a body: each refuses what the documentation rules out.

A check takes a value, the key that it stands under and its place in the body.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from zohocrm_async.emulator.errors import Refusal

EMAIL = re.compile(r"[^@\s,;<>\"()\[\]]+@[^@\s,;<>\"()\[\].]+(\.[^@\s,;<>\"()\[\].]+)+")
_ROOT = re.compile(r"\$\.\w+\[\d+\]\.")
_NO_MORE: Mapping[str, "Check"] = {}

Check = Callable[[Any, str, str], None]


def refuse(code: str, message: str, name: str, path: str, **details: Any) -> Refusal:
    """Return the error of a key of an item."""
    return Refusal(code, message, wrapped=True, api_name=name, json_path=path, **details)


def refused(problem: Mapping[str, Any], path: str) -> Refusal:
    """Return the error of an item as one of the whole call, with its place in the body."""
    details: dict[str, Any] = {**problem["details"], "json_path": path}
    return Refusal(problem["code"], problem["message"], wrapped=True, **details)


def missing(name: str, path: str, parent: str | None = None) -> Refusal:
    """Return the error of a key that is needed."""
    more = {} if parent is None else {"parent_api_name": parent}
    return refuse("MANDATORY_NOT_FOUND", "a required key is missing", name, path, **more)


def unknown(name: str, path: str) -> Refusal:
    """Return the error of a key that nothing documents."""
    return refuse("INVALID_DATA", "the key is unknown", name, path)


def _typed(kind: type, word: str) -> Check:
    def check(value: Any, name: str, path: str) -> None:
        if not isinstance(value, kind):
            raise refuse(
                "INVALID_DATA", "the value has another type", name, path, expected_data_type=word
            )

    return check


text = _typed(str, "string")
boolean = _typed(bool, "boolean")
json_object = _typed(dict, "jsonobject")
array = _typed(list, "jsonarray")


def integer(value: Any, name: str, path: str) -> None:
    """Check a whole number; digits in a text are one.

    Raises:
        Refusal: it is none.
    """
    digits = isinstance(value, str) and value.lstrip("-").isdecimal()
    if not digits and (isinstance(value, bool) or not isinstance(value, int)):
        raise refuse(
            "INVALID_DATA", "the value has another type", name, path, expected_data_type="integer"
        )


def anything(value: Any, name: str, path: str) -> None:
    """Let a value be whatever it is: something else checks it."""


def short(limit: int) -> Check:
    """Let a text have *limit* characters."""

    def check(value: Any, name: str, path: str) -> None:
        text(value, name, path)
        if len(value) > limit:
            raise refuse("INVALID_DATA", "the text is too long", name, path, maximum_length=limit)

    return check


def or_null(check: Check) -> Check:
    """Let a value be null, too."""

    def checked(value: Any, name: str, path: str) -> None:
        if value is not None:
            check(value, name, path)

    return checked


def one_of(*words: str) -> Check:
    """Let a value be one of *words*."""

    def check(value: Any, name: str, path: str) -> None:
        if value not in words:
            raise refuse(
                "INVALID_DATA", "the word is unknown", name, path, supported_values=list(words)
            )

    return check


def keys(
    value: Any,
    name: str,
    path: str,
    needed: Mapping[str, Check],
    more: Mapping[str, Check] = _NO_MORE,
) -> None:
    """Check an object: *needed* keys are there, and no key but these and *more*.

    Raises:
        Refusal: names the first key that is wrong, missing or unknown.
    """
    json_object(value, name, path)
    for key in needed:
        if value.get(key) in (None, "", []):
            raise missing(key, f"{path}.{key}", name)
    for key, item in value.items():
        check = needed.get(key) or more.get(key)
        if check is None:
            raise unknown(key, f"{path}.{key}")
        check(item, key, f"{path}.{key}")


def many(value: Any, name: str, path: str, most: int, check: Check) -> None:
    """Check a list of at most *most* items.

    Raises:
        Refusal: it is none or too long, or an item is wrong.
    """
    array(value, name, path)
    if len(value) > most:
        raise refuse("INVALID_DATA", "the list is too long", name, path, maximum_length=most)
    for index, item in enumerate(value):
        check(item, name, f"{path}[{index}]")


def list_of(most: int, check: Check) -> Check:
    """Let a value be a list of at most *most* items."""

    def checked(value: Any, name: str, path: str) -> None:
        many(value, name, path, most, check)

    return checked


def email(value: Any, name: str, path: str) -> None:
    """Check an e-mail address.

    Raises:
        Refusal: it is none.
    """
    text(value, name, path)
    if not EMAIL.fullmatch(value):
        parent = _ROOT.sub("", path).split(".")[0].split("[")[0]
        raise refuse(
            "INVALID_DATA", "the e-mail address has no valid form", name, path,
            parent_api_name=parent, expected_data_type="email",
        )  # fmt: skip


def address(value: Any, name: str, path: str) -> None:
    """Check an e-mail address with the name shown for it.

    Raises:
        Refusal: it is none.
    """
    keys(value, name, path, {"email": email}, {"user_name": or_null(text)})


def reference(value: Any, name: str, path: str) -> None:
    """Check an object that holds an id.

    Raises:
        Refusal: it does not.
    """
    keys(value, name, path, {"id": text})


def named_reference(value: Any, name: str, path: str) -> None:
    """Check an object that holds an id, and may hold a name.

    Raises:
        Refusal: it does not.
    """
    keys(value, name, path, {"id": text}, {"name": text})


def time(value: Any, name: str, path: str) -> None:
    """Check a time with its offset.

    Raises:
        Refusal: it is none.
    """
    text(value, name, path)
    try:
        aware = "T" in value and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise refuse(
            "INVALID_DATA", "the time is no ISO 8601 time with an offset", name, path,
            expected_data_type="datetime",
        )  # fmt: skip


def day(value: Any, name: str, path: str) -> None:
    """Check a date.

    Raises:
        Refusal: it is none.
    """
    text(value, name, path)
    try:
        date.fromisoformat(value)
    except ValueError:
        raise refuse(
            "INVALID_DATA", "the date is no ISO 8601 date", name, path, expected_data_type="date"
        ) from None


def _module(value: Any, name: str, path: str) -> None:
    keys(value, name, path, {"api_name": text}, {"id": text})


def linked_record(value: Any, name: str, path: str) -> None:
    """Check the record that an e-mail is linked to.

    Raises:
        Refusal: it names none.
    """
    keys(value, name, path, {"module": _module, "id": text}, {"name": text})
