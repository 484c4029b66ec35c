"""Workers that come, die, stop and wake up late, on one job: nobody twice, nobody forgotten."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from attrs import define, field
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from soaking import examples
from sql_jobs import LEASE, Story, all_items

from zohocrm_async._clock import ManualClock, Timer
from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.taskiq._job_journal import SqlJournal
from zohocrm_async.taskiq._part_journal import PartJournal
from zohocrm_async.taskiq._states import JobState

T = TypeVar("T")

ROWS, BUDGET = 3, 2
WORKERS = st.integers(0, 1)
# Where a file that is written through to its disk costs next to nothing.
MEMORY = Path("/dev/shm")


class StillClock(ManualClock):
    """A clock by which nothing is ever woken: signs of life are given by hand."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        return super().call_later(float("inf"), callback)


@define
class Worker:
    """A process: the part it has, and the calls it is about to make, or has made."""

    clock: StillClock
    job: SqlJournal
    part: PartJournal | None = None
    credits: int = 0
    about: dict[int, Item] = field(factory=dict[int, Item])
    made: dict[int, Item] = field(factory=dict[int, Item])


class Workers(RuleBasedStateMachine):
    """Two workers on one part, and the service."""

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._folder = tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None)
        self.mailed = Counter[int]()
        self.spent = 0
        self.holder: PartJournal | None = None
        """Who had the part last: nobody else's writes may be taken."""
        self._do(self._open())

    async def _open(self) -> None:
        path = Path(self._folder.name) / "jobs.db"
        self.story = Story(f"sqlite:///{path}")
        self.job = await self.story.job(rows=ROWS, part_size=ROWS, budget=BUDGET)
        self.workers = [await self._process() for _ in range(2)]

    async def _process(self) -> Worker:
        clock = StillClock()
        journals = await self.story.journals(clock)
        return Worker(clock, await journals.open(self.job.name))

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def teardown(self) -> None:
        self._do(self._end())
        self._runner.close()
        self._folder.cleanup()

    async def _end(self) -> None:
        """Let one more worker come after all others have fallen silent."""
        try:
            self._pass(LEASE + 1)
            await self.job.stop("what it may spend is for others to say")
            await self.job.resume(absent=True, budget=None)
            heir = await self._process()
            await self._claim(heir)
            if heir.part is not None:
                await self._look_up(heir)
                while await self._begin(heir):
                    await self._leave(heir)
                    await self._answer(heir)
                await self._give_back(heir, done=True)
            assert self.mailed == Counter(range(1, ROWS + 1))
            assert await self.job.counts() == {ItemState.SENT: ROWS}
            assert (await self.job.progress()).state is JobState.ENDED
        finally:
            for worker in self.workers:
                await self._die(worker)
            await self.story.__aexit__()

    # --- what happens

    @rule(who=WORKERS, seconds=st.sampled_from([LEASE / 2, LEASE * 0.9, LEASE + 1]))
    def wait(self, who: int, seconds: float) -> None:
        """Time passes; but for one, all give signs of life in it, even if it is too late."""
        steps = 4
        for _ in range(steps):
            self._pass(seconds / steps)
            for number, worker in enumerate(self.workers):
                if number != who:
                    self._do(self._beat(worker))

    @rule(who=WORKERS)
    def take_over(self, who: int) -> None:
        """One falls silent for longer than its lease, and another comes for its part."""
        self._pass(LEASE + 1)
        self._do(self._claim(self.workers[who]))
        self._do(self._look_up(self.workers[who]))

    @rule(who=WORKERS)
    def begin(self, who: int) -> None:
        """The next item is to be sent."""
        self._do(self._claim(self.workers[who]))
        self._do(self._begin(self.workers[who]))

    @rule(who=WORKERS)
    def carry(self, who: int) -> None:
        """An item is sent, and its answer comes."""
        worker = self.workers[who]
        self._do(self._begin(worker))
        self._do(self._leave(worker))
        self._do(self._answer(worker))

    @rule(who=WORKERS)
    def leave(self, who: int) -> None:
        """A call leaves, if the last look allows."""
        self._do(self._leave(self.workers[who]))

    @rule(who=WORKERS)
    def answer(self, who: int) -> None:
        """The service's answer is written down."""
        self._do(self._answer(self.workers[who]))

    @rule(who=WORKERS)
    def look_up(self, who: int) -> None:
        """What is in doubt is looked up."""
        self._do(self._look_up(self.workers[who]))

    @rule(who=WORKERS)
    def die(self, who: int) -> None:
        """A process is killed, and another comes in its place."""
        self._do(self._die(self.workers[who]))
        self.workers[who] = self._do(self._process())

    @rule(who=WORKERS, done=st.booleans())
    def give_back(self, who: int, *, done: bool) -> None:
        """A worker has done with its part, or is asked to go."""
        self._do(self._give_back(self.workers[who], done=done))

    @rule()
    def stop(self) -> None:
        """Somebody stops the job."""
        self._do(self.job.stop("enough"))

    @rule()
    def resume(self) -> None:
        """Somebody lets it go on."""
        self._do(self._resume())

    # --- what holds

    @invariant()
    def nobody_is_mailed_twice(self) -> None:
        """Whatever became of the workers."""
        assert not self.mailed or max(self.mailed.values()) == 1

    @invariant()
    def no_more_is_spent_than_was_granted(self) -> None:
        """Of the budget, all workers together."""
        assert self.spent <= BUDGET

    # --- how it is done

    def _pass(self, seconds: float) -> None:
        self.story.time.advance(seconds)
        for worker in self.workers:
            worker.clock.advance(seconds)

    async def _claim(self, worker: Worker) -> None:
        if worker.part is not None:
            return
        worker.part = await worker.job.claim(1)
        if worker.part is not None:
            self.holder = worker.part
            await worker.part.__aenter__()

    async def _beat(self, worker: Worker) -> None:
        if worker.part is None:
            return
        try:
            await worker.part.plan_again(ItemState.REFUSED, "NONE")
        except JournalError:
            assert worker.part.lost
        else:
            assert worker.part is self.holder

    async def _begin(self, worker: Worker) -> bool:
        if worker.part is None:
            return False
        # It does not look whether it has lost the part: what it writes is refused then.
        planned = await all_items(worker.part, ItemState.PLANNED)
        if not planned:
            return False
        item = planned[0].became(ItemState.SENDING)
        try:
            worker.credits = worker.credits or await worker.part.grant(1)
            if not worker.credits:
                return False
            await worker.part.record(item)
        except JournalError:
            assert worker.part.lost
            return False
        assert worker.part is self.holder
        worker.credits -= 1
        worker.about[item.position] = item
        return True

    async def _leave(self, worker: Worker) -> None:
        if worker.part is None or not worker.about:
            return
        position, item = worker.about.popitem()
        if not worker.part.lost:
            worker.part.spent += 1
            self.spent += 1
            self.mailed[position] += 1
            worker.made[position] = item

    async def _answer(self, worker: Worker) -> None:
        if worker.part is None or not worker.made:
            return
        position, item = worker.made.popitem()
        try:
            await worker.part.record(item.became(ItemState.SENT, message_id=f"m{position}"))
        except JournalError:
            assert worker.part.lost
        else:
            assert worker.part is self.holder

    async def _look_up(self, worker: Worker) -> None:
        if worker.part is None or worker.part.lost:
            return
        for item in await all_items(worker.part, ItemState.UNKNOWN):
            found = item.became(ItemState.SENT, message="was found", message_id=f"m{item.position}")
            try:
                await worker.part.record(
                    found if self.mailed[item.position] else item.became(ItemState.UNKNOWN)
                )
            except JournalError:
                assert worker.part.lost
                return
        await self._plan_absent(worker.part)

    async def _plan_absent(self, part: PartJournal) -> None:
        for item in await all_items(part, ItemState.UNKNOWN):
            assert not self.mailed[item.position]
            await part.record(_absent(item))
        await part.plan_again(ItemState.UNKNOWN, "ABSENT")

    async def _die(self, worker: Worker) -> None:
        """End without a word: nothing is written down any more, nothing given back."""
        if worker.part is None:
            return
        worker.part._kept._release = _silence  # type: ignore[method-assign]  # it says nothing
        await worker.part.__aexit__(None, None, None)
        _forget(worker)

    async def _give_back(self, worker: Worker, *, done: bool = False) -> None:
        if worker.part is None:
            return
        if done:
            try:
                await worker.part.finish()
            except JournalError:
                assert worker.part.lost
        await worker.part.__aexit__(None, None, None)
        _forget(worker)

    async def _resume(self) -> None:
        if (await self.job.progress()).state is JobState.STOPPED:
            await self.job.resume(absent=True, budget=BUDGET - self.spent)


async def _silence() -> None:
    """Say nothing."""


def _absent(item: Item) -> Item:
    return Item(key=item.key, position=item.position, state=ItemState.UNKNOWN, code="ABSENT")


def _forget(worker: Worker) -> None:
    worker.part, worker.credits = None, 0
    worker.about.clear()
    worker.made.clear()


Workers.TestCase.settings = settings(
    max_examples=examples(4),
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestWorkers = Workers.TestCase
