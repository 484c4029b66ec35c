"""zohocrm_async.cli: the way in."""

import io
import sys
from pathlib import Path

import pytest

from zohocrm_async import __version__, cli
from zohocrm_async.cli.app import app

JOBS = ("plan", "run", "resume", "retry", "report", "join", "stop", "delete")


def _run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    monkeypatch.setattr(sys, "argv", ["zohocrm", *arguments])
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as exit_:
        cli.main()
    return exit_.value.code


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    """The package works without typer and rich, and the command says how to have them."""
    for name in [name for name in sys.modules if name.startswith("zohocrm_async.cli.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)  # as if it were not installed
    assert _run(monkeypatch, "apis") == 2
    assert f"needs {missing}: pip install 'zohocrm-async[cli]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("demo",),
        ("emulator",),
        ("apis",),
        ("credits",),
        ("export",),
        ("models",),
        ("token",),
        ("worker",),
        *((group, name) for group in ("mail", "merge") for name in JOBS),
        ("merge", "find"),
        ("unsubscribe-links", "list"),
        ("unsubscribe-links", "delete"),
    ],
)
def test_the_help_of_each_command_suffices(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """It fits 100 columns, and each command shows an example of itself."""
    assert _run(monkeypatch, *words, "--help") == 0
    text = capsys.readouterr().out
    assert all(len(line) <= 100 for line in text.splitlines())
    assert f"zohocrm {' '.join(words)}" in text
    expected = "ZOHO_CLIENT_ID" if not words else f"Example: zohocrm {' '.join(words)}"
    assert expected in text


def test_help_fills_the_lines_of_any_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The lines of the source are not those of the text."""
    text = {}
    for columns in (60, 100):
        monkeypatch.setattr(sys, "argv", ["zohocrm", "mail", "run", "--help"])
        monkeypatch.setenv("COLUMNS", str(columns))
        with pytest.raises(SystemExit):
            cli.main()
        about, _, _ = capsys.readouterr().out.partition("Arguments")
        text[columns] = [line.strip() for line in about.splitlines() if line.strip()]
        widest = max(map(len, text[columns]))
        assert columns - 15 < widest <= columns
    assert len(text[60]) > len(text[100])


def test_nothing_is_listed_that_is_not_there() -> None:
    """Every command of the tree can be called."""
    names = {command.name for command in app.registered_commands}
    groups = {group.name for group in app.registered_groups}
    assert names == {"demo", "emulator", "apis", "credits", "export", "models", "token", "worker"}
    assert groups == {"mail", "merge", "unsubscribe-links"}


def test_the_version_is_the_package_s(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--version`` names it."""
    assert _run(monkeypatch, "--version") == 0
    assert capsys.readouterr().out == f"zohocrm {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("frobnicate",), "No such command"),
        (("mail", "run", "absent.csv", "--module", "Leads", "--from", "a@b.example"), "absent.csv"),
        (("mail", "run", "rows.csv", "--module", "Leads", "--from", "a@b.example"), "--template"),
        (("mail", "run", "rows.csv", "--module", "Leads"), "--from"),
        (("merge", "run", "rows.csv"), "--module"),
        (("apis", "--module", "Leads", "--method", "GET"), "one of --module"),
        (("apis", "--method", "FETCH"), "one of GET"),
        (("emulator", "--csv", "Leads"), "MODULE=FILE"),
        (("emulator", "--csv", "Leads=absent.csv"), "absent.csv"),
    ],
)
def test_wrong_usage_exits_2(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    words: tuple[str, ...],
    said: str,
) -> None:
    """The message names what is wrong; nothing is printed on stdout."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("id,Email\n")
    assert _run(monkeypatch, *words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err


def test_results_in_a_file_are_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the locale: another command reads them. A terminal gets what it can show."""
    for terminal, encoding in ((False, "utf-8"), (True, "cp1252")):
        stream = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
        monkeypatch.setattr(stream, "isatty", lambda shown=terminal: shown)
        monkeypatch.setattr(sys, "stdout", stream)
        assert _run(monkeypatch, "--version") == 0
        stream.write("\u0151")  # a letter that the locale has not
        stream.flush()
        assert stream.encoding == encoding


def test_words_that_are_no_text_are_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bytes of another encoding than the locale's would end up in a subject."""
    assert _run(monkeypatch, "mail", "plan", "--subject", "Gr\udcfc\udcdfe") == 2
    assert capsys.readouterr().err == (
        "error: 'Gr\\udcfc\\udcdfe' is no text in this locale: try LC_ALL=C.UTF-8\n"
    )


def test_content_that_is_no_text_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A file that is not UTF-8 is refused with the way out."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text("id,Email\n")
    (tmp_path / "mail.html").write_bytes(b"caf\xe9")
    words = ("mail", "run", "rows.csv", "--module", "Leads", "--from", "a@b.example")
    assert _run(monkeypatch, *words, "--subject", "x", "--content", "mail.html") == 2
    assert capsys.readouterr().err == "error: mail.html is not UTF-8 text: save it as UTF-8\n"
