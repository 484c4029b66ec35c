"""Seats: so many items in hand, followed ones beside them, and what has begun goes first."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from scripted import until
from soaking import examples

from zohocrm_async.jobs import _seats
from zohocrm_async.jobs._seats import Seats


class Room:
    """Seats whose workers this keeps, and what they have in hand."""

    def __init__(self, seats: int) -> None:
        self.size = seats
        self.seats = Seats(lambda: self.size, self._start)
        self.tasks: list[asyncio.Task[None]] = []
        self.in_hand: list[int] = []
        self.ended: list[int] = []
        self.go = asyncio.Event()

    def _start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        task.add_done_callback(self.seats.left)
        self.tasks.append(task)
        return task

    async def hold(self, number: int) -> None:
        self.in_hand.append(number)
        await self.go.wait()
        self.in_hand.remove(number)
        self.ended.append(number)


async def numbers(end: int) -> AsyncIterator[int]:
    for number in range(end):
        yield number


async def idle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_as_many_are_in_hand_as_there_are_seats() -> None:
    """And all are done in the end, by no more workers than seats."""
    room = Room(3)
    whole = asyncio.create_task(room.seats.each(numbers(10), room.hold))
    await idle()
    assert room.in_hand == [0, 1, 2]
    room.go.set()
    await whole
    assert sorted(room.ended) == list(range(10))
    assert len(room.tasks) == 3


async def test_a_stream_of_nothing_ends_at_once() -> None:
    """Nothing is in hand."""
    room = Room(3)
    await room.seats.each(numbers(0), room.hold)
    assert room.ended == []


async def test_a_second_stream_follows_the_first() -> None:
    """The seats are the same."""
    room = Room(2)
    room.go.set()
    await room.seats.each(numbers(4), room.hold)
    await room.seats.each(numbers(3), room.hold)
    assert sorted(room.ended) == [0, 0, 1, 1, 2, 2, 3]


@pytest.mark.parametrize(("later", "in_hand"), [(5, 5), (1, 1)])
async def test_seats_are_counted_again_as_items_are_taken(
    monkeypatch: pytest.MonkeyPatch, later: int, in_hand: int
) -> None:
    """Limits change while a job runs: more seats are filled, fewer are left empty."""
    monkeypatch.setattr(_seats, "_LOOK_AFTER", 4)
    room = Room(2)
    most: list[int] = []

    async def work(number: int) -> None:
        room.size = later
        most.append(len(room.in_hand) + 1)
        room.in_hand.append(number)
        await asyncio.sleep(0)
        room.in_hand.remove(number)

    await room.seats.each(numbers(60), work)
    assert set(most[20:]) <= set(range(1, in_hand + 1))
    assert max(most[20:]) == in_hand


class Followed(Room):
    """Items that are followed without a seat once they are begun, and then go on."""

    def __init__(self, seats: int) -> None:
        super().__init__(seats)
        self.on = asyncio.Event()
        self.back: list[int] = []

    async def work(self, number: int) -> None:
        self.in_hand.append(number)
        self.seats.leave()
        await self.on.wait()
        await self.seats.take()
        self.back.append(number)
        await self.go.wait()
        self.ended.append(number)


async def test_what_is_followed_leaves_its_seat_to_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Up to so many, so that an endless stream does not fill the memory."""
    monkeypatch.setattr(_seats, "_MOST_FOLLOWED", 7)
    room = Followed(2)
    whole = asyncio.create_task(room.seats.each(numbers(100), room.work))
    await idle()
    assert 7 <= len(room.in_hand) <= 7 + room.size
    assert len(room.seats.followers) == len(room.in_hand)
    room.on.set()
    room.go.set()
    await whole
    assert sorted(room.ended) == list(range(100))


