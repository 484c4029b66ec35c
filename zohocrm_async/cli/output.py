"""What the command shows: results on stdout, progress and errors on stderr."""

import os
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import orjson
from attrs import frozen
from rich import box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from zohocrm_async.exceptions import InvalidRequest

# A pipe has no width of its own.
_PIPE_WIDTH = 100
# The widest cell that may not break, the least for one that may, and what stands between cells.
_WORD, _PROSE, _BETWEEN = 24, 16, 3
_AT_PARTS, _AT_WORDS = re.compile(r"(?=[/.])"), re.compile(r"(?=_)")


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


@frozen
class Parts:
    """A path or a dotted name; where its column is narrow, it breaks between its parts."""

    text: str

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Return how wide its longest part is, and all of it."""
        return Measurement(max(map(len, _AT_PARTS.split(self.text))), len(self.text))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw as many parts on a line as fit; one that is longer breaks at underscores."""
        width, lines = options.max_width, [""]
        for part in _AT_PARTS.split(self.text):
            for piece in [part] if len(part) <= width else _AT_WORDS.split(part):
                if len(lines[-1]) + len(piece) > width:
                    lines.append("")
                lines[-1] += piece
        yield Text("\n".join(filter(None, lines)))


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[RenderableType]],
    *,
    title: str | None = None,
    right: Sequence[int] = (),
) -> None:
    """Print a table on stdout; the columns numbered in *right* hold numbers."""
    screen().print(grid(headings, rows, title=title, right=right))


def grid(
    headings: Sequence[str],
    rows: Iterable[Sequence[RenderableType]],
    *,
    title: str | None = None,
    right: Sequence[int] = (),
) -> Table:
    """Return a table as `table` prints it."""
    made = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
    filled = [tuple(row) for row in rows]
    whole = _whole(headings, filled)
    for index, heading in enumerate(headings):
        made.add_column(
            heading,
            justify="right" if index in right else "left",
            overflow="fold",
            no_wrap=index in whole,
        )
    for row in filled:
        made.add_row(*row)
    return made


def _whole(headings: Sequence[str], rows: Sequence[Sequence[RenderableType]]) -> Collection[int]:
    """Return the columns of ids, times and words, which stay whole if there is room beside."""
    widths: dict[int, int] = {}
    for index, heading in enumerate(headings):
        cells = [heading, *(row[index] for row in rows)]
        texts = [cell for cell in cells if isinstance(cell, str) and len(cell) <= _WORD]
        if len(texts) == len(cells):
            widths[index] = max(map(len, texts))
    beside = (len(headings) - len(widths)) * _PROSE
    needed = sum(widths.values()) + beside + len(headings) * _BETWEEN
    return widths if needed <= screen().width else ()
