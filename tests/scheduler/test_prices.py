"""Quotes and the price rules of declarations."""

from typing import Any

import pytest

from zohocrm_async._endpoint import Call, Operation
from zohocrm_async.scheduler.prices import (
    Quote,
    custom_view,
    more_rows_than,
    per_ids,
    per_rows,
    sorted_or_viewed,
)


def call(body: Any = None, **query: str) -> Call:
    return Call(Operation("POST", "/Leads", key="data"), "/Leads", query, body=body)


def rows(count: int) -> dict[str, Any]:
    return {"data": [{"Last_Name": "Ito"}] * count}


@pytest.mark.parametrize(
    ("count", "price"), [(0, 1), (1, 1), (10, 1), (11, 2), (99, 10), (100, 10)]
)
def test_rows_are_priced_by_every_ten_begun(count: int, price: int) -> None:
    """Ten rows cost one credit, eleven cost two, and none at all still cost one."""
    assert per_rows(10)(call(rows(count))) == price


def test_a_call_without_rows_is_one_row() -> None:
    """Where the body holds no list, the price is that of one row."""
    assert per_rows(10)(call()) == 1


@pytest.mark.parametrize(("count", "price"), [(1, 1), (50, 1), (51, 2), (500, 10)])
def test_ids_are_priced_by_every_fifty_begun(count: int, price: int) -> None:
    """As tags on many records are."""
    assert per_ids(50)(call({"ids": ["1"] * count, "tags": []})) == price


@pytest.mark.parametrize("body", [None, [], {}, {"ids": None}])
def test_a_body_without_ids_is_one(body: Any) -> None:
    """Whatever it is; the service refuses it."""
    assert per_ids(50)(call(body)) == 1


def test_a_custom_view_has_its_own_price() -> None:
    """The price of a list depends on whether a custom view is named."""
    assert custom_view(3)(call(cvid="77")) == 3
    assert custom_view(3)(call(fields="Email")) == 1


def test_heaviness_by_rows_begins_above_the_number() -> None:
    """*n* rows are light, and one more is heavy."""
    heavy = more_rows_than(10)
    assert [heavy(call(rows(10))), heavy(call(rows(11)))] == [False, True]


@pytest.mark.parametrize(
    ("query", "heavy"),
    [({}, False), ({"page": "2"}, False), ({"cvid": "7"}, True), ({"sort_by": "id"}, True)],
)
def test_sorted_lists_and_views_are_heavy(query: dict[str, str], heavy: bool) -> None:
    """Sorting or a custom view makes a list heavy; other arguments do not."""
    assert sorted_or_viewed(call(**query)) is heavy


def test_an_exact_quote_reserves_its_price_and_another_its_maximum() -> None:
    """What is not certain is reserved at its dearest."""
    assert Quote(1, 10, 3, exact=True, basis="").reserve == 3
    assert Quote(1, 10, 3, exact=False, basis="").reserve == 10
