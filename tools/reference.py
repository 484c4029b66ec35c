"""The reference of everything public, from the source itself: a page for each family and more."""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pkgutil import iter_modules

import zohocrm_async
from tools import shown
from tools.facts import heavy, page, price
from tools.places import linked, links, returned
from zohocrm_async import ZohoCRM, models
from zohocrm_async._endpoint import Operation
from zohocrm_async.api import families, operations

_HEAD = """# API reference

Made from the source by `python -m tools`. `crm` is an open client:
`async with ZohoCRM(...) as crm`. Begin with the [README](../../README.md), the
[guides](..) tell more, and [coverage](../coverage.md) names the operation of every path.

- [The client](client.md)
- [What calls return](returned.md), beside models
- [Errors](errors.md)
"""
# What is told on pages of its own.
_TOLD = frozenset({"api", "cli", "exceptions", "models", "options"})
_ERRORS = "zohocrm_async.exceptions"


def pages() -> Mapping[str, Callable[[], str]]:
    """Return what makes each page, by its path within the folder of the reference."""
    found: dict[str, Callable[[str], Iterator[str]]] = {
        "index.md": _index,
        "client.md": _client,
        "returned.md": _returned,
        "errors.md": _errors,
        **{f"families/{name}.md": partial(_family, name) for name in families()},
        **{f"models/{name}.md": partial(_models, name) for name in _model_modules()},
        **{f"modules/{name}.md": partial(_module, name) for name in _homes()},
    }
    return {path: partial(_text, path, make) for path, make in found.items()}


def _text(path: str, make: Callable[[str], Iterator[str]]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(make(path))).strip("\n") + "\n"


@cache
def _homes() -> Mapping[str, list[shown.Source]]:
    """Return what each module that programs import tells, first come, first told."""
    names = sorted(module.name for module in iter_modules(zohocrm_async.__path__))
    open_ = [f"zohocrm_async.{n}" for n in names if not n.startswith("_") and n not in _TOLD]
    told = {"ZohoCRM"}
    homes: dict[str, list[shown.Source]] = {}
    for module in ("zohocrm_async", *open_):
        sources = homes.setdefault(module, [])
        for name in shown.public(module):
            source = shown.find(module, name)
            if source is not None and name not in told:
                told.add(name)
                sources.append(source)
    return homes


@cache
def _model_modules() -> Mapping[str, list[shown.Source]]:
    """Return the models by the modules in which they are."""
    found: dict[str, list[shown.Source]] = {}
    for name in sorted(dir(models)):
        thing = getattr(models, name)
        if isinstance(thing, type):
            source = shown.source_of(thing)
            found.setdefault(source.module.rpartition(".")[2], []).append(source)
    return dict(sorted(found.items()))


@cache
def _places() -> Mapping[str, str]:
    """Return the page and the heading of each class, by its name."""
    found = {"ZohoCRM": "client.md#zohocrm"}
    found |= {source.name: f"returned.md#{source.name.lower()}" for source in returned()}
    found |= {name: f"errors.md#{name.lower()}" for name in shown.handed_on(_ERRORS)}
    folders = {"models": _model_modules(), "modules": _homes()}
    for folder, modules in folders.items():
        for module, sources in modules.items():
            for source in sources:
                if isinstance(source.node, ast.ClassDef) and source.name not in found:
                    found[source.name] = f"{folder}/{module}.md#{source.name.lower()}"
    return found


# --- pages


def _index(_: str) -> Iterator[str]:
    yield _HEAD
    yield from ("## Families", "", "| | |", "|---|---|")
    for name, kind in families().items():
        said = shown.first_line(shown.source_of(kind).node)
        yield f"| [crm.{name}](families/{name}.md) | {said} |"
    yield from ("", "## Modules", "", "What programs import by name.", "", "| | |", "|---|---|")
    for module in _homes():
        said = shown.first_line(shown.tree(module))
        yield f"| [{module}](modules/{module}.md) | {said} |"
    yield from ("", "## Models", "", "All of them are in `zohocrm_async.models`.", "")
    for module, sources in _model_modules().items():
        names = ", ".join(f"[{s.name}](models/{module}.md#{s.name.lower()})" for s in sources)
        yield f"- {names}"


