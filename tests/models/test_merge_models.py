"""States of merges, and the fields that are chosen."""

import pytest

from zohocrm_async.models import MergeChild, MergeField, MergeJobStatus, MergeState


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("RUNNING", MergeState.RUNNING),
        ("running", MergeState.RUNNING),
        ("SCHEDULED", MergeState.SCHEDULED),
        ("completed", MergeState.COMPLETED),
        ("FAILURE", MergeState.FAILURE),
        ("failed", MergeState.FAILURE),
        ("Failed", MergeState.FAILURE),
        ("PAUSED", "PAUSED"),
    ],
)
def test_states_are_compared_without_regard_to_case(word: str, state: str) -> None:
    """Pages and schemas spell them differently; unknown ones are kept."""
    assert MergeJobStatus("1", word).state == state


def test_fields_are_names_or_objects_where_files_are_chosen() -> None:
    """Left out, ids and null are three different things."""
    child = MergeChild(
        id="5", fields=["Last_Name", MergeField("Photos", ["f1"]), MergeField("Docs", None)]
    )
    assert child.wire() == {
        "id": "5",
        "_fields": [
            {"api_name": "Last_Name"},
            {"api_name": "Photos", "_data": [{"id": "f1"}]},
            {"api_name": "Docs", "_data": None},
        ],
    }


def test_a_child_without_fields_says_so() -> None:
    """The documentation makes the key mandatory."""
    assert MergeChild(id="5").wire() == {"id": "5", "_fields": []}
