"""Which operations a composite request takes, and of how many records each.

See https://www.zoho.com/crm/developer/docs/api/v7/composite-api.html.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast
from urllib.parse import parse_qsl

from zohocrm_async._coql import limit_of
from zohocrm_async._endpoint import Call, Operation
from zohocrm_async.exceptions import InvalidRequest

MOST = 5
"""Sub-requests of one composite request."""
SLOTS = 5
"""Calls in flight that the service counts a composite request for, whatever is in it."""
MOST_LISTED = 25
"""Records that a list or a query gives in one."""

_OF_ANY_NUMBER = """
GET /org
GET /org/currencies
GET /org/currencies/{id}
GET /settings/modules
GET /settings/modules/{name}
GET /settings/fields
GET /settings/fields/{id}
GET /settings/layouts
GET /settings/layouts/{id}
GET /settings/related_lists
GET /settings/related_lists/{id}
GET /settings/custom_views
GET /settings/custom_views/{id}
GET /settings/roles
GET /settings/roles/{id}
POST /settings/roles
PUT /settings/roles
PUT /settings/roles/{id}
GET /settings/profiles
GET /settings/profiles/{id}
GET /settings/variables
GET /settings/variables/{id}
GET /settings/variable_groups
GET /settings/variable_groups/{id}
GET /settings/tags
GET /settings/automation/assignment_rules
GET /settings/automation/assignment_rules/{id}
GET /settings/pipeline
GET /settings/pipeline/{id}
POST /settings/pipeline
PUT /settings/pipeline
PUT /settings/pipeline/{id}
GET /settings/wizards
GET /settings/wizards/{id}
GET /settings/emails/actions/from_addresses
GET /{module}/actions/count
GET /{module}/{id}/actions/blueprint
PUT /{module}/{id}/actions/blueprint
GET /{module}/{id}/actions/share
POST /{module}/{id}/actions/add_tags
POST /{module}/{id}/actions/remove_tags
POST /{module}/{id}/actions/convert
POST /Leads/{id}/actions/convert
GET /{module}/{id}/Attachments
DELETE /{module}/{id}/photo
DELETE /actions/watch
"""
_OF_ONE = """
POST /users
PUT /users
PUT /users/{id}
DELETE /users/{id}
PUT /{module}/{id}/{related_list}
PUT /{module}/{id}/{related_list}/{related_id}
DELETE /{module}/{id}/{related_list}/{related_id}
POST /settings/variables
DELETE /settings/variables/{id}
POST /{module}/{id}/Notes
POST /settings/tags
PUT /settings/tags
PUT /settings/tags/{id}
POST /settings/tags/{id}/actions/merge
POST /org/currencies
PUT /org/currencies
PUT /org/currencies/{id}
POST /actions/watch
PUT /actions/watch
PATCH /actions/watch
POST /{module}
PUT /{module}
PUT /{module}/{id}
POST /{module}/upsert
DELETE /{module}/{id}
"""
_LISTS = """
GET /settings/territories
GET /settings/territories/{id}
GET /settings/email_templates
GET /settings/email_templates/{id}
GET /settings/inventory_templates
GET /settings/inventory_templates/{id}
GET /actions/watch
GET /{module}
GET /{module}/{id}
GET /{module}/search
GET /{module}/deleted
GET /{module}/{id}/{related_list}
GET /{module}/{id}/{related_list}/{related_id}
POST /coql
GET /users
GET /users/{id}
"""

ALLOWED: Mapping[str, int | None] = {
    **dict.fromkeys(_OF_ANY_NUMBER.split("\n")[1:-1]),
    **dict.fromkeys(_OF_ONE.split("\n")[1:-1], 1),
    **dict.fromkeys(_LISTS.split("\n")[1:-1], MOST_LISTED),
}
"""The most records of each operation, by method and path; None: any number."""


_URI = re.compile(r"/crm/v[0-9.]+(/.*)")


def heavy_slots(composite: Call) -> int:
    """Return the heavy slots of a composite request: its own, and those of what is in it."""
    found = _object(composite.body).get(composite.operation.key or "")
    requests = cast("Sequence[Any]", found) if isinstance(found, list | tuple) else ()
    return 1 + sum(call.heavy for call in map(_call, requests) if call is not None)


def _call(request: Any) -> Call | None:
    """Return the call that a request stands for, if it is one that is known."""
    from zohocrm_async.api import find_operation  # noqa: PLC0415  # it loads with the families

    given, params = _object(request), _object(_object(request).get("params"))
    path, _, query = str(given.get("uri")).partition("?")
    match = _URI.fullmatch(path)
    operation = find_operation(str(given.get("method")), match[1]) if match else None
    if match is None or operation is None:
        return None
    return Call(operation, match[1], {**dict(parse_qsl(query)), **params}, body=given.get("body"))


def _object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def line(operation: Operation) -> str:
    """Return how `ALLOWED` names an operation."""
    return f"{operation.method} {operation.path}"


def check(call: Call) -> None:
    """Refuse a call that no composite request takes.

    Raises:
        InvalidRequest: it is none of the operations, or of too many records.
    """
    operation = call.operation
    name = line(operation)
    if name not in ALLOWED:
        instead = " (delete records one by one)" if operation.name == "records.delete" else ""
        raise InvalidRequest(
            f"{operation.name} cannot be part of a composite request: make the call by itself"
            f"{instead}",
            operation=operation.name,
        )
    most = ALLOWED[name]
    if most == 1 and call.rows > 1:
        raise InvalidRequest(
            f"{operation.name} is of {call.rows} records, and in a composite request of one: add "
            "one request for each, or make the call by itself",
            operation=operation.name,
        )
    asked = call.query.get("per_page", "")
    if most == MOST_LISTED and asked.isdigit() and int(asked) > MOST_LISTED:
        raise InvalidRequest(
            f"{operation.name} asks for {asked} a page, and gives {MOST_LISTED} in a composite "
            "request: say per_page=25, or make the call by itself",
            operation=operation.name,
        )
    limit = limit_of(call)
    if limit is not None and limit > MOST_LISTED:
        raise InvalidRequest(
            f"the query asks for {limit} rows, and gives {MOST_LISTED} in a composite request: "
            "say limit 25, or make the call by itself",
            operation=operation.name,
        )
