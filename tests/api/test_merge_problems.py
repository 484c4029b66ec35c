"""What the documentation rules out of a merge is told before it is sent, all at once."""

import pytest

from zohocrm_async.api.merge import merge_problems
from zohocrm_async.models import MergeChild, MergeField


def test_a_plain_merge_has_no_problem() -> None:
    assert merge_problems("Leads", "1", [MergeChild("2", ["Email"]), MergeChild("3")]) == ()
    both = MergeChild("2", ["Account_Name", "Reporting_To"])
    assert merge_problems("Contacts", "1", [both, MergeChild("3", ["Email"])]) == ()


@pytest.mark.parametrize(
    ("module", "master", "children", "fields", "told"),
    [
        ("Leads", "1", [], [], "0 children given"),
        ("Leads", "1", [MergeChild("2"), MergeChild("3"), MergeChild("4")], [], "3 children"),
        ("Leads", "1", [MergeChild("1")], [], "record 1 is given more than once"),
        ("Leads", "1", [MergeChild("2"), MergeChild("2")], [], "record 2 is given more than once"),
        ("Leads", "1", [MergeChild(" ")], [], "a record has no id"),
        (
            "Leads",
            "1",
            [MergeChild("2", ["Email"]), MergeChild("3", ["Email"])],
            [],
            "field Email is claimed more than once",
        ),
        ("Leads", "1", [MergeChild("2", ["P"])], [MergeField("P", None)], "field P is claimed"),
        ("Leads", "1", [MergeChild("2", [""])], [], "a field has no api_name"),
        (
            "Contacts",
            "1",
            [MergeChild("2", ["Account_Name"]), MergeChild("3", ["Reporting_To"])],
            [],
            "Account_Name and Reporting_To come from one record",
        ),
        (
            "Contacts",
            "1",
            [MergeChild("2", ["Reporting_To"])],
            [],
            "Account_Name and Reporting_To come from one record",
        ),
        ("Deals", "1", [MergeChild("2", ["Stage"])], [], "field Stage of a deal"),
        ("Potentials", "1", [MergeChild("2", ["Probability"])], [], "field Probability of a deal"),
    ],
)
def test_each_thing_that_is_ruled_out_is_told(
    module: str,
    master: str,
    children: list[MergeChild],
    fields: list[MergeField],
    told: str,
) -> None:
    found = merge_problems(module, master, children, fields)
    assert len(found) == 1
    assert told in found[0]


def test_all_problems_are_told_in_one_go() -> None:
    assert len(merge_problems("Deals", "1", [MergeChild("1", ["Stage", "Stage"])])) == 3
