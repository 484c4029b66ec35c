"""Variables of the organisation and their groups.

See https://www.zoho.com/crm/developer/docs/api/v7/get-variables.html.
"""

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from zohocrm_async.models.common import Reference, Word


class VariableType(Word):
    """What a variable holds."""

    TEXT = "text"
    INTEGER = "integer"
    PERCENT = "percent"
    DOUBLE = "double"
    CURRENCY = "currency"
    DATE = "date"
    DATETIME = "datetime"
    EMAIL = "email"
    PHONE = "phone"
    WEBSITE = "website"
    TEXTAREA = "textarea"
    CHECKBOX = "checkbox"
    LONG = "long"


@frozen
class VariableGroup:
    """A group of variables."""

    id: str
    name: str | None = None
    api_name: str | None = None
    display_label: str | None = None
    description: str | None = None
    source: str | None = None


@frozen
class Variable:
    """A variable of the organisation."""

    id: str
    name: str | None = None
    api_name: str | None = None
    read_only: bool | None = None
    description: str | None = None
    source: str | None = None
    type: VariableType | None = None
    variable_group: Reference | None = None
    value: Any = None


@frozen(kw_only=True)
class NewVariable:
    """A variable to create; *variable_group* is named by id or by name."""

    api_name: str
    name: str
    type: VariableType | str
    variable_group: Reference | Mapping[str, str]
    value: Any = None
    description: str | None = None
