"""Fields as they come from the service."""

from typing import Any

from zohocrm_async._converter import structure, unstructure
from zohocrm_async.models import Criteria, Field, FieldReference, LookupModule, NewField


def test_a_lookup_names_its_module_by_either_key() -> None:
    """Older answers say ``module``, newer ones ``api_name``."""
    for key in ("api_name", "module"):
        body = {"fields": [{"api_name": "A", "lookup": {"module": {key: "Accounts", "id": "1"}}}]}
        [field] = structure(body, tuple[Field, ...], "fields", "fields.list")
        assert field.lookup.module.name == "Accounts"
    assert LookupModule().name is None


def test_an_unknown_data_type_and_unknown_keys_are_taken() -> None:
    """What is new breaks no answer."""
    body = {"fields": [{"api_name": "A", "data_type": "hologram", "shine": 5, "lookup": None}]}
    [field] = structure(body, tuple[Field, ...], "fields", "fields.list")
    assert (field.data_type, field.lookup) == ("hologram", None)


def test_what_is_not_given_is_not_sent() -> None:
    """A new field says only what it was told."""
    new: Any = unstructure(NewField(field_label="Size", data_type="integer", length=3), "fields")
    assert new == {"fields": [{"field_label": "Size", "data_type": "integer", "length": 3}]}


def test_conditions_hold_conditions() -> None:
    """To any depth, both ways."""
    one = Criteria("equal", FieldReference("City"), "Cork")
    both = Criteria(group_operator="AND", group=(one, one))
    body: Any = unstructure(both, "criteria")
    assert structure(body, tuple[Criteria, ...], "criteria", "x") == (both,)
    assert body["criteria"][0]["group"][0] == {
        "comparator": "equal",
        "field": {"api_name": "City"},
        "value": "Cork",
    }
