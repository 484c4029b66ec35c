"""Claims of parts: one worker at a time, and nothing written by who has lost it."""

import asyncio

import pytest
from sql_jobs import LEASE, Story, all_items, begin, entry, states

from zohocrm_async._clock import ManualClock
from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs.items import ABSENT, Item, ItemState
from zohocrm_async.taskiq._claims import ClaimLost
from zohocrm_async.taskiq._part_journal import PartJournal
from zohocrm_async.taskiq._states import JobState


async def send(part: PartJournal) -> None:
    """Carry the whole part through."""
    for _ in await all_items(part, ItemState.PLANNED):
        sending = await begin(part)
        await part.record(sending.became(ItemState.SENT, message_id=f"m{sending.position}"))


async def test_a_part_is_one_workers(database: str) -> None:
    """Whoever comes at the same time or later gets nothing, or another part."""
    async with Story(database) as story:
        job = await story.job(rows=6, part_size=3)
        jobs = [await (await story.journals()).open("news") for _ in range(4)]
        claims = await asyncio.gather(*(one.claim(1) for one in jobs))
        (mine,) = (claim for claim in claims if claim is not None)
        part = await story.entered(mine)
        assert [item.position for item in await all_items(part)] == [1, 2, 3]
        assert await job.waiting_parts() == (2,)
        other = await story.entered(await jobs[0].claim_any())
        assert other.number == 2
        assert await jobs[1].claim_any() is None
        assert await job.claim(3) is None
        assert (await job.progress()).parts_held == 2


async def test_a_part_that_is_left_is_free_at_once(database: str) -> None:
    """What was still being sent is in doubt; all else stays."""
    async with Story(database) as story:
        job = await story.job(rows=3)
        part = await job.claim(1)
        assert part is not None
        async with part:
            await begin(part)
        assert await job.waiting_parts() == (1,)
        (item,) = await all_items(job, ItemState.UNKNOWN)
        assert (item.position, item.code) == (1, "PROCESS_ENDED")
        part = await story.entered(await job.claim(1))
        assert await states(part) == ["unknown", "planned", "planned"]


async def test_a_part_is_done_once_nothing_in_it_is_left(database: str) -> None:
    """The last of them ends the job, whoever has it."""
    async with Story(database) as story:
        job = await story.job(rows=6, part_size=3)
        first, second = [await story.entered(await job.claim(number)) for number in (1, 2)]
        await send(first)
        await send(second)
        assert sorted(await asyncio.gather(first.finish(), second.finish())) == [False, True]
        assert (await job.progress()).state is JobState.ENDED
        assert await job.claim(1) is None


async def test_a_part_with_something_left_is_not_done(database: str) -> None:
    """It waits for the next worker."""
    async with Story(database) as story:
        job = await story.job(rows=3)
        part = await job.claim(1)
        assert part is not None
        async with part:
            sending = await begin(part)
            await part.record(sending.became(ItemState.SENT))
            assert not await part.finish()
        assert await job.waiting_parts() == (1,)
        assert (await job.progress()).parts_done == 0


async def test_a_claim_that_lapsed_is_anothers(database: str) -> None:
    """Nothing that its worker writes later is taken, and it knows."""
    async with Story(database) as story:
        job = await story.job(rows=3)
        late = await story.entered(await job.claim(1))
        sending = await begin(late)
        story.time.advance(LEASE + 1)
        assert await job.waiting_parts() == (1,)
        other = await (await story.journals()).open("news")
        part = await story.entered(await other.claim(1))
        unknown, *rest = await all_items(part)
        assert (unknown.state, unknown.code) == (ItemState.UNKNOWN, "PROCESS_ENDED")
        assert unknown.updated_at == part.now()
        for item in (sending.became(ItemState.SENT), rest[0].became(ItemState.SENDING)):
            with pytest.raises(ClaimLost, match="part 1 was claimed by another worker"):
                await late.record(item)
        assert late.lost
        assert "claimed by another" in await late.interrupted()
        for work in (late.finish(), late.grant(1), late.plan_again(ItemState.UNKNOWN, "X")):
            with pytest.raises(ClaimLost):
                await work
        with pytest.raises(ClaimLost):
            late.check()
        assert await states(part) == ["unknown", "planned", "planned"]
        assert not part.lost


