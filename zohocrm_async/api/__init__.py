"""Endpoints: one module for each family, loaded on first use."""

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from zohocrm_async._endpoint import Caller, Operation, Resource

if TYPE_CHECKING:
    from zohocrm_async.api.apis import Apis
    from zohocrm_async.api.files import Files
    from zohocrm_async.api.mail import Mails
    from zohocrm_async.api.merge import Merges
    from zohocrm_async.api.organization import Organization
    from zohocrm_async.api.records import Records
    from zohocrm_async.api.templates import EmailTemplates, InventoryTemplates
    from zohocrm_async.api.unsubscribe_links import UnsubscribeLinks

_FAMILIES = {
    "apis": ("apis", "Apis"),
    "email_templates": ("templates", "EmailTemplates"),
    "files": ("files", "Files"),
    "inventory_templates": ("templates", "InventoryTemplates"),
    "mail": ("mail", "Mails"),
    "merge": ("merge", "Merges"),
    "organization": ("organization", "Organization"),
    "records": ("records", "Records"),
    "unsubscribe_links": ("unsubscribe_links", "UnsubscribeLinks"),
}


def _load(family: str) -> type[Resource]:
    module, name = _FAMILIES[family]
    return cast("type[Resource]", getattr(import_module(f"{__name__}.{module}"), name))


class Families:
    """The families of endpoints, each made when it is first asked for."""

    if TYPE_CHECKING:
        apis: Apis
        email_templates: EmailTemplates
        files: Files
        inventory_templates: InventoryTemplates
        mail: Mails
        merge: Merges
        organization: Organization
        records: Records
        unsubscribe_links: UnsubscribeLinks
    else:

        def __getattr__(self, name: str) -> Any:
            if name not in _FAMILIES:
                raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}")
            resource = _load(name)(cast("Caller", self))
            setattr(self, name, resource)
            return resource


def operations() -> tuple[Operation, ...]:
    """Return every declared operation: the table behind prices, routes and listings."""
    return tuple(op for name in _FAMILIES for op in _load(name).operations.values())


@cache
def _routes() -> dict[tuple[str, int], tuple[tuple[tuple[str, ...], Operation], ...]]:
    """Group operations by method and number of segments, literal segments first."""
    groups: dict[tuple[str, int], list[tuple[tuple[str, ...], Operation]]] = {}
    for operation in operations():
        parts = tuple(operation.path.split("/"))
        groups.setdefault((operation.method, len(parts)), []).append((parts, operation))
    return {
        key: tuple(sorted(found, key=lambda pair: [part.startswith("{") for part in pair[0]]))
        for key, found in groups.items()
    }


def find_operation(method: str, path: str) -> Operation | None:
    """Return the declared operation of a path below ``/crm/{version}``, or None.

    A module's API name begins with a capital letter, which keeps ``/settings/...`` and
    the like from being taken for one.
    """
    parts = path.split("/")
    for template, operation in _routes().get((method, len(parts)), ()):
        if all(
            (t == "{module}" and part[:1].isupper())
            or (t != "{module}" and t[:1] == "{")
            or t == part
            for t, part in zip(template, parts, strict=True)
        ):
            return operation
    return None
