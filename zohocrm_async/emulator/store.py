"""Settings-like resources: rows by id, in collections that may be scoped to a module."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, Self

Row = dict[str, Any]
Seed = Callable[[str], list[Row]]


class SettingsStore:
    """Collections by path, each with what it holds from the start."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], dict[str, Row]] = {}
        self._seeds: dict[str, Seed] = {}

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        copied = type(self)()
        copied._rows = deepcopy(self._rows, memo)  # noqa: SLF001  # its own kind
        copied._seeds = self._seeds  # noqa: SLF001  # its own kind
        return copied

    def plant(self, path: str, seed: Seed) -> None:
        """Let the collections of *path* begin with what *seed* makes for their scope."""
        self._seeds[path] = seed

    def rows(self, path: str, scope: str = "") -> dict[str, Row]:
        """Return the rows of a collection by id, in the order they came."""
        key = path, scope
        if key not in self._rows:
            self._rows[key] = {}  # before its seed, which may look at it
            seed = self._seeds.get(path)
            if seed is not None:
                self._rows[key].update({row["id"]: row for row in seed(scope)})
        return self._rows[key]

    def has(self, path: str, scope: str) -> bool:
        """Whether anybody has seen the collection of *path* for *scope*."""
        return (path, scope) in self._rows

    def scopes(self, path: str) -> Iterator[dict[str, Row]]:
        """Yield the collections of *path* that anybody has seen so far."""
        self.rows(path)
        yield from [rows for (known, _), rows in self._rows.items() if known == path]
