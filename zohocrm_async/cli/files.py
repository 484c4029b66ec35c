"""Files that a command writes: as a whole or not at all."""

import contextlib
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Annotated, TextIO

import typer

from zohocrm_async.exceptions import InvalidRequest

Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", dir_okay=False, help="Write here and not to stdout."
    ),
]


@contextlib.contextmanager
def written(output: Path | None) -> Generator[TextIO]:
    """Yield what to write to; *output* is as it was until the block has gone well.

    Raises:
        InvalidRequest: it cannot be written.
    """
    if output is None:
        yield sys.stdout
        return
    part = output.with_name(f"{output.name}.part")
    try:
        file = part.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise InvalidRequest(f"{output} cannot be written: {error.strerror}") from error
    try:
        with file:
            yield file
        part.replace(output)
    except OSError as error:
        raise InvalidRequest(f"{output} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)
