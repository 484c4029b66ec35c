"""What is known of the fields of records: which are needed, and what they hold."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from zohocrm_async.emulator.checks import EMAIL
from zohocrm_async.emulator.errors import JSON, error_item
from zohocrm_async.emulator.shapes import is_array, is_array_of_objects

_NEEDED = {
    "Leads": "Last_Name",
    "Contacts": "Last_Name",
    "Accounts": "Account_Name",
    "Deals": "Deal_Name",
    "Vendors": "Vendor_Name",
    "Cases": "Subject",
    "Quotes": "Subject",
    "Sales_Orders": "Subject",
    "Purchase_Orders": "Subject",
    "Invoices": "Subject",
    "Campaigns": "Campaign_Name",
    "Tasks": "Subject",
    "Events": "Event_Title",
    "Calls": "Subject",
    "Products": "Product_Name",
    "Price_Books": "Price_Book_Name",
    "Solutions": "Solution_Title",
    "Notes": "Note_Content",
    "Services__s": "Service_Name",
    "Appointments__s": "Service_Name",
    "Appointments_Rescheduled_History__s": "Appointment_Name",
}
# Needed beside that one.
_NEEDED_TOO = {
    "Notes": ("Parent_Id",),
    "Services__s": ("Duration", "Price", "Availability_Type", "Members", "Location"),
    "Appointments__s": ("Appointment_For", "Appointment_Start_Time"),
}
# What records are called, where it is not the needed field.
_CALLED = {
    "Notes": "Note_Title",
    "Appointments__s": "Appointment_Name",
    "Appointments_Rescheduled_History__s": "Name",
}
_UNIQUE = {
    "Leads": "Email",
    "Contacts": "Email",
    "Accounts": "Account_Name",
    "Deals": "Deal_Name",
    "Vendors": "Vendor_Name",
    "Campaigns": "Campaign_Name",
    "Products": "Product_Name",
}
_LONGEST = {"Last_Name": 80, "First_Name": 40, "Company": 200, "Email": 100, "Phone": 30}
_EMAIL_NAME = re.compile(r"(.+_)?Email(_\d+)?")
_TEXTS = frozenset(
    {*_NEEDED.values(), *_LONGEST, "Mobile", "Street", "City", "State", "Zip_Code", "Country"}
)
_BOOLEANS = frozenset({"Email_Opt_Out", "SMS_Opt_Out"})
_INTEGERS = frozenset({"No_of_Employees"})
_NUMBERS = frozenset({"Annual_Revenue", "Amount", "Probability", "Expected_Revenue"})


def needed_field(module: str) -> str:
    """Return the field that every record of a module has."""
    return _NEEDED.get(module, "Name")


def needed_fields(module: str) -> tuple[str, ...]:
    """Return all fields that every record of a module has."""
    return (needed_field(module), *_NEEDED_TOO.get(module, ()))


def name_field(module: str) -> str:
    """Return the field that holds what a record of a module is called."""
    return _CALLED.get(module, needed_field(module))


def unique_field(module: str) -> str:
    """Return the field by which upsert tells duplicates, unless told others."""
    return _UNIQUE.get(module, "Name")


def missing_field(module: str, row: Mapping[str, Any], index: int, *, new: bool) -> JSON | None:
    """Return the error of a row without its needed field, or None."""
    name = needed_field(module)
    absent = row.get(name) in (None, "") if new or name in row else False
    if not absent:
        return None
    details = {"api_name": name, "json_path": f"$.data[{index}].{name}"}
    return error_item("MANDATORY_NOT_FOUND", "required field not found", details)


def invalid_field(row: Mapping[str, Any], index: int) -> JSON | None:
    """Return the error of the first value that its field, known by name, cannot hold, or None."""
    for name, value in row.items():
        kind = _kind(name)
        if value is None or kind is None:
            continue
        expected = type_problem(kind, value)
        most = longest(name, kind, {})
        details: dict[str, Any] = {"api_name": name, "json_path": f"$.data[{index}].{name}"}
        if expected is not None:
            details["expected_data_type"] = expected
            return error_item("INVALID_DATA", "invalid data", details)
        if most is not None and len(value) > most:
            details["maximum_length"] = most
            return error_item("INVALID_DATA", "invalid data", details)
    return None


def _kind(name: str) -> str | None:
    """Return the data type that a field of this name has in every module, if it has one."""
    if _EMAIL_NAME.fullmatch(name):
        return "email"
    if name in _TEXTS:
        return "text"
    if name in _BOOLEANS:
        return "boolean"
    if name in _INTEGERS:
        return "integer"
    return "double" if name in _NUMBERS else None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_email(value: Any) -> bool:
    return isinstance(value, str) and (not value or EMAIL.fullmatch(value) is not None)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_date(value: Any) -> bool:
    try:
        return len(value) == len("2026-01-31") and bool(date.fromisoformat(value))
    except (TypeError, ValueError):
        return False


def _is_time(value: Any) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None and "T" in value
    except (TypeError, ValueError):
        return False


def _is_reference(value: Any) -> bool:
    return isinstance(value, str | dict)


def _is_texts(value: Any) -> bool:
    return is_array(value) and all(isinstance(each, str) for each in value)


# By data type: what a value is, and what it is called where it is not.
_TYPES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(("text", "textarea", "phone", "website", "picklist"), (_is_text, "text")),
    "email": (_is_email, "email"),
    "boolean": (lambda value: isinstance(value, bool), "boolean"),
    "integer": (_is_integer, "integer"),
    "bigint": (_is_integer, "bigint"),
    **dict.fromkeys(("currency", "double", "percent"), (_is_number, "double")),
    "date": (_is_date, "date"),
    "datetime": (_is_time, "datetime"),
    **dict.fromkeys(("lookup", "ownerlookup", "userlookup"), (_is_reference, "jsonobject")),
    "multiselectpicklist": (_is_texts, "jsonarray"),
    "subform": (is_array_of_objects, "jsonarray"),
}
_MEASURED = frozenset({"text", "textarea", "phone", "website", "email", "integer"})


def type_problem(kind: str, value: Any) -> str | None:
    """Return the type that a field of a data type asks for, if *value* is not of it."""
    check, word = _TYPES.get(kind, (None, ""))
    return word if check is not None and not check(value) else None


def longest(name: str, kind: str, field: Mapping[str, Any]) -> int | None:
    """Return how many characters, or digits, a field takes."""
    if kind not in _MEASURED:
        return None
    limits = (_LONGEST.get(name), int(field.get("length") or 0))
    return min((limit for limit in limits if limit), default=None)


def read_text(name: str, text: str) -> Any:
    """Return *text* of a file as the field holds it; None if it is empty."""
    if not text:
        return None
    if name in _BOOLEANS:
        return text.strip().lower() in {"true", "1", "yes"}
    if name in _INTEGERS:
        return int(text)
    if name in _NUMBERS:
        number = float(text)
        return int(number) if number.is_integer() else number
    return text
