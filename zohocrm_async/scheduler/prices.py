"""What a call costs: quotes, and the rules that declarations name."""

from collections.abc import Callable
from typing import Any, cast

from attrs import frozen

from zohocrm_async._endpoint import Call


@frozen
class Quote:
    """The price of one call, as far as it is known before the send."""

    minimum: int
    maximum: int
    expected: int
    exact: bool
    """Whether *expected* is certain."""
    basis: str
    """Where the price comes from, for people."""
    listed: "Quote | None" = None
    """The quote before the service's own count corrected it."""

    @property
    def reserve(self) -> int:
        """Credits to hold until the true price is known."""
        return self.expected if self.exact else self.maximum


def per_rows(each: int) -> Callable[[Call], int]:
    """Price one credit for every *each* rows begun."""

    def price(call: Call) -> int:
        return max(1, -(-call.rows // each))

    return price


def per_ids(each: int) -> Callable[[Call], int]:
    """Price one credit for every *each* records begun that the body names by id."""

    def price(call: Call) -> int:
        body = cast("dict[str, Any]", call.body) if isinstance(call.body, dict) else {}
        ids: Any = body.get("ids")
        return max(1, -(-len(ids) // each)) if hasattr(ids, "__len__") else 1

    return price


def custom_view(price: int) -> Callable[[Call], int]:
    """Price *price* credits where a custom view is read, else one."""

    def rule(call: Call) -> int:
        return price if "cvid" in call.query else 1

    return rule


def more_rows_than(rows: int) -> Callable[[Call], bool]:
    """Take a heavy slot for more than *rows* rows."""

    def heavy(call: Call) -> bool:
        return call.rows > rows

    return heavy


def sorted_or_viewed(call: Call) -> bool:
    """Take a heavy slot for a list that is sorted or read through a custom view."""
    return "cvid" in call.query or "sort_by" in call.query
