"""The journal: on disk before anyone goes on, one holder, cheap together."""

import asyncio
import contextlib
import random
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from attrs import evolve

from zohocrm_async._clock import ManualClock
from zohocrm_async.exceptions import InvalidRequest, JournalError
from zohocrm_async.jobs import _database, _statements
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.journal import Journal


def new(path: Path) -> Journal:
    return Journal.create(path, kind="mail", options={"module": "Leads"}, clock=ManualClock())


def item(number: int, state: ItemState = ItemState.SENDING) -> Item:
    return Item(key=f"k{number}", position=number, record_id=str(number), state=state)


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


async def test_what_was_recorded_is_read_again(tmp_path: Path) -> None:
    """Every field comes back, with the times of its writing."""
    clock = ManualClock()
    path = tmp_path / "journal"
    async with Journal.create(path, kind="mail", options={"a": [1]}, clock=clock) as journal:
        await journal.add(item(2))
        began = clock.now()
        clock.advance(5)
        await journal.record(
            evolve(item(2), state=ItemState.REFUSED, code="C", message="m", field="f")
        )
    async with Journal.open(path) as journal:
        (found,) = [one async for one in journal.items()]
        head = await journal.head()
    assert found == Item(
        key="k2",
        position=2,
        record_id="2",
        state=ItemState.REFUSED,
        code="C",
        message="m",
        field="f",
        began_at=began,
        updated_at=clock.now(),
    )
    assert (head.kind, head.options, head.fingerprint) == ("mail", {"a": [1]}, None)
    assert head.created_at == began


async def test_many_items_come_in_the_order_of_the_input(tmp_path: Path) -> None:
    """Reading goes by pages, and neither loses nor repeats an item at their ends."""
    async with new(tmp_path / "journal") as journal:
        numbers = list(range(1, 1_203))
        random.Random(7).shuffle(numbers)
        await asyncio.gather(*(journal.add(item(n)) for n in numbers))
        assert [one.position async for one in journal.items()] == list(range(1, 1_203))
        assert await journal.counts() == {ItemState.SENDING: 1_202}


async def test_refusals_are_counted_by_code(tmp_path: Path) -> None:
    """The most frequent comes first."""
    async with new(tmp_path / "journal") as journal:
        for number, code in enumerate(("A", "B", "B"), 1):
            await journal.add(evolve(item(number, ItemState.REFUSED), code=code))
        assert list((await journal.refusals()).items()) == [("B", 2), ("A", 1)]


async def test_an_item_that_is_held_is_not_added(tmp_path: Path) -> None:
    """The holder comes back as it stands, and nothing of the newcomer stays."""
    async with new(tmp_path / "journal") as journal:
        assert await journal.add(item(1), ["a", "b"]) is None
        await journal.record(item(1, ItemState.SENT))
        held = await journal.add(item(2), ["c", "b"])
        assert held is not None
        assert (held.key, held.state) == ("k1", ItemState.SENT)
        assert await journal.add(item(3), ["c"]) is None
        held = await journal.add(evolve(item(4), key="k3"))
        assert held is not None
        assert (held.position, held.state) == (3, ItemState.SENDING)


async def test_a_state_that_cannot_follow_is_refused(tmp_path: Path) -> None:
    """The journal would rather raise than let an item go out again."""
    async with new(tmp_path / "journal") as journal:
        await journal.add(item(1))
        await journal.record(item(1, ItemState.SENT))
        with pytest.raises(JournalError, match="is sent and cannot become sending"):
            await journal.record(item(1, ItemState.SENDING))
        with pytest.raises(JournalError, match="not in the journal"):
            await journal.record(item(2, ItemState.SENT))


