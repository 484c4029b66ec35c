"""zohocrm_async.cli.conditions: criteria as text."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from zohocrm_async.cli.conditions import condition, of_kinds
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models import Criteria, DataType, Field, where

CITY = where("City").equal("Bonn")
NAME = where("Company").starts_with("Z")
SIZE = where("Size").greater_than("10")


@pytest.mark.parametrize(
    ("text", "criteria"),
    [
        ("City:equals:Bonn", CITY),
        ("City:equal:Bonn", CITY),
        (" ( City : equals : Bonn ) ", CITY),
        ("(City:equals:Bonn)and(Company:starts_with:Z)", CITY & NAME),
        ("((City:equals:Bonn) AND (Company:starts_with:Z))", CITY & NAME),
        ("(City:equals:Bonn)or(Company:starts_with:Z)or(Size:greater_than:10)", CITY | NAME | SIZE),
        ("((City:equals:Bonn)or(Company:starts_with:Z))and(Size:greater_than:10)",
         (CITY | NAME) & SIZE),
        ("City:is_empty", where("City").is_empty()),
        ("(City:is_not_empty)", where("City").is_not_empty()),
        ("City:equals:${EMPTY}", where("City").is_empty()),
        ("City:in:Bonn,Cork", where("City").in_(["Bonn", "Cork"])),
        (r"City:in:Bonn\, Nord,Cork", where("City").in_(["Bonn, Nord", "Cork"])),
        ("City:equals:Bonn, Nord", where("City").equal("Bonn, Nord")),
        (r"(City:equals:Bonn \(Nord\))", where("City").equal("Bonn (Nord)")),
        ("Size:between:1,9", where("Size").between("1", "9")),
        ("At:greater_than:2026-01-31T09:00:00Z", where("At").greater_than("2026-01-31T09:00:00Z")),
        ("City:equals:rock and roll", where("City").equal("rock and roll")),
    ],
)  # fmt: skip
def test_criteria_are_read_as_a_search_writes_them(text: str, criteria: Criteria) -> None:
    """Blanks and capitals of and make no difference; a backslash takes a sign as it is."""
    assert condition(text) == criteria


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a '(' is missing"),
        ("()", "is no condition"),
        ("City = 'Bonn'", "is no condition"),
        ("City:equals:", "is no condition"),
        ("(City:equals:Bonn", "a ')' is missing"),
        ("(City:equals:Bonn))", "')' is one bracket too many"),
        ("(City:equals:Bonn)(Size:equals:1)", "'(' stands where and, or or belongs"),
        ("(City:equals:Bonn)and", "a '(' is missing"),
        ("City:equals:Bonn and Size:equals:1", "more than one condition"),
        ("(City:equals:Bonn)and(Size:equals:1)or(Size:equals:2)", "and stands beside or"),
        ("City:like:Bonn", "say one of equal"),
        ("Size:between:1", "compared by between"),
        ("City Name:equals:Bonn", "give the API name"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, said: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(InvalidRequest) as refused:
        condition(text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "10", 10),
        ("currency", "-10.5", -10.5),
        ("boolean", "True", True),
        ("date", "2026-01-31", date(2026, 1, 31)),
        ("datetime", "2026-01-31T09:00:00Z", datetime(2026, 1, 31, 9, tzinfo=UTC)),
        ("text", "10", "10"),
        ("something new", "10", "10"),
    ],
)
def test_values_are_of_the_kind_of_their_field(kind: str, text: str, value: Any) -> None:
    """Alone, in a list, and in groups; no value has no kind."""
    fields = [Field(id="1", api_name="F", data_type=DataType(kind))]
    assert of_kinds(where("F").equal(text), fields) == where("F").equal(value)
    assert of_kinds(where("F").in_([text]), fields) == where("F").in_([value])
    both = where("F").is_empty() | where("F").greater_than(text)
    assert of_kinds(both, fields) == where("F").is_empty() | where("F").greater_than(value)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("integer", "many", "give a number"),
        ("boolean", "yes", "give true or false"),
        ("date", "31.1.2026", "give a date such as 2026-01-31"),
        ("datetime", "2026-01-31", "give a time and its zone"),
    ],
)
def test_a_value_of_another_kind_is_named(kind: str, text: str, said: str) -> None:
    """With the field, and what it holds."""
    fields = [Field(id="1", api_name="F", data_type=DataType(kind))]
    with pytest.raises(InvalidRequest, match=f"F is compared with '{text}': {said}"):
        of_kinds(where("F").equal(text), fields)
