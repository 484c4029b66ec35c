"""zohocrm_async.cli.sharing: options that are written once for several commands."""

from collections.abc import Callable
from typing import Annotated

import pytest
import typer

from zohocrm_async.cli.sharing import with_options
from zohocrm_async.exceptions import InvalidRequest

Name = Annotated[str, typer.Argument(metavar="NAME")]
Size = Annotated[int, typer.Option(help="How large.")]


def described(name: Name, *, size: Size = 1) -> str:
    if size > 9:
        raise InvalidRequest(f"size is {size}: 9 at most")
    return f"{name} of {size}"


def app_of(command: Callable[..., None]) -> typer.Typer:
    app = typer.Typer(add_completion=False)
    app.command()(command)
    return app


@with_options(described)
def show(what: str, *, name: Name, loud: bool = False) -> None:
    """Show it."""
    print(f"{name}: {what}{'!' if loud else ''}")  # noqa: T201  # what the command does


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[object, str, str]:
    with pytest.raises(SystemExit) as exit_:
        app_of(show)(list(words))
    return (exit_.value.code, *capsys.readouterr())


def test_a_command_takes_both_and_is_given_what_the_options_make(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What both name is given to both."""
    assert run(capsys, "box", "--size", "3", "--loud") == (0, "box: box of 3!\n", "")
    assert run(capsys, "box") == (0, "box: box of 1\n", "")


def test_its_help_has_both(capsys: pytest.CaptureFixture[str]) -> None:
    """And its own words, not those of the options."""
    code, out, _ = run(capsys, "--help")
    assert code == 0
    for word in ("Show it.", "NAME", "--size", "How large.", "--loud"):
        assert word in out
    assert "--what" not in out


def test_options_that_are_refused_are_a_line_and_an_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As in every command."""
    code, out, err = run(capsys, "box", "--size", "10")
    assert (code, out, err) == (2, "", "error: size is 10: 9 at most\n")
