"""The command zohocrm as a process, in a folder of its own, against an emulator."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from attrs import frozen

from zohocrm_async.emulator import Emulator


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
        return await ended(await self.start(*words))

    def write(self, name: str, *lines: str) -> None:
        (self.folder / name).write_text("\n".join([*lines, ""]), encoding="utf-8")

    def leads(self, count: int, **fields: Any) -> tuple[str, ...]:
        rows = [
            {"Last_Name": f"Reed {n}", "Email": f"reed{n}@example.com", **fields}
            for n in range(count)
        ]
        return self.org.add_records("Leads", rows)


async def ended(process: asyncio.subprocess.Process) -> Ended:
    out, err = await process.communicate()
    return Ended(process.returncode, out.decode(), err.decode())
