"""One condition in the forms of queries, searches and bulk reads."""

import datetime as dt
from collections.abc import Callable

import pytest

from zohocrm_async._moving.criteria import (
    CannotCarry,
    check,
    explicit,
    in_bulk,
    queried,
    searched,
    to_bulk,
    to_coql,
    to_search,
)
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models import Criteria, FieldReference, where

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
CITY = where("City")


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (CITY.equal("Bonn"), "City = 'Bonn'"),
        (CITY.equal("O'Hara"), "City = 'O''Hara'"),
        (CITY.not_equal("Bonn"), "City != 'Bonn'"),
        (CITY.in_(["Bonn", "York"]), "City in ('Bonn', 'York')"),
        (CITY.not_in(["Bonn"]), "City not in ('Bonn')"),
        (CITY.starts_with("Bo"), "City like 'Bo%'"),
        (CITY.ends_with("nn"), "City like '%nn'"),
        (CITY.contains("on"), "City like '%on%'"),
        (CITY.not_contains("on"), "City not like '%on%'"),
        (CITY.is_empty(), "City is null"),
        (CITY.is_not_empty(), "City is not null"),
        (where("Amount").greater_than(5.5), "Amount > 5.5"),
        (where("Amount").less_equal(5), "Amount <= 5"),
        (where("Amount").between(1, 9), "Amount between 1 and 9"),
        (where("Amount").not_between(1, 9), "Amount not between 1 and 9"),
        (where("Email_Opt_Out").equal(False), "Email_Opt_Out = false"),
        (where("Created_Time").less_than(NOON), "Created_Time < '2026-03-02T12:00:00+00:00'"),
        (where("Closing_Date").greater_equal(NOON.date()), "Closing_Date >= '2026-03-02'"),
    ],
)
def test_a_query_says_a_condition(condition: Criteria, text: str) -> None:
    """With its values quoted."""
    check(condition, "test")
    assert to_coql(condition) == text


def test_a_query_joins_conditions_two_at_a_time() -> None:
    """As COQL reads them, whatever their number."""
    a, b, c, d = (where(name).equal(1) for name in "ABCD")
    assert to_coql(a & b & c) == "((A = 1 and B = 1) and C = 1)"
    assert to_coql((a & b) | (c & d)) == "((A = 1 and B = 1) or (C = 1 and D = 1))"


def test_groups_of_one_operator_become_one() -> None:
    """And those of two stay apart."""
    a, b, c = (where(name).equal(1) for name in "ABC")
    assert len((a & b & c).group) == 3
    assert len(((a | b) & c).group) == 2


@pytest.mark.parametrize(
    ("condition", "text"),
    [
        (CITY.equal("Bonn (1), \\x"), r"(City:equals:Bonn \(1\)\, \\x)"),
        (CITY.in_(["Bonn", "York"]), "(City:in:Bonn,York)"),
        (where("Amount").between(1, 9), "(Amount:between:1,9)"),
        (CITY.equal("a") & CITY.starts_with("b"), "((City:equals:a)and(City:starts_with:b))"),
    ],
)
def test_a_search_says_a_condition(condition: Criteria, text: str) -> None:
    """With a backslash before the signs that it reads itself."""
    assert to_search(condition) == text


@pytest.mark.parametrize("condition", [CITY.contains("x"), CITY.not_in(["x"]), CITY.ends_with("x")])
def test_what_a_search_cannot_say_is_told(condition: Criteria) -> None:
    """Alone or in a group."""
    with pytest.raises(CannotCarry, match="a search does not compare"):
        to_search(condition & CITY.equal("y"))


@pytest.mark.parametrize("condition", [CITY.is_empty(), CITY.is_not_empty()])
def test_a_search_knows_no_empty_fields(condition: Criteria) -> None:
    with pytest.raises(CannotCarry, match="a search does not tell empty fields"):
        to_search(condition & CITY.equal("y"))


def test_what_a_query_cannot_say_is_told() -> None:
    """A percent sign in a pattern, more than a hundred values."""
    with pytest.raises(CannotCarry, match="percent sign"):
        to_coql(CITY.contains("5%"))
    with pytest.raises(CannotCarry, match="100 values"):
        to_coql(CITY.in_(["x"] * 101))
    assert to_coql(CITY.equal("5%")) == "City = '5%'"


def test_a_bulk_read_gets_plain_values() -> None:
    """Times as texts, several values as a list."""
    sent = to_bulk(where("Created_Time").between(NOON, NOON) & CITY.is_empty())
    assert sent.group[0].value == ["2026-03-02T12:00:00+00:00"] * 2
    assert sent.group[1].value == "${EMPTY}"


def test_that_nothing_is_unlike_all_values_is_said() -> None:
    """For routes may take it in different ways."""
    said = to_coql(explicit(CITY.not_equal("Bonn") | CITY.is_not_empty()))
    assert said == "((City != 'Bonn' and City is not null) or City is not null)"


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        (Criteria(), "a condition is on ''"),
        (where("City; drop").equal("x"), "a condition is on 'City; drop'"),
        (Criteria(comparator="like", field=FieldReference("City"), value="x"), "'like': say one"),
        (CITY.equal(None), "compared with None"),  # type: ignore[arg-type]  # what callers may do
        (CITY.equal(["a"]), "compared by equal with"),  # type: ignore[arg-type]  # the same
        (CITY.in_([]), "compared by in with"),
        (where("T").equal(NOON.replace(tzinfo=None)), "give an aware datetime"),
        (Criteria(group_operator="xor", group=(CITY.equal("x"),)), "joined by 'xor'"),
        (Criteria(group_operator="and"), "joined by 'and'"),
    ],
)
def test_what_no_call_can_say_is_refused(condition: Criteria, problem: str) -> None:
    """With the field and what is wrong with it."""
    with pytest.raises(InvalidRequest, match=problem):
        check(condition, "test")


def test_there_is_an_end_to_conditions() -> None:
    """The service takes 25, and a query that goes on by id needs one of them."""
    many = CITY.equal("0")
    for number in range(1, 25):
        many |= CITY.equal(str(number))
    with pytest.raises(InvalidRequest, match="25 conditions are given: 24 at most"):
        check(many, "test")


@pytest.mark.parametrize("write", [queried, searched, in_bulk])
def test_what_is_no_condition_is_refused(write: Callable[[object, str], object]) -> None:
    """A text, a mapping: with how to make one."""
    for wrong in ("(City:equals:Bonn)", {"City": "Bonn"}, None):
        with pytest.raises(InvalidRequest, match="make one by where") as caught:
            write(wrong, "test")
        assert caught.value.operation == "test"


def test_callers_are_told_what_takes_a_condition_that_a_call_cannot_say() -> None:
    """An export does, by one route or another."""
    with pytest.raises(InvalidRequest, match=r"by contains: crm.records.export takes"):
        searched(CITY.contains("x"), "test")
    with pytest.raises(InvalidRequest, match=r"100 values at most: crm.records.export takes"):
        queried(CITY.in_(["x"] * 101), "test")
