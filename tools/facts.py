"""What the declarations say of operations, in words."""

import ast
import re
from collections.abc import Callable
from inspect import getdoc
from typing import Any

from tools.shown import Function
from zohocrm_async._endpoint import Operation, Resource
from zohocrm_async.api import declarations
from zohocrm_async.emulator.catalogue import bounds

_PAGE = re.compile(r"https://www\.zoho\.com/crm/developer/docs/api/[\w./-]+?\.html")


def price(operation: Operation) -> str:
    """Return the published credits of an operation: one number, or from the least to the most."""
    least, most = bounds(operation)
    return str(least) if least == most else f"{least} to {most}"


def heavy(operation: Operation) -> str:
    """Return whether a call takes a heavy slot."""
    if callable(operation.heavy):
        return "some"
    return "yes" if operation.heavy else ""


def family_of(name: str) -> type[Resource]:
    """Return the class that declares the operation called *name*."""
    method: Any = declarations()[name]
    module = __import__(method.__module__, fromlist=["_"])
    found = getattr(module, method.__qualname__.partition(".")[0])
    return found if isinstance(found, type) else Resource


def page_in(family: type[Resource], node: Function) -> str:
    """Return the page that a method names, or its family, or ""."""
    own = _PAGE.search(ast.get_docstring(node) or "") or _PAGE.search(getdoc(family) or "")
    return own[0] if own else ""


def page(name: str) -> str:
    """Return the page of the documentation that describes an operation, or ""."""
    method: Callable[..., Any] = declarations()[name]
    family = family_of(name)
    public = getattr(family, method.__name__.lstrip("_"), None)
    for thing in (method, public, family):
        found = _PAGE.search(getdoc(thing) or "")
        if found:
            return found[0]
    return ""
