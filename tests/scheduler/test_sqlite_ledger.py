"""The ledger in a file: restarts, crashes, neighbours, clocks that jump, disks that fail."""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from zohocrm_async._clock import ManualClock
from zohocrm_async.exceptions import CreditsExhausted, LedgerError
from zohocrm_async.options import Limits
from zohocrm_async.scheduler import Quote, Scheduler, SQLiteLedger, ledger_file, sqlite_ledger

ALLOWANCE = 10_000
DAY = 86_460.0
START = datetime(2026, 1, 1, tzinfo=UTC)

Open = Callable[..., Awaitable[SQLiteLedger]]


async def answered(*ledgers: SQLiteLedger) -> None:
    """Let the files answer all that they were asked."""
    while writing := [w for ledger in ledgers if (w := ledger._writing) is not None]:
        await asyncio.wait(writing)


async def hold(ledger: SQLiteLedger, amount: int) -> bool:
    """Reserve *amount* once it is set aside; whether it was to be had."""
    while ledger.free() < amount:
        if ledger.when(amount) != sqlite_ledger._SOON:
            return False
        ledger.want(amount)
        await answered(ledger)
    ledger.reserve(amount)
    return True


async def spend(ledger: SQLiteLedger, amount: int) -> bool:
    if not await hold(ledger, amount):
        return False
    ledger.settle(amount, amount)
    return True


async def passes(clock: ManualClock, seconds: float, *ledgers: SQLiteLedger) -> None:
    """Let time pass, and first what the ledgers do every few seconds."""
    await answered(*ledgers)
    clock.advance(sqlite_ledger._TICK)
    await answered(*ledgers)
    clock.advance(seconds - sqlite_ledger._TICK)
    await answered(*ledgers)


async def crash(ledger: SQLiteLedger) -> None:
    """End as a process does that is killed: nothing more is written, the lock is gone."""
    await answered(ledger)
    assert ledger._thread is not None
    assert ledger._file is not None
    ledger._thread.submit(ledger._file.let_go).result()
    ledger._thread.shutdown()
    ledger._file = None


async def in_file(ledger: SQLiteLedger, statement: str) -> None:
    """Run *statement* on the connection of *ledger*."""
    assert ledger._thread is not None
    assert ledger._file is not None
    ledger._thread.submit(ledger._file._run, statement).result()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "org.sqlite3"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
async def opened(path: Path, clock: ManualClock) -> AsyncIterator[Open]:
    """Open ledgers of one file; those still open at the end are closed."""
    made: list[SQLiteLedger] = []

    async def make(time: ManualClock | None = None, allowance: int = ALLOWANCE) -> SQLiteLedger:
        ledger = SQLiteLedger(path, clock=time or clock)
        ledger.allowance = allowance
        await ledger.open()
        made.append(ledger)
        return ledger

    yield make
    for ledger in made:
        await ledger.close()


def later(**time: float) -> ManualClock:
    """Return the clock of another start of the machine."""
    return ManualClock(START + timedelta(**time))


