"""Mail jobs that go on: resume, retries, the mails of a day, keys and files."""

import asyncio
import contextlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mailing import journaled, mail_job, until, world, write_csv

from zohocrm_async import Limits
from zohocrm_async.exceptions import InvalidRequest, JournalError
from zohocrm_async.jobs import Item, ItemState, Journal, MailJob
from zohocrm_async.jobs.mail import WHOLE_ROW
from zohocrm_async.jobs.progress import (
    Begun,
    Event,
    Finished,
    ItemEnded,
    Resumed,
    Stopped,
    Waiting,
)


class TestResume:
    """What is done stays done, and all the rest is carried through."""

    async def test_a_stopped_job_goes_on_where_it_was(self, tmp_path: Path) -> None:
        """Each record gets its mail, planned ones and those whose rows nobody had taken."""
        async with world(60) as (org, crm, rows):
            source = write_csv(tmp_path / "rows.csv", rows)
            first = await mail_job(crm, tmp_path, budget=300).run(source)
            assert first.stopped is not None
            told: list[Item] = []
            job = mail_job(crm, tmp_path)
            report = await job.resume(source, told.append)
            assert (report.counts, report.ok) == ({ItemState.SENT: 60}, True)
            assert Counter(mail.record_id for mail in org.mails) == dict.fromkeys(
                (row["id"] for row in rows), 1
            )
            assert len(told) == 60 - first.counts[ItemState.SENT]
            assert report.credits == 20 * len(told)
            whole = await job.report()
            assert (whole.credits, whole.counts) == (60 * 20, report.counts)

    async def test_what_is_through_costs_nothing_to_resume(self, tmp_path: Path) -> None:
        """No call is made for it."""
        async with world(5) as (org, crm, rows):
            job = mail_job(crm, tmp_path)
            await job.run(rows)
            org.clear_calls()
            report = await job.resume(rows)
            assert (report.ok, report.credits, org.calls) == (True, 0, ())

    async def test_duplicates_are_skipped_across_runs(self, tmp_path: Path) -> None:
        """A row that repeats one of the first run is skipped in the second."""
        async with world(30) as (org, crm, rows):
            source = [*rows, *rows[:3]]
            await mail_job(crm, tmp_path, budget=100).run(source)
            report = await mail_job(crm, tmp_path).resume(source)
            assert report.counts == {ItemState.SENT: 30, ItemState.SKIPPED: 3}
            assert len(org.mails) == 30

    @pytest.mark.parametrize(
        ("settings", "says"),
        [
            ({"subject": "Other"}, r"subject = 'To \$Last_Name', and this job has 'Other'"),
            ({"sender": "other@example.com"}, "begun with sender"),
            ({"key_column": "Email"}, "begun with key_column"),
        ],
    )
    async def test_another_job_is_refused(
        self, tmp_path: Path, settings: dict[str, Any], says: str
    ) -> None:
        """The error names the option that differs; a budget may."""
        async with world(3) as (org, crm, rows):
            await mail_job(crm, tmp_path, budget=20).run(rows)
            with pytest.raises(JournalError, match=says):
                await mail_job(crm, tmp_path, **settings).resume(rows)
            assert len(org.mails) == 1

    async def test_another_input_is_refused(self, tmp_path: Path) -> None:
        """A changed file by its fingerprint, other mappings by their keys."""
        async with world(4) as (org, crm, rows):
            source = write_csv(tmp_path / "rows.csv", rows)
            await mail_job(crm, tmp_path, budget=20).run(source)
            write_csv(source, rows[:-1])
            with pytest.raises(JournalError, match=r"another input \(.*rows.csv\)"):
                await mail_job(crm, tmp_path).resume(source)
            with pytest.raises(JournalError, match="now has"):
                await mail_job(crm, tmp_path).resume(rows[::-1])
            with pytest.raises(JournalError, match="waits for row 2"):
                await mail_job(crm, tmp_path).resume(rows[:1])
            assert len(org.mails) == 1

    async def test_the_journal_of_a_running_job_is_refused(self, tmp_path: Path) -> None:
        """Two runs of one job would mail twice."""
        async with world(50, latency=0.05) as (_, crm, rows):
            running = asyncio.create_task(mail_job(crm, tmp_path).run(rows))
            await until(lambda: crm.credits().slots.in_flight > 0)
            with pytest.raises(JournalError, match="in use"):
                await mail_job(crm, tmp_path).resume(rows)
            assert (await running).ok

    async def test_a_job_can_be_made_from_its_journal(self, tmp_path: Path) -> None:
        """All that decides what is sent is in it."""
        async with world(3) as (org, crm, rows):
            when = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
            job = mail_job(crm, tmp_path, budget=20, scheduled_time=when, reply_to="r@example.com")
            await job.run(rows)
            async with Journal.open(job.journal) as journal:
                head = await journal.head()
            again = MailJob.from_head(crm, job.journal, head)
            assert again.options() == job.options()
            assert (await again.resume(rows)).counts == {ItemState.SCHEDULED: 3}
            assert {mail.body["reply_to"]["email"] for mail in org.mails} == {"r@example.com"}


