"""tools.shown: how the reference shows what the source says."""

import ast
import inspect
from typing import Any

import attrs
import pytest

from tools import coverage, shown
from zohocrm_async.api import families
from zohocrm_async.models import Channel, Record


def function(source: str) -> Any:
    """Return the function that *source* defines."""
    return ast.parse(source).body[0]


@pytest.mark.parametrize(
    ("source", "shows"),
    [
        ("def f(self, a: int = 1) -> str: ...", "f(a: int = 1) -> str"),
        ("async def f(self, a, /, b='x', *, c: int): ...", 'await f(a, b = "x", *, c: int)'),
        ("async def f(*a: int, **b: str) -> None: ...", "await f(*a: int, **b: str) -> None"),
        ("async def f(self) -> X:\n    yield 1", "f() -> X"),
        ("@asynccontextmanager\nasync def f(self) -> X:\n    yield", "async with f() -> X"),
        ("@classmethod\ndef f(cls, a: int) -> Self: ...", "f(a: int) -> Self"),
    ],
)
def test_a_signature_is_as_people_call_it(source: str, shows: str) -> None:
    """With what stands before the call."""
    assert shown.signature(function(source), "f") == shows


def test_a_docstring_becomes_markdown() -> None:
    """Its sections become lists, with what runs over to the next line."""
    doc = "Do it.\n\n    Args:\n        a: what\n            it is.\n\n    Raises:\n        E: no."
    text = shown.text_of(function(f'def f(a):\n    """{doc}\n    """'))
    assert text.splitlines() == [
        *("Do it.", "", "", "Args:", "", "- `a`: what", "  it is."),
        *("", "", "Raises:", "", "- `E`: no."),
    ]


def test_attributes_come_with_what_is_said_of_them() -> None:
    """Fields, properties and the words of enumerations; nothing private."""
    fields = dict(shown.attributes(shown.source_of(Channel)))
    assert fields["events: tuple[str, ...]"] == "Such as ``Leads.create`` or ``Deals.all``."
    assert len(fields) == len(attrs.fields(Channel))
    assert ("id: str", "The record's id.") in set(shown.attributes(shown.source_of(Record)))


def test_attributes_that_are_made_with_the_object_are_told() -> None:
    """If something is said of them."""
    found = shown.find("zohocrm_async.notifications", "KeptChannels")
    assert found is not None
    fields = dict(shown.attributes(found))
    said = "Why the latest renewal failed; None once one went well again."
    assert fields["failure: ZohoCRMError | None"] == said


def test_methods_of_bases_are_methods() -> None:
    """The last definition follows its overloads."""
    from zohocrm_async.api.records import Records  # noqa: PLC0415  # as the client loads it

    found = shown.methods(shown.source_of(Records))
    assert {"list", "create", "export"} <= found.keys()
    assert not [name for name in found if name.startswith("_")]


def test_a_name_leads_to_where_it_is_defined() -> None:
    """Through modules that hand it on; what is not ours is not found."""
    found = shown.find("zohocrm_async", "RefreshToken")
    assert found is not None
    assert (found.module, found.name) == ("zohocrm_async.auth.credentials", "RefreshToken")
    assert shown.find("zohocrm_async", "Path") is None
    assert shown.public("zohocrm_async.notifications") == ["KeptChannels", "new_token", "parse"]


def test_errors_are_told_from_other_classes() -> None:
    """By what they build on in the end."""
    for module, name, error in (("exceptions", "NotSubscribed", True), ("options", "Retry", False)):
        found = shown.find(f"zohocrm_async.{module}", name)
        assert found is not None
        assert shown.is_error(found) is error


@pytest.mark.parametrize("call", [call for _, call in coverage.USES])
def test_uses_by_arguments_can_be_called_so(call: str) -> None:
    """The coroutine is there, and takes these arguments."""
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    _, family, name = ast.unparse(node.func).split(".")
    method = inspect.unwrap(getattr(families()[family], name))
    places = [None for _ in node.args]
    given: dict[str, Any] = {str(keyword.arg): None for keyword in node.keywords}
    inspect.signature(method).bind(None, *places, **given)


def test_private_names_give_way_to_their_values() -> None:
    """A reader cannot look them up."""
    from zohocrm_async.api.record_moves import RecordMoves  # noqa: PLC0415  # as the client does

    export = shown.methods(shown.source_of(RecordMoves))["export"]
    assert "_" not in shown.signature(export, "f").partition("deadline")[2].partition(")")[0]