class TestRestart:
    """What one run spent counts in the next."""

    async def test_the_window_survives(self, opened: Open, clock: ManualClock) -> None:
        """To the minute, and until it is a day old; an orderly end loses nothing."""
        first = await opened()
        assert await spend(first, 700)
        await passes(clock, 600, first)
        assert await spend(first, 50)
        await first.close()
        second = await opened(later(hours=23))
        assert (second.used, second.foreign, second.reserved) == (750, 0, 0)
        assert second.remaining == ALLOWANCE - 750
        assert second.when(ALLOWANCE - 700) == pytest.approx(3_660)
        assert second.when(ALLOWANCE) == pytest.approx(4_260)
        await second.close()
        assert (await opened(later(hours=24, minutes=2))).used == 50
        assert (await opened(later(hours=48))).used == 0

    async def test_the_allowance_is_remembered(self, path: Path, opened: Open) -> None:
        """The last user's is told at the opening, before limits can be asked for."""
        first = await opened()
        assert await spend(first, 1)
        await first.close()
        second = SQLiteLedger(path, clock=later(hours=1))
        assert await second.open() == ALLOWANCE
        await second.close()

    async def test_a_crash_counts_all_that_was_set_aside(self, opened: Open) -> None:
        """What was in flight and what was spent since the last commit are in it."""
        first = await opened()
        assert await spend(first, 30)
        assert await hold(first, 20)
        known = first.used + first.reserved
        await crash(first)
        second = await opened()
        assert known <= second.used <= known + ALLOWANCE // 100
        assert 20 <= second.foreign <= second.used

    async def test_what_a_crash_seemed_to_cost_is_taken_back(self, opened: Open) -> None:
        """Once the service says that less was spent."""
        clock = later(hours=1)
        first = await opened()
        assert await spend(first, 30)
        await crash(first)
        second = await opened(clock)
        assert second.used > 30
        second.observe(ALLOWANCE - 30, sent_at=clock.monotonic())
        await answered(second)
        assert second.used == 30
        await second.close()
        assert (await opened(clock)).used == 30

    async def test_what_is_in_flight_at_the_close_counts_as_spent(self, opened: Open) -> None:
        """Nobody will tell what it cost."""
        first = await opened()
        assert await hold(first, 20)
        await first.close()
        assert (await opened()).used == 20

    async def test_the_file_is_the_owners(self, opened: Open, path: Path) -> None:
        """And nothing but the ledger and one empty lock is left beside it."""
        ledger = await opened()
        mode = await asyncio.to_thread(path.stat)
        assert mode.st_mode & 0o077 == 0
        await ledger.close()
        assert sorted(found.name for found in path.parent.iterdir()) == [
            "org.sqlite3",
            "org.sqlite3.lock",
        ]


class TestClocks:
    """Whoever sets the wall clock, no credit counts for less than a day."""

    async def test_a_jump_between_runs_is_seen_through(self, opened: Open) -> None:
        """The machine has run on, so its uptime tells how much time has passed."""

        class Jumping(ManualClock):
            jump = timedelta()

            def now(self) -> datetime:
                return super().now() + self.jump

        clock = Jumping(START)
        ledger = await opened(clock)
        assert await spend(ledger, 40)
        for days in (30, -30, 400, -400):
            await ledger.close()
            clock.jump = timedelta(days=days)
            clock.advance(17_000)
            ledger = await opened(clock)
            assert ledger.used == 40
        clock.advance(DAY - 4 * 17_000)
        assert ledger.used == 0

    @pytest.mark.parametrize("back", [1.0, 3_600.0, 10**7])
    async def test_a_clock_set_back_over_a_restart_forgets_nothing(
        self, opened: Open, back: float
    ) -> None:
        """What was spent counts for a day from the restart at the most."""
        ledger = await opened()
        assert await spend(ledger, 40)
        await ledger.close()
        clock = later(seconds=-back)
        ledger = await opened(clock)
        assert ledger.used == 40
        clock.advance(DAY - 61)
        assert ledger.used == 40
        clock.advance(61)
        assert ledger.used == 0

    async def test_two_starts_of_the_machine_that_disagree(self, opened: Open) -> None:
        """The time of the file never goes back, and goes on with either."""
        first, second = later(hours=3), later(hours=1)
        ahead, behind = await opened(first), await opened(second)
        assert await spend(ahead, 10)
        assert await spend(behind, 10)
        assert abs(ahead._file_time() - behind._file_time()) < 1
        second.advance(DAY)
        assert behind.used == 0


