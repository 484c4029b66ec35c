"""Conditions on fields: of views, rules and exports, and to be written by `where`.

See https://www.zoho.com/crm/developer/docs/api/v7/custom-view-meta.html and
https://www.zoho.com/crm/developer/docs/api/v7/bulk-read/create-job.html.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from attrs import frozen

from zohocrm_async.models.common import FieldReference

Comparable = str | int | float | date | datetime
Value = Comparable | bool


@frozen
class Criteria:
    """One condition, or a group of them joined by AND or OR.

    To send one, write it with `where` and join it with others by ``&`` and ``|``, or give
    *comparator*, *field* and *value*, or *group_operator* and *group*.
    """

    comparator: str | None = None
    field: FieldReference | None = None
    value: Any = None
    type: str | None = None
    group_operator: str | None = None
    group: tuple["Criteria", ...] = ()

    def __and__(self, other: "Criteria") -> "Criteria":
        return _join("and", self, other)

    def __or__(self, other: "Criteria") -> "Criteria":
        return _join("or", self, other)


def _join(operator: str, *criteria: Criteria) -> Criteria:
    """Join *criteria*; groups of the same operator become one."""
    joined: list[Criteria] = []
    for each in criteria:
        same = (each.group_operator or "").lower() == operator
        joined += each.group if same else [each]
    return Criteria(group_operator=operator, group=tuple(joined))


@frozen
class where:  # noqa: N801  # it reads as the word it is: where("City").equal("Bonn")
    """A field, by its API name, about to be compared; each method makes a condition."""

    field: str

    def equal(self, value: Value) -> Criteria:
        """Make the condition that the field has *value*."""
        return self._is("equal", value)

    def not_equal(self, value: Value) -> Criteria:
        """Make the condition that the field has another value than *value*, and has one."""
        return self._is("not_equal", value)

    def in_(self, values: Sequence[Value]) -> Criteria:
        """Make the condition that the field has one of *values*."""
        return self._is("in", tuple(values))

    def not_in(self, values: Sequence[Value]) -> Criteria:
        """Make the condition that the field has none of *values*."""
        return self._is("not_in", tuple(values))

    def less_than(self, value: Comparable) -> Criteria:
        """Make the condition that the field is below *value*."""
        return self._is("less_than", value)

    def less_equal(self, value: Comparable) -> Criteria:
        """Make the condition that the field is *value* or below."""
        return self._is("less_equal", value)

    def greater_than(self, value: Comparable) -> Criteria:
        """Make the condition that the field is above *value*."""
        return self._is("greater_than", value)

    def greater_equal(self, value: Comparable) -> Criteria:
        """Make the condition that the field is *value* or above."""
        return self._is("greater_equal", value)

    def between(self, least: Comparable, most: Comparable) -> Criteria:
        """Make the condition that the field is from *least* to *most*, both included."""
        return self._is("between", (least, most))

    def not_between(self, least: Comparable, most: Comparable) -> Criteria:
        """Make the condition that the field is below *least* or above *most*."""
        return self._is("not_between", (least, most))

    def contains(self, text: str) -> Criteria:
        """Make the condition that *text* is somewhere in the field."""
        return self._is("contains", text)

    def not_contains(self, text: str) -> Criteria:
        """Make the condition that *text* is nowhere in the field."""
        return self._is("not_contains", text)

    def starts_with(self, text: str) -> Criteria:
        """Make the condition that the field begins with *text*."""
        return self._is("starts_with", text)

    def ends_with(self, text: str) -> Criteria:
        """Make the condition that the field ends with *text*."""
        return self._is("ends_with", text)

    def is_empty(self) -> Criteria:
        """Make the condition that the field has no value."""
        return self._is("equal", EMPTY)

    def is_not_empty(self) -> Criteria:
        """Make the condition that the field has a value."""
        return self._is("not_equal", EMPTY)

    def _is(self, comparator: str, value: Any) -> Criteria:
        return Criteria(comparator=comparator, field=FieldReference(self.field), value=value)


EMPTY = "${EMPTY}"
"""What stands for no value in the criteria of a bulk read."""
