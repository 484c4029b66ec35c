"""The database of many jobs: made by whoever comes first, and clear about what is wrong."""

import asyncio
import contextlib
import sqlite3
import stat
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sql_jobs import LEASE, Entry, Story, begin, each, entry, states, taken
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks.postgres_server import Server
from zohocrm_async.exceptions import ConfigurationError, JournalError
from zohocrm_async.jobs.items import ItemState
from zohocrm_async.jobs.rows import Row
from zohocrm_async.taskiq import _tables
from zohocrm_async.taskiq._claims import ClaimLost
from zohocrm_async.taskiq._database import Database, Unreachable
from zohocrm_async.taskiq._journals import Journals
from zohocrm_async.taskiq._states import JobState


def modes_in(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


async def make(journals: Journals, name: str = "news", **settings: Any) -> None:
    job = await journals.create(name, kind="mail", options={"a": [1, "é"]}, **settings)
    await job.plan(each([entry(1)]), taken)


async def test_a_job_is_what_it_was_made_as(database: str) -> None:
    """Another process reads its head as it was written, by the database's time."""
    async with Journals(database) as journals:
        source = Path("/data/leads.csv")
        await make(journals, fingerprint="f00", source=source, budget=100)
    async with Journals(database) as journals:
        job = await journals.open("news")
        head = await job.head()
        (summary,) = await journals.jobs()
        progress = await job.progress()
    assert (head.kind, head.options, head.fingerprint) == ("mail", {"a": [1, "é"]}, "f00")
    assert head.source == source
    assert abs((datetime.now(UTC) - head.created_at).total_seconds()) < 30
    assert (summary.name, summary.kind, summary.state) == ("news", "mail", JobState.RUNNING)
    assert (summary.created_at, summary.stopped) == (head.created_at, None)
    assert (progress.budget, progress.spent, progress.held) == (100, 0, 0)


async def test_many_processes_may_come_first_at_once(database: str) -> None:
    """One makes the tables, and one has the job."""

    async def come() -> str:
        async with Journals(database) as journals:
            try:
                await make(journals)
            except JournalError as error:
                return str(error)
        return "made"

    ends = await asyncio.gather(*(come() for _ in range(4)))
    assert ends.count("made") == 1
    assert sum("has a job 'news'" in end for end in ends) == 3


async def test_a_job_that_is_not_there(database: str) -> None:
    """The refusal names those that are."""
    async with Journals(database) as journals:
        with pytest.raises(JournalError, match="no job 'x'; the latest it has: none"):
            await journals.open("x")
        await make(journals)
        with pytest.raises(JournalError, match="no job 'x'; the latest it has: 'news'"):
            await journals.open("x")


@pytest.mark.parametrize(("name", "settings"), [("", {}), ("a\0", {}), ("a", {"part_size": 0})])
async def test_what_no_job_can_be_made_of(tmp_path: Path, name: str, settings: Any) -> None:
    """It is refused before the database is asked."""
    async with Journals(f"sqlite:///{tmp_path}/jobs.db") as journals:
        with pytest.raises(ConfigurationError, match="give"):
            await make(journals, name, **settings)
        assert await journals.jobs() == ()


async def test_tables_of_another_version_are_left_alone(database: str) -> None:
    """The refusal says which version is meant."""
    async with Journals(database) as journals:
        await journals._database.run(
            lambda c: c.execute(text("UPDATE zohocrm_schema SET version = 9"))
        )
    with pytest.raises(
        JournalError, match="schema 9, and this version of the package uses schema 1"
    ):
        async with Journals(database):
            pass


async def test_notes_are_replaced(database: str) -> None:
    """They are the job's own."""
    async with Journals(database) as journals:
        for name in ("a", "b"):
            await make(journals, name)
        job = await journals.open("a")
        assert await job.noted("files") is None
        await job.note("files", "1")
        await job.note("files", "2")
        assert await job.noted("files") == "2"
        assert await (await journals.open("b")).noted("files") is None


async def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    """Recipients and texts are in it."""
    async with Journals(f"sqlite:///{tmp_path}/jobs.db"):
        modes = modes_in(tmp_path)
    assert modes == {0o600}


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://me:secret@host/db", "mysql:// is no database for jobs: give postgresql://"),
        ("postgresql:me:secret", "cannot be read: give postgresql://"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("postgresql://me:secret@host:99999/db", "cannot be read: give postgresql://"),
        ("postgresql://me:very@secret@host/db", "has an @: write %40 for it"),
        ("postgresql://host/db?prepared_statement_cache_size=few", "a value that it cannot have"),
    ],
)
def test_urls_that_are_refused(url: str, sentence: str) -> None:
    """The way out is named, the password is not."""
    with pytest.raises(ConfigurationError, match=sentence) as refused:
        Journals(url)
    assert "secret" not in str(refused.value)


