"""``zohocrm apis``: the operations that the organisation knows, with their prices."""

import re
from typing import Annotated

import typer

from zohocrm_async.api import find_operation
from zohocrm_async.cli.clients import client_for_one_call
from zohocrm_async.cli.options import AsJson
from zohocrm_async.cli.output import Parts, json_lines, table
from zohocrm_async.cli.running import run
from zohocrm_async.models.apis import ApiFilter, OperationType, SupportedAPI

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_VERSION = re.compile(r"^/crm/v[\d.]+(?=/)")


def apis(
    module: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Only those of a standard module, or of 'custom' ones."),
    ] = None,
    scope: Annotated[
        str | None,
        typer.Option(metavar="SCOPE", help="Only those of a scope: send_mail, modules.leads ..."),
    ] = None,
    method: Annotated[
        str | None,
        typer.Option(metavar="METHOD", help="Only those of GET, POST, PUT, PATCH or DELETE."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the organisation's operations with their prices in credits. Costs 2 credits.

    One filter at a time, as the service has it. The column CALL names the operation in
    this package.
    """
    if method is not None and method.upper() not in _METHODS:
        raise typer.BadParameter(f"--method {method}: give one of {', '.join(_METHODS)}")
    given = [
        make(value)
        for make, value in (
            (ApiFilter.module, module),
            (ApiFilter.oauth_scope, scope),
            (ApiFilter.method, method and method.upper()),
        )
        if value
    ]
    if len(given) > 1:
        raise typer.BadParameter("the service takes one of --module, --scope and --method")
    run(_list(given[0] if given else None, as_json=as_json))


async def _list(filters: ApiFilter | None, *, as_json: bool) -> bool:
    async with client_for_one_call() as crm:
        found = await crm.apis.list(filters)
    pairs = [(api, kind) for api in found for kind in api.operation_types]
    if as_json:
        json_lines(
            {
                "method": kind.method,
                "path": api.path,
                "oauth_scope": kind.oauth_scope,
                "min_credits": kind.min_credits,
                "max_credits": kind.max_credits,
                "call": call_name(api, kind) or None,
            }
            for api, kind in pairs
        )
    else:
        table(
            ("METHOD", "PATH", "CREDITS", "CALL"),
            [
                (kind.method, Parts(_below(api)), _price(kind), Parts(call_name(api, kind)))
                for api, kind in pairs
            ],
            right=(2,),
        )
    return True


def _below(api: SupportedAPI) -> str:
    return _VERSION.sub("", api.path)


def _price(kind: OperationType) -> str:
    low, high = kind.min_credits, kind.max_credits
    return str(low) if low == high else f"{low} to {high}"


def call_name(api: SupportedAPI, kind: OperationType) -> str:
    """Return what the operation is called in this package, or ""."""
    # Any name with a capital stands for a custom module's.
    path = _below(api).replace("{{module}}", "Module")
    operation = find_operation(kind.method, path)
    if operation is None:
        return ""
    # A word such as deleted in the place of an id makes it another operation.
    places = operation.path.replace("{module}", "").count("{")
    return operation.name if path.count("{{") == places else ""