class TestSharing:
    """Processes of a host take blocks of one allowance."""

    async def test_two_never_hold_more_than_there_is(self, opened: Open) -> None:
        """And between them nothing is left over."""
        one, two = await opened(allowance=1_000), await opened(allowance=1_000)
        spent = 0
        while True:
            a, b = await spend(one, 7), await spend(two, 7)
            spent += 7 * (a + b)
            assert spent + one._lease + two._lease <= 1_000
            if not (a or b):
                break
            if not (a and b):
                for ledger in (one, two):
                    ledger._poll()
                    await answered(ledger)
        assert spent == 994

    async def test_an_idle_one_gives_back_what_it_set_aside(
        self, opened: Open, clock: ManualClock
    ) -> None:
        """After a few seconds without a call, all but what calls hold."""
        one, two = await opened(), await opened()
        assert await hold(one, 20)
        await answered(one)
        assert one._lease > 0
        await passes(clock, 10, one)
        assert one._lease == 0
        assert await spend(two, ALLOWANCE - 20)
        assert (two.reserved, two.remaining) == (20, 0)
        one.settle(20, 20)
        await passes(clock, 20, one, two)
        assert clock.next_timer() is None, "nothing is left to write"

    async def test_who_lacks_what_others_hold_looks_again(
        self, opened: Open, clock: ManualClock
    ) -> None:
        """It is told to wait, not to go home; what comes back wakes it."""
        one, two = await opened(allowance=100), await opened(allowance=100)
        woken: list[int] = []
        two.listen(lambda: woken.append(two.free()))
        assert await hold(one, 90)
        assert not await spend(two, 20)
        two.want(20)
        await answered(two)
        assert two.used == 0
        one.settle(90, 0)
        await passes(clock, 10, one)
        two.want(20)
        await passes(clock, 5, two)
        assert woken
        assert two.free() >= 20

    async def test_the_dead_are_buried_by_the_living(
        self, opened: Open, clock: ManualClock
    ) -> None:
        """Their blocks are spent, and are in nobody's way as held any more."""
        one, two = await opened(allowance=100), await opened(allowance=100)
        assert await hold(one, 50)
        assert not await hold(two, 60)
        await crash(one)
        two.want(60)
        clock.advance(1)
        await answered(two)
        assert two.reserved == 0
        assert 50 <= two.foreign == two.used

    async def test_strangers_are_counted_once(self, opened: Open, clock: ManualClock) -> None:
        """Two processes that hear of them from the service book them one time."""
        one, two = await opened(), await opened()
        assert await spend(one, 100)
        for ledger in (one, two):
            ledger.observe(4_900, sent_at=clock.monotonic())
        await answered(one, two)
        for ledger in (one, two):
            assert ledger.remaining <= 4_900
            await answered(ledger)
            assert ledger.foreign <= 5_000
        clock.advance(1)
        assert one.remaining
        await answered(one)
        assert one.used + one.reserved >= 5_100
        assert one.foreign == 5_000

    async def test_a_watcher_sees_what_others_do(self, opened: Open, clock: ManualClock) -> None:
        """Whoever reads the report again and again learns of the file's changes."""
        one, two = await opened(), await opened()
        assert await spend(one, 300)
        await passes(clock, 5, one)
        assert two.remaining
        await answered(two)
        assert two.used == 300

    async def test_the_floor_is_left(self, opened: Open) -> None:
        """Whoever respects it cannot have what lies below."""
        ledger = await opened(allowance=100)
        ledger.want(60, 50)
        await answered(ledger)
        assert ledger.free(50) < 60
        assert ledger.when(60, 50) is None
        ledger.want(50, 50)
        await answered(ledger)
        assert ledger.free(50) >= 50


