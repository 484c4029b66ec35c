"""``--broker``, ``zohocrm worker`` and what goes with them, on a real Redis server."""

import asyncio
import os
import signal
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path
from unittest.mock import patch

import pytest
from shell import Shell, ended

from benchmarks.redis_server import Server
from zohocrm_async.cli.hosts import Hosts
from zohocrm_async.emulator import Emulator

MAIL = ("mail", "run", "rows.csv", "--module", "Leads", "--from", "crm@example.com")
TEXT = ("--subject", "Hello $Name", "--content", "hello.html")


class Place(Shell):
    """A shell with a broker and a database."""

    def __init__(self, org: Emulator, folder: Path, server: Server) -> None:
        super().__init__(org, folder)
        self.hosts = ("--broker", server.url, "--database", f"sqlite:///{folder}/jobs.db")
        self.write("hello.html", "<p>Dear $Name</p>")

    def write_rows(self, count: int) -> None:
        rows = [f"{lead},p{n}@example.com,Person {n}" for n, lead in enumerate(self.leads(count))]
        self.write("rows.csv", "id,Email,Name", *rows)


@pytest.fixture
async def place(tmp_path: Path, server: Server) -> AsyncIterator[Place]:
    async with Emulator() as org:
        yield Place(org, tmp_path, server)


async def said(process: Process, words: str) -> None:
    """Wait until a process has said so on stderr."""
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while words not in (await process.stderr.readline()).decode():
            pass


async def test_a_job_is_left_stopped_resumed_joined_and_reported(place: Place) -> None:
    """It is carried out by a worker that anybody starts, and that ends when it is told to."""
    place.write_rows(8)
    left = await place.start(*MAIL, *TEXT, *place.hosts)
    await said(left, "start workers with: zohocrm worker --broker redis://")
    left.send_signal(signal.SIGINT)
    after = await ended(left)
    assert after.code == 130
    assert "Join it again with: zohocrm mail join rows.csv --broker" in after.err

    stopped = await place.run("mail", "stop", "rows.csv", *place.hosts)
    assert (stopped.code, "Go on with: zohocrm mail resume rows.csv" in stopped.err) == (0, True)
    again = await place.run("mail", "stop", "rows.csv", *place.hosts)
    assert (again.code, "does not run" in again.err) == (1, True)
    other = await place.run(*MAIL, *TEXT, *place.hosts, "--to-column", "Name")
    assert (other.code, "begun with to_column = 'Email'" in other.err) == (2, True)
    so_far = place.org.mails
    assert not so_far

    worker = await place.start("worker", *place.hosts)
    ran = await place.run("mail", "resume", "rows.csv", *place.hosts)
    assert (ran.code, ["sent", "8"] in [line.split() for line in ran.out.splitlines()]) == (0, True)
    joined = await place.run(*MAIL, *TEXT, *place.hosts, "--json")
    assert [item["state"] for item in joined.objects] == ["sent"] * 8
    mailed = [mail.record_id for mail in place.org.mails]
    assert len(set(mailed)) == len(mailed) == 8

    master, child, *_ = place.leads(2)
    place.write("pairs.csv", "master,children", f"{master},{child}")
    merged = await place.run("merge", "run", "pairs.csv", "--module", "Leads", *place.hosts)
    assert (merged.code, [one.master_id for one in place.org.merges]) == (0, [master])
    worker.send_signal(signal.SIGTERM)
    gone = await ended(worker)
    assert (gone.code, "others can go on" in gone.err) == (0, True)
    report = await place.run("mail", "report", "rows.csv", *place.hosts, "--csv")
    assert report.out.count(",sent,") == 8

    wrong = await place.run("merge", "delete", "rows.csv", *place.hosts)
    assert (wrong.code, "is of a mail job: use the commands of" in wrong.err) == (2, True)
    deleted = await place.run("mail", "delete", "rows.csv", *place.hosts)
    assert (deleted.code, "is deleted, and its name is free" in deleted.err) == (0, True)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--broker", "redis://h"), "--broker and --database go together"),
        (("--database", "sqlite:////x"), "--broker and --database go together"),
        (("--name", "x"), "--name goes with --broker and --database"),
        (("--broker", "nonsense", "--database", "sqlite:////x"), "the url cannot be read"),
        (("--broker", "redis://127.0.0.1:1", "--database", "mysql://u:pw@h/d"), "mysql://"),
    ],
)
async def test_wrong_options_are_told(place: Place, words: tuple[str, ...], error: str) -> None:
    """Before anything is made."""
    place.write_rows(1)
    ran = await place.run(*MAIL, *TEXT, *words)
    assert (ran.code, error in ran.err or ran.err) == (2, True)
    assert "pw" not in ran.err


async def test_passwords_come_from_the_environment_and_are_never_shown(place: Place) -> None:
    """Those of both servers."""
    place.env |= {"ZOHO_BROKER_PASSWORD": "s3cret/", "ZOHO_DATABASE_PASSWORD": "s3cret/"}
    with patch.dict(os.environ, place.env):
        hosts = Hosts.of("redis://h:1/0", "postgresql://me@h/db?sslmode=require")
        given = Hosts.of("redis://:own@h:1/0", "sqlite:////var/jobs.db")
    assert hosts.broker == "redis://:s3cret%2F@h:1/0"
    assert hosts.database == "postgresql://me:s3cret%2F@h/db?sslmode=require"
    assert str(hosts) == "--broker redis://h:1/0 --database postgresql://me@h/db"
    assert given.broker == "redis://:own@h:1/0"
    assert str(given) == "--broker redis://h:1/0 --database sqlite:////var/jobs.db"
    assert "s3cret" not in repr(hosts)


async def test_organisations_that_share_a_server_keep_their_tasks_apart(place: Place) -> None:
    """A worker drops the tasks of an organisation that it does not know."""
    with patch.dict(os.environ, place.env):
        one = Hosts.of(*place.hosts[1::2]).jobs()
    with patch.dict(os.environ, {**place.env, "ZOHO_CLIENT_ID": "1000.OTHER"}):
        other = Hosts.of(*place.hosts[1::2]).jobs()
    queues = {vars(jobs.broker)["queue_name"] for jobs in (one, other)}
    assert len(queues) == len({one.organisation, other.organisation}) == 2
