"""The reference of everything public, from the source itself."""

import ast
import re
from collections.abc import Iterator
from pkgutil import iter_modules
from typing import Any

import zohocrm_async
from tools import shown
from tools.facts import heavy, page, price
from zohocrm_async import ZohoCRM, models
from zohocrm_async._endpoint import Operation
from zohocrm_async.api import families, operations

_HEAD = """# API reference

Made from the source by `python -m tools`. `crm` is an open client:
`async with ZohoCRM(...) as crm`. Begin with the [README](../README.md), the guides beside this
page tell more, and [coverage](coverage.md) names the operation of every path.
"""
# Modules of classes that programs get and do not make.
_RETURNED = {
    "_pages": ("Pager", "Page"),
    "_batching.loader": ("RecordLoader",),
    "_batching.writer": ("RecordWriter",),
    "_batching.composite": ("Batch", "SubRequest"),
    "_moving.archives": ("Table",),
}
# What is told elsewhere on the page, or on a page of its own.
_TOLD = frozenset({"api", "cli", "exceptions", "models", "options"})


def text() -> str:
    """Return the page."""
    parts = (_contents, _client, _families, _returned, _rest, _models)
    whole = [_HEAD, *(line for part in parts for line in part())]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(whole)) + "\n"


def _public_modules() -> list[str]:
    """Return the modules that programs import by their names."""
    found = sorted(module.name for module in iter_modules(zohocrm_async.__path__))
    return [f"zohocrm_async.{n}" for n in found if not n.startswith("_") and n not in _TOLD]


def _contents() -> Iterator[str]:
    yield "- [The client](#the-client)"
    yield "- Families: " + ", ".join(f"[{name}](#crm{name})" for name in families())
    yield "- [What calls return](#what-calls-return), beside models"
    yield "- [Errors](#errors)"
    names = ("zohocrm_async", *_public_modules())
    yield "- Modules: " + ", ".join(f"[{name}](#{_anchor(name)})" for name in names)
    yield "- [Models](#models)"


def _anchor(heading: str) -> str:
    return heading.lower().replace(".", "")


def _client() -> Iterator[str]:
    yield from ("", "## The client")
    yield from _class(shown.source_of(ZohoCRM), "crm", level=3)


def _families() -> Iterator[str]:
    known = {operation.name: operation for operation in operations()}
    for family, kind in families().items():
        source = shown.source_of(kind)
        yield from ("", f"## crm.{family}", "", shown.text_of(source.node))
        yield from shown.listed(shown.attributes(source))
        for name, node in shown.methods(source).items():
            operation = known.get(f"{family}.{name}")
            yield from _function(node, f"crm.{family}.{name}", operation)


def _function(node: shown.Function, name: str, operation: Operation | None = None) -> Iterator[str]:
    yield from ("", f"### {name}", "", f"`{shown.signature(node, name)}`", "")
    if operation is not None:
        yield from (_facts(operation), "")
    yield shown.text_of(node)


def _facts(operation: Operation) -> str:
    credits_ = price(operation)
    parts = [
        f"`{operation.method} {operation.path}`",
        f"{credits_} {'credit' if credits_ == '1' else 'credits'}",
    ]
    if heavy(operation):
        parts.append("heavy" if operation.heavy is True else "heavy by its arguments")
    if operation.since > 2:  # noqa: PLR2004  # the oldest version that there is
        parts.append(f"since v{operation.since}")
    link = page(operation.name)
    if link:
        parts.append(f"[page]({link})")
    return ", ".join(parts) + "."


def _class(source: shown.Source, name: str, *, level: int) -> Iterator[str]:
    yield from ("", f"{'#' * level} {source.name}", "", shown.text_of(source.node))
    yield from shown.listed(shown.attributes(source))
    for method, node in shown.methods(source).items():
        if not ast.get_docstring(node):
            continue  # it is for those who make the class
        yield from ("", f"`{shown.signature(node, f'{name}.{method}')}`", "", shown.text_of(node))


def _returned() -> Iterator[str]:
    yield from ("", "## What calls return", "", "Beside [models](#models).")
    for module, names in _RETURNED.items():
        for name in names:
            source = shown.find(f"zohocrm_async.{module}", name)
            if source is None:
                raise LookupError(f"zohocrm_async.{module} has no {name}")
            yield from _class(source, name[:1].lower() + name[1:], level=3)


def _rest() -> Iterator[str]:
    yield from ("", "## Errors", "", shown.text_of(shown.tree("zohocrm_async.exceptions")))
    for name in shown.handed_on("zohocrm_async.exceptions"):
        source = shown.find("zohocrm_async.exceptions", name)
        if source is not None:
            yield from ("", f"### {name}", "", shown.text_of(source.node))
    told = {"ZohoCRM"}
    for module in ("zohocrm_async", *_public_modules()):
        yield from ("", f"## {module}", "", shown.text_of(shown.tree(module)))
        for name in shown.public(module):
            source = shown.find(module, name)
            if source is not None and name not in told:
                told.add(name)
                yield from _public(source)


def _public(source: shown.Source) -> Iterator[str]:
    name = source.name
    if isinstance(source.node, shown.Function):
        yield from _function(source.node, name)
    elif not shown.is_error(source):
        yield from _class(source, name[:1].lower() + name[1:], level=3)


def _models() -> Iterator[str]:
    yield from ("", "## Models", "", "All of them are in `zohocrm_async.models`.")
    for name in sorted(dir(models)):
        thing: Any = getattr(models, name)
        if isinstance(thing, type):
            yield from _class(shown.source_of(thing), name, level=3)
