"""zohocrm_async.taskiq.Jobs: parts of jobs as tasks of a broker, here one in memory."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hosts import newsletter
from redis.exceptions import RedisError
from taskiq import AckableMessage, AsyncBroker, BrokerMessage, InMemoryBroker

from benchmarks.redis_server import Server
from zohocrm_async import Retry, ZohoCRM
from zohocrm_async.emulator import Emulator, Fault
from zohocrm_async.exceptions import (
    ConfigurationError,
    FleetError,
    InvalidRequest,
    JournalError,
)
from zohocrm_async.jobs import ItemState, JobReport, MergeJob
from zohocrm_async.taskiq import Jobs, JobState, Progress, RunningJob, redis_broker, work
from zohocrm_async.taskiq._brokers import acknowledge
from zohocrm_async.taskiq._carrier import Carrier
from zohocrm_async.taskiq._database import Unreachable
from zohocrm_async.taskiq._job_journal import SqlJournal
from zohocrm_async.taskiq._part_journal import PartJournal

SENT, PLANNED = ItemState.SENT, ItemState.PLANNED
NO_PAUSE = Retry(base=0.001, ceiling=0.002)
Row = Mapping[str, Any]


class Broker(InMemoryBroker):
    """A broker that can lose tasks, fail, or deliver each of them twice."""

    def __init__(self, deliveries: int = 1) -> None:
        super().__init__()
        self.deliveries = deliveries
        self.kicked = 0
        self.failure: Exception | None = None

    async def kick(self, message: BrokerMessage) -> None:
        self.kicked += 1
        if self.failure is not None:
            raise self.failure
        for _ in range(self.deliveries):
            await super().kick(message)


class Place:
    """An organisation with leads, and jobs in a database."""

    def __init__(self, org: Emulator, database: str, broker: Broker) -> None:
        self.org = org
        self.database = database
        self.broker = broker
        self.jobs = self.made("acme")

    def made(
        self, organisation: str, broker: AsyncBroker | None = None, lease: float = 5.0
    ) -> Jobs:
        return Jobs(
            broker or self.broker,
            self.database,
            organisation=organisation,
            crm=lambda: self.org.client(retry=NO_PAUSE),
            lease=lease,
        )

    def rows(self, count: int) -> list[Row]:
        people = [{"Last_Name": f"Person {n}", "Email": f"p{n}@example.com"} for n in range(count)]
        ids = self.org.add_records("Leads", people)
        return [{"id": id_, **one} for id_, one in zip(ids, people, strict=True)]

    def check(self, rows: Sequence[Row]) -> None:
        """See that each of *rows* was mailed once, and nobody else."""
        assert sorted(mail.record_id for mail in self.org.mails) == sorted(r["id"] for r in rows)


async def done(running: RunningJob) -> JobReport:
    """Return its report, sooner than one would look by oneself."""
    async with asyncio.timeout(60), contextlib.aclosing(running.watch(0.01)) as states:
        async for _ in states:
            pass
    return await running.report()


@contextlib.asynccontextmanager
async def opened(
    folder: Path, broker: Broker | None = None, **settings: Any
) -> AsyncGenerator[tuple[Place, ZohoCRM]]:
    async with Emulator(**settings) as org:
        place = Place(org, f"sqlite:///{folder}/jobs.db", broker or Broker())
        async with place.jobs.opened(), org.client(retry=NO_PAUSE) as crm:
            yield place, crm


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


class TestDelivery:
    """Tasks only say that there is work."""

    async def test_a_task_that_is_delivered_twice_does_nothing_twice(self, tmp_path: Path) -> None:
        """At once, or when all is done."""
        async with opened(tmp_path, Broker(deliveries=3)) as (place, crm):
            rows = place.rows(40)
            running = await place.jobs.start(newsletter(crm), rows, part_size=10)
            assert (await done(running)).counts == {SENT: 40}
            await place.jobs.join("newsletter")
            await place.broker.wait_all()
            place.check(rows)

    async def test_tasks_that_are_lost_are_made_up_for(self, tmp_path: Path) -> None:
        """Workers look by themselves, so that the broker may forget everything."""
        lossy = Broker(deliveries=0)
        async with opened(tmp_path, lossy) as (place, crm):
            rows = place.rows(4)
            running = await place.jobs.start(newsletter(crm), rows, part_size=2)
            assert (await running.progress()).counts == {PLANNED: 4}
            async with place.made("acme", Broker(), lease=0.2).opened():
                assert (await done(running)).counts == {SENT: 4}
            place.check(rows)

    async def test_a_broker_that_fails_is_warned_of(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The job is started all the same, and joining it tells the workers."""
        async with opened(tmp_path) as (place, crm):
            rows = place.rows(4)
            place.broker.failure = OSError("redis://:secret@host")
            running = await place.jobs.start(newsletter(crm), rows)
            place.broker.failure = None
            assert "the broker took no task" in caplog.text
            assert "secret" not in caplog.text
            await place.jobs.join("newsletter")
            assert (await done(running)).counts == {SENT: 4}

    async def test_workers_go_on_without_the_broker(self, tmp_path: Path) -> None:
        """It is away, so an idle worker takes what it finds, part by part."""
        async with opened(tmp_path, Broker(deliveries=0)) as (place, crm):
            rows, away = place.rows(6), Broker()
            away.failure = OSError("away")
            running = await place.jobs.start(newsletter(crm), rows, part_size=2)
            async with place.made("acme", away, lease=600).opened():
                assert (await done(running)).counts == {SENT: 6}
            place.check(rows)

    async def test_one_task_that_arrives_is_enough(self, tmp_path: Path) -> None:
        """A worker that is through with a part tells of the next, long before anybody looks."""
        async with opened(tmp_path, Broker(deliveries=0)) as (place, crm):
            rows, jobs = place.rows(12), place.made("patient", lease=600)
            async with jobs.opened():
                await jobs.start(newsletter(crm), rows, part_size=2)
                place.broker.deliveries = 1
                assert (await done(await jobs.join("newsletter"))).counts == {SENT: 12}
            place.check(rows)

    async def test_a_worker_that_stood_still_stops_nobody(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It leaves its part, even if a late sign of life was heard; and the job goes on."""
        lapses, lost = iter([False, False, True]), vars(PartJournal)["lost"]
        seemed = property(lambda part: next(lapses, False) or lost.fget(part))
        monkeypatch.setattr(PartJournal, "lost", seemed)
        async with opened(tmp_path) as (place, crm):
            rows = place.rows(20)
            report = await done(await place.jobs.start(newsletter(crm), rows, part_size=20))
            assert (report.counts, report.stopped) == ({SENT: 20}, None)
            assert next(lapses, None) is None
            place.check(rows)

    async def test_whoever_watches_outlasts_the_database(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It was restarted, say; that is told once."""
        async with opened(tmp_path) as (place, crm):
            running = await place.jobs.start(newsletter(crm), place.rows(3))
            asked, progress = iter([True, True]), SqlJournal.progress

            async def away(journal: SqlJournal) -> Progress:
                if next(asked, False):
                    raise Unreachable("the database is restarted")
                return await progress(journal)

            monkeypatch.setattr(SqlJournal, "progress", away)
            assert (await done(running)).counts == {SENT: 3}
            assert caplog.text.count("the database is restarted") == 1

    async def test_workers_take_the_jobs_of_their_own_organisation_alone(
        self, tmp_path: Path
    ) -> None:
        """Names may be the same in both."""
        async with opened(tmp_path, Broker(deliveries=0)) as (place, crm):
            await place.jobs.start(newsletter(crm), place.rows(2))
            other = place.made("other", Broker(), lease=0.2)
            async with other.opened():
                await asyncio.sleep(0.2)
                assert await other.names() == ()
                with pytest.raises(JournalError, match="other/newsletter"):
                    await other.join("newsletter")
            assert place.org.mails == ()


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


class TestLife:
    """Opened and closed with the broker."""

    async def test_nothing_works_before(self, tmp_path: Path) -> None:
        """The error says what opens it."""
        async with Emulator() as org:
            jobs = Place(org, f"sqlite:///{tmp_path}/jobs.db", Broker()).jobs
            with pytest.raises(ConfigurationError, match=r"await broker.startup\(\) first"):
                await jobs.join("newsletter")

    async def test_a_broker_has_the_jobs_of_an_organisation_once(self, tmp_path: Path) -> None:
        """Of two, tasks would go to either."""
        async with Emulator() as org:
            place = Place(org, f"sqlite:///{tmp_path}/jobs.db", Broker())
            with pytest.raises(ConfigurationError, match="'acme' already"):
                place.made("acme")
            assert repr(place.made("other")).endswith("jobs.db, organisation='other')")

    async def test_a_broker_that_is_away_is_an_error_of_ours(self, tmp_path: Path) -> None:
        """Which shows no password."""
        async with Emulator() as org:
            broker = redis_broker("redis://:secret@127.0.0.1:1/0")
            jobs = Jobs(
                broker, f"sqlite:///{tmp_path}/jobs.db", organisation="acme", crm=org.client
            )
            with pytest.raises(FleetError, match="broker cannot be opened") as caught:
                async with jobs.opened():
                    pass
            assert "secret" not in str(caught.value)
            with pytest.raises(FleetError):
                await work(jobs)

    async def test_a_task_whose_end_the_server_does_not_hear_of(self) -> None:
        """Nobody is told: if it comes again, it does nothing."""
        asked = 0

        def away() -> None:
            nonlocal asked
            asked += 1
            raise RedisError("away")

        await acknowledge(AckableMessage(data=b"", ack=away))
        assert asked == 1

    def test_a_url_that_is_none_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="give one such as"):
            redis_broker("nonsense")

    async def test_a_worker_has_a_part_at_least(self, tmp_path: Path) -> None:
        async with Emulator() as org:
            jobs = Place(org, f"sqlite:///{tmp_path}/jobs.db", Broker()).jobs
            with pytest.raises(ConfigurationError, match="parts is 0"):
                await work(jobs, parts=0)

    async def test_a_job_is_deleted_once_it_has_ended(self, tmp_path: Path) -> None:
        """Until then it is refused; the same call would then mail everybody again."""
        async with opened(tmp_path, Broker(deliveries=0)) as (place, crm):
            running = await place.jobs.start(newsletter(crm), place.rows(2))
            with pytest.raises(JournalError, match="#acme/newsletter runs: stop it"):
                await place.jobs.delete("newsletter")
            await running.stop()
            await place.jobs.delete("newsletter")
            assert await place.jobs.names() == ()
            with pytest.raises(JournalError, match="acme/newsletter"):
                await place.jobs.delete("newsletter")

    async def test_an_unknown_name_is_told(self, tmp_path: Path) -> None:
        """With those that there are."""
        async with opened(tmp_path) as (place, _):
            with pytest.raises(JournalError, match="acme/nothing"):
                await place.jobs.join("nothing")


