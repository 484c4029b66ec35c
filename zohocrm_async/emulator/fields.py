"""What is known of the fields of records: which are needed, and what they hold."""

import re
from collections.abc import Mapping
from typing import Any

from zohocrm_async.emulator.errors import JSON, error_item
from zohocrm_async.emulator.mail_rules import EMAIL

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
    """Return the error of the first value that its field cannot hold, or None."""
    for name, value in row.items():
        expected = None if value is None else _expected(name, value)
        longest = _LONGEST.get(name)
        details: dict[str, Any] = {"api_name": name, "json_path": f"$.data[{index}].{name}"}
        if expected is not None:
            details["expected_data_type"] = expected
            return error_item("INVALID_DATA", "invalid data", details)
        if longest is not None and value is not None and len(value) > longest:
            details["maximum_length"] = longest
            return error_item("INVALID_DATA", "invalid data", details)
    return None


def _expected(name: str, value: Any) -> str | None:
    """Return the type that the field asks for, if *value* is not of it."""
    if _EMAIL_NAME.fullmatch(name):
        return None if isinstance(value, str) and (not value or EMAIL.fullmatch(value)) else "email"
    if name in _TEXTS:
        return None if isinstance(value, str) else "text"
    if name in _BOOLEANS:
        return None if isinstance(value, bool) else "boolean"
    if name in _INTEGERS:
        return None if isinstance(value, int) and not isinstance(value, bool) else "integer"
    if name in _NUMBERS:
        return None if isinstance(value, int | float) and not isinstance(value, bool) else "double"
    return None


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
