"""A lock between the processes of a host, which ends with its holder."""

import os
import sys
import threading
from pathlib import Path


class FileLock:
    """An advisory lock on a file, between processes and within one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()
        self._handle: int | None = None
        self._released = False

    def acquire(self, *, wait: bool) -> bool:
        """Take the lock; whether it was to be had."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            taken = _lock(handle, wait=wait)
        except BaseException:
            os.close(handle)
            raise
        with self._guard:
            # Released already: whoever wanted it was cancelled meanwhile.
            if taken and not self._released:
                self._handle = handle
                return True
        os.close(handle)
        return False

    def release(self) -> None:
        """Give the lock back, also if a thread is about to take it."""
        with self._guard:
            self._released = True
            handle, self._handle = self._handle, None
        if handle is not None:
            _unlock(handle)
            os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int, *, wait: bool) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

    def _unlock(handle: int) -> None:
        """Closing the file does it."""

else:
    import fcntl

    def _lock(handle: int, *, wait: bool) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: int) -> None:
        # A process forked meanwhile has the file open, too: to close it here would not do.
        fcntl.flock(handle, fcntl.LOCK_UN)
