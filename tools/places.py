"""Where the reference tells of a class, and links that lead there."""

import re
from collections.abc import Iterator, Mapping
from posixpath import dirname, relpath

from tools import shown

# Modules of classes that programs get and do not make.
_RETURNED = {
    "_pages": ("Pager", "Page"),
    "_batching.loader": ("RecordLoader",),
    "_batching.writer": ("RecordWriter",),
    "_batching.composite": ("Batch", "SubRequest"),
    "_moving.archives": ("Table",),
}
_NAME = re.compile(r"\b[A-Z]\w+")
_RAISED = re.compile(r"- `([A-Z]\w+(?:, [A-Z]\w+)*)`: ")


def returned() -> Iterator[shown.Source]:
    """Yield the classes that programs get and do not make.

    Raises:
        LookupError: one is not where it was.
    """
    for module, names in _RETURNED.items():
        for name in names:
            source = shown.find(f"zohocrm_async.{module}", name)
            if source is None:
                raise LookupError(f"zohocrm_async.{module} has no {name}")
            yield source


def links(text: str, path: str, places: Mapping[str, str]) -> list[str]:
    """Return links from the page *path* to the classes that *text* names, each once."""
    names = dict.fromkeys(_NAME.findall(text))
    return [_link(name, path, places) for name in names if name in places]


def linked(text: str, path: str, places: Mapping[str, str]) -> str:
    """Return *text* with links to the errors that it lists."""
    return "\n".join(_with_links(line, path, places) for line in text.splitlines())


def _with_links(line: str, path: str, places: Mapping[str, str]) -> str:
    found = _RAISED.match(line)
    names = found[1].split(", ") if found else []
    if found is None or not all(name in places for name in names):
        return line
    return f"- {', '.join(_link(n, path, places) for n in names)}: {line[found.end() :]}"


def _link(name: str, path: str, places: Mapping[str, str]) -> str:
    page, _, heading = places[name].partition("#")
    away = "" if page == path else relpath(page, dirname(path) or ".")
    return f"[{name}]({away}#{heading})"
