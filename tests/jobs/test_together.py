"""Several calls at once: their results in order, or the error of the first that fails."""

import asyncio

import pytest

from zohocrm_async.exceptions import ServerError
from zohocrm_async.jobs._together import together


async def number(n: int) -> int:
    await asyncio.sleep(0)
    return n


async def test_results_come_in_order() -> None:
    assert await together(map(number, range(3))) == [0, 1, 2]
    assert await together([]) == []


async def test_nobody_goes_on_once_one_has_failed() -> None:
    """What failed is raised as it is, with its cause, and no task is left behind."""
    before, ended = asyncio.all_tasks(), asyncio.Event()

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def failing() -> None:
        await asyncio.sleep(0)
        raise ServerError("no") from OSError("why")

    with pytest.raises(ServerError) as raised:
        await together([for_ever(), failing()])
    assert isinstance(raised.value.__cause__, OSError)
    assert ended.is_set()
    assert asyncio.all_tasks() == before
