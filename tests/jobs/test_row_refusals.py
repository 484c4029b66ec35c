"""Rows that are refused before any call: what an id is, and what is said of one that is none."""

import pytest
from hypothesis import given, strategies as st

from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.refusals import RECORD_ID, id_problem, refused


def test_a_refused_row_makes_no_call() -> None:
    """Its item says why and where, and stays what it was besides."""
    item = Item(key="row 3", position=3, record_id="x", trace="[]")
    order = refused(item, "INVALID_ADDRESS", "'x' is no e-mail address", "Email")
    assert (order.carry, order.claims) == (None, ())
    assert (order.item.state, order.item.code, order.item.field) == (
        ItemState.REFUSED, "INVALID_ADDRESS", "Email",
    )  # fmt: skip
    assert order.item.message == "'x' is no e-mail address"
    assert (order.item.key, order.item.position, order.item.trace) == ("row 3", 3, "[]")


@given(st.integers(0, 10**30 - 1))
def test_digits_are_an_id(number: int) -> None:
    """Of any length that the service has."""
    assert RECORD_ID.fullmatch(str(number))


@pytest.mark.parametrize(
    "value", ["", "3.65E+18", "3652000000000000004.0", "-4", "4 5", "4\n", "٤", "4" * 31, "../4"]
)
def test_what_spreadsheets_and_people_make_of_an_id_is_none(value: str) -> None:
    """And the sentence shows it, so that it can be found."""
    assert not RECORD_ID.fullmatch(value)
    assert (repr(value) if value else "is empty") in id_problem(value)
