"""zohocrm_async.taskiq.Jobs: jobs start, are stopped and go on; parts are tasks of a broker."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hosts import newsletter
from places import PLANNED, SENT, done, opened

from zohocrm_async.emulator import Fault
from zohocrm_async.exceptions import (
    InvalidRequest,
    JournalError,
)
from zohocrm_async.jobs import ItemState, MergeJob
from zohocrm_async.taskiq import JobState


class TestStart:
    """All rows are written down; then the workers have their parts."""

    async def test_a_mail_for_each_row(self, tmp_path: Path) -> None:
        """The report sums up what all workers did."""
        async with opened(tmp_path) as (place, crm):
            rows = place.rows(50)
            running = await place.jobs.start(newsletter(crm), rows, part_size=10)
            report = await done(running)
            place.check(rows)
            assert (report.counts, report.ok, report.credits) == ({SENT: 50}, True, 1_000)
            assert report.journal == Path("newsletter")
            progress = await running.progress()
            assert (progress.parts, progress.parts_done, progress.parts_held) == (5, 5, 0)
            assert [item.position async for item in running.items(SENT)] == list(range(1, 51))

    async def test_what_is_refused_or_repeated_is_told(self, tmp_path: Path) -> None:
        """As in a job of one process."""
        async with opened(tmp_path) as (place, crm):
            rows = place.rows(5)
            given = [*rows, rows[0], {"id": "x", "Email": "a@b.example", "Last_Name": "y"}]
            report = await done(await place.jobs.start(newsletter(crm), given, part_size=2))
            place.check(rows)
            assert report.counts == {SENT: 5, ItemState.SKIPPED: 1, ItemState.REFUSED: 1}
            assert report.refusals == {"INVALID_ID": 1}

    async def test_a_name_is_taken_once(self, tmp_path: Path) -> None:
        """The same job again would repeat what it did; joining is asked for."""
        async with opened(tmp_path) as (place, crm):
            rows = place.rows(3)
            job = newsletter(crm)
            await done(await place.jobs.start(job, rows))
            with pytest.raises(JournalError, match=r"#acme/newsletter exists, .* or take another"):
                await place.jobs.start(job, rows)
            report = await done(await place.jobs.start(job, rows, join=True))
            assert report.counts == {SENT: 3}
            with pytest.raises(JournalError, match="was begun with subject = "):
                await place.jobs.start(newsletter(crm, subject="Other"), rows, join=True)
            place.check(rows)
            assert await place.jobs.names() == ("newsletter",)

    async def test_a_start_that_died_half_way_is_started_again(self, tmp_path: Path) -> None:
        """No row is written twice, and nothing was sent before."""
        async with opened(tmp_path) as (place, crm):
            rows = place.rows(30)

            def breaking() -> Any:
                yield from rows[:20]
                raise RuntimeError("power cut")

            job = newsletter(crm)
            with pytest.raises(RuntimeError, match="power cut"):
                await place.jobs.start(job, breaking(), part_size=5)
            assert place.org.mails == ()
            joined = await place.jobs.join("newsletter")
            with pytest.raises(JournalError, match="start it again with the same rows"):
                await joined.wait()
            report = await done(await place.jobs.start(job, rows, part_size=5))
            place.check(rows)
            assert report.counts == {SENT: 30}

    async def test_files_are_uploaded_once_by_whoever_starts(self, tmp_path: Path) -> None:
        """The workers have only their ids."""
        async with opened(tmp_path) as (place, crm):
            offer = tmp_path / "offer.txt"
            offer.write_text("an offer")
            rows = place.rows(9)
            job = newsletter(crm, files=[offer])
            running = await place.jobs.start(job, rows, part_size=3)
            offer.unlink()
            assert (await done(running)).counts == {SENT: 9}
            uploads = [call for call in place.org.calls if call.operation == "files.upload"]
            assert len(uploads) == 1
            assert all(len(mail.body["attachments"]) == 1 for mail in place.org.mails)

    async def test_merges_run_as_well(self, tmp_path: Path) -> None:
        """Groups of rows, wherever in the input they stand; a record in one group alone."""
        async with opened(tmp_path) as (place, crm):
            leads = [str(row["id"]) for row in place.rows(30)]
            rows = [
                {"id": id_, "group": str(n % 10), "Created_Time": f"2026-01-{n + 1:02}T00:00:00Z"}
                for n, id_ in enumerate(leads)
            ]
            job = MergeJob(crm, journal="duplicates", module="Leads", group_column="group")
            report = await done(await place.jobs.start(job, rows, part_size=3))
            assert (report.counts, report.ok) == ({ItemState.MERGED: 10}, True)
            assert sorted(merge.master_id for merge in place.org.merges) == sorted(leads[:10])

    async def test_no_rows_are_no_work(self, tmp_path: Path) -> None:
        """The job has ended as soon as it is started."""
        async with opened(tmp_path) as (place, crm):
            running = await place.jobs.start(newsletter(crm), [])
            assert (await running.progress()).state is JobState.ENDED
            report = await running.wait()
            assert (report.total, report.ok, place.broker.kicked) == (0, True, 0)

    async def test_columns_are_asked_for_before_anything_is_written(self, tmp_path: Path) -> None:
        """So that the name is free for the right file."""
        async with opened(tmp_path) as (place, crm):
            with pytest.raises(InvalidRequest, match="no column 'Email'"):
                await place.jobs.start(newsletter(crm), [{"id": "1"}])
            assert await place.jobs.names() == ()


class TestStop:
    """One worker's stop is that of the job, once, with its reason; it can go on."""

    async def test_whoever_started_it_may_stop_it(self, tmp_path: Path) -> None:
        """What is in flight ends, and nothing is in doubt."""
        async with opened(tmp_path, latency=0.1) as (place, crm):
            rows = place.rows(100)
            running = await place.jobs.start(newsletter(crm), rows, part_size=20)
            while not place.org.mails:
                await asyncio.sleep(0.005)
            assert await running.stop()
            assert not await running.stop()
            report = await done(running)
            assert report.stopped == "stopped on request"
            assert set(report.counts) == {SENT, PLANNED}
            assert report.counts[SENT] == len(place.org.mails) < 100
            again = await place.jobs.resume("newsletter")
            report = await done(again)
            assert (report.counts, report.ok) == ({SENT: 100}, True)
            place.check(rows)

    async def test_a_budget_holds_over_all_workers(self, tmp_path: Path) -> None:
        """To the last mail it pays for; the next run has one of its own."""
        async with opened(tmp_path) as (place, crm):
            rows = place.rows(30)
            job = newsletter(crm, budget=119)
            report = await done(await place.jobs.start(job, rows, part_size=5))
            assert (len(place.org.mails), report.credits) == (5, 100)
            assert report.stopped == "the job's budget of 119 credits is spent"
            report = await done(await place.jobs.resume("newsletter", budget=200))
            assert (len(place.org.mails), report.credits) == (15, 300)
            report = await done(await place.jobs.resume("newsletter"))
            assert (report.ok, report.credits) == (True, 600)
            place.check(rows)

    async def test_refused_credentials_stop_it(self, tmp_path: Path) -> None:
        """No item is refused for it."""
        async with opened(tmp_path) as (place, crm):
            rows = place.rows(30)
            place.org.fail_next(Fault.TOKEN_REVOKED, times=99, path="send_mail")
            report = await done(await place.jobs.start(newsletter(crm), rows, part_size=10))
            assert set(report.counts) == {PLANNED}
            assert report.stopped is not None
            place.org.clear_faults()
            place.org.advance(minutes=11)  # tokens are given out sparingly
            assert (await done(await place.jobs.resume("newsletter"))).ok
            place.check(rows)

    async def test_answers_that_all_get_lost_stop_it(self, tmp_path: Path) -> None:
        """However small the parts are: else every row would be in doubt."""
        async with opened(tmp_path) as (place, crm):
            place.org.fail_next(Fault.CUT_AFTER, times=999, path="send_mail")
            place.org.fail_next(Fault.SERVER_ERROR, times=999, path="Emails")
            running = await place.jobs.start(newsletter(crm), place.rows(200), part_size=10)
            report = await done(running)
            assert report.stopped is not None
            assert "the last 50 answers were lost" in report.stopped
            # All parts run at once here; each ends what it has in flight.
            assert 50 <= report.counts[ItemState.UNKNOWN] < 200

    async def test_refusals_are_tried_again_by_their_code(self, tmp_path: Path) -> None:
        """Once their reason is gone; any other code is refused."""
        async with opened(tmp_path) as (place, crm):
            rows = place.rows(6)
            place.org.state.locked.add(("Leads", str(rows[0]["id"])))
            report = await done(await place.jobs.start(newsletter(crm), rows, part_size=2))
            assert report.refusals == {"RECORD_LOCKED": 1}
            place.org.state.locked.clear()
            with pytest.raises(InvalidRequest, match="refusals: RECORD_LOCKED"):
                await place.jobs.resume("newsletter", retry=["OTHER"])
            report = await done(await place.jobs.resume("newsletter", retry=["RECORD_LOCKED"]))
            assert report.counts == {SENT: 6}
            place.check(rows)

    async def test_lost_answers_are_looked_up_and_what_is_absent_sent_on_demand(
        self, tmp_path: Path
    ) -> None:
        """Only when the caller said so."""
        async with opened(tmp_path) as (place, crm):
            rows = place.rows(6)
            place.org.fail_next(Fault.CUT_AFTER, path="send_mail")
            place.org.fail_next(Fault.CUT_BEFORE, path="send_mail", after=3)
            running = await place.jobs.start(newsletter(crm), rows, part_size=6, grace=0)
            assert (await done(running)).counts == {SENT: 5, ItemState.UNKNOWN: 1}
            again = await place.jobs.resume("newsletter", resend_absent=True, grace=0)
            assert (await done(again)).counts == {SENT: 6}
            place.check(rows)

    async def test_the_mails_of_a_day_are_waited_for(self, tmp_path: Path) -> None:
        """Whoever watches is told, and the next day it goes on."""
        async with opened(tmp_path, mail_cap=5) as (place, crm):
            rows = place.rows(12)
            running = await place.jobs.start(newsletter(crm), rows, part_size=4)
            while (wait := await running.waiting()) is None:
                await asyncio.sleep(0.01)
            assert wait.until > place.jobs.clock.now()
            assert "mails" in wait.why
            assert len(place.org.mails) == 5
            for _ in range(2):  # of five mails each
                while await running.waiting() is None:
                    await asyncio.sleep(0.01)
                place.org.advance(hours=25)
                while len(place.org.mails) % 5 == 0 and len(place.org.mails) < 10:
                    await asyncio.sleep(0.01)
            assert (await done(running)).counts == {SENT: 12}
            assert await running.waiting() is None
            place.check(rows)

    async def test_a_worker_that_goes_gives_its_part_back(self, tmp_path: Path) -> None:
        """At once, with nothing in doubt, even while it waits for another day."""
        async with opened(tmp_path, mail_cap=5) as (place, crm):
            running = await place.jobs.start(newsletter(crm), place.rows(12), part_size=4)
            while await running.waiting() is None:
                await asyncio.sleep(0.01)
            await place.jobs.interrupt()
            progress = await running.progress()
            assert (progress.counts, progress.parts_held) == ({SENT: 5, PLANNED: 7}, 0)
