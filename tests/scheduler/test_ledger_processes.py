"""Real processes at one ledger: together, and killed at any moment."""

import asyncio
import os
import random
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from zohocrm_async.scheduler.sqlite_ledger import SQLiteLedger

SPENDER = Path(__file__).with_name("spender.py")


async def start(path: Path, *, allowance: int, calls: int) -> Process:
    """Start a process that spends; each line of it is what a call costs that goes now."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        os.fspath(SPENDER),
        *(os.fspath(path), str(allowance), str(calls)),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        stdout=PIPE,
    )


async def spent(path: Path) -> int:
    """Return what the ledger at *path* says once all others are gone."""
    ledger = SQLiteLedger(path)
    await ledger.open()
    used, reserved = ledger.used, ledger.reserved
    await ledger.close()
    assert reserved == 0
    return used


async def test_processes_share_an_allowance_to_the_last_credit(tmp_path: Path) -> None:
    """Three that want more than there is stay within it together, and leave next to nothing."""
    allowance = 1_500
    path = tmp_path / "org"
    processes = [await start(path, allowance=allowance, calls=10_000) for _ in range(3)]
    for process in processes:
        await process.communicate()
        assert process.returncode == 0
    used = await spent(path)
    # What is left is less than the dearest call that was refused at the end.
    assert allowance - 20 < used <= allowance


async def test_a_killed_process_has_spent_what_it_may_have(tmp_path: Path) -> None:
    """After each kill the ledger counts every call that went, and has forgotten none before."""
    allowance, path = 100_000, tmp_path / "org"
    before = went = 0
    for _ in range(4):
        process = await start(path, allowance=allowance, calls=100_000)
        assert process.stdout is not None
        for _ in range(random.randint(1, 200)):
            went += int(await process.stdout.readline())
        process.kill()
        rest = (await process.communicate())[0].decode()
        went += sum(int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n"))
        used = await spent(path)
        assert used >= max(before, went)
        before = used
    assert before <= went + 4 * allowance // 100


async def test_a_kill_beside_a_neighbour(tmp_path: Path) -> None:
    """A process that lives on spends of the same window, and both are counted in full."""
    # So many lines that nobody reads hold the victim up: it is alive when it is killed.
    allowance, path = 4_000_000, tmp_path / "org"
    victim = await start(path, allowance=allowance, calls=1_000_000)
    assert victim.stdout is not None
    await victim.stdout.readline()
    other = await start(path, allowance=allowance, calls=300)
    lines = (await other.communicate())[0].decode().splitlines()
    assert len(lines) == 300
    victim.kill()
    rest = (await victim.communicate())[0].decode().splitlines(keepends=True)
    went = sum(map(int, lines)) + sum(int(line) for line in rest if line.endswith("\n"))
    assert went <= await spent(path) <= went + 20 + allowance // 100
