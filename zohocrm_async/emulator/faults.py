"""Failures that are planned: what goes wrong, when, and how often."""

import enum
import re
from typing import Any

from attrs import Attribute, define, field, validators


class Fault(enum.Enum):
    """What goes wrong, and whether the service has acted by then."""

    CUT_BEFORE = "cut_before"
    """The connection is closed; nothing was done."""
    CUT_AFTER = "cut_after"
    """The work is done, then the connection is closed without an answer."""
    SERVER_ERROR = "server_error"
    """500 INTERNAL_ERROR; nothing was done."""
    ERROR_AFTER = "error_after"
    """The work is done, and 500 INTERNAL_ERROR comes all the same."""
    BAD_GATEWAY = "bad_gateway"
    """502 with a page of HTML; nothing was done."""
    TOO_MANY_CALLS = "too_many_calls"
    """429 for too many calls at once; nothing was done. It may say when to come again."""
    CREDITS_SPENT = "credits_spent"
    """429 for spent credits; nothing was done."""
    HTML = "html"
    """The work is done, and 200 comes with a page of HTML."""
    TRUNCATED = "truncated"
    """The work is done, and the answer ends before its Content-Length."""
    LATE = "late"
    """The connection is closed, and the work is done some seconds of the clock later."""
    SLOW = "slow"
    """The work is done, and the answer comes some real seconds later."""
    TOKEN_REVOKED = "token_revoked"  # noqa: S105  # a fault, no secret
    """401 INVALID_TOKEN, and the token is dead from now on; nothing was done."""


_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _is_fault(_: object, attribute: "Attribute[Any]", value: object) -> None:
    if not isinstance(value, Fault):
        raise TypeError(f"{attribute.name} is {value!r}: give one of Fault, as Fault.SERVER_ERROR")


@define(on_setattr=[])  # what is planned counts down to nothing
class PlannedFault:
    """One plan: the fault, the calls it strikes, how many of them, after how many."""

    fault: Fault = field(validator=_is_fault)
    times: int = field(default=1, validator=validators.ge(1))
    method: str | None = field(
        default=None, validator=validators.optional(validators.in_(_METHODS))
    )
    path: str | None = None
    after: int = field(default=0, validator=validators.ge(0))
    seconds: float = field(default=0.0, validator=validators.ge(0.0))


class FaultPlan:
    """Planned faults, in the order they were planned."""

    def __init__(self) -> None:
        self._plans: list[PlannedFault] = []

    def add(self, planned: PlannedFault) -> None:
        """Plan one more.

        Raises:
            ValueError: the path is no regular expression.
        """
        try:
            re.compile(planned.path or "")
        except re.error as error:
            raise ValueError(f"path {planned.path!r} is no regular expression: {error}") from error
        self._plans.append(planned)

    def clear(self) -> None:
        """Forget all that is planned."""
        self._plans.clear()

    def next(self, method: str, path: str, *, named: bool = False) -> PlannedFault | None:
        """Return the fault that strikes a call of *method* and *path*, using it up.

        A call that has to be *named* is struck only by plans that give a path.
        """
        for planned in self._plans:
            if not _matches(planned, method, path, named=named):
                continue
            if planned.after:
                planned.after -= 1
                continue
            planned.times -= 1
            if not planned.times:
                self._plans.remove(planned)
            return planned
        return None


def _matches(planned: PlannedFault, method: str, path: str, *, named: bool) -> bool:
    if planned.method is not None and planned.method != method:
        return False
    if planned.path is None:
        return not named
    return re.search(planned.path, path) is not None