class TestRetry:
    """Refusals are final until somebody says otherwise."""

    async def test_what_the_service_refused_is_planned_again_by_its_code(
        self, tmp_path: Path
    ) -> None:
        """Others stay refused."""
        async with world(4) as (org, crm, rows):
            org.state.locked.add(("Leads", rows[1]["id"]))
            source = [*rows, {"id": "x", "Email": "x@example.com", "Last_Name": "X"}]
            job = mail_job(crm, tmp_path)
            first = await job.run(source)
            assert first.refusals == {"INVALID_ID": 1, "RECORD_LOCKED": 1}
            assert (await job.resume(source)).counts == first.counts
            org.state.locked.clear()
            report = await job.resume(source, retry=["RECORD_LOCKED"])
            assert report.counts == {ItemState.SENT: 4, ItemState.REFUSED: 1}
            assert len(org.mails) == 4

    async def test_a_code_that_nobody_met_is_refused(self, tmp_path: Path) -> None:
        """What the job refused by itself cannot be tried again: its row is as it was."""
        async with world(1) as (_, crm, rows):
            source = [*rows, {"id": "x", "Email": "x@example.com", "Last_Name": "X"}]
            job = mail_job(crm, tmp_path)
            await job.run(source)
            with pytest.raises(InvalidRequest, match="refusals: INVALID_ID"):
                await job.resume(source, retry=["INVALID_ID"])


class TestMailsOfADay:
    """The organisation's calendar day ends in its own time zone."""

    async def test_a_job_goes_on_when_the_next_day_begins(self, tmp_path: Path) -> None:
        """What waits meanwhile is planned on disk, and nothing is tried in vain."""
        async with world(30, mail_cap=20, time_zone="Asia/Tokyo") as (org, crm, rows):
            events: list[Event] = []
            job = mail_job(crm, tmp_path)
            running = asyncio.create_task(job.run(rows, on_event=events.append))
            await until(lambda: any(isinstance(event, Waiting) for event in events))
            await until(lambda: crm.credits().slots.in_flight == 0)
            local = org.clock.now().astimezone(org.state.zone)
            midnight = local.replace(hour=0, minute=0, second=0) + timedelta(days=1)
            org.advance((midnight - local).total_seconds() - 30)
            assert len(org.mails) == 20
            org.advance(120)
            report = await running
            assert (report.counts, report.ok) == ({ItemState.SENT: 30}, True)
            assert any(isinstance(event, Resumed) for event in events)
            assert len({mail.record_id for mail in org.mails}) == 30

    async def test_interrupted_while_it_waits_a_job_ends_at_once(self, tmp_path: Path) -> None:
        """And nothing is in doubt."""
        async with world(30, mail_cap=20) as (_, crm, rows):
            events: list[Event] = []
            running = asyncio.create_task(mail_job(crm, tmp_path).run(rows, on_event=events.append))
            await until(lambda: any(isinstance(event, Waiting) for event in events))
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asyncio.wait_for(running, 5)
            states = Counter(item.state for item in await journaled(tmp_path))
            assert set(states) == {ItemState.SENT, ItemState.PLANNED}


async def test_hours_of_waiting_for_credits_leave_nothing_in_doubt(tmp_path: Path) -> None:
    """Whoever pulls the plug meanwhile finds planned items, none that may have gone out."""
    async with world(30, credits=200) as (org, crm, rows):
        events: list[Event] = []
        running = asyncio.create_task(mail_job(crm, tmp_path).run(rows, on_event=events.append))
        await until(lambda: any(isinstance(event, Waiting) for event in events))
        await until(lambda: crm.credits().waiting == crm.credits().slots.in_flight == 0)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        states = Counter(item.state for item in await journaled(tmp_path))
        assert states[ItemState.SENT] == len(org.mails)
        assert set(states) == {ItemState.SENT, ItemState.PLANNED}


class TestKeys:
    """What tells one mail from another."""

    async def test_a_column_may_be_the_key(self, tmp_path: Path) -> None:
        """A record gets a mail for each of its orders, and none for an order twice."""
        async with world(2) as (org, crm, rows):
            source = [{**rows[n % 2], "Order": order} for n, order in enumerate("ABCAB")]
            report = await mail_job(crm, tmp_path, key_column="Order").run(source)
            assert report.counts == {ItemState.SENT: 3, ItemState.SKIPPED: 2}
            assert len(org.mails) == 3
            empty = mail_job(crm, tmp_path, key_column="Order", journal=tmp_path / "empty")
            report = await empty.run([{**rows[0], "Order": " "}])
            assert report.refusals == {"INVALID_KEY": 1}

    async def test_the_whole_row_may_be_the_key(self, tmp_path: Path) -> None:
        """The order of its columns is no matter."""
        async with world(1) as (org, crm, rows):
            source = [rows[0], {**rows[0], "Last_Name": "B"}, dict(reversed([*rows[0].items()]))]
            report = await mail_job(crm, tmp_path, key_column=WHOLE_ROW).run(source)
            assert report.counts == {ItemState.SENT: 2, ItemState.SKIPPED: 1}
            assert len(org.mails) == 2


