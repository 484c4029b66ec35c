"""Work in threads: whoever is cancelled still waits for its end."""

import asyncio
import threading

import pytest

from zohocrm_async._threads import in_thread


async def test_the_result_comes_back() -> None:
    """And so does an error."""
    assert await in_thread(None, lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await in_thread(None, lambda: 1 // 0)


@pytest.mark.parametrize("fails", [False, True])
async def test_a_cancelled_caller_waits_for_the_thread(fails: bool) -> None:
    """However often it is cancelled; nothing of the thread is left behind."""
    begun, go, over = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go.wait()
        over.set()
        if fails:
            raise ValueError

    caller = asyncio.create_task(in_thread(None, work))
    await asyncio.to_thread(begun.wait)
    for _ in range(2):
        caller.cancel()
        await asyncio.sleep(0)
    assert not caller.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert over.is_set()
