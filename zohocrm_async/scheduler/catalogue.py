"""The price list: which entry rules a path, and what it makes of a call."""

from collections.abc import Iterable, Sequence

from attrs import frozen

from zohocrm_async._endpoint import Call
from zohocrm_async.scheduler.prices import Quote

_MODULE = "{{module}}"
_ANY = "{{}}"


@frozen
class PriceEntry:
    """One line of a price list, as ``__apis`` gives it."""

    method: str
    path: str
    """Absolute and versioned, such as ``/crm/v7/Leads/{{id}}/actions/merge``."""
    minimum: int
    maximum: int


@frozen
class _Price:
    minimum: int
    maximum: int
    basis: str
    flat: Quote | None
    """The quote of every call, where the price does not depend on it."""


class _Node:
    """What is known of the paths that begin alike."""

    def __init__(self) -> None:
        self.branches: dict[str, _Node] = {}
        self.prices: dict[str, _Price] = {}


class Catalogue:
    """Prices by method and path.

    A literal segment beats a template, ``{{module}}`` stands for the first segment of
    a path alone and only for what can be a module's API name, and every other template
    for any one segment.
    """

    def __init__(self, entries: Iterable[PriceEntry], *, source: str) -> None:
        self.source = source
        self._root = _Node()
        for entry in entries:
            self._add(entry)

    def price(self, call: Call) -> Quote:
        """Return the price of *call*, as far as its operation and its arguments tell it."""
        operation = call.operation
        priced = operation.price
        if callable(priced):
            return self.quote(operation.method, call.path, exact=priced(call), default=1)
        return self.quote(operation.method, call.path, exact=None, default=priced)

    def quote(self, method: str, path: str, *, exact: int | None, default: int) -> Quote:
        """Return the price of a call.

        Args:
            method: the HTTP method.
            path: below ``/crm/{version}``, such as ``/Leads/123/actions/merge``.
            exact: the price that the call itself tells, if it does.
            default: the published price, for where nothing better is known.
        """
        price = _find(self._root, method, _segments(path), 0)
        if price is None:
            certain = default if exact is None else exact
            return Quote(
                certain,
                certain,
                certain,
                exact=True,
                basis=f"the published price; {method} {path} is not in {self.source}",
            )
        if price.flat is not None:
            return price.flat
        wished = default if exact is None else exact
        return Quote(
            price.minimum,
            price.maximum,
            min(max(wished, price.minimum), price.maximum),
            exact=exact is not None,
            basis=price.basis,
        )

    def _add(self, entry: PriceEntry) -> None:
        segments = _segments(entry.path)
        node = self._root
        for depth, segment in enumerate(segments):
            node = node.branches.setdefault(_branch(segment, depth), _Node())
        # Entries that differ in the names of their templates alone meet here; the
        # wider range never reserves too little.
        bounds = [entry.minimum, entry.maximum]
        if known := node.prices.get(entry.method):
            bounds += [known.minimum, known.maximum]
        basis = f"{entry.method} /{'/'.join(segments)} in {self.source}"
        low, high = min(bounds), max(bounds)
        flat = Quote(low, high, low, exact=True, basis=basis) if low == high else None
        node.prices[entry.method] = _Price(low, high, basis, flat)


def _segments(path: str) -> list[str]:
    """Return the segments of *path* without the version, and what it is the version of."""
    segments = list(filter(None, path.split("/")))
    if segments[:1] == ["crm"]:
        del segments[2 if segments[1:2] == ["bulk"] else 1]
        del segments[0]
    return segments


def _branch(segment: str, depth: int) -> str:
    if not (segment.startswith("{") and segment.endswith("}")):
        return segment
    return _MODULE if depth == 0 and segment.strip("{}") == "module" else _ANY


def _find(node: _Node, method: str, segments: Sequence[str], depth: int) -> _Price | None:
    """Walk the literal branch first and turn back where it leads nowhere."""
    if depth == len(segments):
        return node.prices.get(method)
    segment, branches, below = segments[depth], node.branches, depth + 1
    if segment in branches and (found := _find(branches[segment], method, segments, below)):
        return found
    if _MODULE in branches and segment[0].isupper():
        found = _find(branches[_MODULE], method, segments, below)
        if found is not None:
            return found
    return _find(branches[_ANY], method, segments, below) if _ANY in branches else None
