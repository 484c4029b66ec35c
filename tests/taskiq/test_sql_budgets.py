"""The budget of a job: for all its workers together, and for each run of its own."""

import asyncio

from sql_jobs import LEASE, Story, begin

from zohocrm_async.jobs.items import ItemState
from zohocrm_async.taskiq._job_journal import SqlJournal
from zohocrm_async.taskiq._part_journal import PartJournal


async def claimed(story: Story, job: SqlJournal, *numbers: int) -> list[PartJournal]:
    return [await story.entered(await job.claim(number)) for number in numbers]


async def test_a_budget_is_never_granted_twice(database: str) -> None:
    """However many ask at once; what is not spent comes back."""
    async with Story(database) as story:
        job = await story.job(rows=4, part_size=1, budget=100)
        parts = await claimed(story, job, 1, 2, 3, 4)
        grants = await asyncio.gather(*(part.grant(40) for part in parts))
        assert sorted(grants) == [0, 20, 40, 40]
        (rich, *_) = (part for part, grant in zip(parts, grants, strict=True) if grant == 40)
        (poor,) = (part for part, grant in zip(parts, grants, strict=True) if grant == 0)
        rich.spent = 15
        await rich.__aexit__(None, None, None)
        assert await poor.grant(40) == 25
        progress = await job.progress()
        assert (progress.spent, progress.held) == (15, 85)


async def test_a_share_of_a_budget_is_all_that_a_dead_worker_takes_along(database: str) -> None:
    """But so many credits at least as some calls need."""
    async with Story(database) as story:
        job = await story.job(rows=3, part_size=1, budget=15_000)
        first, second, third = await claimed(story, job, 1, 2, 3)
        assert await first.grant(20_000, shares=10) == 1_500
        assert await second.grant(20_000, shares=100) == 1_000
        assert await third.grant(20_000) == 12_500


async def test_more_may_be_spent_than_was_granted(database: str) -> None:
    """A call may cost more than was thought: then less is left for others."""
    async with Story(database) as story:
        job = await story.job(rows=2, part_size=1, budget=100)
        first, second = await claimed(story, job, 1, 2)
        assert await first.grant(40) == 40
        first.spent = 50
        await first.__aexit__(None, None, None)
        assert await second.grant(100) == 50


async def test_the_credits_of_a_worker_that_died_are_spent(database: str) -> None:
    """It may have spent all that it held."""
    async with Story(database) as story:
        job = await story.job(rows=2, part_size=1, budget=100)
        dead, _ = await claimed(story, job, 1, 2)
        assert await dead.grant(40) == 40
        dead.spent = 10
        await begin(dead)
        story.time.advance(LEASE + 1)
        heir = await story.entered(await job.claim(1))
        assert await heir.grant(100) == 60
        assert (await job.progress()).spent == 40


async def test_the_credits_of_a_worker_that_died_are_told_as_spent(database: str) -> None:
    """Also where nobody takes its part over, as all the budget is granted."""
    async with Story(database) as story:
        job = await story.job(rows=2, part_size=1, budget=100)
        (part,) = await claimed(story, job, 1)
        assert await part.grant(100) == 100
        part.spent = 40
        await begin(part)
        progress = await job.progress()
        assert (progress.spent, progress.held) == (40, 100)
        story.time.advance(LEASE + 1)
        progress = await job.progress()
        assert (progress.spent, progress.held) == (100, 0)


async def test_a_job_without_a_budget_counts_what_is_spent(database: str) -> None:
    """Of a worker that died, what it told."""
    async with Story(database) as story:
        job = await story.job(rows=2, part_size=1)
        dead, left = await claimed(story, job, 1, 2)
        assert await dead.grant(1_000) == 1_000
        dead.spent, left.spent = 10, 7
        await begin(dead)
        await left.__aexit__(None, None, None)
        story.time.advance(LEASE + 1)
        await story.entered(await job.claim(1))
        progress = await job.progress()
        assert (progress.spent, progress.held, progress.budget) == (17, 0, None)


async def test_a_part_that_is_done_holds_credits_until_it_is_left(database: str) -> None:
    """Also if the job is stopped and resumed meanwhile: what it gives back is not granted twice."""
    async with Story(database) as story:
        job = await story.job(rows=2, part_size=1, budget=2_000)
        first = await job.claim(1)
        assert first is not None
        async with first as part:
            assert await part.grant(1_000) == 1_000
            sending = await begin(part)
            await part.record(sending.became(ItemState.SENT, message_id="m"))
            part.spent = 60
            await part.finish()
            await job.stop("enough")
            assert await job.resume(budget=1_500) == 1
        second = await story.entered(await job.claim(2))
        assert await second.grant(9_000) == 1_440


async def test_a_resumed_job_has_a_budget_of_its_own(database: str) -> None:
    """The most that one run spends; the sum tells of all runs."""
    async with Story(database) as story:
        job = await story.job(rows=2, part_size=1, budget=30)
        (part,) = await claimed(story, job, 1)
        assert await part.grant(40) == 30
        part.spent = 30
        await part.__aexit__(None, None, None)
        await job.stop("the budget is spent")
        assert await job.resume(budget=20) == 2
        (part,) = await claimed(story, job, 1)
        assert await part.grant(40) == 20
        progress = await job.progress()
        assert (progress.spent, progress.held, progress.budget) == (30, 20, 20)
