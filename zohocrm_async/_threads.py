"""Work in threads that is never left behind half done."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

T = TypeVar("T")


async def in_thread(executor: Executor | None, work: Callable[[], T]) -> T:
    """Run *work* in a thread; a caller that is cancelled still waits for its end.

    A file must not be closed while a thread that nobody waits for goes on reading it.
    """
    running = asyncio.get_running_loop().run_in_executor(executor, work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        while not running.done():
            try:
                await asyncio.wait([running])
            except asyncio.CancelledError:
                continue
        if not running.cancelled():
            running.exception()  # asked for, so that the loop does not report it as lost
        raise
