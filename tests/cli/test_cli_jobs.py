"""zohocrm_async.cli.jobs: what surrounds a job in the command."""

from pathlib import Path

import pytest

from zohocrm_async.cli.jobs import journal_path, rows_in
from zohocrm_async.cli.watching import Watch, bars
from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs import Item, ItemState


def test_the_journal_stands_beside_the_input(tmp_path: Path) -> None:
    """Unless another place is given."""
    rows = tmp_path / "rows.csv"
    assert journal_path(rows, None) == tmp_path / "rows.csv.journal"
    assert journal_path(rows, tmp_path / "j") == tmp_path / "j"


@pytest.mark.parametrize("given", [None, "other"])
def test_an_old_journal_is_never_run_over(tmp_path: Path, given: str | None) -> None:
    """The error names it and both ways on."""
    old = tmp_path / (given or "rows.csv.journal")
    old.touch()
    with pytest.raises(JournalError, match=r"exists: .*another --journal, or delete") as error:
        journal_path(tmp_path / "rows.csv", old if given else None)
    assert str(old) in str(error.value)


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("a.csv", "id,Email\n1,a@b.example\n2,c@d.example\n", 2),
        ("b.csv", 'id,Email\n1,"two\nlines"\n\n', 1),
        ("c.csv", "", 0),
        ("d.jsonl", '{"id": 1}\n\n{"id": 2}\n', 2),
    ],
)
def test_a_bar_knows_how_many_rows_there_are(
    tmp_path: Path, name: str, text: str, count: int
) -> None:
    """Header, empty lines and line breaks in cells do not count."""
    (tmp_path / name).write_text(text)
    assert rows_in(tmp_path / name) == count


def test_a_watch_counts_by_state() -> None:
    """What it prints goes beside the bar."""
    with bars() as progress:
        watch = Watch(progress, "mails", 3)
        for state in (ItemState.SENT, ItemState.REFUSED, ItemState.SENT):
            watch(Item(key=f"{watch.states.total()}", position=1, state=state))
    assert str(watch) == "1 refused, 2 sent"


def test_no_bar_is_drawn_into_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """A log file holds no control characters."""
    with bars() as progress:
        Watch(progress, "mails", 3)(Item(key="1", position=1, state=ItemState.SENT))
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "")


def test_what_no_reader_takes_ends_the_count_and_not_the_bar(tmp_path: Path) -> None:
    """The job says what is wrong with the file; nobody else does, by a traceback."""
    rows = tmp_path / "rows.csv"
    rows.write_text(f"id,Text\n1,short\n2,{'x' * 200_000}\n3,short\n")
    assert rows_in(rows) == 1