def _client(path: str) -> Iterator[str]:
    yield "# The client"
    yield from _class(path, shown.source_of(ZohoCRM), "crm")


def _family(family: str, path: str) -> Iterator[str]:
    known = _operations()
    source = shown.source_of(families()[family])
    yield from (f"# crm.{family}", "", shown.text_of(source.node))
    yield from shown.listed(shown.attributes(source))
    for name, node in shown.methods(source).items():
        operation = known.get(f"{family}.{name}")
        yield from _function(path, node, f"crm.{family}.{name}", operation)


@cache
def _operations() -> Mapping[str, Operation]:
    return {operation.name: operation for operation in operations()}


def _returned(path: str) -> Iterator[str]:
    yield from ("# What calls return", "", "Beside [models](index.md#models).")
    for source in returned():
        yield from _class(path, source, source.name[:1].lower() + source.name[1:])


def _errors(path: str) -> Iterator[str]:
    yield from ("# Errors", "", shown.text_of(shown.tree(_ERRORS)))
    for name in shown.handed_on(_ERRORS):
        source = shown.find(_ERRORS, name)
        if source is not None:
            yield from ("", f"## {name}", "", linked(shown.text_of(source.node), path, _places()))


def _module(module: str, path: str) -> Iterator[str]:
    yield from (f"# {module}", "", shown.text_of(shown.tree(module)))
    for source in _homes()[module]:
        if isinstance(source.node, shown.Function):
            yield from _function(path, source.node, source.name)
        elif not shown.is_error(source):
            yield from _class(path, source, source.name[:1].lower() + source.name[1:])


def _models(module: str, path: str) -> Iterator[str]:
    yield from (f"# Models: {module}", "", shown.text_of(shown.tree(f"{models.__name__}.{module}")))
    for source in _model_modules()[module]:
        yield from _class(path, source, source.name)


# --- classes and functions


def _function(
    path: str, node: shown.Function, name: str, operation: Operation | None = None
) -> Iterator[str]:
    signature = shown.signature(node, name)
    yield from ("", f"## {name}", "", f"`{signature}`", "")
    if operation is not None:
        yield from (_facts(operation), "")
    yield linked(shown.text_of(node), path, _places())
    yield from _named(signature, path)


def _named(text: str, path: str) -> Iterator[str]:
    """Yield where the classes in *text* are told."""
    found = links(text, path, _places())
    if found:
        yield from ("", f"See {', '.join(found)}.")


def _facts(operation: Operation) -> str:
    credits_ = price(operation)
    parts = [
        f"`{operation.method} {operation.path}`",
        f"{credits_} {'credit' if credits_ == '1' else 'credits'}",
    ]
    if operation.slots > 1:
        parts.append(f"{operation.slots} slots")
    if heavy(operation):
        parts.append("heavy" if operation.heavy is True else "heavy by its arguments")
    if operation.since > 2:  # noqa: PLR2004  # the oldest version that there is
        parts.append(f"since v{operation.since}")
    link = page(operation.name)
    if link:
        parts.append(f"[page]({link})")
    return ", ".join(parts) + "."


def _class(path: str, source: shown.Source, name: str) -> Iterator[str]:
    attributes = list(shown.attributes(source))
    yield from ("", f"## {source.name}", "", linked(shown.text_of(source.node), path, _places()))
    yield from shown.listed(attributes)
    texts = [said for said, _ in attributes]
    for method, node in shown.methods(source).items():
        if not ast.get_docstring(node):
            continue  # it is for those who make the class
        signature = shown.signature(node, f"{name}.{method}")
        texts.append(signature)
        yield from ("", f"`{signature}`", "", linked(shown.text_of(node), path, _places()))
    yield from _named(" ".join(texts).replace(source.name, ""), path)
