"""The line of those who wait for a client of a pool."""

import asyncio

import pytest

from zohocrm_async._pool_line import Line, Place


class Queue:
    """A line with tasks that wait in it, and the order in which they were called."""

    def __init__(self) -> None:
        self.line, self.called = Line(), list[str]()

    async def add(self, name: str, place: Place | None = None) -> asyncio.Task[Place]:
        where = place or self.line.place(name)

        async def wait() -> Place:
            await self.line.wait(where)
            self.called.append(name)
            return where

        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        return task


@pytest.fixture
async def queue() -> Queue:
    return Queue()


async def settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_the_first_is_called_first(queue: Queue) -> None:
    for name in "abc":
        await queue.add(name)
    for left in (2, 1, 0):
        queue.line.call()
        assert len(queue.line) == left
    queue.line.call()
    await settled()
    assert queue.called == ["a", "b", "c"]


async def test_who_was_called_in_vain_keeps_the_place(queue: Queue) -> None:
    first = await queue.add("a")
    await queue.add("b")
    queue.line.call()
    await queue.add("a", await first)
    queue.line.call()
    await settled()
    assert queue.called == ["a", "a"]


async def test_all_who_want_the_same_are_called(queue: Queue) -> None:
    for name in "abab":
        await queue.add(name)
    queue.line.call_for("b")
    await settled()
    assert (queue.called, len(queue.line)) == (["b", "b"], 2)
    queue.line.call_all()
    await settled()
    assert queue.called == ["b", "b", "a", "a"]


async def test_who_gives_up_is_passed_over(queue: Queue) -> None:
    """From that moment on, though the task has still to hear of it."""
    gone, task = await queue.add("a"), await queue.add("b")
    gone.cancel()
    assert len(queue.line) == 1
    queue.line.call()
    await task
    assert (gone.cancelled(), queue.called, len(queue.line)) == (True, ["b"], 0)


async def test_a_call_that_comes_too_late_is_handed_on(queue: Queue) -> None:
    """To the next, where the task was cancelled after it was called."""
    gone, task = await queue.add("a"), await queue.add("b")
    queue.line.call()
    gone.cancel()
    await task
    assert (gone.cancelled(), queue.called) == (True, ["b"])


async def test_the_end_of_all_and_of_one_may_come_together(queue: Queue) -> None:
    gone, task = await queue.add("a"), await queue.add("b")
    gone.cancel()
    queue.line.call_all()
    await task
    assert gone.cancelled()
