"""Shapes that many families share."""

import enum
from collections.abc import Mapping
from typing import Any, Self

from attrs import field, frozen

from zohocrm_async.exceptions import ZohoCRMError


class Word(enum.StrEnum):
    """An enumeration that also takes words its documentation does not list."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        # Equal to the text it came as; kept out of the members.
        word = str.__new__(cls, value)
        word._name_ = value
        word._value_ = value
        return word


@frozen
class Reference:
    """An id with the name that goes with it: a user, a folder, a record."""

    id: str
    name: str | None = None
    email: str | None = None


@frozen
class ModuleReference:
    """A module by its API name and id."""

    api_name: str
    id: str | None = None


@frozen
class MinifiedModule:
    """A module as some answers tell it: by its API name, its id, its name, or some of them."""

    api_name: str | None = None
    id: str | None = None
    name: str | None = None


@frozen
class FieldReference:
    """A field by its API name, its id, or both."""

    api_name: str | None = None
    id: str | None = None


@frozen
class Outcome:
    """What became of one item of a write.

    ``error`` is the exception that a call of this item alone would have raised; None if it
    went well. It is an `APIError`, but where many rows were cut into calls and one call
    failed as a whole: then it is what that call raised.
    """

    code: str
    status: str = "success"
    message: str = ""
    details: Mapping[str, Any] = field(factory=dict[str, Any])
    action: str | None = None
    """Of an upsert: ``insert`` or ``update``."""
    duplicate_field: str | None = None
    """Of an upsert that updated: the field that told the duplicate."""
    error: ZohoCRMError | None = None

    @property
    def ok(self) -> bool:
        """Whether the item went well."""
        return self.error is None

    @property
    def id(self) -> str | None:
        """The id of the item, where the service gives it."""
        return _text(self.details.get("id"))

    @property
    def job_id(self) -> str | None:
        """The job, where the service goes on by itself."""
        return _text(self.details.get("job_id"))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
