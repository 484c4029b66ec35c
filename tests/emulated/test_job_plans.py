"""Plans against the emulator: what was said beforehand is what a run does and costs."""

import asyncio
import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from merges import journaled, merge_job, organisation, through_time

from zohocrm_async import Edition, ZohoCRM
from zohocrm_async.emulator import Emulator
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.jobs import ItemState, MailJob
from zohocrm_async.jobs.progress import Event, Waiting


def mail_job(crm: ZohoCRM, folder: Path, **settings: Any) -> MailJob:
    given = {
        "journal": folder / "mails", "module": "Leads", "sender": "crm@example.com",
        "subject": "Hello $Last_Name", "content": "<p>$Last_Name</p>",
    }  # fmt: skip
    return MailJob(crm, **{**given, **settings})


def writes(org: Emulator) -> int:
    return sum(call.method == "POST" for call in org.calls)


async def test_a_plan_makes_no_call_for_any_item(tmp_path: Path) -> None:
    """It reads the limits and prices, and makes no journal."""
    job_folder = tmp_path / "there is no such folder"
    async with organisation(4) as (org, crm, ids):
        plan = await merge_job(crm, job_folder).plan([{"master": ids[0], "children": ids[1:]}])
        assert (plan.items, plan.planned, plan.calls, plan.ok) == (1, 1, 2, True)
        rows = [{"id": id_, "Email": "a@example.com", "Last_Name": "x"} for id_ in ids]
        plan = await mail_job(crm, tmp_path).plan(rows)
        assert (plan.items, plan.planned, plan.calls, plan.ok) == (4, 4, 4, True)
        assert writes(org) == 0
        assert org.credits_used <= 4


async def test_rows_that_will_be_refused_are_told_with_the_reason(tmp_path: Path) -> None:
    """As the run then refuses them."""
    async with organisation(6) as (_, crm, ids):
        good = {"Email": "a@example.com", "Last_Name": "Stone"}
        rows = [
            {"id": ids[0], **good},
            {"id": "4.8E+18", **good},
            {"id": ids[1], **good, "Email": "nobody"},
            {"id": ids[0], **good},
            {"id": ids[2], "Email": "a@example.com"},
            {"id": ids[1], **good},
        ]
        job = mail_job(crm, tmp_path)
        plan = await job.plan(rows)
        assert plan.refused == {"INVALID_ID": 1, "INVALID_ADDRESS": 1, "MISSING_COLUMN": 1}
        assert (plan.skipped, plan.duplicates, plan.planned) == ({"DUPLICATE": 2}, 2, 1)
        assert [item.position for item in plan.examples] == [2, 3, 4, 5, 6]
        assert not plan.ok
        report = await job.run(rows)
        ran = Counter(item.code for item in await journaled(report.journal) if item.code)
        assert ran == Counter({**plan.refused, **plan.skipped})
        assert plan.credits_min == plan.credits_max == report.credits == 20


@pytest.mark.parametrize("number", range(3))
async def test_a_merge_costs_what_its_plan_says(tmp_path: Path, number: int) -> None:
    """Groups of any size, records named twice, some merges scheduled."""
    seed = random.Random(number)
    async with organisation(90, scheduled_merge_seconds=seed.choice([5, 60, 250])) as (
        org,
        crm,
        ids,
    ):
        pool = [*ids, "x", *seed.sample(ids, 8)]
        seed.shuffle(pool)
        groups = []
        while len(pool) > 9:
            master, *children = (pool.pop() for _ in range(seed.randint(2, 9)))
            groups.append({"master": master, "children": children})
        for id_ in seed.sample(ids, seed.choice([0, 10])):
            org.related_records["Leads", id_] = 1_500
        job = merge_job(crm, tmp_path)
        plan = await job.plan(groups)
        running = asyncio.create_task(job.run(groups))
        await through_time(org, running, seconds=5)
        report = await running
        assert report.counts.get(ItemState.MERGED, 0) == plan.planned
        assert report.refusals == plan.refused
        assert plan.items == len(groups) == report.total
        assert plan.calls == len(org.merges)
        assert plan.credits_min <= report.credits <= plan.credits_max
        scheduled = any(merge.scheduled for merge in org.merges)
        assert scheduled or plan.credits_min == report.credits


async def test_attachments_are_part_of_the_costs(tmp_path: Path) -> None:
    """Uploaded once for all mails."""
    async with organisation(3) as (_, crm, ids):
        file = tmp_path / "terms.txt"
        file.write_text("terms", "utf-8")
        rows = [{"id": id_, "Email": "a@example.com", "Last_Name": "x"} for id_ in ids]
        job = mail_job(crm, tmp_path, files=[file])
        plan = await job.plan(rows)
        report = await job.run(rows)
        assert plan.credits_min == plan.credits_max == report.credits == 3 * 20 + 1