class TestAlone:
    """Blocks cost a lone process nothing of its allowance."""

    @pytest.mark.parametrize("cost", [1, 7, 20])
    async def test_an_allowance_that_binds_is_used_up(self, opened: Open, cost: int) -> None:
        """To the last call that fits."""
        ledger = await opened(allowance=3_000)
        calls = 0
        while await spend(ledger, cost):
            calls += 1
        assert calls == 3_000 // cost
        assert ledger.when(cost) == pytest.approx(DAY, abs=61)

    async def test_commits_are_few(self, opened: Open) -> None:
        """A call costs no commit of its own: blocks grow with the demand."""
        ledger = await opened(allowance=100_000)
        commits = 0
        for _ in range(2_000):
            assert await hold(ledger, 1)
            ledger.settle(1, 1)
            if ledger._writing is not None:
                commits += 1
                await answered(ledger)
        assert commits < 40
        assert ledger._lease <= 100_000 // 100

    async def test_a_call_dearer_than_its_reserve_is_covered(self, opened: Open) -> None:
        """The block goes below nothing, and the next commit makes up for it."""
        ledger = await opened()
        assert await hold(ledger, 20)
        ledger.settle(20, 500)
        assert ledger.free() < 0
        await answered(ledger)
        assert ledger._lease >= 0
        await crash(ledger)
        assert (await opened()).used >= 500


