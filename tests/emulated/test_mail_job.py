"""Mail jobs against the emulator: its books and the journal agree item by item."""

import asyncio
import contextlib
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from zohocrm_async import Retry, Timeouts, ZohoCRM
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.exceptions import InvalidRequest
from zohocrm_async.jobs import Item, ItemState, Journal, MailJob
from zohocrm_async.jobs.rows import Source
from zohocrm_async.models import Address

SENDER = "crm@example.com"
NO_PAUSE = Retry(base=0.001, ceiling=0.002)
Row = Mapping[str, Any]


@contextlib.asynccontextmanager
async def organisation(
    leads: int, **settings: Any
) -> AsyncIterator[tuple[Emulator, ZohoCRM, list[Row]]]:
    """Open an organisation, a client of it, and a row for each of its leads."""
    patience = settings.pop("read_timeout", 5.0)
    async with Emulator(**settings) as org:
        people = [{"Last_Name": f"Person {n}", "Email": f"p{n}@example.com"} for n in range(leads)]
        ids = org.add_records("Leads", people)
        rows: list[Row] = [{"id": id_, **person} for id_, person in zip(ids, people, strict=True)]
        async with org.client(retry=NO_PAUSE, timeouts=Timeouts(read=patience)) as crm:
            yield org, crm, rows


def mail_job(crm: ZohoCRM, folder: Path, **settings: Any) -> MailJob:
    given: dict[str, Any] = {
        "journal": folder / "journal",
        "module": "Leads",
        "sender": SENDER,
        "subject": "To $Last_Name",
        "content": "<p>Dear $Last_Name</p>",
    }
    return MailJob(crm, **{**given, **settings})


async def journaled(path: Path) -> list[Item]:
    async with Journal.open(path) as journal:
        return [item async for item in journal.items()]


def check_against_books(items: Sequence[Item], org: Emulator) -> None:
    """Compare every item with the mails that the organisation sent."""
    mails: dict[str, list[str]] = {}
    for mail in org.mails:
        mails.setdefault(mail.record_id, []).append(mail.message_id)
    assert all(len(ids) == 1 for ids in mails.values()), "somebody was mailed twice"
    for item in items:
        if item.state in {ItemState.SENT, ItemState.SCHEDULED}:
            assert mails.pop(item.record_id) == [item.message_id]
        elif item.state is ItemState.UNKNOWN:
            mails.pop(item.record_id, None)
        elif item.state is not ItemState.SKIPPED:
            assert item.record_id not in mails, f"{item.state}, and yet mailed: {item}"
    assert not mails, "mailed, and not in the journal"


async def test_a_mail_for_each_row(tmp_path: Path) -> None:
    """Every record gets its own text, and the report agrees with the books."""
    async with organisation(60) as (org, crm, rows):
        told: list[Item] = []
        report = await mail_job(crm, tmp_path).run(rows, told.append)
        items = await journaled(report.journal)
        check_against_books(items, org)
        assert report.counts == {ItemState.SENT: 60}
        assert (report.ok, report.total, report.stopped) == (True, 60, None)
        assert report.credits == 60 * 20
        assert (
            sorted(told, key=lambda item: item.position)
            == [item for item in items if item.state is ItemState.SENT]
            or len(told) == 60
        )
        assert {mail.subject for mail in org.mails} == {f"To Person {n}" for n in range(60)}
        assert not +Counter(org.refusals)


async def test_rows_of_a_file(tmp_path: Path) -> None:
    """CSV and JSON lines are read from the disk, columns named as they are there."""
    async with organisation(4) as (org, crm, rows):
        csv_file, json_file = tmp_path / "rows.csv", tmp_path / "rows.jsonl"
        lines = ["Record,Mail,Last_Name"]
        lines += [f"{row['id']},{row['Email']},{row['Last_Name']}" for row in rows[:2]]
        csv_file.write_text("\n".join(lines))
        json_file.write_bytes(b"\n".join(map(orjson.dumps, rows[2:])))
        sources: list[tuple[Source, dict[str, Any]]] = [
            (csv_file, {"id_column": "Record", "to_column": "Mail", "name_column": "Last_Name"}),
            (json_file, {}),
        ]
        for number, (source, columns) in enumerate(sources):
            journal = tmp_path / str(number)
            report = await mail_job(crm, tmp_path, journal=journal, **columns).run(source)
            assert report.ok
        assert [mail.record_id for mail in org.mails] == [row["id"] for row in rows]
        assert org.mails[0].body["to"] == [{"email": "p0@example.com", "user_name": "Person 0"}]