async def test_windows_and_days_are_planned(tmp_path: Path) -> None:
    """Credits of 24 hours and mails of a day each hold up what is beyond them."""
    async with Emulator(credits=1_000, edition=Edition.FREE, users=1) as org, org.client() as crm:
        ids = org.add_records("Leads", ({"Last_Name": f"P{n}"} for n in range(130)))
        rows = [{"id": id_, "Email": "a@example.com", "Last_Name": "x"} for id_ in ids]
        plan = await mail_job(crm, tmp_path).plan(rows, seconds_per_call=2.0)
        assert plan.daily_mails == 50
        assert plan.parts[0].calls == plan.free // 20
        assert sum(part.calls for part in plan.parts) == 130
        assert plan.ends_at is not None
        assert plan.ends_at - org.clock.now() > timedelta(days=1)
        assert {part.waits_for for part in plan.parts[1:]} <= {"credits", "mails"}
        assert plan.slots == 5


@pytest.mark.parametrize(("credits", "mails"), [(100_000, 7), (1_000, 120), (500, 120)])
async def test_a_plan_ends_when_the_scheduler_foretells_it(
    tmp_path: Path, credits: int, mails: int
) -> None:
    """The plan says what is waited for as well; as to the time, the two agree to the minute."""
    async with organisation(mails, credits=credits, concurrency=3) as (_, crm, ids):
        rows = [{"id": id_, "Email": "a@example.com", "Last_Name": "x"} for id_ in ids]
        plan = await mail_job(crm, tmp_path).plan(rows, seconds_per_call=2.5)
        foretold = await crm.forecast(
            mails, "POST", "/Leads/0/actions/send_mail", seconds_per_call=2.5
        )
        assert plan.ends_at is not None
        assert foretold.ends_at is not None
        assert abs(plan.ends_at - foretold.ends_at) <= timedelta(minutes=2)


async def test_what_the_budget_does_not_pay_for_is_told(tmp_path: Path) -> None:
    """And is no part of the time."""
    async with organisation(10) as (_, crm, ids):
        rows = [{"id": id_, "Email": "a@example.com", "Last_Name": "x"} for id_ in ids]
        plan = await mail_job(crm, tmp_path, budget=70).plan(rows)
        assert (plan.calls, plan.beyond_budget, plan.credits_max) == (10, 7, 60)
        assert sum(part.calls for part in plan.parts) == 3
        assert not plan.ok


async def test_an_input_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    """Before any row is judged."""
    async with organisation(1) as (_, crm, _ids):
        with pytest.raises(InvalidRequest, match="group_column"):
            await merge_job(crm, tmp_path, group_column="Person").plan([{"id": "1"}])


async def test_limits_that_may_not_be_read_do_not_hold_up_a_plan(tmp_path: Path) -> None:
    """The mails of a day are not known then."""
    async with Emulator() as org:
        scopes = ["ZohoCRM.send_mail.all.CREATE", "ZohoCRM.apis.READ"]
        async with org.client(credentials=org.credentials_with(scopes=scopes)) as crm:
            row = {"id": "1", "Email": "a@example.com", "Last_Name": "x"}
            plan = await mail_job(crm, tmp_path).plan([row])
        assert (plan.daily_mails, plan.planned, plan.credits_max) == (None, 1, 20)


async def test_a_job_that_waits_for_credits_ends_when_its_plan_says(tmp_path: Path) -> None:
    """Part after part, each with the calls that were planned for it."""
    async with organisation(120, credits=1_000) as (org, crm, ids):
        rows = [{"id": id_, "Email": "a@example.com", "Last_Name": "x"} for id_ in ids]
        job = mail_job(crm, tmp_path)
        plan = await job.plan(rows)
        waits: asyncio.Queue[datetime] = asyncio.Queue()

        def told(event: Event) -> None:
            if isinstance(event, Waiting):
                waits.put_nowait(event.until)

        running = asyncio.create_task(job.run(rows, on_event=told))
        while not running.done():
            waiting = asyncio.create_task(waits.get())
            await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
            made = -1
            while made != len(org.mails):  # what has its credits still goes out
                made = len(org.mails)
                await asyncio.wait([running], timeout=0.2)
            if waiting.done():
                org.advance((waiting.result() - org.clock.now()).total_seconds() + 1)
            waiting.cancel()
        assert running.result().counts == {ItemState.SENT: 120}
        days = Counter((mail.at - org.mails[0].at) // timedelta(hours=23) for mail in org.mails)
        # The price list is asked for once a day: a credit, and so perhaps a mail.
        assert [part.calls for part in plan.parts] == pytest.approx(list(days.values()), abs=2)
        assert plan.ends_at is not None
        assert abs(org.clock.now() - plan.ends_at) < timedelta(minutes=5)
