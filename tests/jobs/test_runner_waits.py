"""What waits and failures of the journal leave of a run: nothing forgotten, nothing made up."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve
from scripted import Scripted, rows, sent, until

from zohocrm_async.exceptions import CreditsExhausted, JournalError, OutcomeUnknown
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.journal import Journal
from zohocrm_async.jobs.progress import Event, Resumed, Waiting
from zohocrm_async.jobs.runner import run


def exhausted(job: Scripted) -> CreditsExhausted:
    later = job.crm.clock.now() + timedelta(seconds=100)
    return CreditsExhausted(needed=1, remaining=0, resumes_at=later)


async def test_a_second_wait_ends_though_the_first_is_still_being_told(tmp_path: Path) -> None:
    """Whoever is told that the job goes on may take longer than it goes on for."""
    events: list[Event] = []
    told = asyncio.Event()
    job = Scripted(tmp_path)

    async def call(item: Item) -> Item:
        if job.begun <= 2:
            raise exhausted(job)
        return await sent(item)

    async def tell(event: Event) -> None:
        events.append(event)
        if isinstance(event, Resumed):
            await told.wait()

    def waits() -> int:
        return sum(isinstance(event, Waiting) for event in events)

    job.deed = call
    running = asyncio.create_task(run(job, rows(1), on_event=tell))
    await until(lambda: waits() == 1)
    job.clock.advance(101)
    await until(lambda: waits() == 2)
    told.set()
    job.clock.advance(101)
    async with asyncio.timeout(5):
        report = await running
    assert report.counts == {ItemState.SENT: 1}
    assert waits() == 2


async def test_what_could_not_be_looked_up_yet_is_looked_up_after_the_wait(tmp_path: Path) -> None:
    """Not left to a later run: the credits come back, and the answer is still lost."""
    events: list[Event] = []

    async def lost(_: Item) -> Item:
        raise OutcomeUnknown("lost", look_at="Look.", path="/Leads", operation="mail.send")

    async def found(item: Item) -> Item:
        if len(job.looked) == 1:
            raise exhausted(job)
        return evolve(item, state=ItemState.SENT, code=None)

    job = Scripted(tmp_path, lost, found=found)
    running = asyncio.create_task(run(job, rows(1), on_event=events.append))
    await until(lambda: any(isinstance(event, Waiting) for event in events))
    job.clock.advance(101)
    async with asyncio.timeout(5):
        report = await running
    assert (report.counts, job.looked) == ({ItemState.SENT: 1}, ["1", "1"])


async def test_a_journal_that_fails_in_between_is_no_refusal_by_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service acts, and only that cannot be written down: it is unknown, and looked up."""

    async def scheduled(item: Item) -> Item:
        return evolve(item, state=ItemState.MERGING, job_id="1")

    written = Journal.record

    async def full_once(journal: Journal, item: Item) -> None:
        if item.state is ItemState.MERGING:
            raise JournalError("the disk is full")
        await written(journal, item)

    monkeypatch.setattr(Journal, "record", full_once)
    job = Scripted(tmp_path, scheduled)
    with pytest.raises(JournalError, match="disk is full"):
        await run(job, rows(1))
    assert await job.journaled() == {"1": "unknown"}
