"""zohocrm_async.cli.hosted: how a job on many hosts is shown."""

from datetime import UTC, datetime

import pytest

from zohocrm_async.cli.hosted import Account
from zohocrm_async.cli.watching import Watch, bars
from zohocrm_async.jobs import ItemState
from zohocrm_async.taskiq import JobState, Progress, Wait


@pytest.fixture
def watch() -> Watch:
    with bars() as progress:
        return Watch(progress, "newsletter", None)


def at(seconds: float, **counts: int) -> Progress:
    return Progress(
        state=JobState.RUNNING,
        stopped=None,
        counts={ItemState(name): count for name, count in counts.items()},
        parts=10,
        parts_done=2,
        parts_held=3,
        budget=None,
        spent=20 * counts.get("sent", 0),
        held=0,
        seconds=seconds,
    )


def test_it_begins_with_nothing(watch: Watch) -> None:
    """What is planned or being sent is not done; all rows are known from the beginning."""
    line = Account(watch).line(at(1.0, planned=90, sending=10), None)
    assert line == "nothing done yet; 0 credits; 3 of 8 parts in hand"
    assert watch.total == 100


def test_the_time_left_follows_from_what_was_done_while_it_watched(watch: Watch) -> None:
    """What the workers did before took another time."""
    account = Account(watch)
    account.line(at(100.0, planned=50, sent=50), None)
    line = account.line(at(110.0, planned=40, sent=59, refused=1), None)
    assert line == "1 refused, 59 sent; 1,180 credits; 3 of 8 parts in hand; about 0:00:40 left"


def test_a_wait_is_told_in_place_of_the_time_left(watch: Watch) -> None:
    """With its reason."""
    account = Account(watch)
    account.line(at(1.0, planned=100), None)
    wait = Wait(datetime(2026, 11, 22, tzinfo=UTC), "the mails of the day are spent")
    line = account.line(at(9.0, planned=60, sent=40), wait)
    assert line.endswith(": the mails of the day are spent")
    assert "waiting until 2026-11-2" in line
    assert "left" not in line
