"""Mails whose answer was lost: looked up, and sent again only where nothing is in doubt."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mailing import HOUR, journaled, mail_job, until, world

from zohocrm_async.emulator import Fault
from zohocrm_async.jobs import ItemState
from zohocrm_async.jobs.progress import (
    Event,
    Waiting,
)


class TestLookUp:
    """A lost answer is looked for among the e-mails of its record."""

    async def test_what_went_out_is_found_and_what_did_not_stays_unknown(
        self, tmp_path: Path
    ) -> None:
        """Until the grace period is over nobody says that it is absent."""
        async with world(20) as (org, crm, rows):
            org.fail_next(Fault.CUT_AFTER, times=2, path="send_mail", after=3)
            org.fail_next(Fault.CUT_BEFORE, times=2, path="send_mail", after=5)
            job = mail_job(crm, tmp_path)
            report = await job.run(rows)
            assert report.counts == {ItemState.SENT: 18, ItemState.UNKNOWN: 2}
            found = [item for item in await journaled(tmp_path) if item.message]
            assert {item.code for item in found} == {None, "CONNECTION_FAILED"}
            org.advance(HOUR)
            report = await job.resume(rows)
            assert report.counts == {ItemState.SENT: 18, ItemState.UNKNOWN: 2}
            assert [i.code for i in await journaled(tmp_path) if i.code] == ["ABSENT"] * 2
            assert len(org.mails) == 18, "nobody said that it should be sent again"

    async def test_the_absent_is_sent_again_where_the_caller_says_so(self, tmp_path: Path) -> None:
        """Once, after the grace period, by the same run."""
        async with world(20) as (org, crm, rows):
            org.fail_next(Fault.CUT_BEFORE, times=3, path="send_mail", after=5)
            events: list[Event] = []
            running = asyncio.create_task(
                mail_job(crm, tmp_path).run(rows, on_event=events.append, resend_absent=True)
            )
            await until(lambda: any(isinstance(event, Waiting) for event in events))
            assert len(org.mails) == 17
            org.advance(121)
            report = await running
            assert (report.counts, report.ok) == ({ItemState.SENT: 20}, True)
            assert len({mail.record_id for mail in org.mails}) == len(org.mails) == 20

    async def test_a_mail_that_went_out_late_is_not_sent_again(self, tmp_path: Path) -> None:
        """The service did its work within the grace period, and shows it later still."""
        async with world(10) as (org, crm, rows):
            org.state.email_delay = 30
            org.fail_next(Fault.LATE, times=2, path="send_mail", after=3, seconds=60)
            events: list[Event] = []
            running = asyncio.create_task(
                mail_job(crm, tmp_path).run(rows, on_event=events.append, resend_absent=True)
            )
            await until(lambda: any(isinstance(event, Waiting) for event in events))
            assert len(org.mails) == 8
            org.advance(61)
            org.advance(60)
            report = await running
            assert report.counts == {ItemState.SENT: 10}
            assert len(org.mails) == 10

    async def test_scheduled_mails_are_found_as_such(self, tmp_path: Path) -> None:
        """They are listed apart from those that were sent."""
        async with world(5) as (org, crm, rows):
            org.fail_next(Fault.CUT_AFTER, path="send_mail", after=2)
            when = datetime.now(UTC) + timedelta(days=3)
            report = await mail_job(crm, tmp_path, scheduled_time=when).run(rows)
            assert report.counts == {ItemState.SCHEDULED: 5}

    async def test_other_e_mails_of_the_record_are_not_taken_for_it(self, tmp_path: Path) -> None:
        """Earlier ones, other subjects, other recipients; on whatever page they stand."""
        async with world(1) as (org, crm, rows):
            yesterday = mail_job(crm, tmp_path, journal=tmp_path / "yesterday")
            await yesterday.run(rows)
            org.advance(hours=25)
            for number in range(25):
                other = mail_job(
                    crm, tmp_path, journal=tmp_path / f"other{number}", subject=f"No {number}"
                )
                await other.run(rows)
            copy = mail_job(crm, tmp_path, journal=tmp_path / "copy")
            await copy.run([{**rows[0], "Email": "other@example.com"}])
            org.fail_next(Fault.CUT_BEFORE, path="send_mail")
            job = mail_job(crm, tmp_path)
            await job.run(rows)
            org.advance(HOUR)
            await job.resume(rows)
            (item,) = await journaled(tmp_path)
            assert (item.state, item.code) == (ItemState.UNKNOWN, "ABSENT")

    async def test_no_e_mail_is_taken_for_two_items(self, tmp_path: Path) -> None:
        """Of two orders of one record, one mail went out: the other is absent."""
        async with world(1) as (org, crm, rows):
            source = [{**rows[0], "Order": str(number)} for number in range(3)]
            org.fail_next(Fault.CUT_AFTER, path="send_mail", after=1)
            org.fail_next(Fault.CUT_BEFORE, path="send_mail", after=1)
            job = mail_job(crm, tmp_path, key_column="Order")
            await job.run(source)
            org.advance(HOUR)
            report = await job.resume(source)
            assert report.counts == {ItemState.SENT: 2, ItemState.UNKNOWN: 1}
            sent = {item.message_id for item in await journaled(tmp_path) if item.message_id}
            assert sent == {mail.message_id for mail in org.mails}

    async def test_with_a_template_several_likely_mails_decide_nothing(
        self, tmp_path: Path
    ) -> None:
        """Without a subject of its own a mail looks like any other to the same address."""
        async with world(1) as (org, crm, rows):
            template = org.add_email_template("News", subject="News", content="Hello")
            org.fail_next(Fault.CUT_AFTER, path="send_mail")
            given: dict[str, Any] = {"subject": None, "content": None, "template": template}
            job = mail_job(crm, tmp_path, **given)
            org.fail_next(Fault.CUT_BEFORE, path="/Emails", times=99)
            await job.run(rows)
            org.clear_faults()
            await mail_job(crm, tmp_path, journal=tmp_path / "other", **given).run(rows)
            report = await job.resume(rows)
            (item,) = await journaled(tmp_path)
            assert report.counts == {ItemState.UNKNOWN: 1}
            assert "2 e-mails" in str(item.message)

    async def test_a_record_that_is_gone_leaves_its_mail_unknown(self, tmp_path: Path) -> None:
        """Nobody can tell any more, so nothing is sent again."""
        async with world(1) as (org, crm, rows):
            org.fail_next(Fault.CUT_AFTER, path="send_mail")
            org.fail_next(Fault.CUT_BEFORE, path="/Emails", times=99)
            job = mail_job(crm, tmp_path)
            await job.run(rows)
            org.clear_faults()
            await crm.records.delete("Leads", [rows[0]["id"]])
            report = await job.resume(rows, resend_absent=True)
            assert report.counts == {ItemState.UNKNOWN: 1}
            assert "not there" in str((await journaled(tmp_path))[0].message)

    async def test_rows_that_cannot_be_read_again_are_asked_for(self, tmp_path: Path) -> None:
        """A stream is gone once it was read; the absent are planned for the next run."""
        async with world(6) as (org, crm, rows):
            org.fail_next(Fault.CUT_BEFORE, path="send_mail", after=2)
            job = mail_job(crm, tmp_path)
            report = await job.run(iter(rows), resend_absent=True, grace=0)
            assert report.counts == {ItemState.SENT: 5, ItemState.PLANNED: 1}
            assert "same rows" in str(report.stopped)
            assert (await job.resume(iter(rows))).ok
            assert len(org.mails) == 6


async def test_a_service_that_loses_every_answer_ends_the_job(tmp_path: Path) -> None:
    """Fifty lost answers in a row are enough to know."""
    async with world(200) as (org, crm, rows):
        org.fail_next(Fault.HTML, path="send_mail", times=1_000)
        report = await mail_job(crm, tmp_path).run(rows)
        assert "answers were lost" in str(report.stopped)
        assert len(org.mails) <= 50 + 30
