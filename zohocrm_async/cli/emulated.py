"""An emulator in a process of its own."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import orjson

from zohocrm_async.exceptions import ConfigurationError

_PATIENCE = 10.0


@contextlib.asynccontextmanager
async def emulator_process(*arguments: str) -> AsyncGenerator[Mapping[str, Any]]:
    """Start an emulator and yield what it says of itself; end it afterwards.

    Raises:
        ConfigurationError: it did not start; it has said why on stderr.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "zohocrm_async.emulator", "--port", "0", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        # Ctrl-C is for the command, which still needs the emulator to end in good order.
        start_new_session=True,
    )
    try:
        line = await process.stdout.readline() if process.stdout else b""
        if not line:
            raise ConfigurationError("the emulator did not start; see above why")
        yield orjson.loads(line)
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_PATIENCE):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