class TestTrouble:
    """What the disk does not let happen is said, and nothing is granted on credit."""

    def test_a_file_of_another_kind_is_left_alone(self, tmp_path: Path) -> None:
        """The error names it, and it stays as it was."""
        path = tmp_path / "letter"
        path.write_text("Dear Sir, " * 200)
        with pytest.raises(LedgerError, match="letter: the ledger is damaged"):
            asyncio.run(SQLiteLedger(path).open())
        assert path.read_text() == "Dear Sir, " * 200

    async def test_a_database_of_another_program_is_left_alone(self, tmp_path: Path) -> None:
        """It is not taken for an empty ledger."""
        path = tmp_path / "letters"
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE letters (text TEXT)")
        other.close()
        with pytest.raises(LedgerError, match="is not a ledger"):
            await SQLiteLedger(path).open()

    async def test_a_ledger_of_a_later_version_is_left_alone(
        self, path: Path, opened: Open
    ) -> None:
        """The error names both versions."""
        await (await opened()).close()
        with sqlite3.connect(path) as other:
            other.execute("PRAGMA user_version = 7")
        other.close()
        with pytest.raises(LedgerError, match="schema 7, and this version reads schema 1"):
            await SQLiteLedger(path).open()

    async def test_a_path_that_cannot_be(self, tmp_path: Path) -> None:
        """A folder is no file, and a file no folder."""
        with pytest.raises(LedgerError, match="cannot be used"):
            await SQLiteLedger(tmp_path).open()
        (tmp_path / "file").touch()
        with pytest.raises(LedgerError, match="cannot be used"):
            await SQLiteLedger(tmp_path / "file" / "org").open()

    async def test_a_full_disk_stops_new_blocks_until_there_is_room(
        self, opened: Open, clock: ManualClock
    ) -> None:
        """The failure says so and wakes who waits; nothing that was spent is lost."""
        ledger = await opened()
        assert await spend(ledger, 20)
        await passes(clock, 120, ledger)
        await in_file(ledger, "PRAGMA query_only = ON")
        before, woken = ledger.used, []
        ledger.listen(lambda: woken.append(ledger.failure))
        ledger.want(500)
        await answered(ledger)
        assert isinstance(woken[-1], LedgerError)
        assert ledger.used == before
        await in_file(ledger, "PRAGMA query_only = OFF")
        clock.advance(5)
        await answered(ledger)
        assert woken[-1] is None
        assert await spend(ledger, 500)
        await ledger.close()
        assert (await opened()).used == before + 500

    async def test_a_file_that_others_lock(
        self, path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """After a few seconds it is said, not waited for."""
        monkeypatch.setattr(ledger_file, "_BUSY", 0.01)
        ledger = await opened()
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        ledger.want(10)
        await answered(ledger)
        other.execute("ROLLBACK")
        other.close()
        assert "another process has held the ledger" in str(ledger.failure)

    async def test_a_close_that_cannot_write_counts_all_as_spent(
        self, opened: Open, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It warns, and ends."""
        ledger = await opened()
        assert await spend(ledger, 20)
        await in_file(ledger, "PRAGMA query_only = ON")
        await ledger.close()
        assert "what was set aside counts as spent" in caplog.text
        assert (await opened()).used >= 20

    async def test_a_ledger_that_is_not_open_grants_nothing(self, path: Path) -> None:
        """And says what is missing."""
        ledger = SQLiteLedger(path)
        ledger.allowance = 100
        ledger.want(1)
        assert ledger.free() == 0
        assert "is not open" in str(ledger.failure)

    async def test_an_opening_that_is_cancelled_leaves_nothing(
        self, path: Path, opened: Open
    ) -> None:
        """The next one finds the file free."""
        ledger = SQLiteLedger(path)
        opening = asyncio.create_task(ledger.open())
        await asyncio.sleep(0)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        assert ledger._file is None
        assert (await opened()).reserved == 0


class TestScheduled:
    """A scheduler sees no difference but a brief wait."""

    async def test_calls_wait_for_their_block(self, path: Path, clock: ManualClock) -> None:
        """Each goes as soon as it is set aside; the allowance is used up, and then refused."""
        ledger = SQLiteLedger(path, clock=clock)
        limits = Limits(credits=100, concurrency=5, max_wait=30.0)
        scheduler = Scheduler(limits, clock=clock, ledger=ledger)
        await ledger.open()

        async def call() -> int:
            price = Quote(20, 20, 20, exact=True, basis="test")
            async with scheduler.admit(price, heavy=False, operation="x") as permit:
                permit.mark_sent()
                permit.settle(20)
            return 20

        ends = await asyncio.gather(*(call() for _ in range(7)), return_exceptions=True)
        assert ends.count(20) == 5
        assert sum(isinstance(end, CreditsExhausted) for end in ends) == 2
        assert scheduler.report().remaining == 0
        await ledger.close()

    async def test_a_failure_refuses_whoever_lacks_credits(
        self, path: Path, clock: ManualClock
    ) -> None:
        """Nobody waits for a file that cannot be had."""
        scheduler = Scheduler(Limits(), clock=clock, ledger=SQLiteLedger(path, clock=clock))
        price = Quote(1, 1, 1, exact=True, basis="test")
        with pytest.raises(LedgerError, match="is not open"):
            await scheduler.admit(price, heavy=False, operation="x").__aenter__()

    async def test_clients_share_a_ledger(self, path: Path, clock: ManualClock) -> None:
        """The last one closes it."""
        ledger = SQLiteLedger(path, clock=clock)
        ledger.allowance = 100
        await ledger.open()
        await ledger.open()
        await ledger.close()
        assert await spend(ledger, 5)
        await ledger.close()
        assert ledger.failure is not None


class TestPlace:
    """Where ledgers are kept unless a path is given."""

    @pytest.mark.parametrize(
        ("platform", "environ", "expected"),
        [
            ("linux", {"XDG_STATE_HOME": "/var/state"}, "/var/state/zohocrm_async/eu.sqlite3"),
            ("linux", {}, "/home/reed/.local/state/zohocrm_async/eu.sqlite3"),
            (
                "darwin",
                {},
                "/home/reed/Library/Application Support/zohocrm_async/eu.sqlite3",
            ),
            ("win32", {"LOCALAPPDATA": "/local"}, "/local/zohocrm_async/eu.sqlite3"),
        ],
    )
    def test_it_is_where_the_platform_keeps_state(
        self,
        monkeypatch: pytest.MonkeyPatch,
        platform: str,
        environ: dict[str, str],
        expected: str,
    ) -> None:
        """The name tells organisations apart."""
        for name in ("XDG_STATE_HOME", "LOCALAPPDATA"):
            monkeypatch.delenv(name, raising=False)
        for name, value in {**environ, "HOME": "/home/reed"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "platform", platform)
        assert SQLiteLedger.default("eu").path == Path(expected)
