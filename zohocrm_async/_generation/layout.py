"""Lines of generated code, broken as ``ruff format`` would with its default of 88 columns."""

from collections.abc import Iterable, Sequence

WIDTH = 88


def literal(text: str) -> str:
    """Return *text* as a string of Python: in double quotes unless they need escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return f"{quote}{''.join(_escaped(letter, quote) for letter in text)}{quote}"


def _escaped(letter: str, quote: str) -> str:
    if letter in {quote, "\\"}:
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    return letter.encode("unicode_escape").decode()


def member(name: str, value: str) -> Iterable[str]:
    """Yield a member of an enumeration."""
    text = literal(value)
    line = f"    {name} = {text}"
    # A string that fits on no line is left where it is.
    if len(line) <= WIDTH or len(text) + 8 > WIDTH:
        yield line
    else:
        yield from (f"    {name} = (", f"        {text}", "    )")


def attribute(name: str, annotation: str, arguments: Sequence[str]) -> Iterable[str]:
    """Yield an attribute of a class: plain, or made by ``field`` with *arguments*."""
    head = f"    {name}: {annotation}"
    if not arguments:
        yield head
        return
    one = f"{head} = field({', '.join(arguments)})"
    if len(one) <= WIDTH:
        yield one
        return
    yield f"{head} = field("
    together = f"        {', '.join(arguments)}"
    if len(together) <= WIDTH:
        yield together
    else:
        yield from (f"        {argument}," for argument in arguments)
    yield "    )"


def imported(module: str, names: Iterable[str]) -> Iterable[str]:
    """Yield an import of *names*, sorted; nothing if there are none."""
    known = sorted(names, key=lambda name: (not name[0].isupper(), name))
    if not known:
        return
    line = f"from {module} import {', '.join(known)}"
    if len(line) <= WIDTH:
        yield line
    else:
        yield from (f"from {module} import (", *(f"    {name}," for name in known), ")")
