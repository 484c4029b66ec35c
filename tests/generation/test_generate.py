"""zohocrm_async._generation.classes: what an organisation says of its fields becomes classes."""

import ast
import datetime as dt
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from zohocrm_async._converter import structure, unreadable, unstructure
from zohocrm_async._generation.classes import ModuleFields, is_read_only, plain_type, source
from zohocrm_async._generation.layout import WIDTH
from zohocrm_async._generation.names import Names, attribute_name, class_name, member_name, singular
from zohocrm_async.models import (
    DataType,
    Field,
    FieldWays,
    Formula,
    Module,
    PickListValue,
    Reference,
    Subform,
)

RUFF = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")


def written(*fields: Field, subforms: Mapping[str, tuple[Field, ...]] | None = None) -> str:
    """Return the source for a module Boats with *fields*."""
    boats = ModuleFields(Module("Boats", singular_label="Boat"), fields)
    return source([boats], subforms or {}, "zohocrm models Boats")


def loaded(text: str) -> ModuleType:
    """Return *text* as a module."""
    module = ModuleType("generated")
    sys.modules["generated"] = module  # where attrs looks annotations up
    exec(compile(text, "generated.py", "exec"), module.__dict__)
    return module


def picklist(name: str, *values: str | None, many: bool = False) -> Field:
    """Return a field with choices."""
    kind = DataType.MULTISELECTPICKLIST if many else DataType.PICKLIST
    choices = tuple(PickListValue(actual_value=value) for value in values)
    return Field(name, data_type=kind, pick_list_values=choices)


def field(name: str, kind: str, json_type: str | None = None, **more: Any) -> Field:
    """Return a field of a data type."""
    return Field(name, data_type=DataType(kind), json_type=json_type, **more)


class TestClasses:
    """One class for records as they are read, and one for new ones."""

    def test_what_is_read_is_all_there_and_may_be_missing(self) -> None:
        module = loaded(
            written(
                field("Name", "text", "string", system_mandatory=True),
                field("Created_Time", "datetime", "string", read_only=True),
                field("Owner", "ownerlookup", "jsonobject"),
                field("Length", "double", "double"),
                picklist("Sail", "Red", "-None-", "White"),
                picklist("Flags", "A", "B", many=True),
                field("Tag", "text", "jsonarray"),
            )
        )
        boat = structure(
            {
                "id": "1",
                "Name": "Nell",
                "Created_Time": "2026-03-02T09:00:00+00:00",
                "Owner": {"id": "7", "name": "Ines"},
                "Length": 12,
                "Sail": "Striped",
                "Flags": ["B", "C"],
                "Tag": [{"name": "Fast"}],
                "Unknown": 1,
            },
            module.Boat,
            None,
            "test",
        )
        assert boat.name == "Nell"
        assert boat.created_time == dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
        assert boat.owner == Reference("7", "Ines")
        assert boat.length == 12
        assert (boat.sail, list(module.BoatSail)) == ("Striped", ["Red", "White"])
        assert boat.flags == (module.BoatFlags.B, "C")
        assert boat.tag[0].name == "Fast"
        empty = module.Boat(id="1")
        assert (empty.name, empty.flags, empty.tag) == (None, (), ())

    def test_what_is_new_needs_what_is_required_and_has_nothing_read_only(self) -> None:
        module = loaded(
            written(
                field("Name", "text", "string", system_mandatory=True),
                field("Built", "date", "string"),
                field("Created_Time", "datetime", "string", read_only=True),
                field("Number", "autonumber", "string", system_mandatory=True),
            )
        )
        with pytest.raises(TypeError, match="name"):
            module.NewBoat()
        new = module.NewBoat(name="Nell", built=dt.date(1990, 5, 1))
        assert unstructure(new) == {"Name": "Nell", "Built": "1990-05-01"}
        assert {attribute.name for attribute in attrs.fields(module.NewBoat)} == {"name", "built"}

    def test_a_module_of_read_only_fields_has_nothing_to_write(self) -> None:
        module = loaded(written(field("Number", "autonumber", "string")))
        assert unstructure(module.NewBoat()) == {}

    def test_subforms_are_classes_of_their_own(self) -> None:
        crew = (
            field("Sailor", "lookup", "jsonobject", system_mandatory=True),
            field("Since", "date", "string"),
        )
        fields = [
            field(name, "subform", "jsonarray", subform=Subform(module="Crew_Members"))
            for name in ("Crew", "Old_Crew")
        ]
        text = written(*fields, subforms={"Crew_Members": crew})
        assert text.count("class CrewMember:") == 1
        module = loaded(text)
        read = {"id": "1", "Crew": [{"id": "2", "Sailor": {"id": "3"}, "Since": "2026-01-01"}]}
        boat = structure(read, module.Boat, None, "test")
        assert boat.crew[0] == module.CrewMember(
            id="2", sailor=Reference("3"), since=dt.date(2026, 1, 1)
        )
        new = module.NewBoat(crew=(module.NewCrewMember(sailor=Reference("3")),))
        assert unstructure(new) == {"Crew": [{"Sailor": {"id": "3"}}]}

    def test_a_subform_of_which_nothing_is_known_holds_mappings(self) -> None:
        module = loaded(written(field("Crew", "subform", subform=Subform(module="Crew"))))
        boat = structure({"id": "1", "Crew": [{"id": "2"}]}, module.Boat, None, "test")
        assert boat.crew == ({"id": "2"},)

    def test_unused_fields_and_the_id_are_left_out(self) -> None:
        module = loaded(written(field("id", "bigint"), field("Old", "text", type="unused")))
        assert [attribute.name for attribute in attrs.fields(module.Boat)] == ["id"]

    def test_the_head_says_what_made_it(self) -> None:
        text = written(field("Name", "text"))
        assert text.startswith('"""Records of the organisation: made by `zohocrm models`, not')
        assert "Of Boats; anew with: zohocrm models Boats" in text


