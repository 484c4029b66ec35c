"""The organisation's own list of operations, with scopes and prices.

See https://www.zoho.com/crm/developer/docs/api/v7/list-available-rest-apis.html.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import orjson
from attrs import frozen

from zohocrm_async._endpoint import Call, Operation
from zohocrm_async._module_names import STANDARD_MODULES
from zohocrm_async._scope_words import scope_of
from zohocrm_async.api import operations
from zohocrm_async.emulator.errors import Refusal, Reply
from zohocrm_async.emulator.mail import MAIL_MODULES
from zohocrm_async.emulator.merge import MERGE_MODULES
from zohocrm_async.emulator.photos import PHOTO_MODULES
from zohocrm_async.emulator.requests import Incoming
from zohocrm_async.emulator.shapes import is_object

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_RANGES = {
    "records.list": (1, 3),
    "records.get": (1, 3),
    "records.create": (1, 10),
    "records.update": (1, 10),
    "records.upsert": (1, 10),
    "composite.run": (1, 2),
    "coql.query": (1, 3),
    "mail_merge.download": (1, 5),
    # The sample of the list says 50, though 500 records are 10 times 50.
    "tags.add": (1, 50),
    "tags.remove": (1, 50),
}
# Listed with a price, but answered by nothing here: path, methods, modules, bounds.
_OTHERS: tuple[tuple[str, str, tuple[str, ...], tuple[int, int]], ...] = (
    ("/{module}/{id}/actions/send_mail", "PUT", MAIL_MODULES, (20, 20)),
    ("/{module}/{id}/Attachments", "PUT", STANDARD_MODULES, (1, 1)),
    ("/{module}/{id}/Locking_Information__s", "GET", STANDARD_MODULES, (1, 1)),
    ("/{module}/{id}/Locking_Information__s/{id}", "GET PUT DELETE", STANDARD_MODULES, (1, 1)),
)
# What the links in answers lead to; listed nowhere.
_LINKED = (
    Operation("GET", "/crm/bulk/{version}/write/{id}/result", name="bulk_write.download"),
    Operation("GET", "/crm/bulk/{version}/backup/{id}/result", name="backup.download"),
    Operation("GET", "/settings/audit_log_export/{id}/result", name="audit_log.download"),
)
_WORDS = frozenset(
    {
        *("apis", "files", "settings", "modules", "users", "templates", "org", "mass_convert"),
        *("features", "mass_delete", "mass_update", "share", "change_owner", "send_mail", "bulk"),
        *("composite_requests", "notifications", "coql"),
    }
)
_ALIASES = {"Meetings": "Events"}
_LISTED_MODULES = frozenset(
    {
        *STANDARD_MODULES,
        "Meetings",
        "Appointments",
        "Appointments_Rescheduled_History",
        "Services",
        "custom",
    }
)


@frozen
class Listed:
    """One method of one path: what `__apis` says of it, for one module."""

    method: str
    path: str
    module: str
    scope: str
    minimum: int
    maximum: int


@cache
def table() -> tuple[Operation, ...]:
    """Return the operations that are answered."""
    # A link has the path of what it leads to, and none of its own.
    return (*(known for known in operations() if known.host != "link"), *_LINKED)


def bounds(operation: Operation) -> tuple[int, int]:
    """Return the least and the most that an operation costs."""
    price = operation.price
    return (price, price) if isinstance(price, int) else _RANGES[operation.name]


def price_of(call: Call) -> int:
    """Return what this very call costs."""
    price = call.operation.price
    minimum, maximum = bounds(call.operation)
    return price if isinstance(price, int) else min(max(price(call), minimum), maximum)


@cache
def listed(version: int) -> tuple[Listed, ...]:
    """Return all that `__apis` lists in a version."""
    entries: list[Listed] = []
    for operation in table():
        if operation.since <= version and operation not in _LINKED:
            entries += _spelled_out(
                operation.method, operation.path, _modules(operation), bounds(operation)
            )
    for path, methods, modules, price in _OTHERS:
        for method in methods.split():
            entries += _spelled_out(method, path, modules, price)
    return tuple(entries)


def _modules(operation: Operation) -> tuple[str, ...]:
    if operation.name in {"mail.send", "mail.sharing"}:
        return MAIL_MODULES
    if operation.path.endswith("}/photo"):
        return PHOTO_MODULES
    if operation.name.startswith("inventory_conversion"):
        return ("Quotes", "Sales_Orders")
    return MERGE_MODULES if operation.path.endswith("/merge") else STANDARD_MODULES


def _spelled_out(
    method: str, path: str, modules: Iterable[str], price: tuple[int, int]
) -> Iterable[Listed]:
    shown = re.sub(r"\{(?!module|version)\w+\}", "{{id}}", path)
    if "{module}" not in path:
        yield Listed(method, shown, "", scope_of(method, path, ""), *price)
        return
    for module in (*modules, "{{module}}"):
        scope = scope_of(method, path, module)
        yield Listed(method, shown.replace("{module}", module), module, scope, *price)


def list_apis(incoming: Incoming) -> Reply:
    """List the operations of the version, all or those of one criterion."""
    filters = incoming.query.get("filters")
    if filters is None:
        return Reply(_all(incoming.version))
    name, value = _criterion(filters)
    entries = [entry for entry in listed(incoming.version) if _fits(entry, name, value)]
    return Reply(_answered(entries, incoming.version)) if entries else Reply(None, 204)


@cache
def _all(version: int) -> Mapping[str, Any]:
    # Every client asks for it before its first call.
    return _answered(listed(version), version)


def _answered(entries: Iterable[Listed], version: int) -> Mapping[str, Any]:
    paths: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        whole = entry.path if entry.path.startswith("/crm/") else f"/crm/{{version}}{entry.path}"
        paths.setdefault(whole.replace("{version}", f"v{version}"), []).append(
            {
                "method": entry.method,
                "oauth_scope": entry.scope,
                "max_credits": entry.maximum,
                "min_credits": entry.minimum,
            }
        )
    return {"__apis": [{"path": p, "operation_types": kinds} for p, kinds in paths.items()]}


def _criterion(filters: str) -> tuple[str, str]:
    criterion = _object(filters)
    unknown = criterion.keys() - {"field", "comparator", "value"}
    if unknown:
        raise _refused("INVALID_DATA", "the key is unknown", api_name=min(unknown))
    field: Any = criterion.get("field")
    for name in ("field", "comparator"):
        if criterion.get(name) in (None, ""):
            raise _refused("MANDATORY_NOT_FOUND", "a mandatory key is missing", api_name=name)
    api_name: Any = field.get("api_name") if is_object(field) else None
    if not api_name:
        raise _refused("MANDATORY_NOT_FOUND", "a mandatory key is missing", api_name="api_name")
    if criterion.get("value") in (None, ""):
        raise _refused("DEPENDENT_FIELD_MISSING", "Dependent Field missing", api_name="value")
    _check_criterion(api_name, criterion["comparator"], criterion["value"])
    return api_name, criterion["value"]


def _object(text: str) -> dict[str, Any]:
    try:
        value: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not is_object(value):
        raise _refused("INVALID_DATA", "Invalid JSON passed as parameter")
    return value


def _check_criterion(name: Any, comparator: Any, value: Any) -> None:
    checks = {
        "operation_types.oauth_scope": _is_scope,
        "operation_types.method": _METHODS.__contains__,
        "module": _LISTED_MODULES.__contains__,
    }
    if name not in checks:
        raise _refused("INVALID_DATA", "the api_name seems to be invalid", api_name="api_name")
    if comparator != "equals":
        raise _refused("INVALID_DATA", "the comparator is not supported", api_name="comparator")
    if not isinstance(value, str) or not checks[name](_module_name(name, value)):
        raise _refused("INVALID_DATA", "the value is not supported", api_name="value")


def _module_name(name: str, value: str) -> str:
    return value.replace(" ", "_") if name == "module" else value


def _is_scope(value: str) -> bool:
    word, _, rest = value.partition(".")
    return word in _WORDS and rest == rest.lower()


def _fits(entry: Listed, name: str, value: str) -> bool:
    if name == "operation_types.method":
        return entry.method == value
    if name == "operation_types.oauth_scope":
        return f"{entry.scope}.".startswith(f"ZohoCRM.{value}.")
    module = _module_name(name, value)
    wanted = "{{module}}" if module == "custom" else _ALIASES.get(module, module)
    return entry.module == wanted


def _refused(code: str, message: str, **details: Any) -> Refusal:
    return Refusal(code, message, param_name="filters", **details)
