"""The waiters: their order, and what becomes of cancelled ones."""

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from zohocrm_async.scheduler.queue import Queue, Waiter

CLASSES, LANES = 2, 2


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def push(
    queue: Queue[str],
    loop: asyncio.AbstractEventLoop,
    item: str,
    *,
    priority: int = 0,
    lane: int = 0,
) -> Waiter[str]:
    return queue.push(item, loop.create_future(), priority=priority, lane=lane)


def heads(queue: Queue[str], priority: int = 0) -> list[str]:
    return [waiter.item for waiter in queue.heads(priority)]


def test_heads_come_in_the_order_of_arrival(loop: asyncio.AbstractEventLoop) -> None:
    """Each lane shows its first waiter, and lanes are ordered by who came first."""
    queue = Queue[str](classes=CLASSES, lanes=LANES)
    push(queue, loop, "a", lane=1)
    push(queue, loop, "b", lane=0)
    push(queue, loop, "c", lane=1)
    push(queue, loop, "d", priority=1)
    assert (heads(queue), heads(queue, 1), len(queue)) == (["a", "b"], ["d"], 4)


def test_a_discarded_head_shows_the_next(loop: asyncio.AbstractEventLoop) -> None:
    """Discarding a head says that the lane has a new one; discarding others does not."""
    queue = Queue[str](classes=CLASSES, lanes=LANES)
    first, second, third = (push(queue, loop, item) for item in "abc")
    assert not queue.discard(second)
    assert queue.discard(first)
    assert heads(queue) == ["c"]
    assert queue.discard(third)
    assert (heads(queue), len(queue)) == ([], 0)


def test_discarding_twice_is_discarding_once(loop: asyncio.AbstractEventLoop) -> None:
    """The second time nothing happens."""
    queue = Queue[str](classes=CLASSES, lanes=LANES)
    first = push(queue, loop, "a")
    push(queue, loop, "b")
    assert queue.discard(first)
    assert not queue.discard(first)
    assert len(queue) == 1


def test_a_cancelled_caller_is_passed_over_before_it_says_so(
    loop: asyncio.AbstractEventLoop,
) -> None:
    """Between the cancellation and the caller's next turn its place is empty already."""
    queue = Queue[str](classes=CLASSES, lanes=LANES)
    first = push(queue, loop, "a")
    push(queue, loop, "b")
    first.future.cancel()
    assert (heads(queue), len(queue)) == (["b"], 1)
    assert not queue.discard(first)


def test_compaction_does_not_disturb_who_walks_the_lanes(
    loop: asyncio.AbstractEventLoop,
) -> None:
    """Passing over one cancelled caller may compact the lane in which the next one stands."""
    queue = Queue[str](classes=CLASSES, lanes=LANES)
    push(queue, loop, "a", lane=1)
    dead = [push(queue, loop, "x", lane=1) for _ in range(3)]
    cancelled = [push(queue, loop, "y") for _ in range(2)]
    for waiter in dead:
        queue.discard(waiter)
    for waiter in cancelled:
        waiter.future.cancel()
    assert (heads(queue), len(queue)) == (["a"], 1)


def test_waking_a_cancelled_caller_does_no_harm(loop: asyncio.AbstractEventLoop) -> None:
    """A result for a cancelled future is dropped rather than raised."""
    queue = Queue[str](classes=CLASSES, lanes=LANES)
    waiter = push(queue, loop, "a")
    waiter.future.cancel()
    waiter.wake(None)
    assert waiter.future.cancelled()


def test_cancelled_waiters_do_not_pile_up(loop: asyncio.AbstractEventLoop) -> None:
    """The dead never outnumber the living for long, wherever they stood."""
    queue = Queue[str](classes=CLASSES, lanes=LANES)
    push(queue, loop, "head")
    for _ in range(1000):
        queue.discard(push(queue, loop, "x"))
        assert sum(len(lane) for lanes in queue._lanes for lane in lanes) <= 3


class QueueMachine(RuleBasedStateMachine):
    """The queue beside a plain list in the order of arrival."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.queue = Queue[int](classes=CLASSES, lanes=LANES)
        self.waiters: list[Waiter[int]] = []

    def teardown(self) -> None:
        self.loop.close()

    @rule(priority=st.integers(0, CLASSES - 1), lane=st.integers(0, LANES - 1))
    def arrive(self, priority: int, lane: int) -> None:
        future: asyncio.Future[Exception | None] = self.loop.create_future()
        self.waiters.append(self.queue.push(0, future, priority=priority, lane=lane))
        assert self.queue.is_head(self.waiters[-1]) == (
            self.firsts(priority).count(self.waiters[-1]) == 1
        )

    @precondition(lambda self: self.waiters)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        waiter = data.draw(st.sampled_from(self.waiters))
        was_head = waiter in self.firsts(waiter.priority)
        self.waiters.remove(waiter)
        assert self.queue.discard(waiter) == was_head

    @precondition(lambda self: self.waiters)
    @rule(data=st.data(), asked=st.booleans())
    def cancel(self, data: st.DataObject, asked: bool) -> None:
        """Callers are cancelled together, and the heads may be asked for before they say so."""
        victims = data.draw(st.sets(st.sampled_from(self.waiters), min_size=1))
        for waiter in victims:
            self.waiters.remove(waiter)
            waiter.future.cancel()
        if asked:
            self.heads_agree_among_the_living()
        for waiter in victims:
            self.queue.discard(waiter)

    def firsts(self, priority: int) -> list[Waiter[int]]:
        """Return the first of each lane, going by the plain list."""
        found: dict[int, Waiter[int]] = {}
        for waiter in self.waiters:
            if waiter.priority == priority:
                found.setdefault(waiter.lane, waiter)
        return sorted(found.values(), key=self.waiters.index)

    def heads_agree_among_the_living(self) -> None:
        for priority in range(CLASSES):
            assert self.queue.heads(priority) == self.firsts(priority)

    @invariant()
    def all_agrees(self) -> None:
        self.heads_agree_among_the_living()
        assert len(self.queue) == len(self.waiters)
        assert set(self.queue) == set(self.waiters)
        everyone = [w for lanes in self.queue._lanes for lane in lanes for w in lane]
        assert self.queue._dead == len(everyone) - len(self.waiters) <= len(self.waiters)


QueueMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestQueueAgainstList = QueueMachine.TestCase
