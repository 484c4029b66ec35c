"""What a plan reads is what the converter reads."""

from datetime import datetime
from typing import Any

import pytest
from attrs import Factory, define, field, frozen
from hypothesis import given, strategies as st

from zohocrm_async._converter import _converter, structure
from zohocrm_async._pages import Page
from zohocrm_async._plans import plan
from zohocrm_async.exceptions import UnexpectedAnswer
from zohocrm_async.models import Reference, Word


class Colour(Word):
    RED = "red"


@frozen
class Leaf:
    text: str
    number: int | None = None
    share: float | None = None
    flag: bool = False
    colour: Colour | None = None
    at: datetime | None = None
    by: Reference | None = None
    more: dict[str, Any] = field(factory=dict[str, Any])
    leaves: "tuple[Leaf, ...]" = ()
    note: str | None = field(default="none", metadata={"wire": "Note"})
    by_name: str | None = field(default=None, metadata={"wire": "by.name"})


def leaves(*inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    values: dict[str, st.SearchStrategy[Any]] = {
        "number": st.integers(-9, 9) | st.just("7") | st.just(True),
        "share": st.floats(allow_nan=False) | st.integers(-9, 9) | st.just("x"),
        "flag": st.booleans() | st.just("true"),
        "colour": st.sampled_from(["red", "blue", 5]),
        "at": st.sampled_from(["2026-01-31T09:00:00+05:30", "2026-01-31", "soon"]),
        "by": st.sampled_from([{"id": "1"}, {"id": "1", "name": "Jo"}, {"name": "Jo"}, {}, "1"]),
        "by.name": st.sampled_from(["Jo", 1]),
        "more": st.sampled_from([{}, {"a": 1}]),
        "leaves": st.one_of([st.lists(each, max_size=2) for each in inner] or [st.just([])]),
        "Note": st.text(max_size=3),
        "unknown": st.text(max_size=3),
    }
    optional = {name: st.none() | value for name, value in values.items()}
    return st.fixed_dictionaries({"text": st.text(max_size=3)}, optional=optional)


@given(item=leaves(leaves()))
def test_a_plan_and_the_converter_agree(item: dict[str, Any]) -> None:
    """On what they read, and on what they refuse."""

    def read(detailed: bool) -> Any:
        try:
            return _converter(detailed=detailed).structure(item, Leaf)
        except Exception:  # noqa: BLE001  # that it fails is what counts
            return "refused"

    assert read(detailed=False) == read(detailed=True)


@define
class Numbered:
    text: str
    length: int = Factory(lambda self: len(self.text), takes_self=True)


@define
class Checked:
    text: str = field(validator=lambda _, __, value: value.index("a"))


@define
class Called:
    text: str

    def __attrs_post_init__(self) -> None:
        self.text = self.text.upper()


@define
class Named:
    text: str = field(kw_only=True)


def upper(text: str) -> str:
    return text.upper()


@define
class Made:
    text: str = field(converter=upper)


@define(slots=False)
class Loose:
    text: str


@define(init=False)
class Own:
    text: str

    def __init__(self, text: str) -> None:
        self.text = text * 2


@pytest.mark.parametrize("kind", [Numbered, Checked, Called, Made, Loose, Own])
def test_a_class_that_does_more_than_store_is_made_by_itself(kind: Any) -> None:
    """Its validators, converters and hooks run."""
    assert plan(kind, _converter()) is None
    [made] = structure({"data": [{"text": "abc"}]}, tuple[kind, ...], "data", "test")
    assert made == kind("abc")


def test_keywords_alone_are_no_hindrance() -> None:
    [made] = structure({"data": [{"text": "abc"}]}, tuple[Named, ...], "data", "test")
    assert made == Named(text="abc")


def test_what_a_validator_refuses_is_told() -> None:
    with pytest.raises(UnexpectedAnswer):
        structure({"data": [{"text": "xyz"}]}, Page[Checked], "data", "test")


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ({"by": {"id": "1", "name": "Jo"}}, "Jo"),
        ({"by": {"id": "1"}, "by.name": "Al"}, "Al"),
        ({"by.name": "Al"}, "Al"),
        ({"by": {"id": "1", "name": "Jo"}, "by.name": "Al"}, "Jo"),
        ({"by": None}, None),
    ],
)
def test_a_dot_reaches_into_an_object(item: dict[str, Any], name: str | None) -> None:
    """Where that has no such key, a key with the dot itself serves, as queries bring them."""
    read = plan(Leaf, _converter())
    assert read is not None
    assert read({"text": "a", **item}, Leaf).by_name == name


@pytest.mark.parametrize("detailed", [False, True])
def test_an_empty_object_is_none_where_it_may_be_missing_but_not_empty(detailed: bool) -> None:
    """As the service writes ``{}`` for it in some answers, and null in others."""
    made = _converter(detailed=detailed).structure({"text": "a", "by": {}, "more": {}}, Leaf)
    assert (made.by, made.more) == (None, {})


def test_a_plan_reads_what_only_stores() -> None:
    """Including classes that hold their own kind."""
    read = plan(Leaf, _converter())
    assert read is not None
    made = read({"text": "a", "leaves": [{"text": "b"}], "more": None}, Leaf)
    assert made == Leaf("a", leaves=(Leaf("b"),))
    assert read({"text": "a"}, Leaf).more is not read({"text": "a"}, Leaf).more


@frozen
class Open:
    text: str | None


def test_null_is_a_value_of_what_may_be_none() -> None:
    """Also where there is no default, and also on the way that names faults."""
    assert structure({"data": [{"text": None}]}, Open, "data", "test") == Open(None)
    assert _converter(detailed=True).structure({}, Open) == Open(None)
