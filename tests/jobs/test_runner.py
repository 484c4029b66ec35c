"""The loop of all jobs: what is taken, what is told, how it ends.

The calls are scripted here; tests/emulated has the real ones.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from scripted import SLOTS, Scripted, ends, rows, sent, until

from zohocrm_async import Limits
from zohocrm_async.exceptions import (
    BudgetExceeded,
    CreditsExhausted,
    InvalidRequest,
    JournalError,
    NotAllowed,
    OutcomeUnknown,
)
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.journal import Journal
from zohocrm_async.jobs.progress import Event, Waiting
from zohocrm_async.jobs.runner import run


async def test_each_row_is_sent_told_and_written_down(tmp_path: Path) -> None:
    """Refused rows make no call, repeated ones are skipped and say whose repetition they are."""
    job = Scripted(tmp_path)
    report = await run(job, rows(1, "bad", 2, 1), job.told.append)
    assert await job.journaled() == {"1": "sent", "bad": "refused", "2": "sent", "1/4": "skipped"}
    assert sorted(item.key for item in job.told) == ["1", "1/4", "2", "bad"]
    assert report.counts == {ItemState.SENT: 2, ItemState.REFUSED: 1, ItemState.SKIPPED: 1}
    assert report.refusals == {"INVALID_ID": 1}
    assert (report.total, report.stopped, report.ok) == (4, None, False)
    (repeated,) = [item for item in job.told if item.state is ItemState.SKIPPED]
    assert repeated.message == "1"


async def test_no_call_leaves_before_its_item_is_on_disk(tmp_path: Path) -> None:
    """A second reader of the bytes on disk finds the item as `sending` (here: as unknown)."""
    seen: list[str] = []

    async def look(item: Item) -> Item:
        image = tmp_path / f"image{item.key}"
        for suffix in ("", "-wal"):
            source = job.path.with_name(job.path.name + suffix)
            image.with_name(image.name + suffix).write_bytes(
                await asyncio.to_thread(source.read_bytes)
            )
        async with Journal.open(image) as journal:
            found = {one.key: str(one.code) async for one in journal.items()}
        seen.append(found.get(item.key, "absent"))
        return await sent(item)

    job = Scripted(tmp_path, look)
    await run(job, rows(*range(20)))
    assert seen == ["PROCESS_ENDED"] * 20


async def test_rows_are_taken_as_slots_need_them(tmp_path: Path) -> None:
    """An endless input is no matter: a few rows for each slot are in hand at once."""
    taken = 0
    go = asyncio.Event()

    async def endless() -> AsyncIterator[dict[str, str]]:
        nonlocal taken
        while True:
            taken += 1
            yield {"id": str(taken)}

    async def call(item: Item) -> Item:
        await go.wait()
        return await sent(item)

    job = Scripted(tmp_path, call)
    running = asyncio.create_task(run(job, endless()))
    await until(lambda: job.begun == 3 * SLOTS)
    for _ in range(200):
        await asyncio.sleep(0)
    assert (job.begun, taken) == (3 * SLOTS, 3 * SLOTS)
    running.cancel()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert set((await job.journaled()).values()) == {"sent"}


async def test_refusals_and_lost_answers_stop_nothing(tmp_path: Path) -> None:
    """The rows after them are sent."""

    async def call(item: Item) -> Item:
        if item.key == "1":
            raise NotAllowed("opted out", code="NOT_ALLOWED")
        if item.key == "2":
            raise OutcomeUnknown("lost.", look_at="Look.", path="/x")
        return await sent(item)

    job = Scripted(tmp_path, call)
    report = await run(job, rows(1, 2, 3))
    assert await job.journaled() == {"1": "refused", "2": "unknown", "3": "sent"}
    assert report.stopped is None


async def test_a_spent_budget_stops_the_job_and_leaves_the_item_planned(tmp_path: Path) -> None:
    """What is in flight ends, no more rows are taken, and the report says why."""

    async def call(item: Item) -> Item:
        if int(item.key) >= 10:
            raise BudgetExceeded(budget="b", needed=20, remaining=0)
        return await sent(item)

    job = Scripted(tmp_path, call)
    report = await run(job, rows(*range(1_000)))
    states = await job.journaled()
    assert [states[str(n)] for n in range(10)] == ["sent"] * 10
    assert set(list(states.values())[10:]) == {"planned"}
    assert report.total == len(states) <= 10 + 3 * SLOTS
    assert report.stopped is not None
    assert "has 0 left" in report.stopped


async def test_a_stop_ends_the_wait_for_rows_that_never_come(tmp_path: Path) -> None:
    """A stream that gives no further row does not keep a stopped job."""

    async def stalled() -> AsyncIterator[dict[str, str]]:
        yield {"id": "1"}
        await asyncio.Event().wait()

    async def call(_: Item) -> Item:
        raise CreditsExhausted(needed=20, remaining=0, resumes_at=None)

    job = Scripted(tmp_path, call)
    report = await run(job, stalled())
    assert report.counts == {ItemState.PLANNED: 1}


class TestInterruption:
    """Cancelled (Ctrl-C), a job finishes what is in flight and nothing else."""

    async def test_what_is_in_flight_comes_to_its_end(self, tmp_path: Path) -> None:
        """Its outcome is written down before the cancellation goes on."""
        go = asyncio.Event()

        async def call(item: Item) -> Item:
            await go.wait()
            return await sent(item)

        job = Scripted(tmp_path, call)
        running = asyncio.create_task(run(job, rows(*range(100)), job.told.append))
        await until(lambda: job.begun >= SLOTS)
        running.cancel()
        for _ in range(200):
            await asyncio.sleep(0)
        assert not running.done()
        go.set()
        with pytest.raises(asyncio.CancelledError):
            await running
        states = await job.journaled()
        assert 0 < len(states) <= 3 * SLOTS + 1
        assert set(states.values()) == {"sent"}
        assert {item.key for item in job.told} == states.keys()

    async def test_what_waits_for_credits_is_planned_again(self, tmp_path: Path) -> None:
        """Nobody sits through the hours until the window frees credits."""

        async def call(item: Item) -> Item:
            scheduler = job.crm._scheduler
            quote = (await job.crm._facts.catalogue()).quote(
                "POST", f"/Leads/{item.key}/actions/send_mail", exact=20, default=20
            )
            async with scheduler.admit(quote, heavy=True, operation="mail.send") as permit:
                permit.mark_sent()
                permit.settle(20)
            return await sent(item)

        job = Scripted(tmp_path, call)
        job.crm._scheduler.set_limits(Limits(credits=45, concurrency=SLOTS))
        job.crm._facts = Catalogued()  # type: ignore[assignment]  # the published prices will do
        events: list[Event] = []
        running = asyncio.create_task(run(job, rows(*range(9)), on_event=events.append))
        await until(lambda: any(isinstance(event, Waiting) for event in events))
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(running, 5)
        states = await job.journaled()
        assert sorted(states.values())[-2:] == ["sent", "sent"]
        assert set(states.values()) == {"planned", "sent"}
        assert job.crm.credits().used == 40

    async def test_cancelled_twice_it_breaks_off(self, tmp_path: Path) -> None:
        """What was in flight is unknown then, and written down so."""

        async def call(_: Item) -> Item:
            await asyncio.Event().wait()
            raise AssertionError

        job = Scripted(tmp_path, call)
        running = asyncio.create_task(run(job, rows(1, 2)))
        await until(lambda: job.begun == 2)
        running.cancel()
        await asyncio.sleep(0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert await job.journaled() == {"1": "unknown", "2": "unknown"}

    async def test_a_scheduled_merge_is_left_to_the_service(self, tmp_path: Path) -> None:
        """It goes on without us; its job is in the journal."""

        async def call(item: Item) -> Item:
            return evolve(item, state=ItemState.MERGING, job_id="9")

        following = asyncio.Event()

        async def never(_: Item) -> Item:
            following.set()
            await asyncio.Event().wait()
            raise AssertionError

        job = Scripted(tmp_path, call, never)
        running = asyncio.create_task(run(job, rows(1), job.told.append))
        await following.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert await job.journaled() == {"1": "merging"}
        assert [item.job_id for item in job.told] == ["9"]


class Catalogued:
    """Prices without asking the organisation for them."""

    async def catalogue(self) -> Any:
        from zohocrm_async.scheduler import Catalogue  # noqa: PLC0415

        return Catalogue((), source="published defaults")


async def test_following_keeps_no_other_from_starting(tmp_path: Path) -> None:
    """Many more merges are followed at once than there are slots."""
    followed = 0
    enough = asyncio.Event()

    async def call(item: Item) -> Item:
        return evolve(item, state=ItemState.MERGING, job_id="9")

    async def follow(item: Item) -> Item:
        nonlocal followed
        followed += 1
        if followed == 100:
            enough.set()
        await enough.wait()
        return await ends(item)

    job = Scripted(tmp_path, call, follow)
    report = await asyncio.wait_for(run(job, rows(*range(100)), job.told.append), 10)
    assert report.counts == {ItemState.MERGED: 100}
    assert {item.state for item in job.told} == {ItemState.MERGED}


async def test_an_input_that_fails_ends_the_job_with_its_error(tmp_path: Path) -> None:
    """The rows before it are finished and written down."""

    async def broken() -> AsyncIterator[dict[str, str]]:
        yield {"id": "1"}
        raise OSError("the line went dead")

    job = Scripted(tmp_path)
    with pytest.raises(OSError, match="went dead"):
        await run(job, broken())
    assert await job.journaled() == {"1": "sent"}


async def test_a_fault_of_ours_leaves_the_item_unknown_and_is_raised(tmp_path: Path) -> None:
    """It is not passed over in silence, and the item is not called sent."""

    async def call(item: Item) -> Item:
        if item.key == "2":
            raise ZeroDivisionError
        return await sent(item)

    job = Scripted(tmp_path, call)
    with pytest.raises(ZeroDivisionError):
        await run(job, rows(1, 2))
    assert await job.journaled() == {"1": "sent", "2": "unknown"}


async def test_a_callback_that_fails_is_logged_and_harms_no_item(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Telling is not doing."""

    def fails(_: Item) -> None:
        raise RuntimeError("no")

    job = Scripted(tmp_path)
    with caplog.at_level(logging.ERROR):
        report = await run(job, rows(1, 2), fails)
    assert report.counts == {ItemState.SENT: 2}
    assert len(caplog.records) == 2


async def test_a_job_that_was_run_before_is_refused(tmp_path: Path) -> None:
    """The same command again mails nobody again."""
    job = Scripted(tmp_path)
    await run(job, rows(1))
    with pytest.raises(JournalError, match="was run before"):
        await run(job, rows(1), job.told.append)
    assert job.told == []


async def test_an_unusable_input_leaves_no_journal(tmp_path: Path) -> None:
    """The corrected command need not name another journal."""
    job = Scripted(tmp_path)
    with pytest.raises(InvalidRequest, match="no column 'id'"):
        await run(job, [{"ID": "1"}])
    assert not job.path.exists()


async def test_the_journal_names_the_input_and_the_settings(tmp_path: Path) -> None:
    """A file's fingerprint tells it from any other."""
    job = Scripted(tmp_path)
    source = tmp_path / "rows.csv"
    source.write_text("id\n1\n")
    await run(job, source)
    async with Journal.open(job.path) as journal:
        head = await journal.head()
    assert (head.kind, head.options) == ("mail", {"module": "Leads"})
    assert head.fingerprint is not None
    assert len(head.fingerprint) == 64
