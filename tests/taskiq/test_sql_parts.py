"""The journal of a part: in the database before anyone goes on, cheap together, hard to stop."""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from sql_jobs import LEASE, Story, all_items, states

from benchmarks.postgres_server import Server
from zohocrm_async._clock import Clock
from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs.items import BEFORE, Item, ItemState
from zohocrm_async.taskiq import _changes
from zohocrm_async.taskiq._database import Database, Unreachable
from zohocrm_async.taskiq._grouped import Grouped
from zohocrm_async.taskiq._part_journal import PartJournal


async def part_of(story: Story, rows: int = 3) -> PartJournal:
    job = await story.job(rows=rows, part_size=rows)
    return await story.entered(await job.claim(1))


async def test_what_was_recorded_is_read_again(database: str) -> None:
    """Every field comes back, with the times of its writing by the database's clock."""
    async with Story(database) as story:
        part = await part_of(story, rows=1)
        (item,) = await all_items(part)
        await part.record(item.became(ItemState.SENDING))
        began = story.time.now()
        story.time.advance(5)
        ended = Item(
            key=item.key,
            position=1,
            state=ItemState.UNKNOWN,
            message_id="m",
            job_id="j",
            code="C",
            message="s",
            field="f",
            step=2,
        )
        await part.record(ended)
        (found,) = await all_items(part)
        assert found == evolve(
            ended, record_id="1", began_at=began, updated_at=story.time.now(), trace=item.trace
        )
        assert part.now() == story.time.now()


async def test_many_items_come_in_the_order_of_the_input(database: str) -> None:
    """Reading goes by pages, and neither loses nor repeats an item at their ends."""
    async with Story(database) as story:
        part = await part_of(story, rows=1_003)
        found = [item async for _, item in part.rows(ItemState.PLANNED)]
        assert [item.position for item in found] == list(range(1, 1_004))
        sending = [item.became(ItemState.SENDING) for item in found]
        await asyncio.gather(*map(part.record, sending))
        assert await part.counts() == {ItemState.SENDING: 1_003}


@pytest.mark.parametrize("state", ItemState)
async def test_a_state_follows_only_where_it_may(tmp_path: Path, state: ItemState) -> None:
    """As in the journal of one process: all others are refused, and nothing changes."""
    async with Story(f"sqlite:///{tmp_path}/jobs.db") as story:
        part = await part_of(story, rows=len(ItemState))
        planned = dict(zip(ItemState, await all_items(part), strict=True))
        for before, item in planned.items():
            await _bring(part, item, before)
        for before, item in planned.items():
            change = part.record(item.became(state))
            if before in BEFORE[state]:
                await change
                continue
            with pytest.raises(JournalError, match=f"is {before} and cannot become {state}"):
                await change
        expected = [state if before in BEFORE[state] else before for before in planned]
        assert await states(part) == expected


async def _bring(part: PartJournal, item: Item, state: ItemState) -> None:
    """Bring *item*, which is planned, into *state* by the ways there are."""
    if state in {ItemState.PLANNED, ItemState.SKIPPED}:
        if state is ItemState.SKIPPED:
            await part.record(item.became(state))
        return
    await part.record(item.became(ItemState.SENDING))
    if state is not ItemState.SENDING:
        await part.record(item.became(state))


async def test_one_refused_change_leaves_the_others(database: str) -> None:
    """Those that share its transaction are made; changes of one item keep their order."""
    async with Story(database) as story:
        part = await part_of(story)
        one, two, three = await all_items(part)
        ends = await asyncio.gather(
            part.record(one.became(ItemState.SENDING)),
            part.record(two.became(ItemState.SENT)),
            part.record(one.became(ItemState.SENT)),
            part.record(evolve(three, position=9)),
            part.record(evolve(three, key="other", state=ItemState.SENDING)),
            part.record(three.became(ItemState.SENDING)),
            return_exceptions=True,
        )
        assert [type(end) for end in ends] == [
            *(type(None), JournalError, type(None), JournalError, JournalError, type(None))
        ]
        assert "'k2' is planned and cannot become sent" in str(ends[1])
        assert "'k3' is not in part 1" in str(ends[3])
        assert "'other' is not in part 1" in str(ends[4])
        assert await states(part) == ["sent", "planned", "sending"]


async def test_an_item_of_another_part_is_not_written(database: str) -> None:
    """A claim is for its own positions."""
    async with Story(database) as story:
        job = await story.job(rows=2, part_size=1)
        part = await story.entered(await job.claim(1))
        _, other = await all_items(job)
        with pytest.raises(JournalError, match="is not in part 1"):
            await part.record(other.became(ItemState.SENDING))
        assert await states(job) == ["planned", "planned"]


