"""The ledger in a file: restarts, crashes, clocks that jump, and where it is kept."""

import asyncio
import sys
from datetime import datetime, timedelta
from pathlib import Path

import ledger_files
import pytest
from ledger_files import (
    ALLOWANCE,
    DAY,
    START,
    Open,
    answered,
    crash,
    hold,
    later,
    passes,
    spend,
)

from zohocrm_async._clock import ManualClock
from zohocrm_async.scheduler.sqlite_ledger import SQLiteLedger

path, clock, opened = ledger_files.path, ledger_files.clock, ledger_files.opened


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

    async def test_no_more_of_it_is_taken_back_than_was_inferred_too_much(
        self, opened: Open
    ) -> None:
        """Of several crashes, the oldest first."""
        for minute in range(3):
            ledger = await opened(later(minutes=minute))
            assert await hold(ledger, 20)
            await crash(ledger)
        clock = later(hours=1)
        last = await opened(clock)
        inferred = last.used
        assert inferred == last.foreign >= 60
        last.observe(ALLOWANCE - inferred + 30, sent_at=clock.monotonic())
        await last.close()
        anew = await opened(clock)
        assert (anew.used, anew.foreign) == (inferred - 30, inferred - 30)

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
        assert abs(ahead._shared_time() - behind._shared_time()) < 1
        second.advance(DAY)
        assert behind.used == 0


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