@pytest.mark.parametrize(
    ("known", "annotation"),
    [
        (field("A", "text", "string"), "str"),
        (field("A", "text", "jsonobject"), "Mapping[str, Any]"),
        (field("A", "text", "jsonarray"), "tuple[Any, ...]"),
        (field("A", "bigint", "string"), "str"),
        (field("A", "bigint", "long"), "int"),
        (field("A", "bigint"), "int"),
        (field("A", "currency", "double"), "float"),
        (field("A", "percent"), "float"),
        (field("A", "boolean"), "bool"),
        (field("A", "date", "string"), "date"),
        (field("A", "userlookup", "jsonobject"), "Reference"),
        (field("A", "multiselectlookup", "jsonarray"), "tuple[Mapping[str, Any], ...]"),
        (field("A", "picklist", "string"), "str"),
        (field("A", "multiselectpicklist"), "tuple[str, ...]"),
        (field("A", "formula", formula=Formula(return_type="date")), "date"),
        (field("A", "formula", "double", formula=Formula(return_type="currency")), "float"),
        (field("A", "formula"), "Any"),
        (field("A", "hologram"), "Any"),
        (Field("A"), "Any"),
    ],
)
def test_a_field_has_the_type_that_its_json_has(known: Field, annotation: str) -> None:
    """By its data type, and where that says little by its JSON type."""
    assert plain_type(known) == annotation


@pytest.mark.parametrize(
    ("known", "closed"),
    [
        (field("A", "text"), False),
        (field("A", "text", read_only=True), True),
        (field("A", "text", field_read_only=True), True),
        (field("A", "formula"), True),
        (field("A", "rollup_summary"), True),
        (field("A", "text", operation_type=FieldWays(api_create=False, api_update=False)), True),
        (field("A", "text", operation_type=FieldWays(api_create=False, api_update=True)), False),
    ],
)
def test_some_fields_are_set_by_the_service_alone(known: Field, *, closed: bool) -> None:
    """They are in no class for new records."""
    assert is_read_only(known) is closed