async def test_what_goes_on_comes_before_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain that has begun is carried on first, and takes no more seats than there are."""
    monkeypatch.setattr(_seats, "_MOST_FOLLOWED", 5)
    room = Followed(2)
    whole = asyncio.create_task(room.seats.each(numbers(9), room.work))
    await idle()
    begun = list(room.in_hand)
    room.on.set()
    await idle()
    assert (len(room.back), room.in_hand) == (2, begun)
    room.go.set()
    await whole
    assert sorted(room.back[: len(begun)]) == sorted(begun)
    assert sorted(room.ended) == list(range(9))


async def test_a_seat_that_was_cleared_for_one_who_needed_no_more_is_filled_again() -> None:
    """Two that end at once make room for one: the other seat is for a new item."""
    room = Room(3)
    ends = {number: asyncio.Event() for number in range(9)}
    back = asyncio.Event()

    async def work(number: int) -> None:
        if number == 0:
            room.seats.leave()
            await back.wait()
            await room.seats.take()
        room.in_hand.append(number)
        await ends[number].wait()
        room.in_hand.remove(number)

    whole = asyncio.create_task(room.seats.each(numbers(9), work))
    await idle()
    assert room.in_hand == [1, 2, 3]
    back.set()
    await idle()
    ends[1].set()
    ends[2].set()
    await idle()
    assert sorted(room.in_hand) == [0, 3, 4]
    for end in ends.values():
        end.set()
    await whole


async def test_seats_that_are_closed_take_nothing_more() -> None:
    """What waits for the stream is broken off, what is in hand comes to its end."""
    room = Room(3)

    async def stalled() -> AsyncIterator[int]:
        yield 1
        await asyncio.Event().wait()

    whole = asyncio.create_task(room.seats.each(stalled(), room.hold))
    await until(lambda: room.in_hand == [1])
    room.seats.close()
    await idle()
    assert not whole.done()
    room.go.set()
    await whole
    assert room.ended == [1]
    assert sum(task.cancelled() for task in room.tasks) == 1


async def test_a_stream_is_at_rest_when_its_workers_are_left() -> None:
    """Whoever opened it can close it, though its reader was broken off and is slow to end."""
    room = Room(2)
    reading = asyncio.Event()

    async def slow() -> AsyncGenerator[int, None]:
        try:
            reading.set()
            await asyncio.Event().wait()
            yield 1
        finally:
            await idle()

    async def driver() -> None:
        async with contextlib.aclosing(slow()) as things:
            await room.seats.each(things, room.hold)

    whole = asyncio.create_task(driver())
    await reading.wait()
    room.seats.close()
    whole.cancel()
    await asyncio.sleep(0)
    whole.cancel()  # Ctrl-C twice
    with pytest.raises(asyncio.CancelledError):
        await whole


async def test_an_error_of_the_stream_is_its_readers() -> None:
    """The task that met it ends with it; nobody reads the stream again."""
    room = Room(2)
    room.go.set()

    async def broken() -> AsyncIterator[int]:
        yield 1
        raise OSError("gone")

    await room.seats.each(broken(), room.hold)
    errors = [task.exception() for task in room.tasks]
    assert [str(error) for error in errors if error] == ["gone"]
    assert room.ended == [1]


STEPS = st.lists(st.sampled_from(["work", "leave", "take"]), max_size=6)


@given(st.lists(STEPS, max_size=25), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=examples(60), deadline=None, derandomize=True)
def test_whatever_items_do_each_is_done_once_and_no_seat_stays_empty(
    scripts: Sequence[Sequence[str]], seats: int, most_followed: int
) -> None:
    """No more are in hand than there are seats, and none is free while an item could have it."""

    async def story() -> None:
        room, done, turn = Room(seats), list[int](), asyncio.Condition()

        async def tick() -> None:
            async with turn:
                await turn.wait()

        async def work(number: int) -> None:
            for step in scripts[number]:
                if step == "leave":
                    room.seats.leave()
                elif step == "take":
                    await room.seats.take()
                await tick()
            done.append(number)

        whole = asyncio.create_task(room.seats.each(numbers(len(scripts)), work))
        ticks = 0
        while not whole.done():
            await idle()
            own = room.seats
            assert len(own._seated) <= seats
            begun = own._taken
            if begun < len(scripts) and len(own._seated) < seats:
                assert own._claims or len(own.followers) >= most_followed
            async with turn:
                turn.notify_all()
            ticks += 1
            assert ticks < 10 * sum(map(len, scripts)) + 50, "nobody goes on"
        await whole
        assert sorted(done) == list(range(len(scripts)))

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(_seats, "_MOST_FOLLOWED", most_followed)
        asyncio.run(story())