class TestFiles:
    """Attachments are uploaded once, however often a job is resumed."""

    async def test_one_upload_serves_all_mails_and_all_runs(self, tmp_path: Path) -> None:
        """The ids are in the journal."""
        async with world(6) as (org, crm, rows):
            files = [tmp_path / f"{number}.txt" for number in range(10)]
            for file in files:
                file.write_text(f"offer {file.name}")
            job = mail_job(crm, tmp_path, files=files, budget=45)
            await job.run(rows)
            report = await mail_job(crm, tmp_path, files=files).resume(rows)
            assert report.counts == {ItemState.SENT: 6}
            uploads = [call for call in org.calls if call.operation == "files.upload"]
            assert len(uploads) == 1
            attached = {tuple(a["id"] for a in mail.body["attachments"]) for mail in org.mails}
            assert [len(set(ids)) for ids in attached] == [10]

    async def test_more_files_than_a_mail_takes_are_refused_at_once(self, tmp_path: Path) -> None:
        """With what is uploaded already, before any is."""
        async with world(1) as (_, crm, _rows):
            files = [tmp_path / f"{n}.txt" for n in range(9)]
            mail_job(crm, tmp_path, attachments=["a"], files=files)
            with pytest.raises(InvalidRequest, match="11 attachments: 10 at most"):
                mail_job(crm, tmp_path, attachments=["a", "b"], files=files)

    async def test_a_changed_file_is_refused(self, tmp_path: Path) -> None:
        """All mails of a job carry the same."""
        async with world(6) as (org, crm, rows):
            offer = tmp_path / "offer.txt"
            offer.write_text("an offer")
            await mail_job(crm, tmp_path, files=[offer], budget=45).run(rows)
            sent = len(org.mails)
            offer.write_text("a better offer")
            with pytest.raises(JournalError, match=r"offer\.txt was changed"):
                await mail_job(crm, tmp_path, files=[offer]).resume(rows)
            offer.unlink()
            with pytest.raises(InvalidRequest, match="cannot be read"):
                await mail_job(crm, tmp_path, files=[offer]).resume(rows)
            assert len(org.mails) == sent


class TestEvents:
    """A program can follow a run by a callback or by an iterator."""

    async def test_the_iterator_ends_with_the_report(self, tmp_path: Path) -> None:
        """Every item comes by, in between whatever else happens."""
        async with world(150) as (_, crm, rows):
            events = [event async for event in mail_job(crm, tmp_path).events(rows)]
            assert events[0] == Begun({})
            assert sum(isinstance(event, ItemEnded) for event in events) == 150
            last = events[-1]
            assert isinstance(last, Finished)
            assert last.report.counts == {ItemState.SENT: 150}

    async def test_closing_the_iterator_ends_the_job_in_good_order(self, tmp_path: Path) -> None:
        """What is in flight comes to its end, and nothing is left running."""
        async with world(300) as (org, crm, rows):
            async with contextlib.aclosing(mail_job(crm, tmp_path).events(rows)) as events:
                async for event in events:
                    if isinstance(event, ItemEnded):
                        break
            states = Counter(item.state for item in await journaled(tmp_path))
            assert states[ItemState.SENT] == len(org.mails) < 300
            assert set(states) <= {ItemState.SENT, ItemState.PLANNED}

    async def test_an_asynchronous_callback_slows_the_run(self, tmp_path: Path) -> None:
        """The run waits for it, and is told why a job stopped."""
        async with world(5) as (_, crm, rows):
            seen: list[Event] = []

            async def tell(event: Event) -> None:
                await asyncio.sleep(0)
                seen.append(event)

            await mail_job(crm, tmp_path, budget=20).run(rows, on_event=tell)
            assert any(isinstance(event, Stopped) for event in seen)


async def test_interactive_calls_stay_quick_while_a_job_runs(tmp_path: Path) -> None:
    """They overtake all that the job has waiting."""
    limits = Limits(credits=100_000, concurrency=4)
    async with (
        world(120, latency=0.02, concurrency=4) as (org, _, rows),
        org.client(limits=limits) as crm,
    ):
        running = asyncio.create_task(mail_job(crm, tmp_path).run(rows))
        await until(lambda: len(org.mails) >= 8)
        before = len(org.mails)
        await crm.records.get("Leads", rows[0]["id"])
        assert len(org.mails) - before <= 3 * 4
        assert (await running).ok
