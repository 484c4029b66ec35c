"""What the command shows: results on stdout, progress and errors on stderr."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from rich import box
from rich.console import Console
from rich.table import Table

from zohocrm_async.exceptions import InvalidRequest

# A pipe has no width of its own.
_PIPE_WIDTH = 100


def screen() -> Console:
    """Return stdout; coloured only where it is a terminal and NO_COLOR is not set."""
    return _console(stderr=False)


def aside() -> Console:
    """Return stderr, in the same way."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    fits_itself = stream.isatty() or "COLUMNS" in os.environ
    return Console(
        stderr=stderr,
        width=None if fits_itself else _PIPE_WIDTH,
        markup=False,
        highlight=False,
        emoji=False,
    )


def watched() -> bool:
    """Whether a human sees stderr, so that progress is worth drawing."""
    return sys.stderr.isatty()


def show(*lines: str, style: str | None = None) -> None:
    """Print result lines on stdout, unbroken."""
    for line in lines:
        screen().print(line, style=style, soft_wrap=True)


def note(*lines: str, style: str | None = None) -> None:
    """Print lines for a human on stderr, unbroken."""
    for line in lines:
        aside().print(line, style=style, soft_wrap=True)


def fail(error: Exception | str) -> None:
    """Print what went wrong on stderr, a line for each problem."""
    problems = error.problems if isinstance(error, InvalidRequest) else (str(error),)
    for problem in problems:
        note(f"error: {problem}", style="red")


def json_lines(values: Iterable[Mapping[str, Any]]) -> None:
    """Print one JSON object a line on stdout."""
    for value in values:
        sys.stdout.write(orjson.dumps(value).decode() + "\n")
    sys.stdout.flush()


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str | None = None,
    right: Sequence[int] = (),
) -> None:
    """Print a table on stdout; the columns numbered in *right* hold numbers."""
    screen().print(grid(headings, rows, title=title, right=right))


def grid(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    title: str | None = None,
    right: Sequence[int] = (),
) -> Table:
    """Return a table as `table` prints it."""
    made = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    for index, heading in enumerate(headings):
        made.add_column(heading, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made
