"""The journal's file: what may follow what, and what a crash leaves."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from zohocrm_async.exceptions import JournalError
from zohocrm_async.jobs._database import Database
from zohocrm_async.jobs._statements import Addition
from zohocrm_async.jobs.items import BEFORE, DONE, FIRST_STATES, Item, ItemState

META = {"kind": "mail", "options": "{}", "fingerprint": "", "created_at": "2026-01-01T00:00:00"}


class JournalMachine(RuleBasedStateMachine):
    """A journal, and a dictionary that should hold the same."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.database = Database.create(self.folder / "journal", META)
        self.items: dict[str, Item] = {}
        self.claims: dict[str, int] = {}
        self.images = 0

    def teardown(self) -> None:
        self.database.close()
        shutil.rmtree(self.folder)

    @rule(
        number=st.integers(1, 12),
        state=st.sampled_from(ItemState),
        claims=st.lists(st.sampled_from("abcdef"), max_size=3, unique=True),
    )
    def add(self, number: int, state: ItemState, claims: list[str]) -> None:
        """An item enters in a first state, unless its key or a claim is held."""
        item = Item(key=f"k{number}", position=len(self.items) + 1, record_id="1", state=state)
        (result,) = self.database.apply([Addition(item, tuple(claims))])
        holders = [self.claims[claim] for claim in claims if claim in self.claims]
        position = result.position if isinstance(result, Item) else None
        if state not in FIRST_STATES:
            assert isinstance(result, JournalError)
        elif holders:
            assert position == holders[0]
        elif item.key in self.items:
            assert result == self.items[item.key]
        else:
            assert result is None
            self.items[item.key] = item
            self.claims |= dict.fromkeys(claims, item.position)

    @rule(changes=st.lists(st.tuples(st.integers(1, 12), st.sampled_from(ItemState)), max_size=4))
    def record(self, changes: list[tuple[int, ItemState]]) -> None:
        """A state is taken only where it may follow, and one that may not harms no other."""
        items = [
            Item(key=f"k{number}", position=0, record_id="1", state=state, code=f"C{state}")
            for number, state in changes
        ]
        for item, result in zip(items, self.database.apply(items), strict=True):
            known = self.items.get(item.key)
            if known is not None and known.state in BEFORE[item.state]:
                assert result is None
                self.items[item.key] = evolve(known, state=item.state, code=item.code)
            else:
                assert isinstance(result, JournalError)

    @rule()
    def crash(self) -> None:
        """An image of the files at any moment holds all; what was being sent is unknown."""
        self.images += 1
        image = self.folder / f"image{self.images}"
        for suffix in ("", "-wal"):
            if (source := self.folder / f"journal{suffix}").exists():
                shutil.copy(source, f"{image}{suffix}")
        found = Database.open(image)
        expected = {
            key: "unknown" if item.state is ItemState.SENDING else item.state
            for key, item in self.items.items()
        }
        assert {item.key: item.state for item in found.page(0, 100)} == expected
        found.close()

    @invariant()
    def the_file_holds_what_was_written(self) -> None:
        """Items come back in the order of their rows, and the sums agree."""
        assert self.database.page(0, 100) == list(self.items.values())
        assert sum(self.database.counts().values()) == len(self.items)


JournalMachine.TestCase.settings = settings(
    max_examples=25, stateful_step_count=20, deadline=None, derandomize=True
)
TestJournalMachine = JournalMachine.TestCase