async def test_an_existing_file_is_never_taken_for_a_new_journal(tmp_path: Path) -> None:
    """The refusal names it and leaves it as it is."""
    path = tmp_path / "journal"
    path.write_text("mine")
    with pytest.raises(JournalError, match=f"{path} exists"):
        async with new(path):
            pass
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE items SET state = 'Sent'",
        "UPDATE items SET began_at = 'yesterday'",
        "UPDATE meta SET value = '{' WHERE name = 'options'",
        "DELETE FROM meta WHERE name = 'kind'",
    ],
)
async def test_a_journal_that_was_damaged(tmp_path: Path, harm: str) -> None:
    """By a disk, or by hand: that is said, and that no other file can stand for it."""
    path = tmp_path / "journal"
    async with new(path) as journal:
        await journal.add(item(1))
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(harm)
    async with Journal.open(path) as journal:

        async def read() -> None:
            await journal.head()
            _ = [item async for item in journal.items()]

        with pytest.raises(JournalError, match=r"journal is damaged .* repeat what was done"):
            await read()


async def test_a_journal_that_cannot_be_written_to(tmp_path: Path) -> None:
    """What was being sent has to be written down as unknown before anything is told of it."""
    path = tmp_path / "journal"
    async with new(path):
        pass
    (tmp_path / "journal-wal").mkdir()
    with pytest.raises(JournalError, match="folder must be writable, even for a report"):
        await Journal.open(path).__aenter__()


async def test_a_journal_that_could_not_be_made_is_not_there(tmp_path: Path) -> None:
    """So that the same can be tried again, and is not taken for what was done before."""
    path, log = tmp_path / "journal", tmp_path / "journal-wal"
    log.mkdir()
    with pytest.raises(JournalError, match="cannot be used"):
        await new(path).__aenter__()
    log.rmdir()
    async with new(path) as journal:
        assert await journal.extent() == (0, 0)


def test_a_text_with_half_of_a_character_is_named(tmp_path: Path) -> None:
    """As a terminal of another encoding gives it; nothing is made."""
    with pytest.raises(InvalidRequest, match="subject is no text that can be sent"):
        Journal.create(tmp_path / "journal", kind="mail", options={"subject": "Gr\udcfc\udcdfe"})
    assert modes_in(tmp_path) == {}


async def test_a_place_where_no_journal_can_be(tmp_path: Path) -> None:
    """A missing folder is named."""
    with pytest.raises(JournalError, match="No such file"):
        async with new(tmp_path / "none" / "journal"):
            pass
    with pytest.raises(JournalError, match="there is no journal"):
        async with Journal.open(tmp_path / "none"):
            pass


async def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """The file and its log are nobody else's to read."""
    async with new(tmp_path / "journal") as journal:
        await journal.add(item(1))
        modes = await asyncio.to_thread(modes_in, tmp_path)
    assert modes == {"journal": 0o600, "journal-wal": 0o600}


async def test_a_closed_journal_is_one_file(tmp_path: Path) -> None:
    """It can be copied or sent as it is; closing again does nothing."""
    journal = new(tmp_path / "journal")
    async with journal:
        await journal.add(item(1))
    await journal.close()
    assert list(await asyncio.to_thread(modes_in, tmp_path)) == ["journal"]
    with pytest.raises(JournalError, match="not open"):
        await journal.record(item(1, ItemState.SENT))


async def test_a_second_holder_is_refused_until_the_first_has_gone(tmp_path: Path) -> None:
    """In this process as in any other."""
    path = tmp_path / "journal"
    script = (
        f"import sqlite3; sqlite3.connect({str(path)!r}, timeout=0).execute('SELECT * FROM items')"
    )
    async with new(path):
        with pytest.raises(JournalError, match="in use"):
            async with Journal.open(path):
                pass
        other = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", script], capture_output=True, check=False
        )
        assert b"database is locked" in other.stderr
    async with Journal.open(path):
        pass


