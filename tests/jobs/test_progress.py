"""Those who watch a job: never lost, never in the way for good."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from zohocrm_async.jobs.items import Item
from zohocrm_async.jobs.progress import (
    Begun,
    Event,
    Finished,
    ItemEnded,
    OnEvent,
    Stopped,
    Watchers,
    events,
)
from zohocrm_async.jobs.report import JobReport

ITEM = Item(key="1", position=1)


def scripted(count: int, ended: list[str]) -> Callable[[OnEvent], Coroutine[Any, Any, JobReport]]:
    """Return a run that tells of so many items, and notes how it ended."""

    async def run(tell: OnEvent) -> JobReport:
        watchers = Watchers(None, tell)
        try:
            for _ in range(count):
                await watchers.ended(ITEM)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise
        ended.append("through")
        raise ZeroDivisionError

    return run


async def test_the_error_of_a_run_comes_after_its_events() -> None:
    """Nothing that happened before is lost, however many events there were."""
    ended: list[str] = []
    seen: list[Event] = []
    stream = events(scripted(500, ended))

    async def read() -> None:
        async for event in stream:
            seen.append(event)  # noqa: PERF401  # it ends in an error

    with pytest.raises(ZeroDivisionError):
        await read()
    assert (len(seen), ended) == (500, ["through"])


async def test_a_slow_reader_slows_the_run() -> None:
    """No more than a hundred events wait to be read."""
    ended: list[str] = []
    stream = events(scripted(500, ended))
    assert await anext(stream) == ItemEnded(ITEM)
    for _ in range(50):
        await asyncio.sleep(0)
    assert ended == []
    await stream.aclose()
    assert ended == ["cancelled"]


async def test_a_watcher_that_fails_is_logged_and_harms_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Telling is not doing."""

    def fails(_: object) -> None:
        raise RuntimeError("no")

    with caplog.at_level(logging.ERROR):
        await Watchers(fails, fails).ended(ITEM)
        await Watchers(None, fails).tell(Stopped("x"))
    assert len(caplog.records) == 3


async def test_nobody_need_watch() -> None:
    """Then nothing is told."""
    await Watchers(None, None).ended(ITEM)
    await Watchers(None, None).tell(Begun({}))
    assert Finished.__doc__
