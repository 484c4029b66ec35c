"""What the tests of bulk jobs, exports and imports share."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from zohocrm_async.emulator import Emulator

T = TypeVar("T")


async def soon(org: Emulator, work: Coroutine[Any, Any, T], *, step: float = 2.0) -> T:
    """Return the result of *work* while the clock runs ahead, so that its jobs end."""
    task = asyncio.create_task(work)
    while not task.done():
        await asyncio.wait([task], timeout=0.001)
        if not org.in_flight:
            org.advance(step)
    return task.result()


async def listed(rows: AsyncIterator[T]) -> list[T]:
    """Return all that comes."""
    return [row async for row in rows]


def spent_on(org: Emulator, *operations: str) -> int:
    """Return the credits that some operations cost, by the organisation's books."""
    return sum(call.credits for call in org.calls if call.operation in operations)


def by_id(rows: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return *rows* by their ids, which tells rows whatever their order."""
    found: dict[str, Mapping[str, Any]] = {row["id"]: dict(row) for row in rows}
    assert len(found) == len(rows), "a row came twice"
    return found
