"""zohocrm_async._shared_answers: one question for all who ask, and its answer kept for a time."""

import asyncio
from collections.abc import Callable

import pytest

from zohocrm_async._clock import ManualClock
from zohocrm_async._shared_answers import SharedAnswers

LIFETIME = 60.0


class Source:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.cancelled = 0
        self.may_answer = asyncio.Event()
        self.error: Exception | None = None

    async def ask(self) -> int:
        self.asked += 1
        number = self.asked
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.error is not None:
            raise self.error
        return number


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def answers(clock: ManualClock) -> SharedAnswers:
    return SharedAnswers(clock, name="test", most=3)


@pytest.fixture
def start(answers: SharedAnswers, source: Source) -> Callable[[], "asyncio.Task[int]"]:
    """Return what begins to ask."""
    return lambda: asyncio.create_task(answers.get("key", source.ask, lifetime=LIFETIME))


async def turn() -> None:
    """Let everybody go as far as they can."""
    for _ in range(5):
        await asyncio.sleep(0)


class TestSharing:
    """All who ask at the same time share one question."""

    async def test_one_question_for_all(
        self, source: Source, start: Callable[[], "asyncio.Task[int]"]
    ) -> None:
        tasks = [start() for _ in range(10)]
        await turn()
        source.may_answer.set()
        assert await asyncio.gather(*tasks) == [1] * 10

    async def test_who_comes_as_the_answer_does_gets_it_too(
        self, answers: SharedAnswers, source: Source
    ) -> None:
        late: list[int] = []

        async def ask() -> int:
            number = await source.ask()
            # It runs after the question has ended and before anybody who waits.
            asyncio.get_running_loop().call_soon(lambda: tasks.append(start()))
            return number

        def start() -> "asyncio.Task[int]":
            return asyncio.create_task(answers.get("key", ask, lifetime=LIFETIME))

        tasks = [start()]
        await turn()
        source.may_answer.set()
        await turn()
        late += [await task for task in tasks]
        assert (late, source.asked) == ([1, 1], 1)

    async def test_one_who_is_cancelled_takes_nobody_along(
        self, source: Source, start: Callable[[], "asyncio.Task[int]"]
    ) -> None:
        first, second = start(), start()
        await turn()
        first.cancel()
        await turn()
        assert first.cancelled()
        source.may_answer.set()
        assert await second == 1
        assert source.cancelled == 0

    async def test_a_question_ends_with_the_last_who_asks(
        self, answers: SharedAnswers, source: Source, start: Callable[[], "asyncio.Task[int]"]
    ) -> None:
        first, second = start(), start()
        await turn()
        first.cancel()
        second.cancel()
        third = start()
        await turn()
        assert source.cancelled == 1
        source.may_answer.set()
        assert await third == 2
        assert len(answers) == 1

    async def test_a_failure_reaches_all_and_is_not_kept(
        self, answers: SharedAnswers, source: Source, start: Callable[[], "asyncio.Task[int]"]
    ) -> None:
        source.error = ValueError("no")
        tasks = [start() for _ in range(3)]
        await turn()
        source.may_answer.set()
        for task in tasks:
            with pytest.raises(ValueError, match="no"):
                await task
        assert (source.asked, len(answers)) == (1, 0)
        source.error = None
        assert await start() == 2


class TestKeeping:
    """Answers are kept for their lifetime, and not too many of them."""

    async def test_for_its_lifetime(
        self, clock: ManualClock, source: Source, start: Callable[[], "asyncio.Task[int]"]
    ) -> None:
        source.may_answer.set()
        assert await start() == 1
        clock.advance(LIFETIME - 1)
        assert await start() == 1
        clock.advance(1)
        assert await start() == 2
        assert await start() == 2

    async def test_until_it_is_forgotten(
        self, answers: SharedAnswers, source: Source, start: Callable[[], "asyncio.Task[int]"]
    ) -> None:
        waiting = start()
        await turn()
        answers.forget(lambda key: key == "key")
        source.may_answer.set()
        assert await start() == 2
        assert await waiting == 1
        assert await start() == 2
        answers.forget(lambda key: key == "another")
        assert await start() == 2

    async def test_the_one_not_asked_for_the_longest_gives_way(
        self, answers: SharedAnswers, source: Source
    ) -> None:
        source.may_answer.set()
        for key in ("a", "b", "c", "a", "d"):
            await answers.get(key, source.ask, lifetime=LIFETIME)
        assert len(answers) == 3
        assert await answers.get("a", source.ask, lifetime=LIFETIME) == 1
        assert await answers.get("b", source.ask, lifetime=LIFETIME) == 5
