"""A field's value is the same whether it came in JSON or in a file."""

from typing import Any

import pytest

from zohocrm_async._moving.columns import columns_of
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.models import DataType, Field, Formula


def column(kind: str, **more: Any) -> Any:
    field = Field(id="1", api_name="X", data_type=DataType(kind), **more)
    return columns_of([field], ["X"], module="Leads", operation="test")[0]


@pytest.mark.parametrize(
    ("kind", "json", "text", "value"),
    [
        ("text", "007", "007", "007"),
        ("text", "", "", None),
        ("text", None, "", None),
        ("picklist", "Cold Call", "Cold Call", "Cold Call"),
        ("bigint", "9007199254740993", "9007199254740993", "9007199254740993"),
        ("integer", 12, "12", 12),
        ("integer", None, "", None),
        ("currency", 12.5, "12.5", 12.5),
        ("currency", 1000, "1000.0", 1000),
        ("currency", -3, "-3", -3),
        ("percent", 40, "40", 40),
        ("boolean", True, "true", True),
        ("boolean", False, "false", False),
        ("date", "2026-03-02", "2026-03-02", "2026-03-02"),
        ("multiselectpicklist", ["Tea", "Jam"], "Tea;Jam", ["Tea", "Jam"]),
        ("multiselectpicklist", None, "", []),
        ("lookup", {"id": "5", "name": "Acme"}, "5", {"id": "5"}),
        ("ownerlookup", {"id": "5", "email": "a@b.c"}, "5", {"id": "5"}),
        ("lookup", None, "", None),
        ("hologram", "x", "x", "x"),
    ],
)
def test_a_value_is_the_same_by_either_way(kind: str, json: Any, text: str, value: Any) -> None:
    """Its type included, but for whole numbers, which equal their decimals."""
    found = column(kind)
    assert found.of_json(json) == value
    assert found.of_text(text) == value
    assert type(found.of_json(json)) is type(value)


def test_a_formula_is_what_it_gives() -> None:
    """A number or a text; one that could not be worked out stays as it came."""
    number = column("formula", formula=Formula(return_type="currency"))
    assert (number.of_text("12.5"), number.of_text("#ERROR")) == (12.5, "#ERROR")
    text = column("formula", formula=Formula(return_type="string"))
    assert text.of_text("12") == "12"
    assert column("rollup_summary", json_type="integer").of_text("3") == 3


@pytest.mark.parametrize("kind", ["subform", "fileupload", "imageupload", "multiselectlookup"])
def test_some_fields_come_in_lists_alone(kind: str) -> None:
    """As no cell holds them."""
    assert column(kind).listed_only


def test_unknown_fields_are_all_named() -> None:
    """With where the known ones are told."""
    with pytest.raises(InvalidRequest) as refused:
        columns_of([], ["A", "id", "B"], module="Leads", operation="test")
    assert len(refused.value.problems) == 2
    assert "crm.metadata.fields('Leads')" in refused.value.problems[0]


def test_the_id_is_no_column_and_no_field_comes_twice() -> None:
    """Every row has it anyway."""
    known = [Field(id="1", api_name="A", data_type=DataType.TEXT)]
    found = columns_of(known, ["id", "A", "A"], module="Leads", operation="test")
    assert [each.api_name for each in found] == ["A"]