async def test_absent_items_are_planned_again(database: str) -> None:
    """Those of this part alone."""
    async with Story(database) as story:
        job = await story.job(rows=2, part_size=1)
        parts = [await story.entered(await job.claim(number)) for number in (1, 2)]
        for part in parts:
            (item,) = await all_items(part)
            await part.record(item.became(ItemState.SENDING))
            await part.record(evolve(item, state=ItemState.UNKNOWN, code="ABSENT"))
        assert await parts[1].plan_again(ItemState.UNKNOWN, "ABSENT") == 1
        assert await states(job) == ["unknown", "planned"]


async def test_two_look_ups_that_find_one_mail(database: str) -> None:
    """One item has it; the other is looked up again, and nobody is forgotten."""
    async with Story(database) as story:
        job = await story.job(rows=2, part_size=1)
        found = []
        for number in (1, 2):
            part = await story.entered(await job.claim(number))
            (item,) = await all_items(part)
            await part.record(item.became(ItemState.SENDING))
            await part.record(item.became(ItemState.UNKNOWN))
            found.append(
                part.record(item.became(ItemState.SENT, message_id="m", message="was found"))
            )
        ends = await asyncio.gather(*found, return_exceptions=True)
        (problem,) = (end for end in ends if end is not None)
        assert "cannot have e-mail m, which another item has by now" in str(problem)
        assert sorted(await states(job)) == ["sent", "unknown"]
        assert await job.holder("m") in {1, 2}
        assert await job.holder("n") is None


async def test_a_cancelled_caller_does_not_take_the_others_along(database: str) -> None:
    """What it was about to write is written or not; all else is."""
    async with Story(database) as story:
        part = await part_of(story)
        writes = [
            asyncio.create_task(part.record(item.became(ItemState.SENDING)))
            for item in await all_items(part)
        ]
        await asyncio.sleep(0)
        writes[0].cancel()
        await asyncio.gather(*writes[1:])
        assert (await states(part))[1:] == ["sending", "sending"]


async def test_leaving_writes_what_still_waits(database: str) -> None:
    """No outcome is lost by the end of a run."""
    async with Story(database) as story:
        job = await story.job(rows=3)
        part = await job.claim(1)
        assert part is not None
        async with part:
            items = await all_items(part)
            await asyncio.gather(*(part.record(item.became(ItemState.SENDING)) for item in items))
            ends = [asyncio.create_task(part.record(item.became(ItemState.SENT))) for item in items]
            await asyncio.sleep(0)
        await asyncio.gather(*ends)
        assert await states(job) == ["sent"] * 3
        with pytest.raises(JournalError, match="not open"):
            await part.record(items[0].became(ItemState.SENT))
        with pytest.raises(JournalError, match="was given back"):
            part.check()


class Faults:
    """Lets transactions of a database fail as a broken connection makes them fail."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.before = self.after = 0
        self._run = Database.run
        faults = self

        async def run(self: Database, work: Callable[..., Awaitable[Any]], **how: Any) -> Any:
            if faults.before:
                faults.before -= 1
                raise Unreachable("nobody is there")
            result = await faults._run(self, work, **how)
            if faults.after:
                faults.after -= 1
                raise Unreachable("the answer was lost")
            return result

        patch.setattr(Database, "run", run)


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    return Faults(monkeypatch)


async def test_a_write_whose_answer_was_lost_is_made_once(database: str, faults: Faults) -> None:
    """Tried again, it finds its own work done; what may not follow is refused all the same."""
    async with Story(database, lease=1.0) as story:
        job = await story.job(rows=3)
        part = await story.entered(await _real(story, job.name))
        one, two, three = await all_items(part)
        faults.before, faults.after = 2, 1
        await part.record(one.became(ItemState.SENDING))
        faults.after = 1
        await part.record(one.became(ItemState.SENT, message_id="m"))
        faults.after = 1
        ends = await asyncio.gather(
            part.record(two.became(ItemState.SENDING)),
            part.record(three.became(ItemState.SENT)),
            return_exceptions=True,
        )
        assert ends[0] is None
        assert "is planned and cannot become sent" in str(ends[1])
        faults.before = 1
        assert await states(part) == ["sent", "sending", "planned"]


async def _real(story: Story, name: str) -> PartJournal | None:
    """Claim the first part of a job, by a process whose clock runs."""
    return await (await (await story.journals(Clock())).open(name)).claim(1)


async def test_a_database_that_stays_away_ends_the_claim(
    database: str, faults: Faults, caplog: pytest.LogCaptureFixture
) -> None:
    """Writes wait for it until the part may be another's, and then fail."""
    async with Story(database, lease=0.3) as story:
        job = await story.job(rows=3)
        part = await _real(story, job.name)
        assert part is not None
        async with part:
            items = await all_items(part)
            faults.before = 1_000
            with pytest.raises(JournalError, match="nobody is there"):
                await part.record(items[0].became(ItemState.SENDING))
            assert part.lost
            assert "was not confirmed for 0.3 s" in await part.interrupted()
        faults.before = 0
        assert await states(job) == ["planned"] * 3


