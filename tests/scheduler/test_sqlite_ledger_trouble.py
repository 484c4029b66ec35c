"""Files that are no ledgers, disks that fail, openings that are cancelled."""

import asyncio
import sqlite3
from pathlib import Path

import ledger_files
import pytest
from ledger_files import (
    Open,
    answered,
    in_file,
    passes,
    spend,
)

from zohocrm_async._clock import ManualClock
from zohocrm_async.exceptions import LedgerError
from zohocrm_async.scheduler import ledger_file
from zohocrm_async.scheduler.sqlite_ledger import SQLiteLedger

path, clock, opened = ledger_files.path, ledger_files.clock, ledger_files.opened


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
        with pytest.raises(LedgerError, match="XDG_STATE_HOME"):
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
