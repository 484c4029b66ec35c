"""The organisation's list of operations with their prices."""

import json
from typing import Any

from attrs import field, frozen


@frozen
class OperationType:
    """One method of a path, with its scope and its price in credits."""

    method: str
    oauth_scope: str = ""
    min_credits: int = 1
    max_credits: int = 1


@frozen
class Price:
    """What a call costs in credits, as far as it is known before it is made."""

    minimum: int
    """The least of the listed range."""
    maximum: int
    """The most of the listed range."""
    expected: int
    exact: bool
    """Whether *expected* is certain; if it is not, the maximum is held for the call."""
    why: str
    """Where the price comes from."""


@frozen
class SupportedAPI:
    """One path that the organisation's API version knows."""

    path: str
    """Absolute and versioned, such as ``/crm/v7/Leads/{{id}}/actions/merge``."""
    operation_types: tuple[OperationType, ...] = ()


@frozen
class ApiFilter:
    """The one criterion that ``apis.list`` takes; made by its class methods.

    See https://www.zoho.com/crm/developer/docs/api/v7/list-available-rest-apis.html.
    """

    api_name: str
    value: str
    comparator: str = field(default="equals", init=False)

    @classmethod
    def oauth_scope(cls, scope: str) -> "ApiFilter":
        """Keep operations of a *scope*: ``send_mail``, ``modules.leads``, ``bulk`` ..."""
        return cls("operation_types.oauth_scope", scope)

    @classmethod
    def method(cls, method: str) -> "ApiFilter":
        """Keep operations with an HTTP *method*: GET, POST, PUT, PATCH or DELETE."""
        return cls("operation_types.method", method)

    @classmethod
    def module(cls, module: str) -> "ApiFilter":
        """Keep operations of a standard *module*, or of ``custom`` ones."""
        return cls("module", module)

    def __str__(self) -> str:
        criterion: dict[str, Any] = {
            "field": {"api_name": self.api_name},
            "comparator": self.comparator,
            "value": self.value,
        }
        return json.dumps(criterion, separators=(",", ":"))
