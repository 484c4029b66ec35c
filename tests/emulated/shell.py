"""The command zohocrm in a folder of its own, against an emulator."""

import asyncio
import contextlib
import io
import json
import logging
import os
import sys
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from attrs import frozen

from zohocrm_async.cli import running
from zohocrm_async.cli.app import app
from zohocrm_async.emulator import Emulator

MAIL = ("mail", "run", "rows.csv", "--module", "Leads", "--from", "crm@example.com")
TEXT = ("--subject", "Hello $Name", "--content", "hello.html")


@frozen
class Ended:
    """What a run of the command left."""

    code: int | None
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The JSON objects it printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


class Shell:
    """Runs the command in a folder of its own, with the emulator's environment."""

    def __init__(self, org: Emulator, folder: Path) -> None:
        self.org = org
        self.folder = folder
        self.env: dict[str, str] = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ZOHO_")},
            **org.env,
            "XDG_CACHE_HOME": str(folder / "cache"),
            "COLUMNS": "200",
        }

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        """Start the command as a process: for signals, and for what processes share."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "zohocrm_async", *words),
            cwd=self.folder,
            env={**self.env, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def run(self, *words: str) -> Ended:
        """Run the command to its end, in a thread: a process costs a second of imports."""
        return await asyncio.to_thread(self._run, words)

    def _run(self, words: tuple[str, ...]) -> Ended:
        out, err = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as monkeypatch,
            patch.dict(os.environ, self.env, clear=True),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            monkeypatch.chdir(self.folder)
            # As in a process of its own: what is logged goes to stderr.
            monkeypatch.setattr(logging.getLogger(), "handlers", [])
            monkeypatch.setattr(running, "_until_told", _told_nothing)
            with pytest.raises(SystemExit) as exit_:
                app(list(words), prog_name="zohocrm")
        code = exit_.value.code
        assert isinstance(code, int)
        return Ended(code, out.getvalue(), err.getvalue())

    def write(self, name: str, *lines: str) -> None:
        (self.folder / name).write_text("\n".join([*lines, ""]), encoding="utf-8")

    def leads(self, count: int, **fields: Any) -> tuple[str, ...]:
        rows = [
            {"Last_Name": f"Reed {n}", "Email": f"reed{n}@example.com", **fields}
            for n in range(count)
        ]
        return self.org.add_records("Leads", rows)


@pytest.fixture
async def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shell]:
    """An organisation with nothing in it of which nobody knows yet, and a letter in the folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    async with Emulator() as org:
        shell = Shell(org, tmp_path)
        shell.write("hello.html", "<p>Dear $Name</p>")
        yield shell


async def _told_nothing(work: Coroutine[Any, Any, bool]) -> bool:
    """Await *work* without a handler for signals, which no thread but the first may set."""
    return await work


async def ended(process: asyncio.subprocess.Process) -> Ended:
    out, err = await process.communicate()
    return Ended(process.returncode, out.decode(), err.decode())
