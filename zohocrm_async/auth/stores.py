"""Token stores: where tokens are kept, and who may renew one."""

import asyncio
import os
import tempfile
import zlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, Protocol

import orjson

from zohocrm_async._file_lock import FileLock
from zohocrm_async._wire import as_object
from zohocrm_async.auth._token import Token
from zohocrm_async.exceptions import ConfigurationError


class TokenStore(Protocol):
    """Keeps tokens under keys, for one process or for many."""

    async def load(self, key: str) -> Token | None:
        """Return the token under *key*, or None."""
        ...

    async def save(self, key: str, token: Token) -> None:
        """Keep *token* under *key*."""
        ...

    async def delete(self, key: str) -> None:
        """Forget the token under *key*."""
        ...

    def lock(self, key: str) -> AbstractAsyncContextManager[None]:
        """Return what holds off all others who would renew the token of *key*.

        Who gets it loads again before asking for a token: the one who had it
        before has most likely saved a new one.
        """
        ...


class MemoryTokenStore:
    """Tokens of this process, for any number of clients in one event loop."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def load(self, key: str) -> Token | None:
        """Return the token under *key*, or None."""
        return self._tokens.get(key)

    async def save(self, key: str, token: Token) -> None:
        """Keep *token* under *key*."""
        self._tokens[key] = token

    async def delete(self, key: str) -> None:
        """Forget the token under *key*."""
        self._tokens.pop(key, None)

    @asynccontextmanager
    async def lock(self, key: str) -> AsyncGenerator[None, None]:
        """Hold off all others who would renew the token of *key*."""
        async with self._locks.setdefault(key, asyncio.Lock()):
            yield


class FileTokenStore:
    """Tokens in a file that only its owner can read, for the processes of a host.

    Beside the file stand a few empty lock files, named after it.

    Args:
        path: the file; it and its folder are made when the first token is saved.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    async def load(self, key: str) -> Token | None:
        """Return the token under *key*, or None."""
        return await asyncio.to_thread(self._load, key)

    async def save(self, key: str, token: Token) -> None:
        """Keep *token* under *key*."""
        await asyncio.to_thread(self._change, lambda held: {**held, key: token.to_dict()})

    async def delete(self, key: str) -> None:
        """Forget the token under *key*."""
        await asyncio.to_thread(self._change, lambda held: {k: held[k] for k in held if k != key})

    @asynccontextmanager
    async def lock(self, key: str) -> AsyncGenerator[None, None]:
        """Hold off all others who would renew the token of *key*."""
        lock = FileLock(self._lock_path(f"{zlib.crc32(key.encode()) % _LOCKS:x}"))
        try:
            await self._take(lock)
            yield
        finally:
            lock.release()

    async def _take(self, lock: "FileLock") -> None:
        try:
            # A system's file locks have no event to wait for, and a thread
            # that blocks in one can be neither cancelled nor spared.
            for _ in range(_MOST_POLLS):
                if await asyncio.to_thread(lock.acquire, wait=False):
                    return
                await asyncio.sleep(_POLL)
        except OSError as failure:
            raise _unusable(self._path, failure) from None
        raise ConfigurationError(
            f"token file {self._path} has been locked by others for ten minutes, and no token "
            "takes so long to renew: end the process that hangs or was stopped"
        )

    def _lock_path(self, name: str) -> Path:
        return self._path.with_name(f".{self._path.name}.{name}.lock")

    def _load(self, key: str) -> Token | None:
        held = self._read()
        with suppress(ValueError):
            return Token.from_dict(held[key]) if key in held else None
        held.clear()  # a traceback that shows variables would show these tokens
        raise self._damaged()

    def _read(self) -> dict[str, Any]:
        try:
            _refuse_if_open_to_others(self._path)
            held = _object(self._path.read_bytes())
        except FileNotFoundError:
            return {}
        except OSError as failure:
            raise _unusable(self._path, failure) from None
        if held is None:
            raise self._damaged()
        return held

    def _damaged(self) -> ConfigurationError:
        return ConfigurationError(
            f"token file {self._path} is damaged; remove it, and tokens are asked for anew"
        )

    def _change(self, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        # A thread may wait for this lock: whoever holds it is at work in a
        # thread already and done within a few milliseconds.
        lock = FileLock(self._lock_path("write"))
        try:
            lock.acquire(wait=True)
            _replace(self._path, orjson.dumps(change(self._read())))
        except OSError as failure:
            raise _unusable(self._path, failure) from None
        finally:
            lock.release()


_LOCKS: Final = 16
_POLL: Final = 0.02
# Ten minutes: no process that is well takes so long to renew a token.
_MOST_POLLS: Final = 30_000
_OTHERS: Final = 0o077


def _object(data: bytes) -> dict[str, Any] | None:
    with suppress(orjson.JSONDecodeError):
        return as_object(orjson.loads(data))
    return None


def _unusable(path: Path, failure: OSError) -> ConfigurationError:
    return ConfigurationError(f"token file {path} cannot be used: {failure.strerror}")


def _refuse_if_open_to_others(path: Path) -> None:
    if os.name == "posix" and path.stat().st_mode & _OTHERS:
        raise ConfigurationError(
            f"token file {path} can be read by others than its owner; remove it, revoke the "
            "refresh token in it, and let the store make a new file"
        )


def _replace(path: Path, content: bytes) -> None:
    # mkstemp makes the file readable by its owner alone from the start.
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
