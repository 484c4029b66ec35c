"""zohocrm_async.cli.running: errors become a line and an exit code."""

import asyncio
import errno
import os
import signal

import pytest
import typer

from zohocrm_async import exceptions
from zohocrm_async.cli.running import run


async def _gives(value: bool) -> bool:
    return value


async def _raises(error: BaseException) -> bool:
    raise error


def _exit_code(work: object) -> int:
    with pytest.raises(typer.Exit) as exit_:
        run(work)  # type: ignore[arg-type]  # each case is a coroutine
    return exit_.value.exit_code


def test_work_that_went_well_exits_with_nothing() -> None:
    """Exit code 0."""
    run(_gives(True))


def test_work_with_failed_items_exits_1() -> None:
    """Some items failed; the command has reported them."""
    assert _exit_code(_gives(False)) == 1


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (exceptions.ConfigurationError("ZOHO_CLIENT_ID not set"), 2),
        (exceptions.InvalidCredentials("invalid_client"), 2),
        (exceptions.InvalidRequest("no column 'id'"), 2),
        (exceptions.JournalError("rows.csv.journal exists"), 2),
        (exceptions.InvalidModule("unknown", status=400, code="INVALID_MODULE"), 1),
        (exceptions.ConnectionFailed("localhost refused"), 1),
        (exceptions.BudgetExceeded(budget="b", needed=20, remaining=1), 1),
    ],
)
def test_an_error_is_one_line_without_a_traceback(
    error: Exception, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """2 for what the caller can put right in the command, 1 for what came of it."""
    assert _exit_code(_raises(error)) == code
    assert capsys.readouterr().err == f"error: {error}\n"


def test_a_disk_that_is_full_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """It is where the results were to go."""
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert _exit_code(_raises(full)) == 1
    assert capsys.readouterr().err == (
        "error: the output cannot be written: No space left on device\n"
    )


def test_a_fault_of_ours_is_not_hidden() -> None:
    """An error that nobody raised on purpose keeps its traceback."""
    with pytest.raises(ZeroDivisionError):
        run(_raises(ZeroDivisionError()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_cancels_the_work_and_exits_130(number: signal.Signals) -> None:
    """Ctrl-C and SIGTERM let the work end what it began."""
    ended = []

    async def work() -> bool:
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(True)
        return True

    assert _exit_code(work()) == 130
    assert ended == [True]
