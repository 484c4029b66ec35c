"""zohocrm_async._file_lock: one holder at a time, for as long as it wants."""

import os
import sys
from pathlib import Path

import pytest

from zohocrm_async._file_lock import FileLock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "lock"


def test_one_holds_it_until_it_lets_go(path: Path) -> None:
    first, second = FileLock(path), FileLock(path)
    assert first.acquire(wait=False)
    assert not second.acquire(wait=False)
    first.release()
    assert second.acquire(wait=False)
    second.release()


@pytest.mark.skipif(sys.platform == "win32", reason="processes are not forked there")
def test_a_process_that_was_forked_meanwhile_does_not_hold_on_to_it(path: Path) -> None:
    """It has the open file, too, as long as it lives."""
    lock = FileLock(path)
    assert lock.acquire(wait=False)
    assert lock._handle is not None
    inherited, other = os.dup(lock._handle), FileLock(path)
    lock.release()
    try:
        assert other.acquire(wait=False)
    finally:
        os.close(inherited)
        other.release()


def test_who_is_gone_before_it_comes_does_not_get_it(path: Path) -> None:
    """A thread may be about to take it for a caller who was cancelled."""
    lock, other = FileLock(path), FileLock(path)
    lock.release()
    assert not lock.acquire(wait=False)
    assert other.acquire(wait=False)
    other.release()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such modes")
def test_nobody_else_may_look_at_it(path: Path) -> None:
    lock = FileLock(path)
    lock.acquire(wait=False)
    lock.release()
    assert [each.stat().st_mode & 0o777 for each in (path, path.parent)] == [0o600, 0o700]