async def test_a_part_that_cannot_be_given_back(
    database: str, faults: Faults, caplog: pytest.LogCaptureFixture
) -> None:
    """It is free once its lease is over, and the log says so."""
    async with Story(database) as story:
        job = await story.job(rows=3)
        part = await job.claim(1)
        assert part is not None
        with caplog.at_level(logging.WARNING, "zohocrm_async.taskiq"):
            async with part:
                faults.before = 1
        (line,) = caplog.messages
        assert line.startswith("part 1 was not given back, and is free in 30 s")
        assert await job.waiting_parts() == ()
        story.time.advance(LEASE + 1)
        assert await job.waiting_parts() == (1,)


async def test_a_server_that_is_started_anew(postgres: Server) -> None:
    """Writes and reads of a part go on as if nothing had happened."""
    async with Story(await postgres.new_database(), lease=10.0) as story:
        job = await story.job(rows=30, part_size=30)
        part = await story.entered(await _real(story, job.name))
        items = await all_items(part)

        async def carry(item: Item) -> None:
            await part.record(item.became(ItemState.SENDING))
            await part.record(item.became(ItemState.SENT, message_id=f"m{item.position}"))

        carried = [asyncio.create_task(carry(item)) for item in items]
        await asyncio.sleep(0.01)
        postgres.kill()
        postgres.start()
        await asyncio.gather(*carried)
        assert await states(part) == ["sent"] * 30
        # A connection that was idle meanwhile is found to be dead before it is used.
        assert (await job.progress()).counts == {ItemState.SENT: 30}


async def test_a_database_in_use_by_another_program(tmp_path: Path) -> None:
    """It is named, and nothing of SQLite's own comes through."""
    path = tmp_path / "jobs.db"
    async with Story(f"sqlite:///{path}", lease=0.4) as story:
        job = await story.job(rows=3)
        part = await story.entered(await _real(story, job.name))
        (item, *_) = await all_items(part)
        held = sqlite3.connect(path, isolation_level=None)
        held.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match=r"jobs\.db"):
            await part.record(item.became(ItemState.SENDING))
        held.close()
        assert part.lost


async def test_changes_that_come_together_share_a_commit() -> None:
    """Each waits for the one that holds it; a problem is told to its own caller alone."""
    groups: list[list[int]] = []

    async def commit(group: Any) -> list[Exception | None]:
        groups.append(list(group))
        if 99 in group:
            raise JournalError("all refused")
        return [JournalError("refused") if change == 7 else None for change in group]

    changes = Grouped(commit)
    changes.open()
    ends = await asyncio.gather(*map(changes.write, range(100)), return_exceptions=True)
    assert [len(group) for group in groups] == [100]
    assert {str(end) for end in ends} == {"all refused"}
    ends = await asyncio.gather(*map(changes.write, range(9)), return_exceptions=True)
    assert [str(end) for end in ends] == ["None"] * 7 + ["refused", "None"]
    await changes.close()


async def test_groups_that_are_broken_off() -> None:
    """Whoever waits is told; nothing waits for ever."""

    async def commit(group: Any) -> list[Exception | None]:
        await asyncio.Event().wait()
        return []

    changes = Grouped(commit)
    changes.open()
    write = changes.write(1)
    await asyncio.sleep(0.02)
    closing = asyncio.create_task(changes.close())
    await asyncio.sleep(0)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    with pytest.raises(JournalError, match="closed before"):
        await write


def test_only_look_ups_are_taken_for_them() -> None:
    """A mail that went out plainly needs no other to be looked at."""
    plain = Item(key="k", position=1, state=ItemState.SENT, message_id="m")
    assert not _changes.found_by_look_up(plain)
    assert _changes.found_by_look_up(evolve(plain, message="was found"))
