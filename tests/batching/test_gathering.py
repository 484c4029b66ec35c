"""Questions are gathered for a while, and asked together."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextvars import ContextVar

import pytest
from hypothesis import given, settings, strategies as st

from zohocrm_async._batching.gathering import Gathering
from zohocrm_async._clock import ManualClock
from zohocrm_async._shared import own
from zohocrm_async.exceptions import (
    InvalidRequest,
    OutcomeUnknown,
    RecordNotFound,
    SchedulerClosed,
    ServerError,
    ZohoCRMError,
)

OWNER: ContextVar[str] = ContextVar("OWNER", default="nobody")


class Service:
    """Doubles numbers, when it is let; has no odd ones."""

    def __init__(self) -> None:
        self.lots: list[Sequence[int]] = []
        self.owners: list[str] = []
        self.error: Exception | None = None
        self.free = asyncio.Event()
        self.free.set()

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int | ZohoCRMError]:
        self.lots.append(numbers)
        self.owners.append(OWNER.get())
        await self.free.wait()
        if self.error is not None:
            raise self.error
        return [RecordNotFound("odd") if number % 2 else 2 * number for number in numbers]


class Desk:
    """A gathering whose time stands still."""

    def __init__(self) -> None:
        self.clock, self.service = ManualClock(), Service()
        self.gathering: Gathering[int, int] = Gathering(
            self.service,
            clock=self.clock,
            seconds=0.005,
            most=3,
            name="desk",
            cut_off=lambda: SchedulerClosed("cut off"),
        )

    async def ask(self, number: int, *, shared: bool = True) -> "asyncio.Task[int]":
        """Begin to ask."""
        task = asyncio.create_task(self.gathering.ask(number, number, shared=shared))
        await settle()
        return task

    async def pass_time(self, seconds: float = 0.005) -> None:
        self.clock.advance(seconds)
        await settle()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    desk = Desk()
    yield desk
    desk.service.free.set()
    await desk.gathering.close()


class TestLots:
    """What is asked together."""

    async def test_what_comes_within_the_time(self, desk: Desk) -> None:
        first = await desk.ask(2)
        await desk.pass_time(0.004)
        second = await desk.ask(4)
        assert not desk.service.lots
        await desk.pass_time(0.001)
        assert (await first, await second, desk.service.lots) == (4, 8, [[2, 4]])

    async def test_what_comes_later_is_another_lot(self, desk: Desk) -> None:
        first = await desk.ask(2)
        await desk.pass_time()
        second = await desk.ask(4)
        await desk.pass_time()
        assert (await first, await second, desk.service.lots) == (4, 8, [[2], [4]])

    async def test_a_full_lot_does_not_wait(self, desk: Desk) -> None:
        asked = [await desk.ask(number) for number in (2, 4, 6, 8)]
        assert desk.service.lots == [[2, 4, 6]]
        await desk.pass_time()
        assert [await task for task in asked] == [4, 8, 12, 16]
        assert desk.service.lots == [[2, 4, 6], [8]]

    async def test_the_time_of_a_lot_begins_with_its_first(self, desk: Desk) -> None:
        """That of the lot before, which was full, is over with it."""
        for number in (2, 4, 6):
            await desk.ask(number)
        await desk.pass_time(0.003)
        await desk.ask(8)
        await desk.pass_time(0.003)
        assert desk.service.lots == [[2, 4, 6]]
        await desk.pass_time(0.002)
        assert desk.service.lots == [[2, 4, 6], [8]]

    async def test_the_same_is_asked_once_for_all(self, desk: Desk) -> None:
        asked = [await desk.ask(2), await desk.ask(2), await desk.ask(4)]
        await desk.pass_time()
        assert [await task for task in asked] == [4, 4, 8]
        assert desk.service.lots == [[2, 4]]

    async def test_what_is_on_its_way_is_asked_again(self, desk: Desk) -> None:
        """It may have changed since."""
        desk.service.free.clear()
        for _ in range(2):
            await desk.ask(2)
            await desk.pass_time()
        assert desk.service.lots == [[2], [2]]

    async def test_the_same_goes_in_the_next_lot_where_it_is_not_shared(self, desk: Desk) -> None:
        asked = [await desk.ask(2, shared=False), await desk.ask(2, shared=False)]
        assert desk.service.lots == [[2]]
        await desk.pass_time()
        assert [await task for task in asked] == [4, 4]
        assert desk.service.lots == [[2], [2]]

    async def test_it_is_asked_in_the_context_of_whoever_made_the_gathering(
        self, desk: Desk
    ) -> None:
        OWNER.set("somebody else")
        task = await desk.ask(2)
        await desk.pass_time()
        await task
        assert desk.service.owners == ["nobody"]


class TestErrors:
    """Who gets them."""

    async def test_an_answer_that_is_one_is_for_those_who_asked(self, desk: Desk) -> None:
        good, bad, same = await desk.ask(2), await desk.ask(3), await desk.ask(3)
        await desk.pass_time()
        assert await good == 4
        with pytest.raises(RecordNotFound) as one:
            await bad
        with pytest.raises(RecordNotFound) as other:
            await same
        assert one.value is not other.value

    @pytest.mark.parametrize("error", [ServerError("down"), KeyError("a fault of ours")])
    async def test_one_of_the_whole_lot_is_for_all(self, desk: Desk, error: Exception) -> None:
        desk.service.error = error
        asked = [await desk.ask(2), await desk.ask(4)]
        await desk.pass_time()
        for task in asked:
            with pytest.raises(type(error)):
                await task

    def test_a_copy_keeps_its_facts_and_its_cause(self) -> None:
        error = OutcomeUnknown("lost.", look_at="Look.", path="/Leads", operation="records.create")
        error.__cause__ = InvalidRequest("why")
        copied = own(error)
        assert copied is not error
        assert (copied.look_at, copied.path, copied.operation) == (
            *("Look.", "/Leads", "records.create"),
        )
        assert copied.__cause__ is error.__cause__


class TestCancellation:
    """Whoever is cancelled is out, and nobody else."""

    async def test_the_others_get_their_answers(self, desk: Desk) -> None:
        desk.service.free.clear()
        leaves, stays, same = await desk.ask(2), await desk.ask(4), await desk.ask(2)
        await desk.pass_time()
        leaves.cancel()
        await settle()
        desk.service.free.set()
        assert (await stays, await same, leaves.cancelled()) == (8, 4, True)

    async def test_what_nobody_waits_for_is_not_asked(self, desk: Desk) -> None:
        leaves, stays = await desk.ask(2), await desk.ask(4)
        leaves.cancel()
        await settle()
        await desk.pass_time()
        assert (await stays, desk.service.lots) == (8, [[4]])

    async def test_nothing_is_asked_when_all_have_left(self, desk: Desk) -> None:
        leaves = await desk.ask(2)
        leaves.cancel()
        await settle()
        await desk.pass_time()
        assert desk.service.lots == []


class TestClosing:
    """The end."""

    async def test_it_asks_at_once_and_waits_for_the_answers(self, desk: Desk) -> None:
        task = await desk.ask(2)
        await desk.gathering.close()
        assert (task.done(), await task) == (True, 4)

    async def test_who_comes_later_is_refused(self, desk: Desk) -> None:
        await desk.gathering.close()
        with pytest.raises(SchedulerClosed, match="the desk is closed"):
            await desk.gathering.ask(2, 2, shared=True)
        assert not desk.service.lots

    async def test_one_that_is_cancelled_tells_who_waits(self, desk: Desk) -> None:
        desk.service.free.clear()
        task = await desk.ask(2)
        closing = asyncio.create_task(desk.gathering.close())
        await settle()
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        with pytest.raises(SchedulerClosed, match="cut off"):
            await task


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_whatever_happens_nobody_waits_for_ever(data: st.DataObject) -> None:
    """Asks, cancellations, passing time and answers that are held up, in any order."""

    async def story() -> None:
        desk = Desk()
        asked: list[tuple[int, asyncio.Task[int]]] = []
        for _ in range(data.draw(st.integers(1, 40))):
            step = data.draw(st.sampled_from(["ask", "ask", "own", "cancel", "time", "hold"]))
            if step in {"ask", "own"}:
                number = 2 * data.draw(st.integers(0, 5))
                asked.append((number, await desk.ask(number, shared=step == "ask")))
            elif step == "cancel" and asked:
                data.draw(st.sampled_from(asked))[1].cancel()
            elif step == "time":
                await desk.pass_time(data.draw(st.sampled_from([0.001, 0.005])))
            elif desk.service.free.is_set():
                desk.service.free.clear()
            else:
                desk.service.free.set()
            await settle()
        desk.service.free.set()
        await desk.gathering.close()
        for number, task in asked:
            assert task.done()
            assert task.cancelled() or task.result() == 2 * number
        assert all(len(set(lot)) == len(lot) <= 3 for lot in desk.service.lots)

    asyncio.run(story())