async def test_a_claim_lasts_its_lease(database: str) -> None:
    """To its end, and no longer."""
    async with Story(database) as story:
        job = await story.job(rows=3)
        await story.entered(await job.claim(1))
        story.time.advance(LEASE - 0.1)
        assert await job.waiting_parts() == ()
        assert await job.claim(1) is None
        story.time.advance(0.2)
        assert await job.waiting_parts() == (1,)
        await story.entered(await job.claim(1))


async def test_leaving_a_lost_part_takes_nothing_from_its_new_worker(database: str) -> None:
    """Its items and its credits stay as they are."""
    async with Story(database) as story:
        job = await story.job(rows=3, budget=100)
        late = await job.claim(1)
        assert late is not None
        async with late:
            story.time.advance(LEASE + 1)
            part = await story.entered(await job.claim(1))
            await begin(part)
            assert await part.grant(60) == 60
        assert await states(job) == ["sending", "planned", "planned"]
        assert await job.waiting_parts() == ()
        assert (await job.progress()).held == 60


async def test_a_writer_and_a_taker_at_once(database: str) -> None:
    """Whoever is first: nothing is being sent that the taker does not know of."""
    async with Story(database) as story:
        job = await story.job(rows=40, part_size=4)
        other = await (await story.journals()).open("news")
        for number in range(1, 11):
            late = await story.entered(await job.claim(number))
            planned = await all_items(late)
            story.time.advance(LEASE + 1)
            claimed, *written = await asyncio.gather(
                other.claim(number),
                *(late.record(item.became(ItemState.SENDING)) for item in planned),
                return_exceptions=True,
            )
            assert not isinstance(claimed, BaseException)
            if claimed is None:
                assert written == [None] * 4
                continue
            lost = [isinstance(end, ClaimLost) for end in written]
            found = [item.state is ItemState.PLANNED for item in await all_items(claimed)]
            assert found == lost
            assert ItemState.SENDING not in await claimed.counts()


async def test_writes_are_signs_of_life(database: str) -> None:
    """A worker that is busy keeps its part."""
    async with Story(database) as story:
        job = await story.job(rows=3)
        clock = ManualClock()
        part = await story.entered(
            await (await (await story.journals(clock)).open("news")).claim(1)
        )
        for _ in range(3):
            for time in (story.time, clock):
                time.advance(LEASE * 0.9)
            await begin(part)
            assert not part.lost
        assert await job.waiting_parts() == ()


async def beaten(part: PartJournal, clock: ManualClock) -> None:
    """Wait until the part's sign of life has come to the database."""
    async with asyncio.timeout(5):
        while part._kept._confirmed < clock.monotonic():
            await asyncio.sleep(0.002)


async def test_a_worker_that_waits_gives_signs_of_life(database: str) -> None:
    """No write is needed to keep a part."""
    async with Story(database) as story:
        await story.job(rows=3)
        clock = ManualClock()
        job = await (await story.journals(clock)).open("news")
        part = await story.entered(await job.claim(1))
        part.spent = 40
        for _ in range(6):
            story.time.advance(LEASE / 2.5)
            clock.advance(LEASE / 2.5)
            await beaten(part, clock)
        assert await job.waiting_parts() == ()
        assert not part.lost
        assert (await job.progress()).spent == 40


async def test_a_stopped_worker_knows_before_it_sends(database: str) -> None:
    """Its own clock tells it, even if nobody has taken the part."""
    async with Story(database) as story:
        clock = ManualClock()
        await story.job(rows=3)
        job = await (await story.journals(clock)).open("news")
        part = await story.entered(await job.claim(1))
        clock.advance(LEASE * 0.3)
        assert not part.lost
        clock.advance(LEASE * 0.7)  # at one go, as a process that is stopped and goes on
        assert part.lost
        with pytest.raises(ClaimLost, match="was not confirmed for 30 s"):
            part.check()


class SleepingMachine(ManualClock):
    """A machine that sleeps: no time of its processes passes, and all others' does."""

    slept = 0.0

    def boot(self) -> tuple[str, float]:
        start, seconds = super().boot()
        return start, seconds + self.slept


