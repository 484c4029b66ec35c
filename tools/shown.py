"""Classes and functions as the reference shows them: signatures and texts of the source."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from inspect import cleandoc
from pathlib import Path

from attrs import frozen

Function = ast.FunctionDef | ast.AsyncFunctionDef
_ROOT = Path(__file__).parent.parent
_PACKAGE = "zohocrm_async"
_SECTION = re.compile(r"(Args|Raises|Attributes|Yields|Returns):")
_ENTRY = re.compile(r"    (\S[^:]*): (.*)")
_LIKE_ATTRIBUTES = frozenset({"property", "cached_property"})


@frozen
class Source:
    """A class or a function in the source, which need not be imported for that."""

    module: str
    node: ast.ClassDef | Function

    @property
    def name(self) -> str:
        """What it is called."""
        return self.node.name


@cache
def tree(module: str) -> ast.Module:
    """Return the source of a module; its private names in signatures give way to their values."""
    path = _ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    found = ast.parse(file.read_text(encoding="utf-8"))
    own = _Own(found)
    for node in ast.walk(found):
        if isinstance(node, ast.arguments):
            own.visit(node)
    return found


class _Own(ast.NodeTransformer):
    """Puts what a module calls by private names in the place of those."""

    def __init__(self, module: ast.Module) -> None:
        self._values = {
            node.targets[0].id: node.value
            for node in module.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._values.get(node.id, node) if node.id.startswith("_") else node


def definitions(module: str) -> dict[str, ast.ClassDef | Function]:
    """Return the classes and functions of a module, by name."""
    kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name: node for node in tree(module).body if isinstance(node, kinds)}


def public(module: str) -> list[str]:
    """Return the names that a module offers: its ``__all__``, or what has no underscore."""
    for node in tree(module).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    return [name for name in definitions(module) if not name.startswith("_")]


def handed_on(module: str) -> list[str]:
    """Return the names that a module has from others and offers as its own."""
    imports = [node for node in tree(module).body if isinstance(node, ast.ImportFrom)]
    aliases = [alias for node in imports for alias in node.names]
    return [alias.name for alias in aliases if alias.asname == alias.name]


def find(module: str, name: str) -> Source | None:
    """Return what *name* means in a module, if it is a class or a function of ours."""
    found = definitions(module).get(name)
    if found is not None:
        return Source(module, found)
    for node in tree(module).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_PACKAGE):
            for alias in node.names:
                if name in {alias.asname, alias.name}:
                    return find(str(node.module), alias.name)
    return None


def source_of(kind: type) -> Source:
    """Return the source of a class of ours."""
    return Source(kind.__module__, definitions(kind.__module__)[kind.__name__])


def bases(source: Source) -> Iterator[Source]:
    """Yield a class and those of ours that it builds on, the nearest last."""
    node = source.node
    for base in reversed(node.bases if isinstance(node, ast.ClassDef) else []):
        found = find(source.module, ast.unparse(base).partition("[")[0])
        if found is not None:
            yield from bases(found)
    yield source


def is_error(source: Source) -> bool:
    """Whether a class is an exception."""
    kinds = [ast.unparse(b) for s in bases(source) for b in getattr(s.node, "bases", ())]
    return "Exception" in kinds


def text_of(node: ast.Module | ast.ClassDef | Function) -> str:
    """Return the docstring of *node* as Markdown."""
    return "\n".join(_markdown(cleandoc(ast.get_docstring(node) or "")))


def _markdown(text: str) -> Iterator[str]:
    section = False
    for line in text.splitlines():
        heading, entry = _SECTION.fullmatch(line), _ENTRY.fullmatch(line)
        if heading:
            section = True
            yield from ("", f"{heading[1]}:", "")
        elif section and entry:
            yield f"- `{entry[1]}`: {entry[2]}"
        elif section and line.startswith("        "):
            yield f"  {line.strip()}"
        else:
            yield line


def first_line(node: ast.Module | ast.ClassDef | Function) -> str:
    """Return the first sentence of a docstring, in one line."""
    paragraph = (ast.get_docstring(node) or "").partition("\n\n")[0]
    return " ".join(paragraph.split())


def methods(source: Source) -> dict[str, Function]:
    """Return the public methods of a class, those of its bases included, by name."""
    found: dict[str, Function] = {}
    for base in bases(source):
        for member in base.node.body:
            if isinstance(member, Function) and _is_public(member) and not _is_attribute(member):
                found[member.name] = member  # the last one follows its overloads
    return found


def attributes(source: Source) -> Iterator[tuple[str, str]]:
    """Yield the public attributes of a class with what is said of them."""
    body = source.node.body
    for member, following in zip(body, [*body[1:], None], strict=True):
        said = _said(following)
        if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name):
            if not member.target.id.startswith("_"):
                yield f"{member.target.id}: {_written(member.annotation)}", said
        elif isinstance(member, ast.Assign) and isinstance(member.targets[0], ast.Name):
            name = member.targets[0].id
            if name.isupper():
                yield f"{name} = {ast.unparse(member.value)}", said
        elif isinstance(member, Function) and _is_attribute(member) and _is_public(member):
            kind = f": {_written(member.returns)}" if member.returns else ""
            yield f"{member.name}{kind}", first_line(member)
        elif isinstance(member, ast.FunctionDef) and member.name == "__init__":
            yield from _set(member)


def _set(init: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Yield the attributes that ``__init__`` sets and says something of."""
    for member, following in zip(init.body, [*init.body[1:], None], strict=True):
        said = _said(following)
        if said and isinstance(member, ast.AnnAssign):
            target: ast.expr = member.target
            shown = f": {_written(member.annotation)}"
        elif said and isinstance(member, ast.Assign):
            target, shown = member.targets[0], f" = {ast.unparse(member.value)}"
        else:
            continue
        if isinstance(target, ast.Attribute) and not target.attr.startswith("_"):
            yield f"{target.attr}{shown}", said