def test_a_lease_too_short_to_be_kept() -> None:
    """It is refused at once."""
    with pytest.raises(ConfigurationError, match=r"lease is 0.1; give 0.2 s or more"):
        Journals("sqlite:///jobs.db", lease=0.1)


async def test_a_server_that_is_not_there() -> None:
    """The error names the database without its password, and hides what the driver said."""
    journals = Journals("postgresql://me:secret@127.0.0.1:1/db?password=secret")
    assert "secret" not in repr(journals)
    with pytest.raises(
        JournalError, match=r"postgresql://me@127.0.0.1:1/db cannot be reached"
    ) as no:
        async with journals:
            pass
    assert "secret" not in str(no.value)
    assert no.value.__cause__ is None
    assert no.value.__context__ is None


async def test_a_user_that_the_server_does_not_know(postgres: Server) -> None:
    """The server's own sentence is told."""
    journals = Journals(f"postgresql://nobody:secret@127.0.0.1:{postgres.port}/postgres")
    with pytest.raises(JournalError, match='role "nobody" does not exist') as refused:
        async with journals:
            pass
    assert "secret" not in str(refused.value)


async def test_options_of_a_url_that_every_program_takes(postgres: Server) -> None:
    """Hosts of databases give them along; one that the server does not know is named."""
    url = await postgres.new_database()
    async with Journals(f"{url}?sslmode=disable&application_name=letters") as journals:
        known = await journals._database.run(lambda c: c.scalar(text("SHOW application_name")))
        assert known == "letters"
    for option, sentence in {"sslmode=perhaps": "must be one of", "pets=2": '"pets"'}.items():
        with pytest.raises(JournalError, match=sentence) as refused:
            async with Journals(f"{url}?{option}"):
                pass
        assert not isinstance(refused.value, Unreachable)


async def test_what_was_written_outlives_a_crash_of_the_server(postgres: Server) -> None:
    """Also where others have told it that this does not matter."""
    url = await postgres.new_database()
    name = url.rpartition("/")[2]
    async with Journals(url) as journals:
        await journals._database.run(
            lambda c: c.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
        )
    async with Journals(url) as journals:
        kept = await journals._database.run(lambda c: c.scalar(text("SHOW synchronous_commit")))
        assert kept == "on"


async def test_a_standby_takes_no_writes_until_it_takes_over(postgres: Server) -> None:
    """So they are to be tried again."""
    url = await postgres.new_database()
    async with Journals(url) as journals:
        await make(journals)
    async with Journals(f"{url}?default_transaction_read_only=on") as standby:
        job = await standby.open("news")
        with pytest.raises(Unreachable, match="read-only transaction"):
            await job.stop("enough")


async def test_a_connection_that_is_not_fit_for_use(postgres: Server) -> None:
    """The next one may be; a value that is none is refused for good."""

    async def both_at_once(connection: AsyncConnection) -> None:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        other = asyncio.create_task(driver.execute("SELECT pg_sleep(0.05)"))
        await asyncio.sleep(0)
        try:
            await connection.execute(text("SELECT 1"))
        finally:
            await asyncio.wait([other])

    async with Journals(await postgres.new_database()) as journals:
        database = journals._database
        with pytest.raises(Unreachable, match="another operation is in progress"):
            await database.run(both_at_once)
        with pytest.raises(JournalError) as refused:
            await database.run(lambda c: c.execute(text("SELECT CAST(:n AS int)"), {"n": "x"}))
        assert not isinstance(refused.value, Unreachable)
        assert await journals.jobs() == ()