async def test_what_is_refused_is_told_why_and_the_others_go_out(tmp_path: Path) -> None:
    """By the job before any call, or by the service; each with its word and its column."""
    async with organisation(6) as (org, crm, rows):
        org.bounced.add("p1@example.com")
        [opted_out] = org.add_records(
            "Leads", [{"Last_Name": "Out", "Email": "o@example.com", "Email_Opt_Out": True}]
        )
        source = [
            rows[0],
            rows[1],
            {**rows[2], "id": "4.15E+17"},
            {**rows[3], "Email": "nobody"},
            {**rows[4], "id": ""},
            {"id": opted_out, "Last_Name": "Out", "Email": "o@example.com"},
            {"id": "999", "Last_Name": "None", "Email": "n@example.com"},
            {"id": rows[5]["id"], "Email": "p5@example.com"},
            rows[0],
        ]
        report = await mail_job(crm, tmp_path).run(source)
        items = await journaled(report.journal)
        check_against_books(items, org)
        assert [(str(item.state), item.code, item.field) for item in items] == [
            ("sent", None, None),
            ("refused", "NOT_ALLOWED", items[1].field),
            ("refused", "INVALID_ID", "id"),
            ("refused", "INVALID_ADDRESS", "Email"),
            ("refused", "INVALID_ID", "id"),
            ("refused", "NO_PERMISSION", items[5].field),
            ("refused", "INVALID_DATA", items[6].field),
            ("refused", "MISSING_COLUMN", "Last_Name"),
            ("skipped", "DUPLICATE", "id"),
        ]
        assert all(item.message for item in items[1:])
        assert not report.ok
        calls = [call for call in org.calls if call.operation == "mail.send"]
        assert len(calls) == 4, "a row that cannot be sent costs no call"
        assert items[8].message == "row 1 stands for this record already"


async def test_texts_take_columns_and_leave_the_service_its_own(tmp_path: Path) -> None:
    """HTML is escaped in HTML alone, and what looks like no column stays as it is."""
    async with organisation(2) as (org, crm, rows):
        row = {**rows[0], "Last_Name": "<b>Ä & Ö</b>", "Company Name": "X\nY"}
        content = "$Last_Name ${Company Name} ${ConsentForm.en_US} $$5 $5 ${!Leads.Email}"
        job = mail_job(crm, tmp_path, subject="$Last_Name: ${Company Name}", content=content)
        await job.run([row])
        text = mail_job(
            crm, tmp_path, journal=tmp_path / "text", content="$Last_Name", mail_format="text"
        )
        await text.run([{**row, "id": rows[1]["id"]}])
        first, second = org.mails
        assert first.subject == "<b>Ä & Ö</b>: X Y"
        assert first.content == (
            "&lt;b&gt;Ä &amp; Ö&lt;/b&gt; X\nY ${ConsentForm.en_US} $5 $5 ${!Leads.Email}"
        )
        assert second.content == "<b>Ä & Ö</b>"


async def test_scheduled_mails_are_told_from_sent_ones(tmp_path: Path) -> None:
    """They wait at the service for their time."""
    async with organisation(3) as (org, crm, rows):
        when = datetime.now(UTC) + timedelta(hours=2)
        report = await mail_job(crm, tmp_path, scheduled_time=when).run(rows)
        check_against_books(await journaled(report.journal), org)
        assert report.counts == {ItemState.SCHEDULED: 3}
        assert report.ok
        assert not any(mail.sent for mail in org.mails)


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault.CUT_AFTER, ItemState.SENT),
        (Fault.CUT_BEFORE, ItemState.UNKNOWN),
        (Fault.SERVER_ERROR, ItemState.UNKNOWN),
        (Fault.BAD_GATEWAY, ItemState.UNKNOWN),
        (Fault.HTML, ItemState.SENT),
        (Fault.TRUNCATED, ItemState.SENT),
        (Fault.SLOW, ItemState.SENT),
        (Fault.TOO_MANY_CALLS, ItemState.SENT),
        (Fault.TOKEN_REVOKED, ItemState.SENT),
    ],
)
async def test_a_lost_answer_is_looked_up_and_a_certain_refusal_is_repeated(
    tmp_path: Path, fault: Fault, outcome: ItemState
) -> None:
    """Never sent twice, never called sent or refused when nobody knows."""
    patience = 0.5 if fault is Fault.SLOW else 5.0
    async with organisation(30, read_timeout=patience) as (org, crm, rows):
        struck = 1 if fault is Fault.TOKEN_REVOKED else 3
        org.fail_next(fault, times=struck, path="send_mail", after=10, seconds=1.0)
        report = await mail_job(crm, tmp_path).run(rows)
        items = await journaled(report.journal)
        check_against_books(items, org)
        counts = Counter(item.state for item in items)
        if outcome is ItemState.UNKNOWN:
            assert counts == {ItemState.SENT: 30 - struck, ItemState.UNKNOWN: struck}
            unknown = [item for item in items if item.state is ItemState.UNKNOWN]
            assert all(item.code and item.message and item.began_at for item in unknown)
        else:
            assert counts == {ItemState.SENT: 30}
        attempts = Counter(call.path for call in org.calls if call.operation == "mail.send")
        most = 2 + struck if fault in {Fault.TOO_MANY_CALLS, Fault.TOKEN_REVOKED} else 1
        assert max(attempts.values()) <= most


