"""zohocrm_async.dashboard._streams: events for viewers, as long as they may last."""

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping

import orjson
import pytest
from attrs import define, field

from zohocrm_async._clock import ManualClock
from zohocrm_async.dashboard._html import Html
from zohocrm_async.dashboard._streams import Streams


@define(eq=False)
class Screen:
    """A view whose parts are set by hand."""

    clock: ManualClock = field(factory=ManualClock)
    interval: float = 1.0
    shown: dict[str, str] = field(factory=lambda: {"a": "1", "b": "1"})
    looks: int = 0

    def parts(self) -> Mapping[str, Html]:
        self.looks += 1
        return {name: Html(part) for name, part in self.shown.items()}


class Viewer:
    """Reads a stream."""

    def __init__(self, streams: Streams, screen: Screen) -> None:
        self.events: list[tuple[str, object]] = []
        self.task = asyncio.create_task(self._read(streams, screen))

    async def _read(self, streams: Streams, screen: Screen) -> None:
        async for chunk in streams.events(screen):
            lines = chunk.decode().splitlines()
            if lines[0].startswith("event: "):
                name, data = lines[0].removeprefix("event: "), lines[1].removeprefix("data: ")
                self.events.append((name, orjson.loads(data)))

    def parts(self) -> list[object]:
        return [value for name, value in self.events if name == "parts"]


async def ended(*viewers: Viewer) -> None:
    async with asyncio.timeout(5):
        await asyncio.gather(*(viewer.task for viewer in viewers))


async def turn() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def pass_(screen: Screen, seconds: int) -> None:
    """Let time pass, a second at a time."""
    for _ in range(seconds):
        await turn()
        screen.clock.advance(1)
    await turn()


async def test_all_at_first_then_what_changes() -> None:
    screen, streams = Screen(), Streams()
    viewer = Viewer(streams, screen)
    await pass_(screen, 2)
    screen.shown["b"] = "2"
    assert viewer.parts() == [{"a": "1", "b": "1"}]
    await pass_(screen, 1)
    assert viewer.parts() == [{"a": "1", "b": "1"}, {"b": "2"}]
    streams.close()
    await ended(viewer)


async def test_the_time_is_told_though_nothing_changes() -> None:
    """Every five seconds: a viewer and what lies between see that the stream lives."""
    screen, streams = Screen(), Streams()
    viewer = Viewer(streams, screen)
    await pass_(screen, 9)
    times = [str(value) for name, value in viewer.events if name == "time"]
    assert len(times) == 2
    assert "2026-01-01 00:00:05 UTC" in times[1]
    streams.close()
    await ended(viewer)


async def test_it_ends_after_a_while() -> None:
    """The browser opens the next, and the guard is asked again."""
    screen, streams = Screen(), Streams()
    viewer = Viewer(streams, screen)
    await pass_(screen, 9)
    assert not viewer.task.done()
    await pass_(screen, 2)
    assert viewer.task.done()
    assert len(streams) == 0


async def test_whoever_leaves_leaves_nothing_behind() -> None:
    screen, streams = Screen(), Streams()
    viewer = Viewer(streams, screen)
    await turn()
    assert len(streams) == 1
    viewer.task.cancel()
    await asyncio.wait((viewer.task,))
    assert viewer.task.cancelled()
    await turn()
    assert len(streams) == 0
    assert screen.clock.next_timer() is None


async def test_many_look_at_the_cost_of_one() -> None:
    """And each sees all that changes; who looks at another sees that."""
    screen, other, streams = Screen(), Screen(shown={"a": "other"}), Streams()
    viewers = [Viewer(streams, screen) for _ in range(10)]
    stranger = Viewer(streams, other)
    await pass_(screen, 3)
    screen.shown["a"] = "2"
    await pass_(screen, 1)
    assert screen.looks == 5
    assert all(viewer.parts()[-1] == {"a": "2"} for viewer in viewers)
    assert stranger.parts() == [{"a": "other"}]
    streams.close()
    await ended(stranger, *viewers)
    assert not streams._seen


async def test_there_are_so_many_at_most() -> None:
    """Those who come at once as well; who is too many is told to come again later."""
    screen, streams = Screen(), Streams()
    viewers = [Viewer(streams, screen) for _ in range(30)]
    assert not streams.full
    await turn()
    assert (streams.full, len(streams)) == (True, 20)
    assert [chunk async for chunk in streams.events(screen)] == [b"retry: 10000\n\n"]
    assert sum(viewer.task.done() for viewer in viewers) == 10
    streams.close()
    await ended(*viewers)
    assert not streams.full


@pytest.fixture
def heard() -> Iterator[list[int]]:
    """Give the signals that a server would hear."""
    numbers: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _: numbers.append(number))
    yield numbers
    signal.signal(signal.SIGTERM, before)


async def test_a_signal_ends_all_and_reaches_the_server(heard: list[int]) -> None:
    """A server that waits for its connections need not wait for these."""
    screen, streams = Screen(), Streams()
    servers = signal.getsignal(signal.SIGTERM)
    async with streams.lifespan(None):
        viewer = Viewer(streams, screen)
        await turn()
        os.kill(os.getpid(), signal.SIGTERM)
        await ended(viewer)
    assert heard == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGTERM) is servers


async def test_an_application_may_start_again(heard: list[int]) -> None:
    """As tests do with one application."""
    screen, streams = Screen(), Streams()
    for _ in range(2):
        async with streams.lifespan(None):
            viewer = Viewer(streams, screen)
            await turn()
            assert viewer.parts()
        await ended(viewer)


async def test_beside_the_main_thread_no_signal_is_touched() -> None:
    """There it cannot be heard."""

    async def live() -> None:
        async with Streams().lifespan(None):
            pass

    before = signal.getsignal(signal.SIGTERM)
    await asyncio.to_thread(asyncio.run, live())
    assert signal.getsignal(signal.SIGTERM) is before