def test_a_commit_is_on_the_disk(tmp_path: Path) -> None:
    """Of a file that is made as of one that is opened: a crash of the machine takes nothing."""
    Database.create(tmp_path / "journal", META).close()
    for database in (
        Database.create(tmp_path / "new", META),
        Database.open(tmp_path / "journal"),
    ):
        assert database._run("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database._run("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert database._run("PRAGMA locking_mode").fetchone() == ("exclusive",)
        database.close()


def harmed(log: bytes, begin: int) -> Iterator[bytes]:
    """Yield *log* as power cuts leave it, of which only what is before *begin* was on the disk."""
    for end in range(begin, len(log) + 1):
        if (end - begin) % 97 == 0 or end == len(log):
            yield log[:end]
            yield log[:end] + bytes(len(log) - end)  # its length was written before its content
    yield log + log[begin:]
    for at in range(begin, len(log), 97):
        yield log[:at] + bytes([log[at] ^ 1]) + log[at + 1 :]


def test_a_power_cut_takes_nothing_that_was_told(tmp_path: Path) -> None:
    """Of the commit that it meets all is there or nothing; what was told before is."""
    path, image = tmp_path / "journal", tmp_path / "image"
    wal, wal_image = tmp_path / "journal-wal", tmp_path / "image-wal"
    items = [Item(key=f"k{n}", position=n, state=ItemState.SENDING) for n in range(1, 31)]
    database = Database.create(path, META)
    database.apply([Addition(item) for item in items])
    told = wal.read_bytes()
    sent = [item.became(ItemState.SENT, message_id=f"m{item.position}") for item in items]
    database.apply(sent)
    log, images = wal.read_bytes(), 0
    assert log.startswith(told)
    for harm in harmed(log, len(told)):
        image.write_bytes(path.read_bytes())
        wal_image.write_bytes(harm)
        found = Database.open(image)
        states = {item.state for item in found.page(0, 100)}
        assert (found.extent(), len(states)) == ((30, 30), 1)
        assert states == {ItemState.SENT if harm.startswith(log) else ItemState.UNKNOWN}
        found.close()
        images += 1
    assert images > 50
    database.close()


def test_what_is_done_is_never_left() -> None:
    """Nothing follows sent, scheduled, merged or skipped."""
    left = frozenset().union(*BEFORE.values())
    assert left == frozenset(ItemState) - DONE


def test_what_was_refused_or_lost_is_sent_again_only_by_being_planned_again() -> None:
    """No item is sent a second time by a slip: sending follows what is not in doubt."""
    doubtful = {ItemState.REFUSED, ItemState.UNKNOWN}
    assert doubtful.isdisjoint(BEFORE[ItemState.SENDING])
    assert BEFORE[ItemState.PLANNED] == doubtful | {ItemState.SENDING}


def test_pages_end_where_the_items_do(tmp_path: Path) -> None:
    """A page holds what follows a position, at most its size."""
    database = Database.create(tmp_path / "journal", META)
    database.apply([Addition(Item(key=str(n), position=n)) for n in (1, 2, 5, 9)])
    assert [item.position for item in database.page(1, 2)] == [2, 5]
    assert database.page(9, 2) == []
    database.close()


def test_two_items_cannot_have_one_position(tmp_path: Path) -> None:
    """The fault of one addition is told of it, and the others stand."""
    database = Database.create(tmp_path / "journal", META)
    first, second, third = (
        Addition(Item(key=key, position=position))
        for key, position in (("a", 1), ("b", 1), ("c", 2))
    )
    results = database.apply([first, second, third])
    assert (results[0], results[2]) == (None, None)
    assert isinstance(results[1], JournalError)
    assert [item.key for item in database.page(0, 9)] == ["a", "c"]
    database.close()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"id,Email\n1,a@b.example\n" * 90, "is not the journal of a job"),
        (None, "is not the journal of a job"),
        (b"", "is not the journal of a job"),
    ],
)
def test_a_file_that_is_no_journal_is_refused(
    tmp_path: Path, content: bytes | None, says: str
) -> None:
    """Text, another program's database and an empty file are told apart from journals."""
    path = tmp_path / "file"
    if content is None:
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE other (id)")
        connection.close()
    else:
        path.write_bytes(content)
    with pytest.raises(JournalError, match=says):
        Database.open(path)


def test_a_journal_of_another_schema_is_refused(tmp_path: Path) -> None:
    """A later version's journal is not touched by an earlier one."""
    path = tmp_path / "journal"
    Database.create(path, META).close()
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    connection.close()
    with pytest.raises(JournalError, match="schema 99"):
        Database.open(path)


def test_a_refused_file_stays_as_it_is(tmp_path: Path) -> None:
    """Opening what is no journal writes nothing into it."""
    path = tmp_path / "other"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE other (id)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(JournalError):
        Database.open(path)
    assert path.read_bytes() == before