async def test_those_who_write_together_share_commits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred writers at once cost two commits: what is many, and what is left."""
    commits: list[int] = []
    apply = _database.Database.apply

    def counted(
        self: _database.Database,
        changes: Sequence[_statements.Change],
        now: datetime | None = None,
    ) -> list[_database.Result]:
        commits.append(len(changes))
        return apply(self, changes, now)

    monkeypatch.setattr(_database.Database, "apply", counted)
    async with new(tmp_path / "journal") as journal:
        await asyncio.gather(*(journal.add(item(n)) for n in range(1, 101)))
    assert commits == [64, 36]


async def test_a_writer_that_is_cancelled_harms_no_other(tmp_path: Path) -> None:
    """Its change is written all the same, and the others go on."""
    async with new(tmp_path / "journal") as journal:
        writers = [asyncio.create_task(journal.add(item(n))) for n in (1, 2, 3)]
        await asyncio.sleep(0)
        writers[0].cancel()
        writers[1].cancel()
        await asyncio.wait(writers)
        assert [task.cancelled() for task in writers] == [True, True, False]
        assert await journal.counts() == {ItemState.SENDING: 3}


async def test_closing_waits_for_what_is_still_to_be_written(tmp_path: Path) -> None:
    """Nobody who began to write is left behind."""
    path = tmp_path / "journal"
    async with new(path) as journal:
        writers = [asyncio.create_task(journal.add(item(n))) for n in range(1, 51)]
        await asyncio.sleep(0)
    assert [await writer for writer in writers] == [None] * 50
    async with Journal.open(path) as journal:
        assert await journal.counts() == {ItemState.UNKNOWN: 50}


async def test_a_full_disk_is_told_to_all_who_wrote(tmp_path: Path) -> None:
    """Nobody goes on as if the change were on disk, and nothing of the commit stays."""
    async with new(tmp_path / "journal") as journal:
        await journal.add(item(1))
        database = journal._database
        assert database is not None
        run = asyncio.get_running_loop().run_in_executor
        await run(journal._thread, database._run, "PRAGMA max_page_count = 1")
        long = [evolve(item(n), message="x" * 50_000) for n in (2, 3)]
        results = await asyncio.gather(*(journal.add(one) for one in long), return_exceptions=True)
        assert [type(result) for result in results] == [JournalError, JournalError]
        assert results[0] is not results[1], "each adds its own traceback"
        assert "full" in str(results[0])
        assert isinstance(results[0], JournalError)
        assert isinstance(results[0].__cause__, sqlite3.Error)
        assert await journal.counts() == {ItemState.SENDING: 1}


WRITER = """
import asyncio, sys
from attrs import evolve
from zohocrm_async.jobs.items import Item, ItemState
from zohocrm_async.jobs.journal import Journal

async def one(journal, number):
    item = Item(key=str(number), position=number, record_id=str(number), state=ItemState.SENDING)
    await journal.add(item)
    print("sending", number, flush=True)
    await journal.record(evolve(item, state=ItemState.SENT, message_id=f"m{number}"))
    print("sent", number, flush=True)

async def main(path):
    async with Journal.create(path, kind="mail", options={}) as journal:
        numbers = iter(range(1, 1_000_000))
        async def writer():
            for number in numbers:
                await one(journal, number)
        await asyncio.gather(*(writer() for _ in range(8)))

asyncio.run(main(sys.argv[1]))
"""


@pytest.mark.parametrize("seed", range(4))
def test_what_was_told_to_be_written_survives_sigkill(tmp_path: Path, seed: int) -> None:
    """A process killed amid its writes has lost nothing that any of its tasks went on from."""
    path = tmp_path / "journal"
    lines = random.Random(seed).randrange(20, 2_000)
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(lines)]
        process.send_signal(signal.SIGKILL)
        told += [line for line in process.stdout if line.endswith("\n")]
    sending = {line.split()[1] for line in told if line.startswith("sending")}
    sent = {line.split()[1] for line in told if line.startswith("sent")}

    async def read() -> dict[str, Item]:
        async with Journal.open(path) as journal:
            return {one.key: one async for one in journal.items()}

    found = asyncio.run(read())
    assert sending <= found.keys()
    assert sent <= {key for key, one in found.items() if one.state is ItemState.SENT}
    # Eight tasks wrote, so no more than eight items can be ahead of what was told.
    assert len(found.keys() - sending) <= 8
    assert {one.state for one in found.values()} <= {ItemState.SENT, ItemState.UNKNOWN}
    assert all(one.message_id == f"m{key}" for key, one in found.items() if one.message_id)
