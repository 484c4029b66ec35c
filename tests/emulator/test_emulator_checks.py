"""Checks of bodies: each names the key, its place and what it should have been."""

from typing import Any

import pytest

from zohocrm_async.emulator import checks
from zohocrm_async.emulator.errors import Refusal

ROOT = "$.data[0]"


def refused(check: checks.Check, value: Any, name: str = "key") -> Any:
    """Return the details of the refusal, with its word."""
    with pytest.raises(Refusal) as caught:
        check(value, name, f"{ROOT}.{name}")
    assert caught.value.wrapped
    return {"code": caught.value.code, **caught.value.item["details"]}


@pytest.mark.parametrize(
    ("check", "value", "more"),
    [
        (checks.text, 1, {"expected_data_type": "string"}),
        (checks.boolean, "true", {"expected_data_type": "boolean"}),
        (checks.short(3), "four", {"maximum_length": 3}),
        (checks.one_of("a", "b"), "c", {"supported_values": ["a", "b"]}),
        (checks.list_of(1, checks.text), ["a", "b"], {"maximum_length": 1}),
        (checks.list_of(1, checks.text), "a", {"expected_data_type": "jsonarray"}),
        (checks.time, "2026-03-02T09:00:00", {"expected_data_type": "datetime"}),
        (checks.time, "soon", {"expected_data_type": "datetime"}),
        (checks.reference, "1", {"expected_data_type": "jsonobject"}),
        (checks.email, "jo", {"expected_data_type": "email", "parent_api_name": "key"}),
    ],
)
def test_a_value_that_does_not_fit(check: checks.Check, value: Any, more: Any) -> None:
    expected = {"code": "INVALID_DATA", "api_name": "key", "json_path": f"{ROOT}.key", **more}
    assert refused(check, value) == expected


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (checks.text, ""),
        (checks.boolean, False),
        (checks.short(3), "abc"),
        (checks.or_null(checks.text), None),
        (checks.one_of("a"), "a"),
        (checks.list_of(2, checks.email), ["a@example.com"]),
        (checks.time, "2026-03-02T09:00:00Z"),
        (checks.address, {"email": "a@example.com", "user_name": None}),
        (checks.named_reference, {"id": "1", "name": "One"}),
        (checks.linked_record, {"id": "1", "module": {"api_name": "Deals"}}),
    ],
)
def test_a_value_that_fits(check: checks.Check, value: Any) -> None:
    check(value, "key", f"{ROOT}.key")


def test_items_of_a_list_are_told_by_their_index() -> None:
    found = refused(checks.list_of(3, checks.address), [{"email": "a@example.com"}, {}], "to")
    assert (found["code"], found["json_path"]) == ("MANDATORY_NOT_FOUND", f"{ROOT}.to[1].email")
    assert found["parent_api_name"] == "to"


def test_a_key_that_nothing_documents() -> None:
    found = refused(checks.reference, {"id": "1", "colour": "red"})
    assert (found["api_name"], found["json_path"]) == ("colour", f"{ROOT}.key.colour")
