"""The grammar of queries."""

import pytest
from hypothesis import given, strategies as st

from zohocrm_async._coql import literal, read
from zohocrm_async.emulator.coql_grammar import (
    Both,
    Condition,
    Criterion,
    Select,
    Value,
    parse,
)
from zohocrm_async.emulator.errors import Refusal

START = "select id from Leads where"


def test_a_whole_query() -> None:
    text = (
        "SELECT Last_Name, Account_Name.Phone FROM Contacts WHERE ((a = 1 AND b = 'x') OR c = true)"
        " ORDER BY Last_Name DESC, id LIMIT 20 OFFSET 40"
    )
    both = Both("and", Criterion("a", "=", (1,)), Criterion("b", "=", ("x",)))
    assert parse(text) == Select(
        ("Last_Name", "Account_Name.Phone"),
        "Contacts",
        Both("or", both, Criterion("c", "=", (True,))),
        (("Last_Name", True), ("id", False)),
        20,
        40,
    )


def test_limit_and_offset_have_usual_values() -> None:
    select = parse(f"{START} a = 1")
    assert (select.order, select.limit, select.offset) == ((), 200, 0)


def test_an_offset_may_stand_before_the_limit() -> None:
    select = parse(f"{START} a = 1 limit 400, 200")
    assert (select.limit, select.offset) == (200, 400)


@pytest.mark.parametrize(
    ("text", "operator", "values"),
    [
        ("= 'O''Hara'", "=", ("O'Hara",)),
        ('= "say ""hi"""', "=", ('say "hi"',)),
        ("<> 1.5", "!=", (1.5,)),
        (">= -3", ">=", (-3,)),
        ("in ('a', 2)", "in", ("a", 2)),
        ("not in (1)", "not in", (1,)),
        ("like '%a'", "like", ("%a",)),
        ("NOT LIKE 'a%'", "not like", ("a%",)),
        ("between 1 and 2", "between", (1, 2)),
        ("not between 1 and 2", "not between", (1, 2)),
        ("is null", "is null", ()),
        ("is not null", "is not null", ()),
    ],
)
def test_a_criterion(text: str, operator: str, values: tuple[Value, ...]) -> None:
    assert parse(f"{START} a {text}").where == Criterion("a", operator, values)


def test_a_reserved_word_is_a_column_in_quotes() -> None:
    assert parse("select 'Order' from Leads where 'Limit' = 1").columns == ("Order",)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("select from Leads where a = 1", "from"),
        ("select a, from Leads where a = 1", "from"),
        ("update Leads set a = 1", "update"),
        (f"{START} a = 1 and b = 2 and c = 3", "and"),
        (f"{START} a = 1 and", "and"),
        (f"{START} (a = 1", "1"),
        (f"{START} a ~ 1", "~"),
        (f"{START} a = b", "b"),
        (f"{START} a in 1", "1"),
        (f"{START} a in (1", "1"),
        (f"{START} a is 1", "1"),
        (f"{START} a not = 1", "="),
        (f"{START} a between 1", "1"),
        (f"{START} a = 1 group by b", "group"),
        (f"{START} a = 1 order b", "b"),
        (f"{START} a = 'open", "'"),
        ("select count(id) from Leads where a = 1", "("),
        ("select a as b from Leads where a = 1", "as"),
    ],
)
def test_what_is_beyond_it_is_a_syntax_error(text: str, near: str) -> None:
    """With the place where reading ended."""
    with pytest.raises(Refusal) as caught:
        parse(text)
    assert caught.value.code == "SYNTAX_ERROR"
    assert caught.value.item["details"]["near"] == near


@pytest.mark.parametrize(("text", "clause"), [("select a", "from"), ("select a from b", "where")])
def test_a_clause_that_is_missing_is_named(text: str, clause: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse(text)
    assert (caught.value.code, caught.value.item["details"]) == ("SYNTAX_ERROR", {"clause": clause})


@pytest.mark.parametrize(("end", "name"), [("limit x", "limit"), ("limit 5 offset x", "offset")])
def test_a_bound_that_is_no_number_is_named(end: str, name: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse(f"{START} a = 1 {end}")
    assert (caught.value.code, caught.value.item["details"]) == ("INVALID_QUERY", {name: "x"})


VALUES = st.text() | st.integers() | st.booleans()
CRITERIA = st.builds(
    Criterion, st.just("a"), st.sampled_from(["=", "!=", "<", ">=", "like"]), st.tuples(VALUES)
) | st.builds(
    Criterion,
    st.just("b"),
    st.sampled_from(["in", "not in"]),
    st.lists(VALUES, min_size=1, max_size=3).map(tuple),
)
CONDITIONS = st.recursive(
    CRITERIA,
    lambda inside: st.builds(Both, st.sampled_from(["and", "or"]), inside, inside),
    max_leaves=6,
)


def written(condition: Condition) -> str:
    if isinstance(condition, Both):
        return f"({written(condition.left)} {condition.word} {written(condition.right)})"
    values = [literal(value) for value in condition.values]
    listed = f"({', '.join(values)})" if condition.operator.endswith("in") else values[0]
    return f"{condition.column} {condition.operator} {listed}"


@given(CONDITIONS, st.integers(1, 2_000))
def test_what_the_client_writes_is_read_as_it_is_meant(condition: Condition, rows: int) -> None:
    """The query as it is, and the pages made of it."""
    query = f"{START} {written(condition)}"
    assert parse(query).where == condition
    page = parse(read(query).page(rows, skip=rows, after="77"))
    assert page.where == Both("and", condition, Criterion("id", ">", ("77",)))
    assert (page.order, page.limit, page.offset) == ((("id", False),), rows, 0)