async def test_files_that_are_no_databases(tmp_path: Path) -> None:
    """They stay as they are."""
    (tmp_path / "notes.txt").write_text("mine" * 100)
    with pytest.raises(JournalError, match="file is not a database"):
        async with Journals(f"sqlite:///{tmp_path}/notes.txt"):
            pass
    assert (tmp_path / "notes.txt").read_text() == "mine" * 100
    with pytest.raises(JournalError, match="cannot be made: No such file or directory"):
        async with Journals(f"sqlite:///{tmp_path}/none/jobs.db"):
            pass


async def test_a_file_that_somebody_writes_to_is_opened_all_the_same(tmp_path: Path) -> None:
    """Who comes later reads; what it writes waits its turn."""
    path = tmp_path / "jobs.db"
    async with Journals(f"sqlite:///{path}") as journals:
        await make(journals)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with asyncio.timeout(1.0), Journals(f"sqlite:///{path}") as journals:
            assert [job.name for job in await journals.jobs()] == ["news"]


async def test_a_job_is_deleted_with_all_that_is_known_of_it(database: str) -> None:
    """Others stay as they are; its name is free, and who still has a part of it writes nothing."""
    async with Story(database) as story:
        job = await story.job(rows=3)
        kept = await story.job(rows=2, name="kept")
        with pytest.raises(JournalError, match="#news runs: stop it before it is deleted"):
            await job.delete()
        part = await story.entered(await job.claim(1))
        sending = await begin(part)
        await job.stop("enough")
        with pytest.raises(JournalError, match="workers still have 1 of its parts in hand"):
            await job.delete()
        story.time.advance(LEASE + 1)
        await job.delete()
        with pytest.raises(JournalError, match="the job is there no more"):
            await job.progress()
        new = await story.job(rows=1)
        with pytest.raises(ClaimLost):
            await part.record(sending.became(ItemState.SENT, message_id="m"))
        assert (await states(new), await states(kept)) == (["planned"], ["planned"] * 2)
        assert await states(job) == []
        assert [row async for row, _ in new.rows()] == [Row(1, {"id": "1", "key": "k1"})]


async def test_a_job_that_was_not_planned_to_its_end_is_deleted(database: str) -> None:
    """Whoever still plans it is told."""
    async with Journals(database) as journals:
        job = await journals.create("news", kind="mail", options={})

        async def orders() -> AsyncGenerator[Entry, None]:
            yield entry(1)
            await job.delete()

        with pytest.raises(JournalError, match="#news"):
            await job.plan(orders(), taken)
        assert await journals.jobs() == ()


async def test_a_refused_statement_shows_no_rows(database: str) -> None:
    """Neither its SQL nor its values are in the error."""
    async with Journals(database) as journals:
        await make(journals)
        with pytest.raises(JournalError) as refused:
            await journals._database.run(
                lambda c: c.execute(
                    _tables.notes.insert(),
                    [{"job": 1, "name": "n", "value": "private"} for _ in range(2)],
                )
            )
    assert "private" not in str(refused.value)
    assert "INSERT" not in str(refused.value)


async def test_a_process_that_stops_in_a_transaction(postgres: Server) -> None:
    """It lets go of its locks, and nothing of it is kept."""
    url = await postgres.new_database()
    stopped = Database(url, patience=10.0, busy=0.1)
    locked, others = asyncio.Event(), asyncio.Event()

    async def work(connection: AsyncConnection) -> None:
        await connection.execute(update(_tables.jobs).values(name="mine"))
        locked.set()
        await others.wait()

    async with Journals(url) as journals:
        await make(journals)
        holding = asyncio.create_task(stopped.run(work))
        job = await journals.open("news")
        await locked.wait()
        assert await asyncio.wait_for(job.stop("enough"), 5)
        others.set()
        with pytest.raises(Unreachable):
            await holding
        assert [one.name for one in await journals.jobs()] == ["news"]
    await stopped.close()
