"""The queue: flows by their tags, beside a plain list of all who wait."""

import asyncio
from collections.abc import Iterator
from typing import cast

import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from soaking import examples

from zohocrm_async.options import Priority
from zohocrm_async.scheduler import Budget, Permit, Quote
from zohocrm_async.scheduler.permit import Admission
from zohocrm_async.scheduler.queue import Queue, Track

NOBODY = cast("Admission", None)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


def call(
    queue: Queue, budget: Budget | None = None, *, price: int = 1, heavy: bool = False
) -> Permit:
    """Return a call that has asked for its turn, but does not wait yet."""
    quote = Quote(price, price, price, exact=True, basis="")
    permit = Permit(NOBODY, quote, "x", budget, queue.flow(budget), 1, heavy, ())
    permit.lane = permit.future = permit.refusal = None
    permit.arrival = next(queue.arrivals)
    return permit


def pushed(
    queue: Queue, budget: Budget | None = None, *, price: int = 1, heavy: bool = False
) -> Permit:
    permit = call(queue, budget, price=price, heavy=heavy)
    queue.push(permit)
    return permit


def track_of(permit: Permit) -> Track:
    assert permit.lane is not None
    return permit.lane.track


def test_a_returned_call_takes_its_old_place() -> None:
    """Before all who arrived after it, and behind those before it."""
    queue = Queue()
    early, first, second = (call(queue) for _ in range(3))
    queue.push(second)
    queue.push(early)
    queue.push(first)
    found = []
    for _ in range(3):
        head = queue.head(next(iter(queue.ranks[Priority.NORMAL].tracks.values())))
        assert head is not None
        found.append(head)
        queue.discard(head)
    assert found == [early, first, second]


def test_discarding_twice_is_discarding_once() -> None:
    """The second time nothing happens."""
    queue = Queue()
    first, second = pushed(queue), pushed(queue)
    assert not queue.discard(second)
    assert queue.discard(first)
    assert not queue.discard(first)
    assert (len(queue), list(queue.lanes())) == (0, [])


def test_a_cancelled_caller_is_passed_over_before_it_says_so(
    loop: asyncio.AbstractEventLoop,
) -> None:
    """Between the cancellation and the caller's next turn its place is empty already."""
    queue = Queue()
    first, second = pushed(queue), pushed(queue)
    first.future = loop.create_future()
    first.future.cancel()
    assert queue.head(track_of(second)) is second
    assert len(queue) == 1


def test_a_track_whose_only_caller_was_cancelled_has_no_head(
    loop: asyncio.AbstractEventLoop,
) -> None:
    queue = Queue()
    only = pushed(queue)
    track = track_of(only)
    only.future = loop.create_future()
    only.future.cancel()
    assert queue.head(track) is None


def test_cancelled_waiters_do_not_pile_up() -> None:
    """The dead never outnumber the living by much, wherever they stood."""
    queue = Queue()
    first = pushed(queue)
    assert first.lane is not None
    for _ in range(1000):
        queue.discard(pushed(queue))
        assert len(first.lane._calls) <= 12


def test_lanes_that_stand_aside_come_back_in_order() -> None:
    """Those of other budgets go on meanwhile; an emptied lane leaves nothing behind."""
    queue = Queue()
    one, other = Budget("one"), Budget("other")
    first, second = pushed(queue, one), pushed(queue, other)
    track = track_of(first)
    assert queue.head(track) is first
    assert first.lane is not None
    queue.set_aside(first.lane, one)
    assert queue.head(track) is second
    assert queue.restore(one)
    assert queue.head(track) is first
    queue.set_aside(first.lane, one)
    queue.discard(first)
    assert (queue.aside, queue.restore(one)) == ({}, False)


def test_budgets_of_requests_leave_nothing_in_the_queue() -> None:
    """What is remembered of a flow dies with its budget."""
    queue = Queue()
    for _ in range(100):
        queue.discard(pushed(queue, Budget("request")))
    rank = queue.ranks[Priority.NORMAL]
    assert all(not track.lanes for track in rank.tracks.values())
    assert (rank.weights, rank.waiting, rank.wanted, rank.queued) == (0, 0, 0, 0)
    pushed(queue)
    for track in rank.tracks.values():
        queue.head(track)
        assert len(track.heap) <= 1


