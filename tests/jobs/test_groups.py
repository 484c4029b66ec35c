"""Groups of duplicates: which record stays, what it takes, in which calls."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from zohocrm_async.api.merge import merge_problems
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.jobs.groups import Chain, FieldRule, GroupRow, MasterRule, Rules, Unfit, chain
from zohocrm_async.jobs.rows import Row

FIELDS = ("Email", "Phone", "Fax")
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

ids = st.integers(1, 10**18).map(str)
texts = st.sampled_from(["", "a", "b", "c"])
moments = st.integers(0, 10**6).map(lambda n: (EPOCH + timedelta(seconds=n)).isoformat())


def group(*records: Mapping[str, Any]) -> GroupRow:
    rows = tuple(Row(position, values) for position, values in enumerate(records, 1))
    return GroupRow(1, records[0], None, rows)


def record(id_: str, **values: Any) -> dict[str, Any]:
    return {"id": id_, "Group": "g", "Created_Time": "2026-01-01", **values}


def refusal(row: Row, rules: Rules, module: str = "Leads") -> Unfit:
    with pytest.raises(Unfit) as caught:
        chain(row, rules, module)
    return caught.value


@st.composite
def groups_of_records(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Records of one group, no two of one time."""
    names = draw(st.lists(ids, min_size=2, max_size=9, unique=True))
    created = draw(st.lists(moments, min_size=9, max_size=9, unique=True))
    modified = draw(st.lists(moments, min_size=9, max_size=9, unique=True))
    return [
        record(
            id_,
            Created_Time=created[n],
            Modified_Time=modified[n],
            **{name: draw(texts) for name in FIELDS},
        )
        for n, id_ in enumerate(names)
    ]


def done(found: Chain, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Carry the calls out as the service does, and return the record that is left."""
    left = {str(values["id"]): dict(values) for values in records}
    for step in found.steps:
        for child in step:
            values = left.pop(child.id)
            for field in child.fields:
                left[found.master][field.api_name] = values[field.api_name]
    (only,) = left.values()
    return only


@given(st.lists(ids, min_size=2, max_size=12, unique=True))
def test_each_child_goes_into_the_master_once_and_in_order(names: list[str]) -> None:
    """Any number of children becomes a chain of calls of one or two."""
    row = Row(1, {"master": names[0], "children": " ; ".join(names[1:])})
    found = chain(row, Rules(), "Leads")
    assert [child.id for child in found.children] == names[1:]
    assert found.records == tuple(names)
    assert [len(step) for step in found.steps[:-1]] == [2] * (len(found.steps) - 1)
    assert all(not merge_problems("Leads", found.master, step) for step in found.steps)


@given(groups_of_records(), st.sampled_from(MasterRule), st.data())
def test_the_merged_record_is_what_the_rules_say(
    records: list[dict[str, Any]], master_rule: MasterRule, data: st.DataObject
) -> None:
    """Whatever the chain, each field has the value that its rule names, all others the master's."""
    take = data.draw(st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(FieldRule)))
    marked = data.draw(st.sampled_from(records))
    rows = [{**values, "master": "yes" if values is marked else ""} for values in records]
    rules = Rules(group_column="Group", master_rule=master_rule, take=take)
    found = chain(group(*rows), rules, "Leads")
    master = {
        MasterRule.OLDEST: lambda: min(rows, key=lambda r: r["Created_Time"]),
        MasterRule.NEWEST: lambda: max(rows, key=lambda r: r["Created_Time"]),
        MasterRule.MOST_FILLED: lambda: max(rows, key=lambda r: sum(bool(r[n]) for n in FIELDS)),
        MasterRule.COLUMN: lambda: next(r for r in rows if r["master"]),
    }[master_rule]()
    assert found.master == master["id"]
    expected = {name: master[name] for name in FIELDS}
    for name, rule in take.items():
        filled = [r for r in rows if r[name]]
        if rule is FieldRule.NEWEST and filled:
            expected[name] = max(filled, key=lambda r: r["Modified_Time"])[name]
        if rule is FieldRule.FIRST_FILLED and filled:
            expected[name] = master[name] or filled[0][name]
    merged = done(found, rows)
    assert {name: merged[name] for name in FIELDS} == expected
    claimed = [field.api_name for child in found.children for field in child.fields]
    assert len(claimed) == len(set(claimed))
    assert all(not merge_problems("Leads", found.master, step) for step in found.steps)


@given(groups_of_records(), st.randoms())
def test_the_order_of_rows_decides_nothing_that_a_time_decides(
    records: list[dict[str, Any]], random: Any
) -> None:
    """The master and what it takes from the newest stay the same."""
    rules = Rules(group_column="Group", take=dict.fromkeys(FIELDS, FieldRule.NEWEST))
    first = chain(group(*records), rules, "Leads")
    shuffled = list(records)
    random.shuffle(shuffled)
    second = chain(group(*shuffled), rules, "Leads")
    assert done(first, records) == done(second, records)


def test_a_cell_of_a_group_names_fields_of_its_first_child_or_of_another() -> None:
    """Each field goes into the call of the child that it comes from."""
    row = Row(1, {"master": "1", "children": "2 3 4", "fields": "Email Phone=4 Fax=1"})
    found = chain(row, Rules(), "Leads")
    assert [(c.id, [f.api_name for f in c.fields]) for c in found.children] == [
        ("2", ["Email"]),
        ("3", []),
        ("4", ["Phone"]),
    ]