def _written(annotation: ast.expr) -> str:
    """Return an annotation, without the quotes of one that is not yet known where it stands."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        return annotation.value
    return ast.unparse(annotation)


def _said(node: ast.AST | None) -> str:
    value = node.value if isinstance(node, ast.Expr) else None
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return " ".join(value.value.split())
    return ""


def _is_public(node: Function) -> bool:
    return not node.name.startswith("_")


def _is_attribute(node: Function) -> bool:
    return any(ast.unparse(each).split(".")[-1] in {*_LIKE_ATTRIBUTES, "setter"}
               for each in node.decorator_list)  # fmt: skip


def signature(node: Function, name: str) -> str:
    """Return how a function is called, as *name*."""
    arguments = ", ".join(each for each in _arguments(node.args) if each not in {"self", "cls"})
    decorated = [ast.unparse(each) for each in node.decorator_list]
    if "asynccontextmanager" in decorated:
        before = "async with "
    else:
        before = "await " if isinstance(node, ast.AsyncFunctionDef) and not _yields(node) else ""
    returns = f" -> {_written(node.returns)}" if node.returns else ""
    return f"{before}{name}({arguments}){returns}".replace("'", '"')


def _arguments(given: ast.arguments) -> Iterator[str]:
    """Yield the arguments with their defaults, as people write them."""
    placed = [*given.posonlyargs, *given.args]
    none: list[ast.expr | None] = [None] * (len(placed) - len(given.defaults))
    for argument, default in zip(placed, [*none, *given.defaults], strict=True):
        yield _argument(argument, default)
    if given.vararg is not None:
        yield f"*{_argument(given.vararg, None)}"
    elif given.kwonlyargs:
        yield "*"
    for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        yield _argument(argument, default)
    if given.kwarg is not None:
        yield f"**{_argument(given.kwarg, None)}"


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    kind = f": {_written(argument.annotation)}" if argument.annotation else ""
    value = f" = {ast.unparse(default)}" if default else ""
    return f"{argument.arg}{kind}{value}"


def _yields(node: Function) -> bool:
    return any(isinstance(each, ast.Yield | ast.YieldFrom) for each in ast.walk(node))


def listed(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield attributes as a block of text."""
    lines = [f"{shown}  # {said}" if said else shown for shown, said in entries]
    if lines:
        yield from ("", "```text", *lines, "```")
