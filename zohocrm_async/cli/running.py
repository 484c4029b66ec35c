"""Running a command: its errors become a line and an exit code."""

import asyncio
import contextlib
import errno
import logging
import signal
from collections.abc import Coroutine, Generator
from typing import Any

import typer

from zohocrm_async.cli.output import fail
from zohocrm_async.exceptions import (
    ConfigurationError,
    InvalidCredentials,
    InvalidRequest,
    JournalError,
    ZohoCRMError,
)

FAILED = 1
WRONG = 2
INTERRUPTED = 130

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_WRONG = (ConfigurationError, InvalidCredentials, InvalidRequest, JournalError)


@contextlib.contextmanager
def errors_shown() -> Generator[None]:
    """Turn an error of this package into a line on stderr and an exit code."""
    try:
        yield
    except ZohoCRMError as error:
        fail(error)
        raise typer.Exit(WRONG if isinstance(error, _WRONG) else FAILED) from None


def run(work: Coroutine[Any, Any, bool]) -> None:
    """Run *work*; exit 1 if it returns False or is refused, 2 for wrong input."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    with errors_shown():
        try:
            ok = asyncio.run(_until_told(work))
        except (KeyboardInterrupt, asyncio.CancelledError):
            raise typer.Exit(INTERRUPTED) from None
        except OSError as error:
            if error.errno not in _FULL:
                raise
            fail(f"the output cannot be written: {error.strerror}")
            raise typer.Exit(FAILED) from None
    if not ok:
        raise typer.Exit(FAILED)


async def _until_told(work: Coroutine[Any, Any, bool]) -> bool:
    """Let SIGTERM cancel *work* as Ctrl-C does, so that it ends what it began."""
    task = asyncio.current_task()
    if task is not None:
        # Windows has no such handlers and ends the process itself.
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await work