def test_what_is_ahead_is_a_fair_share_and_not_all() -> None:
    """A small flow does not wait for the whole of a large one of the same weight."""
    queue = Queue()
    large, small = Budget("large"), Budget("small")
    for _ in range(50):
        pushed(queue, large, price=10)
    assert queue.ahead(pushed(queue, large, price=10)) == 500
    assert queue.ahead(pushed(queue, small, price=10)) == 10
    assert queue.ahead(pushed(queue, Budget("i", priority=Priority.INTERACTIVE))) == 0
    assert queue.ahead(pushed(queue, Budget("b", priority=Priority.BULK))) == 520 + 1


class QueueMachine(RuleBasedStateMachine):
    """The queue beside a plain list; the tags are recounted by the rule in words."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = Queue()
        job = Budget("job", weight=2)
        self.budgets = [None, job, Budget("step", parent=job), Budget("other", weight=0.5)]
        self.waiting: list[Permit] = []
        self.granted: list[Permit] = []
        self.away: set[Budget | None] = set()

    @rule(which=st.integers(0, 3), price=st.integers(0, 9), heavy=st.booleans())
    def arrive(self, which: int, price: int, heavy: bool) -> None:
        self.waiting.append(pushed(self.queue, self.budgets[which], price=price, heavy=heavy))

    @rule(free=st.sampled_from([0, 10, 1_000]))
    def weigh(self, free: int) -> None:
        """Credits become scarce or plenty, with plenty of room in between."""
        rank = self.queue.ranks[Priority.NORMAL]
        before, wanted = rank.by_costs, sum(permit.reserve for permit in self.waiting)
        self.queue.weigh(rank, free)
        assert rank.by_costs == (free < wanted or (before and free < 2 * wanted))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def grant(self, data: st.DataObject) -> None:
        """A head goes; its flow is charged."""
        heads = [permit for permit in self.heads() if permit is not None]
        if heads:
            permit = data.draw(st.sampled_from(heads))
            self.queue.discard(permit)
            permit.flow.charge(permit.reserve)
            self.waiting.remove(permit)
            self.granted.append(permit)

    @precondition(lambda self: self.granted)
    @rule(data=st.data(), refused=st.booleans())
    def correct(self, data: st.DataObject, refused: bool) -> None:
        """A call proves cheaper than was held, or is refused and comes back."""
        permit = data.draw(st.sampled_from(self.granted))
        self.granted.remove(permit)
        permit.flow.correct(permit.reserve, 0 if refused else permit.reserve // 2)
        if refused:
            permit.flow.take_back(permit.held)
        self.queue.lower(permit.flow)
        if refused:
            self.queue.push(permit)
            self.waiting.append(permit)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        permit = data.draw(st.sampled_from(self.waiting))
        self.waiting.remove(permit)
        self.queue.discard(permit)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def stand_aside(self, data: st.DataObject) -> None:
        permit = data.draw(st.sampled_from(self.waiting))
        if permit.budget is not None and permit.lane is not None and permit.lane.aside is None:
            self.queue.set_aside(permit.lane, permit.budget)

    @rule(which=st.integers(1, 3))
    def come_back(self, which: int) -> None:
        budget = self.budgets[which]
        assert budget is not None
        self.queue.restore(budget)

    def heads(self) -> list[Permit | None]:
        tracks = self.queue.ranks[Priority.NORMAL].tracks.values()
        return [self.queue.head(track) for track in tracks]

    @invariant()
    def heads_are_those_of_the_list(self) -> None:
        """The lowest tag, then the earliest arrival, of each kind of need."""
        rank = self.queue.ranks[Priority.NORMAL]
        for kind, track in rank.tracks.items():
            able = [
                p
                for p in self.waiting
                if (p.slots, p.heavy, not p.reserve, p.windows) == kind
                and p.lane
                and p.lane.aside is None
            ]
            best = min(
                able,
                key=lambda p: (p.flow.costs if rank.by_costs else p.flow.turns, p.arrival),
                default=None,
            )
            assert self.queue.head(track) is best

    @invariant()
    def sums_are_those_of_the_list(self) -> None:
        rank = self.queue.ranks[Priority.NORMAL]
        assert len(self.queue) == rank.waiting == len(self.waiting)
        assert set(self.queue) == set(self.waiting)
        assert rank.wanted == sum(permit.reserve for permit in self.waiting)
        flows = {permit.flow for permit in self.waiting}
        assert rank.weights == pytest.approx(sum(1 / flow.step for flow in flows))
        for budget in self.budgets[1:]:
            assert budget is not None
            mine = [p for p in self.waiting if p.budget and budget in p.budget.line]
            assert budget.waiting == len(mine)


QueueMachine.TestCase.settings = settings(
    max_examples=examples(60), stateful_step_count=40, deadline=None
)
TestQueueAgainstList = QueueMachine.TestCase