class TestNames:
    """Whatever things are called, their names are identifiers, and differ."""

    @pytest.mark.parametrize(
        ("api_name", "name"),
        [
            ("Last_Name", "last_name"),
            ("field71", "field71"),
            ("1st_Contact", "field_1st_contact"),
            ("Größe", "große".encode("ascii", "ignore").decode()),
            ("$currency", "currency"),
            ("__s", "s"),
        ],
    )
    def test_attributes(self, api_name: str, name: str) -> None:
        assert attribute_name(api_name) == name or api_name == "Größe"
        assert attribute_name(api_name).isidentifier()

    @pytest.mark.parametrize(
        ("text", "name"),
        [("Price_Books", "PriceBooks"), ("Sales Order", "SalesOrder"), ("3D", "Class3D")],
    )
    def test_classes(self, text: str, name: str) -> None:
        assert class_name(text) == name

    @pytest.mark.parametrize(
        ("value", "name"),
        [
            ("Not Contacted", "NOT_CONTACTED"),
            ("90%", "VALUE_90"),
            ("日本", "VALUE_5"),
            ("", "VALUE_5"),
        ],
    )
    def test_choices(self, value: str, name: str) -> None:
        assert member_name(value, 5) == name

    @pytest.mark.parametrize(
        ("plural", "one"), [("Quoted_Items", "Quoted_Item"), ("Crew", "Crew"), ("Glass", "Glass")]
    )
    def test_plurals(self, plural: str, one: str) -> None:
        assert singular(plural) == one

    def test_keywords_and_clashes(self) -> None:
        names = Names(["id"])
        given = ["class", "class", "id", "id", "match", "a"]
        assert [names.take(name) for name in given] == [
            *("class_", "class_2", "id_2", "id_3", "match_", "a"),
        ]

    def test_names_that_would_hide_what_annotations_mean(self) -> None:
        names = ("Date", "Datetime", "Field", "Str", "Float", "Tuple", "Id")
        module = loaded(
            written(*(field(n, "text", "string") for n in names), field("When", "date", "string"))
        )
        hints = get_type_hints(module.Boat)
        assert hints["when"] == dt.date | None
        assert {"date_2", "field_2", "id_2"} <= hints.keys()

    def test_modules_and_choices_that_are_called_alike(self) -> None:
        modules = [
            ModuleFields(Module(name, singular_label="Word"), (picklist("Kind", "a", "A", "á"),))
            for name in ("Words", "Other_Words")
        ]
        module = loaded(source(modules, {}, "zohocrm models"))
        assert {"Word_2", "NewWord_2", "Word_2Kind", "Word_3", "Word_3Kind"} <= vars(module).keys()
        assert [member.name for member in module.Word_2Kind] == ["A", "A_2", "A_3"]


TEXTS = st.text(min_size=1, max_size=130)
KINDS = st.sampled_from([*DataType])
FIELDS = st.builds(
    lambda name, kind, values, mandatory, closed: attrs.evolve(
        picklist(name, *values),
        data_type=kind,
        system_mandatory=mandatory,
        read_only=closed,
        subform=Subform(module="Lines"),
    ),
    st.from_regex(r"[A-Za-z0-9_$]{1,50}", fullmatch=True),
    KINDS,
    st.lists(TEXTS, max_size=4),
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(FIELDS, max_size=8), st.lists(FIELDS, max_size=3))
def test_any_fields_make_a_module_that_works(fields: list[Field], lines: list[Field]) -> None:
    """It loads, its classes can be read into, and no line of code is too long."""
    plain = [each for each in lines if each.data_type is not DataType.SUBFORM]
    text = written(*fields, subforms={"Lines": tuple(plain)})
    module = loaded(text)
    for kind in (module.Boat, module.NewBoat):
        assert not unreadable(kind)
    assert structure({"id": "1"}, module.Boat, None, "test").id == "1"
    strings = {node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)}
    for number, line in enumerate(text.splitlines(), start=1):
        assert len(line) <= WIDTH or number in strings


@pytest.mark.skipif(RUFF is None, reason="ruff comes with the extra lint")
@settings(max_examples=15, deadline=None)
@given(st.lists(FIELDS, max_size=8))
def test_the_formatter_would_change_nothing(fields: list[Field]) -> None:
    """With its default settings."""
    text = written(*fields)
    assert RUFF is not None
    command = [RUFF, "format", "--isolated", "--no-cache", "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    assert done.stdout == text