async def test_a_machine_that_slept_knows_before_it_sends(database: str) -> None:
    """Its processes have not felt that their leases ran out meanwhile."""
    async with Story(database) as story:
        clock = SleepingMachine()
        await story.job(rows=3)
        job = await (await story.journals(clock)).open("news")
        part = await story.entered(await job.claim(1))
        before, clock.slept = part.now(), LEASE + 1
        assert part.lost
        assert (part.now() - before).total_seconds() == LEASE + 1
        with pytest.raises(ClaimLost, match="was not confirmed for 30 s"):
            await begin(part)


async def test_what_was_sent_before_a_stop_is_written_after_it(database: str) -> None:
    """As long as nobody has taken the part; but nothing more of it is begun."""
    async with Story(database) as story:
        clock = ManualClock()
        await story.job(rows=3)
        job = await (await story.journals(clock)).open("news")
        part = await job.claim(1)
        assert part is not None
        async with part:
            sending = await begin(part)
            clock.advance(LEASE + 1)
            with pytest.raises(ClaimLost, match="was not confirmed"):
                await begin(part, 1)
            await part.record(sending.became(ItemState.SENT, message_id="m"))
        assert await states(job) == ["sent", "planned", "planned"]
        assert await job.waiting_parts() == (1,)


async def test_a_stop_reaches_every_worker(database: str) -> None:
    """By its next write or sign of life; it is said once, and no further part is claimed."""
    async with Story(database) as story:
        clock = ManualClock()
        job = await story.job(rows=9)
        away = await (await story.journals(clock)).open("news")
        busy, idle = (
            await story.entered(await job.claim(1)),
            await story.entered(await away.claim(2)),
        )
        assert await job.stop("enough")
        assert not await away.stop("too much")
        await begin(busy)
        assert await busy.interrupted() == "enough"
        clock.advance(LEASE / 2)
        assert await asyncio.wait_for(idle.interrupted(), 5) == "enough"
        assert not idle.lost
        assert await job.claim(3) is None
        progress = await job.progress()
        assert (progress.state, progress.stopped) == (JobState.STOPPED, "enough")


async def test_a_job_goes_on_with_what_is_unfinished(database: str) -> None:
    """Parts that are done stay so, but for what is in doubt or planned again."""
    async with Story(database) as story:
        job = await story.job(rows=5, part_size=1)
        ends = [
            {"state": ItemState.SENT},
            {"state": ItemState.UNKNOWN, "code": "X"},
            {"state": ItemState.UNKNOWN, "code": ABSENT},
            {"state": ItemState.REFUSED, "code": "LOCKED"},
        ]
        for number, end in enumerate(ends, 1):
            part = await job.claim(number)
            assert part is not None
            async with part:
                sending = await begin(part)
                await part.record(Item(key=sending.key, position=sending.position, **end))  # type: ignore[arg-type]  # states and codes
                await part.finish()
        assert await job.waiting_parts() == (5,)
        await job.stop("enough")
        assert await job.waiting_parts() == ()
        assert await job.resume() == 2
        assert await job.waiting_parts() == (2, 5)
        assert await job.plan_again(ItemState.REFUSED, "LOCKED") == 1
        assert await job.resume(absent=True) == 4
        assert await job.waiting_parts() == (2, 3, 4, 5)


async def test_what_the_job_itself_refused_is_not_planned_again(database: str) -> None:
    """It would be refused again."""
    async with Story(database) as story:
        job = await story.job(rows=2)
        part = await story.entered(await job.claim(1))
        first, _ = await all_items(part)
        await part.record(
            Item(key=first.key, position=1, state=ItemState.REFUSED, code="INVALID_ID")
        )
        assert await job.plan_again(ItemState.REFUSED, "INVALID_ID") == 0


async def test_a_job_with_nothing_left_has_ended(database: str) -> None:
    """Even one that was stopped as its last part came to its end."""
    async with Story(database) as story:
        job = await story.job(rows=1)
        part = await job.claim(1)
        assert part is not None
        async with part:
            await job.stop("enough")
            await send(part)
            assert not await part.finish()
        assert (await job.progress()).state is JobState.STOPPED
        assert await job.resume() == 0
        progress = await job.progress()
        assert (progress.state, progress.stopped) == (JobState.ENDED, None)


async def test_no_item_is_added_while_the_job_runs(database: str) -> None:
    """All of them were compared with one another before."""
    async with Story(database) as story:
        job = await story.job(rows=1)
        part = await story.entered(await job.claim(1))
        with pytest.raises(JournalError, match="has no item 'k9', and takes none"):
            await part.add(entry(9)[1].item)