def test_a_cell_of_a_record_names_fields_of_its_own_and_beats_a_rule() -> None:
    """A rule is for all groups, a cell for one."""
    rules = Rules(group_column="Group", take={"Phone": "first-filled"})
    records = [record("1", Phone="a"), record("2", Phone="b", fields="Phone|Email")]
    found = chain(group(*records), rules, "Leads")
    assert [(c.id, [f.api_name for f in c.fields]) for c in found.children] == [
        ("2", ["Phone", "Email"])
    ]


def test_the_master_may_be_marked_by_its_id_in_every_row() -> None:
    """A mark in its own row and its id in others' agree."""
    rules = Rules(group_column="Group", master_rule="column")
    records = [record("11", master="12"), record("12", master="YES"), record("13", master="no")]
    assert chain(group(*records), rules, "Leads").master == "12"


def test_the_same_row_twice_is_one_record() -> None:
    """What says the same again changes nothing."""
    rules = Rules(group_column="Group")
    found = chain(group(record("1"), record("2"), record("2"), record("1")), rules, "Leads")
    assert found.records == ("1", "2")


def test_times_without_an_offset_are_utc() -> None:
    """They compare with those that have one."""
    rules = Rules(group_column="Group")
    records = [
        record("1", Created_Time="2026-01-01T12:00:00"),
        record("2", Created_Time="2026-01-01T13:30:00+02:00"),
    ]
    assert chain(group(*records), rules, "Leads").master == "2"


@pytest.mark.parametrize(
    ("values", "code", "column", "sentence"),
    [
        ({"master": "", "children": "2"}, "INVALID_ID", "master", "empty"),
        ({"master": "1", "children": ""}, "INVALID_ID", "children", "no child"),
        ({"master": "1", "children": "2 x"}, "INVALID_ID", "children", "'x'"),
        ({"master": "1", "children": "2", "fields": "A=3"}, "INVALID_ID", "fields", "A=3"),
        ({"master": "1", "children": "2 3", "fields": "A A"}, "FIELD_CLAIMED_TWICE", "fields", ""),
        ({"master": "1", "children": "2 3 1"}, "INVALID_REQUEST", None, "record 1"),
        ({"master": "1", "children": "2 3 4 2"}, "INVALID_REQUEST", None, "record 2"),
        (
            {"master": "1", "children": "2 3 4", "fields": "Account_Name=2 Reporting_To=4"},
            "INVALID_REQUEST",
            None,
            "one record",
        ),
    ],
)  # fmt: skip
def test_a_group_that_cannot_be_merged_is_told_why(
    values: Mapping[str, Any], code: str, column: str | None, sentence: str
) -> None:
    """With the column to correct."""
    why = refusal(Row(1, values), Rules())
    assert (why.code, why.column) == (code, column)
    assert sentence in str(why)


def test_fields_that_the_service_fills_may_not_be_chosen_in_any_call() -> None:
    """Of a deal, and be it in the last call of a chain."""
    row = Row(1, {"master": "1", "children": "2 3 4", "fields": "Stage=4"})
    assert "Stage" in str(refusal(row, Rules(), "Deals"))
    assert chain(row, Rules(), "Leads").master == "1"


@pytest.mark.parametrize(
    ("records", "settings", "code"),
    [
        ([record("x"), record("2")], {}, "INVALID_ID"),
        ([record("1"), record("2", Created_Time="long ago")], {}, "INVALID_TIME"),
        ([record("1"), record("2"), record("1", Phone="a")], {}, "INVALID_REQUEST"),
        ([record("1", fields="A"), record("2", fields="A")], {}, "FIELD_CLAIMED_TWICE"),
        ([record("1"), record("2")], {"master_rule": "column"}, "NO_SINGLE_MASTER"),
        (
            [record("1", master="x"), record("2", master="x")],
            {"master_rule": "column"},
            "NO_SINGLE_MASTER",
        ),
        ([record("1", master="77"), record("2")], {"master_rule": "column"}, "INVALID_ID"),
        ([record("1")], {}, "ALONE"),
    ],
)
def test_records_that_make_no_group_are_told_why(
    records: list[dict[str, Any]], settings: dict[str, Any], code: str
) -> None:
    """Nothing is guessed."""
    assert refusal(group(*records), Rules(group_column="Group", **settings)).code == code


def test_a_row_that_cannot_be_read_is_refused_as_such() -> None:
    """Whatever it seems to hold."""
    row = Row(1, {"master": "1", "children": "2"}, "has 3 cells")
    assert refusal(row, Rules()).code == "MALFORMED_ROW"


def test_rules_ask_for_the_columns_they_need() -> None:
    """And for no others."""
    assert set(Rules().needed) == {"master", "children"}
    rules = Rules(group_column="Group", take={"Phone": "newest"})
    assert set(rules.needed) == {"Group", "id", "Created_Time", "Modified_Time", "Phone"}
    assert set(Rules(group_column="G", master_rule="most-filled").needed) == {"G", "id"}
    assert set(Rules(group_column="G", master_rule="column").needed) == {"G", "id", "master"}


@pytest.mark.parametrize(
    "settings",
    [
        {"master_rule": "best"},
        {"group_column": "Group", "take": {"Phone": "longest"}},
        {"take": {"Phone": "newest"}},
    ],
)
def test_rules_that_are_none_are_refused(settings: dict[str, Any]) -> None:
    """With the words that are known."""
    with pytest.raises(InvalidRequest):
        Rules(**settings)