@pytest.mark.parametrize("seed", range(3))
async def test_under_any_mixture_of_faults_the_books_agree(tmp_path: Path, seed: int) -> None:
    """Whatever goes wrong when, each item's state is true and none is missing."""
    dice = random.Random(seed)
    async with organisation(150, read_timeout=0.2, seed=seed) as (org, crm, rows):
        org.bounced |= {str(row["Email"]) for row in dice.sample(rows, 10)}
        faults = [fault for fault in Fault if fault is not Fault.CREDITS_SPENT]
        for _ in range(12):
            fault = dice.choice(faults)
            times = 1 if fault in {Fault.TOKEN_REVOKED, Fault.SLOW} else dice.randint(1, 3)
            org.fail_next(
                fault, times=times, path="send_mail", after=dice.randint(0, 20), seconds=0.5
            )
        report = await mail_job(crm, tmp_path).run([*rows, *dice.sample(rows, 5)])
        items = await journaled(report.journal)
        check_against_books(items, org)
        if report.stopped is None:
            assert [item.position for item in items] == list(range(1, 156)), f"seed {seed}"
        assert report.counts == Counter(item.state for item in items)


class TestLimits:
    """Budgets, credits and the mails of a day end a job, and it says so."""

    async def test_a_budget_is_never_exceeded(self, tmp_path: Path) -> None:
        """What it pays for is sent, and the rest is left planned or untaken."""
        async with organisation(40) as (org, crm, rows):
            report = await mail_job(crm, tmp_path, budget=119).run(rows)
            items = await journaled(report.journal)
            check_against_books(items, org)
            assert (len(org.mails), report.credits) == (5, 100)
            assert report.stopped is not None
            assert "budget" in report.stopped
            assert {item.state for item in items} == {ItemState.SENT, ItemState.PLANNED}

    async def test_spent_credits_stop_a_job_that_would_not_wait(self, tmp_path: Path) -> None:
        """The report says when some come back."""
        async with organisation(40, credits=200) as (org, crm, rows):
            report = await mail_job(crm, tmp_path, max_wait=5).run(rows)
            check_against_books(await journaled(report.journal), org)
            assert 1 <= len(org.mails) <= 10
            assert report.stopped is not None
            assert "enough come back at" in report.stopped
            assert not +Counter(org.refusals)

    async def test_a_job_without_an_end_of_patience_goes_on_the_next_day(
        self, tmp_path: Path
    ) -> None:
        """All are sent once the window has freed their credits."""
        async with organisation(15, credits=200) as (org, crm, rows):
            enough = asyncio.Event()

            def told(_: Item) -> None:
                account = crm.credits()
                if account.remaining < 20 and not account.slots.in_flight:
                    enough.set()

            running = asyncio.create_task(mail_job(crm, tmp_path).run(rows, told))
            await enough.wait()
            org.advance(hours=25)
            report = await running
            check_against_books(await journaled(report.journal), org)
            assert (report.counts, report.ok) == ({ItemState.SENT: 15}, True)

    async def test_the_mails_of_the_day_being_spent_stops_a_job(self, tmp_path: Path) -> None:
        """Each further try would cost credits and be refused."""
        async with organisation(200, mail_cap=10, concurrency=2) as (org, crm, rows):
            report = await mail_job(crm, tmp_path, wait_for_next_day=False).run(rows)
            items = await journaled(report.journal)
            check_against_books(items, org)
            assert len(org.mails) == 10
            assert report.stopped is not None
            assert set(report.counts) == {ItemState.SENT, ItemState.PLANNED}
            assert len(items) < 30
            refused = [call for call in org.calls if call.code == "LIMIT_EXCEEDED"]
            assert len(refused) <= 2, "each costs as much as a mail"

    async def test_wrong_credentials_stop_a_job_at_once(self, tmp_path: Path) -> None:
        """No item is refused for it: all can still be sent."""
        async with organisation(30) as (org, crm, rows):
            org.fail_next(Fault.TOKEN_REVOKED, times=99, path="send_mail")
            report = await mail_job(crm, tmp_path).run(rows)
            check_against_books(await journaled(report.journal), org)
            assert set(report.counts) == {ItemState.PLANNED}
            assert report.stopped is not None


