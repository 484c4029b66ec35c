"""The table of every operation of the service, with the coroutine that calls it."""

import ast

from tools import shown
from tools.facts import heavy, page, page_in, price
from zohocrm_async._endpoint import Operation
from zohocrm_async.api import families, operations

_PAGES = "https://www.zoho.com/crm/developer/docs/api/v7"
# The accounts server is asked by the client itself, with the credentials that it is given.
_TOKENS = (
    ("GET", "/oauth/v2/auth", "authorize_url(...)", "auth-request"),
    ("POST", "/oauth/v2/token", "AuthorizationCode(...)", "access-refresh"),
    ("POST", "/oauth/v2/token", "RefreshToken(...)", "refresh"),
    ("POST", "/oauth/v2/token", "ClientCredentials(...)", "client-credentials"),
    ("POST", "/oauth/v2/token/revoke", "crm.revoke()", "revoke-tokens"),
)
# Pages that describe arguments of operations rather than operations.
USES = (
    ("get-records-ext", 'crm.records.get("Leads", "C-7", external="Leads.Customer_No")'),
    ("insert-records-ext", 'crm.records.create("Deals", rows, external="Leads.Customer_No")'),
    ("update-records-ext", 'crm.records.update_one("Leads", "C-7", row, external=name)'),
    ("upsert-records-ext", 'crm.records.upsert("Leads", rows, external="Leads.Customer_No")'),
    ("delete-records-ext", 'crm.records.delete_one("Leads", "C-7", external=name)'),
    ("search-records-ext", 'crm.records.search("Leads", criteria="(Customer_No:equals:C-7)")'),
    ("get-related-records-ext", 'crm.related_records.list("Leads", "C-7", name, external=names)'),
    (
        "update-related-records-ext",
        'crm.related_records.link("Leads", "C-7", name, rows, external=names)',
    ),
    (
        "delete-related-records-ext",
        'crm.related_records.unlink("Leads", "C-7", name, ids, external=names)',
    ),
    ("subforms", 'crm.records.get("Quotes", id, fields=["Quoted_Items"])'),
    (
        "insert-subforms",
        'crm.records.create("Quotes", [{"Subject": "Sails", "Quoted_Items": rows}])',
    ),
    ("update-subforms", 'crm.records.update_subform("Quotes", id, "Quoted_Items", rows)'),
    ("get-territories-of-a-record", 'crm.records.get("Leads", id, fields=["Territories"])'),
)
_HEAD = """# Coverage

Every operation of the API, made from the declarations by `python -m tools`. *Credits* are the
published ones, from the least to the most where they depend on the call; an organisation's own
price list rules. *Heavy* calls take one of the few heavy slots, *some* of them by their
arguments. *Again* tells that a call may be repeated when its answer is lost; any other raises
`OutcomeUnknown`. Paths are below `/crm/{version}` unless they begin with `/crm/`.
"""
_ALSO = """
## Made of these

Uses of the operations above that people look for by a name of their own, and coroutines that
carry a job to its end.

| Coroutine | | Page |
|---|---|---|
"""
_BY_ARGUMENTS = """
## By their arguments

| Page | Call |
|---|---|
"""
_AUTH = """
## The accounts server

Access tokens are had and renewed by the client as it needs them.

| Method | Path | Here | Page |
|---|---|---|---|
"""


def text() -> str:
    """Return the page."""
    rows = sorted(operations(), key=lambda operation: (operation.path, operation.method))
    return "".join(
        [
            _HEAD,
            f"\n{len(rows)} operations, and {len(_TOKENS)} of the accounts server.\n\n",
            "| Method | Path | Coroutine | Credits | Heavy | Again | Page |\n",
            "|---|---|---|--:|---|---|---|\n",
            *(_row(operation) for operation in rows),
            _ALSO,
            *_others({operation.name for operation in rows}),
            _BY_ARGUMENTS,
            *(f"| {_link(f'{_PAGES}/{name}.html')} | `{call}` |\n" for name, call in USES),
            _AUTH,
            *(
                f"| {method} | `{path}` | `{here}` | {_link(f'{_PAGES}/{name}.html')} |\n"
                for method, path, here, name in _TOKENS
            ),
        ]
    )


def _row(operation: Operation) -> str:
    cells = (
        operation.method,
        f"`{operation.path}`",
        f"`crm.{operation.name}`",
        price(operation),
        heavy(operation),
        "yes" if operation.repeatable else "",
        _link(page(operation.name)),
    )
    return f"| {' | '.join(cells)} |\n"


def _link(url: str) -> str:
    name = url.rpartition("/v7/")[2].removesuffix(".html")
    return f"[{name}]({url})" if url else ""


def _others(known: set[str]) -> list[str]:
    return [
        f"| `crm.{family}.{name}` | {shown.first_line(node)} | {_link(page_in(kind, node))} |\n"
        for family, kind in families().items()
        for name, node in shown.methods(shown.source_of(kind)).items()
        if f"{family}.{name}" not in known and _calls(node)
    ]


def _calls(node: shown.Function) -> bool:
    """Whether a method calls the service: it awaits something, or returns what does."""
    return isinstance(node, ast.AsyncFunctionDef) or "Pager" in ast.unparse(node.returns or node)
