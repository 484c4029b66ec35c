"""Jobs are compared in one vocabulary."""

import pytest

from zohocrm_async._converter import structure
from zohocrm_async.models import JobState, JobStatus


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("COMPLETED", JobState.COMPLETED),
        ("completed", JobState.COMPLETED),
        ("in_progress", JobState.RUNNING),
        ("INPROGRESS", JobState.RUNNING),
        ("Failure", JobState.FAILED),
        ("SCHEDULED", JobState.SCHEDULED),
    ],
)
def test_other_spellings_are_the_same_state(word: str, state: JobState) -> None:
    """Pages write them in several ways."""
    assert JobStatus(word).state is state


def test_counts_are_read_in_both_spellings() -> None:
    """Some pages begin their names with capitals."""
    small = {"status": "COMPLETED", "total_count": 3, "failed_count": 1}
    large = {"Status": "COMPLETED", "Total_Count": 3, "Failed_Count": "1"}
    wanted = JobStatus("COMPLETED", total_count=3, failed_count=1)
    for body in (small, large):
        assert structure({"data": [body]}, JobStatus, "data", "test") == wanted


def test_an_unknown_word_is_kept() -> None:
    """It breaks nothing."""
    assert JobStatus("PAUSED").state == "PAUSED"
    assert JobStatus().state == ""