async def test_a_worker_looks_again_whatever_it_met(caplog: pytest.LogCaptureFixture) -> None:
    """A fault of ours is told, and does not leave the worker idle for good."""
    looks, again = 0, asyncio.Event()

    async def look() -> None:
        nonlocal looks
        looks += 1
        if looks == 1:
            raise RuntimeError("ours")
        again.set()

    async with Emulator() as org, org.client() as crm:
        carrier = Carrier(crm, crm.clock, look, 0.001)
        await asyncio.wait_for(again.wait(), 5)
        await carrier.interrupt()
    assert "the look for work that was left behind failed" in caplog.text


async def test_a_worker_outlives_its_broker(tmp_path: Path) -> None:
    """A server that comes back with nothing in it gives tasks again."""
    with Server() as server:
        async with Emulator() as org:
            place = Place(org, f"sqlite:///{tmp_path}/jobs.db", Broker())
            worker = place.made("acme", redis_broker(server.url), lease=0.5)
            working = asyncio.create_task(work(worker))
            starter = place.made("acme", redis_broker(server.url))
            async with starter.opened(), org.client(retry=NO_PAUSE) as crm:
                first, second = place.rows(2), place.rows(3)
                await done(await starter.start(newsletter(crm, "first"), first))
                await asyncio.to_thread(server.kill)
                await asyncio.sleep(0.1)
                await asyncio.to_thread(server.start)
                running = await starter.start(newsletter(crm, "second"), second)
                assert (await done(running)).counts == {SENT: 3}
                place.check([*first, *second])
            working.cancel()
            with pytest.raises(asyncio.CancelledError):
                await working
