"""Workers: what a broker delivers them, and what they outlive."""

import asyncio
from pathlib import Path

import pytest
from hosts import newsletter
from places import NO_PAUSE, PLANNED, SENT, Broker, Place, done, opened
from redis.exceptions import RedisError
from taskiq import AckableMessage

from benchmarks.redis_server import Server
from zohocrm_async.emulator import Emulator
from zohocrm_async.exceptions import (
    ConfigurationError,
    FleetError,
    JournalError,
)
from zohocrm_async.taskiq import Jobs, Progress, redis_broker, work
from zohocrm_async.taskiq._brokers import acknowledge
from zohocrm_async.taskiq._carrier import Carrier
from zohocrm_async.taskiq._database import Unreachable
from zohocrm_async.taskiq._job_journal import SqlJournal
from zohocrm_async.taskiq._part_journal import PartJournal


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
