"""zohocrm_async.cli.output: what goes where, and how."""

import io
import sys

import pytest

from zohocrm_async.cli import output
from zohocrm_async.exceptions import InvalidRequest


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_results_go_to_stdout_and_errors_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe reads results only."""
    output.show("a result")
    output.note("a note")
    output.fail("it broke")
    printed = capsys.readouterr()
    assert printed.out == "a result\n"
    assert printed.err == "a note\nerror: it broke\n"


def test_every_problem_of_a_refused_request_has_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nobody has to mend an input one error at a time."""
    output.fail(InvalidRequest(("to is empty", "subject is too long")))
    assert capsys.readouterr().err == "error: to is empty\nerror: subject is too long\n"


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Machines read line by line."""
    output.json_lines([{"a": 1}, {"b": "é"}])
    assert capsys.readouterr().out == '{"a":1}\n{"b":"é"}\n'


def test_text_in_brackets_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Messages of the service are never read as markup."""
    output.show("[red]not a style[/red] :smile:")
    output.table(("A",), [("[bold]x[/bold]",)])
    printed = capsys.readouterr().out
    assert "[red]not a style[/red] :smile:" in printed
    assert "[bold]x[/bold]" in printed


def test_a_long_cell_is_folded_and_not_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table keeps to the width and loses nothing."""
    monkeypatch.delenv("COLUMNS", raising=False)
    path = "/settings/" + "x" * 150
    output.table(("METHOD", "PATH"), [("GET", path)])
    text = capsys.readouterr().out
    assert all(len(line) <= 100 for line in text.splitlines())
    _, _, cells = text.partition("GET")
    assert "".join(cells.split()) == path


def test_ids_and_times_stay_whole_beside_prose(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who looks for a record copies its id; where nothing fits, nothing is lost either."""
    headings = ("ROW", "RECORD", "STATE", "WHEN", "WHY")
    id_, when = "3652000000000000018", "2026-03-03 09:14:02"
    why = "the call was broken off, and the service may have acted on it all the same"
    for columns in ("80", "40"):
        monkeypatch.setenv("COLUMNS", columns)
        output.table(headings, [("12", id_, "unknown", when, why)])
        text = capsys.readouterr().out
        assert (f" {id_} " in text) is (f" {when} " in text) is (columns == "80")
        assert all(len(line) <= int(columns) for line in text.splitlines())
        assert set(id_) <= set(text)
        assert "…" not in text


@pytest.mark.parametrize(
    ("columns", "lines"),
    [
        ("40", ["/settings/global_picklists/{{id}}"]),
        ("36", ["/settings/global_picklists", "/{{id}}"]),
        ("26", ["/settings", "/global_picklists", "/{{id}}"]),
        ("18", ["/settings", "/global", "_picklists", "/{{id}}"]),
    ],
)
def test_a_path_breaks_between_its_parts(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    columns: str,
    lines: list[str],
) -> None:
    """In need between the words of a part, and never within one."""
    monkeypatch.setenv("COLUMNS", columns)
    output.table(("", "PATH"), [("", output.Parts("/settings/global_picklists/{{id}}"))])
    _, *printed = capsys.readouterr().out.replace("─", "").split()
    assert printed == lines


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colours_need_a_terminal_and_no_objection(
    monkeypatch: pytest.MonkeyPatch, no_color: str, coloured: bool
) -> None:
    """NO_COLOR is honoured on a terminal."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", no_color)
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    output.fail("it broke")
    assert ("\x1b[31m" in terminal.getvalue()) is coloured
    assert output.watched()


def test_a_pipe_gets_no_colours(capsys: pytest.CaptureFixture[str]) -> None:
    """What is not a terminal gets plain text."""
    output.show("plain", style="red")
    assert capsys.readouterr().out == "plain\n"
    assert not output.watched()