class TestSettings:
    """What could never be sent is refused before a journal is made."""

    async def test_impossible_settings_are_listed(self, tmp_path: Path) -> None:
        """All of them at once."""
        async with organisation(1) as (_, crm, _):
            with pytest.raises(InvalidRequest) as refused:
                mail_job(crm, tmp_path, sender=Address("nobody"), subject=None, content=None)
            assert len(refused.value.problems) == 3

    async def test_the_journal_holds_the_settings_and_no_secret(self, tmp_path: Path) -> None:
        """Whoever reads the journal can tell what was sent, and nothing of credentials."""
        async with organisation(1) as (org, crm, rows):
            await mail_job(crm, tmp_path).run(rows)
            async with Journal.open(tmp_path / "journal") as journal:
                head = await journal.head()
            assert head.options["content"] == "<p>Dear $Last_Name</p>"
            assert head.options["sender"] == [SENDER, None]
            content = await asyncio.to_thread((tmp_path / "journal").read_bytes)
            for secret in (org.credentials.refresh_token, org.credentials.client_secret):
                assert secret.encode() not in content


RUN = """
import asyncio, sys
from pathlib import Path
from zohocrm_async import ZohoCRM
from zohocrm_async.jobs import MailJob

async def main(journal, rows):
    async with ZohoCRM.from_env() as crm:
        job = MailJob(
            crm, journal=Path(journal), module="Leads", sender="crm@example.com",
            subject="To $Last_Name", content="Dear $Last_Name",
        )
        print("running", flush=True)
        await job.run(Path(rows), lambda item: print(item.key, flush=True))

asyncio.run(main(*sys.argv[1:]))
"""


async def killed(
    org: Emulator, rows: Sequence[Row], folder: Path, how: signal.Signals, after: int
) -> int:
    """Run a job in a process of its own, and end it after some items."""
    source = folder / "rows.jsonl"
    source.write_bytes(b"\n".join(map(orjson.dumps, rows)))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, str(folder / "journal"), str(source),
        env={**org.env}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    for _ in range(1 + after):
        await process.stdout.readline()
    process.send_signal(how)
    await process.communicate()
    return int(process.returncode or 0)


@pytest.mark.parametrize("seed", range(2))
async def test_after_sigkill_no_mail_is_missing_from_the_journal(tmp_path: Path, seed: int) -> None:
    """Whoever was mailed stands in it as sent, or as unknown where the answer was lost."""
    async with organisation(400, latency=0.01, seed=seed) as (org, _, rows):
        after = random.Random(seed).randint(10, 120)
        code = await killed(org, rows, tmp_path, signal.SIGKILL, after)
        assert code == -signal.SIGKILL
        items = await journaled(tmp_path / "journal")
        check_against_books(items, org)
        states = Counter(item.state for item in items)
        assert set(states) <= {ItemState.SENT, ItemState.UNKNOWN}
        assert states[ItemState.SENT] >= after
        assert states[ItemState.UNKNOWN] <= 3 * 10 + 1


async def test_after_ctrl_c_nothing_is_in_doubt(tmp_path: Path) -> None:
    """What was in flight has come to its end, and is written down."""
    async with organisation(400, latency=0.01) as (org, _, rows):
        await killed(org, rows, tmp_path, signal.SIGINT, 30)
        items = await journaled(tmp_path / "journal")
        check_against_books(items, org)
        assert {item.state for item in items} <= {ItemState.SENT, ItemState.PLANNED}
        assert 30 <= len(org.mails) < 400
